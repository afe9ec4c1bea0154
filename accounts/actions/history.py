"""The record as its account reads it: CloudTrail's LookupEvents, with the filters of the console.

AWS CloudTrail API reference, LookupEvents. Unlike there, the record goes back as far as it is kept,
reads and events of data are in it, and an event can be found the moment it was written.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from django.core import signing
from django.db.models import Q

from accounts import arns, events
from accounts.actions.filters import Filter, Kind, Property, where
from accounts.actions.history_search import Condition, Place, Search, Seek, search_events
from accounts.actions.registry import ACTIONS, COMMANDS, action
from accounts.caller import Caller, CallerKind, Face
from accounts.errors import (
    InvalidEventCategory,
    InvalidInput,
    InvalidLookupAttributes,
    InvalidMaxResults,
    InvalidNextToken,
    InvalidTimeRange,
)
from accounts.models import Event, Role, User
from accounts.types import (
    AnyNumber,
    Choice,
    EventCategory,
    NextToken,
    Several,
    Structure,
    Text,
    Time,
)

#: Events of a page: what AWS gives at most and by itself, and what the console may ask for.
MOST_RESULTS, MOST_OF_CONSOLE = 50, 1000
#: Letters of what is searched for or compared.
_LONGEST = 2048

#: What the console's list can be filtered by.
PROPERTIES: Mapping[str, Property] = {
    "user": Property(Kind.TEXT, "folded_user"),
    "role": Property(Kind.TEXT, "folded_role"),
    "action": Property(Kind.TEXT, "action"),
    "resource": Property(Kind.TEXT, "resources__0"),
    "key": Property(Kind.TEXT, "access_key_id"),
    "address": Property(Kind.TEXT, "source_address"),
    "error": Property(Kind.TEXT, "error_code"),
    "request": Property(Kind.TEXT, "request_id"),
    "outcome": Property(
        Kind.CHOICE,
        choices={
            word: Q(outcome=word)
            for word in (events.SUCCESS, events.DENIED, events.ERROR, events.FAILURE)
        },
    ),
    "kind": Property(
        Kind.CHOICE,
        choices={
            "change": Q(read_only=False),
            "read": Q(read_only=True),
            # All but what was read without ado.
            # Reads that found nothing are none of either: pages ask for what may not be there.
            "notable": Q(read_only=False) | Q(outcome=events.DENIED),
        },
    ),
    "face": Property(Kind.CHOICE, choices={str(face): Q(face=face) for face in Face}),
}
#: Where a text is searched for.
_SEARCHED = (
    "action", "principal_arn", "folded_resource", "resources__0", "error_message",
    "source_address", "user_agent", "access_key_id", "request_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LookupAttribute:
    """One thing that events are looked up by, and its value."""

    attribute_key: Annotated[
        str,
        Choice(
            (
                "EventId",
                "EventName",
                "ReadOnly",
                "Username",
                "ResourceType",
                "ResourceName",
                "EventSource",
                "AccessKeyId",
            )
        ),
    ]
    attribute_value: Annotated[str, Text(1, 2000)]


LookupAttributes = Annotated[Sequence[LookupAttribute], Several(Structure(LookupAttribute))]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of events, the newest first."""

    events: Sequence[Event]
    #: Where older ones are; nothing where there are none.
    next_token: str | None = None
    #: The same for newer ones; nothing on the first page.
    newer_token: str | None = None
    #: How far back was looked, where that was given up before the page was full.
    searched_to: datetime | None = None


@action("cloudtrail:LookupEvents", resource=arns.everything, read_only=True)
def lookup_events(
    caller: Caller,
    /,
    *,
    lookup_attributes: LookupAttributes | None = None,
    start_time: Time | None = None,
    end_time: Time | None = None,
    event_category: EventCategory | None = None,
    max_results: AnyNumber | None = None,
    next_token: NextToken | None = None,
    filters: Sequence[Filter] = (),
    search: str | None = None,
    involving: str | None = None,
    newer: bool = False,
    page_size: int | None = None,
) -> Found:
    """Events of the caller's account, the newest first.

    `involving` is a name: of who called, of the role that was acted as, or of what it was about.
    With `newer`, the token leads to the page of newer events.
    """
    if event_category is not None:
        raise InvalidEventCategory("No Insights events are recorded here.")
    if start_time is not None and end_time is not None and start_time > end_time:
        raise InvalidTimeRange("The start time lies after the end time.", argument="start_time")
    conditions = [*_attributes(lookup_attributes or ()), *_filters(filters, caller.now)]
    if search:
        conditions.append(Condition(_text(search)))
    if involving:
        conditions.append(_involving(involving))
    salt = _salt(caller, lookup_attributes, start_time, end_time, filters, search, involving)
    wanted = Search(
        conditions=conditions,
        start=start_time,
        end=end_time,
        place=_place(next_token, salt),
        newer=newer and next_token is not None,
        size=_size(max_results, page_size),
    )
    events.catch_up()
    found = search_events(caller.home, wanted)
    return Found(
        events=found.events,
        next_token=_token(found.older, salt),
        newer_token=_token(found.newer, salt),
        searched_to=found.older[0] if found.given_up and found.older else None,
    )


