"""The pages of user groups."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.caller import Caller
from accounts.models import Account, Event, Group
from tests.cast import allow
from tests.console.reading import markup_of, queries_of, seen_version, text_of
from tests.console.things import BILLING, READ_ONLY, attach, give_inline, new_group, new_members

SignIn = Callable[..., Client]

LIST = reverse("console:groups")
CREATE = reverse("console:groups-create")
SERVICE_ROLES_ONLY = "arn:aws:iam::aws:policy/aws-service-role/AWSSupportServiceRolePolicy"
#: Legal in IAM, and dangerous where a page or a spreadsheet takes them for more than text.
HOSTILE = ("=1+1", "@SUM", "a+b=c,d.e@f-g_h", "create")


@pytest.fixture
def developers(account: Account) -> Group:
    """A group without users and policies."""
    return new_group(account, "Developers")


@pytest.fixture
def as_admin(admin: Caller, sign_in: SignIn) -> Client:
    """The administrator's."""
    return sign_in(admin)


def address(view: str, name: str = "Developers") -> str:
    return reverse(f"console:{view}", args=[name])


def members(group: Group) -> list[str]:
    return sorted(group.users.values_list("name", flat=True))


# --- List ----------------------------------------------------------------------------------------


def test_the_list_shows_users_and_whether_permissions_are_defined(as_admin, account, developers):
    attach(new_group(account, "Auditors"), READ_ONLY)
    give_inline(new_group(account, "Builders"), "build")
    new_members(developers, 3)
    shown = text_of(as_admin.get(LIST))
    assert "User groups (3)" in shown
    assert "Auditors 0 Defined" in shown
    assert "Builders 0 Defined" in shown
    assert "Developers 3 Not defined" in shown


def test_the_list_sorts_by_users_in_both_directions(as_admin, account, developers):
    new_members(developers, 1)
    new_group(account, "Auditors")
    up = text_of(as_admin.get(LIST, {"sort": "users"}))
    down = text_of(as_admin.get(LIST, {"sort": "-users"}))
    assert up.index("Select Auditors") < up.index("Select Developers")
    assert down.index("Select Developers") < down.index("Select Auditors")


def test_the_list_says_what_to_do_where_there_is_no_group(as_admin):
    response = as_admin.get(LIST)
    assert "No user groups" in text_of(response)
    assert CREATE in response.content.decode()


def test_the_list_says_when_nothing_matches(as_admin, developers):
    assert "No matches" in text_of(as_admin.get(LIST, {"search": "zzz"}))


def test_a_refused_list_says_what_was_asked_and_why_it_was_refused(sign_in, alice):
    shown = text_of(sign_in(alice).get(LIST))
    assert "You don't have permission to iam:ListGroups" in shown
    assert "no identity-based policy allows the iam:ListGroups action" in shown


def test_the_list_takes_as_many_queries_for_fifty_groups_as_for_five(as_admin, account):
    for number in range(5):
        new_group(account, f"group-{number}")
    few = queries_of(as_admin, LIST)
    for number in range(5, 50):
        new_group(account, f"group-{number}")
    assert queries_of(as_admin, LIST) == few


# --- Create --------------------------------------------------------------------------------------


def test_a_group_is_created_with_users_and_policies_by_one_form(as_admin, alice, bob, account):
    response = as_admin.post(
        CREATE,
        {"group_name": "Testers", "users": ["alice", "bob"], "policies": [READ_ONLY, BILLING]},
    )
    assert response.url == address("group", "Testers")
    group = account.groups.get(name="Testers")
    assert members(group) == ["alice", "bob"]
    assert {row.managed_arn for row in group.attachments.all()} == {READ_ONLY, BILLING}
    assert "User group Testers created." in text_of(as_admin.get(response.url))


def test_looking_through_the_policies_creates_nothing_and_keeps_the_choice(as_admin, account):
    response = as_admin.post(
        CREATE,
        {
            "group_name": "Testers",
            "policies": [BILLING],
            "policies-search": "userCHANGE",
            "policies-find": "1",
        },
    )
    page = response.content.decode()
    assert response.status_code == 200
    assert not account.groups.exists()
    assert 'value="Testers"' in page
    assert f'name="policies" value="{BILLING}" checked' in page
    assert 'policy/IAMUserChangePassword" form="create-group" data-row>' in page
    assert "This field is required" not in page


