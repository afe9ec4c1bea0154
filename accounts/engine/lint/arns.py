"""ARNs in policies: their six fields as patterns, and the resource types they can name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from .. import catalog
from ..match import matches

FIELDS = ("arn", "partition", "service", "region", "account", "resource")
_LONGEST = 2_048
_VARIABLE = re.compile(r"\$\{([^}]*)\}")

# The one name in the catalogue that matters here and cannot hold a slash: without it a bucket's
# ARN format would also fit every object.
_ONE_SEGMENT = "arn:${Partition}:s3:::${BucketName}"


@dataclass(frozen=True, slots=True)
class Arn:
    """The fields of an ARN or of a pattern for ARNs; a field left out of a short one is `*`."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


@dataclass(frozen=True, slots=True)
class Format:
    """A resource type's ARN format; what varies in it is `*`."""

    owner: str
    name: str
    arn: Arn
    one_segment: bool


def split(pattern: str) -> Arn | None:
    """The fields of `pattern`, or None for what is no ARN or stops too early."""
    fields = pattern.split(":", len(FIELDS) - 1)
    if fields[0] != "arn":
        return None
    if len(fields) < len(FIELDS):
        if not fields[-1].endswith("*"):
            return None
        fields += ["*"] * (len(FIELDS) - len(fields))
    return Arn(*fields[1:])


@lru_cache(maxsize=512)
def formats(owner: str) -> tuple[Format, ...]:
    """The ARN formats of a service's resource types."""
    service = catalog.service(owner)
    if service is None:
        return ()
    found = []
    for kind in service.resource_types.values():
        arn = split(_VARIABLE.sub("*", kind.arn))
        if arn is not None:
            found.append(Format(owner, kind.name.lower(), arn, kind.arn == _ONE_SEGMENT))
    return tuple(found)


def formats_of_arn(service: str) -> tuple[Format, ...]:
    """The ARN formats that name this service, whoever owns them."""
    return tuple(
        each
        for owner in catalog.arn_owners(service)
        for each in formats(owner)
        if each.arn.service in (service, "*")
    )


def resource_fits(arn: Arn, each: Format) -> bool:
    """Whether the resource field can name a resource of this type. Errs towards yes."""
    if each.one_segment and "/" in arn.resource:
        return False
    return can_meet(arn.resource, each.arn.resource)


def fits(arn: Arn, each: Format) -> bool:
    """Whether the pattern can match the ARN of a resource of this type. Errs towards yes."""
    return (
        can_meet(arn.service, each.arn.service)
        and _field_fits(arn.region, each.arn.region)
        and _field_fits(arn.account, each.arn.account)
        and resource_fits(arn, each)
    )


def _field_fits(given: str, wanted: str) -> bool:
    """An empty field is left to `resources`: public resources have no account where others do."""
    return given == "" or can_meet(given, wanted)


def can_meet(one: str, other: str) -> bool:
    """Whether some text may match both patterns.

    Exact when one has no wildcard; otherwise only their beginnings and ends are compared, so the
    answer may be yes where no such text exists, never the other way round. Yes also for what is
    longer than any ARN.
    """
    if len(one) > _LONGEST or len(other) > _LONGEST:
        return True
    if not _is_wild(one):
        return matches(other, one)
    if not _is_wild(other):
        return matches(one, other)
    (head, tail), (other_head, other_tail) = _ends(one), _ends(other)
    return (head.startswith(other_head) or other_head.startswith(head)) and (
        tail.endswith(other_tail) or other_tail.endswith(tail)
    )


def _is_wild(text: str) -> bool:
    return "*" in text or "?" in text


@lru_cache(maxsize=4096)
def _ends(text: str) -> tuple[str, str]:
    """What stands before the first wildcard, and after the last."""
    pieces = re.split(r"[*?]", text)
    return pieces[0], pieces[-1]
