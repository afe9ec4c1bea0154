"""Switching to a role in the console, acting as it, and being oneself again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts import signin
from accounts.actions import inline_policies, policies, roles, users
from accounts.caller import Caller
from accounts.models import Event, Preference, Role
from tests.cast import CallerWith, allow, arn, deny, document
from tests.console.browsers import (
    DASHBOARD,
    is_in,
    login_of,
    new_browser,
    session_key,
    sign_in_by_page,
    signed_in,
)

PAGE = "/console/switch-role/"
BACK = "/console/switch-role/back/"
LIST = "/console/iam/users/"
ROLE = arn("role/auditor")


def trusting(principal: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


@pytest.fixture
def alice(caller_with: CallerWith) -> Caller:
    """alice, who may assume the role and nothing else."""
    return caller_with(allow("sts:AssumeRole", on=ROLE))


@pytest.fixture
def auditor(root: Caller, alice: Caller) -> Role:
    """A role that may list users; the account's users may assume it."""
    role: Role = roles.create_role(
        root, role_name="auditor", assume_role_policy_document=trusting(root.arn)
    )
    inline_policies.put_role_policy(
        root,
        role_name="auditor",
        policy_name="list",
        policy_document=document(allow("iam:ListUsers")),
    )
    return role


def switch(browser: Client, role_name: str = "auditor", **more: str) -> Any:
    """Post the page; the account is the cast's."""
    sent = {"account": "111122223333", "role_name": role_name, "display_name": "", "color": ""}
    return browser.post(PAGE, sent | more)


def caller_in(browser: Client) -> Caller:
    """Who the browser's next request is from."""
    found: Caller = browser.get("/nothing/").wsgi_request.caller  # type: ignore[attr-defined]
    return found


def test_the_page_is_filled_in_by_the_link_that_roles_give_out(auditor: Role, alice: Caller):
    browser = signed_in(alice)
    query = "account=111122223333&roleName=team%2Fauditor&displayName=Audit%20it&color=B7CA9D"
    answer = browser.get(f"/switchrole/?{query}", follow=True)
    page = answer.content.decode()
    assert answer.status_code == 200
    for value in ('value="111122223333"', 'value="team/auditor"', 'value="Audit it"'):
        assert value in page
    assert answer.context["form"].initial["color"] == "green"


def test_the_link_leads_through_sign_in(auditor: Role, alice: Caller):
    answer = new_browser().get("/switchrole/?account=1&roleName=x")
    assert answer["Location"] == "/signin/?next=/switchrole/%3Faccount%3D1%26roleName%3Dx".replace(
        "next=/switchrole/", "next=%2Fswitchrole%2F"
    )


def test_everything_runs_as_the_role_until_one_switches_back(auditor: Role, alice: Caller):
    browser = signed_in(alice)
    assert "iam:ListUsers" in browser.get(LIST).content.decode(), "alice may not"
    assert switch(browser)["Location"] == DASHBOARD
    acting = caller_in(browser)
    assert acting.arn == "arn:aws:sts::111122223333:assumed-role/auditor/alice"
    page = browser.get(LIST).content.decode()
    assert "alice</a>" in page
    assert "Switch back" in page
    assert "auditor @ 111122223333" in page
    listed = Event.objects.filter(action="iam:ListUsers", outcome="success").latest("sequence")
    assert (listed.principal_arn, listed.issuer) == (acting.arn, ROLE)
    browser.post(BACK)
    assert caller_in(browser).arn == alice.arn
    assert "Switch back" not in browser.get(DASHBOARD).content.decode()
    assert Event.objects.get(action="signin:ExitRole").principal_arn == acting.arn


def test_the_name_in_the_bar_and_its_colour_are_as_chosen_and_escaped(auditor: Role, alice: Caller):
    browser = signed_in(alice)
    switch(browser, display_name="<b>Audit</b>", color="green")
    page = browser.get(DASHBOARD).content.decode()
    assert "acting-green" in page
    assert "&lt;b&gt;Audit&lt;/b&gt;" in page
    assert "<b>Audit</b>" not in page


def test_a_switch_gives_a_new_session_key_and_kills_the_old_one(auditor: Role, alice: Caller):
    browser = signed_in(alice)
    before = session_key(browser)
    switch(browser)
    assert session_key(browser) != before
    thief = new_browser()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert not is_in(thief)


