"""Choices of a form that carry a line of explanation, for radio tiles."""

from __future__ import annotations


class Tile(str):
    """A choice's label with a description that `components/field.html` shows below it."""

    description: str

    def __new__(cls, label: str, description: str = "") -> Tile:
        tile = super().__new__(cls, label)
        tile.description = description
        return tile
