"""Addresses at which services outside verify the tokens of accounts."""

from django.urls import path

from accounts.issued_tokens import CONFIGURATION, KEYS
from iamconsole.console.views import issuers

app_name = "issuer"
urlpatterns = [
    path(f"issuers/<uuid:issuer>/{CONFIGURATION}", issuers.configuration, name="configuration"),
    path(f"issuers/<uuid:issuer>/{KEYS}", issuers.keys, name="keys"),
]
