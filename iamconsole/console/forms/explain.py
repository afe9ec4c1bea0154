"""Forms that ask why: one request, or everybody who may make it."""

from __future__ import annotations

from django import forms

from accounts.actions.explanations import ActionName
from accounts.simulation.kinds import ResourceName
from iamconsole.console.forms.base import ActionForm, text_field

#: The form's fields by the arguments that the actions blame.
_FIELDS = {
    "action_name": "action",
    "resource_arn": "resource",
    "principal_arn": "principal",
    "policy_source_arn": "principal",
}

#: How the API begins what it says of an action.
_WIRE_PREFIX, _WIRE_CONSTRAINT = "Invalid Input Actions: ", "Value at "
_NO_ACTION = "This is not a service and an operation, such as iam:CreateUser."

_SUGGEST = {"list": "action-names", "autocomplete": "off", "spellcheck": "false"}


class QuestionForm(ActionForm):
    """An action and what it is done to."""

    action = text_field(
        ActionName,
        "Action",
        help_text="A service and an operation, such as iam:CreateUser.",
        widget=forms.TextInput(attrs=_SUGGEST),
    )
    resource = text_field(
        ResourceName,
        "Resource ARN",
        required=False,
        help_text="Empty for an action that has none, such as s3:ListAllMyBuckets.",
    )

    def clean_resource(self) -> str:
        """All resources, where none was named."""
        return self.cleaned_data["resource"] or "*"

    def _beside(self, argument: str | None, message: str) -> None:
        field = _FIELDS.get(argument or "", argument)
        if field == "action":
            told = message.removeprefix(_WIRE_PREFIX)
            message = _NO_ACTION if told.startswith(_WIRE_CONSTRAINT) else told
        super()._beside(field, message)


class ExplainForm(QuestionForm):
    """The same, and who does it."""

    principal = text_field(
        ResourceName,
        "Who",
        required=False,
        help_text="The ARN of a user or role; empty for yourself.",
    )
