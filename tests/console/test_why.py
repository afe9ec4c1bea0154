"""The panel of a refusal, and the reason of a dead button: they say why, and nothing unreadable."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from accounts.actions.explanations import of_refusal
from accounts.actions.users import get_user
from accounts.arns import Resource
from accounts.authorize import decide
from accounts.errors import AccessDenied
from accounts.models import InlinePolicy
from iamconsole.console.why import refusals
from tests.cast import allow, arn, deny, document
from tests.console.reading import markup_of, url
from tests.console.things import attach, new_group

ME = arn("user/alice")


def refused(caller, action="iam:GetUser", on=None) -> AccessDenied:
    """The refusal that a caller meets."""
    resource = Resource(on or arn("user/bob"), caller.home.id)
    answer = decide(caller, action, resource, {})
    assert not answer.allowed
    return AccessDenied(answer.message, action=action, resource=resource.arn, asked=answer.asked)


def test_a_refusal_by_silence_says_that_no_statement_allows_it(alice):
    why: Any = refusals.refusal(refused(alice))
    assert [(each.label, each.words) for each in why.layers] == [
        ("Identity-based policies", "No statement allows it")
    ]
    assert why.explained is None
    assert why.explain_url.startswith("/console/iam/explain/?action=iam%3AGetUser&resource=arn")
    assert why.simulator_url == ""


def test_a_refusal_by_a_deny_names_the_statement_to_whoever_may_read_it(caller_with):
    who = caller_with(
        allow("iam:GetUserPolicy", on=ME),
        deny("iam:GetUser", Sid="NoLooking"),
    )
    why: Any = refusals.refusal(refused(who))
    (deciding,) = why.explained.deciding
    assert (deciding.policy, deciding.sid, deciding.number, deciding.line) == (
        "given",
        "NoLooking",
        2,
        1,
    )
    assert not why.explained.unread_deciding


def test_a_refusal_by_a_deny_does_not_name_what_may_not_be_read(caller_with):
    who = caller_with(deny("iam:GetUser", Sid="NoLooking"))
    found = of_refusal(refused(who).asked)
    assert found.unread_deciding
    assert [*found.statements, *found.keys_used, *found.keys_missing] == []
    assert "NoLooking" not in repr(found)
    assert "given" not in repr(found)


@pytest.mark.parametrize("may_read", [True, False])
def test_the_keys_that_a_statement_lacks_are_told_to_whoever_may_read_it(caller_with, may_read):
    only = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
    more = [allow("iam:GetUserPolicy", on=ME)] if may_read else []
    who = caller_with(allow("iam:GetUser", Condition=only), *more)
    why: Any = refusals.refusal(refused(who))
    found = why.explained
    assert found.keys_missing == (("aws:SourceVpc",) if may_read else ())


def test_every_layer_gives_its_answer(caller_with, account):
    who = caller_with(allow("iam:*"))
    who.user.boundary_managed_arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
    who.user.save()
    account.policy_epoch += 10
    account.save(update_fields=["policy_epoch"])
    who.user.account = account
    why: Any = refusals.refusal(refused(who))
    assert [(each.label, each.status) for each in why.layers] == [
        ("Identity-based policies", "success"),
        ("Permissions boundary", "stopped"),
    ]


def test_the_page_of_a_refusal_shows_layers_request_id_and_where_to_read_on(
    sign_in, caller_with, bob
):
    attach(bob.user)
    sent = {"policy": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    who = caller_with(allow("iam:List*", "iam:Get*"))
    panel = sign_in(who).post(url("user-remove-policy", "bob"), sent)
    assert panel.status_code == 403
    page = markup_of(panel)
    assert "Identity-based policies:" in page
    assert "No statement allows it" in page
    assert "Request ID:" in page
    link = f"{reverse('console:explain')}?action=iam%3ADetachUserPolicy&amp;resource="
    assert link in page
    assert "key=iam%3Apolicyarn&amp;value=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnly" in page


def test_a_dead_button_says_what_is_needed_and_leads_to_the_explanation(sign_in, caller_with, bob):
    who = caller_with(allow("iam:Get*", "iam:List*"))
    page = sign_in(who).get(url("user", "bob")).content.decode()
    assert "You need iam:DeleteUser." in page
    assert "?action=iam%3ADeleteUser&amp;resource=arn%3Aaws%3Aiam" in page


def test_many_refused_panels_cost_no_query_each(
    sign_in, caller_with, bob, django_assert_max_num_queries
):
    sign_in(caller_with(deny("iam:List*", "iam:Get*"))).get(url("user", "bob"))
    browser = sign_in(caller_with(deny("iam:List*", "iam:Get*"), name="carl"))
    browser.get(url("user", "bob"))
    with django_assert_max_num_queries(20):
        page = browser.get(url("user", "bob"))
    assert page.content.decode().count("Explain this refusal") >= 3


def test_a_policy_of_a_group_is_named_with_the_group_only_to_whoever_may_know_it(
    account, caller_with
):
    who = caller_with(allow("iam:GetGroupPolicy"))
    group = new_group(account, "Secretive")
    group.memberships.create(user=who.user, created_at=account.created_at)
    InlinePolicy.objects.create(
        account=account, group=group, name="of-group", document=document(deny("iam:GetUser"))
    )
    account.policy_epoch += 10
    account.save(update_fields=["policy_epoch"])
    who.user.account = account
    found = of_refusal(refused(who).asked)
    assert [(each.policy, each.via) for each in found.deciding] == [("of-group", "")]
    assert "Secretive" not in repr(found)


def test_a_tag_of_the_resource_is_not_told_to_whoever_may_not_read_it(account, caller_with, bob):
    bob.user.tags = {"team": "blue-whale"}
    bob.user.save()
    only = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    who = caller_with(
        allow("iam:GetUserPolicy", on=ME),
        deny("iam:Get*", on=arn("user/bob")),
        allow("iam:DeleteUser", Condition=only),
    )
    with pytest.raises(AccessDenied) as caught:
        get_user(who, user_name="bob")
    assert "blue-whale" not in repr(of_refusal(caught.value.asked))
