"""Changing what a user has: policies, groups, tags."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.actions.attachments import attach_group_policy
from accounts.models import InlinePolicy, Membership
from tests.cast import allow, document
from tests.console.reading import markup_of, queries_of, tag_rows, url
from tests.console.things import BILLING, READ_ONLY, attach, new_group

CHANGE_PASSWORD = "arn:aws:iam::aws:policy/IAMUserChangePassword"
VIEW_ONLY = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"


def test_managed_policies_are_attached_and_detached(sign_in, admin, bob):
    browser = sign_in(admin)
    page = markup_of(browser.get(url("user-add-permissions", "bob")))
    assert "To user bob." in page
    response = browser.post(
        url("user-add-permissions", "bob"),
        {"option": "attach", "go": "add", "policies": [READ_ONLY, VIEW_ONLY]},
        follow=True,
    )
    assert "Permissions added to user bob." in markup_of(response)
    assert {row.managed_arn for row in bob.user.attachments.all()} == {READ_ONLY, VIEW_ONLY}

    dialog = markup_of(browser.get(url("user-remove-policy", "bob"), {"policy": READ_ONLY}))
    assert "Remove policy ReadOnlyAccess?" in dialog
    browser.post(url("user-remove-policy", "bob"), {"policy": READ_ONLY})
    assert [row.managed_arn for row in bob.user.attachments.all()] == [VIEW_ONLY]


def test_an_inline_policy_is_removed(sign_in, admin, bob, account):
    InlinePolicy.objects.create(
        account=account, user=bob.user, name="mine", document=document(allow("s3:*"))
    )
    browser = sign_in(admin)
    dialog = markup_of(browser.get(url("user-remove-policy", "bob"), {"policy": "inline:mine"}))
    assert "An inline policy is deleted" in dialog
    browser.post(url("user-remove-policy", "bob"), {"policy": "inline:mine"})
    assert not bob.user.inline_policies.exists()


def test_a_policy_that_may_not_be_attached_says_so_in_its_row(sign_in, caller_with, bob):
    only = {"ArnEquals": {"iam:PolicyARN": CHANGE_PASSWORD}}
    who = caller_with(allow("iam:List*", "iam:Get*"), allow("iam:AttachUserPolicy", Condition=only))
    browser = sign_in(who)
    address = url("user-add-permissions", "bob")
    find = {"policies-search": "IAMUser", "policies-find": "1"}
    page = markup_of(browser.post(address, find))
    assert f'value="{CHANGE_PASSWORD}"' in page
    assert page.count('name="policies"') == 1
    assert "You need iam:AttachUserPolicy" in page
    assert (
        browser.post(
            address, {"option": "attach", "go": "add", "policies": [VIEW_ONLY]}
        ).status_code
        == 403
    )
    assert (
        browser.post(
            address, {"option": "attach", "go": "add", "policies": [CHANGE_PASSWORD]}
        ).status_code
        == 302
    )
    assert [row.managed_arn for row in bob.user.attachments.all()] == [CHANGE_PASSWORD]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ([], 422),
        (["arn:aws:iam::aws:policy/NoSuchPolicy"], 404),
        (["arn:aws:iam::444455556666:policy/Theirs"], 404),
        (["not an arn"], 400),
        (["<b>"], 400),
        ([f"arn:aws:iam::aws:policy/p{number}" for number in range(11)], 422),
    ],
)
def test_attaching_nonsense_attaches_nothing(sign_in, admin, bob, sent, status):
    response = sign_in(admin).post(
        url("user-add-permissions", "bob"), {"option": "attach", "go": "add", "policies": sent}
    )
    assert response.status_code == status
    assert "<b>" not in markup_of(response)
    assert not bob.user.attachments.exists()


def test_nonsense_is_not_removed(sign_in, admin, bob):
    browser = sign_in(admin)
    for value in ("inline:none", "arn:aws:iam::aws:policy/ReadOnlyAccess"):
        response = browser.post(url("user-remove-policy", "bob"), {"policy": value})
        assert response.status_code == 404, value


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("value", ["", "inline:", "x"])
def test_whoever_chose_no_policy_to_remove_is_told_to(sign_in, admin, bob, method, value):
    ask = getattr(sign_in(admin), method)
    response = ask(url("user-remove-policy", "bob"), {"policy": value}, follow=True)
    assert response.redirect_chain == [(url("user", "bob"), 302)]
    assert "Select a policy first." in markup_of(response)
    assert ask(url("user-remove-policy", "nobody"), {"policy": value}).status_code == 404


def test_a_user_is_put_into_groups_and_taken_out(sign_in, admin, bob, account):
    new_group(account, "Developers")
    new_group(account, "Testers", bob.user)
    browser = sign_in(admin)
    page = markup_of(browser.get(url("user-add-to-groups", "bob")))
    assert 'value="Developers"' in page
    assert 'value="Testers"' not in page
    assert "In this group already" in page
    response = browser.post(url("user-add-to-groups", "bob"), {"groups": "Developers"}, follow=True)
    assert "Developers" in markup_of(response)
    assert bob.user.groups.count() == 2

    leaving = {"group": ["Developers", "Testers"]}
    dialog = markup_of(browser.get(url("user-remove-from-groups", "bob"), leaving))
    assert "Remove user from 2 groups?" in dialog
    browser.post(url("user-remove-from-groups", "bob"), leaving)
    assert not bob.user.groups.exists()


def test_a_group_that_may_not_be_changed_says_so(sign_in, caller_with, bob, account):
    new_group(account, "Developers", bob.user)
    new_group(account, "Testers")
    browser = sign_in(caller_with(allow("iam:List*", "iam:Get*")))
    assert "You need iam:AddUserToGroup" in markup_of(browser.get(url("user-add-to-groups", "bob")))
    dialog = browser.get(url("user-remove-from-groups", "bob"), {"group": "Developers"})
    assert "You need iam:RemoveUserFromGroup." in markup_of(dialog)
    assert browser.post(url("user-add-to-groups", "bob"), {"groups": "Testers"}).status_code == 403
    response = browser.post(url("user-remove-from-groups", "bob"), {"group": "Developers"})
    assert response.status_code == 403
    assert bob.user.groups.count() == 1


@pytest.mark.parametrize("name", ["Nobody", "<b>", "x" * 300, "a\0b"])
def test_a_group_that_is_not_there_changes_nothing(sign_in, admin, bob, name):
    browser = sign_in(admin)
    for page, field in (("user-add-to-groups", "groups"), ("user-remove-from-groups", "group")):
        response = browser.post(url(page, "bob"), {field: name})
        assert response.status_code in (400, 404)
        assert "<b>" not in markup_of(response)
        assert browser.get(url(page, "bob"), {field: name}).status_code == 200
    assert not Membership.objects.exists()


def test_a_group_of_another_account_can_not_be_joined(sign_in, admin, bob, other):
    new_group(other, "Theirs")
    response = sign_in(admin).post(url("user-add-to-groups", "bob"), {"groups": "Theirs"})
    assert response.status_code == 404
    assert not Membership.objects.exists()


def test_tags_are_set_changed_and_removed_at_once(sign_in, admin, bob):
    bob.user.tags = {"team": "red", "old": "1", "kept": "yes"}
    bob.user.save()
    sent = tag_rows(("team", "blue"), ("kept", "yes"), ("Old", "2"), ("new", ""))
    response = sign_in(admin).post(url("user-edit-tags", "bob"), sent, follow=True)
    assert "Tags of user bob saved." in markup_of(response)
    bob.user.refresh_from_db()
    assert bob.user.tags == {"team": "blue", "kept": "yes", "Old": "2", "new": ""}


def test_a_removed_row_removes_its_tag(sign_in, admin, bob):
    bob.user.tags = {"team": "red", "kept": "yes"}
    bob.user.save()
    sent = tag_rows(("team", "red"), ("kept", "yes")) | {"tags-0-DELETE": "on"}
    sign_in(admin).post(url("user-edit-tags", "bob"), sent)
    bob.user.refresh_from_db()
    assert bob.user.tags == {"kept": "yes"}


@pytest.mark.parametrize(
    "pairs",
    [
        (("new", "1"), ("NEW", "2")),
        (("aws:mine", "1"),),
        (("<b>", "1"),),
        (("k" * 129, "1"),),
        (("key", "v" * 257),),
        (("", "1"),),
    ],
)
def test_bad_tags_change_nothing_not_even_the_good_ones(sign_in, admin, bob, pairs):
    bob.user.tags = {"goes": "1"}
    bob.user.save()
    response = sign_in(admin).post(url("user-edit-tags", "bob"), tag_rows(("good", "1"), *pairs))
    assert response.status_code == 422
    assert "<b>" not in markup_of(response)
    bob.user.refresh_from_db()
    assert bob.user.tags == {"goes": "1"}


def test_add_new_tag_gives_a_row_and_saves_nothing(sign_in, admin, bob):
    response = sign_in(admin).post(
        url("user-edit-tags", "bob"), tag_rows(("team", "red")) | {"add_tag": "1"}
    )
    assert response.status_code == 200
    assert 'name="tags-1-key"' in markup_of(response)
    bob.user.refresh_from_db()
    assert bob.user.tags == {}


def test_lacking_the_second_permission_the_first_step_is_not_done(sign_in, caller_with, bob):
    bob.user.tags = {"goes": "1"}
    bob.user.save()
    who = caller_with(allow("iam:ListUserTags", "iam:UntagUser"))
    response = sign_in(who).post(url("user-edit-tags", "bob"), tag_rows(("new", "1")))
    assert response.status_code == 422
    assert "you also need iam:TagUser" in markup_of(response)
    bob.user.refresh_from_db()
    assert bob.user.tags == {"goes": "1"}


def test_strangers_change_nothing(sign_in, eve, alice, account):
    attach(alice.user)
    group = new_group(account, "Developers", alice.user)
    browser = sign_in(eve)
    for page, sent in (
        ("user-add-permissions", {"option": "attach", "go": "add", "policies": VIEW_ONLY}),
        ("user-remove-policy", {"policy": READ_ONLY}),
        ("user-add-to-groups", {"groups": group.name}),
        ("user-remove-from-groups", {"group": group.name}),
        ("user-edit-tags", tag_rows(("team", "red"))),
        ("user-console-access", {"password_kind": "auto"}),
        ("user-disable-access", {}),
    ):
        assert browser.post(url(page, "alice"), sent).status_code == 404, page
    alice.user.refresh_from_db()
    assert alice.user.tags == {}
    assert alice.user.attachments.count() == 1
    assert alice.user.groups.count() == 1


def test_the_permissions_ask_as_much_for_many_policies_as_for_few(sign_in, admin, bob, account):
    group = new_group(account, "Developers", bob.user)
    browser = sign_in(admin)
    few = queries_of(browser, url("user", "bob"))
    for number in range(10):
        attach(bob.user, f"arn:aws:iam::aws:policy/Policy{number}")
        attach(group, f"arn:aws:iam::aws:policy/Policy{number}")
        InlinePolicy.objects.create(
            account=account, user=bob.user, name=f"p{number}", document=document(allow("s3:*"))
        )
    assert queries_of(browser, url("user", "bob")) == few


def test_adding_to_groups_asks_as_much_for_many_groups_as_for_few(sign_in, admin, bob, account):
    browser = sign_in(admin)
    new_group(account, "group-0")
    few = queries_of(browser, url("user-add-to-groups", "bob"))
    for number in range(1, 60):
        new_group(account, f"group-{number}")
    assert queries_of(browser, url("user-add-to-groups", "bob")) == few


def test_the_groups_of_a_user_tell_how_many_policies_each_has(sign_in, admin, bob, account):
    crew, _empty = new_group(account, "Crew", bob.user), new_group(account, "Empty", bob.user)
    for policy_arn in (READ_ONLY, BILLING):
        attach_group_policy(admin, group_name=crew.name, policy_arn=policy_arn)
    page = sign_in(admin).get(reverse("console:user-groups", args=["bob"]))
    rows = page.context["table"].rows
    assert [(row.name, row.attached) for row in rows] == [("Crew", 2), ("Empty", 0)]
    assert "Attached policies" in page.content.decode()


def test_who_may_not_list_a_groups_policies_is_told_what_that_takes(
    sign_in, caller_with, bob, account
):
    new_group(account, "Crew", bob.user)
    browser = sign_in(caller_with(allow("iam:ListGroupsForUser")))
    page = browser.get(reverse("console:user-groups", args=["bob"])).content.decode()
    assert "you need iam:ListAttachedGroupPolicies" in page


def test_the_groups_of_a_user_take_as_many_queries_for_ten_as_for_one(sign_in, admin, bob, account):
    browser, url = sign_in(admin), reverse("console:user-groups", args=["bob"])
    new_group(account, "Crew0", bob.user)
    few = queries_of(browser, url)
    for number in range(1, 10):
        new_group(account, f"Crew{number}", bob.user)
    assert queries_of(browser, url) == few
