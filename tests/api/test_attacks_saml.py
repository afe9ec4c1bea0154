"""Strangers with assertions, and providers whose documents were made to keep the machine busy."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.utils import timezone

from accounts import saml
from accounts.caller import Caller
from accounts.errors import InvalidInput
from accounts.models import SAMLProvider
from tests.accounts import asserting
from tests.accounts.asserting import PROVIDER, ROLE
from tests.api.clients import FORM, Answer, ask, form

#: Seconds that no refusal may take; a document of 1 MB took 1.3, one of 10 MB ten times as long.
SOON = 0.5


def padded(filling: str) -> str:
    """A provider's document with something more at its end."""
    start, end, rest = asserting.metadata_of(asserting.signer()).rpartition("</")
    return start + filling + end + rest


def assume(assertion: str) -> Answer:
    body = form(
        "AssumeRoleWithSAML", "sts",
        RoleArn=ROLE, PrincipalArn=PROVIDER, SAMLAssertion=assertion,
    )  # fmt: skip
    return ask(headers={"Content-Type": FORM}, body=body)


MANY = [
    pytest.param("<q/>" * 200_000, id="elements"),
    pytest.param("<q " + " ".join(f'a{n}=""' for n in range(60_000)) + "/>", id="attributes"),
]


@pytest.mark.parametrize("filling", MANY)
def test_a_document_of_very_many_parts_is_refused_before_it_is_parsed(filling: str):
    document = padded(filling)
    begun = time.perf_counter()
    with pytest.raises(InvalidInput, match="more than 20000 elements or attributes"):
        saml.read(document)
    assert time.perf_counter() - begun < SOON


@pytest.mark.parametrize("filling", MANY)
def test_strangers_cannot_have_a_large_document_parsed_again_and_again(root: Caller, filling: str):
    asserting.register(root)
    SAMLProvider.objects.update(metadata=padded(filling))  # one that was taken before
    begun = time.perf_counter()
    answer = assume(asserting.genuine(timezone.now()))
    assert (answer.status, answer.code) == (400, "InvalidIdentityToken")
    assert time.perf_counter() - begun < SOON


def test_a_document_with_as_many_parts_as_any_provider_has_is_taken(iam: Any):
    made = iam.create_saml_provider(Name="Corp", SAMLMetadataDocument=padded("<q/>" * 5000))
    assert made["SAMLProviderArn"] == PROVIDER