def test_the_other_pages_of_the_policies_can_be_reached_without_scripts(as_admin):
    first = as_admin.post(CREATE, {"policies-find": "1"})
    second = as_admin.post(CREATE, {"policies-page": "2"})
    assert 'name="policies-page" value="2"' in first.content.decode()
    assert 'name="policies-page" value="1"' in second.content.decode()
    assert "AWSAccountActivityAccess" not in text_of(first)


def test_a_policy_for_service_linked_roles_can_be_seen_but_not_chosen(as_admin):
    page = as_admin.post(
        CREATE, {"policies-search": "AWSSupportServiceRolePolicy", "policies-find": "1"}
    )
    assert "For service-linked roles only" in text_of(page)
    assert f'value="{SERVICE_ROLES_ONLY}"' not in page.content.decode()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "This field is required."),
        ("x" * 129, "at most 128 characters"),
        ("<b>x</b>", "alphanumeric"),
        ("a b", "alphanumeric"),
        ("a/b", "alphanumeric"),
        ("ä", "alphanumeric"),
    ],
)
def test_a_name_that_cannot_be_is_refused_beside_its_field(as_admin, account, name, message):
    response = as_admin.post(CREATE, {"group_name": name})
    assert response.status_code == 422
    assert message in text_of(response)
    assert 'aria-invalid="true"' in response.content.decode()
    assert not account.groups.exists()


def test_a_taken_name_is_refused_beside_its_field_in_any_case(as_admin, account, developers):
    response = as_admin.post(CREATE, {"group_name": "DEVELOPERS", "policies": [READ_ONLY]})
    assert response.status_code == 422
    assert "Group with name DEVELOPERS already exists." in text_of(response)
    assert 'aria-invalid="true"' in response.content.decode()
    assert not developers.attachments.exists()


def test_too_many_policies_are_refused_before_anything_is_made(as_admin, account):
    arns = [f"arn:aws:iam::{account.pk}:policy/p{number}" for number in range(11)]
    response = as_admin.post(CREATE, {"group_name": "Testers", "policies": arns})
    assert response.status_code == 422
    assert "You can choose up to 10 here, and 11 are chosen." in text_of(response)
    assert not account.groups.exists()


def test_steps_that_fail_are_reported_one_by_one_and_the_others_are_done(as_admin, account, alice):
    gone = f"arn:aws:iam::{account.pk}:policy/Gone"
    response = as_admin.post(
        CREATE,
        {
            "group_name": "Testers",
            "users": ["nobody", "alice"],
            "policies": [gone, SERVICE_ROLES_ONLY, "junk", READ_ONLY],
        },
    )
    shown = text_of(response)
    assert "3 of 7 steps were done" in shown
    assert "The user with name nobody cannot be found." in shown
    assert "does not exist or is not attachable" in shown
    assert "PolicyNotAttachable" in shown
    group = account.groups.get(name="Testers")
    assert members(group) == ["alice"]
    assert [row.managed_arn for row in group.attachments.all()] == [READ_ONLY]


def test_a_quota_of_groups_that_is_used_up_is_said_in_the_report(as_admin, account, alice):
    for number in range(10):
        new_group(account, f"group-{number}").memberships.create(
            user=alice.user, created_at=account.created_at
        )
    response = as_admin.post(CREATE, {"group_name": "Testers", "users": ["alice"]})
    assert "Cannot exceed quota for GroupsPerUser: 10" in text_of(response)


def test_whoever_lacks_a_later_step_is_told_before_anything_is_done(sign_in, caller_with, account):
    theirs = sign_in(caller_with(allow("iam:CreateGroup", "iam:ListUsers", "iam:ListPolicies")))
    response = theirs.post(CREATE, {"group_name": "Testers", "policies": [READ_ONLY]})
    assert response.status_code == 422
    assert "you also need iam:AttachGroupPolicy" in text_of(response)
    assert not account.groups.exists()


def test_whoever_may_not_create_groups_is_refused_on_record(sign_in, alice, account):
    response = sign_in(alice).post(CREATE, {"group_name": "Testers"})
    assert response.status_code == 403
    assert "iam:CreateGroup" in text_of(response)
    assert not account.groups.exists()
    assert Event.objects.filter(action="iam:CreateGroup", outcome="denied").exists()


def test_the_form_is_there_for_whoever_may_list_neither_users_nor_policies(sign_in, alice):
    shown = text_of(sign_in(alice).get(CREATE))
    assert "You don't have permission to iam:ListUsers" in shown
    assert "You don't have permission to iam:ListPolicies" in shown
    assert "User group name" in shown


