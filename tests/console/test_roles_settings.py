"""A role's pages on which it is changed: trust, settings, tags, sessions; and those of services."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions import roles, service_linked_roles, users
from accounts.caller import Caller
from accounts.models import Account, Role
from iamconsole.console.roles import revocation
from tests.cast import allow, document, trust
from tests.console.reading import NO_TAGS, queries_of, text_of
from tests.console.things import new_role

SignIn = Callable[..., Client]
LAMBDA = trust(Service="lambda.amazonaws.com")
PAGES = ("role-edit-trust", "role-edit", "role-edit-tags", "role-revoke-sessions")
SEEN = re.compile(r'name="seen_version" value="([0-9a-f]+)"')


@pytest.fixture
def reader(account: Account) -> Role:
    """A role for EC2."""
    return new_role(account, "Reader")


@pytest.fixture
def linked(root: Caller) -> Role:
    """The role of a service."""
    return service_linked_roles.create_service_linked_role(
        root, aws_service_name="rds.amazonaws.com"
    )


@pytest.fixture
def as_admin(admin: Caller, sign_in: SignIn) -> Client:
    """The administrator's browser."""
    return sign_in(admin)


def address(view: str, name: str = "Reader") -> str:
    return reverse(f"console:{view}", args=[name])


def seen(browser: Client, url: str) -> dict[str, str]:
    """The hidden field of a page's form."""
    found = SEEN.search(browser.get(url).content.decode())
    assert found
    return {"seen_version": found.group(1)}


# --- Trust ---------------------------------------------------------------------------------------


def test_the_trust_page_says_who_is_trusted_and_on_which_conditions(as_admin, account):
    conditions = {"StringEquals": {"sts:ExternalId": "<b>"}}
    statement = json.loads(trust(AWS="arn:aws:iam::444455556666:root"))["Statement"][0]
    new_role(account, "Reader", document(statement | {"Condition": conditions}))
    response = as_admin.get(address("role-trust"))
    shown = text_of(response)
    assert "Account: 444455556666" in shown
    assert "the external ID &lt;b&gt;." in shown
    assert "/switchrole/?account=111122223333&amp;roleName=Reader" in response.content.decode()


def test_a_link_to_switch_is_only_for_roles_that_people_can_switch_to(as_admin, reader):
    assert "/switchrole/" not in as_admin.get(address("role")).content.decode()


def test_a_deleted_user_is_shown_by_id_with_what_that_means(as_admin, root, bob):
    roles.create_role(root, role_name="Reader", assume_role_policy_document=trust(AWS=bob.arn))
    assert f"User: {bob.arn}" in text_of(as_admin.get(address("role-trust")))
    users.delete_user(root, user_name="bob")
    users.create_user(root, user_name="bob")
    shown = text_of(as_admin.get(address("role-trust")))
    assert f"Deleted user {bob.unique_id}" in shown
    assert "A new one of the same name is not trusted" in shown


def test_the_trust_policy_is_edited_reviewed_and_saved(as_admin, reader):
    url = address("role-edit-trust")
    field = seen(as_admin, url)
    review = as_admin.post(url, field | {"document": LAMBDA, "go": "review"})
    shown = text_of(review)
    assert "Review and save" in shown
    assert "ec2.amazonaws.com" in shown
    assert "lambda.amazonaws.com" in shown
    back = as_admin.post(url, field | {"document": LAMBDA, "go": "back"})
    assert "lambda.amazonaws.com" in text_of(back)
    reader.refresh_from_db()
    assert "ec2" in reader.trust_policy
    saved = as_admin.post(url, field | {"document": LAMBDA, "go": "save"})
    assert saved.url == address("role-trust")
    reader.refresh_from_db()
    assert reader.trust_policy == LAMBDA