@pytest.mark.parametrize("after", ["switch", "back", "expiry"])
def test_a_form_that_was_made_as_one_identity_is_refused_as_the_other(
    auditor: Role, alice: Caller, after: str
):
    browser = new_browser(enforce_csrf_checks=True)
    browser.cookies[settings.SESSION_COOKIE_NAME] = session_key(signed_in(alice))

    def token() -> str:
        return str(browser.get(PAGE).context["csrf_token"])

    def post(address: str, made: str, **sent: str) -> int:
        return browser.post(address, {**sent, "csrfmiddlewaretoken": made}).status_code

    stale = token()
    role = {"account": "111122223333", "role_name": "auditor"}
    assert post(PAGE, stale, **role) == 302
    if after != "switch":
        stale = token()
    if after == "back":
        assert post(BACK, stale) == 302
    later = timezone.now() + timedelta(hours=1 if after == "expiry" else 0, seconds=1)
    with patch("django.utils.timezone.now", return_value=later):
        answer = browser.post("/console/iam/create-user/", {"csrfmiddlewaretoken": stale})
    assert answer.status_code == 403
    assert "The form has expired" in answer.content.decode()


def test_after_an_hour_the_person_is_back_and_is_told(auditor: Role, alice: Caller):
    browser = signed_in(alice)
    switch(browser)
    with patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(minutes=59)):
        assert caller_in(browser).role == auditor
    with patch("django.utils.timezone.now", return_value=timezone.now() + timedelta(minutes=61)):
        answer = browser.get(DASHBOARD)
    assert answer.wsgi_request.caller.arn == alice.arn  # type: ignore[attr-defined]
    assert "is over. You are alice again." in answer.content.decode()


def test_acting_as_a_role_makes_the_sign_in_no_longer(auditor: Role, alice: Caller):
    browser = signed_in(alice)
    late = timezone.now() + signin.SESSION - timedelta(minutes=5)
    with patch("django.utils.timezone.now", return_value=late):
        switch(browser)
        assert caller_in(browser).role == auditor
    over = timezone.now() + signin.SESSION + timedelta(seconds=5)
    with patch("django.utils.timezone.now", return_value=over):
        assert browser.get(DASHBOARD)["Location"].startswith("/signin/")


def test_when_the_role_is_deleted_the_person_is_back(root: Caller, auditor: Role, alice: Caller):
    browser = signed_in(alice)
    switch(browser)
    inline_policies.delete_role_policy(root, role_name="auditor", policy_name="list")
    roles.delete_role(root, role_name="auditor")
    answer = browser.get(DASHBOARD)
    assert answer.wsgi_request.caller.arn == alice.arn  # type: ignore[attr-defined]
    assert "be used any more. You are alice again." in answer.content.decode()


