"""Answers about SAML identity providers."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import SAMLPrivateKey, SAMLProvider
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def _new(made: SAMLProvider) -> Members:
    return {"SAMLProviderArn": made.arn, "Tags": members.tags(made.tags)}


def _changed(changed: SAMLProvider) -> Members:
    return {"SAMLProviderArn": changed.arn}


def _one(found: SAMLProvider) -> Members:
    return {
        "SAMLProviderUUID": found.uuid,
        "SAMLMetadataDocument": found.metadata,
        "CreateDate": found.created_at,
        "ValidUntil": found.valid_until,
        "Tags": members.all_tags(found.tags),
        "AssertionEncryptionMode": found.assertion_encryption_mode or None,
        "PrivateKeyList": members.each(_in_order(found), _key),
    }


def _in_order(provider: SAMLProvider) -> list[SAMLPrivateKey]:
    return sorted(provider.private_keys.all(), key=lambda key: key.slot)


def _key(key: SAMLPrivateKey) -> Members:
    return {"KeyId": key.key_id, "Timestamp": key.created_at}


def _listed(provider: SAMLProvider) -> Members:
    return {
        "Arn": provider.arn,
        "ValidUntil": provider.valid_until,
        "CreateDate": provider.created_at,
    }


def _list(found: Sequence[SAMLProvider]) -> Members:
    return {"SAMLProviderList": members.each(found, _listed)}


ANSWERS: dict[str, Answer] = {
    "iam:CreateSAMLProvider": _new,
    "iam:GetSAMLProvider": _one,
    "iam:ListSAMLProviders": _list,
    "iam:ListSAMLProviderTags": members.tags_page,
    "iam:UpdateSAMLProvider": _changed,
}