# --- One group -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", HOSTILE)
def test_names_that_look_like_something_else_work_everywhere(as_admin, account, name):
    assert as_admin.post(CREATE, {"group_name": name}).status_code == 302
    for view in ("group", "group-permissions", "group-rename", "group-add-users"):
        response = as_admin.get(address(view, name))
        assert response.status_code == 200
        assert name in text_of(response)
    assert as_admin.get(LIST).status_code == 200
    deleted = as_admin.post(
        reverse("console:groups-delete", query={"group": name}), {"confirmation": name}
    )
    assert deleted.url == LIST
    assert not account.groups.exists()


def test_markup_in_a_path_is_shown_as_text(as_admin, account):
    new_group(account, "Developers", path="/<img_src=x>/")
    page = as_admin.get(address("group")).content.decode()
    assert "/&lt;img_src=x&gt;/" in page
    assert "<img_src" not in page


@pytest.mark.parametrize(
    "view",
    ["group", "group-permissions", "group-add-users", "group-attach-policies"],
)
def test_a_group_of_another_account_is_as_absent_as_one_that_never_was(
    sign_in, eve, developers, view
):
    theirs = sign_in(eve)
    foreign, missing = theirs.get(address(view)), theirs.get(address(view, "Nobodys"))
    assert foreign.status_code == missing.status_code == 404
    assert text_of(foreign).replace("Developers", "") == text_of(missing).replace("Nobodys", "")


@pytest.mark.parametrize("view", ["group", "group-permissions"])
def test_each_part_of_a_page_is_refused_by_itself(sign_in, caller_with, developers, view):
    attach(developers, READ_ONLY)
    theirs = sign_in(caller_with(allow("iam:GetGroup")))
    shown = text_of(theirs.get(address(view)))
    assert developers.arn in shown
    assert ("iam:ListAttachedGroupPolicies" in shown) is (view == "group-permissions")
    assert "You need iam:DeleteGroup." in shown


def test_a_refused_page_does_not_tell_whether_the_group_exists(sign_in, alice, developers):
    theirs = sign_in(alice)
    there, missing = theirs.get(address("group")), theirs.get(address("group", "Nobodys"))
    assert there.status_code == missing.status_code == 200
    assert "iam:GetGroup" in text_of(there)


def test_the_users_of_a_group_are_listed_searched_and_paged(as_admin, developers):
    new_members(developers, 25)
    shown = text_of(as_admin.get(address("group")))
    assert "Users in this group (25)" in shown
    assert "user-0020" in shown
    assert "user-0021" not in shown
    assert "user-0025" in text_of(as_admin.get(address("group"), {"page": "2"}))
    assert "user-0007" in text_of(as_admin.get(address("group"), {"search": "0007"}))


def test_a_group_takes_as_many_queries_with_fifty_users_as_with_five(as_admin, account):
    few, many = new_group(account, "few"), new_group(account, "many")
    new_members(many, 50)
    for user in many.users.all()[:5]:
        few.memberships.create(user=user, created_at=few.created_at)
    assert queries_of(as_admin, address("group", "many")) == queries_of(
        as_admin, address("group", "few")
    )


def test_users_are_added_and_removed(as_admin, developers, alice, bob):
    added = as_admin.post(address("group-add-users"), {"users": ["alice", "bob"]})
    assert added.url == address("group")
    assert members(developers) == ["alice", "bob"]
    shown = text_of(as_admin.get(address("group")))
    assert "2 users added to Developers." in shown
    removed = as_admin.post(address("group-remove-users"), {"user": ["alice"]})
    assert removed.url == address("group")
    assert members(developers) == ["bob"]


def test_members_can_not_be_chosen_again(as_admin, developers, alice):
    developers.memberships.create(user=alice.user, created_at=developers.created_at)
    page = as_admin.get(address("group-add-users"))
    assert "Already in the group" in text_of(page)
    assert 'name="users" value="alice"' not in page.content.decode()


@pytest.mark.parametrize("view", ["group-add-users", "group-attach-policies"])
def test_choosing_nothing_is_said_and_changes_nothing(as_admin, developers, view):
    response = as_admin.post(address(view), {})
    assert response.status_code == 422
    assert "first." in text_of(response)