def test_another_change_of_the_trust_policy_is_not_overwritten(as_admin, root, reader):
    url = address("role-edit-trust")
    field = seen(as_admin, url)
    theirs = trust(Service="s3.amazonaws.com")
    roles.update_assume_role_policy(root, role_name="Reader", policy_document=theirs)
    response = as_admin.post(url, field | {"document": LAMBDA, "go": "save"})
    assert response.status_code == 409
    assert "s3.amazonaws.com" in text_of(response)
    reader.refresh_from_db()
    assert reader.trust_policy == theirs


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        (document(allow("sts:AssumeRole")), "Resource"),
        (trust(Service=[f"s{n}.amazonaws.com" for n in range(120)]), "characters too many"),
    ],
)
@pytest.mark.parametrize("go", ["review", "save"])
def test_a_trust_policy_that_cannot_be_is_refused_and_kept_in_the_form(
    as_admin, reader, text, message, go
):
    response = as_admin.post(address("role-edit-trust"), {"document": text, "go": go})
    assert response.status_code == 422
    assert message in text_of(response)
    reader.refresh_from_db()
    assert "ec2" in reader.trust_policy


def test_a_principal_that_is_not_there_is_refused_with_the_document_kept(as_admin, reader, account):
    nobody = trust(AWS=f"arn:aws:iam::{account.pk}:role/nobody")
    response = as_admin.post(address("role-edit-trust"), {"document": nobody, "go": "save"})
    assert response.status_code == 422
    assert "Invalid principal in policy" in text_of(response)
    assert "role/nobody" in response.content.decode()


# --- Settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ({"duration": "43200"}, 43200),
        ({"duration": "custom", "max_session_duration": "5400"}, 5400),
        ({"duration": "7200", "max_session_duration": "nonsense"}, 7200),
    ],
)
def test_description_and_session_are_changed(as_admin, reader, sent, seconds):
    url = address("role-edit")
    response = as_admin.post(url, seen(as_admin, url) | sent | {"description": "For reports"})
    assert response.url == address("role")
    reader.refresh_from_db()
    assert (reader.description, reader.max_session_duration) == ("For reports", seconds)


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"duration": "custom"}, "Enter the duration in seconds."),
        ({"duration": "custom", "max_session_duration": "60"}, "3600"),
        ({"duration": "custom", "max_session_duration": "43201"}, "43200"),
        ({"duration": "3601"}, "Select a valid choice"),
        ({"duration": "3600", "description": "x" * 1001}, "1000"),
        ({"duration": "3600", "description": "\u20ac"}, "description"),
    ],
)
def test_settings_that_cannot_be_are_refused_beside_their_fields(as_admin, reader, sent, message):
    response = as_admin.post(address("role-edit"), sent)
    assert response.status_code == 422
    assert message in text_of(response)
    reader.refresh_from_db()
    assert (reader.description, reader.max_session_duration) == ("", 3600)


def test_another_change_of_the_settings_is_not_overwritten(as_admin, root, reader):
    url = address("role-edit")
    field = seen(as_admin, url)
    roles.update_role(root, role_name="Reader", description="Theirs", max_session_duration=7200)
    response = as_admin.post(url, field | {"duration": "3600", "description": "Mine"})
    assert response.status_code == 409
    assert "Theirs" in text_of(response)
    assert "Mine" in text_of(response)


def test_tags_are_changed_and_another_change_is_not_overwritten(as_admin, root, reader):
    url = address("role-edit-tags")
    field = seen(as_admin, url)
    sent = field | NO_TAGS | {"tags-0-key": "team", "tags-0-value": "blue"}
    assert as_admin.post(url, sent).url == address("role-tags")
    reader.refresh_from_db()
    assert reader.tags == {"team": "blue"}
    other = field | NO_TAGS | {"tags-0-key": "cost", "tags-0-value": "1"}
    assert as_admin.post(url, other).status_code == 409
    reader.refresh_from_db()
    assert reader.tags == {"team": "blue"}


# --- Sessions ------------------------------------------------------------------------------------


