"""OpenID Connect and SAML providers, by the SDK of AWS."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import OpenIDConnectProvider, SAMLProvider
from tests.accounts.pems import key_pem, rsa_key
from tests.accounts.saml_metadata import metadata
from tests.api.refusals import refused
from tests.cast import arn

ISSUER = arn("oidc-provider/tokens.example.com/team")
CORP = arn("saml-provider/Corp")
THUMBPRINT = "a" * 40
TAGS = [{"Key": "team", "Value": "dev"}]


@pytest.fixture
def issuer(iam: Any) -> dict[str, Any]:
    """What creating an OpenID Connect provider answered."""
    made: dict[str, Any] = iam.create_open_id_connect_provider(
        Url="https://tokens.example.com/team",
        ClientIDList=["one"],
        ThumbprintList=[THUMBPRINT],
        Tags=TAGS,
    )
    del made["ResponseMetadata"]
    return made


@pytest.fixture
def corp(iam: Any) -> dict[str, Any]:
    """What creating a SAML provider answered."""
    made: dict[str, Any] = iam.create_saml_provider(
        Name="Corp", SAMLMetadataDocument=metadata(), Tags=TAGS
    )
    del made["ResponseMetadata"]
    return made


def test_an_issuer_is_made_shown_and_listed(iam, issuer):
    assert issuer == {"OpenIDConnectProviderArn": ISSUER, "Tags": TAGS}
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=ISSUER)
    del found["ResponseMetadata"], found["CreateDate"]
    assert found == {
        "Url": "tokens.example.com/team",
        "ClientIDList": ["one"],
        "ThumbprintList": [THUMBPRINT],
        "Tags": TAGS,
    }
    listed = iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]
    assert listed == [{"Arn": ISSUER}]


def test_an_issuer_that_has_nothing_shows_empty_lists(iam):
    made = iam.create_open_id_connect_provider(Url="https://bare.example.com")
    assert "Tags" not in made
    found = iam.get_open_id_connect_provider(
        OpenIDConnectProviderArn=made["OpenIDConnectProviderArn"]
    )
    assert (found["ClientIDList"], found["ThumbprintList"], found["Tags"]) == ([], [], [])


def test_audiences_and_thumbprints_are_changed(iam, issuer):
    given = {"OpenIDConnectProviderArn": ISSUER}
    for audience in ("two", "two"):
        iam.add_client_id_to_open_id_connect_provider(**given, ClientID=audience)
    iam.remove_client_id_from_open_id_connect_provider(**given, ClientID="one")
    iam.update_open_id_connect_provider_thumbprint(**given, ThumbprintList=["b" * 40, "c" * 40])
    found = iam.get_open_id_connect_provider(**given)
    assert found["ClientIDList"] == ["two"]
    assert found["ThumbprintList"] == ["b" * 40, "c" * 40]


def test_an_issuer_is_taken_once_and_wrong_ones_are_refused(iam, issuer):
    message = "Provider with url https://tokens.example.com/team already exists."
    with refused("EntityAlreadyExists", message, status=409):
        iam.create_open_id_connect_provider(Url="https://tokens.example.com/team")
    for url in ("http://tokens.example.com", "https://tokens.example.com?a=b", "tokens"):
        with refused("InvalidInput", status=400):
            iam.create_open_id_connect_provider(Url=url)
    with refused("InvalidInput", status=400):
        iam.update_open_id_connect_provider_thumbprint(
            OpenIDConnectProviderArn=ISSUER, ThumbprintList=[THUMBPRINT] * 6
        )


def test_an_issuer_takes_a_hundred_audiences_at_most(iam, issuer):
    OpenIDConnectProvider.objects.update(client_ids=[f"a{number}" for number in range(100)])
    message = "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"
    with refused("LimitExceeded", message, status=409):
        iam.add_client_id_to_open_id_connect_provider(
            OpenIDConnectProviderArn=ISSUER, ClientID="one-more"
        )


def test_an_issuer_goes_for_good(iam, issuer):
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=ISSUER)
    message = f"OpenIDConnect Provider not found for arn {ISSUER}"
    for name in (
        "get_open_id_connect_provider",
        "delete_open_id_connect_provider",
        "list_open_id_connect_provider_tags",
    ):
        with refused("NoSuchEntity", message, status=404):
            getattr(iam, name)(OpenIDConnectProviderArn=ISSUER)
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


def test_a_saml_provider_is_made_shown_and_listed(iam, corp):
    assert corp == {"SAMLProviderArn": CORP, "Tags": TAGS}
    found = iam.get_saml_provider(SAMLProviderArn=CORP)
    assert len(found.pop("SAMLProviderUUID")) >= 22
    created = found.pop("CreateDate")
    del found["ResponseMetadata"]
    assert found == {"SAMLMetadataDocument": metadata(), "Tags": TAGS, "PrivateKeyList": []}
    listed = iam.list_saml_providers()["SAMLProviderList"]
    assert listed == [{"Arn": CORP, "CreateDate": created}]


def test_a_saml_provider_has_keys_that_are_shown_by_their_ids_alone(iam, corp):
    key = key_pem(rsa_key())
    changed = iam.update_saml_provider(
        SAMLProviderArn=CORP, AddPrivateKey=key, AssertionEncryptionMode="Required"
    )
    assert changed["SAMLProviderArn"] == CORP
    found = iam.get_saml_provider(SAMLProviderArn=CORP)
    (shown,) = found["PrivateKeyList"]
    assert shown.keys() == {"KeyId", "Timestamp"}
    assert found["AssertionEncryptionMode"] == "Required"
    iam.update_saml_provider(SAMLProviderArn=CORP, AddPrivateKey=key)
    with refused("LimitExceeded", status=409):
        iam.update_saml_provider(SAMLProviderArn=CORP, AddPrivateKey=key)
    iam.update_saml_provider(SAMLProviderArn=CORP, RemovePrivateKey=shown["KeyId"])
    (left,) = iam.get_saml_provider(SAMLProviderArn=CORP)["PrivateKeyList"]
    assert left["KeyId"] != shown["KeyId"]


def test_a_saml_provider_is_taken_once_and_needs_real_metadata(iam, corp):
    message = "SAMLProvider with name Corp already exists."
    with refused("EntityAlreadyExists", message, status=409):
        iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=metadata())
    with refused("InvalidInput", status=400):
        iam.create_saml_provider(Name="New", SAMLMetadataDocument="<no metadata/>" * 100)


def test_a_saml_provider_goes_for_good(iam, corp):
    iam.delete_saml_provider(SAMLProviderArn=CORP)
    message = f"Manifest not found for arn {CORP}"
    for name in ("get_saml_provider", "delete_saml_provider", "list_saml_provider_tags"):
        with refused("NoSuchEntity", message, status=404):
            getattr(iam, name)(SAMLProviderArn=CORP)


def test_tags_are_set_listed_and_dropped(iam, issuer, corp):
    for kind, given in (
        ("open_id_connect_provider", {"OpenIDConnectProviderArn": ISSUER}),
        ("saml_provider", {"SAMLProviderArn": CORP}),
    ):
        getattr(iam, f"tag_{kind}")(**given, Tags=[{"Key": "a", "Value": ""}])
        listed = getattr(iam, f"list_{kind}_tags")(**given)
        assert [tag["Key"] for tag in listed["Tags"]] == ["a", "team"]
        getattr(iam, f"untag_{kind}")(**given, TagKeys=["a", "team"])
        assert getattr(iam, f"list_{kind}_tags")(**given)["Tags"] == []


def test_only_whoever_may_and_only_in_their_own_account(nobody, stranger, issuer, corp):
    for name in ("list_open_id_connect_providers", "list_saml_providers"):
        with refused("AccessDenied", status=403):
            getattr(nobody, name)()
    assert stranger.list_saml_providers()["SAMLProviderList"] == []
    assert stranger.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []
    with refused("NoSuchEntity", status=404):
        stranger.delete_saml_provider(SAMLProviderArn=CORP)
    with refused("NoSuchEntity", status=404):
        stranger.delete_open_id_connect_provider(OpenIDConnectProviderArn=ISSUER)
    assert (OpenIDConnectProvider.objects.count(), SAMLProvider.objects.count()) == (1, 1)
