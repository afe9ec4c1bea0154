"""The keys with which this installation signs tokens for services outside of it."""

from __future__ import annotations

from django.db import models


class TokenKey(models.Model):
    """The one key of a signature algorithm, for the tokens of all accounts."""

    #: As JSON Web Signatures name it: "RS256" or "ES384".
    algorithm = models.CharField(primary_key=True, max_length=8)
    #: The `kid` under which it is published.
    key_id = models.CharField(max_length=36, unique=True)
    #: The private key in PEM, encrypted.
    sealed_key = models.TextField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.algorithm} {self.key_id}"
