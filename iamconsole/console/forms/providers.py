"""Forms of identity providers."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from accounts.types import ClientId, ProviderUrl, SAMLProviderName
from iamconsole.console.components.choices import Tile
from iamconsole.console.forms.base import ActionForm, name_field, text_field

SAML, OIDC = "saml", "oidc"
#: A metadata document of more bytes than this is refused before it is read.
_LARGEST = 10_000_000
_THUMBPRINT = re.compile(r"[0-9A-Fa-f]{40}")
_METADATA_HELP = (
    "An XML document that your identity provider offers for download, of 1,000 characters at least."
)


class KindForm(forms.Form):
    """Which sort of provider it is."""

    kind = forms.ChoiceField(
        label="Provider type",
        widget=forms.RadioSelect,
        choices=[
            (SAML, Tile("SAML", "A company's directory signs people in and says who they are.")),
            (OIDC, Tile("OpenID Connect", "Apps and build jobs bring a token of an issuer.")),
        ],
    )


class OIDCForm(ActionForm):
    """A new OpenID Connect provider."""

    url = text_field(
        ProviderUrl,
        "Provider URL",
        help_text="The issuer: it begins with https:// and is the iss of its tokens.",
    )
    client_id = text_field(
        ClientId,
        "Audience",
        required=False,
        help_text="The client id that its tokens are for, for instance sts.amazonaws.com.",
    )
    thumbprints = forms.CharField(
        label="Thumbprints",
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=(
            "Up to five SHA-1 hashes of the issuer's certificates, 40 hexadecimal digits each, one "
            "a line. AWS fetches them by itself; this console asks no other machine."
        ),
    )

    def clean_thumbprints(self) -> list[str]:
        """One for each word that was typed."""
        typed = str(self.cleaned_data["thumbprints"]).split()
        wrong = [each for each in typed if not _THUMBPRINT.fullmatch(each)]
        if wrong:
            raise forms.ValidationError(
                f"{wrong[0]} is no thumbprint: each has 40 hexadecimal digits (0-9, a-f)."
            )
        return typed

    @property
    def arguments(self) -> dict[str, Any]:
        """What CreateOpenIDConnectProvider takes."""
        audience = self.cleaned_data["client_id"]
        return {
            "url": self.cleaned_data["url"],
            "client_id_list": [audience] if audience else [],
            "thumbprint_list": self.cleaned_data["thumbprints"],
        }

    def _beside(self, argument: str | None, message: str) -> None:
        fields = {"client_id_list": "client_id", "thumbprint_list": "thumbprints"}
        super()._beside(fields.get(argument or "", argument), message)


class MetadataForm(ActionForm):
    """A metadata document, as a file or as text."""

    metadata_file = forms.FileField(
        label="Metadata document",
        required=False,
        allow_empty_file=True,
        help_text=_METADATA_HELP,
    )
    saml_metadata_document = forms.CharField(
        label="Or paste the metadata document",
        required=False,
        strip=False,
        max_length=_LARGEST,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        """The document, whichever way it came."""
        cleaned = super().clean() or {}
        upload = cleaned.get("metadata_file")
        if upload is not None:
            if upload.size > _LARGEST:
                self.add_error("metadata_file", "The file is larger than 10 MB.")
                return cleaned
            try:
                cleaned["saml_metadata_document"] = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                self.add_error("metadata_file", "The file is no text in UTF-8.")
        if not cleaned.get("saml_metadata_document") and not self.errors:
            self.add_error("metadata_file", "Choose a file, or paste the document below.")
        return cleaned


class SAMLForm(MetadataForm):
    """A new SAML provider."""

    name = name_field(
        SAMLProviderName,
        "Provider name",
        help_text="Maximum 128 characters. Use alphanumeric or '._-' characters.",
    )

    field_order = ("name", "metadata_file", "saml_metadata_document")


class AudienceForm(ActionForm):
    """One more audience."""

    client_id = text_field(ClientId, "Audience")


class ThumbprintsForm(OIDCForm):
    """All thumbprints of a provider."""

    url = client_id = None  # type: ignore[assignment]
