"""The simulator's form: which actions, on what, under which policies."""

from __future__ import annotations

import json
import re
from typing import Any

from django import forms

from accounts.engine import catalog
from iamconsole.console.forms.base import ActionForm

#: Actions and pairs of action and resource that one run asks about.
MOST_ACTIONS, MOST_RESOURCES, MOST_PAIRS = 200, 20, 400
#: Characters of a list that is typed, and of a document.
LONGEST_LIST, LONGEST_DOCUMENT = 20_000, 131_072

_FIELDS = {
    "action_names": "actions",
    "resource_arns": "resources",
    "policy_input_list": "document",
}


class SimulateForm(ActionForm):
    """What is to be simulated. `with_resource_policy`: AWS takes one for users only."""

    service = forms.ChoiceField(label="Service", required=False)
    actions = forms.CharField(
        label="Actions",
        required=False,
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="One a line; the operation may hold wildcards, such as s3:Get*.",
    )
    resources = forms.CharField(
        label="Resources",
        required=False,
        max_length=LONGEST_LIST,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text="ARNs, one a line. Empty: all resources (*).",
    )
    document = forms.CharField(
        label="Policy to try out",
        required=False,
        max_length=LONGEST_DOCUMENT,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "class": "code"}),
        help_text="A policy document that counts in addition. It is not saved.",
    )
    resource_policy = forms.CharField(
        label="Resource-based policy",
        required=False,
        max_length=LONGEST_DOCUMENT,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "code"}),
        help_text="The policy of the resource itself, such as a bucket policy.",
    )

    def __init__(self, *args: Any, with_resource_policy: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        known = [(each.prefix, f"{each.name} ({each.prefix})") for each in catalog.services()]
        known.sort(key=lambda choice: choice[1].lower())
        self.fields["service"].choices = [("", "Choose a service"), *known]  # type: ignore[attr-defined]
        if not with_resource_policy:
            del self.fields["resource_policy"]

    def clean_actions(self) -> list[str]:
        """The actions that were ticked and typed, wildcards replaced by what they stand for."""
        ticked = self.data.getlist("action") if hasattr(self.data, "getlist") else []
        found: dict[str, None] = {}
        for typed in [*ticked[:MOST_ACTIONS], *_lines(self.cleaned_data["actions"])]:
            for name in _expanded(typed):
                found[name] = None
            if len(found) > MOST_ACTIONS:
                raise forms.ValidationError(
                    f"That are too many actions: {MOST_ACTIONS} can be simulated at once."
                )
        if not found:
            raise forms.ValidationError("Choose an action first.")
        return list(found)

    def clean_resources(self) -> list[str]:
        """The ARNs, each once."""
        found = list(dict.fromkeys(_lines(self.cleaned_data["resources"])))
        if len(found) > MOST_RESOURCES:
            raise forms.ValidationError(
                f"That are too many resources: {MOST_RESOURCES} can be simulated at once."
            )
        if len(found) * len(self.cleaned_data.get("actions", ())) > MOST_PAIRS:
            raise forms.ValidationError(
                f"These are too many actions and resources: {MOST_PAIRS} pairs can be simulated "
                "at once."
            )
        return found

    def _beside(self, argument: str | None, message: str) -> None:
        super()._beside(_FIELDS.get(argument or "", argument), message)


def fitting(document: str) -> str:
    """A stored document as the simulation takes it: AWS's longest are too long but for their space.

    Only then is it written anew; else every line keeps its number.
    """
    if len(document) <= LONGEST_DOCUMENT:
        return document
    return json.dumps(json.loads(document), separators=(",", ":"))


def _lines(text: str) -> list[str]:
    return [each for each in re.split(r"[\s,]+", text) if each]


def _expanded(typed: str) -> list[str]:
    """The actions that a pattern stands for; one without wildcards is taken as it is."""
    if not set(typed) & {"*", "?"}:
        return [typed]
    service = typed.partition(":")[0]
    if set(service) & {"*", "?"}:
        raise forms.ValidationError(f"{typed}: name the service, such as s3:*.")
    found = catalog.expand(typed)
    if not found:
        raise forms.ValidationError(f"{typed} stands for no action.")
    return list(found)
