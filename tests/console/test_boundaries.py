"""Permissions boundaries of users and roles: set, change, remove, and what that changes."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import ids
from accounts.models import Account, Role
from tests.cast import allow, deny, trust
from tests.console.reading import markup_of, url
from tests.console.things import attach

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POWER = "arn:aws:iam::aws:policy/PowerUserAccess"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def new_role(account: Account, name: str) -> Role:
    return Role.objects.create(
        account=account,
        name=name,
        unique_id=ids.unique_id(ids.ROLE),
        trust_policy=trust(Service="ec2.amazonaws.com"),
        created_at=account.created_at,
    )


@pytest.fixture
def bounded(request: Any, account: Account, bob: Any) -> tuple[str, Any]:
    """A user or a role, by the test's parameter."""
    return ("user", bob.user) if request.param == "user" else ("role", new_role(account, "web"))


both = pytest.mark.parametrize("bounded", ["user", "role"], indirect=True)


@both
def test_a_boundary_is_set_changed_and_removed(sign_in, admin, bounded):
    kind, row = bounded
    browser = sign_in(admin)
    address = url(f"{kind}-boundary", row.name)
    assert "It gives no permission by itself." in markup_of(browser.get(address))
    page = markup_of(browser.post(address, {"boundary": READ_ONLY}, follow=True))
    assert f"ReadOnlyAccess bounds {kind} {row.name} now." in page
    row.refresh_from_db()
    assert row.boundary_arn == READ_ONLY
    assert "The boundary now" in markup_of(
        browser.post(address, {"boundary-search": "ReadOnlyAccess", "boundary-find": "1"})
    )
    browser.post(address, {"boundary": POWER})
    row.refresh_from_db()
    assert row.boundary_arn == POWER
    remove = url(f"{kind}-remove-boundary", row.name)
    assert POWER in markup_of(browser.get(remove))
    page = markup_of(browser.post(remove, follow=True))
    assert f"Permissions boundary of {kind} {row.name} removed." in page
    row.refresh_from_db()
    assert row.boundary_arn is None


def test_what_it_changes_is_told_before(sign_in, admin, bob):
    attach(bob.user, ADMINISTRATOR)
    browser = sign_in(admin)
    address = url("user-boundary", "bob")
    page = markup_of(browser.post(address, {"boundary": POWER, "review": "1"}))
    assert "What it changes" in page
    assert "<span>Lost</span>" in page
    bob.user.refresh_from_db()
    assert bob.user.boundary_arn is None
    browser.post(address, {"boundary": POWER})
    page = markup_of(browser.get(url("user-remove-boundary", "bob")))
    assert "<span>Gained</span>" in page
    assert "<span>Lost</span>" not in page


def test_whoever_may_not_simulate_the_user_does_not_learn_what_it_changes(
    sign_in, caller_with, bob
):
    attach(bob.user, ADMINISTRATOR)
    browser = sign_in(caller_with(allow("iam:*"), deny("iam:SimulatePrincipalPolicy")))
    page = markup_of(browser.post(url("user-boundary", "bob"), {"boundary": POWER, "review": "1"}))
    assert "What it changes is told to whoever has iam:SimulatePrincipalPolicy." in page
    assert "<span>Lost</span>" not in page


def test_nothing_chosen_is_told_and_nonsense_refused(sign_in, admin, bob, other):
    browser = sign_in(admin)
    address = url("user-boundary", "bob")
    response = browser.post(address)
    assert response.status_code == 422
    assert "Choose a policy first." in markup_of(response)
    foreign = f"arn:aws:iam::{other.id}:policy/Theirs"
    for sent in ("<b>", "arn:aws:iam::aws:policy/NoSuch", foreign, "a\0b"):
        response = browser.post(address, {"boundary": sent})
        assert response.status_code in (400, 404), sent
        assert "<b>" not in markup_of(response)
        assert browser.post(address, {"boundary": sent, "review": "1"}).status_code == 200
    bob.user.refresh_from_db()
    assert bob.user.boundary_arn is None


@both
def test_a_boundary_that_somebody_changed_meanwhile_is_not_overwritten(sign_in, admin, bounded):
    kind, row = bounded
    browser = sign_in(admin)
    address = url(f"{kind}-boundary", row.name)
    page = markup_of(browser.get(address))
    seen = page.partition('name="seen_version" value="')[2].partition('"')[0]
    row.boundary_managed_arn = POWER
    row.save()
    response = browser.post(address, {"boundary": READ_ONLY, "seen_version": seen})
    assert response.status_code == 409
    assert POWER in markup_of(response)
    assert READ_ONLY in markup_of(response)
    row.refresh_from_db()
    assert row.boundary_arn == POWER


def test_strangers_and_the_unpermitted_change_nothing(sign_in, eve, alice, bob, account):
    new_role(account, "web")
    for kind, name in (("user", "bob"), ("role", "web")):
        for verb in ("boundary", "remove-boundary"):
            address = url(f"{kind}-{verb}", name)
            assert sign_in(eve).get(address).status_code == 404
            assert sign_in(eve).post(address, {"boundary": POWER}).status_code == 404
            assert sign_in(alice).post(address, {"boundary": POWER}).status_code == 403
    bob.user.refresh_from_db()
    assert bob.user.boundary_arn is None


def test_the_users_page_shows_the_boundary_and_what_its_buttons_need(sign_in, caller_with, bob):
    who = caller_with(allow("iam:Get*", "iam:List*"))
    browser = sign_in(who)
    page = markup_of(browser.get(url("user", "bob")))
    assert "(not set)" in page
    assert "You need iam:PutUserPermissionsBoundary." in page
    bob.user.boundary_managed_arn = POWER
    bob.user.save()
    page = markup_of(browser.get(url("user", "bob")))
    assert "(set)" in page
    assert "You need iam:DeleteUserPermissionsBoundary." in page
