"""What a principal was given beside what it needs, counted in actions."""

from __future__ import annotations

import pytest

from accounts import engine, policy_sets
from accounts.engine import catalog
from iamconsole.labs.checks import least_privilege
from iamconsole.labs.checks.least_privilege import Score
from tests.cast import allow, deny, document


def policy(*statements: object) -> engine.Policy:
    return engine.Policy(engine.load(document(*statements)), name="given")  # type: ignore[arg-type]


def score(*statements: object, needed: str = "s3:GetObject s3:ListBucket", **more: object) -> Score:
    policies = engine.Policies(identity=(policy(*statements),), **more)  # type: ignore[arg-type]
    return least_privilege.score(policies, needed.split())


def test_what_is_just_needed_is_a_hundred_percent():
    found = score(allow("s3:GetObject", "s3:listbucket"))
    assert found.is_exact
    assert (found.percent, found.words) == (100, "100 %")
    assert (found.superfluous, found.missing) == (0, [])


def test_what_is_too_much_lowers_the_score_and_is_named_by_service():
    found = score(allow("s3:GetObject", "s3:ListBucket", "s3:PutObject", "iam:GetUser"))
    assert (found.percent, found.superfluous) == (50, 2)
    assert [(each.prefix, list(each.actions)) for each in found.too_many] == [
        ("s3", ["PutObject"]),
        ("iam", ["GetUser"]),
    ] or [each.prefix for each in found.too_many] == ["iam", "s3"]


def test_what_is_missing_is_named_and_is_no_exact_fit():
    found = score(allow("s3:GetObject"))
    assert found.missing == ["s3:ListBucket"]
    assert found.percent == 100
    assert not found.is_exact


def test_nothing_given_is_nothing_and_not_perfect():
    found = score(allow("nothing:AtAll"))
    assert (found.given, found.percent, found.words) == (0, 0, "0 %")


def test_only_an_exact_fit_is_a_hundred_percent():
    everything = score(allow("*"), needed="s3:*")
    assert everything.percent < 100
    nearly = [each for each in catalog.expand("s3:*") if each != "s3:GetObject"]
    assert score(allow("s3:*"), needed=" ".join(nearly)).percent == 99


def test_three_of_all_actions_are_more_than_nothing():
    found = score(allow("*"))
    assert (found.percent, found.words) == (0, "under 1 %")
    assert len(found.shown) == least_privilege.SHOWN
    assert found.services_not_shown > 100


def test_what_is_denied_altogether_was_not_given():
    found = score(allow("s3:Get*", "s3:ListBucket"), deny("s3:Get*"))
    assert (found.used, found.missing) == (["s3:ListBucket"], ["s3:GetObject"])
    assert found.superfluous == 0


def test_what_is_denied_in_part_was_given():
    found = score(
        allow("s3:GetObject", "s3:ListBucket"), deny("s3:GetObject", on="arn:aws:s3:::x/*")
    )
    assert found.is_exact


def test_what_the_boundary_leaves_nothing_of_was_not_given():
    found = score(allow("s3:*"), boundary=policy(allow("s3:GetObject", "s3:ListBucket")))
    assert found.is_exact


def test_needed_actions_may_be_patterns():
    assert score(allow("ec2:Describe*"), needed="ec2:Describe*").is_exact


@pytest.mark.django_db
def test_all_that_an_administrator_may_is_counted():
    administrator = policy_sets.managed_policy("arn:aws:iam::aws:policy/AdministratorAccess")
    assert administrator is not None
    policies = engine.Policies(identity=(administrator,))
    assert len(least_privilege.allowed(policies)) == sum(
        each.action_count for each in catalog.services()
    )
