"""Deleting users: what is shown first, what is asked for, and what happens then."""

from __future__ import annotations

import pytest

from accounts.actions import service_credentials, signing_certificates, ssh_public_keys
from accounts.models import (
    AccessKey,
    Attachment,
    Group,
    InlinePolicy,
    Login,
    MFADevice,
    ServiceCredential,
    SigningCertificate,
    SSHPublicKey,
    User,
)
from iamconsole.console.components import steps
from tests.accounts import pems
from tests.cast import allow, deny, document
from tests.console.browsers import give_password
from tests.console.reading import markup_of, seen_version, url
from tests.console.things import attach, new_device, new_group, new_key

SEVERAL = "/console/iam/delete-users/"


@pytest.fixture
def laden(bob, account):
    """Bob with one of everything that hangs on a user."""
    new_group(account, "Developers", bob.user)
    new_device(bob.user)
    new_key(bob.user, status="Inactive")
    attach(bob.user)
    InlinePolicy.objects.create(
        account=account, user=bob.user, name="mine", document=document(allow("s3:*"))
    )
    give_password(bob)
    return bob


def test_the_dialog_lists_what_goes_with_the_user(sign_in, admin, laden):
    page = markup_of(sign_in(admin).get(url("user-delete", "bob")))
    for named in ("Developers", "phone", "AKIAIOSFODNN7EXAMPLE", "ReadOnlyAccess", "mine"):
        assert named in page
    assert "The password, with every session" in page


def test_the_typed_name_deletes_the_user_and_all_of_it(sign_in, admin, laden, account):
    response = sign_in(admin).post(url("user-delete", "bob"), {"confirmation": "BOB"}, follow=True)
    assert response.redirect_chain == [(url("users"), 302)]
    assert "User bob deleted." in markup_of(response)
    assert not account.users.filter(name="bob").exists()
    assert not AccessKey.objects.exists()
    assert not MFADevice.objects.exists()
    assert not InlinePolicy.objects.exists()
    assert Attachment.objects.count() == 1  # the administrator's
    assert Group.objects.get(name="Developers").memberships.count() == 0


def test_certificates_ssh_keys_and_service_credentials_go_with_the_user(
    sign_in, admin, alice, laden, root, account
):
    signing = signing_certificates.upload_signing_certificate(
        root, user_name="bob", certificate_body=pems.shared().body
    )
    ssh_key = ssh_public_keys.upload_ssh_public_key(
        root, user_name="bob", ssh_public_key_body=pems.ssh()
    )
    service_credentials.create_service_specific_credential(
        root, user_name="bob", service_name="codecommit.amazonaws.com"
    )
    browser = sign_in(admin)
    for address in (url("user-delete", "bob"), f"{SEVERAL}?user=bob&user=alice"):
        page = markup_of(browser.get(address))
        for named in (signing.certificate_id, ssh_key.key_id, f"bob-at-{account.pk}"):
            assert named in page, address
    browser.post(url("user-delete", "bob"), {"confirmation": "bob"})
    assert not account.users.filter(name="bob").exists()
    for model in (SigningCertificate, SSHPublicKey, ServiceCredential):
        assert not model.objects.exists()


@pytest.mark.parametrize("typed", ["", "bo", "alice", "<b>bob</b>"])
def test_any_other_word_deletes_nothing(sign_in, admin, laden, account, typed):
    response = sign_in(admin).post(url("user-delete", "bob"), {"confirmation": typed})
    assert response.status_code == 422
    assert "Type bob to confirm." in markup_of(response)
    assert "<b>bob" not in markup_of(response)
    assert account.users.filter(name="bob").exists()
    assert Login.objects.filter(user=laden.user).exists()


def test_an_active_key_has_to_be_deactivated_first(sign_in, admin, bob, account):
    new_key(bob.user)
    browser = sign_in(admin)
    page = markup_of(browser.get(url("user-delete", "bob")))
    assert "An access key is still active" in page
    assert url("user-security-credentials", "bob") in page
    assert 'name="confirmation"' not in page
    response = browser.post(url("user-delete", "bob"), {"confirmation": "bob"})
    assert response.status_code == 422
    assert account.users.filter(name="bob").exists()

    browser.post(url("user-key-deactivate", "bob", "AKIAIOSFODNN7EXAMPLE"))
    browser.post(url("user-delete", "bob"), {"confirmation": "bob"})
    assert not account.users.filter(name="bob").exists()


def test_every_lacking_permission_is_named_and_nothing_is_begun(sign_in, caller_with, laden):
    who = caller_with(
        allow("iam:*"), deny("iam:DetachUserPolicy", "iam:ListMFADevices"), name="alice"
    )
    browser = sign_in(who)
    page = markup_of(browser.get(url("user-delete", "bob")))
    assert "You need iam:ListMFADevices, iam:DetachUserPolicy." in page
    response = browser.post(url("user-delete", "bob"), {"confirmation": "bob"})
    assert response.status_code == 422
    assert Login.objects.filter(user=laden.user).exists()
    assert laden.user.memberships.exists()


