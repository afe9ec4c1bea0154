"""The form of a dialog in which something must be typed before anything is deleted."""

from __future__ import annotations

from typing import Any

from django import forms


class ConfirmForm(forms.Form):
    """The words that have to be typed, in any case."""

    confirmation = forms.CharField(label="Confirmation", required=False)

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected

    def clean_confirmation(self) -> str:
        """Refuse anything but the expected words."""
        typed: str = self.cleaned_data["confirmation"]
        if typed.lower() != self.expected.lower():
            raise forms.ValidationError(f"Type {self.expected} to confirm.")
        return typed
