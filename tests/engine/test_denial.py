"""AWS's AccessDenied sentence, in every form."""

import pytest

from accounts.engine import Decision, Policies, PolicyKind, Verdict, denial, evaluate

from .cast import HOME, OBJECT, allow, deny, policy, request

ALICE = f"arn:aws:iam::{HOME}:user/alice"
START = f'User: {ALICE} is not authorized to perform: s3:GetObject on resource: "{OBJECT}" '


def sentence(own, resource_policy=None, **asked):
    question = request(**asked)
    verdict = evaluate(question, own, resource_policy)
    assert not verdict.allowed
    return denial(verdict, question)


ALLOWED = policy([allow()])
NOTHING = policy([allow("iam:ListUsers")])
DENIED = policy([deny()])
WITH_ARN = policy([deny()], arn=f"arn:aws:iam::{HOME}:policy/NoReports")


@pytest.mark.parametrize(
    ("own", "reason"),
    [
        (Policies(), "because no identity-based policy allows the s3:GetObject action"),
        (Policies((DENIED,)), "with an explicit deny in an identity-based policy"),
        (
            Policies((WITH_ARN,)),
            "with an explicit deny in an identity-based policy: "
            f"arn:aws:iam::{HOME}:policy/NoReports",
        ),
        (
            Policies((ALLOWED,), NOTHING),
            "because no permissions boundary allows the s3:GetObject action",
        ),
        (
            Policies((ALLOWED,), WITH_ARN),
            "with an explicit deny in a permissions boundary: "
            f"arn:aws:iam::{HOME}:policy/NoReports",
        ),
        (
            Policies((ALLOWED,), session=(NOTHING,)),
            "because no session policy allows the s3:GetObject action",
        ),
        (
            Policies((ALLOWED,), session=(DENIED,)),
            "with an explicit deny in a session policy",
        ),
        (
            Policies((ALLOWED,), service_control=((NOTHING,),)),
            "because no service control policy allows the s3:GetObject action",
        ),
        (
            Policies((ALLOWED,), service_control=((DENIED,),)),
            "with an explicit deny in a service control policy",
        ),
    ],
)
def test_the_sentence_names_the_kind_of_policy_that_refused(own, reason):
    assert sentence(own) == START + reason


def test_a_bucket_policys_deny_is_a_resource_based_policys():
    bucket = policy([deny(Principal="*")], PolicyKind.RESOURCE)
    reason = "with an explicit deny in a resource-based policy"
    assert sentence(Policies((ALLOWED,)), bucket) == START + reason


def test_another_accounts_bucket_without_a_policy_is_closed_by_no_resource_based_policy():
    reason = "because no resource-based policy allows the s3:GetObject action"
    assert sentence(Policies((ALLOWED,)), owner="444455556666") == START + reason


@pytest.mark.parametrize(
    ("effect", "reason"),
    [
        ("Deny", "with an explicit deny in the role trust policy"),
        ("Allow", "because no role trust policy allows the sts:AssumeRole action"),
    ],
)
def test_a_trust_policy_is_named_as_such(effect, reason):
    who = {"Allow": f"arn:aws:iam::{HOME}:user/bob", "Deny": ALICE}[effect]
    statement = {"Effect": effect, "Principal": {"AWS": who}, "Action": "sts:AssumeRole"}
    role = f"arn:aws:iam::{HOME}:role/Auditor"
    found = sentence(
        Policies((policy([allow("*")]),)),
        policy([statement], PolicyKind.TRUST),
        action="sts:AssumeRole",
        resource=role,
    )
    assert found == (
        f"User: {ALICE} is not authorized to perform: sts:AssumeRole on resource: {role} {reason}"
    )


def test_a_session_is_named_by_its_assumed_role_arn():
    found = sentence(Policies(), who="auditor")
    assert found.startswith(f"User: arn:aws:sts::{HOME}:assumed-role/Auditor/alice is not ")


def test_listing_buckets_has_no_resource_and_other_actions_print_a_star():
    reason = "because no identity-based policy allows the {} action"
    buckets = sentence(Policies(), action="s3:ListAllMyBuckets", resource="*")
    assert buckets.endswith("perform: s3:ListAllMyBuckets " + reason.format("s3:ListAllMyBuckets"))
    summary = sentence(Policies(), action="iam:GetAccountSummary", resource="*")
    assert "perform: iam:GetAccountSummary on resource: * because" in summary


def test_a_caller_without_credentials_is_anonymous():
    assert sentence(Policies(), who="anonymous").startswith("User: anonymous is not authorized")


@pytest.mark.parametrize(
    ("layer", "implicit", "explicit"),
    [
        ("resource_control", "no resource control policy allows", "a resource control policy"),
        ("vpc_endpoint", "no VPC endpoint policy allows", "a VPC endpoint policy"),
    ],
)
def test_layers_that_are_not_evaluated_have_their_sentences(layer, implicit, explicit):
    refused = Verdict(Decision.IMPLICIT_DENY, layer)
    denied = Verdict(Decision.EXPLICIT_DENY, layer)
    assert denial(refused, request()) == START + f"because {implicit} the s3:GetObject action"
    assert denial(denied, request()) == START + f"with an explicit deny in {explicit}"


def test_only_one_kind_of_policy_is_named_however_many_refuse():
    own = Policies((DENIED,), DENIED, (DENIED,), ((DENIED,),))
    assert sentence(own) == START + "with an explicit deny in a service control policy"