def test_revoking_denies_everything_to_sessions_that_have_begun(as_admin, reader):
    url = address("role-revoke-sessions")
    assert "Never" in text_of(as_admin.get(url))
    assert as_admin.post(url, {}).status_code == 422
    assert not reader.inline_policies.exists()
    assert as_admin.post(url, {"acknowledged": "on"}).url == url
    policy = reader.inline_policies.get()
    assert policy.name == "AWSRevokeOlderSessions"
    (statement,) = json.loads(policy.document)["Statement"]
    moment = statement.pop("Condition")["DateLessThan"]["aws:TokenIssueTime"]
    assert statement == {"Effect": "Deny", "Action": ["*"], "Resource": ["*"]}
    assert moment.endswith("Z")
    assert "Never" not in text_of(as_admin.get(url))


@pytest.mark.parametrize("text", ["{", "[]", '{"Statement": []}', document(allow("s3:*"))])
def test_a_policy_of_that_name_that_says_something_else_tells_no_time(text):
    assert revocation.moment(text) is None


# --- Who may, and roles of services --------------------------------------------------------------


@pytest.mark.parametrize("view", PAGES)
def test_a_role_of_another_account_is_as_absent_as_one_that_never_was(sign_in, eve, reader, view):
    theirs = sign_in(eve)
    for name in ("Reader", "Nobodys"):
        assert theirs.get(address(view, name)).status_code == 404
        assert theirs.post(address(view, name), {"acknowledged": "on"}).status_code == 404


@pytest.mark.parametrize(
    ("view", "sent", "action"),
    [
        (
            "role-edit-trust",
            {"document": LAMBDA, "go": "save"},
            "iam:UpdateAssumeRolePolicy",
        ),
        ("role-edit", {"duration": "7200"}, "iam:UpdateRole"),
        ("role-edit-tags", NO_TAGS | {"tags-0-key": "a"}, "iam:TagRole"),
        ("role-revoke-sessions", {"acknowledged": "on"}, "iam:PutRolePolicy"),
    ],
)
def test_a_change_that_is_not_allowed_is_disabled_and_refused(
    sign_in, caller_with, reader, view, sent, action
):
    theirs = sign_in(caller_with(allow("iam:Get*", "iam:List*")))
    page = {"role-edit-trust": "role-trust", "role-edit": "role", "role-edit-tags": "role-tags"}
    assert f"You need {action}." in text_of(theirs.get(address(page.get(view, view))))
    response = theirs.post(address(view), sent)
    assert response.status_code == 403
    assert action in text_of(response)


def test_a_role_of_a_service_is_shown_without_anything_to_change_but_its_description(
    as_admin, linked
):
    name = linked.name
    for view in ("role", "role-trust", "role-revoke-sessions"):
        shown = text_of(as_admin.get(address(view, name)))
        assert "Service-linked role" in shown
        assert "linked to a service, which alone can change it" in shown
    response = as_admin.post(address("role-edit-trust", name), {"document": LAMBDA, "go": "save"})
    assert response.status_code == 400
    response = as_admin.post(address("role-revoke-sessions", name), {"acknowledged": "on"})
    assert "only modifiable by AWS" in text_of(response)
    as_admin.post(address("role-edit", name), {"description": "Ours", "duration": "7200"})
    linked.refresh_from_db()
    assert (linked.description, linked.max_session_duration) == ("Ours", 3600)


def test_a_role_of_a_service_is_deleted_by_asking_the_service(as_admin, linked, account):
    url = reverse("console:roles-delete", query={"role": linked.name})
    assert "Last activity None" in text_of(as_admin.get(url))
    as_admin.post(url, {"confirmation": linked.name})
    assert not account.roles.exists()


@pytest.mark.parametrize("view", ["role", "role-trust", *PAGES])
def test_a_page_takes_as_many_queries_for_many_principals_as_for_one(
    as_admin, account, root, admin, bob, alice, view
):
    roles.create_role(root, role_name="One", assume_role_policy_document=trust(AWS=bob.arn))
    many = trust(AWS=[bob.arn, alice.arn, admin.arn])
    roles.create_role(root, role_name="Many", assume_role_policy_document=many)
    few = queries_of(as_admin, address(view, "One"))
    assert queries_of(as_admin, address(view, "Many")) == few
    assert few <= 20
