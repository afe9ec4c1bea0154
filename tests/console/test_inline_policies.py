"""Writing inline policies of users, groups and roles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.groups import create_group
from accounts.actions.inline_policies import (
    put_group_policy,
    put_role_policy,
    put_user_policy,
    size_of_others,
)
from accounts.actions.roles import create_role
from accounts.actions.users import create_user
from accounts.caller import Caller
from accounts.quotas import INLINE_SIZE
from tests.cast import CallerWith, allow, document, trust
from tests.console.reading import hidden

KINDS = ("user", "group", "role")
READING = document(allow("s3:GetObject", on="arn:aws:s3:::photos/*"))
LISTING = document(allow("s3:ListBucket", on="arn:aws:s3:::photos"))
PUT: dict[str, Any] = {"user": put_user_policy, "group": put_group_policy, "role": put_role_policy}


@pytest.fixture
def browser(sign_in: Callable[..., Client], admin: Caller) -> Client:
    """The administrator's."""
    return sign_in(admin)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, admin: Caller) -> str:
    """A user, a group and a role called Painters."""
    create_user(admin, user_name="Painters")
    create_group(admin, group_name="Painters")
    create_role(
        admin, role_name="Painters",
        assume_role_policy_document=trust(Service="ec2.amazonaws.com"),
    )  # fmt: skip
    return str(request.param)


def url(kind: str, verb: str, *more: str, name: str = "Painters") -> str:
    return reverse(f"console:{kind}-{verb}-inline-policy", args=[name, *more])


def put(admin: Caller, kind: str, name: str = "photos", text: str = READING) -> None:
    PUT[kind](admin, **{f"{kind}_name": "Painters"}, policy_name=name, policy_document=text)


def texts(admin: Caller, kind: str) -> dict[str, str]:
    owner = getattr(admin.home, f"{kind}s").get(name="Painters")
    return dict(owner.inline_policies.values_list("name", "document"))


def test_an_inline_policy_is_created_as_it_was_written(browser, admin, kind):
    text = READING.replace(", ", ",\n\t ")
    page = browser.get(url(kind, "create"))
    assert page.status_code == 200
    page = browser.post(url(kind, "create"), hidden(page) | {"document": text, "go": "review"})
    assert page.status_code == 200
    sent = hidden(page) | {"policy_name": "photos", "go": "save"}
    answer = browser.post(url(kind, "create"), sent, follow=True)
    assert texts(admin, kind) == {"photos": text}
    assert "Policy photos created for" in answer.content.decode()


def test_a_name_that_is_taken_overwrites_nothing(browser, admin, kind):
    put(admin, kind)
    sent = {"document": LISTING, "mode": "json", "go": "save", "policy_name": "photos"}
    page = browser.post(url(kind, "create"), sent)
    assert page.status_code == 422
    assert "already exists" in page.content.decode()
    assert texts(admin, kind) == {"photos": READING}


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a*", "n" * 129])
def test_a_bad_name_is_said_beside_the_field(browser, admin, kind, name):
    sent = {"document": LISTING, "mode": "json", "go": "save", "policy_name": name}
    page = browser.post(url(kind, "create"), sent)
    assert page.status_code == 422
    assert page.context["form"].errors["policy_name"]
    assert texts(admin, kind) == {}


def test_the_size_of_the_other_policies_counts(browser, admin, kind):
    put(admin, kind)
    put(admin, kind, "more", LISTING)
    room = INLINE_SIZE[kind] - size_of_others(admin, kind, "Painters", "photos")
    page = browser.get(url(kind, "edit", "photos"))
    assert page.context["editor"].purpose.room == room
    assert f"of {INLINE_SIZE[kind]} characters remaining" in page.content.decode()
    text = document(allow("s3:GetObject", on="arn:aws:s3:::" + "a" * room))
    refused = browser.post(
        url(kind, "edit", "photos"), {"document": text, "mode": "json", "go": "review"}
    )
    assert refused.status_code == 422
    assert f"Maximum policy size of {INLINE_SIZE[kind]} bytes exceeded" in refused.content.decode()


def test_a_text_that_just_fits_is_saved(browser, admin, kind):
    put(admin, kind, "more", LISTING)
    used = size_of_others(admin, kind, "Painters", "")
    filler = "a" * (INLINE_SIZE[kind] - used - len(READING.replace(" ", "")))
    text = READING.replace("photos", "photos" + filler)
    sent = {"document": text, "mode": "json", "go": "save", "policy_name": "photos"}
    longer = sent | {"document": text.replace("photos", "photosa")}
    assert browser.post(url(kind, "create"), longer).status_code == 422
    assert browser.post(url(kind, "create"), sent).status_code == 302
    assert texts(admin, kind)["photos"] == text


