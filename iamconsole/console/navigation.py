"""The side navigation: which pages it lists, and which of them is the current one."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import NoReverseMatch, reverse


class Place(NamedTuple):
    """A page of the navigation: its label, the name of its URL, and where it leads."""

    label: str
    view: str
    url: str = ""
    current: bool = False


class Section(NamedTuple):
    """Places under a heading; the first section has none."""

    label: str
    places: tuple[Place, ...]


SECTIONS = (
    Section("", (Place("Dashboard", "console:dashboard"),)),
    Section(
        "Access management",
        (
            Place("User groups", "console:groups"),
            Place("Users", "console:users"),
            Place("Roles", "console:roles"),
            Place("Policies", "console:policies"),
            Place("Identity providers", "console:providers"),
            Place("Account settings", "console:account-settings"),
        ),
    ),
    Section(
        "Access reports",
        (
            Place("Credential report", "console:credential-report"),
            Place("Explain", "console:explain"),
        ),
    ),
)


def navigation(path: str) -> tuple[Section, ...]:
    """The sections as seen from the page at `path`. A place without a page is left out."""
    return tuple(
        Section(section.label, tuple(_resolved(section.places, path))) for section in SECTIONS
    )


def _resolved(places: tuple[Place, ...], path: str) -> list[Place]:
    found = []
    for place in places:
        url = _address(place.view)
        if not url:
            continue
        # These lie beside the list: below it, a user may be called "create".
        beside = [_address(f"{place.view}-{verb}") for verb in ("create", "delete")]
        # The dashboard's address may be the beginning of every other one.
        inside = path == url if place.view == "console:dashboard" else path.startswith(url)
        current = inside or path in beside
        found.append(place._replace(url=url, current=current))
    return found


def _address(view: str) -> str:
    try:
        return reverse(view) if view else ""
    except NoReverseMatch:
        return ""
