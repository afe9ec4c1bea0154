"""Members that several answers share: pages, tags, boundaries, policy documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from accounts.models import Role, User
from accounts.paging import Page
from accounts.types import Tag

#: What AWS's client model calls a structure: members by their names in CamelCase.
Members = dict[str, Any]
#: What an action returned → the members of its operation's result.
Answer = Callable[[Any], Members]


def page(found: Page[Any], name: str, item: Callable[[Any], Any]) -> Members:
    """A page of a list as the member `name`, with IsTruncated and, where there is more, Marker."""
    return {
        name: [item(each) for each in found.items],
        "IsTruncated": found.is_truncated,
        "Marker": found.marker,
    }


def tag(one: Tag) -> Members:
    """One tag."""
    return {"Key": one.key, "Value": one.value}


def tags(of: Mapping[str, str]) -> list[Members] | None:
    """The tags of a row inside the structure that describes it: AWS leaves out what has none."""
    return [{"Key": key, "Value": value} for key, value in of.items()] or None


def all_tags(of: Mapping[str, str]) -> list[Members]:
    """The same where AWS shows an empty list: of all but users and roles, and in their details."""
    return tags(of) or []


def boundary(of: User | Role) -> Members | None:
    """The permissions boundary of a user or role, where it has one."""
    arn = of.boundary_arn
    if arn is None:
        return None
    return {"PermissionsBoundaryType": BOUNDARY_TYPE, "PermissionsBoundaryArn": arn}


#: The one kind of boundary that there is.
BOUNDARY_TYPE = "Policy"


@lru_cache(maxsize=256)
def document(text: str) -> str:
    """A policy document as IAM puts it on the wire: percent-encoded (RFC 3986)."""
    return quote(text, safe="")


def each(items: Iterable[Any], item: Callable[[Any], Any]) -> list[Any]:
    """A list that comes whole, without pages."""
    return [item(one) for one in items]


def tags_page(found: Page[Tag]) -> Members:
    """A page of the tags of one thing."""
    return page(found, "Tags", tag)
