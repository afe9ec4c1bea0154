"""What hostile people try on the pages of policies, roles and explanations, and do not get."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts import vault
from accounts.actions import inline_policies, policies, roles, saml_providers
from accounts.actions.explanations import explain_access
from accounts.actions.preferences import set_preference
from accounts.actions.who_can import who_can
from accounts.caller import Caller
from accounts.engine import catalog
from accounts.errors import AccessDenied, InvalidInput
from accounts.models import AccessKey, Event, Role
from accounts.simulation.kinds import ContextEntry
from iamconsole.console.components.difference import side_by_side
from iamconsole.console.policies.visual_form import VisualForm
from tests import pages
from tests.accounts.saml_metadata import metadata
from tests.cast import ACCOUNT_ID, CallerWith, allow, arn, deny, document
from tests.console.browsers import (
    give_device,
    login_of,
    new_browser,
    session_key,
    sign_in_by_page,
    signed_in,
)
from tests.console.things import new_group, new_key

#: What one request may keep a worker busy with, on a machine that has other things to do.
SECONDS = 3.0
ROLE = arn("role/vault")


def trusting(principal: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


def took(work: Callable[[], Any]) -> float:
    """The seconds of processor time that something takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


# --- What a trust policy tells -------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        r'"Principal": {"AWS": "arn:aws:iam::111122223333:user\/NAME"}',
        r'"Principal": {"AWS": ["arn:aws:iam::111122223333:user/\u004eAME"]}',
        r'"Princip\u0061l": {"AWS": "arn:aws:iam::111122223333:user/NAME"}',
    ],
)
def test_how_a_trust_policy_comes_back_does_not_tell_whether_another_account_has_the_user(
    eve, bob, account, written
):
    """A principal is kept by its id: the way back must not write one that is there otherwise."""
    bob.user.name, bob.user.folded_name = "NAME", "name"
    bob.user.save()
    shown = []
    for number, name in enumerate(("NAME", "NAMO")):
        text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", %s, "Action": "sts:AssumeRole"}]}'  # noqa: E501
        text = (text % written).replace("AME", name[1:])
        roles.create_role(eve, role_name=f"r{number}", assume_role_policy_document=text)
        found = roles.get_role(eve, role_name=f"r{number}").trust_policy
        shown.append(found.replace("NAMO", "NAME"))
    assert shown[0] == shown[1]


@pytest.fixture
def vault_role(root: Caller, account: Any) -> Role:
    """A role whose trust policy asks for a department, which few may know."""
    condition = {"StringEquals": {"aws:PrincipalTag/department": "secret-project"}}
    made: Role = roles.create_role(
        root,
        role_name="vault",
        assume_role_policy_document=trusting(root.arn, Condition=condition),
    )
    return made


DEPARTMENT = ContextEntry("aws:PrincipalTag/department", ["secret-project"], "string")


def test_nobody_tries_out_what_a_trust_policy_asks_for_that_he_may_not_read(
    vault_role, caller_with: CallerWith
):
    curious = caller_with(allow("sts:AssumeRole", on=ROLE))
    with pytest.raises(AccessDenied) as refusal:
        explain_access(
            curious,
            action_name="sts:AssumeRole",
            resource_arn=ROLE,
            context_entries=[DEPARTMENT],
        )
    assert refusal.value.action == "iam:GetRole"
    # As he is he may ask: the answer is the one that the call itself gives.
    assert not explain_access(curious, action_name="sts:AssumeRole", resource_arn=ROLE).allowed
    reader = caller_with(allow("sts:AssumeRole", "iam:GetRole", on=ROLE))
    assert explain_access(
        reader, action_name="sts:AssumeRole", resource_arn=ROLE, context_entries=[DEPARTMENT]
    ).allowed


