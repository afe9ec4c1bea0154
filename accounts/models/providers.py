"""Identity providers: who else may say who somebody is."""

from __future__ import annotations

from django.db import models

from accounts.models.account import Account


class OpenIDConnectProvider(models.Model):
    """An OpenID Connect issuer, known by its URL without the scheme."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="oidc_providers")
    #: `token.example.com/path`: the issuer without `https://`.
    url = models.CharField(max_length=255)
    #: The audiences that its tokens may be for, in the order they were added.
    client_ids = models.JSONField(default=list, blank=True)
    thumbprints = models.JSONField(default=list, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "url"], name="oidc_provider_taken")
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def arn(self) -> str:
        """`arn:aws:iam::ACCOUNT:oidc-provider/URL`."""
        return f"arn:aws:iam::{self.account_id}:oidc-provider/{self.url}"


class SAMLProvider(models.Model):
    """A SAML 2.0 identity provider, known by a name and described by its metadata document."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="saml_providers")
    name = models.CharField(max_length=128)
    uuid = models.CharField(max_length=64)
    metadata = models.TextField()
    #: Whether assertions must come encrypted: "Required", "Allowed", or nothing where nobody said.
    assertion_encryption_mode = models.CharField(max_length=8, default="", blank=True)
    #: When the metadata's certificates or the document itself end to be valid, where it says so.
    valid_until = models.DateTimeField(null=True, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="saml_provider_taken")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def arn(self) -> str:
        """`arn:aws:iam::ACCOUNT:saml-provider/NAME`."""
        return f"arn:aws:iam::{self.account_id}:saml-provider/{self.name}"


class SAMLPrivateKey(models.Model):
    """A key that opens the encrypted assertions of a SAML provider. A provider has two at most."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="saml_private_keys")
    provider = models.ForeignKey(SAMLProvider, models.CASCADE, related_name="private_keys")
    #: 1 or 2: with its unique constraint, the quota that no race can break.
    slot = models.PositiveSmallIntegerField()
    key_id = models.CharField(max_length=64, unique=True)
    sealed_key = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "slot"], name="saml_key_slot_taken"),
            models.CheckConstraint(
                condition=models.Q(slot__range=(1, 2)), name="saml_key_slot_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.key_id
