"""The gate: nothing but the views of its state is reached half way through a sign-in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Event, Login
from accounts.signin import State
from iamconsole.console.gate import ALLOWED, NEXT, ONLY_HALF_WAY
from tests.console.browsers import (
    give_device,
    give_password,
    must_change,
    new_browser,
    sign_in_by_page,
)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
#: Where the pages of nobody in particular lead, and the look of all pages.
EVERYWHERE = frozenset({"theme", "issuer:configuration", "issuer:keys"})


#: What stands in an address where not any text can.
_SAMPLES = {"IntConverter": "1", "UUIDConverter": "11111111-2222-4333-8444-555555555555"}


def every_address() -> list[tuple[str, str]]:
    """Each URL pattern of the project as (view name, path with an argument for each converter)."""
    return sorted(_addresses(get_resolver(), "", ""))


def _addresses(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _addresses(entry, route, inner)
        elif isinstance(entry, URLPattern):
            path = route
            for name, converter in entry.pattern.converters.items():
                sample = _SAMPLES.get(type(converter).__name__, "alice")
                before, _, rest = path.partition("<")
                assert name in rest.partition(">")[0]
                path = before + sample + rest.partition(">")[2]
            yield f"{namespace}{entry.name}", f"/{path}"


UNCOUNTED = (
    "session", "throttle", "event", "instance", "migrations", "lastaccessedreport",
)  # fmt: skip


def rows() -> dict[str, list[Any]]:
    """Everything that is stored, but sessions, throttles, events and what was last accessed.

    AWS's console too makes that report when its tab is opened: like an event it records a look.
    """
    with connection.cursor() as cursor:
        tables = [
            name
            for name in connection.introspection.table_names(cursor)
            if not name.endswith(UNCOUNTED)
        ]
        stored = {}
        for table in tables:
            columns = [
                f'"{column.name}"'
                for column in connection.introspection.get_table_description(cursor, table)
                # The head of an account's chain moves with its events.
                if column.name not in ("event_count", "event_head")
            ]
            cursor.execute(f'SELECT {", ".join(columns)} FROM "{table}"')
            stored[table] = sorted(map(repr, cursor.fetchall()))
    return stored


def half_way(who: Any, state: State) -> Client:
    """A browser in a state that is not signed in."""
    browser = new_browser()
    Login.objects.all().delete()
    if state is State.PASSWORD_GIVEN:
        give_password(who)
        give_device(who)
        sign_in_by_page(browser, who)
    elif state is State.MUST_CHANGE_PASSWORD:
        must_change(who)
        sign_in_by_page(browser, who)
    return browser


def test_there_is_no_address_without_a_name():
    for name, path in every_address():
        assert name.rpartition(":")[2] not in ("", "None"), path


def test_the_table_names_views_that_exist_and_each_state_can_go_on():
    names = {name for name, _ in every_address()}
    for state, allowed in ALLOWED.items():
        assert allowed <= names
        assert NEXT[state] in allowed
    assert names >= ONLY_HALF_WAY
    assert State.SIGNED_IN not in ALLOWED


def test_the_table_is_this_and_no_more():
    """A new entry is a decision about security: it is made here too."""
    doors = {"home", "signin:start", "signin:account", "signin:root", "signin:root-password"}
    assert {
        State.ANONYMOUS: EVERYWHERE
        | doors
        | {"signin:recover", "signin:switch", "signin:federation", "signin:out-of-all"},
        State.PASSWORD_GIVEN: EVERYWHERE | {"signin:mfa", "signin:resync", "signin:out"},
        State.MUST_CHANGE_PASSWORD: EVERYWHERE | {"signin:change-password", "signin:out"},
    } == ALLOWED


@pytest.mark.parametrize(
    "state", [State.ANONYMOUS, State.PASSWORD_GIVEN, State.MUST_CHANGE_PASSWORD]
)
def test_every_other_address_leads_to_the_next_step_and_changes_nothing(admin, state):
    # An administrator: what is refused here is refused by the gate and not by a policy.
    browser = half_way(admin, state)
    events, before = Event.objects.count(), rows()
    tried, target = 0, reverse(NEXT[state])
    for name, path in every_address():
        if name in ALLOWED[state]:
            continue
        for method in METHODS:
            sent = {"user_name": "alice", "password": "x", "confirmation": "alice", "next": path}
            form = sent if method == "POST" else None
            answer = browser.generic(method, path) if form is None else browser.post(path, form)
            assert answer.status_code == 302, (method, path)
            assert answer["Location"].partition("?")[0] == target, (method, path)
            assert not answer.content, (method, path)
            tried += 1
    assert tried > 50
    assert rows() == before
    assert Event.objects.count() == events
    assert browser.get("/nothing/").wsgi_request.state is state  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", [State.PASSWORD_GIVEN, State.MUST_CHANGE_PASSWORD])
def test_a_page_that_does_not_exist_shows_nothing_of_the_account(admin, state):
    browser = half_way(admin, state)
    page = browser.get("/nothing/")
    assert page.status_code == 404
    assert admin.home.id not in page.content.decode()
    assert "admin" not in page.content.decode()


def test_htmx_is_led_away_whole_and_not_into_a_piece_of_the_page(db, client):
    answer = client.get("/console/iam/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/signin/?next=")
    assert "Location" not in answer


def test_whoever_is_signed_in_is_sent_away_from_the_steps_between(sign_in, alice):
    browser = sign_in(alice)
    for path in ("/session/mfa/", "/session/resync/", "/session/change-password/"):
        assert browser.get(path)["Location"] == "/console/iam/"
        assert browser.post(path, {})["Location"] == "/console/iam/"


def test_no_get_changes_anything(sign_in, admin, alice):
    """Crawled by somebody who may do everything."""
    browser = sign_in(admin)
    before = rows()
    for _, path in every_address():
        assert browser.get(path).status_code < 500, path
        assert browser.head(path).status_code < 500, path
    assert rows() == before


def test_an_address_that_only_takes_forms_leads_back_to_their_page(sign_in, admin, account):
    browser = sign_in(admin)
    for path, above in (
        ("/console/iam/groups/Readers/remove-users/", "/console/iam/groups/Readers/"),
        ("/console/iam/users/bob/password-file/", "/console/iam/users/bob/"),
        ("/session/out/", "/"),
        ("/theme/", "/"),
    ):
        answer = browser.get(path)
        assert (answer.status_code, answer["Allow"]) == (405, "POST"), path
        page = answer.content.decode()
        assert "Nothing was changed." in page
        assert f'href="{above}"' in page


def test_every_post_without_a_token_is_refused(sign_in, admin):
    cookies = sign_in(admin).cookies
    browser = new_browser(enforce_csrf_checks=True)
    browser.cookies = cookies
    before = rows()
    for _, path in every_address():
        answer = browser.post(path, {"user_name": "zoe"})
        assert answer.status_code == 403, path
        assert "The form has expired" in answer.content.decode()
    assert rows() == before


def test_a_post_from_another_site_is_refused(client, alice):
    give_password(alice)
    browser = new_browser(enforce_csrf_checks=True)
    page = browser.get("/signin/").content.decode()
    token = page.partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]
    sent = {"account": alice.home.id, "user_name": "alice", "password": "x"}
    with_token = sent | {"csrfmiddlewaretoken": token}
    foreign = {"Origin": "http://evil.example"}
    assert browser.post("/signin/", with_token, headers=foreign).status_code == 403
    assert browser.post("/signin/", with_token, headers={"Origin": "null"}).status_code == 403
    own = {"Origin": "http://localhost:8000", "Host": "localhost:8000"}
    assert browser.post("/signin/", with_token, headers=own).status_code == 422
