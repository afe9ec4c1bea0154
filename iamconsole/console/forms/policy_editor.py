"""Forms of the review, before a policy is saved."""

from __future__ import annotations

from django import forms

from accounts.types import PolicyDescription, PolicyName
from iamconsole.console.forms.base import ActionForm, name_field, text_field

_NAME_HELP = "Maximum 128 characters. Use alphanumeric and '+=,.@-_' characters."


class PolicyForm(ActionForm):
    """A new managed policy's name and description."""

    policy_name = name_field(PolicyName, "Policy name", help_text=_NAME_HELP)
    description = text_field(
        PolicyDescription,
        "Description",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Maximum 1,000 characters. You can't edit it later.",
    )


class InlinePolicyForm(ActionForm):
    """A new inline policy's name."""

    policy_name = name_field(PolicyName, "Policy name", help_text=_NAME_HELP)


class VersionForm(ActionForm):
    """A new version of a policy. `oldest` is the one that has to go first, if any."""

    set_as_default = forms.BooleanField(
        label="Set this new version as the default",
        required=False,
        help_text="Whoever has the policy is held to its default version, from the next request.",
    )
    oldest = forms.CharField(required=False, widget=forms.HiddenInput)
    delete_oldest = forms.BooleanField(required=False)

    def __init__(self, *arguments: object, oldest: str = "", **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.goes = oldest
        self.fields["delete_oldest"].label = f"Delete version {oldest}"

    def clean(self) -> None:
        """Refuse to go on without leave to delete that very version."""
        if not self.goes:
            return
        if self.cleaned_data.get("oldest") != self.goes:
            self.add_error(
                "delete_oldest", f"The policy's versions have changed. Now {self.goes} would go."
            )
        elif not self.cleaned_data.get("delete_oldest"):
            self.add_error(
                "delete_oldest",
                "A managed policy can have up to 5 versions. Agree that the oldest is deleted.",
            )