def _size(max_results: int | None, page_size: int | None) -> int:
    if page_size is not None:
        return min(max(1, page_size), MOST_OF_CONSOLE)
    if max_results is not None and not 1 <= max_results <= MOST_RESULTS:
        raise InvalidMaxResults(
            f"Max results must be between 1 and {MOST_RESULTS}.", argument="max_results"
        )
    return max_results or MOST_RESULTS


# --- Places ---------------------------------------------------------------------------------------


def _salt(caller: Caller, *asked: Any) -> str:
    """What binds a token to its account and question."""
    question = hashlib.sha256(repr(asked).encode("utf-8", "backslashreplace")).hexdigest()
    return f"history|{caller.home.pk}|{question}"


def _token(place: Place | None, salt: str) -> str | None:
    if place is None:
        return None
    return signing.dumps([place[0].isoformat(), place[1]], salt=salt)


def _place(token: str | None, salt: str) -> Place | None:
    if token is None:
        return None
    try:
        moment, sequence = signing.loads(token, salt=salt)
    except (signing.BadSignature, ValueError):
        raise InvalidNextToken(
            "The token is invalid, or was given for other parameters.", argument="next_token"
        ) from None
    return datetime.fromisoformat(moment), sequence


# --- What is asked, as conditions -----------------------------------------------------------------


def _attributes(attributes: Sequence[LookupAttribute]) -> list[Condition]:
    if len(attributes) > 1:
        raise InvalidLookupAttributes(
            "You can only specify one lookup attribute.", argument="lookup_attributes"
        )
    return [_ATTRIBUTES[each.attribute_key](each.attribute_value) for each in attributes]


def _filters(asked: Sequence[Filter], now: datetime) -> list[Condition]:
    found = []
    for each in asked:
        # Refuses what makes no sense, whatever comes of it.
        plain = Condition(where([each], PROPERTIES, now))
        exact = _EXACT.get(each.name) if each.operator in ("=", "!=") else None
        if exact is not None:
            equal = exact(each.value.strip())
            plain = equal if each.operator == "=" else Condition(~equal.holds)
        elif each.operator == "=" and each.name in ("outcome", "kind"):
            plain = _rare(plain, each.value.strip().lower())
        found.append(plain)
    return found


def _rare(asked: Condition, word: str) -> Condition:
    """The same with the index of what went wrong, or of changes, where it helps."""
    if word == "change":
        return Condition(asked.holds, (Seek(asked.holds, "events_of_changes"),), exact=True)
    if word in (events.DENIED, events.ERROR, events.FAILURE):
        return _any_of(_seek("trouble", word))
    return asked


def _text(search: str) -> Q:
    if "\0" in search or len(search) > _LONGEST:
        raise InvalidInput("Nothing like that can be searched for.", argument="search")
    found = Q()
    for column in _SEARCHED:
        found |= Q(**{f"{column}__icontains": search})
    return found


def _involving(name: str) -> Condition:
    if "\0" in name or len(name) > _LONGEST:
        raise InvalidInput("Nothing has a name like that.", argument="involving")
    folded = name.lower()
    columns = ("folded_user", "folded_role", "folded_resource")
    return _any_of(*(_seek(column, folded) for column in columns))


def _seek(column: str, value: str) -> Seek:
    return Seek(Q(**{column: value}), _INDEXES[column])


_INDEXES = {
    "action": "events_by_action",
    "access_key_id": "events_by_key",
    "folded_user": "events_by_user",
    "folded_role": "events_by_role",
    "folded_resource": "events_by_resource",
    "trouble": "events_by_trouble",
}


def _any_of(*seeks: Seek) -> Condition:
    holds = Q()
    for each in seeks:
        holds |= each.where
    return Condition(holds, seeks, exact=True)


def _by_user(value: str) -> Condition:
    return _any_of(_seek("folded_user", value.lower()))


