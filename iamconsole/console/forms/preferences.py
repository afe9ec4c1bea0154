"""The form of a list's preferences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from iamconsole.console.components.preferences import SIZES, Preferences, size_or_nothing
from iamconsole.console.components.tables import Column


class PreferencesForm(forms.Form):
    """For each column whether it is there and where, then what holds for all rows.

    The first column always stays and stays first.
    """

    size = forms.ChoiceField(
        label="Page size",
        choices=[(str(size), f"{size} rows") for size in SIZES],
        widget=forms.RadioSelect,
    )
    wrap = forms.BooleanField(
        label="Wrap lines", required=False, help_text="Long texts go on in the next line."
    )
    stripes = forms.BooleanField(
        label="Striped rows", required=False, help_text="Every other row is shaded."
    )
    density = forms.ChoiceField(
        label="Density",
        choices=[("comfortable", "Comfortable"), ("compact", "Compact")],
        widget=forms.RadioSelect,
    )

    def __init__(
        self, sent: Any, *, columns: Sequence[Column], now: Preferences, **options: Any
    ) -> None:
        initial = {
            "size": str(now.size),
            "wrap": now.wrap,
            "stripes": now.stripes,
            "density": "compact" if now.compact else "comfortable",
        }
        super().__init__(sent, initial=initial, **options)
        self.table = now.table
        self.first = columns[0]
        self.movable = columns[1:]
        visible = [name for name in now.columns if name != self.first.name]
        visible = visible or [column.name for column in self.movable if column.shown]
        places = {name: place for place, name in enumerate(visible, start=1)}
        hidden = len(visible)
        for column in self.movable:
            if column.name not in places:
                hidden += 1
            self.fields[f"show-{column.name}"] = forms.BooleanField(
                label=column.label, required=False, initial=column.name in places
            )
            self.fields[f"place-{column.name}"] = forms.IntegerField(
                label=f"Place of {column.label}",
                min_value=1,
                max_value=99,
                initial=places.get(column.name, hidden),
            )

    @property
    def rows(self) -> list[tuple[Column, BoundField, BoundField]]:
        """Each column with its box and its place, in the order they have now."""
        found = [
            (column, self[f"show-{column.name}"], self[f"place-{column.name}"])
            for column in self.movable
        ]
        return sorted(found, key=lambda row: _number(row[2].value()))

    @property
    def chosen(self) -> Preferences:
        """What a valid form asks for."""
        given = self.cleaned_data
        shown = [column for column in self.movable if given[f"show-{column.name}"]]
        shown.sort(key=lambda column: given[f"place-{column.name}"])
        return Preferences(
            self.table,
            columns=(self.first.name, *(column.name for column in shown)),
            size=size_or_nothing(given["size"]) or SIZES[0],
            wrap=given["wrap"],
            compact=given["density"] == "compact",
            stripes=given["stripes"],
        )


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 999
