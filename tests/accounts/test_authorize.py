"""Who may do what where policies don't decide, and the answer that is asked for without acting."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import pytest

from accounts import arns, authorize, engine
from accounts import caller as callers
from accounts.actions import account as account_actions
from accounts.actions import login_profiles, shared, users
from accounts.arns import Resource
from accounts.authorize import could_allow, decide, would_allow
from accounts.caller import Caller, CallerKind, Face
from accounts.errors import AccessDenied
from accounts.models import Account, Event, PasswordPolicy, Policy, User
from accounts.types import Tag
from tests.cast import CallerWith, allow, arn, deny, document, trust
from tests.operations import OF_ACCOUNTS

EVERYTHING = Resource("*", "111122223333")
OLD, NEW = "The-0ld-password!", "A-new-pa55word!"


def answer(caller: Caller, action: str, resource: Resource = EVERYTHING) -> authorize.Answer:
    """Whether a caller may call an action."""
    return decide(caller, action, resource, {})


def temporary(caller: Caller, **known: Any) -> Caller:
    """The same identity with credentials of GetSessionToken."""
    return replace(caller, access_key_id="ASIAIOSFODNN7EXAMPLE", temporary=True, **known)


@pytest.fixture
def role_session(account: Account, now: Any) -> Caller:
    """A session of a role."""
    return Caller(
        kind=CallerKind.ROLE,
        account=account,
        face=Face.API,
        now=now,
        request_id="request-of-role",
        arn=f"arn:aws:sts::{account.id}:assumed-role/Reader/session",
        issuer=arn("role/Reader"),
        access_key_id="ASIAIOSFODNN7EXAMPLE",
    )


# --- The closed table ----------------------------------------------------------------------------


def test_root_may_do_everything_in_its_account(root: Caller):
    for action in OF_ACCOUNTS.keys() - authorize.NOT_FOR_ROOT - authorize.WITHOUT_CREDENTIALS:
        assert answer(root, action).allowed, action


def test_root_may_not_assume_roles_which_is_all_that_it_may_not_do(root: Caller):
    assert set(authorize.NOT_FOR_ROOT) == {"sts:AssumeRole"}
    refused = answer(root, "sts:AssumeRole")
    assert not refused.allowed
    assert refused.message == "Roles may not be assumed by root accounts."
    assert not authorize.could_allow(root, "sts:AssumeRole")


def test_root_may_do_nothing_in_another_account(root: Caller, other: Account):
    for action in ("iam:GetUser", "iam:DeleteUser", "s3:GetObject"):
        assert not answer(root, action, Resource(arn("user/eve", other.id), other.id)).allowed


def test_without_a_policy_a_user_may_do_nothing(alice: Caller):
    for action in OF_ACCOUNTS.keys() - authorize.ALWAYS_ALLOWED:
        assert not answer(alice, action).allowed, action


@pytest.mark.parametrize("action", sorted(authorize.ALWAYS_ALLOWED))
def test_some_calls_are_open_to_every_identity_even_against_a_deny(
    caller_with: CallerWith, root: Caller, action: str
):
    denied = caller_with(deny("*"))
    assert answer(denied, action).allowed
    assert answer(root, action).allowed


def test_nothing_but_the_callers_identity_is_always_allowed():
    assert {"sts:GetCallerIdentity", "sts:GetSessionToken"} == authorize.ALWAYS_ALLOWED


def test_only_the_deletion_of_many_objects_asks_policies_about_each_by_itself():
    assert {"s3:DeleteObjects"} == authorize.ASKED_FOR_EACH


def test_without_credentials_nothing_is_open_but_to_a_provider_whose_token_was_checked(
    account: Account, now: Any
):
    assert {"sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity"} == (
        authorize.WITHOUT_CREDENTIALS
    )
    for home in (account, None):
        stranger = callers.anonymous(home, face=Face.API, now=now, request_id="r")
        for action in (*OF_ACCOUNTS, *authorize.ALWAYS_ALLOWED, *authorize.WITHOUT_CREDENTIALS):
            assert not answer(stranger, action).allowed, action


def test_an_anonymous_call_is_denied_and_recorded_with_and_without_an_account(
    account: Account, now: Any
):
    for home in (account, None):
        stranger = callers.anonymous(home, face=Face.API, now=now, request_id="r")
        with pytest.raises(AccessDenied):
            users.list_users(stranger)
        with pytest.raises(AccessDenied):
            users.create_user(stranger, user_name="carol")
    assert not User.objects.exists()
    found = Event.objects.values_list("account", "outcome", "error_code")
    expected = [(account.id, "denied", "AccessDenied"), (None, "denied", "AccessDenied")]
    assert sorted(found, key=str) == sorted(expected * 2, key=str)


def test_the_operator_calls_commands_and_no_action(account: Account, now: Any):
    for home in (account, None):
        operator = callers.operator(home, now=now, request_id="r")
        for action in (*OF_ACCOUNTS, *authorize.ALWAYS_ALLOWED):
            assert not answer(operator, action).allowed, action
        with pytest.raises(AccessDenied):
            users.create_user(operator, user_name="carol")
    assert not User.objects.exists()


def test_the_operations_that_may_mean_oneself_are_those_whose_user_name_may_be_left_out():
    optional = {
        name
        for name, operation in OF_ACCOUNTS.items()
        if (parameter := operation.signature.parameters.get("user_name")) is not None
        and parameter.default is not inspect.Parameter.empty
    }
    assert optional == authorize.ONESELF


def test_no_user_name_means_oneself_and_is_decided_on_oneself(caller_with: CallerWith):
    alice = caller_with(allow("iam:GetUser", on=arn("user/${aws:username}")))
    assert users.get_user(alice) == alice.user
    with pytest.raises(AccessDenied):
        users.get_user(alice, user_name="bob")


# --- The implied right to change one's own password ----------------------------------------------


@pytest.fixture
def users_may_change(account: Account) -> PasswordPolicy:
    """The account lets its users change their passwords."""
    return PasswordPolicy.objects.create(account=account, allow_users_to_change_password=True)


def with_password(root: Caller, who: Caller) -> Caller:
    login_profiles.create_login_profile(root, user_name=who.display_name, password=OLD)
    return who


def test_users_change_their_own_password_where_the_account_lets_them(
    root: Caller, alice: Caller, users_may_change: PasswordPolicy
):
    with_password(root, alice)
    login_profiles.change_password(alice, old_password=OLD, new_password=NEW)
    event = Event.objects.get(action="iam:ChangePassword")
    assert event.reasons == {"rule": "users may change their own password"}


@pytest.mark.parametrize("custom", [None, False])
def test_elsewhere_they_need_a_policy_for_it(
    root: Caller, alice: Caller, account: Account, custom: bool | None
):
    with_password(root, alice)
    if custom is not None:
        PasswordPolicy.objects.create(account=account, allow_users_to_change_password=custom)
    with pytest.raises(AccessDenied, match="no identity-based policy allows the iam:ChangePass"):
        login_profiles.change_password(alice, old_password=OLD, new_password=NEW)


def test_an_explicit_deny_wins_over_the_implied_right(
    root: Caller, caller_with: CallerWith, users_may_change: PasswordPolicy
):
    alice = with_password(root, caller_with(deny("iam:ChangePassword")))
    with pytest.raises(AccessDenied, match="with an explicit deny"):
        login_profiles.change_password(alice, old_password=OLD, new_password=NEW)


def test_a_policy_allows_it_where_the_account_does_not(root: Caller, caller_with: CallerWith):
    mine = allow("iam:ChangePassword", on=arn("user/${aws:username}"))
    alice = with_password(root, caller_with(mine))
    login_profiles.change_password(alice, old_password=OLD, new_password=NEW)


def test_the_implied_right_is_for_oneself_and_for_nothing_else(
    alice: Caller, bob: Caller, users_may_change: PasswordPolicy
):
    own, others = shared.user_resource(alice), shared.user_resource(bob)
    assert answer(alice, "iam:ChangePassword", own).allowed
    assert not answer(alice, "iam:ChangePassword", others).allowed
    assert not answer(alice, "iam:UpdateLoginProfile", own).allowed
    assert not answer(alice, "iam:GetUser", own).allowed


# --- Temporary credentials -----------------------------------------------------------------------


def test_a_session_token_without_mfa_opens_nothing_of_iam(admin: Caller, root: Caller):
    for who in (admin, root):
        refused = answer(temporary(who), "iam:ListUsers")
        assert not refused.allowed
        assert "without MFA" in refused.message
        assert answer(who, "iam:ListUsers").allowed
        assert answer(temporary(who, mfa_at=who.now), "iam:ListUsers").allowed


def test_a_session_token_calls_two_operations_of_sts_with_or_without_mfa(admin: Caller):
    operations = (
        "sts:AssumeRole",
        "sts:GetCallerIdentity",
        "sts:GetSessionToken",
        "sts:GetFederationToken",
        "sts:DecodeAuthorizationMessage",
    )
    for mfa_at in (None, admin.now):
        who = temporary(admin, mfa_at=mfa_at)
        allowed = {operation for operation in operations if answer(who, operation).allowed}
        assert allowed == {"sts:AssumeRole", "sts:GetCallerIdentity"}


def test_a_session_token_opens_other_services_by_policy(admin: Caller, alice: Caller):
    assert answer(temporary(admin), "s3:ListAllMyBuckets").allowed
    assert not answer(temporary(alice), "s3:ListAllMyBuckets").allowed


def test_the_implied_right_is_no_way_around_the_limit(
    alice: Caller, users_may_change: PasswordPolicy
):
    own = shared.user_resource(alice)
    assert not answer(temporary(alice), "iam:ChangePassword", own).allowed
    assert answer(temporary(alice, mfa_at=alice.now), "iam:ChangePassword", own).allowed


def test_the_console_is_no_session_token(admin: Caller):
    browser = replace(admin, face=Face.CONSOLE, temporary=True, session_id="s1")
    assert answer(browser, "iam:ListUsers").allowed


def test_a_role_session_knows_itself_but_gets_no_session_token(role_session: Caller):
    assert answer(role_session, "sts:GetCallerIdentity").allowed
    for action in ("sts:GetSessionToken", "sts:GetFederationToken", "iam:ListUsers"):
        assert not answer(role_session, action).allowed, action


# --- Resource policies and boundaries ------------------------------------------------------------


def test_a_trust_policy_must_name_the_caller_whatever_his_own_policies_say(admin: Caller):
    def role(**principal: str) -> Resource:
        parsed = engine.parse(trust(**principal), engine.PolicyKind.TRUST)
        policy = engine.Policy(parsed, name="trust", source="resource")
        return Resource(arn("role/Reader"), admin.home.id, policy=policy)

    assert answer(admin, "sts:AssumeRole", role(AWS=admin.home.root_arn)).allowed
    assert not answer(admin, "sts:AssumeRole", role(Service="ec2.amazonaws.com")).allowed


def test_the_reasons_of_a_verdict_name_layer_and_statement(caller_with: CallerWith):
    alice = caller_with(
        allow("iam:ListUsers", Sid="See"), deny("iam:ListUsers", on="*", Sid="ButNotToday")
    )
    refused = answer(alice, "iam:ListUsers")
    assert refused.reasons["decision"] == "explicitDeny"
    assert refused.reasons["layer"] == "identity"
    assert refused.reasons["statements"] == [
        {"policy": "given", "statement": 1, "sid": "ButNotToday"}
    ]


def test_a_boundary_is_named_as_what_refuses(admin: Caller, account: Account):
    policy = Policy.objects.create(
        account=account,
        name="Limit",
        unique_id="ANPA00000000000000001",
        created_at=admin.now,
        updated_at=admin.now,
    )
    policy.versions.create(
        slot=1,
        number=1,
        is_default=True,
        created_at=admin.now,
        document=document(allow("s3:*")),
    )
    assert admin.user is not None
    admin.user.boundary = policy
    refused = answer(admin, "iam:ListUsers")
    assert not refused.allowed
    assert refused.message.endswith(
        "because no permissions boundary allows the iam:ListUsers action"
    )
    assert answer(admin, "s3:ListAllMyBuckets").allowed


# --- Asking without acting -----------------------------------------------------------------------

DEVS_ONLY = (
    allow("iam:CreateUser", "iam:DeleteUser", "iam:GetUser", on=arn("user/dev/*")),
    deny("iam:DeleteUser", on=arn("user/dev/boss")),
    allow("iam:ListUsers", "iam:GetAccountSummary"),
)


def test_asking_leaves_no_event_and_changes_nothing(
    caller_with: CallerWith, django_assert_num_queries: Any
):
    alice = caller_with(*DEVS_ONLY)
    for action in ("iam:ListUsers", "iam:CreateGroup"):
        would_allow(alice, action, EVERYTHING)
    assert not Event.objects.exists()
    with django_assert_num_queries(0):
        would_allow(alice, "iam:ListUsers", EVERYTHING)


def test_the_answer_is_the_actions_own(root: Caller, caller_with: CallerWith):
    for name, path in (("carol", "/dev/"), ("boss", "/dev/"), ("dave", "/")):
        users.create_user(root, user_name=name, path=path)
    alice = caller_with(*DEVS_ONLY)
    user = shared.user_resource
    asked: list[Any] = [
        (users.get_user, "iam:GetUser", user, {"user_name": name}) for name in ("carol", "dave")
    ]
    asked += [
        (users.delete_user, "iam:DeleteUser", user, {"user_name": name})
        for name in ("carol", "boss", "dave", "nobody")
    ]
    asked += [
        (users.list_users, "iam:ListUsers", arns.of_list("iam:ListUsers"), {}),
        (account_actions.get_account_summary, "iam:GetAccountSummary", arns.everything, {}),
        (account_actions.list_account_aliases, "iam:ListAccountAliases", arns.everything, {}),
    ]
    told = {True: 0, False: 0}
    for run, action, resource_of, arguments in asked:
        foreseen = would_allow(alice, action, resource_of(alice, **arguments), **arguments)
        refused = None
        try:
            run(alice, **arguments)
        except AccessDenied as error:
            refused = error.message
        assert (refused is None) == foreseen.allowed, (action, arguments)
        if refused is not None:
            assert refused == foreseen.message
        told[foreseen.allowed] += 1
    assert min(told.values()) > 2, "both answers were met"


def test_the_implied_right_is_foreseen_too(alice: Caller, users_may_change: PasswordPolicy):
    own = shared.user_resource(alice)
    assert would_allow(alice, "iam:ChangePassword", own).allowed


def test_tags_of_a_request_count_when_asking(caller_with: CallerWith):
    team = {"StringEquals": {"aws:RequestTag/team": "dev"}}
    alice = caller_with(allow("iam:CreateUser", Condition=team))
    new = shared.new_named("user", "user_name")(alice, user_name="carol")
    for value, allowed in (("dev", True), ("ops", False)):
        found = would_allow(alice, "iam:CreateUser", new, tags=[Tag("team", value)])
        assert found.allowed is allowed
    assert not would_allow(alice, "iam:CreateUser", new).allowed


def test_what_could_be_allowed_on_something_is_told_before_it_has_a_name(
    root: Caller, admin: Caller, alice: Caller, caller_with: CallerWith
):
    assert could_allow(root, "iam:CreateUser")
    assert could_allow(admin, "iam:CreateUser")
    assert not could_allow(alice, "iam:CreateUser")
    some = caller_with(allow("iam:CreateUser", on=arn("user/lab/*")), name="tutor")
    assert could_allow(some, "iam:CreateUser")
    assert not could_allow(some, "iam:CreateGroup")
    denied = caller_with(allow("iam:*"), deny("iam:CreateUser"), name="denied")
    assert not could_allow(denied, "iam:CreateUser")