def test_policies_are_attached_and_detached(as_admin, developers):
    attached = as_admin.post(address("group-attach-policies"), {"policies": [READ_ONLY, BILLING]})
    assert attached.url == address("group-permissions")
    shown = text_of(as_admin.get(attached.url))
    assert "ReadOnlyAccess AWS managed" in shown
    assert "Billing AWS managed - job function" in shown
    as_admin.post(address("group-detach-policies"), {"policy": [BILLING]})
    assert [row.managed_arn for row in developers.attachments.all()] == [READ_ONLY]


def test_attached_policies_count_against_the_limit(as_admin, developers, account):
    attach(developers, READ_ONLY)
    arns = [f"arn:aws:iam::{account.pk}:policy/p{number}" for number in range(10)]
    response = as_admin.post(address("group-attach-policies"), {"policies": arns})
    assert response.status_code == 422
    assert "up to 9" in text_of(response)


def test_inline_policies_are_shown_by_name(as_admin, developers):
    give_inline(developers, "read-reports")
    assert "read-reports Inline" in text_of(as_admin.get(address("group-permissions")))


@pytest.mark.parametrize(
    ("view", "body", "action"),
    [
        ("group-add-users", {"users": ["bob"]}, "iam:AddUserToGroup"),
        ("group-remove-users", {"user": ["bob"]}, "iam:RemoveUserFromGroup"),
        ("group-attach-policies", {"policies": [BILLING]}, "iam:AttachGroupPolicy"),
        ("group-detach-policies", {"policy": [READ_ONLY]}, "iam:DetachGroupPolicy"),
        ("group-rename", {"new_group_name": "Others"}, "iam:UpdateGroup"),
    ],
)
def test_a_change_that_is_not_allowed_is_refused_and_changes_nothing(
    sign_in, alice, bob, developers, view, body, action
):
    attach(developers, READ_ONLY)
    response = sign_in(alice).post(address(view), body)
    assert response.status_code == 403
    assert action in text_of(response)
    developers.refresh_from_db()
    assert developers.name == "Developers"
    assert members(developers) == []
    assert [row.managed_arn for row in developers.attachments.all()] == [READ_ONLY]


@pytest.mark.parametrize(
    ("view", "body"),
    [
        ("group-add-users", {"users": ["eve"]}),
        ("group-remove-users", {"user": ["eve"]}),
        ("group-attach-policies", {"policies": [READ_ONLY]}),
        ("group-detach-policies", {"policy": [READ_ONLY]}),
        ("group-rename", {"new_group_name": "Others"}),
    ],
)
def test_a_group_of_another_account_can_not_be_changed(sign_in, eve, developers, view, body):
    attach(developers, BILLING)
    assert sign_in(eve).post(address(view), body).status_code in (404, 422)
    developers.refresh_from_db()
    assert developers.name == "Developers"
    assert [row.managed_arn for row in developers.attachments.all()] == [BILLING]


def test_a_user_of_another_account_can_not_be_added(as_admin, developers, eve):
    response = as_admin.post(address("group-add-users"), {"users": ["eve"]})
    assert response.status_code == 404
    assert members(developers) == []


def test_a_group_is_renamed(as_admin, developers):
    response = as_admin.post(address("group-rename"), {"new_group_name": "Engineers"})
    assert response.url == address("group", "Engineers")
    assert "is now called Engineers" in text_of(as_admin.get(response.url))


def test_renaming_to_a_taken_name_is_refused_beside_the_field(as_admin, developers, account):
    new_group(account, "Auditors")
    response = as_admin.post(address("group-rename"), {"new_group_name": "auditors"})
    assert response.status_code == 422
    assert "Group with name auditors already exists." in text_of(response)


def test_a_group_that_was_replaced_meanwhile_is_not_renamed_unseen(as_admin, account):
    new_group(account, "Developers")
    seen = seen_version(markup_of(as_admin.get(address("group-rename"))))
    account.groups.all().delete()
    new_group(account, "Developers")
    sent = {"new_group_name": "Builders", "seen_version": seen}
    assert as_admin.post(address("group-rename"), sent).status_code == 409
    assert [group.name for group in account.groups.all()] == ["Developers"]


def test_the_tab_says_how_many_users_there_are(as_admin, account, alice, bob):
    new_group(account, "Developers", alice.user, bob.user)
    for page in ("group", "group-permissions", "group-last-accessed"):
        assert "Users (2)" in text_of(as_admin.get(address(page)))
