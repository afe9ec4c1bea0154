"""The menus: which services there are, which pages each lists, and where in them somebody is."""

from __future__ import annotations

from typing import NamedTuple

from django.urls import NoReverseMatch, reverse


class Place(NamedTuple):
    """A page of the navigation: its label, the name of its URL, and where it leads."""

    label: str
    view: str
    #: Whether only this very page is the place, where others' addresses begin with its own.
    alone: bool = False
    url: str = ""
    current: bool = False


class Section(NamedTuple):
    """Places under a heading; the first section has none."""

    label: str
    places: tuple[Place, ...]


class Area(NamedTuple):
    """A service of the console. All its pages' addresses begin with that of its first page.

    `name` stands in the menu and the breadcrumbs, `title` above its sections, `text` says in a few
    words what it is for.
    """

    name: str
    title: str
    text: str
    home: str
    sections: tuple[Section, ...]
    url: str = ""
    current: bool = False


_IAM = (
    Section("", (Place("Dashboard", "console:dashboard", alone=True),)),
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
            Place("Unused access", "console:unused"),
            Place("Explain", "console:explain"),
            Place("Event history", "console:history"),
        ),
    ),
)
_CLOUDTRAIL = (Section("", (Place("Event history", "console:history"),)),)
_EC2 = (Section("", (Place("Instances", "console:ec2-instances"),)),)
_S3 = (Section("", (Place("Buckets", "console:s3-buckets"),)),)
_SNS = (Section("", (Place("Topics", "console:sns-topics"),)),)
_LABS = (Section("", (Place("All labs", "labs:catalogue"),)),)

#: The first is also the one of every page that is no service's.
AREAS = (
    Area(
        "IAM",
        "Identity and Access Management (IAM)",
        "Who may do what",
        "console:dashboard",
        _IAM,
    ),
    Area(
        "S3",
        "Simple Storage Service (S3)",
        "Buckets of files",
        "console:s3-buckets",
        _S3,
    ),
    Area(
        "SNS",
        "Simple Notification Service (SNS)",
        "Topics of messages",
        "console:sns-topics",
        _SNS,
    ),
    Area(
        "EC2",
        "Elastic Compute Cloud (EC2)",
        "Instances with roles",
        "console:ec2-instances",
        _EC2,
    ),
    Area("CloudTrail", "CloudTrail", "Who did what", "console:history", _CLOUDTRAIL),
    Area("Labs", "Training labs", "Learn by doing", "labs:catalogue", _LABS),
)


def areas(path: str) -> tuple[Area, ...]:
    """The services that have pages. That of the page at `path` is current: its places are resolved.

    A place without a page is left out.
    """
    found = [each._replace(url=url) for each in AREAS if (url := _address(each.home))]
    here = next((each for each in found if path.startswith(each.url)), found[0])
    return tuple(_here(each, path) if each is here else each for each in found)


def _here(area: Area, path: str) -> Area:
    sections = [
        Section(section.label, tuple(_resolved(section.places, path))) for section in area.sections
    ]
    return area._replace(sections=tuple(sections), current=True)


def _resolved(places: tuple[Place, ...], path: str) -> list[Place]:
    found = []
    for place in places:
        url = _address(place.view)
        if not url:
            continue
        # These lie beside the list: below it, a user may be called "create".
        beside = [_address(f"{place.view}-{verb}") for verb in ("create", "delete")]
        inside = path == url if place.alone else path.startswith(url)
        current = inside or path in beside
        found.append(place._replace(url=url, current=current))
    return found


def _address(view: str) -> str:
    try:
        return reverse(view) if view else ""
    except NoReverseMatch:
        return ""