def test_whom_a_trust_policy_lets_in_takes_the_permission_to_read_it(
    vault_role, caller_with: CallerWith, bob
):
    curious = caller_with(allow("iam:SimulatePrincipalPolicy", "iam:ListUsers"))
    with pytest.raises(AccessDenied) as refusal:
        explain_access(
            curious,
            action_name="sts:AssumeRole",
            resource_arn=ROLE,
            principal_arn=bob.arn,
        )
    assert refusal.value.action == "iam:GetRole"
    with pytest.raises(AccessDenied) as refusal:
        who_can(curious, action_name="sts:AssumeRole", resource_arn=ROLE)
    assert refusal.value.action == "iam:GetRole"


# --- What takes long -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("\n" * 60_000 + "a", "b" + "\n" * 60_000),
        ("a\nb\n" * 20_000, "b\na\n" * 20_000 + "c"),
        ("\n".join(map(str, range(40_000))), "\n".join(map(str, reversed(range(40_000))))),
        ("x\n" * 1_900 + "y", "y\n" + "x\n" * 1_900),
    ],
)
def test_two_texts_are_compared_quickly_whatever_lines_they_have(left, right):
    found = []
    assert took(lambda: found.extend(side_by_side(left, right))) < SECONDS
    assert any(line.kind != "same" for line in found)
    assert len(found) < 6_000


def test_a_change_far_down_a_long_text_is_still_shown():
    same = "\n".join(f"line {number}" for number in range(20_000))
    found = side_by_side(f"{same}\nallow", f"{same}\ndeny")
    assert [line.right for line in found if line.kind == "changed"] == ["deny"]


def test_a_text_too_different_to_be_shown_whole_says_so():
    found = side_by_side("a\n" * 9_000, "b\n" * 9_000)
    assert "more" in found[-1].right


def test_a_condition_of_a_hundred_thousand_values_is_refused_in_the_visual_editor():
    condition = {"StringEquals": {"aws:x": ["a"] * 500}}
    text = document(allow("s3:*", Condition=condition))
    post = QueryDict(mutable=True)
    post.update(
        {
            "visual-open": "0",
            "visual-condition-0-key": "aws:x",
            "visual-condition-0-operator": "StringEquals",
            "visual-condition-0-values": "a\n" * 100_000 + "b",
        }
    )
    forms: list[VisualForm] = []
    assert took(lambda: forms.append(VisualForm(text, post, ACCOUNT_ID))) < SECONDS
    assert forms[0].text == text
    assert forms[0].refusals


def test_hundreds_of_policies_are_not_imported_at_once(sign_in, admin):
    browser: Client = sign_in(admin)
    arns = [policy.arn for policy in policies.list_policies(admin, max_items=900).items]
    assert len(arns) > 100
    answer: list[Any] = []
    sent = {"document": document(allow("s3:*")), "go": "merge", "import": arns}
    spent = took(lambda: answer.append(browser.post(reverse("console:policies-create"), sent)))
    assert spent < SECONDS
    assert answer[0].status_code == 422
    assert "at most" in answer[0].content.decode()


@pytest.mark.parametrize(
    "statements", [allow("s3:*"), allow("s3:*", Condition={"Bool": {"aws:x": "true"}})]
)
def test_thousands_of_statements_on_hundreds_of_actions_do_not_fill_a_page_of_megabytes(
    sign_in, admin, statements
):
    browser = sign_in(admin)
    answer: list[Any] = []
    sent = {
        "run": "1",
        "document": document(*[statements] * 1_000),
        "actions": "\n".join(catalog.expand("s3:*")[:150]),
    }
    spent = took(lambda: answer.append(browser.post(reverse("console:policies-simulate"), sent)))
    assert spent < SECONDS
    assert answer[0].status_code == 200
    assert len(answer[0].content) < 3_000_000


def test_a_context_value_of_a_million_characters_is_refused(sign_in, admin):
    condition = {"StringLike": {"aws:x": "*"}}
    sent = {
        "run": "1",
        "document": document(allow("s3:*", Condition=condition)),
        "actions": "s3:GetObject",
        "key": "aws:x",
        "value": "a" * 1_000_000,
    }
    answer = sign_in(admin).post(reverse("console:policies-simulate"), sent)
    assert answer.status_code == 422
    assert "characters at most" in answer.content.decode()


