"""OpenID Connect identity providers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from accounts import arns, paging, quotas
from accounts.actions import shared
from accounts.actions.registry import action
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.errors import EntityAlreadyExists, InvalidInput, NoSuchEntity
from accounts.models import OpenIDConnectProvider
from accounts.types import (
    Arn,
    ClientId,
    ClientIds,
    Marker,
    MaxItems,
    ProviderUrl,
    Tag,
    TagKeys,
    Tags,
    Thumbprints,
    tag_mapping,
)

_MOST_THUMBPRINTS = 5
_SCHEME = "https://"


def _new(caller: Caller, *, url: str, **_: Any) -> Resource:
    return Resource(
        arns.iam(caller.home, f"oidc-provider/{url.removeprefix(_SCHEME)}"), caller.home.id
    )


def _existing(caller: Caller, *, open_id_connect_provider_arn: str, **_: Any) -> Resource:
    row = _row(caller, open_id_connect_provider_arn)
    if row is not None:
        return arns.of_row(row)
    return Resource(open_id_connect_provider_arn, caller.home.id)


@action(
    "iam:CreateOpenIDConnectProvider",
    resource=_new,
    also=shared.tagging("iam:TagOpenIDConnectProvider", _new),
)
def create_open_id_connect_provider(
    caller: Caller,
    /,
    *,
    url: ProviderUrl,
    client_id_list: ClientIds = (),
    thumbprint_list: Thumbprints = (),
    tags: Tags = (),
) -> OpenIDConnectProvider:
    """Trust the tokens of an issuer. `url` is its `iss`: https, without query and fragment.

    AWS fetches the issuer's certificate where no thumbprint is given; this machine asks nobody.
    """
    quotas.room_for_one(
        caller.home.oidc_providers.all(), "OpenIdConnectProvidersPerAccount", quotas.OIDC_PROVIDERS
    )
    provider = OpenIDConnectProvider(
        account=caller.home,
        url=_checked_url(url),
        client_ids=_client_ids((), client_id_list),
        thumbprints=_thumbprints(thumbprint_list),
        tags=tag_mapping(tags),
        created_at=caller.now,
    )
    taken = EntityAlreadyExists(f"Provider with url {url} already exists.", argument="url")
    shared.save_unless_taken(provider, taken)
    return provider


@action("iam:GetOpenIDConnectProvider", resource=_existing, read_only=True)
def get_open_id_connect_provider(
    caller: Caller, /, *, open_id_connect_provider_arn: Arn
) -> OpenIDConnectProvider:
    """A provider with its audiences and thumbprints."""
    return _find(caller, open_id_connect_provider_arn)


@action("iam:ListOpenIDConnectProviders", resource=arns.everything, read_only=True)
def list_open_id_connect_providers(caller: Caller, /) -> Sequence[OpenIDConnectProvider]:
    """All OpenID Connect providers of the account, by URL."""
    return tuple(caller.home.oidc_providers.order_by("url"))


@action("iam:AddClientIDToOpenIDConnectProvider", resource=_existing)
def add_client_id_to_open_id_connect_provider(
    caller: Caller, /, *, open_id_connect_provider_arn: Arn, client_id: ClientId
) -> None:
    """Let tokens be for one more audience. One that is there already is no error."""
    provider = _find(caller, open_id_connect_provider_arn)
    provider.client_ids = _client_ids(provider.client_ids, [client_id])
    provider.save(update_fields=["client_ids"])


@action("iam:RemoveClientIDFromOpenIDConnectProvider", resource=_existing)
def remove_client_id_from_open_id_connect_provider(
    caller: Caller, /, *, open_id_connect_provider_arn: Arn, client_id: ClientId
) -> None:
    """Take an audience away. One that is not there is no error."""
    provider = _find(caller, open_id_connect_provider_arn)
    provider.client_ids = [each for each in provider.client_ids if each != client_id]
    provider.save(update_fields=["client_ids"])


@action("iam:UpdateOpenIDConnectProviderThumbprint", resource=_existing)
def update_open_id_connect_provider_thumbprint(
    caller: Caller, /, *, open_id_connect_provider_arn: Arn, thumbprint_list: Thumbprints
) -> None:
    """Replace all thumbprints of a provider's certificates."""
    provider = _find(caller, open_id_connect_provider_arn)
    provider.thumbprints = _thumbprints(thumbprint_list)
    provider.save(update_fields=["thumbprints"])