def test_a_step_that_fails_is_reported_with_those_before_and_after(
    sign_in, admin, laden, account, monkeypatch
):
    # Somebody else deletes the group between the look and the step.
    run = steps.run

    def late(caller, wanted, **options):
        Group.objects.all().delete()
        return run(caller, wanted, **options)

    monkeypatch.setattr(steps, "run", late)
    response = sign_in(admin).post(url("user-delete", "bob"), {"confirmation": "bob"})
    page = markup_of(response)
    assert response.status_code == 404
    assert "The group with name Developers cannot be found." in page
    assert page.count("<span>Done</span>") == 4  # password, device (two steps), key
    assert page.count("<span>Failed</span>") == 1
    assert page.count("<span>Not tried</span>") == 3
    assert account.users.filter(name="bob").exists()


def test_several_users_are_reviewed_together_and_deleted(sign_in, admin, laden, alice, account):
    browser = sign_in(admin)
    page = markup_of(browser.get(SEVERAL, {"user": ["alice", "bob"]}))
    assert "Delete 2 users?" in page
    assert "Developers" in page
    response = browser.post(SEVERAL, {"user": ["alice", "bob"], "confirmation": "2 users"})
    assert response.status_code == 302
    assert [user.name for user in account.users.all()] == ["admin"]


def test_several_users_need_the_right_number_typed(sign_in, admin, alice, bob, account):
    response = sign_in(admin).post(SEVERAL, {"user": ["alice", "bob"], "confirmation": "3 users"})
    assert response.status_code == 422
    assert account.users.count() == 3


def test_one_ticked_user_is_deleted_by_name(sign_in, admin, alice, account):
    browser = sign_in(admin)
    assert "Delete alice?" in markup_of(browser.get(SEVERAL, {"user": "alice"}))
    response = browser.post(SEVERAL, {"user": "alice", "confirmation": "ALICE"}, follow=True)
    assert "User alice deleted." in markup_of(response)
    assert not account.users.filter(name="alice").exists()


def test_one_active_key_holds_all_of_several_back(sign_in, admin, alice, bob, account):
    new_key(bob.user)
    response = sign_in(admin).post(SEVERAL, {"user": ["alice", "bob"], "confirmation": "2 users"})
    assert response.status_code == 422
    assert "An access key is still active" in markup_of(response)
    assert account.users.count() == 3


def test_several_with_a_missing_or_foreign_name_is_a_404(sign_in, eve, alice, admin):
    sent = {"user": ["alice"], "confirmation": "alice"}
    assert sign_in(eve).post(SEVERAL, sent).status_code == 404
    assert sign_in(admin).post(SEVERAL, sent | {"user": ["nobody"]}).status_code == 404
    assert sign_in(admin).get(SEVERAL, {"user": ["<b>"]}).status_code == 404
    assert sign_in(admin).get(SEVERAL).status_code == 302
    assert User.objects.filter(name="alice").exists()


def test_a_user_without_permissions_deletes_nobody(sign_in, alice, bob, account):
    browser = sign_in(alice)
    page = markup_of(browser.get(url("user-delete", "bob")))
    assert "You need more permissions to delete this user" in page
    assert "iam:DeleteUser" in page
    assert browser.post(url("user-delete", "bob"), {"confirmation": "bob"}).status_code == 422
    assert account.users.filter(name="bob").exists()


def test_nobody_deletes_the_user_he_is_signed_in_as(sign_in, admin, account):
    # The steps would take away the policies that allow the last of them.
    browser = sign_in(admin)
    page = markup_of(browser.get(url("user-delete", "admin")))
    assert "You are signed in as this user." in page
    response = browser.post(url("user-delete", "ADMIN"), {"confirmation": "admin"})
    assert response.status_code == 422
    assert account.users.get(name="admin").attachments.exists()
    assert browser.get(url("users")).status_code == 200


def test_what_was_added_after_the_dialog_was_opened_is_not_deleted_unseen(
    sign_in, admin, alice, bob, account
):
    browser = sign_in(admin)
    for address, typed in (
        (url("user-delete", "bob"), "bob"),
        (f"{SEVERAL}?user=alice&user=bob", "2 users"),
    ):
        page = markup_of(browser.get(address))
        seen = seen_version(page)
        group = new_group(account, f"Added-{len(typed)}", bob.user)
        sent = {"user": ["alice", "bob"], "confirmation": typed, "seen_version": seen}
        response = browser.post(address, sent)
        assert response.status_code == 409
        assert group.name in markup_of(response)
        assert account.users.count() == 3
    again = seen_version(markup_of(response))
    browser.post(address, sent | {"seen_version": again})
    assert [user.name for user in account.users.all()] == ["admin"]
