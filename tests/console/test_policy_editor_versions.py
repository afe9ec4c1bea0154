"""Editing a managed policy: a new version, the review before it, the one that has to go."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.actions.attachments import attach_user_policy
from accounts.actions.policies import get_policy
from accounts.actions.policy_versions import create_policy_version, list_policy_versions
from accounts.actions.users import create_user
from accounts.caller import Caller
from tests.cast import allow, arn, document
from tests.console.reading import hidden
from tests.console.written_policies import LISTING, READING, edit_url, made, stored


@pytest.fixture
def browser(sign_in: Callable[..., Client], admin: Caller) -> Client:
    """The administrator's."""
    return sign_in(admin)


def test_saving_makes_a_new_version_and_puts_it_in_force(browser, admin):
    made(admin)
    page = browser.get(edit_url())
    assert page.context["editor"].document == READING
    page = browser.post(edit_url(), hidden(page) | {"document": LISTING, "go": "review"})
    assert page.context["form"]["set_as_default"].value() is True
    sent = hidden(page) | {"set_as_default": "on", "go": "save"}
    answer = browser.post(edit_url(), sent)
    assert answer.status_code == 302
    assert stored(admin, "Photos") == LISTING
    assert get_policy(admin, policy_arn=arn("policy/Photos")).default_version_id == "v2"


def test_a_new_version_need_not_be_in_force(browser, admin):
    made(admin)
    page = browser.get(edit_url())
    browser.post(edit_url(), hidden(page) | {"document": LISTING, "go": "save", "oldest": ""})
    assert stored(admin, "Photos") == READING
    assert len(list_policy_versions(admin, policy_arn=arn("policy/Photos")).items) == 2


def test_the_review_shows_both_texts_and_what_the_change_gives_and_takes(browser, admin):
    made(admin)
    page = browser.post(edit_url(), {"document": LISTING, "mode": "json", "go": "review"})
    assert {line.kind for line in page.context["lines"]} & {"changed", "added", "removed"}
    effect = page.context["effect"]
    assert [each.action for each in effect.gained] == ["s3:ListBucket"]
    assert [each.action for each in effect.lost] == ["s3:GetObject"]


def test_the_review_says_how_many_the_change_concerns(browser, admin):
    policy = made(admin)
    sent = {"document": LISTING, "mode": "json", "go": "review"}
    assert "Nobody has it." in browser.post(edit_url(), sent).content.decode()
    attach_user_policy(admin, user_name="admin", policy_arn=policy)
    create_user(admin, user_name="bounded", permissions_boundary=policy)
    shown = browser.post(edit_url(), sent).content.decode()
    assert "1 user, group or role has it, and 1 user, group or role is limited by it" in shown


def test_editing_can_begin_with_another_version(browser, admin):
    policy = made(admin)
    create_policy_version(admin, policy_arn=policy, policy_document=LISTING, set_as_default=True)
    page = browser.get(edit_url() + "?version=v1")
    assert page.context["editor"].document == READING
    assert browser.get(edit_url() + "?version=v9").status_code == 404


def test_with_five_versions_the_oldest_not_in_force_goes_once_somebody_agrees(browser, admin):
    policy = made(admin)
    for _ in range(4):
        create_policy_version(admin, policy_arn=policy, policy_document=READING)
    page = browser.post(edit_url(), {"document": LISTING, "mode": "json", "go": "review"})
    assert "Delete version v2" in page.content.decode()
    sent = hidden(page) | {"go": "save", "set_as_default": "on"}
    refused = browser.post(edit_url(), sent)
    assert refused.status_code == 422
    assert admin.home.policies.get().versions.count() == 5
    assert browser.post(edit_url(), sent | {"delete_oldest": "on"}).status_code == 302
    ids = [each.version_id for each in list_policy_versions(admin, policy_arn=policy).items]
    assert ids == ["v6", "v5", "v4", "v3", "v1"]


def test_leave_to_delete_one_version_is_not_leave_to_delete_another(browser, admin):
    policy = made(admin)
    for _ in range(4):
        create_policy_version(admin, policy_arn=policy, policy_document=READING)
    sent = {
        "document": LISTING, "mode": "json", "go": "save", "oldest": "v3", "delete_oldest": "on",
    }  # fmt: skip
    page = browser.post(edit_url(), sent)
    assert page.status_code == 422
    assert "Now v2 would go" in page.content.decode()


def test_nothing_is_overwritten_unseen(browser, admin):
    policy = made(admin)
    page = browser.get(edit_url())
    text = document(allow("s3:DeleteObject"))
    create_policy_version(admin, policy_arn=policy, policy_document=text, set_as_default=True)
    sent = hidden(page) | {"document": LISTING, "go": "save", "oldest": "", "set_as_default": "on"}
    answer = browser.post(edit_url(), sent)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "s3:DeleteObject" in shown
    assert "s3:ListBucket" in shown
    assert stored(admin, "Photos") == text
    again = browser.post(edit_url(), hidden(answer))
    assert again.status_code == 302
    assert stored(admin, "Photos") == LISTING


def test_foreign_and_missing_policies_do_not_exist(browser, sign_in, admin, eve):
    made(admin)
    assert browser.get(edit_url("Missing")).status_code == 404
    assert sign_in(eve).get(edit_url()).status_code == 404
    assert browser.get("/console/iam/policy-edit/nonsense/").status_code in (400, 404)


def test_who_may_read_but_not_change_sees_which_permission_it_needs(sign_in, caller_with, admin):
    made(admin)
    browser = sign_in(caller_with(allow("iam:Get*", "iam:List*")))
    assert "You need iam:CreatePolicyVersion." in browser.get(edit_url()).content.decode()
    sent = {"document": LISTING, "mode": "json", "go": "save", "oldest": "", "set_as_default": "on"}
    assert browser.post(edit_url(), sent).status_code == 403
    assert stored(admin, "Photos") == READING


def test_one_who_may_not_delete_versions_is_told_before_anything_is_done(
    sign_in, caller_with, admin
):
    policy = made(admin)
    for _ in range(4):
        create_policy_version(admin, policy_arn=policy, policy_document=READING)
    browser = sign_in(caller_with(allow("iam:Get*", "iam:List*", "iam:CreatePolicyVersion")))
    sent = {
        "document": LISTING, "mode": "json", "go": "save", "oldest": "v2", "delete_oldest": "on",
    }  # fmt: skip
    page = browser.post(edit_url(), sent)
    assert page.status_code == 403
    assert admin.home.policies.get().versions.count() == 5
