"""SSH public keys."""

from __future__ import annotations

import base64
import hashlib
import threading

import pytest
from django.db import connection

from accounts import public_keys
from accounts.actions import ssh_public_keys
from accounts.errors import (
    AccessDenied,
    DuplicateSSHPublicKey,
    InvalidInput,
    InvalidPublicKey,
    LimitExceeded,
    NoSuchEntity,
    UnrecognizedPublicKeyEncoding,
    ValidationError,
)
from accounts.models import SSHPublicKey
from tests.accounts import pems
from tests.cast import allow, arn, caller_of, new_administrator, new_user


@pytest.fixture
def key(root, alice):
    """Alice's key, uploaded with a comment."""
    return upload(root, pems.ssh(comment="alice@laptop"))


def upload(caller, material, user_name="alice"):
    return ssh_public_keys.upload_ssh_public_key(
        caller, user_name=user_name, ssh_public_key_body=material
    )


def test_a_key_is_kept_without_its_comment_under_an_id_of_its_own(key, now):
    assert key.body == pems.ssh()
    assert (key.status, key.uploaded_at) == ("Active", now)
    assert key.key_id.startswith("APKA")
    assert len(key.key_id) == 20


def test_the_fingerprint_is_the_md5_of_the_key_itself(key):
    blob = base64.b64decode(pems.ssh().split()[1])
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    assert key.fingerprint.replace(":", "") == digest
    assert [len(pair) for pair in key.fingerprint.split(":")] == [2] * 16


def test_a_key_comes_back_in_either_encoding_whatever_it_came_in(root, alice, bob):
    for name, material in (("alice", pems.ssh()), ("bob", pems.public_pem())):
        named = {"user_name": name, "ssh_public_key_id": upload(root, material, name).key_id}
        got = ssh_public_keys.get_ssh_public_key(root, **named, encoding="SSH")
        assert got.body == pems.ssh()
        got = ssh_public_keys.get_ssh_public_key(root, **named, encoding="PEM")
        assert got.body == pems.public_pem()
        assert got.key.user.name == name


def test_the_same_key_is_a_duplicate_in_any_encoding_but_not_for_another_user(root, key, bob):
    for material in (pems.ssh(), pems.ssh(comment="other"), pems.public_pem()):
        with pytest.raises(DuplicateSSHPublicKey):
            upload(root, material)
    assert upload(root, pems.ssh(), "bob").fingerprint == key.fingerprint


def test_a_user_has_five_keys_at_most(root, alice):
    for number in range(1, 6):
        upload(root, pems.ssh(pems.rsa_key(number=number)))
    with pytest.raises(LimitExceeded, match=r"^Cannot exceed quota for SSHPublicKeysPerUser: 5$"):
        upload(root, pems.ssh(pems.rsa_key(number=6)))


@pytest.mark.parametrize(
    "material",
    [
        "ssh-rsa AAAA",
        "ssh-rsa not-base64 alice",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        pytest.param(pems.ssh(pems.rsa_key(1024)), id="too short"),
        pytest.param(pems.public_pem(pems.identity().private), id="elliptic curve"),
        pytest.param(pems.shared().body, id="a certificate"),
        pytest.param(pems.key_pem(pems.rsa_key()), id="a private key"),
    ],
)
def test_what_is_no_key_of_rsa_is_refused(root, alice, material):
    with pytest.raises(InvalidPublicKey):
        upload(root, material)
    assert not SSHPublicKey.objects.exists()


@pytest.mark.parametrize("material", ["hello", "ssh-ed25519 AAAA", "ecdsa-sha2-nistp256 AAAA"])
def test_another_form_of_key_is_not_recognised(root, alice, material):
    with pytest.raises(UnrecognizedPublicKeyEncoding):
        upload(root, material)


def test_a_key_is_switched_off_and_on_and_deleted(root, key):
    named = {"user_name": "alice", "ssh_public_key_id": key.key_id}
    for status in ("Inactive", "Active"):
        ssh_public_keys.update_ssh_public_key(root, **named, status=status)
        assert SSHPublicKey.objects.get().status == status
    with pytest.raises(InvalidInput):
        ssh_public_keys.update_ssh_public_key(root, **named, status="Expired")
    ssh_public_keys.delete_ssh_public_key(root, **named)
    with pytest.raises(
        NoSuchEntity, match=rf"^The Public Key with id {key.key_id} cannot be found"
    ):
        ssh_public_keys.delete_ssh_public_key(root, **named)


def test_a_key_is_found_under_its_owner_only(root, key, bob, eve):
    named = {"user_name": "bob", "ssh_public_key_id": key.key_id}
    with pytest.raises(NoSuchEntity):
        ssh_public_keys.get_ssh_public_key(root, **named, encoding="SSH")
    with pytest.raises(NoSuchEntity):
        ssh_public_keys.delete_ssh_public_key(eve, **named | {"user_name": "alice"})
    assert SSHPublicKey.objects.count() == 1


def test_no_user_name_lists_ones_own_and_root_has_to_name_one(root, key, caller_with):
    alice = caller_with(allow("iam:ListSSHPublicKeys", on=arn("user/${aws:username}")))
    assert list(ssh_public_keys.list_ssh_public_keys(alice).items) == [key]
    with pytest.raises(AccessDenied):
        ssh_public_keys.list_ssh_public_keys(alice, user_name="bob")
    with pytest.raises(ValidationError, match="Must specify userName"):
        ssh_public_keys.list_ssh_public_keys(root)


def test_keys_are_listed_in_pages(root, alice):
    made = [upload(root, pems.ssh(pems.rsa_key(number=number))) for number in (1, 2, 3)]
    listed: list[SSHPublicKey] = []
    marker = None
    while True:
        page = ssh_public_keys.list_ssh_public_keys(
            root, user_name="alice", marker=marker, max_items=2
        )
        listed += page.items
        if (marker := page.marker) is None:
            break
    assert sorted(listed, key=str) == sorted(made, key=str)


def test_a_key_that_was_read_is_read_again_as_the_same():
    body = public_keys.read(pems.public_pem())
    assert public_keys.read(public_keys.in_pem(body)) == public_keys.read(body) == body


@pytest.mark.django_db(transaction=True)
def test_eight_who_upload_at_once_leave_five_keys(account):
    new_administrator(account, "admin")
    new_user(account, "alice")
    materials = [pems.ssh(pems.rsa_key(number=number)) for number in range(1, 9)]
    together, outcomes = threading.Barrier(len(materials)), []

    def ask(material):
        try:
            admin = caller_of(type(account).objects.get().users.get(name="admin"))
            together.wait(30)
            upload(admin, material)
            outcomes.append("made")
        except LimitExceeded as refusal:
            outcomes.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(material,)) for material in materials]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    exceeded = "Cannot exceed quota for SSHPublicKeysPerUser: 5"
    assert sorted(outcomes) == [exceeded] * 3 + ["made"] * 5
    assert sorted(SSHPublicKey.objects.values_list("slot", flat=True)) == [1, 2, 3, 4, 5]
