"""What nobody has used: what is found of each kind, and who may know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from accounts import caller as callers
from accounts import events
from accounts.actions import (
    access_keys,
    attachments,
    inline_policies,
    login_profiles,
    roles,
    service_linked_roles,
    unused_permissions,
    users,
)
from accounts.actions import unused as finding
from accounts.actions.unused import Findings
from accounts.actions.unused_permissions import find_unused_permissions
from accounts.caller import Caller
from accounts.errors import AccessDenied, ValidationError
from accounts.models import AccessKey, Event, Login, Role, User
from tests.cast import ADMINISTRATOR, CallerWith, allow, deny, document, trust

KINDS = (*finding.KINDS, "permissions")
TRUST = trust(Service="ec2.amazonaws.com")
SERVICES = trust(Service="s3.amazonaws.com")


@pytest.fixture
def later(root: Caller) -> Caller:
    """Root, a hundred days after everything was made."""
    return replace(root, now=root.now + timedelta(days=100))


def find_unused(caller: Caller, *, kind: str, days: int = 90) -> Findings:
    if kind == "permissions":
        return find_unused_permissions(caller, days=days, page_size=1000)
    return finding.find_unused(caller, kind=kind, days=days)


def names(caller: Caller, kind: str, days: int = 90) -> list[str]:
    return [each.name for each in find_unused(caller, kind=kind, days=days).items]


def used(model: type[Model], column: str, moment: datetime | str, **which: Any) -> None:
    model._default_manager.filter(**which).update(**{column: moment})


def test_users_whose_password_and_keys_nobody_used_are_found(root, later):
    for name in ("never", "Recent", "by-key", "long-ago", "at-once"):
        users.create_user(root, user_name=name)
    access_keys.create_access_key(root, user_name="by-key")
    used(AccessKey, "last_used_at", later.now - timedelta(days=3), user__name="by-key")
    used(User, "password_last_used", later.now - timedelta(days=3), name="Recent")
    used(User, "password_last_used", later.now - timedelta(days=95), name="long-ago")
    used(User, "created_at", later.now - timedelta(days=10), name="at-once")
    found = {each.name: each for each in find_unused(later, kind="users").items}
    assert list(found) == ["long-ago", "never"], "and who is younger than that is not"
    assert found["never"].last_used is None
    assert found["never"].days(later.now) == 100
    assert found["long-ago"].days(later.now) == 95
    assert names(later, "users", 97) == ["never"]


def test_roles_that_nobody_acted_as_are_found_but_for_those_of_services(root, later):
    for name in ("Never", "Used"):
        roles.create_role(root, role_name=name, assume_role_policy_document=TRUST)
    service_linked_roles.create_service_linked_role(root, aws_service_name="rds.amazonaws.com")
    used(Role, "last_used_at", later.now, name="Used")
    assert names(later, "roles") == ["Never"]


def test_keys_that_signed_nothing_are_found_each_by_itself(root, later):
    users.create_user(root, user_name="carol")
    first, second = (access_keys.create_access_key(root, user_name="carol").key for _ in range(2))
    access_keys.create_access_key(root)
    used(AccessKey, "last_used_at", later.now, pk=first.pk)
    used(AccessKey, "status", "Inactive", pk=second.pk)
    (found,) = find_unused(later, kind="keys").items
    assert (found.name, found.access_key_id) == ("carol", second.access_key_id)
    assert found.is_active is False


def test_passwords_are_found_by_their_own_last_use_and_not_their_predecessors(root, later):
    for name in ("never", "used", "again"):
        users.create_user(root, user_name=name)
        login_profiles.create_login_profile(root, user_name=name, password="Correct-h0rse-1")
    used(User, "password_last_used", later.now, name="used")
    used(User, "password_last_used", root.now - timedelta(days=50), name="again")
    found = {each.name: each.last_used for each in find_unused(later, kind="passwords").items}
    assert found == {"again": None, "never": None}
    used(Login, "created_at", later.now, user__name="never")
    assert names(later, "passwords") == ["again"]


@pytest.fixture
def tried(later: Caller) -> Callable[..., None]:
    """`tried("carol", "s3:GetObject")`: ten days ago; `days_ago` otherwise."""

    def tried(name: str, action: str, days_ago: int = 10) -> None:
        user = later.home.users.get(name=name)
        moment = later.now - timedelta(days=days_ago)
        who = callers.user(user, face=later.face, now=moment, request_id="r")
        event = events.describe(who, action, outcome="denied", read_only=True, parameters={})
        events.write([event])

    return tried


def give(root: Caller, name: str, *actions: str) -> None:
    inline_policies.put_user_policy(
        root, user_name=name, policy_name="own", policy_document=document(allow(*actions))
    )


def test_permissions_are_found_by_service_and_by_action(root, later, tried):
    users.create_user(root, user_name="carol")
    give(root, "carol", "s3:GetObject", "s3:PutObject", "sns:Publish", "cloudtrail:LookupEvents")
    tried("carol", "s3:GetObject")
    tried("carol", "sns:Publish", days_ago=95)
    (found,) = find_unused(later, kind="permissions").items
    assert (found.name, found.owner, found.services) == ("carol", "user", 3)
    assert found.unused_services == {"cloudtrail", "sns"}
    assert found.unused_actions == 1, "s3:PutObject"
    assert found.last_used == later.now - timedelta(days=10)
    (found,) = find_unused(later, kind="permissions", days=99).items
    assert found.unused_services == {"cloudtrail"}


def test_who_used_everything_has_no_unused_permissions(root, later, tried):
    for name in ("all", "nothing"):
        users.create_user(root, user_name=name)
    give(root, "all", "s3:GetObject")
    tried("all", "s3:GetObject")
    assert names(later, "permissions") == []


def test_permissions_that_come_by_groups_and_roles_permissions_count_too(root, later):
    root.home.groups.create(name="All", unique_id="AGPA" + "A" * 17, created_at=root.now)
    user = users.create_user(root, user_name="carol")
    user.memberships.create(group=root.home.groups.get(), created_at=root.now)
    attachments.attach_group_policy(root, group_name="All", policy_arn=ADMINISTRATOR)
    roles.create_role(root, role_name="Web", assume_role_policy_document=SERVICES)
    attachments.attach_role_policy(root, role_name="Web", policy_arn=ADMINISTRATOR)
    found = find_unused(later, kind="permissions").items
    assert [(each.name, each.owner) for each in found] == [("carol", "user"), ("Web", "role")]
    assert all(len(each.unused_services) == each.services > 300 for each in found)


def test_a_session_of_a_role_uses_the_roles_permissions(root, later):
    roles.create_role(root, role_name="Web", assume_role_policy_document=TRUST)
    inline_policies.put_role_policy(
        root, role_name="Web", policy_name="own", policy_document=document(allow("sns:Publish"))
    )
    role = root.home.roles.get()
    session = replace(
        later, kind=callers.CallerKind.ROLE, unique_id=f"{role.unique_id}:i-1", issuer=role.arn
    )
    event = events.describe(
        session, "sns:Publish", outcome="success", read_only=False, parameters={}
    )
    assert names(later, "permissions") == ["Web"]
    events.write([event])
    assert names(later, "permissions") == []


def pages(caller: Caller, page_size: int, **asked: Any) -> list[list[str]]:
    """The names on each page of permissions."""
    found = find_unused_permissions(caller, page_size=page_size, **asked)
    each = [[one.name for one in found.items]]
    while found.marker is not None and len(each) < 20:
        found = find_unused_permissions(caller, page_size=page_size, marker=found.marker, **asked)
        each.append([one.name for one in found.items])
    return each


@pytest.fixture
def giving(root) -> None:
    """Five users, of whom one may do nothing, and two roles."""
    for name in ("Ann", "ben", "Cat", "dan", "eve-2"):
        users.create_user(root, user_name=name)
        if name != "ben":
            give(root, name, "s3:GetObject")
    for name in ("ann", "Web"):
        roles.create_role(root, role_name=name, assume_role_policy_document=TRUST)
        inline_policies.put_role_policy(
            root, role_name=name, policy_name="own", policy_document=document(allow("sns:Publish"))
        )


def test_permissions_come_page_by_page_users_before_roles(later, giving):
    assert pages(later, 2) == [["Ann", "Cat"], ["dan", "eve-2"], ["ann", "Web"]]
    assert pages(later, 3) == [["Ann", "Cat", "dan"], ["eve-2", "ann", "Web"]]
    assert pages(later, 6) == [["Ann", "Cat", "dan", "eve-2", "ann", "Web"]]
    assert pages(later, 2, owner="role") == [["ann", "Web"]]
    assert pages(later, 2, owner="user") == [["Ann", "Cat"], ["dan", "eve-2"]]
    assert pages(later, 20, search="AN") == [["Ann", "dan", "ann"]]
    assert pages(later, 20, search="_") == pages(later, 20, search="%") == [[]]


def test_a_page_looks_at_so_many_and_the_next_one_goes_on_there(later, giving, monkeypatch):
    monkeypatch.setattr(unused_permissions, "LOOKED_AT", 2)
    assert pages(later, 1) == [["Ann"], ["Cat"], ["dan"], ["eve-2"], ["ann"], ["Web"]]
    assert pages(later, 2) == [["Ann"], ["Cat", "dan"], ["eve-2", "ann"], ["Web"]]
    monkeypatch.setattr(unused_permissions, "LOOKED_AT", 1)
    assert pages(later, 1) == [["Ann"], [], ["Cat"], ["dan"], ["eve-2"], ["ann"], ["Web"]]


@pytest.mark.parametrize("given", [{"marker": "~"}, {"owner": "group"}, {"page_size": 0}])
def test_what_makes_no_sense_of_permissions_is_refused(root, given):
    with pytest.raises(ValidationError):
        find_unused_permissions(root, **given)


# --- Who may know --------------------------------------------------------------------------------

NEEDED = {
    "users": ("iam:ListUsers", "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"),
    "roles": ("iam:ListRoles", "iam:GetRole"),
    "keys": ("iam:ListUsers", "iam:ListAccessKeys", "iam:GetAccessKeyLastUsed"),
    "passwords": ("iam:ListUsers", "iam:GetLoginProfile"),
    "permissions": (
        "iam:ListUsers",
        "iam:ListRoles",
        "iam:GenerateServiceLastAccessedDetails",
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_may_read_the_last_use_elsewhere_is_told_and_nobody_else(
    kind, caller_with: CallerWith
):
    needed = NEEDED[kind]
    assert find_unused(caller_with(allow(*needed)), kind=kind).hidden == 0
    for lacking in needed:
        rest = [each for each in needed if each != lacking]
        with pytest.raises(AccessDenied, match=lacking):
            find_unused(caller_with(allow(*rest, "iam:GetUser")), kind=kind)


@pytest.mark.parametrize("kind", ["users", "keys", "passwords", "permissions"])
def test_who_may_read_it_of_some_is_told_of_those_and_how_many_others_there_are(
    kind, root, later, caller_with: CallerWith
):
    for name in ("open", "secret"):
        users.create_user(root, user_name=name, path=f"/{name}/")
        access_keys.create_access_key(root, user_name=name)
        login_profiles.create_login_profile(root, user_name=name, password="Correct-h0rse-1")
        give(root, name, "s3:GetObject")
    some = caller_with(allow("iam:*"), deny("iam:*", on="*:user/secret/*"))
    used(User, "created_at", later.now, name="alice")
    found = find_unused(replace(some, now=later.now), kind=kind)
    assert [each.name for each in found.items] == ["open"]
    assert found.hidden == 1


def test_a_refusal_leaves_an_event(alice):
    with pytest.raises(AccessDenied):
        find_unused(alice, kind="users")
    event = Event.objects.get(account=alice.home)
    assert (event.action, event.outcome) == ("console:Unused", "denied")


def test_another_accounts_things_are_not_there(root, later, eve):
    users.create_user(root, user_name="carol")
    access_keys.create_access_key(root, user_name="carol")
    there = replace(eve, now=later.now)
    for kind in KINDS:
        assert "carol" not in names(there, kind)


@pytest.mark.parametrize("given", [{"days": 0}, {"days": 401}, {"kind": "groups"}])
def test_what_makes_no_sense_is_refused(root, given):
    with pytest.raises(ValidationError):
        find_unused(root, **({"kind": "users", "days": 90} | given))


@pytest.mark.parametrize("kind", KINDS)
def test_it_takes_as_many_queries_for_a_hundred_of_each_as_for_one(kind, root, later):
    counts = []
    for start, end in ((0, 1), (1, 100)):
        for number in range(start, end):
            user = root.home.users.create(
                name=f"u{number}", unique_id=f"AIDA{number:017}", created_at=root.now
            )
            root.home.roles.create(
                name=f"r{number}", unique_id=f"AROA{number:017}", created_at=root.now,
                trust_policy=TRUST,
            )  # fmt: skip
            user.attachments.create(
                account=root.home, managed_arn=ADMINISTRATOR, created_at=root.now
            )
            AccessKey.objects.create(
                account=root.home, user=user, slot=1, access_key_id=f"AKIA{number:016}",
                created_at=root.now,
            )  # fmt: skip
            Login.objects.create(
                kind="user", account=root.home, user=user, handle=user.unique_id,
                password_changed_at=root.now, created_at=root.now,
            )  # fmt: skip
        find_unused(later, kind=kind)
        with CaptureQueriesContext(connection) as queries:
            found = find_unused(later, kind=kind).items
        assert len(found) >= end
        counts.append(len(queries))
    assert counts[0] == counts[1]
