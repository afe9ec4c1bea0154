"""Who has a policy: the lists, attaching, detaching, and the policy as a boundary."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.caller import Caller
from accounts.models import Account, Policy, Role
from tests.cast import allow, deny
from tests.console.reading import queries_of, text_of, value_of
from tests.console.things import BILLING, READ_ONLY, attach, give, new_group, new_policy, new_role

SignIn = Callable[..., Client]


@pytest.fixture
def reports(account: Account) -> Policy:
    """A customer managed policy."""
    return new_policy(account, "Reports", path="/team/")


@pytest.fixture
def reader(account: Account) -> Role:
    """A role without policies."""
    return new_role(account, "Reader")


@pytest.fixture
def as_admin(admin: Caller, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


def address(page: str, policy: Policy | str, **query: object) -> str:
    arn = policy if isinstance(policy, str) else policy.arn
    return reverse(f"console:{page}", args=[arn], query=query)


def holders(policy: Policy) -> set[str]:
    return {str(row.identity) for row in policy.attachments.all()}


def test_the_tab_lists_who_has_the_policy_and_who_is_limited_by_it(
    as_admin, account, reports, alice, bob, reader
):
    for each in (new_group(account, "Auditors"), reader, alice.user):
        give(each, reports)
    account.users.filter(name="bob").update(boundary=reports)
    response = as_admin.get(address("policy-entities", reports))
    shown = text_of(response)
    attached, bounded = shown.split("Attached as a permissions boundary", 1)
    assert "Attached as a permissions policy (3)" in attached
    for words in ("alice IAM user", "Auditors User group", "Reader Role"):
        assert words in attached
        assert words not in bounded
    assert "bob IAM user" in bounded
    assert reverse("console:role", args=["Reader"]) in response.content.decode()


def test_each_list_is_narrowed_by_type_and_name(as_admin, account, reports, alice, reader):
    give(reader, reports)
    give(alice.user, reports)
    url = address("policy-entities", reports)
    shown = text_of(as_admin.get(url, {"attached-type": "Role"}))
    assert "Reader Role" in shown
    assert "alice IAM user" not in shown
    shown = text_of(as_admin.get(url, {"attached-search": "ALI"}))
    assert "alice IAM user" in shown
    assert "Reader Role" not in shown


def test_what_another_account_attached_is_not_listed(as_admin, other):
    attach(new_group(other, "Strangers"), READ_ONLY)
    shown = text_of(as_admin.get(address("policy-entities", READ_ONLY)))
    assert "Strangers" not in shown
    assert "No entities attached" in shown


def test_the_tab_takes_as_many_queries_with_fifty_entities_as_with_half_of_them(as_admin, account):
    for number in range(75):
        attach(new_group(account, f"group-{number}"), READ_ONLY if number < 50 else BILLING)
    few = queries_of(as_admin, address("policy-entities", BILLING))
    assert queries_of(as_admin, address("policy-entities", READ_ONLY)) == few
    assert few <= 20


def test_pages_of_entities_can_be_turned_and_sorted(as_admin, account):
    for number in range(25):
        attach(new_group(account, f"group-{number:02}"), READ_ONLY)
    url = address("policy-entities", READ_ONLY)
    assert "group-24" not in text_of(as_admin.get(url))
    assert "group-24" in text_of(as_admin.get(url, {"attached-page": "2"}))
    assert "group-24" in text_of(as_admin.get(url, {"attached-sort": "-name"}))


# --- Attach --------------------------------------------------------------------------------------


def test_the_policy_is_attached_to_users_groups_and_roles_at_once(
    as_admin, account, reports, alice, reader
):
    new_group(account, "Auditors")
    chosen = ["User:alice", "Group:Auditors", "Role:Reader"]
    response = as_admin.post(address("policy-attach", reports), {"entities": chosen})
    assert response.url == address("policy-entities", reports)
    assert holders(reports) == {"alice", "Auditors", "Reader"}
    assert "3 entities given Reports." in text_of(as_admin.get(response.url))


def test_what_fails_is_reported_entity_by_entity_and_the_rest_is_done(
    as_admin, account, reports, alice, bob
):
    for number in range(10):
        give(alice.user, new_policy(account, f"Policy{number}"))
    chosen = ["User:alice", "User:bob"]
    shown = text_of(as_admin.post(address("policy-attach", reports), {"entities": chosen}))
    assert "1 of 2 steps were done" in shown
    assert "Cannot exceed quota for PoliciesPerUser: 10" in shown
    assert holders(reports) == {"bob"}


def test_whoever_has_the_policy_cant_be_chosen_again(as_admin, reports, alice):
    give(alice.user, reports)
    shown = text_of(as_admin.get(address("policy-attach", reports)))
    assert "alice Attached already" in shown


def test_the_list_to_choose_from_changes_its_kind(as_admin, account, reports, reader):
    find = {"entities-find": "1", "entities-kind": "Role"}
    shown = text_of(as_admin.post(address("policy-attach", reports), find))
    assert "Reader Role" in shown


def test_who_may_not_be_given_the_policy_is_said_beside_the_name(
    sign_in, caller_with, reports, bob
):
    theirs = sign_in(
        caller_with(allow("iam:*"), deny("iam:AttachUserPolicy", on="arn:aws:iam::*:user/bob"))
    )
    shown = text_of(theirs.get(address("policy-attach", reports)))
    assert "bob You need iam:AttachUserPolicy" in shown
    refused = theirs.post(address("policy-attach", reports), {"entities": ["User:bob"]})
    assert refused.status_code == 403
    assert holders(reports) == set()


@pytest.mark.parametrize("chosen", [[], ["x"], ["Policy:Reports"], ["User:"]])
def test_nothing_is_attached_to_what_is_nobody(as_admin, reports, chosen):
    as_admin.post(address("policy-attach", reports), {"entities": chosen})
    assert holders(reports) == set()


def test_a_list_to_choose_from_takes_the_same_queries_however_many_are_bounded(
    as_admin, account, reports
):
    url = address("policy-bound", reports)
    for number in range(10):
        new_role(account, f"role-{number}")
    roles = {"entities-find": "1", "entities-kind": "Role"}

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            as_admin.post(url, roles)
        return len(queries)

    count()
    few = count()
    account.roles.update(boundary=reports)
    assert count() == few


# --- Detach --------------------------------------------------------------------------------------


def test_detaching_names_whom_it_concerns_and_is_done_once_confirmed(
    as_admin, reports, alice, reader
):
    give(alice.user, reports)
    give(reader, reports)
    url = address("policy-detach", reports, entity=["User:alice", "Role:Reader"])
    dialog = as_admin.get(url)
    assert "IAM user alice" in text_of(dialog)
    assert holders(reports) == {"alice", "Reader"}
    seen = value_of(dialog.context["edited"].field)
    assert as_admin.post(url, {"seen_version": seen}).url == address("policy-entities", reports)
    assert holders(reports) == set()


def test_detaching_says_what_other_policies_leave_and_what_goes(
    as_admin, account, reports, alice, bob
):
    group = new_group(account, "Auditors")
    for each in (alice.user, bob.user, group):
        give(each, reports)
    attach(bob.user, READ_ONLY)
    chosen = ["User:alice", "User:bob", "Group:Auditors"]
    shown = text_of(as_admin.get(address("policy-detach", reports, entity=chosen)))
    assert "What changes for IAM user alice Change Action" in shown
    assert "Lost s3:ListBucket * Yes → No" in shown
    assert "What changes for IAM user bob It changes nothing in what is allowed." in shown
    assert "Not worked out for User group Auditors" in shown


def test_what_detaching_changes_is_told_to_whoever_may_simulate(sign_in, caller_with, reports, bob):
    give(bob.user, reports)
    theirs = sign_in(caller_with(allow("iam:*"), deny("iam:SimulatePrincipalPolicy")))
    shown = text_of(theirs.get(address("policy-detach", reports, entity="User:bob")))
    assert "Not worked out for IAM user bob" in shown
    assert "s3:ListBucket" not in shown


def test_who_lost_the_policy_meanwhile_is_told_before_anything_is_done(
    as_admin, reports, alice, reader
):
    give(alice.user, reports)
    give(reader, reports)
    url = address("policy-detach", reports, entity=["User:alice", "Role:Reader"])
    seen = value_of(as_admin.get(url).context["edited"].field)
    reader.attachments.all().delete()
    assert as_admin.post(url, {"seen_version": seen}).status_code == 409
    assert holders(reports) == {"alice"}


def test_a_denied_detachment_changes_nothing(sign_in, caller_with, reports, bob):
    give(bob.user, reports)
    theirs = sign_in(caller_with(allow("iam:Get*", "iam:List*")))
    url = address("policy-detach", reports, entity="User:bob")
    assert "You need iam:DetachUserPolicy." in text_of(theirs.get(url))
    assert theirs.post(url).status_code == 403
    assert holders(reports) == {"bob"}


# --- Boundary ------------------------------------------------------------------------------------


def boundary_of(caller: Caller) -> str | None:
    assert caller.user is not None
    caller.user.refresh_from_db()
    return caller.user.boundary_arn


def test_the_policy_becomes_a_boundary_once_was_seen_what_it_replaces_and_takes(
    as_admin, account, reports, alice
):
    account.users.filter(name="alice").update(boundary_managed_arn=READ_ONLY)
    attach(alice.user, READ_ONLY)
    url = address("policy-bound", reports)
    assert "alice IAM user ReadOnlyAccess" in text_of(as_admin.get(url))
    review = as_admin.post(url, {"entities": ["User:alice"]})
    assert "alice IAM user ReadOnlyAccess" in text_of(review)
    assert " lost, 0 gained" in text_of(review)
    assert boundary_of(alice) == READ_ONLY
    seen = value_of(review.context["edited"].field)
    sent = {"entities": ["User:alice"], "reviewed": "1", "seen_version": seen}
    assert as_admin.post(url, sent).url == address("policy-entities", reports)
    assert boundary_of(alice) == reports.arn


def test_a_boundary_set_meanwhile_is_not_replaced_unseen(as_admin, account, reports, alice):
    url = address("policy-bound", reports)
    seen = value_of(as_admin.post(url, {"entities": ["User:alice"]}).context["edited"].field)
    account.users.filter(name="alice").update(boundary_managed_arn=READ_ONLY)
    sent = {"entities": ["User:alice"], "reviewed": "1", "seen_version": seen}
    refused = as_admin.post(url, sent)
    assert refused.status_code == 409
    assert READ_ONLY in text_of(refused)
    assert boundary_of(alice) == READ_ONLY


def test_what_a_boundary_changes_is_told_to_whoever_may_simulate(
    sign_in, caller_with, reports, bob
):
    theirs = sign_in(caller_with(allow("iam:*"), deny("iam:SimulatePrincipalPolicy")))
    review = theirs.post(address("policy-bound", reports), {"entities": ["User:bob"]})
    assert "You need iam:SimulatePrincipalPolicy to see it" in text_of(review)


def test_groups_have_no_boundary(as_admin, account, reports):
    new_group(account, "Auditors")
    url = address("policy-bound", reports)
    assert '<option value="Group"' not in as_admin.get(url).content.decode()
    response = as_admin.post(url, {"entities": ["Group:Auditors"]}, follow=True)
    assert "1 entity limited" not in text_of(response)


def test_removing_a_boundary_says_that_it_widens(as_admin, account, reports, alice):
    account.users.filter(name="alice").update(boundary=reports)
    url = address("policy-unbound", reports, entity="User:alice")
    dialog = as_admin.get(url)
    assert "This widens what they can do" in text_of(dialog)
    seen = value_of(dialog.context["edited"].field)
    as_admin.post(url, {"seen_version": seen})
    assert boundary_of(alice) is None


def test_another_boundary_is_not_removed_in_place_of_this_one(as_admin, account, reports, alice):
    account.users.filter(name="alice").update(boundary_managed_arn=READ_ONLY)
    url = address("policy-unbound", reports, entity="User:alice")
    assert as_admin.post(url).url == address("policy-entities", reports)
    assert boundary_of(alice) == READ_ONLY