def _by_role(value: str) -> Condition:
    return _any_of(_seek("folded_role", value.lower()))


def _by_key(value: str) -> Condition:
    return _any_of(_seek("access_key_id", value))


def _by_resource(value: str) -> Condition:
    """A resource by its ARN or its name."""
    if not value.startswith("arn:"):
        return _any_of(_seek("folded_resource", value.lower()))
    whole = Q(resources__0=value)
    name = events.resource_name(value).lower()[:128]
    return Condition(whole, (_seek("folded_resource", name),) if name else ())


def _by_action(value: str) -> Condition:
    """An operation by its own name, or with its service before it; in any case."""
    folded = value.lower()
    names = [
        name for name in (*ACTIONS, *COMMANDS)
        if folded in (name.lower(), name.partition(":")[2].lower())
    ]  # fmt: skip
    return _any_of(*(_seek("action", name) for name in names or [value]))


def _by_source(value: str) -> Condition:
    """A service: `iam`, or `iam.amazonaws.com`."""
    prefix = value.lower().removesuffix(".amazonaws.com")
    of_service = [name for name in (*ACTIONS, *COMMANDS) if name.startswith(f"{prefix}:")]
    seeks = tuple(_seek("action", name) for name in of_service)
    return Condition(Q(action__startswith=f"{prefix}:"), seeks, exact=True)


def _by_id(value: str) -> Condition:
    try:
        return _any_of(Seek(Q(pk=uuid.UUID(value)), ""))
    except ValueError:
        return Condition(Q(pk__in=()))


def _by_kind(value: str) -> Condition:
    if value.lower() not in ("true", "false"):
        raise InvalidLookupAttributes("ReadOnly is true or false.", argument="lookup_attributes")
    read_only = value.lower() == "true"
    return _rare(Condition(Q(read_only=read_only)), "read" if read_only else "change")


def _by_type(value: str) -> Condition:
    begin, part = RESOURCE_TYPES.get(value, ("", ""))
    if not begin:
        return Condition(Q(pk__in=()))
    named = Q(folded_resource__isnull=False)
    return Condition(named & Q(resources__0__startswith=begin, resources__0__icontains=part))


#: AWS's resource types: how their ARNs begin, and what else is in them.
RESOURCE_TYPES = {
    "AWS::IAM::User": ("arn:aws:iam::", ":user/"),
    "AWS::IAM::Group": ("arn:aws:iam::", ":group/"),
    "AWS::IAM::Role": ("arn:aws:iam::", ":role/"),
    "AWS::IAM::Policy": ("arn:aws:iam::", ":policy/"),
    "AWS::IAM::InstanceProfile": ("arn:aws:iam::", ":instance-profile/"),
    "AWS::IAM::MFADevice": ("arn:aws:iam::", ":mfa/"),
    "AWS::S3::Object": ("arn:aws:s3:::", "/"),
    "AWS::S3::Bucket": ("arn:aws:s3:::", ""),
    "AWS::SNS::Topic": ("arn:aws:sns:", ""),
    "AWS::EC2::Instance": ("arn:aws:ec2:", ":instance/"),
}


def resource_type(arn: str) -> str:
    """AWS's type of a resource; nothing where it is not known, or the ARN is that of a list."""
    if not events.resource_name(arn):
        return ""
    for name, (begin, part) in RESOURCE_TYPES.items():
        if arn.startswith(begin) and part in arn:
            return name
    return ""


_EXACT: Mapping[str, Callable[[str], Condition]] = {
    "user": _by_user,
    "role": _by_role,
    "action": _by_action,
    "resource": _by_resource,
    "key": _by_key,
}
_ATTRIBUTES: Mapping[str, Callable[[str], Condition]] = {
    "EventId": _by_id,
    "EventName": _by_action,
    "ReadOnly": _by_kind,
    "Username": _by_user,
    "ResourceType": _by_type,
    "ResourceName": _by_resource,
    "EventSource": _by_source,
    "AccessKeyId": _by_key,
}


def acting(caller: Caller, event: Event) -> User | Role | None:
    """The user or role that made an event's call, by its name of today; nothing where it is gone.

    A name that was given anew since belongs to somebody else: the unique id tells.
    """
    unique_id = event.principal_id.partition(":")[0]
    if event.principal_kind == CallerKind.USER:
        return caller.home.users.filter(unique_id=unique_id).first()
    if event.principal_kind == CallerKind.ROLE:
        return caller.home.roles.filter(unique_id=unique_id).first()
    return None
