"""The form that detaches policies from a group or role, when somebody else was quicker."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.actions import attachments, groups, roles
from accounts.actions.registry import ACTIONS
from tests.cast import trust
from tests.console.reading import seen_version, text_of

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
BILLING = "arn:aws:iam::aws:policy/job-function/Billing"


@pytest.fixture
def both(root):
    """A group and a role, each with one policy."""
    groups.create_group(root, group_name="Things")
    attachments.attach_group_policy(root, group_name="Things", policy_arn=READ_ONLY)
    service = trust(Service="ec2.amazonaws.com")
    roles.create_role(root, role_name="Things", assume_role_policy_document=service)
    attachments.attach_role_policy(root, role_name="Things", policy_arn=READ_ONLY)


@pytest.mark.parametrize(("kind", "page"), [("group", "group-permissions"), ("role", "role")])
def test_what_was_attached_meanwhile_is_shown_before_anything_is_detached(
    both, root, admin, sign_in, kind, page
):
    browser, name = sign_in(admin), {f"{kind}_name": "Things"}
    seen = seen_version(browser.get(reverse(f"console:{page}", args=["Things"])).content.decode())
    ACTIONS[f"iam:Attach{kind.title()}Policy"].run(root, policy_arn=BILLING, **name)
    detach = reverse(f"console:{kind}-detach-policies", args=["Things"])
    listed = ACTIONS[f"iam:ListAttached{kind.title()}Policies"].run

    answer = browser.post(detach, {"policy": [READ_ONLY], "seen_version": seen})
    assert answer.status_code == 409
    assert "job-function/Billing" in text_of(answer)
    assert len(listed(root, **name).items) == 2

    again = seen_version(answer.content.decode())
    browser.post(detach, {"policy": [READ_ONLY], "seen_version": again})
    assert [row.policy_arn for row in listed(root, **name).items] == [BILLING]
