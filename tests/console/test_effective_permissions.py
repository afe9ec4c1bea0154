"""What all policies of somebody come to, by service and access level."""

from __future__ import annotations

from time import perf_counter

import pytest

from accounts.actions.explanations import effective_permissions
from accounts.engine import Access, Effective, Policies, Policy, access_to, load
from accounts.errors import AccessDenied, NoSuchEntity
from accounts.models import InlinePolicy
from iamconsole.console.why import reach as services
from tests.cast import allow, arn, deny, document, new_user
from tests.console.reading import markup_of, queries_of, url
from tests.console.things import READ_ONLY, attach, new_group

SIMULATE = "iam:SimulatePrincipalPolicy"
S3_ONLY = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


def policies(*statements, boundary=None) -> Policies:
    return Policies(
        identity=(Policy(load(document(*statements)), "own", source="user"),),
        boundary=Policy(load(document(*boundary)), "bound") if boundary else None,
    )


@pytest.mark.parametrize(
    ("found", "access", "denied", "limited"),
    [
        (policies(allow("*")), "Full access", False, False),
        (policies(allow("sns:*")), "Full access", False, False),
        (policies(allow("sns:List*")), "Full: List; Limited: Read", False, False),
        (policies(allow("sns:Get*", "sns:List*")), "Full: List; Limited: Read", False, False),
        (policies(allow("sns:*", on="arn:aws:sns:::x")), "limited everywhere", False, False),
        (policies(allow("sns:*"), deny("sns:*")), "None", True, False),
        (policies(allow("sns:*"), boundary=[allow("s3:*")]), "None", False, True),
        (policies(allow("*"), boundary=[allow("sns:ListT*")]), "Limited: List, Read", False, True),
    ],
)
def test_a_service_s_row_says_what_is_allowed_of_it(found, access, denied, limited):
    reach = Effective(found)
    (row,) = services.with_access(reach, services.services(reach, "sns")[:1])
    if access == "limited everywhere":
        assert row.access.startswith("Limited: ")
    else:
        assert row.access == access
    assert (row.reach.denied, row.reach.limited) == (denied, limited)


def test_an_action_s_reach_is_what_the_engine_says_of_it():
    found = policies(
        allow("s3:*"), deny("s3:Delete*", on="arn:aws:s3:::x/*"), boundary=[allow("s3:Get*")]
    )
    reach = Effective(found)
    for level in services.levels(reach, "s3"):
        for access, names in (
            (Access.FULL, level.full),
            (Access.LIMITED, level.limited),
            (Access.NONE, level.none),
        ):
            for name in names:
                assert access_to(found, f"s3:{name}") is access


def test_services_that_no_policy_speaks_of_are_not_listed():
    assert services.services(Effective(policies(allow("sns:*"))))[0].prefix == "sns"
    assert services.services(Effective(Policies())) == []


def test_everybody_may_ask_about_themselves_but_not_about_others(alice, bob, eve):
    assert effective_permissions(alice, policy_source_arn=arn("user/alice")).may.policies == set()
    with pytest.raises(AccessDenied):
        effective_permissions(alice, policy_source_arn=arn("user/bob"))
    with pytest.raises(NoSuchEntity):
        effective_permissions(eve, policy_source_arn=arn("user/bob"))


def test_the_page_lists_services_and_leads_to_actions_and_statements(sign_in, admin, bob):
    attach(bob.user)
    browser = sign_in(admin)
    address = url("user-effective-permissions", "bob")
    page = markup_of(browser.get(address, {"search": "sns"}))
    assert "SNS" in page
    page = markup_of(browser.get(address, {"service": "sns"}))
    assert "ReadOnlyAccess" in page
    assert "ListTopics" in page
    assert browser.get(address, {"service": "nonsense"}).status_code == 404


@pytest.mark.parametrize(
    ("shown", "there"), [("", True), ("allowed", False), ("denied", True), ("limited", False)]
)
def test_the_filter_leaves_what_it_says(sign_in, caller_with, shown, there):
    who = caller_with(allow("sns:*"), deny("sns:*"))
    query = {"search": "sns", "shown": shown}
    page = markup_of(sign_in(who).get(url("user-effective-permissions", "alice"), query))
    assert ("?service=sns" in page) is there


def test_groups_have_a_page_too(account, sign_in, admin):
    attach(new_group(account, "Readers"))
    page = markup_of(sign_in(admin).get(url("group-effective-permissions", "Readers")))
    assert "No policy says anything" not in page
    assert "Full: List" in page or "Limited" in page


def test_only_statements_that_may_be_read_are_shown(account, sign_in, caller_with, bob):
    InlinePolicy.objects.create(
        account=account, user=bob.user, name="covert-name",
        document=document(allow("sns:*", Sid="CovertSid", on="arn:aws:sns:::covert")),
    )  # fmt: skip
    address, query = url("user-effective-permissions", "bob"), {"service": "sns"}
    blind = markup_of(sign_in(caller_with(allow(SIMULATE))).get(address, query))
    assert "covert" not in blind
    assert "CovertSid" not in blind
    assert "1 policy you may not read speaks about it too." in blind
    reader = caller_with(allow(SIMULATE, "iam:GetUserPolicy"), name="carl")
    assert "arn:aws:sns:::covert" in markup_of(sign_in(reader).get(address, query))


def test_whoever_may_not_simulate_sees_a_refusal(sign_in, alice, bob):
    page = markup_of(sign_in(alice).get(url("user-effective-permissions", "bob")))
    assert SIMULATE in page
    assert "Access denied" in page


def test_a_user_that_is_not_there_has_no_page(sign_in, admin):
    assert sign_in(admin).get(url("user-effective-permissions", "nobody")).status_code == 404


def test_the_page_takes_as_many_queries_with_ten_policies_as_with_one(account, sign_in, admin, bob):
    browser, address = sign_in(admin), url("user-effective-permissions", "bob")
    attach(bob.user, S3_ONLY)
    few = queries_of(browser, address)
    for number in range(9):
        attach(new_group(account, f"group{number}", bob.user), READ_ONLY)
    assert queries_of(browser, address) <= few + 2 <= 20


@pytest.mark.parametrize("name", ["AdministratorAccess", "ReadOnlyAccess"])
def test_the_page_is_quick_with_the_largest_policies(sign_in, admin, account, name):
    user = new_user(account, "big")
    attach(user, f"arn:aws:iam::aws:policy/{name}")
    browser, address = sign_in(admin), url("user-effective-permissions", "big")
    browser.get(address)
    start = perf_counter()
    assert browser.get(address).status_code == 200
    assert perf_counter() - start < 1