def test_an_inline_policy_is_edited_after_a_look_at_both_texts(browser, admin, kind):
    put(admin, kind)
    page = browser.get(url(kind, "edit", "photos"))
    assert page.context["editor"].document == READING
    page = browser.post(
        url(kind, "edit", "photos"), hidden(page) | {"document": LISTING, "go": "review"}
    )
    assert any(line.kind != "same" for line in page.context["lines"])
    answer = browser.post(url(kind, "edit", "photos"), hidden(page) | {"go": "save"})
    assert answer.status_code == 302
    assert texts(admin, kind) == {"photos": LISTING}


def test_nothing_is_overwritten_or_deleted_unseen(browser, admin, kind):
    put(admin, kind)
    editing = hidden(browser.get(url(kind, "edit", "photos")))
    deleting = hidden(browser.get(url(kind, "delete", "photos")))
    put(admin, kind, text=LISTING)
    sent = editing | {"document": document(allow("s3:*")), "go": "save"}
    answer = browser.post(url(kind, "edit", "photos"), sent)
    assert answer.status_code == 409
    assert "s3:ListBucket" in answer.content.decode()
    assert browser.post(url(kind, "delete", "photos"), deleting).status_code == 409
    assert texts(admin, kind) == {"photos": LISTING}


def test_an_inline_policy_is_deleted_once_confirmed(browser, admin, kind):
    put(admin, kind)
    page = browser.get(url(kind, "delete", "photos"))
    assert "deleted for good" in page.content.decode()
    answer = browser.post(url(kind, "delete", "photos"), hidden(page))
    assert answer.status_code == 302
    assert texts(admin, kind) == {}


def test_what_is_not_there_or_another_accounts_does_not_exist(browser, sign_in, admin, eve, kind):
    put(admin, kind)
    assert browser.get(url(kind, "edit", "nothing")).status_code == 404
    assert browser.get(url(kind, "create", name="Nobody")).status_code == 404
    assert browser.get(url(kind, "delete", "nothing")).status_code == 404
    assert browser.post(url(kind, "delete", "nothing")).status_code == 404
    stranger = sign_in(eve)
    for page in (url(kind, "create"), url(kind, "edit", "photos"), url(kind, "delete", "photos")):
        assert stranger.get(page).status_code == 404
        sent = {"document": LISTING, "mode": "json", "go": "save", "policy_name": "photos"}
        assert stranger.post(page, sent).status_code == 404
    assert texts(admin, kind) == {"photos": READING}


def test_who_may_only_look_sees_which_permission_it_needs(
    sign_in, caller_with: CallerWith, admin, kind
):
    put(admin, kind)
    browser = sign_in(caller_with(allow("iam:Get*", "iam:List*")))
    name = f"{kind.title()}Policy"
    for verb, needed in (("create", "Put"), ("edit", "Put"), ("delete", "Delete")):
        page = url(kind, verb, *(["photos"] if verb != "create" else []))
        assert f"You need iam:{needed}{name}." in browser.get(page).content.decode()
        sent = {"document": LISTING, "mode": "json", "go": "save", "policy_name": "new"}
        assert browser.post(page, sent).status_code == 403
    assert texts(admin, kind) == {"photos": READING}


def test_one_who_may_put_but_not_read_still_can(sign_in, caller_with, admin, kind):
    browser = sign_in(caller_with(allow(f"iam:Put{kind.title()}Policy")))
    assert browser.get(url(kind, "create")).status_code == 200
    sent = {"document": LISTING, "mode": "json", "go": "save", "policy_name": "new"}
    assert browser.post(url(kind, "create"), sent).status_code == 302
    assert texts(admin, kind) == {"new": LISTING}


def test_pages_take_as_many_queries_with_many_policies_as_with_few(
    browser, admin, kind, django_assert_max_num_queries
):
    for number in range(20):
        put(
            admin,
            kind,
            f"p{number:02}",
            '{"Statement":{"Effect":"Allow","Action":"a:B","Resource":"*"}}',
        )
    for page in (url(kind, "create"), url(kind, "edit", "p01"), url(kind, "delete", "p01")):
        with django_assert_max_num_queries(20):
            assert browser.get(page).status_code == 200
