"""Identity providers of both sorts, as one list and by one ARN."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from accounts.actions.oidc_providers import (
    get_open_id_connect_provider,
    list_open_id_connect_provider_tags,
    list_open_id_connect_providers,
)
from accounts.actions.saml_providers import (
    get_saml_provider,
    list_saml_provider_tags,
    list_saml_providers,
)
from accounts.caller import Caller
from accounts.errors import AccessDenied, NoSuchEntity
from accounts.models import OpenIDConnectProvider, SAMLProvider
from iamconsole.console.components import panels
from iamconsole.console.components.panels import Panel

AnyProvider = OpenIDConnectProvider | SAMLProvider


@dataclass(frozen=True, slots=True)
class Sort:
    """What differs between the two sorts: words and actions."""

    label: str
    #: What the actions call the provider's ARN.
    argument: str
    find: Callable[..., Any]
    list_tags: Callable[..., Any]
    delete: str
    tag: str
    untag: str


OIDC = Sort(
    "OpenID Connect",
    "open_id_connect_provider_arn",
    get_open_id_connect_provider,
    list_open_id_connect_provider_tags,
    "iam:DeleteOpenIDConnectProvider",
    "iam:TagOpenIDConnectProvider",
    "iam:UntagOpenIDConnectProvider",
)
SAML = Sort(
    "SAML",
    "saml_provider_arn",
    get_saml_provider,
    list_saml_provider_tags,
    "iam:DeleteSAMLProvider",
    "iam:TagSAMLProvider",
    "iam:UntagSAMLProvider",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list."""

    name: str
    arn: str
    type: str
    created: datetime


def sort_of(arn: str) -> Sort:
    """Which sort an ARN is of; raise NoSuchEntity for anything else's ARN."""
    kind = arn.rpartition(":")[2].partition("/")[0]
    if kind not in ("oidc-provider", "saml-provider"):
        raise NoSuchEntity(f"There is no identity provider {arn}.")
    return OIDC if kind == "oidc-provider" else SAML


def find(caller: Caller, arn: str) -> Panel:
    """The provider of that ARN, or the refusal to show it."""
    sort = sort_of(arn)
    return panels.subject(sort.find, caller, **{sort.argument: arn})


def name_of(arn: str) -> str:
    """How people call a provider: its URL, or its name."""
    return arn.partition("/")[2]


def listed(caller: Caller) -> tuple[list[Listed], list[AccessDenied]]:
    """All providers that the caller may list, and the refusals for the others."""
    found: list[Listed] = []
    refused: list[AccessDenied] = []
    for action, sort in ((list_open_id_connect_providers, OIDC), (list_saml_providers, SAML)):
        panel = panels.panel(action, caller)
        if isinstance(panel.error, AccessDenied):
            refused.append(panel.error)
        elif panel.error is not None:
            raise panel.error
        rows: Sequence[AnyProvider] = panel.value or ()
        found += [Listed(name_of(row.arn), row.arn, sort.label, row.created_at) for row in rows]
    return found, refused


def trail(arn: str) -> list[tuple[str, str]]:
    """The breadcrumbs above a page about a provider: label and address."""
    return [
        ("Identity providers", reverse("console:providers")),
        (name_of(arn), reverse("console:provider", args=[arn])),
    ]