@action("iam:DeleteOpenIDConnectProvider", resource=_existing)
def delete_open_id_connect_provider(
    caller: Caller, /, *, open_id_connect_provider_arn: Arn
) -> None:
    """Delete a provider. Roles that trust it stay; nobody can take them on through it any more."""
    _find(caller, open_id_connect_provider_arn).delete()


@action("iam:TagOpenIDConnectProvider", resource=_existing)
def tag_open_id_connect_provider(
    caller: Caller, /, *, open_id_connect_provider_arn: Arn, tags: Tags
) -> None:
    """Set tags on a provider; a key that is there gets the new value."""
    shared.set_tags(_find(caller, open_id_connect_provider_arn), tags)


@action("iam:UntagOpenIDConnectProvider", resource=_existing)
def untag_open_id_connect_provider(
    caller: Caller, /, *, open_id_connect_provider_arn: Arn, tag_keys: TagKeys
) -> None:
    """Remove tags from a provider."""
    shared.drop_tags(_find(caller, open_id_connect_provider_arn), tag_keys)


@action("iam:ListOpenIDConnectProviderTags", resource=_existing, read_only=True)
def list_open_id_connect_provider_tags(
    caller: Caller,
    /,
    *,
    open_id_connect_provider_arn: Arn,
    marker: Marker | None = None,
    max_items: MaxItems | None = None,
) -> paging.Page[Tag]:
    """A provider's tags, sorted by key."""
    return shared.tags_page(_find(caller, open_id_connect_provider_arn), marker, max_items)


def _row(caller: Caller, arn: str) -> OpenIDConnectProvider | None:
    start = arns.iam(caller.home, "oidc-provider/")
    if not arn.startswith(start):
        return None
    rows = caller.home.oidc_providers.filter(url=arn.removeprefix(start))
    return caller.once(("oidc provider", arn), rows.first)


def _find(caller: Caller, arn: str) -> OpenIDConnectProvider:
    found = _row(caller, arn)
    if found is None:
        raise NoSuchEntity(
            f"OpenIDConnect Provider not found for arn {arn}",
            argument="open_id_connect_provider_arn",
        )
    return found


def _checked_url(url: str) -> str:
    """The issuer without its scheme. A final slash or another case is another issuer."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = None, None
    fine = (
        parts is not None
        and url.startswith(_SCHEME)
        and parts.hostname is not None
        and re.fullmatch(r"[A-Za-z0-9.-]+", parts.netloc) is not None
        and port is None
        and not (parts.query or parts.fragment or "?" in url or "#" in url)
        and re.fullmatch(r"[\x21-\x7e]+", url) is not None
    )
    if not fine:
        raise InvalidInput(
            "Invalid Open ID Connect Provider URL. It begins with https://, names a host without "
            "a port, and has no query.",
            argument="url",
        )
    return url.removeprefix(_SCHEME)


def _client_ids(present: Sequence[str], more: Sequence[str]) -> list[str]:
    wanted = list(dict.fromkeys([*present, *more]))
    if len(wanted) > quotas.CLIENT_IDS_PER_OIDC_PROVIDER:
        raise quotas.exceeded(
            "ClientIdsPerOpenIdConnectProvider", quotas.CLIENT_IDS_PER_OIDC_PROVIDER
        )
    return wanted


def _thumbprints(given: Sequence[str]) -> list[str]:
    if len(given) > _MOST_THUMBPRINTS:
        raise InvalidInput(
            f"Thumbprint list must contain fewer than {_MOST_THUMBPRINTS} entries.",
            argument="thumbprint_list",
        )
    for each in given:
        if re.fullmatch(r"[0-9A-Fa-f]{40}", each) is None:
            raise InvalidInput(
                "A thumbprint is the SHA-1 of a certificate: 40 hexadecimal digits.",
                argument="thumbprint_list",
            )
    return [each.lower() for each in given]
