"""OpenID Connect providers."""

from __future__ import annotations

import pytest

from accounts.actions import oidc_providers
from accounts.errors import (
    AccessDenied,
    EntityAlreadyExists,
    InvalidInput,
    LimitExceeded,
    NoSuchEntity,
    ValidationError,
)
from accounts.types import Tag
from tests.cast import allow, arn

URL = "https://token.actions.githubusercontent.com"
ARN = arn("oidc-provider/token.actions.githubusercontent.com")


@pytest.fixture
def github(root):
    """A provider with one audience."""
    return oidc_providers.create_open_id_connect_provider(
        root, url=URL, client_id_list=["sts.amazonaws.com"], thumbprint_list=["AB" * 20]
    )


def ids(root):
    found = oidc_providers.get_open_id_connect_provider(root, open_id_connect_provider_arn=ARN)
    return found.client_ids


def test_a_provider_is_known_by_its_url_without_the_scheme(root, github):
    assert github.arn == ARN
    found = oidc_providers.get_open_id_connect_provider(root, open_id_connect_provider_arn=ARN)
    assert (found.url, found.thumbprints) == (URL.removeprefix("https://"), ["ab" * 20])
    assert list(oidc_providers.list_open_id_connect_providers(root)) == [github]


def test_one_url_is_one_provider_but_a_final_slash_is_another(root, github):
    with pytest.raises(EntityAlreadyExists, match=f"Provider with url {URL} already exists"):
        oidc_providers.create_open_id_connect_provider(root, url=URL)
    oidc_providers.create_open_id_connect_provider(root, url=f"{URL}/")
    assert len(oidc_providers.list_open_id_connect_providers(root)) == 2


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example.com",
        "https://",
        "https://idp.example.com:8443",
        "https://idp.example.com/?a=b",
        "https://idp.example.com/?",
        "https://idp.example.com/#part",
        "https://user@idp.example.com",
        "https://[::1",
        "https://idp.example.com/a b",
        "ftp://idp.example.com",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_issuer_is_refused(root, url):
    with pytest.raises(InvalidInput, match="Invalid Open ID Connect Provider URL"):
        oidc_providers.create_open_id_connect_provider(root, url=url)


def test_audiences_come_and_go_and_number_a_hundred_at_most(root, github):
    add = oidc_providers.add_client_id_to_open_id_connect_provider
    add(root, open_id_connect_provider_arn=ARN, client_id="mobile")
    add(root, open_id_connect_provider_arn=ARN, client_id="mobile")
    assert ids(root) == ["sts.amazonaws.com", "mobile"]
    remove = oidc_providers.remove_client_id_from_open_id_connect_provider
    for name in ("sts.amazonaws.com", "never-there"):
        remove(root, open_id_connect_provider_arn=ARN, client_id=name)
    assert ids(root) == ["mobile"]
    for number in range(99):
        add(root, open_id_connect_provider_arn=ARN, client_id=f"c{number}")
    with pytest.raises(LimitExceeded, match="ClientIdsPerOpenIdConnectProvider: 100"):
        add(root, open_id_connect_provider_arn=ARN, client_id="one-too-many")


@pytest.mark.parametrize("thumbprints", [["x" * 40], ["ab" * 20] * 6])
def test_thumbprints_are_five_hashes_at_most(root, github, thumbprints):
    with pytest.raises(InvalidInput, match="humbprint"):
        oidc_providers.update_open_id_connect_provider_thumbprint(
            root, open_id_connect_provider_arn=ARN, thumbprint_list=thumbprints
        )


def test_a_thumbprint_of_another_length_breaks_its_type(root, github):
    with pytest.raises(ValidationError):
        oidc_providers.update_open_id_connect_provider_thumbprint(
            root, open_id_connect_provider_arn=ARN, thumbprint_list=["ab"]
        )


def test_tags_are_kept_and_decide(root, github, caller_with):
    oidc_providers.tag_open_id_connect_provider(
        root, open_id_connect_provider_arn=ARN, tags=[Tag("team", "dev")]
    )
    page = oidc_providers.list_open_id_connect_provider_tags(root, open_id_connect_provider_arn=ARN)
    assert list(page.items) == [Tag("team", "dev")]
    condition = {"StringEquals": {"aws:ResourceTag/team": "ops"}}
    ops = caller_with(allow("iam:DeleteOpenIDConnectProvider", Condition=condition))
    with pytest.raises(AccessDenied):
        oidc_providers.delete_open_id_connect_provider(ops, open_id_connect_provider_arn=ARN)
    oidc_providers.untag_open_id_connect_provider(
        root, open_id_connect_provider_arn=ARN, tag_keys=["TEAM"]
    )
    page = oidc_providers.list_open_id_connect_provider_tags(root, open_id_connect_provider_arn=ARN)
    assert list(page.items) == []


def test_a_deleted_provider_is_gone_and_anothers_does_not_exist(root, github, eve):
    with pytest.raises((NoSuchEntity, AccessDenied)):
        oidc_providers.get_open_id_connect_provider(eve, open_id_connect_provider_arn=ARN)
    oidc_providers.delete_open_id_connect_provider(root, open_id_connect_provider_arn=ARN)
    with pytest.raises(NoSuchEntity, match="OpenIDConnect Provider not found for arn"):
        oidc_providers.get_open_id_connect_provider(root, open_id_connect_provider_arn=ARN)
