"""Choosing from a list inside a form: what is kept, what is read, and when."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from django.test import RequestFactory

from accounts.caller import Caller
from accounts.models import Event
from iamconsole.console.components.picker import (
    accepted,
    bound,
    group_picker,
    policy_picker,
    user_picker,
)
from tests.cast import new_user
from tests.console.things import BILLING, READ_ONLY, new_group


class NameForm(forms.Form):
    name = forms.CharField()


def sent(caller: Caller, query: str) -> Any:
    """A post of that form by somebody."""
    request: Any = RequestFactory().post("/")
    request.POST = QueryDict(query)
    request.caller = caller
    return request


def test_a_choice_made_twice_counts_once(admin):
    picker = policy_picker(sent(admin, f"policies={BILLING}&policies={BILLING}"), limit=1)
    assert picker.chosen == (BILLING,)
    assert picker.problem == ""


def test_choices_of_other_pages_are_named_apart(admin):
    query = f"policies={BILLING}&policies={READ_ONLY}&policies-find=1&policies-search=Billing"
    picker = policy_picker(sent(admin, query), limit=10)
    assert picker.elsewhere == [(READ_ONLY, "ReadOnlyAccess")]
    assert [choice.value for choice in picker.choices if choice.checked] == [BILLING]


def test_what_is_held_already_can_be_seen_but_not_chosen(admin):
    query = "policies-find=1&policies-search=ReadOnlyAccess&policies-type=aws"
    picker = policy_picker(sent(admin, query), limit=10, held=[READ_ONLY])
    reasons = {choice.row.name: choice.reason for choice in picker.choices}
    query += f"&policies-page={picker.table.page.pages}"
    last = policy_picker(sent(admin, query), limit=10, held=[READ_ONLY])
    reasons |= {choice.row.name: choice.reason for choice in last.choices}
    assert reasons["ReadOnlyAccess"] == "Already attached"


@pytest.mark.parametrize("query", ["users-find=1", "users-page=2", "users-page=junk"])
def test_while_somebody_looks_through_the_list_nothing_is_accepted(admin, query):
    request = sent(admin, f"name=x&{query}")
    users = user_picker(request)
    form = bound(NameForm, request, users)
    assert users.browsing
    assert not accepted(form, users)
    assert not form.errors
    assert form["name"].value() == "x"


def test_too_many_choices_are_the_forms_error(admin):
    request = sent(admin, "name=x&groups=a&groups=b&groups=c")
    groups = group_picker(request, limit=2)
    form = bound(NameForm, request, groups)
    assert not accepted(form, groups)
    assert form.non_field_errors() == ["You can choose up to 2 here, and 3 are chosen."]


def test_the_list_is_read_only_when_it_is_drawn(admin, account):
    new_user(account, "alice")
    picker = user_picker(sent(admin, "name=x&users=alice"))
    assert not picker.problem
    assert not Event.objects.filter(action="iam:ListUsers").exists()
    assert [choice.value for choice in picker.choices if choice.checked] == ["alice"]
    assert Event.objects.filter(action="iam:ListUsers").count() == 1


def test_a_list_that_is_refused_keeps_the_choice(alice, account):
    new_group(account, "Developers")
    picker = group_picker(sent(alice, "groups=Developers&groups-find=1"), limit=10)
    assert picker.table.error is not None
    assert picker.elsewhere == [("Developers", "Developers")]


def test_a_nul_in_the_search_is_passed_over(admin):
    picker = policy_picker(sent(admin, "policies-find=1&policies-search=Bill%00ing"), limit=1)
    assert picker.table.search == "Billing"
    assert picker.table.rows
