"""Forms of SNS's topics: a new one, its display name, a message."""

from __future__ import annotations

import re

from django import forms

from iamconsole.console.components.choices import Tile
from iamconsole.console.forms.base import ActionForm
from iamconsole.sandbox import topic_policies
from iamconsole.sandbox.actions.sns_topics import LONGEST_DISPLAY_NAME
from iamconsole.sandbox.ec2_catalog import REGIONS
from iamconsole.sandbox.message_content import LARGEST, LONGEST_SUBJECT
from iamconsole.sandbox.topics import NAME

OWNER, EVERYONE, ACCOUNTS = "owner", "everyone", "custom"
NAME_HELP = "Maximum 256 characters. Letters, digits, hyphens (-) and underscores (_)."
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_MOST_ACCOUNTS = 50


class DisplayNameForm(ActionForm):
    """A topic's display name."""

    display_name = forms.CharField(
        label="Display name", required=False, max_length=LONGEST_DISPLAY_NAME,
        help_text="Shown to people beside the name. Maximum 100 characters.",
    )  # fmt: skip

    def _beside(self, argument: str | None, message: str) -> None:
        known = argument in ("attributes", "attribute_value")
        super()._beside("display_name" if known else argument, message)


class TopicForm(DisplayNameForm):
    """A new topic: its name, its Region, and who may publish to it."""

    field_order = ("name", "region", "display_name")

    name = forms.CharField(label="Name", max_length=256, help_text=NAME_HELP)
    region = forms.ChoiceField(
        label="Region",
        choices=[(name, f"{place} ({name})") for name, place in REGIONS.items()],
        help_text="A topic belongs to one Region; programs name it when they connect.",
    )
    publishers = forms.ChoiceField(
        label="Who can publish",
        widget=forms.RadioSelect,
        initial=OWNER,
        choices=[
            (
                OWNER,
                Tile("This account", "Users and roles whose own policies allow it. AWS's default."),
            ),
            (
                EVERYONE,
                Tile("Everyone", "All of this account, and whoever else's own policies allow it."),
            ),
            (ACCOUNTS, Tile("Certain AWS accounts", "Name them by their account IDs.")),
        ],
    )
    accounts = forms.CharField(
        label="Account IDs",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="Twelve digits each, separated by spaces, commas or line ends.",
    )

    def clean_name(self) -> str:
        """A name that SNS takes."""
        name: str = self.cleaned_data["name"]
        if NAME.fullmatch(name) is None:
            raise forms.ValidationError(f"That can't be used. {NAME_HELP}")
        return name

    def clean_accounts(self) -> list[str]:
        """The accounts, where they are what was chosen."""
        if self.cleaned_data.get("publishers") != ACCOUNTS:
            return []
        found = re.split(r"[\s,;]+", self.cleaned_data["accounts"].strip())
        plain = [each.replace("-", "") for each in dict.fromkeys(found)]
        if not all(map(_ACCOUNT.fullmatch, plain)) or len(plain) > _MOST_ACCOUNTS:
            raise forms.ValidationError(
                f"Give one to {_MOST_ACCOUNTS} account IDs of twelve digits each."
            )
        return plain

    def attributes(self, account: str) -> dict[str, str]:
        """The attributes of the new topic of an account."""
        found = {}
        if self.cleaned_data["display_name"]:
            found["DisplayName"] = self.cleaned_data["display_name"]
        names = ["*"] if self.cleaned_data["publishers"] == EVERYONE else [
            f"arn:aws:iam::{each}:root" for each in self.cleaned_data["accounts"]
        ]  # fmt: skip
        if names:
            arn = f"arn:aws:sns:{self.cleaned_data['region']}:{account}:{self.cleaned_data['name']}"
            found["Policy"] = topic_policies.open_to(arn, account, names)
        return found


class PublishForm(ActionForm):
    """A message."""

    subject = forms.CharField(
        label="Subject", required=False, max_length=LONGEST_SUBJECT,
        help_text="One line of at most 100 characters.",
    )  # fmt: skip
    message = forms.CharField(
        label="Message body", strip=False, max_length=LARGEST,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="Up to 256 KiB of text.",
    )  # fmt: skip

    def clean_message(self) -> str:
        """The text with the line ends that it was typed with: browsers send CR LF."""
        text: str = self.cleaned_data["message"]
        return text.replace("\r\n", "\n")
