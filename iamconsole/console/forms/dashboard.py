"""The form of the account's alias."""

from __future__ import annotations

from django import forms

from accounts.types import AccountAlias
from iamconsole.console.forms.base import ActionForm, text_field


class AliasForm(ActionForm):
    """The name that stands for the account's id in its sign-in URL."""

    account_alias = text_field(
        AccountAlias,
        "Preferred alias",
        help_text="3 to 63 characters: a-z, 0-9 and single hyphens between them.",
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
