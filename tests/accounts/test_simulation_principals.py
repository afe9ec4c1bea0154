"""The policy simulator on a user's, group's or role's own policies: who may ask, and what shows."""

from __future__ import annotations

import pytest

from accounts.actions import (
    attachments,
    groups,
    inline_policies,
    policies,
    roles,
    simulation,
    users,
)
from accounts.errors import AccessDenied, InvalidInput, NoSuchEntity
from accounts.models import Event
from accounts.simulation import PermissionsBoundaryDecisionDetail
from accounts.simulation.kinds import InlinePolicyIdentifier, PolicyIdentifier
from tests.accounts.simulations import (
    ALLOWED,
    BOB,
    EXPLICIT,
    FROM_HOME,
    IMPLICIT,
    KEY,
    READ,
    bucket_policy,
    custom,
    entry,
    principal,
    sources,
)
from tests.cast import OTHER_ACCOUNT_ID, allow, arn, caller_of, deny, document, trust

# --- A principal's policies ----------------------------------------------------------------------


@pytest.fixture
def ram(root):
    """A user in a group, who has policies in all the ways there are."""
    user = users.create_user(root, user_name="ram")
    groups.create_group(root, group_name="dev")
    groups.add_user_to_group(root, group_name="dev", user_name="ram")
    own = document(allow("s3:GetObject"))
    policy = policies.create_policy(
        root, policy_name="put", policy_document=document(allow("s3:PutObject"))
    )
    inline_policies.put_user_policy(root, user_name="ram", policy_name="get", policy_document=own)
    inline_policies.put_group_policy(
        root,
        group_name="dev",
        policy_name="list",
        policy_document=document(allow("s3:ListBucket")),
    )
    attachments.attach_group_policy(root, group_name="dev", policy_arn=policy.arn)
    attachments.attach_user_policy(
        root, user_name="ram", policy_arn="arn:aws:iam::aws:policy/IAMReadOnlyAccess"
    )
    return user


ALL = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "iam:ListUsers", "s3:DeleteBucket"]


def decisions(caller, source, **more):
    """The source of the decision for each action of ALL; nothing where it is not allowed."""
    page = simulation.simulate_principal_policy(
        caller, policy_source_arn=source, action_names=ALL, **more
    )
    return [sources(each)[0] if sources(each) else None for each in page.items]


def test_a_user_has_its_own_policies_and_those_of_its_groups(root, ram):
    assert decisions(root, ram.arn) == [
        "user_ram_get",
        "put",
        "group_dev_list",
        "IAMReadOnlyAccess",
        None,
    ]


def test_a_group_has_its_own(root, ram):
    assert decisions(root, arn("group/dev")) == [None, "put", "group_dev_list", None, None]


def test_a_role_has_its_own(root):
    roles.create_role(
        root, role_name="worker", assume_role_policy_document=trust(Service="ec2.amazonaws.com")
    )
    inline_policies.put_role_policy(
        root, role_name="worker", policy_name="get", policy_document=READ
    )
    result = principal(root, arn("role/worker"))
    assert (result.eval_decision, sources(result)) == (ALLOWED, ["role_worker_get"])


def test_policies_may_be_added(root, ram):
    result = principal(root, ram.arn, policy_input_list=[document(deny("s3:*"))])
    assert (result.eval_decision, sources(result)) == (EXPLICIT, ["PolicyInputList.1"])


def test_a_change_is_seen_at_once_whoever_made_it(root, admin, ram):
    assert principal(admin, ram.arn).eval_decision is ALLOWED
    inline_policies.delete_user_policy(root, user_name="ram", policy_name="get")
    assert principal(admin, ram.arn).eval_decision is IMPLICIT
    policies_of_dev = arn("policy/put")
    attachments.detach_group_policy(root, group_name="dev", policy_arn=policies_of_dev)
    assert principal(admin, ram.arn, actions=["s3:PutObject"]).eval_decision is IMPLICIT


def test_the_boundary_that_is_set_counts_unless_another_is_handed_in(root, ram):
    policies.create_policy(
        root, policy_name="limit", policy_document=document(allow("iam:*"), deny("s3:GetObject"))
    )
    users.put_user_permissions_boundary(
        root, user_name="ram", permissions_boundary=arn("policy/limit")
    )
    result = principal(root, ram.arn)
    assert (result.eval_decision, sources(result)) == (EXPLICIT, ["limit"])
    assert result.permissions_boundary_decision_detail == PermissionsBoundaryDecisionDetail(False)
    result = principal(root, ram.arn, permissions_boundary_policy_input_list=[READ])
    assert result.eval_decision is ALLOWED
    result = principal(
        root, ram.arn, policy_exclusion_list=[PolicyIdentifier("permission-boundary")]
    )
    assert result.eval_decision is ALLOWED
    assert result.permissions_boundary_decision_detail is None


