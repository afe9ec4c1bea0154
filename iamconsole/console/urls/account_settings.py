"""Addresses of account settings."""

from django.urls import path

from iamconsole.console.views import account_settings, outbound_federation

urlpatterns = [
    path("iam/account-settings/", account_settings.index, name="account-settings"),
    path("iam/account-settings/password-policy/", account_settings.edit, name="password-policy"),
    path(
        "iam/account-settings/session-tokens/",
        account_settings.session_tokens,
        name="session-tokens",
    ),
    path(
        "iam/account-settings/outbound-federation/",
        outbound_federation.switch,
        name="outbound-federation",
    ),
]
