"""The form of switching to a role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms

from iamconsole.console.forms.base import ActionForm
from iamconsole.console.switching import COLORS

#: Characters of path and name together: AWS's console takes no longer ones.
LONGEST = 64
_ROLE = re.compile(r"(?:[\x21-\x2e\x30-\x7e]+/)*[\w+=,.@-]+", re.ASCII)
#: The names of the fields in an address, as AWS's links have them.
_IN_ADDRESS = {
    "account": "account",
    "role_name": "roleName",
    "display_name": "displayName",
    "color": "color",
}


class SwitchRole(ActionForm):
    """Which role, in which account, and how the bar is to show it."""

    account = forms.CharField(
        label="Account ID",
        max_length=63,
        help_text="The 12-digit account number or the alias of the account that the role is in.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    role_name = forms.CharField(
        label="IAM role name",
        max_length=LONGEST,
        help_text="The name of the role, after its path if it has one, such as division/Reader.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    display_name = forms.CharField(
        label="Display name",
        required=False,
        max_length=LONGEST,
        help_text="What the bar shows while you act as the role.",
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    color = forms.ChoiceField(
        label="Display color",
        required=False,
        choices=[("", "None"), *((name, name.capitalize()) for name in COLORS)],
        widget=forms.RadioSelect,
    )

    def clean_role_name(self) -> str:
        """The name, and the path without the slash in front."""
        typed = str(self.cleaned_data["role_name"]).removeprefix("/")
        if typed.startswith("arn:") or not _ROLE.fullmatch(typed):
            raise forms.ValidationError(
                "A role's name has letters, numbers and +=,.@_- only. Leave out the ARN before it."
            )
        return typed


def filled_in(query: Mapping[str, Any]) -> dict[str, str]:
    """What a link to the page fills in. A colour may have AWS's number."""
    found = {field: str(query.get(name, ""))[:LONGEST] for field, name in _IN_ADDRESS.items()}
    numbers = {number: name for name, number in COLORS.items()}
    color = found["color"].lstrip("#")
    found["color"] = numbers.get(color.upper(), color if color in COLORS else "")
    return found
