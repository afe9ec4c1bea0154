"""The rows of key and value that `components/tags.html` draws."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from django import forms
from django.http import QueryDict

from accounts.types import TagRule, Text

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
MOST_TAGS = 50

PREFIX = "tags"


CHARACTERS = "That can't be used. Use letters, digits, spaces and _ . : / = + - @."
DUPLICATE = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
SYSTEM = "System tag keys, which begin with aws:, can't be changed."


class TagForm(forms.Form):
    """One tag."""

    key = forms.CharField(label="Key", max_length=128)
    value = forms.CharField(label="Value", max_length=256, required=False)

    def clean_key(self) -> str:
        """The key, of the characters that AWS takes."""
        return _of_tag_characters(TagRule.key, self.cleaned_data["key"])

    def clean_value(self) -> str:
        """The value, likewise."""
        return _of_tag_characters(TagRule.value, self.cleaned_data["value"])


def _of_tag_characters(rule: Text, typed: str) -> str:
    if typed and rule.problems(typed, "tag"):
        raise forms.ValidationError(CHARACTERS)
    return typed


if TYPE_CHECKING:
    _Rows = forms.BaseFormSet[TagForm]
else:
    _Rows = forms.BaseFormSet


class TagRows(_Rows):
    """The rows of one page."""

    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "too_many_forms": f"You can add up to {MOST_TAGS} tags.",
    }

    def clean(self) -> None:
        """Say beside its row what no tag may be; the action says it again of all of them."""
        seen: set[str] = set()
        for form in self.forms:
            key = form.cleaned_data.get("key", "").casefold()
            if not key or form in self.deleted_forms:
                continue
            if key in seen:
                form.add_error("key", DUPLICATE)
            elif key.startswith("aws:"):
                form.add_error("key", SYSTEM)
            seen.add(key)

    @property
    def tags(self) -> list[tuple[str, str]]:
        """Key and value of every row that is neither blank nor removed; only after is_valid()."""
        return [
            (form.cleaned_data["key"], form.cleaned_data["value"])
            for form in self.forms
            if form.cleaned_data.get("key") and form not in self.deleted_forms
        ]


_TagRows = forms.formset_factory(
    TagForm, formset=TagRows, extra=1, can_delete=True, max_num=MOST_TAGS, validate_max=True
)


def tag_rows(tags: Iterable[tuple[str, str]] = ()) -> TagRows:
    """The rows as a page first shows them: the tags there are, and a blank one."""
    initial = [{"key": key, "value": value} for key, value in tags]
    return cast(TagRows, _TagRows(initial=initial, prefix=PREFIX))


def posted_tag_rows(posted: QueryDict) -> TagRows:
    """The rows as sent; with one more where "Add new tag" was pressed."""
    if "add_tag" in posted:
        posted = posted.copy()
        total = posted.get(f"{PREFIX}-TOTAL_FORMS", "")
        if total.isascii() and total.isdigit() and len(total) < 5 and int(total) < MOST_TAGS:
            posted[f"{PREFIX}-TOTAL_FORMS"] = str(int(total) + 1)
    return cast(TagRows, _TagRows(posted, prefix=PREFIX))
