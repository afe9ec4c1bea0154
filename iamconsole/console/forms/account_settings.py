"""The form of the password policy."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts import types
from accounts.models import PasswordPolicy
from iamconsole.console.components.choices import Tile
from iamconsole.console.forms.base import ActionForm

#: What session tokens of the global endpoint are valid in, by what the action calls it.
TOKENS = {
    "v1Token": "Valid only in AWS Regions enabled by default",
    "v2Token": "Valid in all AWS Regions",
}
_TOKEN_KINDS = (
    (
        "v1Token",
        Tile(TOKENS["v1Token"], "Shorter tokens. Regions that must be enabled first refuse them."),
    ),
    ("v2Token", Tile(TOKENS["v2Token"], "Longer tokens: whatever stores them must have room.")),
)

DEFAULT, CUSTOM = "default", "custom"
_KINDS = (
    (DEFAULT, Tile("IAM default", "8 characters or more, of three of the four classes.")),
    (CUSTOM, Tile("Custom", "Your own rules for length, characters, age and reuse.")),
)
#: The arguments of iam:UpdateAccountPasswordPolicy that are true or false.
_FLAGS = (
    "require_uppercase_characters",
    "require_lowercase_characters",
    "require_numbers",
    "require_symbols",
    "hard_expiry",
    "allow_users_to_change_password",
)


def _number(kind: Any, label: str, *, required: bool = False) -> forms.IntegerField:
    rule = types.number_rule(kind)
    return forms.IntegerField(
        label=label,
        required=required,
        min_value=rule.min,
        max_value=rule.max,
        help_text=f"From {rule.min} to {rule.max}.",
    )


def _box(label: str, help_text: str = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=help_text)


class TokensForm(ActionForm):
    """Which kind of session tokens the global endpoint hands out."""

    global_endpoint_token_version = forms.ChoiceField(
        label="Session tokens from the STS global endpoint",
        choices=_TOKEN_KINDS,
        widget=forms.RadioSelect,
    )


class PasswordPolicyForm(ActionForm):
    """IAM's default policy, or every rule of a custom one. AWS knows no partial change."""

    kind = forms.ChoiceField(label="Password policy", choices=_KINDS, widget=forms.RadioSelect)
    minimum_password_length = _number(types.MinimumLength, "Password minimum length", required=True)
    require_uppercase_characters = _box("Require at least one uppercase letter (A-Z)")
    require_lowercase_characters = _box("Require at least one lowercase letter (a-z)")
    require_numbers = _box("Require at least one number (0-9)")
    require_symbols = _box(
        "Require at least one nonalphanumeric character", "! @ # $ % ^ & * ( ) _ + - = [ ] { } | '"
    )
    expires = _box("Turn on password expiration")
    max_password_age = _number(types.MaxAge, "Expire passwords after so many days")
    hard_expiry = _box(
        "Password expiration requires administrator reset",
        "Whoever lets a password expire can't set a new one.",
    )
    allow_users_to_change_password = _box("Allow users to change their own password")
    prevents_reuse = _box("Prevent password reuse")
    password_reuse_prevention = _number(types.ReusePrevention, "Remember so many passwords")

    @property
    def is_custom(self) -> bool:
        """Whether the custom policy is chosen."""
        return bool(self["kind"].value() == CUSTOM)

    @property
    def draft(self) -> PasswordPolicy | None:
        """The policy as the form stands, wherever it makes sense already; not stored."""
        if not self.is_custom:
            return None
        return PasswordPolicy(**self.arguments()) if self.is_bound else self.initial["policy"]

    def arguments(self) -> dict[str, Any]:
        """The arguments of iam:UpdateAccountPasswordPolicy. What was left out is not among them."""
        given = self.cleaned_data
        arguments = {name: given.get(name, False) for name in _FLAGS}
        if given.get("minimum_password_length"):
            arguments["minimum_password_length"] = given["minimum_password_length"]
        if given.get("expires") and given.get("max_password_age"):
            arguments["max_password_age"] = given["max_password_age"]
        if given.get("prevents_reuse") and given.get("password_reuse_prevention"):
            arguments["password_reuse_prevention"] = given["password_reuse_prevention"]
        return arguments

    def clean(self) -> dict[str, Any]:
        """Numbers count where their box is ticked, and nothing does under the default policy."""
        given = self.cleaned_data
        if not self.is_custom:
            self.errors.clear() if given.get("kind") else None
            return given
        for box, number in (
            ("expires", "max_password_age"),
            ("prevents_reuse", "password_reuse_prevention"),
        ):
            if not given.get(box):
                self.errors.pop(number, None)
            elif given.get(number) is None and number not in self.errors:
                self.add_error(number, "Type a number, or untick the box above.")
        return given


def form_of(policy: PasswordPolicy | None, posted: Any = None) -> PasswordPolicyForm:
    """The form as the policy in force fills it, or as it was posted."""
    shown = policy or PasswordPolicy(minimum_password_length=8)
    initial = {name: getattr(shown, name) for name in _FLAGS}
    initial |= {
        "kind": CUSTOM if policy else DEFAULT,
        "minimum_password_length": shown.minimum_password_length,
        "expires": shown.max_password_age is not None,
        "max_password_age": shown.max_password_age or 90,
        "prevents_reuse": shown.password_reuse_prevention is not None,
        "password_reuse_prevention": shown.password_reuse_prevention or 5,
        "policy": shown,
    }
    return PasswordPolicyForm(posted, initial=initial)
