"""What whoever verifies a token asks for: open to everybody, and nothing but public."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

import jwt
import pytest
from django.conf import settings
from django.urls import reverse

from accounts.actions.outbound_federation import (
    disable_outbound_web_identity_federation,
    enable_outbound_web_identity_federation,
    get_web_identity_token,
)
from accounts.caller import Caller
from accounts.issued_tokens import CONFIGURATION, KEYS


@pytest.fixture
def issuer(root: Caller) -> str:
    return enable_outbound_web_identity_federation(root)


def below(issuer: str) -> str:
    assert issuer.startswith(f"{settings.BASE_URL}/")
    return issuer.removeprefix(settings.BASE_URL)


def test_a_token_is_verified_by_nothing_but_its_issuers_address(issuer, admin, client):
    token = get_web_identity_token(admin, audience=["me"], signing_algorithm="RS256").token
    told = client.get(f"{below(issuer)}/.well-known/openid-configuration").json()
    assert told["issuer"] == issuer
    header = jwt.get_unverified_header(token)
    assert header["alg"] in told["id_token_signing_alg_values_supported"]
    keys = jwt.PyJWKSet.from_dict(client.get(below(told["jwks_uri"])).json())
    claims = jwt.decode(
        token, keys[header["kid"]].key, [header["alg"]], audience="me", issuer=issuer,
        options={"verify_exp": False, "verify_iat": False},
    )  # fmt: skip
    assert claims["sub"] == admin.arn


def test_they_are_there_for_tokens_that_were_given_before_it_was_disabled(issuer, root, client):
    disable_outbound_web_identity_federation(root)
    for name in ("configuration", "keys"):
        address = reverse(f"issuer:{name}", args=[issuer.rpartition("/")[2]])
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/json"
        assert "public" in answer["Cache-Control"]
        assert not answer.cookies
        assert client.post(address).status_code in (403, 405)


@pytest.mark.parametrize("document", [CONFIGURATION, KEYS])
@pytest.mark.parametrize(
    "issuer",
    ["nobody", "111122223333", "<script>", "a" * 300, "\x00", "..", str(UUID(int=1)), ""],
    ids=range(8),
)
def test_an_issuer_that_there_is_not_is_not_found(document, issuer, client, account):
    answer = client.get(f"/issuers/{quote(issuer, safe='')}/{document}")
    assert answer.status_code == 404


def test_signed_in_people_get_the_same(issuer, admin, sign_in, client):
    address = reverse("issuer:keys", args=[issuer.rpartition("/")[2]])
    assert sign_in(admin).get(address).content == client.get(address).content