def inline(name, kind, whose):
    return PolicyIdentifier(inline_policy_identifier=InlinePolicyIdentifier(name, kind, whose))


@pytest.mark.parametrize(
    ("identifier", "gone"),
    [
        (PolicyIdentifier("inline"), {0, 2}),
        (PolicyIdentifier("aws-managed"), {3}),
        (PolicyIdentifier("user-managed"), {1}),
        (PolicyIdentifier("permission-boundary"), set()),
        (PolicyIdentifier("scp"), set()),
        (PolicyIdentifier("rcp"), set()),
        (PolicyIdentifier(policy_arn=arn("policy/put")), {1}),
        (PolicyIdentifier(policy_arn=arn("policy/p*")), {1}),
        (PolicyIdentifier(policy_arn=arn("policy/?ut")), {1}),
        (PolicyIdentifier(policy_arn="arn:aws:iam::aws:policy/*"), {3}),
        (PolicyIdentifier(policy_arn=arn("policy/pu")), set()),
        (PolicyIdentifier(policy_arn=arn("policy/put", OTHER_ACCOUNT_ID)), set()),
        (inline("get", "user", "ram"), {0}),
        (inline("get", "user", "r*"), {0}),
        (inline("list", "group", "DE?"), {2}),
        (inline("get", "group", "ram"), set()),
        (inline("list", "user", "*"), set()),
    ],
)
def test_policies_may_be_left_out(root, ram, identifier, gone):
    left = decisions(root, ram.arn, policy_exclusion_list=[identifier])
    everything = decisions(root, ram.arn)
    assert left == [None if n in gone else each for n, each in enumerate(everything)]


@pytest.mark.parametrize(
    "identifier",
    [
        PolicyIdentifier(),
        PolicyIdentifier("inline", arn("policy/put")),
        PolicyIdentifier(policy_arn=arn("policy/*u*")),
        PolicyIdentifier(policy_arn=arn("policy/*/put")),
        PolicyIdentifier(policy_arn="arn:aws:iam::*:policy/put"),
        PolicyIdentifier(policy_arn=arn("user/ram-the-user")),
        inline("get", "user", "*a*"),
    ],
)
def test_what_can_mean_no_policy_is_no_identifier(root, ram, identifier):
    with pytest.raises(InvalidInput) as refusal:
        principal(root, ram.arn, policy_exclusion_list=[identifier])
    assert refusal.value.argument == "policy_exclusion_list"


def test_the_source_is_thought_to_call_unless_another_is_named(root, ram):
    own = document(allow("iam:GetUser", on="arn:aws:iam::*:user/${aws:username}"))
    asked = {
        "actions": ["iam:GetUser"],
        "policy_input_list": [own],
        "policy_exclusion_list": [PolicyIdentifier("aws-managed")],
        "resource_arns": [ram.arn],
    }
    assert principal(root, ram.arn, **asked).eval_decision is ALLOWED
    assert principal(root, ram.arn, caller_arn=BOB, **asked).eval_decision is IMPLICIT


def test_a_resource_policy_is_simulated_for_users_only(root, ram):
    policy = bucket_policy(ram.arn, "Deny")
    result = principal(root, ram.arn, resource_policy=policy, resource_arns=[KEY])
    assert (result.eval_decision, sources(result)) == (EXPLICIT, ["ResourcePolicy"])
    with pytest.raises(InvalidInput, match=r"^Invalid caller"):
        principal(root, arn("group/dev"), resource_policy=policy, resource_arns=[KEY])


# --- Who may ask, and what is given away ---------------------------------------------------------


def test_who_may_simulate_one_user_may_not_simulate_another(root, ram, bob, caller_with):
    simulating = ("iam:SimulatePrincipalPolicy", "iam:GetContextKeysForPrincipalPolicy")
    alice = caller_with(allow(*simulating, on=ram.arn))
    assert principal(alice, ram.arn).eval_decision is ALLOWED
    simulation.get_context_keys_for_principal_policy(alice, policy_source_arn=ram.arn)
    with pytest.raises(AccessDenied) as refusal:
        principal(alice, BOB)
    assert refusal.value.resource == BOB
    with pytest.raises(AccessDenied):
        simulation.get_context_keys_for_principal_policy(alice, policy_source_arn=BOB)
    with pytest.raises(AccessDenied) as refusal:
        custom(alice, READ)
    assert refusal.value.resource == "*"


