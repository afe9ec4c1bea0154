"""Answers about OpenID Connect identity providers."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import OpenIDConnectProvider
from iamconsole.answers import members
from iamconsole.answers.members import Answer, Members


def _new(made: OpenIDConnectProvider) -> Members:
    return {"OpenIDConnectProviderArn": made.arn, "Tags": members.tags(made.tags)}


def _one(found: OpenIDConnectProvider) -> Members:
    return {
        "Url": found.url,
        "ClientIDList": list(found.client_ids),
        "ThumbprintList": list(found.thumbprints),
        "CreateDate": found.created_at,
        "Tags": members.all_tags(found.tags),
    }


def _list(found: Sequence[OpenIDConnectProvider]) -> Members:
    return {"OpenIDConnectProviderList": [{"Arn": each.arn} for each in found]}


ANSWERS: dict[str, Answer] = {
    "iam:CreateOpenIDConnectProvider": _new,
    "iam:GetOpenIDConnectProvider": _one,
    "iam:ListOpenIDConnectProviders": _list,
    "iam:ListOpenIDConnectProviderTags": members.tags_page,
}
