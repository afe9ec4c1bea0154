"""Answers about SSH public keys."""

from __future__ import annotations

from accounts.actions.ssh_public_keys import EncodedKey
from accounts.models import SSHPublicKey
from accounts.paging import Page
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def _listed(key: SSHPublicKey) -> Members:
    return {
        "UserName": key.user.name,
        "SSHPublicKeyId": key.key_id,
        "Status": key.status,
        "UploadDate": key.uploaded_at,
    }


def _key(key: SSHPublicKey, body: str) -> Members:
    return {
        "SSHPublicKey": {
            **_listed(key),
            "Fingerprint": key.fingerprint,
            "SSHPublicKeyBody": body,
        }
    }


def _new(made: SSHPublicKey) -> Members:
    return _key(made, made.body)


def _one(found: EncodedKey) -> Members:
    return _key(found.key, found.body)


def _list(found: Page[SSHPublicKey]) -> Members:
    return members.page(found, "SSHPublicKeys", _listed)


ANSWERS: dict[str, Answer] = {
    "iam:GetSSHPublicKey": _one,
    "iam:ListSSHPublicKeys": _list,
    "iam:UploadSSHPublicKey": _new,
}