def test_tags_of_whom_is_simulated_count(root, caller_with):
    tagged = {"StringEquals": {"aws:ResourceTag/team": "dev"}}
    alice = caller_with(allow("iam:SimulatePrincipalPolicy", Condition=tagged))
    for name in ("ram", "sita"):
        users.create_user(root, user_name=name)
    user = root.home.users.get(name="ram")
    user.tags = {"team": "dev"}
    user.save()
    assert principal(alice, user.arn).eval_decision is IMPLICIT
    with pytest.raises(AccessDenied):
        principal(alice, arn("user/sita"))


@pytest.mark.parametrize(
    "source",
    [
        arn("user/nobody"),
        arn("group/nobody"),
        arn("role/nobody"),
        arn("user/wrong/path/ram"),
        arn("user/RAM"),
        arn("user/nobody", OTHER_ACCOUNT_ID),
        arn("user/eve", OTHER_ACCOUNT_ID),
    ],
)
def test_nothing_tells_what_is_not_there_from_what_is_in_another_account(root, ram, eve, source):
    kind, name = source.rpartition(":")[2].split("/")[0], source.rpartition("/")[2]
    for ask in (
        lambda: principal(root, source),
        lambda: simulation.get_context_keys_for_principal_policy(root, policy_source_arn=source),
    ):
        with pytest.raises(NoSuchEntity) as refusal:
            ask()
        assert refusal.value.message == f"The {kind} with name {name} cannot be found."
        assert refusal.value.argument == "policy_source_arn"


@pytest.mark.parametrize(
    "source", [arn("root/and/more"), arn("policy/own/policy"), "arn:aws:s3:::a-bucket-of-mine"]
)
def test_a_source_is_a_user_group_or_role(root, source):
    with pytest.raises(InvalidInput, match="does not clearly define entity type and name"):
        principal(root, source)


def test_a_simulation_changes_nothing_and_leaves_an_event(root, ram):
    epoch = root.home.policy_epoch
    principal(root, ram.arn, context_entries=[entry("aws:SourceIp", "192.0.2.7", kind="ip")])
    event = Event.objects.latest("sequence")
    assert (event.action, event.read_only) == ("iam:SimulatePrincipalPolicy", True)
    assert event.resources == [ram.arn]
    root.home.refresh_from_db()
    assert root.home.policy_epoch == epoch


def test_a_simulation_says_what_really_happens(root, ram):
    really = caller_of(ram)
    assert users.list_users(really).items
    with pytest.raises(AccessDenied):
        users.create_user(really, user_name="sita")
    asked = {"resource_arns": [arn("user/sita")]}
    assert principal(root, ram.arn, ["iam:ListUsers"], **asked).eval_decision is ALLOWED
    assert principal(root, ram.arn, ["iam:CreateUser"], **asked).eval_decision is IMPLICIT


# --- Context keys --------------------------------------------------------------------------------


def test_context_keys_are_listed_sorted_and_once(root):
    condition = {"StringEquals": {"s3:prefix": "${aws:userid}", "AWS:username": "a"}}
    texts = [
        document(allow("s3:*", on="arn:aws:s3:::${aws:username}", Condition=condition)),
        document(allow("s3:*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
    ]
    found = simulation.get_context_keys_for_custom_policy(root, policy_input_list=texts)
    assert found.context_key_names == (
        "aws:SecureTransport",
        "aws:userid",
        "AWS:username",
        "s3:prefix",
    )


def test_context_keys_of_a_user_are_those_of_its_policies_its_groups_and_what_is_added(root, ram):
    conditions = {"StringEquals": {"aws:PrincipalTag/team": "dev"}}
    inline_policies.put_group_policy(
        root,
        group_name="dev",
        policy_name="tagged",
        policy_document=document(allow("s3:*", Condition=conditions)),
    )
    policies.create_policy(
        root,
        policy_name="limit",
        policy_document=document(allow("*", Condition={"Null": {"aws:TokenIssueTime": "true"}})),
    )
    users.put_user_permissions_boundary(
        root, user_name="ram", permissions_boundary=arn("policy/limit")
    )
    found = simulation.get_context_keys_for_principal_policy(
        root, policy_source_arn=ram.arn, policy_input_list=[FROM_HOME]
    )
    assert found.context_key_names == ("aws:PrincipalTag/team", "aws:SourceIp", "aws:username")


def test_a_policy_that_names_no_key_has_none(root):
    found = simulation.get_context_keys_for_custom_policy(root, policy_input_list=[READ])
    assert found.context_key_names == ()
