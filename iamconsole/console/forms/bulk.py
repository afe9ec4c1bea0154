"""The forms of what is done to several users at once."""

from __future__ import annotations

from django import forms

from accounts.types import TagRule
from iamconsole.console.forms.base import ActionForm


class TagForm(ActionForm):
    """One tag for all of them."""

    key = forms.CharField(label="Key", max_length=TagRule.key.max)
    value = forms.CharField(label="Value", max_length=TagRule.value.max, required=False)

    def clean(self) -> None:
        """Hold it to AWS's limits before it is tried on anybody."""
        for name, rule in (("key", TagRule.key), ("value", TagRule.value)):
            if name in self.cleaned_data and rule.problems(self.cleaned_data[name], name):
                self.add_error(name, "Letters, numbers, spaces and _ . : / = + - @ only.")
