"""Outbound identity federation on the page of account settings."""

from __future__ import annotations

from django.urls import reverse

from accounts.actions.outbound_federation import (
    enable_outbound_web_identity_federation,
    get_outbound_web_identity_federation_info,
)
from accounts.models import Account
from tests.cast import allow
from tests.console.reading import text_of

SETTINGS = reverse("console:account-settings")
PAGE = reverse("console:outbound-federation")


def test_it_is_enabled_and_its_issuer_is_told_and_disabled_again(admin, root, sign_in):
    browser = sign_in(admin)
    assert "Status Disabled" in text_of(browser.get(SETTINGS))
    assert "Enable outbound identity federation?" in text_of(browser.get(PAGE))
    after = browser.post(PAGE, {"wanted": "on"}, follow=True)
    issuer = get_outbound_web_identity_federation_info(root)
    assert issuer in text_of(after)
    assert "Status Enabled" in text_of(after)
    assert "Disable outbound identity federation?" in text_of(browser.get(PAGE))
    assert "Status Disabled" in text_of(browser.post(PAGE, {"wanted": "off"}, follow=True))
    assert not Account.objects.get(pk=root.home.pk).issues_tokens


def test_what_somebody_else_did_meanwhile_is_told(admin, root, sign_in):
    browser = sign_in(admin)
    enable_outbound_web_identity_federation(root)
    answer = browser.post(PAGE, {"wanted": "on"})
    assert answer.status_code == 422
    assert "is already enabled" in text_of(answer)
    assert browser.post(PAGE, {"wanted": "maybe"}).status_code == 422
    assert browser.post(PAGE).status_code == 422


def test_each_way_needs_its_own_action(sign_in, caller_with, root):
    browser = sign_in(caller_with(allow("iam:GetOutboundWebIdentityFederationInfo")))
    page = text_of(browser.get(SETTINGS))
    assert "iam:EnableOutboundWebIdentityFederation" in page
    assert browser.post(PAGE, {"wanted": "on"}).status_code == 403
    enable_outbound_web_identity_federation(root)
    assert "iam:DisableOutboundWebIdentityFederation" in text_of(browser.get(SETTINGS))
    assert browser.post(PAGE, {"wanted": "off"}).status_code == 403
    assert Account.objects.get(pk=root.home.pk).issues_tokens


def test_who_may_not_know_sees_why(alice, sign_in):
    page = text_of(sign_in(alice).get(SETTINGS))
    assert "iam:GetOutboundWebIdentityFederationInfo" in page
