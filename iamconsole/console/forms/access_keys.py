"""Forms of access keys: what a key is for, and what it is called."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.types import tag_characters
from iamconsole.console.components.choices import Tile
from iamconsole.console.forms.base import ActionForm

OTHER = "other"

#: AWS's six use cases, each with what would be better than a key that never expires.
USE_CASES = (
    (
        "cli",
        Tile(
            "Command Line Interface (CLI)",
            "A command line on a person's own computer. Better: sign in from the command line and "
            "get credentials that expire by themselves.",
        ),
    ),
    (
        "local-code",
        Tile(
            "Local code",
            "A program that you are writing on your own computer. Better: let the development "
            "tools sign you in, so that no key lies in a file.",
        ),
    ),
    (
        "compute-service",
        Tile(
            "Application running on an AWS compute service",
            "A program on a virtual machine, container or function. Better: give the machine or "
            "function a role, and it finds fresh credentials by itself.",
        ),
    ),
    (
        "third-party",
        Tile(
            "Third-party service",
            "Another company's product that watches or manages your resources. Better: a role that "
            "their account may assume, with an external ID.",
        ),
    ),
    (
        "outside",
        Tile(
            "Application running outside AWS",
            "A program in your own data centre or another cloud. Better: a role for workloads that "
            "prove who they are by a certificate or an identity provider.",
        ),
    ),
    (
        OTHER,
        Tile("Other", "None of these. Keep the key out of code, and replace it regularly."),
    ),
)


class UseCaseForm(ActionForm):
    """What the key is for; all but one use case have something better, to be read first."""

    use_case = forms.ChoiceField(
        label="Use case",
        choices=USE_CASES,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the key is for."},
    )
    understood = forms.BooleanField(
        label="I understand the above recommendation and want to proceed to create an access key.",
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the tick, but not where nothing was recommended."""
        cleaned = super().clean() or self.cleaned_data
        chosen = cleaned.get("use_case")
        if chosen and chosen != OTHER and not cleaned.get("understood"):
            self.add_error("understood", "Tick this box to go on.")
        return cleaned


class RootKeyForm(ActionForm):
    """The root user's key: nothing is asked but whether that is really wanted."""

    understood = forms.BooleanField(
        label="I understand creating a root access key is not a best practice, but I still want to "
        "create one.",
        error_messages={"required": "Tick this box to go on."},
    )


class DescriptionForm(ActionForm):
    """The value of the tag that describes a key; its key is the access key's ID."""

    description = forms.CharField(
        label="Description tag value",
        required=False,
        max_length=256,
        help_text="What the key is for and where it is used. Letters, digits, spaces and "
        "_ . : / = + - @",
    )

    def clean_description(self) -> str:
        """Only what may stand in a tag."""
        typed: str = self.cleaned_data["description"]
        if not tag_characters(typed):
            raise forms.ValidationError("Letters, digits, spaces and _ . : / = + - @ only.")
        return typed