def test_revoking_the_roles_sessions_works_at_once(root: Caller, auditor: Role, alice: Caller):
    browser = signed_in(alice)
    switch(browser)
    before = (timezone.now() + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    inline_policies.put_role_policy(
        root,
        role_name="auditor",
        policy_name="AWSRevokeOlderSessions",
        policy_document=document(
            deny("*", Condition={"DateLessThan": {"aws:TokenIssueTime": before}})
        ),
    )
    assert "explicit deny" in browser.get(LIST).content.decode()


def test_mfa_of_the_sign_in_counts_for_the_role(root: Caller, auditor: Role, alice: Caller):
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    roles.update_assume_role_policy(
        root, role_name="auditor", policy_document=trusting(root.arn, Condition=condition)
    )
    assert switch(signed_in(alice)).status_code == 403
    browser = signed_in(alice, mfa=True)
    assert switch(browser).status_code == 302
    assert caller_in(browser).mfa_at is not None


def test_root_is_refused_with_words(root: Caller, auditor: Role):
    browser = signed_in(root)
    assert "Roles may not be assumed by root accounts." in browser.get(PAGE).content.decode()
    answer = switch(browser)
    assert answer.status_code == 403
    assert "Roles may not be assumed by root accounts." in answer.content.decode()
    assert caller_in(browser).is_root


def refusal(answer: Any) -> str:
    assert answer.status_code == 403
    return str(answer.context["refusal"])


def test_in_the_own_account_it_is_told_which_policy_refused(
    root: Caller, auditor: Role, caller_with: CallerWith
):
    bob = signed_in(caller_with(name="bob"))
    assert "none of your policies allows sts:AssumeRole" in refusal(switch(bob))
    bob = signed_in(caller_with(deny("sts:*"), name="bob"))
    assert "of yours or of your groups denies sts:AssumeRole" in refusal(switch(bob))
    bob = signed_in(caller_with(allow("sts:*"), name="bob"))
    roles.update_assume_role_policy(
        root, role_name="auditor", policy_document=trusting(arn("user/alice"))
    )
    assert "its trust policy does not let you in" in refusal(switch(bob))
    limit = policies.create_policy(
        root, policy_name="limit", policy_document=document(allow("s3:*"))
    )
    roles.update_assume_role_policy(root, role_name="auditor", policy_document=trusting(root.arn))
    users.put_user_permissions_boundary(root, user_name="bob", permissions_boundary=limit.arn)
    assert "your permissions boundary does not allow" in refusal(switch(bob))


def test_across_accounts_one_text_serves_for_every_reason(root: Caller, auditor: Role, eve: Caller):
    roles.create_role(root, role_name="denying", assume_role_policy_document=trusting(root.arn))
    browser = signed_in(eve)
    places = [
        {"role_name": "auditor"},
        {"role_name": "missing"},
        {"account": "999999999999"},
        {"account": "no-such-alias"},
    ]
    told = {refusal(switch(browser, **place)) for place in places}
    assert len(told) == 1


def test_a_role_of_another_account_opens_that_account(root: Caller, auditor: Role, eve: Caller):
    roles.update_assume_role_policy(root, role_name="auditor", policy_document=trusting(eve.arn))
    browser = signed_in(eve)
    assert switch(browser).status_code == 302
    page = browser.get(LIST).content.decode()
    assert "alice</a>" in page
    assert "eve</a>" not in page
    assert "1111-2222-3333" in page
    browser.post(BACK)
    assert "eve</a>" in browser.get(LIST).content.decode()


def test_whoever_acts_as_a_role_switches_as_the_person_and_not_as_the_role(
    root: Caller, auditor: Role, caller_with: CallerWith
):
    roles.create_role(root, role_name="second", assume_role_policy_document=trusting(root.arn))
    browser = signed_in(caller_with(allow("sts:*")))
    switch(browser)
    switch(browser, "second")
    acting = caller_in(browser)
    assert acting.issuer == arn("role/second")
    switched = Event.objects.filter(action="sts:AssumeRole", outcome="success")
    assert set(switched.values_list("principal_arn", flat=True)) == {arn("user/alice")}


def test_five_recent_roles_are_kept_for_the_person_and_are_there_at_the_next_sign_in(
    root: Caller, caller_with: CallerWith
):
    alice = caller_with(allow("sts:*"))
    browser = signed_in(alice)
    for number in range(6):
        roles.create_role(
            root, role_name=f"role-{number}", assume_role_policy_document=trusting(root.arn)
        )
        switch(browser, f"role-{number}", color="blue")
    switch(browser, "role-3")
    expected = ["role-3", "role-5", "role-4", "role-2", "role-1"]
    kept = Preference.objects.get(name="recent-roles")
    assert kept.principal_id == alice.unique_id
    assert [role["role_name"] for role in kept.value["roles"]] == expected
    later = new_browser()
    login_of(alice)
    sign_in_by_page(later, alice)
    page = later.get(DASHBOARD).content.decode()
    assert "Recent roles" in page
    for name in expected:
        assert f'name="role_name" value="{name}"' in page


@pytest.mark.parametrize(
    "sent",
    [
        {"account": ""},
        {"role_name": ""},
        {"role_name": ROLE},
        {"role_name": "x" * 65},
        {"role_name": "a b"},
        {"role_name": "../auditor"},
        {"color": "javascript:"},
        {"display_name": "x" * 65},
    ],
)
def test_what_makes_no_sense_is_refused_and_kept_in_the_form(
    auditor: Role, alice: Caller, sent: dict[str, str]
):
    browser = signed_in(alice)
    answer = switch(browser, **{"display_name": "kept as typed", **sent})
    # A path may look like anything; then there is no such role.
    assert answer.status_code == (403 if sent == {"role_name": "../auditor"} else 422)
    assert caller_in(browser).arn == alice.arn
    if "display_name" not in sent:
        assert "kept as typed" in answer.content.decode()


def test_the_pages_of_ones_own_credentials_do_not_break_for_a_role(auditor: Role, alice: Caller):
    browser = signed_in(alice)
    switch(browser)
    for address in (
        "/console/iam/security-credentials/",
        "/console/iam/account-settings/",
        "/console/iam/",
    ):
        assert browser.get(address).status_code in (200, 403, 404), address


def test_signing_out_as_a_role_ends_the_sign_in_and_is_recorded_as_the_persons(
    auditor: Role, alice: Caller
):
    browser = signed_in(alice)
    switch(browser)
    assert browser.post("/session/out/").status_code == 302
    assert not is_in(browser)
    assert Event.objects.get(action="signin:SignOut").principal_arn == alice.arn


def test_the_role_that_was_used_says_so(auditor: Role, alice: Caller):
    browser = signed_in(alice)
    switch(browser)
    browser.get(DASHBOARD)
    auditor.refresh_from_db()
    assert auditor.last_used_at is not None
