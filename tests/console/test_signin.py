"""Signing in with a password: the doors of users and of root, and how alike failures look."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings

from accounts.hashers import Argon2
from accounts.models import Account, Event
from iamconsole.console.credentials.own_pages import own_page
from tests.console.browsers import (
    DASHBOARD,
    PASSWORD,
    code,
    give_device,
    give_password,
    is_in,
    new_browser,
    sign_in_by_page,
)

pytestmark = pytest.mark.django_db


class Masked(tuple[int, bytes, list[Any], list[Any]]):
    """An answer without what differs each time: CSRF token, nonce, and so its length."""

    @classmethod
    def of(cls, answer) -> "Masked":
        body = re.sub(
            rb'(csrfmiddlewaretoken" value=|X-CSRFToken": |nonce=)"[^"]*"', b"", answer.content
        )
        headers = {
            name: re.sub(r"'nonce-[^']*'", "", value)
            for name, value in answer.items()
            if name != "Content-Length"
        }
        cookies = [(name, one["path"], one["max-age"]) for name, one in answer.cookies.items()]
        return cls((answer.status_code, body, sorted(headers.items()), sorted(cookies)))

    def replace(self, old: str, new: str) -> "Masked":
        """The same with an echoed input replaced."""
        status, body, *rest = self
        return Masked((status, body.replace(old.encode(), new.encode()), *rest))


@pytest.mark.parametrize("typed", ["111122223333", "1111-2222-3333", " Class-One "])
def test_a_user_signs_in_by_account_id_with_or_without_hyphens_or_by_alias(alice, client, typed):
    give_password(alice)
    Account.objects.update(alias="class-one")
    answer = client.post("/signin/", {"account": typed, "user_name": "ALICE", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, DASHBOARD)
    assert client.get("/nothing/").wsgi_request.caller.arn == alice.arn
    alice.user.refresh_from_db()
    assert alice.user.password_last_used is not None
    names = list(Event.objects.order_by("sequence").values_list("action", "outcome"))
    assert names == [("signin:ConsoleLogin", "success"), ("signin:EnterConsole", "success")]


def test_the_account_page_fills_in_the_account_whether_or_not_it_exists(account, client):
    Account.objects.update(alias="class-one")
    real, invented = (client.get(f"/signin/{name}/") for name in ("class-one", "class-two"))
    assert 'value="class-one"' in real.content.decode()
    assert Masked.of(real).replace("class-one", "class-two") == Masked.of(invented)
    hostile = client.get('/signin/"><b>x/')
    assert b"<b>x" not in hostile.content


def test_the_field_that_is_typed_next_has_the_focus(alice, client):
    def focused(page: Any) -> list[str]:
        return re.findall(r'name="(\w+)"[^>]*autofocus', page.content.decode())

    assert focused(client.get("/signin/")) == ["account"]
    assert focused(client.get(f"/signin/{alice.home.id}/")) == ["user_name"]
    assert focused(sign_in_by_page(client, alice, "wrong")) == ["password"]
    assert focused(client.post("/session/root/", {"email": "root@example.com"})) == ["password"]


def test_a_remembered_account_is_filled_in_next_time_also_after_signing_out(alice, client):
    give_password(alice)
    sign_in_by_page(client, alice, account="1111-2222-3333", remember="on")
    kept = client.cookies[settings.REMEMBER_COOKIE_NAME]
    assert kept["httponly"]
    assert kept["secure"]
    assert PASSWORD not in kept.value
    client.post("/session/out/")
    page = client.get("/signin/").content.decode()
    assert 'value="1111-2222-3333"' in page
    assert 'value="alice"' in page
    assert 'value="alice"' not in client.get("/signin/other/").content.decode()
    sign_in_by_page(client, alice)
    assert client.cookies[settings.REMEMBER_COOKIE_NAME].value == ""


@pytest.mark.parametrize("kept", ["account=<script>", "%FF%00=", "a" * 9000, "&&&==="])
def test_a_forged_memory_does_no_harm(db, client, kept):
    client.cookies[settings.REMEMBER_COOKIE_NAME] = kept
    page = client.get("/signin/")
    assert page.status_code == 200
    assert b"<script>" not in page.content


def test_whoever_is_signed_in_is_sent_on_from_the_doors_to_the_console(sign_in, alice):
    browser = sign_in(alice)
    for url in ("/signin/", "/signin/111122223333/", "/session/root/"):
        assert browser.get(url)["Location"] == DASHBOARD
    assert browser.post("/session/root/password/", {})["Location"] == "/session/root/"


def test_blank_fields_are_named_and_the_password_is_never_shown_again(alice, client):
    answer = client.post("/signin/", {"account": "", "user_name": "", "password": PASSWORD})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count("This field is required.") == 4  # above the form, and beside each field
    assert PASSWORD not in page


# --- Failures look alike --------------------------------------------------------------------------


@pytest.fixture
def causes(alice, bob, other):
    """Why a sign-in may fail: what is typed in each case."""
    give_password(alice)
    Account.objects.filter(pk=other.pk).update(alias="other-class")
    right, wrong = {"password": PASSWORD}, {"password": "wrong"}
    here = {"account": "111122223333"}
    return {
        "unknown account": {"account": "999988887777", "user_name": "alice", **right},
        "unknown alias": {"account": "no-such-class", "user_name": "alice", **right},
        "another account": {"account": "other-class", "user_name": "alice", **right},
        "unknown user": {**here, "user_name": "zoe", **right},
        "wrong password": {**here, "user_name": "alice", **wrong},
        "no console access": {**here, "user_name": "bob", **right},
        "endless password": {**here, "user_name": "alice", "password": "x" * 100_000},
    }


def test_every_failure_is_the_same_to_the_byte(causes, client):
    seen = {}
    for cause, typed in causes.items():
        answer = new_browser().post("/signin/", typed)
        assert "Your authentication information is incorrect." in answer.content.decode()
        echoed = (
            Masked.of(answer)
            .replace(typed["account"], "A")
            .replace(f'value="{typed["user_name"]}"', 'value="U"')
        )
        seen[cause] = echoed
    for _ in range(6):
        answer = new_browser().post("/signin/", causes["wrong password"])
    right = {**causes["wrong password"], "password": PASSWORD}
    throttled = new_browser().post("/signin/", right)
    seen["throttled"] = (
        Masked.of(throttled).replace("111122223333", "A").replace('value="alice"', 'value="U"')
    )
    for cause, echoed in seen.items():
        assert echoed == seen["unknown account"], cause
    assert seen["throttled"][0] == 422


def test_root_failures_are_the_same_to_the_byte(root, client):
    give_password(root)
    seen = []
    for email, password in (("root@example.com", "wrong"), ("nobody@example.com", PASSWORD)):
        second = client.post("/session/root/", {"email": email})
        failed = new_browser().post(
            "/session/root/password/", {"email": email, "password": password}
        )
        assert failed.status_code == 422
        seen.append([Masked.of(one).replace(email, "E") for one in (second, failed)])
    assert seen[0] == seen[1]


@pytest.fixture
def hashes(monkeypatch):
    """Counts how many passwords are hashed."""
    counted: list[str] = []
    for name in ("encode", "verify"):
        original = getattr(Argon2, name)

        def count(self, *args, _original=original, _name=name):
            counted.append(_name)
            return _original(self, *args)

        monkeypatch.setattr(Argon2, name, count)
    return counted


def test_every_failure_takes_exactly_one_password_hash(causes, client, root, hashes):
    for cause, typed in causes.items():
        hashes.clear()
        client.post("/signin/", typed)
        # What no password can be is refused at once, whoever's it is.
        assert len(hashes) == (0 if cause == "endless password" else 1), cause
    for _ in range(6):
        client.post("/signin/", causes["wrong password"])
    hashes.clear()
    client.post("/signin/", {**causes["wrong password"], "password": PASSWORD})
    assert hashes == ["verify"], "throttled"
    hashes.clear()
    client.post("/session/root/password/", {"email": "no@example.com", "password": PASSWORD})
    assert hashes == ["verify"], "unknown root"


def test_a_failure_is_recorded_without_what_was_typed(causes, client):
    for typed in causes.values():
        client.post("/signin/", typed)
    failed = Event.objects.filter(action="signin:ConsoleLogin", outcome="error")
    assert failed.count() == len(causes)
    assert set(failed.values_list("account_id", flat=True)) == {
        None, "111122223333", "444455556666"
    }  # fmt: skip
    for event in failed:
        assert event.error_code == "AuthenticationFailed"
        text = f"{event.parameters} {event.resources} {event.error_message}"
        assert "zoe" not in text
        assert PASSWORD not in text


@pytest.mark.parametrize(
    "typed",
    [
        {"account": "a\x00b", "user_name": "x", "password": "x"},
        {"account": "1" * 5000, "user_name": "ß" * 100_000, "password": "x"},
        {"account": "111122223333", "user_name": "' OR 1=1 --", "password": "\x00"},
        {"account": "١١١١٢٢٢٢٣٣٣٣", "user_name": "alice", "password": "x"},
    ],
)
def test_senseless_input_is_refused_with_a_page(db, client, typed):
    assert client.post("/signin/", typed).status_code == 422


def test_ten_thousand_fields_are_refused(client):
    assert client.post("/signin/", {f"f{i}": "x" for i in range(10_000)}).status_code == 400


# --- Root -----------------------------------------------------------------------------------------


def test_root_signs_in_in_two_steps(root, client):
    give_password(root)
    second = client.post("/session/root/", {"email": "Root@Example.com"})
    assert "Forgot password?" in second.content.decode()
    answer = client.post(
        "/session/root/password/", {"email": "Root@Example.com ", "password": PASSWORD}
    )
    assert answer["Location"] == DASHBOARD
    assert client.get("/nothing/").wsgi_request.caller.is_root
    assert client.get("/session/root/password/")["Location"] == "/session/root/"


def test_root_and_users_cannot_use_each_others_door(root, alice, client):
    give_password(root)
    give_password(alice)
    sent = {"account": root.home.id, "user_name": "root@example.com", "password": PASSWORD}
    assert client.post("/signin/", sent).status_code == 422
    sent = {"email": "alice", "password": PASSWORD}
    assert client.post("/session/root/password/", sent).status_code == 422
    assert not is_in(client)


# --- Where it leads -------------------------------------------------------------------------------

STRANGE = [
    "//e.x", "/\\e.x", "\\\\e.x", "https:e.x", "https://e.x/", "/%09/e.x", "/\t/e.x", "/\n/e.x",
    "javascript:alert(1)", "//e.x@localhost", "///e.x", " //e.x", "http:///e.x", "console/iam/",
    "/no/such/page/", "/session/out/", "/signin/", "/console/iam/\r\nX: y", "",
]  # fmt: skip


@pytest.mark.parametrize("wanted", STRANGE)
def test_a_sign_in_never_leads_to_what_is_no_page_of_the_console(alice, client, wanted):
    give_password(alice)
    assert own_page(wanted) == ""
    assert sign_in_by_page(client, alice, next=wanted)["Location"] == DASHBOARD


def test_a_sign_in_leads_to_the_page_that_was_asked_for(alice, client):
    give_device(alice)
    give_password(alice)
    asked = client.get("/console/iam/users/?search=a&page=2")
    query = parse_qs(urlsplit(asked["Location"]).query)
    assert asked["Location"].startswith("/signin/?")
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/console/iam/users/?search=a&amp;page=2"' in page
    assert "/session/root/?next=%2Fconsole%2Fiam%2Fusers%2F%3Fsearch%3Da%26page%3D2" in page
    sign_in_by_page(client, alice, next=query["next"][0])
    answer = client.post("/session/mfa/", {"authentication_code": code()})
    assert answer["Location"] == "/console/iam/users/?search=a&page=2"
