"""Forms that call one action: its limits on their fields, its refusals beside them."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.caller import Caller
from accounts.errors import (
    AccessDenied,
    ConcurrentModification,
    PasswordPolicyViolation,
    ServiceError,
    ValidationError,
)
from accounts.types import text_rule

#: What WHATWG's URL standard calls dot segments.
NAMES_WITHOUT_ADDRESS = frozenset({".", ".."})


#: In what the API says of a wrong alphabet. To people the field says in words what it takes.
_PATTERN = "regular expression pattern"


class ActionForm(forms.Form):
    """A form whose fields are named as the arguments of the actions that it leads to."""

    def refuse(self, error: ServiceError) -> None:
        """Put a refusal beside the field that it blames, or above the form.

        AccessDenied and ConcurrentModification are raised again: they have pages of their own.
        """
        if isinstance(error, AccessDenied | ConcurrentModification):
            raise error
        if isinstance(error, ValidationError) and error.problems:
            for argument, message in error.problems:
                self._beside(argument, message)
        elif isinstance(error, PasswordPolicyViolation) and error.rules:
            for sentence in error.rules:
                self._beside(error.argument, sentence)
        else:
            self._beside(error.argument, error.message)

    def _beside(self, argument: str | None, message: str) -> None:
        field = self.fields.get(argument or "")
        if field is not None and field.help_text and _PATTERN in message:
            message = f"That can't be used. {field.help_text}"
        self.add_error(argument if field is not None else None, message)


def text_field(kind: Any, label: str, **options: Any) -> forms.CharField:
    """A text field with the length that an argument type allows.

    The alphabet is left to the action, whose message says what is allowed.
    """
    rule = text_rule(kind)
    options.setdefault("max_length", rule.max)
    return forms.CharField(label=label, strip=options.pop("strip", True), **options)


def name_field(kind: Any, label: str, **options: Any) -> forms.CharField:
    """A text field for a name that becomes part of an address."""
    return text_field(kind, label, validators=[_has_an_address], **options)


def _has_an_address(name: str) -> None:
    # Legal in IAM. But browsers take these parts out of addresses, also percent-encoded ones.
    if name in NAMES_WITHOUT_ADDRESS:
        raise forms.ValidationError(
            f"The API accepts the name {name}, but no browser could open a page of that name."
        )


def submitted(form: ActionForm, caller: Caller, action: Any, **arguments: Any) -> Any:
    """Call an action for a valid form; on a refusal mark the form and return None.

    An action that returns nothing gives True.
    """
    try:
        result = action(caller, **arguments)
    except ServiceError as error:
        form.refuse(error)
        return None
    return True if result is None else result