def test_a_body_larger_than_anything_here_takes_is_refused_unread(client: Client):
    answer = client.post("/signin/", CONTENT_LENGTH=str(64 * 1024 * 1024))
    assert answer.status_code == 413


# --- What should not crash -----------------------------------------------------------------------


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00"])
def test_metadata_that_is_valid_until_a_moment_beyond_all_calendars_is_refused(admin, moment):
    text = metadata(more=f'validUntil="{moment}"')
    with pytest.raises(InvalidInput):
        saml_providers.create_saml_provider(admin, name="idp", saml_metadata_document=text)


def test_sessions_revoked_at_a_moment_beyond_all_calendars_leave_the_page_whole(
    sign_in, admin, vault_role
):
    condition = {"DateLessThan": {"aws:TokenIssueTime": "0001-01-01T00:00:00+14:00"}}
    inline_policies.put_role_policy(
        admin,
        role_name="vault",
        policy_name="AWSRevokeOlderSessions",
        policy_document=document({**allow("*", Condition=condition), "Effect": "Deny"}),
    )
    page = reverse("console:role-revoke-sessions", args=["vault"])
    assert sign_in(admin).get(page).status_code == 200


def test_a_count_of_tags_with_five_thousand_digits_is_no_crash(sign_in, admin, bob):
    page = reverse("console:user-edit-tags", args=["bob"])
    sent = {"tags-TOTAL_FORMS": "9" * 5000, "tags-INITIAL_FORMS": "0", "add_tag": "1"}
    assert sign_in(admin).post(page, sent).status_code == 422


def test_names_of_odd_characters_fit_into_the_roles_that_are_remembered(alice):
    name = "\N{TAG SPACE}" * 64
    role = {"account": ACCOUNT_ID, "role_name": "r" * 64, "display_name": name, "name": name}
    set_preference(alice, name="recent-roles", value={"roles": [role] * 5})


# --- Whoever is not meant ------------------------------------------------------------------------


def test_a_stranger_s_cookie_of_parked_keys_opens_nothing(client: Client, alice, settings):
    for forged in ("a" * 32, "../" * 20, ".".join(["b" * 32] * 500), "\0", "A" * 32):
        browser = new_browser()
        browser.cookies[settings.PARKED_COOKIE_NAME] = forged
        assert browser.get("/signin/").status_code == 200
        assert browser.post("/session/switch/", {"session": ""}).status_code == 302
        assert browser.get("/console/iam/").status_code == 302


def test_a_half_way_session_in_the_parked_cookie_is_nobodys(alice, settings):
    """Whoever has the password, but not the device, can't park the half and come back whole."""
    login_of(alice)
    give_device(alice)
    browser = new_browser()
    sign_in_by_page(browser, alice)
    thief = new_browser()
    thief.cookies[settings.PARKED_COOKIE_NAME] = session_key(browser)
    page = thief.get("/signin/")
    assert list(page.context["identities"]()) == []
    for wanted in ("", "None", session_key(browser)):
        thief.post("/session/switch/", {"session": wanted})
        assert thief.get("/console/iam/").status_code == 302


def test_no_form_moves_between_identities_without_its_token(alice):
    browser = signed_in(alice)
    strict = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    strict.cookies = browser.cookies
    for url in ("/session/add/", "/session/switch/", "/session/out-of-all/", "/session/out/"):
        assert strict.post(url).status_code == 403, url
    for url in (reverse("console:switch-role"), reverse("console:switch-back")):
        assert strict.post(url, {"account": ACCOUNT_ID, "role_name": "x"}).status_code == 403, url


