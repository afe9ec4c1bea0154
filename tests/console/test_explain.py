"""The pages that explain: one request, and everybody who may make it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.actions import roles, users
from accounts.actions.explanations import explain_access
from accounts.actions.who_can import who_can
from accounts.caller import Caller
from accounts.errors import AccessDenied, NoSuchEntity
from accounts.models import Account, InlinePolicy
from accounts.simulation.kinds import ContextEntry
from accounts.types import Tag
from tests.cast import allow, arn, deny, document, new_user, trust
from tests.console.reading import markup_of, queries_of
from tests.console.things import attach, new_group

EXPLAIN, WHO = "/console/iam/explain/", "/console/iam/explain/who/"
S3 = "arn:aws:s3:::home/a.txt"
SIMULATE = "iam:SimulatePrincipalPolicy"
OTHER_POLICY = "bobs-secret-policy"


def give(
    account: Account, user: Any, *statements: dict[str, Any], name: str = OTHER_POLICY
) -> None:
    """Give a user an inline policy."""
    InlinePolicy.objects.create(
        account=account, user=user, name=name, document=document(*statements)
    )


def test_everybody_may_ask_about_themselves(alice):
    found = explain_access(alice, action_name="s3:GetObject", resource_arn=S3)
    assert not found.allowed
    assert found.denial.endswith("no identity-based policy allows the s3:GetObject action")


def test_an_answer_about_oneself_is_the_answer_that_the_action_would_get(caller_with, bob):
    only = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    who = caller_with(allow("iam:DeleteUser", Condition=only))
    bob.user.tags = {"team": "red"}
    bob.user.save()
    found = explain_access(who, action_name="iam:DeleteUser", resource_arn=arn("user/bob"))
    assert found.allowed
    assert "red" not in repr(found.statements)
    assert "red" not in repr(found.keys_used)


def test_the_root_user_needs_no_policy(root):
    found = explain_access(root, action_name="iam:DeleteUser", resource_arn=arn("user/bob"))
    assert found.allowed
    assert found.layers == ()


def test_asking_about_another_takes_the_permission_to_simulate(alice, caller_with, bob):
    asked: dict[str, Any] = {"action_name": "s3:GetObject", "principal_arn": arn("user/bob")}
    with pytest.raises(AccessDenied) as caught:
        explain_access(alice, **asked)
    assert caught.value.action == SIMULATE
    with pytest.raises(AccessDenied):
        explain_access(alice, **asked | {"principal_arn": arn("user/nobody")})
    allowed = caller_with(allow(SIMULATE), name="carl")
    assert not explain_access(allowed, **asked).allowed
    with pytest.raises(NoSuchEntity):
        explain_access(allowed, **asked | {"principal_arn": arn("user/nobody")})


def test_another_account_has_nobody_to_ask_about(eve, bob):
    with pytest.raises(NoSuchEntity):
        explain_access(eve, action_name="s3:GetObject", principal_arn=arn("user/bob"))


def test_nothing_of_a_policy_that_may_not_be_read_is_told(account, caller_with, bob):
    give(account, bob.user, allow("s3:Get*", Sid="HiddenSid"), deny("s3:GetObject", on="*/a.txt"))
    asked: dict[str, Any] = {
        "action_name": "s3:GetObject",
        "resource_arn": S3,
        "principal_arn": arn("user/bob"),
    }
    blind = explain_access(caller_with(allow(SIMULATE)), **asked)
    assert (blind.unread, blind.unread_deciding, blind.statements) == (1, True, ())
    assert OTHER_POLICY not in repr(blind)
    assert "HiddenSid" not in repr(blind)
    assert "a.txt" not in repr(blind).replace(S3, "")
    reader = caller_with(allow(SIMULATE, "iam:GetUserPolicy"), name="carl")
    seeing = explain_access(reader, **asked)
    assert [(each.policy, each.matched, each.decides) for each in seeing.statements] == [
        (OTHER_POLICY, True, False), (OTHER_POLICY, True, True),
    ]  # fmt: skip


def test_a_trust_policy_is_a_layer_of_assuming_a_role(root, admin):
    trusted = trust(Service="ec2.amazonaws.com")
    roles.create_role(root, role_name="Reader", assume_role_policy_document=trusted)
    found = explain_access(admin, action_name="sts:AssumeRole", resource_arn=arn("role/Reader"))
    assert not found.allowed
    assert found.layer == "trust"


def test_the_context_that_was_typed_counts(caller_with):
    only = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
    who = caller_with(allow("s3:GetObject", Condition=only))
    here = ContextEntry("aws:SourceIp", ["203.0.113.9"], "ip")
    assert not explain_access(who, action_name="s3:GetObject").allowed
    assert explain_access(who, action_name="s3:GetObject", context_entries=[here]).allowed


def test_the_page_shows_the_answer(sign_in, caller_with):
    who = caller_with(allow("iam:GetUserPolicy"), deny("s3:*", Sid="NoS3"))
    page = markup_of(sign_in(who).get(EXPLAIN, {"action": "s3:GetObject", "resource": S3}))
    assert "may not perform <strong>s3:GetObject</strong> on" in page
    assert "Match: denies" in page
    assert "statement NoS3 (line 1) of given" in page
    assert "with an explicit deny in an identity-based policy" in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"action": "s3"}, "This is not a service and an operation, such as iam:CreateUser."),
        ({"action": "s3:Get*"}, "holds a wildcard"),
        ({"action": "<script>"}, "is not a service and an operation"),
        ({"action": "s3:GetObject", "resource": "home"}, "is not an ARN"),
        ({"action": "s3:GetObject", "resource": "arn:aws:s3:::" + "x" * 2048}, "at most 2048"),
        ({"action": "s3:GetObject", "principal": "bob"}, "bob"),
        ({"action": "s3:GetObject", "key": ["aws:SourceIp"], "value": ["nowhere"]}, "nowhere"),
        ({"action": "s3:GetObject", "key": ["a:b" * 100], "value": ["1"]}, "256"),
        ({"action": "s3:GetObject", "key": ["aws:x"] * 99, "value": ["1"] * 99}, "too many"),
        ({"action": "s3:Get\0Object"}, "haracters"),
    ],
)
def test_what_makes_no_sense_is_said_beside_the_form(sign_in, admin, query, said):
    response = sign_in(admin).get(EXPLAIN, query)
    assert response.status_code == 422
    assert said in markup_of(response)
    assert "Invalid Input" not in markup_of(response)
    assert "<script>" not in response.content.decode().partition("<main")[2]


def test_a_principal_that_may_not_be_simulated_is_a_refusal(sign_in, alice, bob):
    query = {"action": "s3:GetObject", "principal": arn("user/bob")}
    response = sign_in(alice).get(EXPLAIN, query)
    assert response.status_code == 403
    assert SIMULATE in markup_of(response)


def test_actions_are_suggested_while_they_are_typed(sign_in, alice):
    browser = sign_in(alice)
    found = browser.get(reverse("console:action-names"), {"action": "iam:DeleteUserPer"})
    assert markup_of(found) == '<option value="iam:DeleteUserPermissionsBoundary"></option>'
    assert 'value="iam:"' in markup_of(
        browser.get(reverse("console:action-names"), {"action": "ia"})
    )


# --- Who can --------------------------------------------------------------------------------------


def test_who_can_names_everybody_who_may_and_through_what(account, admin, alice, bob):
    group = new_group(account, "Readers", bob.user)
    attach(group)
    found = who_can(admin, action_name="s3:GetObject", resource_arn=S3)
    assert [(each.name, each.policy, each.via) for each in found.allowed.items] == [
        ("admin", "AdministratorAccess", ""),
        ("bob", "ReadOnlyAccess", "Readers"),
    ]
    assert (found.asked, found.skipped, found.total) == (3, 0, 3)


def test_who_can_asks_about_roles_too(root, admin):
    trusted = trust(Service="ec2.amazonaws.com")
    roles.create_role(root, role_name="Reader", assume_role_policy_document=trusted)
    assert who_can(admin, action_name="s3:GetObject", kind="roles").asked == 1


def test_who_can_says_what_each_one_s_own_answer_says(account, root, admin, bob):
    users.tag_user(root, user_name="bob", tags=[Tag("team", "red")])
    only = {"StringEquals": {"aws:PrincipalTag/team": "red"}}
    give(account, bob.user, allow("s3:*", on="arn:aws:s3:::${aws:username}/*", Condition=only))
    account.policy_epoch += 10
    account.save(update_fields=["policy_epoch"])
    for resource in (S3, "arn:aws:s3:::bob/a.txt"):
        asked: dict[str, Any] = {"action_name": "s3:GetObject", "resource_arn": resource}
        named = {each.name for each in who_can(admin, **asked).allowed.items}
        for name in ("admin", "bob"):
            one = explain_access(admin, principal_arn=arn(f"user/{name}"), **asked)
            assert one.allowed == (name in named)


def test_who_can_passes_over_whom_the_reader_may_not_simulate(caller_with, admin, bob):
    who = caller_with(allow("iam:ListUsers"), allow(SIMULATE, on=arn("user/bob")))
    found = who_can(who, action_name="s3:GetObject")
    assert (found.asked, found.skipped) == (1, 2)
    assert found.allowed.items == []


def test_who_can_does_not_name_a_policy_that_may_not_be_read(caller_with, admin):
    who = caller_with(allow("iam:ListUsers", SIMULATE))
    (found,) = who_can(who, action_name="s3:GetObject").allowed.items
    assert (found.name, found.policy, found.policy_arn) == ("admin", "", "")


def test_who_can_needs_the_permission_to_list(sign_in, alice):
    page = markup_of(sign_in(alice).get(WHO, {"action": "s3:GetObject"}))
    assert "iam:ListUsers" in page
    assert "Access denied" in page


def test_who_can_takes_as_many_queries_for_fifty_as_for_five(account, sign_in, admin):
    def crowd(start: int, end: int) -> None:
        for number in range(start, end):
            user = new_user(account, f"user{number:03}")
            group = new_group(account, f"group{number:03}", user)
            attach(group)
            give(account, user, allow("s3:*"), name="own")

    browser, address = sign_in(admin), f"{WHO}?action=s3:GetObject"
    crowd(0, 5)
    few = queries_of(browser, address)
    crowd(5, 60)
    assert queries_of(browser, address) == few <= 20
    page = markup_of(browser.get(address))
    assert "user048" in page
    assert "Of 50 asked on this page; 61 in all." in page


def test_hostile_names_are_escaped(account, sign_in, admin):
    user: Caller = admin
    give(account, user.user, allow("s3:*", Sid="x"), name="=1+1@SUM")
    page = sign_in(admin).get(EXPLAIN, {"action": "s3:GetObject", "resource": "arn:aws:s3:::<b>"})
    assert "<b>" not in page.content.decode()
    assert "&lt;b&gt;" in page.content.decode()
