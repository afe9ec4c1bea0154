"""The forms of MFA devices: a name for a new one, and two codes."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts import totp
from accounts.errors import InvalidAuthenticationCode
from accounts.types import DeviceName
from iamconsole.console.forms.base import ActionForm, text_field
from iamconsole.console.forms.signin import ResyncForm


class DeviceNameForm(ActionForm):
    """The name of a new device."""

    virtual_mfa_device_name = text_field(
        DeviceName,
        "Device name",
        help_text="No other device of the account may have it. Letters, digits and + = , . @ _ -",
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class CodesForm(ResyncForm):
    """Two consecutive codes of one device."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__((), *args, **options)
        # The QR code stands above the field, and must not be scrolled out of sight.
        self.fields["authentication_code1"].widget.attrs.pop("autofocus", None)

    def clean_authentication_code1(self) -> str:
        """Six digits."""
        return self._digits("authentication_code1")

    def clean_authentication_code2(self) -> str:
        """Six digits."""
        return self._digits("authentication_code2")

    def _digits(self, name: str) -> str:
        try:
            return totp.plain(self.cleaned_data[name])
        except InvalidAuthenticationCode:
            raise forms.ValidationError("An MFA code is six digits.") from None