def test_no_event_and_no_session_holds_a_secret_that_was_made(sign_in, admin, bob):
    browser: Client = sign_in(admin)
    sent = {"use_case": "other", "go": "create", "description": ""}
    page = browser.post(reverse("console:user-key-create", args=["bob"]), sent, follow=True)
    key = AccessKey.objects.get(user=bob.user)
    secret = vault.unseal(key.sealed_secret, vault.key_place(key.account_id, key.access_key_id))
    assert secret in page.content.decode()
    for session in Session.objects.all():
        assert secret not in json.dumps(session.get_decoded())
    for event in Event.objects.all():
        assert secret not in json.dumps([event.parameters, event.reasons, event.error_message])


def test_a_secret_that_waits_for_one_session_opens_in_no_other(sign_in, admin, bob):
    """Whoever can write into the table of sessions can't read there what another is to see."""
    browser, thief = sign_in(admin), signed_in(admin)
    sent = {"use_case": "other", "go": "create", "description": ""}
    answer = browser.post(reverse("console:user-key-create", args=["bob"]), sent)
    [kept] = [
        (name, value)
        for name, value in browser.session.items()
        if name.startswith("kept:access-key-")
    ]
    stolen = thief.session
    stolen[kept[0]] = kept[1]
    stolen.save()
    key = AccessKey.objects.get(user=bob.user)
    secret = vault.unseal(key.sealed_secret, vault.key_place(key.account_id, key.access_key_id))
    where = answer.url if answer.status_code == 302 else reverse("console:users")
    assert secret in browser.get(where).content.decode()
    assert secret not in thief.get(where).content.decode()


@pytest.mark.parametrize(
    "may",
    [
        ("iam:ListUsers", "iam:ListGroups", "iam:ListRoles", "iam:ListPolicies"),
        ("iam:List*", "iam:GetUser", "iam:DeleteUser", "iam:SimulateCustomPolicy"),
    ],
)
def test_no_page_dialog_or_file_shows_what_the_reader_may_not_read(
    sign_in, caller_with: CallerWith, account, admin, bob, may
):
    """What hangs on bob is read together with him: each answer leaves out what it must."""
    group = new_group(account, "hidden-circle", bob.user)
    new_key(bob.user, "AKIAHIDDENHIDDENHIDD")
    inline_policies.put_user_policy(
        admin,
        user_name="bob",
        policy_name="hidden-text",
        policy_document=document(allow("s3:Get*", on="arn:aws:s3:::hidden-bucket")),
    )
    denied = [
        "iam:ListGroupsForUser",
        "iam:ListAccessKeys",
        "iam:ListUserPolicies",
        "iam:GetGroup",
    ]
    reader = caller_with(allow(*may), deny(*denied))
    browser = sign_in(reader)
    samples = {"user_name": "bob", "group_name": group.name, "role_name": "none"}
    samples |= {"policy_arn": arn("policy/none"), "policy_name": "hidden-text", "table": "users"}
    columns = "name,groups,access_key_id,active_key_age,key_last_used,last_activity,mfa,tags"
    queries = ("", "?user=bob", f"?columns={columns}", f"?columns={columns}&format=csv")
    asked = 0
    for name, arguments in sorted(set(pages.views())):
        if not name.startswith("console:") or not set(arguments) <= set(samples):
            continue
        # A group's own pages may say its name, which is in their address.
        told: tuple[str, ...] = ("hidden-bucket", "AKIAHIDDENHIDDENHIDD")
        if "group_name" not in arguments and "iam:List*" not in may:
            told += ("hidden-circle",) * (not name.startswith(("console:group", "console:search")))
        url = reverse(name, kwargs={each: samples[each] for each in arguments})
        for query in queries:
            answer = browser.get(url + query)
            asked += answer.status_code == 200
            for secret in told:
                if secret == "hidden-circle" and name in LISTS_OF_GROUPS:
                    continue
                assert secret not in answer.content.decode(), f"{name}{query}: {secret}"
    assert asked > 20


#: Pages that list the account's groups to whoever may list them.
LISTS_OF_GROUPS = {
    "console:users-add-to-groups",
    "console:users-remove-from-groups",
    "console:users-create",
    "console:user-add-to-groups",
    "console:user-add-permissions",
}
