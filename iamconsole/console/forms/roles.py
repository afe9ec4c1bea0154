"""Forms of roles: who is trusted, the name of a new one, its settings, revoking its sessions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import OpenIDConnectProvider, SAMLProvider
from accounts.types import Description, RoleName, SessionDuration, number_rule
from iamconsole.console.components.choices import Tile
from iamconsole.console.forms.base import ActionForm, name_field, text_field
from iamconsole.console.roles import trust
from iamconsole.console.roles.use_cases import EC2, LAMBDA, USE_CASES, use_case

SERVICE, ACCOUNT, WEB, SAML, CUSTOM = "service", "account", "web", "saml", "custom"
#: The choice that unfolds a field of its own.
OTHER = "custom"
THIS_ACCOUNT = "this"
FOR_CONSOLE, PROGRAMMATIC = "console", "programmatic"
#: IAM User Guide, "Available keys for SAML-based AWS STS federation".
SAML_ATTRIBUTES = (
    "SAML:aud",
    "SAML:iss",
    "SAML:sub",
    "SAML:sub_type",
    "SAML:namequalifier",
    "SAML:cn",
    "SAML:commonName",
    "SAML:eduorghomepageuri",
    "SAML:edupersonaffiliation",
    "SAML:edupersonprincipalname",
    "SAML:mail",
    "SAML:name",
    "SAML:organizationStatus",
    "SAML:surname",
    "SAML:uid",
)
#: IAM quotas and the STS API's ExternalId: 2 to 1224 characters of these.
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)
_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_HOURS = range(1, 13)


def _optional(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, **options)


class TrustForm(ActionForm):
    """Who may assume the role. What belongs to another type than the chosen one is not looked at.

    `oidc` and `saml` are the account's identity providers.
    """

    trusted_entity = forms.ChoiceField(
        label="Trusted entity type",
        widget=forms.RadioSelect,
        choices=[
            (SERVICE, Tile("AWS service", "Let a service such as EC2 or Lambda act here.")),
            (ACCOUNT, Tile("AWS account", "Let people and programs of an account switch to it.")),
            (WEB, Tile("Web identity", "Let in whoever an OpenID Connect provider signed in.")),
            (SAML, Tile("SAML 2.0 federation", "Let in whoever a company's directory signed in.")),
            (CUSTOM, Tile("Custom trust policy", "Write the trust policy yourself.")),
        ],
    )
    service = forms.ChoiceField(
        label="Service or use case",
        widget=forms.RadioSelect,
        required=False,
        choices=[
            (EC2, Tile("EC2", "Instances act here. An instance profile is made as well.")),
            (LAMBDA, Tile("Lambda", "Functions act here.")),
            (OTHER, Tile("Another service or use case", "Choose from a list.")),
        ],
    )
    use_case = _optional(
        "Use case",
        help_text="Type a part of the name and choose from the list.",
        widget=forms.TextInput(attrs={"list": "use-cases", "autocomplete": "off"}),
    )
    account_kind = forms.ChoiceField(
        label="AWS account",
        widget=forms.RadioSelect,
        required=False,
        choices=[(THIS_ACCOUNT, "This account"), (OTHER, "Another AWS account")],
    )
    account_id = _optional(
        "Account ID",
        help_text="The 12 digits of the account whose users and roles may use this role.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    require_external_id = forms.BooleanField(
        label="Require external ID",
        required=False,
        help_text="For a third party that acts for many customers: it must name yours.",
    )
    external_id = _optional(
        "External ID",
        help_text="2 to 1,224 characters. Use alphanumeric and '+=,.@:/-_' characters.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    require_mfa = forms.BooleanField(
        label="Require MFA",
        required=False,
        help_text="Whoever switches to the role must have signed in with MFA.",
    )
    web_provider = forms.ChoiceField(label="Identity provider", required=False)
    audience = _optional(
        "Audience",
        help_text="The application's ID with the provider; AWS's own is sts.amazonaws.com.",
        max_length=255,
        widget=forms.TextInput(attrs={"list": "audiences", "autocomplete": "off"}),
    )
    github_organization = _optional("GitHub organization", max_length=200)
    github_repository = _optional("GitHub repository", max_length=200)
    github_branch = _optional("GitHub branch", max_length=200)
    subject = _optional(
        "Subject",
        max_length=500,
        help_text="What the token's sub must be. It may hold the wildcards * and ?.",
    )
    saml_provider = forms.ChoiceField(label="SAML 2.0 provider", required=False)
    saml_access = forms.ChoiceField(
        label="Access to be allowed",
        widget=forms.RadioSelect,
        required=False,
        choices=[
            (FOR_CONSOLE, "Allow programmatic and AWS Management Console access"),
            (OTHER, "Allow programmatic access only"),
        ],
    )
    saml_attribute = forms.ChoiceField(
        label="Attribute", required=False, choices=[(name, name) for name in SAML_ATTRIBUTES]
    )
    saml_value = _optional("Value", max_length=1000)

    def __init__(
        self,
        *args: Any,
        oidc: Sequence[OpenIDConnectProvider] = (),
        saml: Sequence[SAMLProvider] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        known = [(issuer, name) for issuer, (name, _) in trust.KNOWN_ISSUERS.items()]
        own = [(each.arn, each.url) for each in oidc]
        groups = [("Providers of this account", own)] if own else []
        self._choose_from("web_provider", [*groups, ("Everybody's", known)])
        self._choose_from("saml_provider", [(each.arn, each.name) for each in saml])

    def _choose_from(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "Choose a provider"), *choices]

    def clean(self) -> dict[str, Any]:
        """Look at what belongs to the chosen type; forget what is wrong with the rest."""
        found = super().clean() or self.cleaned_data
        check = {
            SERVICE: self._check_service,
            ACCOUNT: self._check_account,
            WEB: self._check_web,
            SAML: self._check_saml,
        }.get(found.get("trusted_entity", ""))
        chosen = {"trusted_entity", *_FIELDS.get(found.get("trusted_entity", ""), ())}
        for name in set(self.errors) - chosen:
            del self.errors[name]
        if check is not None:
            check(found)
        return found

    def _need(self, name: str, message: str) -> None:
        if name not in self.errors:
            self.add_error(name, message)

    def _check_service(self, found: dict[str, Any]) -> None:
        if not found.get("service"):
            self._need("service", "Choose a service.")
        elif found["service"] == OTHER and use_case(found.get("use_case", "")) is None:
            self._need("use_case", "Choose a service or use case from the list.")

    def _check_account(self, found: dict[str, Any]) -> None:
        if found.get("account_kind") == OTHER:
            digits = re.sub(r"[\s-]", "", found.get("account_id", ""))
            if not _ACCOUNT_ID.fullmatch(digits):
                self._need("account_id", "An account ID has 12 digits.")
            found["account_id"] = digits
        wanted = found.get("require_external_id")
        if wanted and not _EXTERNAL_ID.fullmatch(found.get("external_id", "")):
            help_text = self.fields["external_id"].help_text
            self._need("external_id", f"That can't be an external ID. {help_text}")

    def _check_web(self, found: dict[str, Any]) -> None:
        if not found.get("web_provider"):
            self._need("web_provider", "Choose an identity provider.")
        if not found.get("audience"):
            self._need("audience", "Enter the audience.")
        is_github = trust.issuer_of(found.get("web_provider", "")) == trust.GITHUB
        if is_github and not (found.get("github_organization") or found.get("subject")):
            self._need(
                "github_organization",
                "Enter the organization. Otherwise anybody's repository on GitHub is let in.",
            )

    def _check_saml(self, found: dict[str, Any]) -> None:
        if not found.get("saml_provider"):
            self._need("saml_provider", "Choose a SAML 2.0 provider.")
        if found.get("saml_access") == OTHER and not found.get("saml_value"):
            self._need("saml_value", "Enter the value that the attribute must have.")


#: The fields of each type.
_FIELDS = {
    SERVICE: ("service", "use_case"),
    ACCOUNT: ("account_kind", "account_id", "require_external_id", "external_id", "require_mfa"),
    WEB: (
        "web_provider",
        "audience",
        "github_organization",
        "github_repository",
        "github_branch",
        "subject",
    ),
    SAML: ("saml_provider", "saml_access", "saml_attribute", "saml_value"),
}
USE_CASE_NAMES = tuple(each.label for each in USE_CASES)


class RoleForm(ActionForm):
    """A new role's name and description."""

    role_name = name_field(
        RoleName,
        "Role name",
        help_text="Maximum 64 characters. Use alphanumeric and '+=,.@-_' characters. "
        "It can't be changed later.",
    )
    description = text_field(
        Description,
        "Description",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class RoleSettingsForm(ActionForm):
    """A role's description, and how long its sessions may last."""

    description = text_field(
        Description,
        "Description",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    duration = forms.ChoiceField(
        label="Maximum session duration",
        help_text="How long one session of whoever assumes the role may last.",
        choices=[
            *((str(hours * 3600), f"{hours} hour{'s' * (hours > 1)}") for hours in _HOURS),
            (OTHER, "Custom duration"),
        ],
    )
    max_session_duration = forms.IntegerField(
        label="Custom duration",
        required=False,
        help_text=f"In seconds, from {number_rule(SessionDuration).min} to "
        f"{number_rule(SessionDuration).max}.",
    )

    @property
    def seconds(self) -> int | None:
        """The wanted maximum; nothing where none was entered. Only after is_valid()."""
        chosen = self.cleaned_data["duration"]
        found: int | None = self.cleaned_data.get("max_session_duration")
        return found if chosen == OTHER else int(chosen)

    def clean(self) -> dict[str, Any]:
        """Ask for the seconds where they are wanted."""
        found = super().clean() or self.cleaned_data
        if found.get("duration") != OTHER:
            self.errors.pop("max_session_duration", None)
        elif "max_session_duration" not in self.errors and not found.get("max_session_duration"):
            self.add_error("max_session_duration", "Enter the duration in seconds.")
        return found


class RevokeForm(ActionForm):
    """The acknowledgement that every session of a role ends."""

    acknowledged = forms.BooleanField(
        label="I acknowledge that I am revoking all active sessions for this role.",
        error_messages={"required": "Acknowledge this to go on."},
    )
