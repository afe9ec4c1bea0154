"""The pages of roles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.caller import Caller
from accounts.models import Account, InstanceProfile, Role
from tests.cast import allow, trust
from tests.console.reading import NO_TAGS, queries_of, text_of
from tests.console.things import BILLING, READ_ONLY, attach, give_inline, new_role

SignIn = Callable[..., Client]

LIST = reverse("console:roles")
CREATE = reverse("console:roles-create")
DELETE = reverse("console:roles-delete")
FOR_EC2 = {"trusted_entity": "service", "service": "ec2.amazonaws.com"}
FOR_LAMBDA = {"trusted_entity": "service", "service": "lambda.amazonaws.com"}


@pytest.fixture
def reader(account: Account) -> Role:
    """A role for EC2, with an instance profile of its name."""
    role = new_role(account, "Reader")
    new_profile(role, "Reader")
    return role


@pytest.fixture
def as_admin(admin: Caller, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


def new_profile(role: Role, name: str) -> InstanceProfile:
    return InstanceProfile.objects.create(
        account=role.account,
        name=name,
        unique_id=f"AIPA{name:0>17}",
        role=role,
        created_at=role.created_at,
    )


def address(view: str, name: str = "Reader") -> str:
    return reverse(f"console:{view}", args=[name])


def asked_to_delete(name: str = "Reader") -> str:
    return reverse("console:roles-delete", query={"role": name})


# --- List ----------------------------------------------------------------------------------------


def test_the_list_shows_whom_each_role_trusts(as_admin, account):
    new_role(account, "Ec2")
    new_role(account, "Shared", trust(AWS=f"arn:aws:iam::{account.pk}:root"))
    new_role(account, "Web", trust(Federated=f"arn:aws:iam::{account.pk}:saml-provider/Idp"))
    shown = text_of(as_admin.get(LIST))
    assert "Roles (3)" in shown
    assert "Ec2 AWS Service: ec2 None" in shown
    assert f"Shared Account: {account.pk} None" in shown
    assert f"Web Identity Provider: arn:aws:iam::{account.pk}:saml-provider/Idp" in shown


def test_the_list_says_what_to_do_where_there_is_no_role(as_admin):
    response = as_admin.get(LIST)
    assert "No roles" in text_of(response)
    assert CREATE in response.content.decode()


def test_the_list_says_when_nothing_matches(as_admin, reader):
    assert "No matches" in text_of(as_admin.get(LIST, {"search": "zzz"}))


def test_a_refused_list_says_what_was_asked_and_why_it_was_refused(sign_in, alice):
    shown = text_of(sign_in(alice).get(LIST))
    assert "You don't have permission to iam:ListRoles" in shown
    assert "no identity-based policy allows the iam:ListRoles action" in shown


def test_the_list_takes_as_many_queries_for_fifty_roles_as_for_five(as_admin, account):
    for number in range(5):
        new_role(account, f"role-{number}")
    few = queries_of(as_admin, LIST)
    for number in range(5, 50):
        new_role(account, f"role-{number}")
    assert queries_of(as_admin, LIST) == few


# --- Create --------------------------------------------------------------------------------------


def test_the_wizard_goes_forward_and_back_without_losing_anything(as_admin, account):
    assert "Select trusted entity" in text_of(as_admin.get(CREATE))
    second = as_admin.post(CREATE, FOR_LAMBDA | {"go": "2"})
    assert "Add permissions" in text_of(second)
    assert 'name="service" value="lambda.amazonaws.com"' in second.content.decode()
    sent = FOR_LAMBDA | {"policies": [READ_ONLY, BILLING], "go": "3"}
    third = as_admin.post(CREATE, sent)
    assert "Name, review, and create" in text_of(third)
    assert "This field is required" not in text_of(third)
    page = third.content.decode()
    assert "&quot;Service&quot;: &quot;lambda.amazonaws.com&quot;" in page
    assert page.count('type="hidden" name="policies"') == 2
    back = as_admin.post(
        CREATE, sent | NO_TAGS | {"go": "1", "role_name": "Worker", "tags-0-key": "team"}
    )
    page = back.content.decode()
    assert "Select trusted entity" in text_of(back)
    assert re.search(r'value="lambda.amazonaws.com"[^>]* checked', page)
    assert 'type="hidden" name="role_name" value="Worker"' in page
    assert 'type="hidden" name="tags-0-key" value="team"' in page
    assert page.count('type="hidden" name="policies"') == 2
    assert not account.roles.exists()


def test_a_role_for_ec2_gets_an_instance_profile_of_its_name(as_admin, account):
    response = as_admin.post(
        CREATE,
        FOR_EC2
        | NO_TAGS
        | {
            "go": "create",
            "policies": [READ_ONLY],
            "role_name": "Web",
            "description": "Reads reports",
            "tags-0-key": "team",
            "tags-0-value": "blue",
        },
    )
    assert response.url == address("role", "Web")
    role = account.roles.get()
    assert role.description == "Reads reports"
    assert role.tags == {"team": "blue"}
    assert [row.managed_arn for row in role.attachments.all()] == [READ_ONLY]
    assert role.instance_profiles.get().name == "Web"
    shown = text_of(as_admin.get(response.url))
    assert "Role Web created." in shown
    assert f"arn:aws:iam::{account.pk}:instance-profile/Web" in shown


def test_a_role_for_another_service_gets_no_instance_profile(as_admin, account):
    as_admin.post(CREATE, FOR_LAMBDA | NO_TAGS | {"go": "create", "role_name": "Worker"})
    role = account.roles.get()
    assert json.loads(role.trust_policy)["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ]
    assert not account.instance_profiles.exists()


@pytest.mark.parametrize("mfa", [True, False])
def test_a_role_for_this_account_asks_for_mfa_where_wanted(as_admin, account, mfa):
    sent = {"trusted_entity": "account", "go": "create", "role_name": "Shared"} | NO_TAGS
    as_admin.post(CREATE, sent | ({"require_mfa": "on"} if mfa else {}))
    (statement,) = json.loads(account.roles.get().trust_policy)["Statement"]
    assert statement["Principal"] == {"AWS": f"arn:aws:iam::{account.pk}:root"}
    wanted = {"Bool": {"aws:MultiFactorAuthPresent": "true"}} if mfa else None
    assert statement.get("Condition") == wanted


@pytest.mark.parametrize(
    "sent",
    [
        {"trusted_entity": "service", "service": "evil.example.com"},
        {"trusted_entity": "service"},
        {"trusted_entity": "everybody"},
        {},
    ],
)
def test_a_trusted_entity_that_cannot_be_leads_back_to_the_first_step(as_admin, account, sent):
    response = as_admin.post(CREATE, sent | NO_TAGS | {"go": "create", "role_name": "Worker"})
    assert response.status_code == 422
    assert "Select trusted entity" in text_of(response)
    assert not account.roles.exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "This field is required."),
        ("x" * 65, "at most 64 characters"),
        ("<b>", "alphanumeric"),
        ("a b", "alphanumeric"),
    ],
)
def test_a_name_that_cannot_be_is_refused_beside_its_field(as_admin, account, name, message):
    response = as_admin.post(CREATE, FOR_EC2 | NO_TAGS | {"go": "create", "role_name": name})
    assert response.status_code == 422
    assert message in text_of(response)
    assert not account.roles.exists()
    assert not account.instance_profiles.exists()


def test_a_taken_name_is_refused_beside_its_field(as_admin, reader):
    response = as_admin.post(CREATE, FOR_EC2 | NO_TAGS | {"go": "create", "role_name": "READER"})
    assert response.status_code == 422
    assert "Role with name READER already exists." in text_of(response)


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"tags-0-key": "team", "tags-1-key": "TEAM"}, "Duplicate tag keys found."),
        ({"tags-0-key": "aws:x"}, "System tag keys"),
        ({"tags-0-key": "<b>"}, "Use letters, digits, spaces and"),
        ({"tags-0-value": "without key"}, "This field is required."),
    ],
)
def test_tags_that_cannot_be_are_refused(as_admin, account, tags, message):
    sent = FOR_EC2 | NO_TAGS | {"tags-TOTAL_FORMS": "2", "go": "create", "role_name": "Web"}
    response = as_admin.post(CREATE, sent | tags)
    assert response.status_code == 422
    assert message in text_of(response)
    assert not account.roles.exists()


def test_adding_a_tag_row_without_scripts_creates_nothing(as_admin, account):
    sent = FOR_EC2 | NO_TAGS | {"add_tag": "1", "role_name": "Web", "tags-0-key": "team"}
    page = as_admin.post(CREATE, sent).content.decode()
    assert 'name="tags-1-key"' in page
    assert 'value="Web"' in page
    assert not account.roles.exists()


def test_too_many_policies_lead_back_to_the_second_step(as_admin, account):
    arns = [f"arn:aws:iam::{account.pk}:policy/p{number}" for number in range(21)]
    sent = FOR_EC2 | NO_TAGS | {"go": "create", "role_name": "Web", "policies": arns}
    response = as_admin.post(CREATE, sent)
    assert response.status_code == 422
    assert "You can choose up to 20 here, and 21 are chosen." in text_of(response)
    assert not account.roles.exists()


def test_a_taken_instance_profile_is_reported_and_the_policies_are_attached(as_admin, account):
    new_profile(new_role(account, "Other"), "Web")
    sent = FOR_EC2 | NO_TAGS | {"go": "create", "role_name": "Web", "policies": [READ_ONLY]}
    response = as_admin.post(CREATE, sent)
    assert response.status_code == 409
    assert "Instance Profile Web already exists." in text_of(response)
    assert account.roles.get(name="Web").attachments.count() == 1


def test_whoever_may_not_pass_the_role_is_told_before_anything_is_done(
    sign_in, caller_with, account
):
    steps = ("CreateRole", "CreateInstanceProfile", "AddRoleToInstanceProfile")
    theirs = sign_in(caller_with(allow(*(f"iam:{name}" for name in steps))))
    response = theirs.post(CREATE, FOR_EC2 | NO_TAGS | {"go": "create", "role_name": "Web"})
    assert response.status_code == 422
    assert "you also need iam:PassRole" in text_of(response)
    assert not account.roles.exists()


def test_whoever_may_not_create_roles_is_refused(sign_in, alice, account):
    response = sign_in(alice).post(CREATE, FOR_EC2 | NO_TAGS | {"go": "create", "role_name": "Web"})
    assert response.status_code == 403
    assert "iam:CreateRole" in text_of(response)
    assert not account.roles.exists()


# --- One role ------------------------------------------------------------------------------------


def test_the_page_of_a_role_shows_policies_trust_and_tags(as_admin, reader):
    attach(reader, READ_ONLY)
    give_inline(reader, "read-reports")
    Role.objects.filter(pk=reader.pk).update(tags={"team": "<b>blue</b>"})
    shown = text_of(as_admin.get(address("role")))
    for words in (reader.arn, "1 hour", "ReadOnlyAccess AWS managed", "read-reports Inline"):
        assert words in shown
    page = as_admin.get(address("role-trust")).content.decode()
    assert "&quot;Service&quot;: &quot;ec2.amazonaws.com&quot;" in page
    page = as_admin.get(address("role-tags")).content.decode()
    assert "&lt;b&gt;blue&lt;/b&gt;" in page


@pytest.mark.parametrize("view", ["role", "role-trust", "role-tags", "role-attach-policies"])
def test_a_role_of_another_account_is_as_absent_as_one_that_never_was(sign_in, eve, reader, view):
    theirs = sign_in(eve)
    foreign, missing = theirs.get(address(view)), theirs.get(address(view, "Nobodys"))
    assert foreign.status_code == missing.status_code == 404
    assert text_of(foreign).replace("Reader", "") == text_of(missing).replace("Nobodys", "")


@pytest.mark.parametrize("view", ["role", "role-trust", "role-tags"])
def test_each_part_of_a_page_is_refused_by_itself(sign_in, caller_with, reader, view):
    shown = text_of(sign_in(caller_with(allow("iam:GetRole"))).get(address(view)))
    assert reader.arn in shown
    assert "You need iam:ListInstanceProfilesForRole." in shown
    assert ("iam:ListAttachedRolePolicies" in shown) is (view == "role")
    assert ("iam:ListRoleTags" in shown) is (view == "role-tags")


def test_policies_are_attached_and_detached(as_admin, reader):
    attached = as_admin.post(address("role-attach-policies"), {"policies": [READ_ONLY, BILLING]})
    assert attached.url == address("role")
    assert "2 policies attached to Reader." in text_of(as_admin.get(attached.url))
    as_admin.post(address("role-detach-policies"), {"policy": [BILLING]})
    assert [row.managed_arn for row in reader.attachments.all()] == [READ_ONLY]


@pytest.mark.parametrize(
    ("view", "body", "action"),
    [
        ("role-attach-policies", {"policies": [BILLING]}, "iam:AttachRolePolicy"),
        ("role-detach-policies", {"policy": [READ_ONLY]}, "iam:DetachRolePolicy"),
    ],
)
def test_a_change_that_is_not_allowed_is_refused_and_changes_nothing(
    sign_in, alice, eve, reader, view, body, action
):
    attach(reader, READ_ONLY)
    refused = sign_in(alice).post(address(view), body)
    assert refused.status_code == 403
    assert action in text_of(refused)
    assert sign_in(eve).post(address(view), body).status_code == 404
    assert [row.managed_arn for row in reader.attachments.all()] == [READ_ONLY]


# --- Delete --------------------------------------------------------------------------------------


def test_deleting_takes_the_instance_profile_and_policies_along(as_admin, reader, account):
    attach(reader, READ_ONLY)
    give_inline(reader, "read-reports")
    shown = text_of(as_admin.get(asked_to_delete()))
    for words in ("Instance profile deleted Reader", "ReadOnlyAccess", "read-reports"):
        assert words in shown
    assert as_admin.post(asked_to_delete(), {"confirmation": "x"}).status_code == 422
    assert as_admin.post(asked_to_delete(), {"confirmation": "Reader"}).url == LIST
    assert "Role Reader deleted." in text_of(as_admin.get(LIST))
    assert not account.roles.exists()
    assert not account.instance_profiles.exists()


def test_a_role_in_another_instance_profile_is_kept_and_the_conflict_is_shown(as_admin, reader):
    new_profile(reader, "Fleet")
    assert "Fleet" in text_of(as_admin.get(asked_to_delete()))
    response = as_admin.post(asked_to_delete(), {"confirmation": "Reader"})
    assert response.status_code == 409
    conflict = "Cannot delete entity, must remove roles from instance profile first."
    assert conflict in text_of(response)
    assert "DeleteConflict" in text_of(response)


def test_several_roles_are_deleted_together_by_their_number(as_admin, reader, account):
    new_role(account, "Writer")
    url = f"{DELETE}?role=Reader&role=Writer"
    assert as_admin.post(url, {"confirmation": "2 roles"}).url == LIST
    assert not account.roles.exists()


def test_deleting_needs_every_step_or_does_none(sign_in, caller_with, reader):
    reading = ("GetRole", "ListInstanceProfilesForRole", "ListAttachedRolePolicies")
    allowed = (*reading, "ListRolePolicies", "DeleteRole", "RemoveRoleFromInstanceProfile")
    theirs = sign_in(caller_with(allow(*(f"iam:{name}" for name in allowed))))
    assert "iam:DeleteInstanceProfile" in text_of(theirs.get(asked_to_delete()))
    response = theirs.post(asked_to_delete(), {"confirmation": "Reader"})
    assert response.status_code == 403
    assert reader.instance_profiles.exists()


def test_deleting_a_role_of_another_account_finds_nothing(sign_in, eve, reader):
    theirs = sign_in(eve)
    assert theirs.get(asked_to_delete()).status_code == 404
    assert theirs.post(asked_to_delete(), {"confirmation": "Reader"}).status_code == 404
    assert Role.objects.filter(pk=reader.pk).exists()
