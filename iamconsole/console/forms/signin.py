"""The forms of signing in: passwords, codes, and passwords that are set on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict

from accounts import passwords
from accounts.errors import InvalidAuthenticationCode
from accounts.models import MFADevice
from iamconsole.console.forms.base import ActionForm

#: What a person can do about each reason for which a code was refused.
REASONS = {
    "wrong": "This code is wrong. Type the one that your authenticator shows now.",
    "used": "This code was used already. Wait for the next one: it changes every 30 seconds.",
    "late": (
        "This code belongs to another time: it was typed too late, or your authenticator's clock "
        "is off."
    ),
    "order": (
        "This is not the code that follows the first one. Type two codes that your authenticator "
        "showed one after the other."
    ),
}


class CodeInput(forms.TextInput):
    """A code: never shown again, and one in a request at most: of two, neither counts."""

    def format_value(self, value: Any) -> None:
        """An empty field: a refused code is of no further use."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The value, unless it was sent twice."""
        if isinstance(data, QueryDict) and len(data.getlist(name)) > 1:
            return ""
        return data.get(name)


class UserSignIn(ActionForm):
    """Account, user name and password, on one page."""

    account = forms.CharField(
        label="Account ID or alias",
        max_length=128,
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false"}),
    )
    remember = forms.BooleanField(label="Remember this account", required=False)
    user_name = forms.CharField(
        label="IAM username",
        max_length=128,
        widget=forms.TextInput(
            {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    # Without a limit here: one that is too long is refused like any other that is wrong.
    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # What is typed next. After a refusal always the password, whatever was wrong.
        filled_in = self.initial.get("account"), self.initial.get("user_name")
        first = "password" if self.is_bound or all(filled_in) else "account"
        if first == "account" and filled_in[0]:
            first = "user_name"
        self.fields[first].widget.attrs["autofocus"] = True


class RootEmail(ActionForm):
    """The first step of the root user."""

    email = forms.CharField(
        label="Root user email address",
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "username", "autofocus": True}),
    )


class RootPassword(RootEmail):
    """The second step: the address as it was typed, and the password."""

    password = forms.CharField(
        label="Password",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # Shown, so that a password manager knows whose password it fills in.
        self.fields["email"].widget.attrs |= {"readonly": True, "autofocus": False}


def _code_field(label: str, **attributes: Any) -> forms.CharField:
    attributes |= {"inputmode": "numeric", "autocomplete": "one-time-code"}
    return forms.CharField(label=label, max_length=32, widget=CodeInput(attributes))


class DeviceForm(ActionForm):
    """What is asked of one of somebody's MFA devices."""

    def __init__(self, devices: Sequence[MFADevice], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.devices = devices
        if len(devices) > 1:
            choices = [(device.serial_number, device.name) for device in devices]
            chosen = forms.ChoiceField(
                label="MFA device",
                choices=choices,
                initial=choices[0][0],
                widget=forms.RadioSelect,
            )
            self.fields = {"serial_number": chosen, **self.fields}

    @property
    def chosen(self) -> str:
        """The chosen device, or the only one."""
        return str(self.cleaned_data.get("serial_number") or self.devices[0].serial_number)

    def refuse_code(self, error: InvalidAuthenticationCode, now: datetime) -> None:
        """Say what was wrong with a code, and the server's time to compare a clock with."""
        argument = error.argument if error.argument in self.fields else self.code_fields[0]
        self.add_error(
            argument, f"{REASONS[error.reason]} The server's time is {now:%H:%M:%S} UTC."
        )

    @property
    def code_fields(self) -> list[str]:
        """The names of the fields that take codes, in order."""
        return [name for name in self.fields if name.startswith("authentication_code")]


class CodeForm(DeviceForm):
    """One code."""

    authentication_code = _code_field("MFA code", autofocus=True)


class ResyncForm(DeviceForm):
    """Two consecutive codes."""

    authentication_code1 = _code_field("MFA code 1", autofocus=True)
    authentication_code2 = _code_field("MFA code 2")


class NewPassword(ActionForm):
    """A new password, typed twice."""

    new_password = forms.CharField(
        label="New password",
        strip=False,
        max_length=passwords.LONGEST,
        widget=forms.PasswordInput(
            {"autocomplete": "new-password", "aria-describedby": "password-rules"}
        ),
    )
    retyped = forms.CharField(
        label="Retype new password",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both must be the same."""
        cleaned = super().clean() or self.cleaned_data
        new, retyped = cleaned.get("new_password"), cleaned.get("retyped")
        if new and retyped and new != retyped:
            self.add_error("retyped", "The two new passwords are not the same.")
        return cleaned

    def tell(self, rules: Iterable[passwords.Rule]) -> None:
        """Say of the new password what it lacks, where something else was refused first."""
        typed = self.data.get("new_password", "")
        if not typed or "new_password" in self.errors:
            return
        for rule in rules:
            if not rule.holds(typed):
                self.add_error("new_password", rule.sentence)


class ChangePassword(NewPassword):
    """The old password and the new one."""

    old_password = forms.CharField(
        label="Old password",
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ("old_password", "new_password", "retyped")
