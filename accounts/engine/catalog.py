"""Facts about AWS's services: actions, access levels, resource types and condition keys.

Read from `catalog_data/` (SOURCE.md there says whence), one service at a time, when asked for.
Source of the facts: AWS Service Authorization Reference. Names are compared without regard to
case, as AWS compares them; what is returned is spelled as AWS spells it.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from sys import intern
from types import MappingProxyType

from .match import matcher

_FOLDER = Path(__file__).parent / "catalog_data"

# No action's name is as long. What a longer pattern matches is not remembered, lest many long
# ones fill the memory.
_LONG = 128

ACCESS_LEVELS = ("List", "Read", "Write", "Permissions management", "Tagging")


@dataclass(frozen=True, slots=True)
class ServiceSummary:
    """A service in the list of all: its prefix in actions, its name, how many actions it has."""

    prefix: str
    name: str
    action_count: int


@dataclass(frozen=True, slots=True)
class ActionResource:
    """A resource type that an action accepts."""

    name: str
    required: bool
    condition_keys: tuple[str, ...]
    dependents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """One action. Without resource types it is evaluated on `*` only.

    `full_name` is how a policy says it: `iam:CreateUser`. `access_level` is one of ACCESS_LEVELS.
    `dependents` are further actions that the caller needs for this one to succeed.
    """

    service: str
    name: str
    full_name: str
    access_level: str
    resource_types: tuple[ActionResource, ...]
    condition_keys: tuple[str, ...]
    dependents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResourceType:
    """A kind of resource; `arn` is a format with `${Name}` in place of what varies."""

    name: str
    arn: str
    condition_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConditionKey:
    """A condition key. `name` may hold `${TagKey}` and the like in place of what varies.

    `type` is String, ARN, Bool, Numeric, Date or IPAddress.
    """

    name: str
    type: str
    multivalued: bool


@dataclass(frozen=True, slots=True)
class Service:
    """Everything known about one service. The mappings' keys are in lower case."""

    prefix: str
    name: str
    actions: Mapping[str, Action] = field(repr=False)
    resource_types: Mapping[str, ResourceType] = field(repr=False)
    condition_keys: Mapping[str, ConditionKey] = field(repr=False)

    def keys_of(self, action: Action) -> frozenset[str]:
        """The condition keys, in lower case, that a request for this action can carry.

        The global ones that every request carries are not among them.
        """
        names = set(action.condition_keys)
        for resource in action.resource_types:
            names.update(resource.condition_keys)
            kind = self.resource_types.get(resource.name.lower())
            if kind is not None:
                names.update(kind.condition_keys)
        return frozenset(name.lower() for name in names)


def services() -> tuple[ServiceSummary, ...]:
    """Every service, sorted by prefix."""
    return tuple(summary for summary, *_ in _index().places.values())


def service(prefix: str) -> Service | None:
    """The service with this prefix, or None. The first question for a service reads its facts."""
    lower = prefix.lower()
    return _service(lower) if lower in _index().places else None


def action(name: str) -> Action | None:
    """The action called `service:Name`, or None."""
    prefix, _, short = name.partition(":")
    found = service(prefix) if short else None
    return found.actions.get(short.lower()) if found else None


def expand(pattern: str) -> tuple[str, ...]:
    """The full names of the actions that a policy's action pattern matches, sorted.

    `*` and `?` are wildcards; `*` alone is every action of every service (which reads them all).
    """
    prefix, _, short = pattern.lower().partition(":")
    if prefix == "*" and short in ("", "*"):
        return _every_action()
    if "*" not in prefix and "?" not in prefix:
        if prefix not in _index().places:
            return ()
        return _expand_in(prefix, short) if len(short) <= _LONG else _find_in(prefix, short)
    matches = matcher(prefix)
    return tuple(
        name for place in _index().places if matches(place) for name in _find_in(place, short)
    )


def condition_key(name: str) -> ConditionKey | None:
    """The condition key of this name, global or of a service, or None.

    `aws:PrincipalTag/team` finds `aws:PrincipalTag/${TagKey}`.
    """
    lower = name.lower()
    found = _find_key(_index().global_keys, lower)
    if found is not None:
        return found
    prefix = lower.partition(":")[0]
    # A prefix that is no service's is an identity provider's, whose keys stand with STS.
    for owner in (prefix, *_index().key_owners.get(prefix, ("sts",))):
        known = service(owner)
        found = _find_key(known.condition_keys, lower) if known else None
        if found is not None:
            return found
    return None


def global_condition_keys() -> Mapping[str, ConditionKey]:
    """The condition keys that do not belong to one service, by name in lower case."""
    return _index().global_keys


def arn_owners(arn_service: str) -> tuple[str, ...]:
    """The prefixes of the services whose resources' ARNs name this service: `iam` is iam, sts, …

    Empty when no ARN names it.
    """
    named = _index().arn_owners.get(arn_service, ())
    return named or ((arn_service,) if arn_service in _index().places else ())


@dataclass(frozen=True, slots=True)
class _Index:
    places: Mapping[str, tuple[ServiceSummary, int, int]]
    arn_owners: Mapping[str, tuple[str, ...]]
    global_keys: Mapping[str, ConditionKey]
    key_owners: Mapping[str, tuple[str, ...]]


@cache
def _index() -> _Index:
    loaded = json.loads(gzip.decompress((_FOLDER / "index.json.gz").read_bytes()))
    return _Index(
        places={
            prefix: (ServiceSummary(prefix, name, count), offset, packed)
            for prefix, name, count, offset, packed, *_ in loaded["services"]
        },
        arn_owners={named: tuple(owners) for named, owners in loaded["arn_owners"].items()},
        global_keys=_keys(loaded["global_keys"]),
        key_owners={prefix.lower(): tuple(n) for prefix, n in loaded["key_prefixes"].items()},
    )


@cache
def _every_action() -> tuple[str, ...]:
    return tuple(
        one.full_name for prefix in _index().places for one in _service(prefix).actions.values()
    )


@lru_cache(maxsize=256)
def _expand_in(prefix: str, short: str) -> tuple[str, ...]:
    return _find_in(prefix, short)


def _find_in(prefix: str, short: str) -> tuple[str, ...]:
    actions = _service(prefix).actions
    if "*" not in short and "?" not in short:
        return (actions[short].full_name,) if short in actions else ()
    matches = matcher(short)
    return tuple(one.full_name for lower, one in actions.items() if matches(lower))


@cache
def _service(prefix: str) -> Service:
    """The service of a prefix that is known to exist (so the cache is bounded)."""
    summary, offset, packed = _index().places[prefix]
    with (_FOLDER / "services.json.gz").open("rb") as file:
        file.seek(offset)
        loaded = json.loads(gzip.decompress(file.read(packed)))
    return Service(
        prefix=summary.prefix,
        name=summary.name,
        actions=MappingProxyType(
            {
                intern(name.lower()): Action(
                    service=summary.prefix,
                    name=name,
                    full_name=f"{summary.prefix}:{name}",
                    access_level=intern(level),
                    resource_types=tuple(
                        _action_resource(one, required, _names(keys), _names(dependents))
                        for one, required, keys, dependents in resources
                    ),
                    condition_keys=_names(keys),
                    dependents=_names(dependents),
                )
                for name, level, resources, keys, dependents in loaded["actions"]
            }
        ),
        resource_types=MappingProxyType(
            {
                name.lower(): ResourceType(name, arn, _names(keys))
                for name, arn, keys in loaded["resources"]
            }
        ),
        condition_keys=_keys(loaded["keys"]),
    )


# The same few lists stand at thousands of actions: equal ones are kept once.
_shared_names: dict[tuple[str, ...], tuple[str, ...]] = {}
_shared_resources: dict[tuple[object, ...], ActionResource] = {}


def _names(names: list[str]) -> tuple[str, ...]:
    key = tuple(names)
    return _shared_names.setdefault(key, key)


def _action_resource(
    name: str, required: bool, keys: tuple[str, ...], dependents: tuple[str, ...]
) -> ActionResource:
    key = (name, required, keys, dependents)
    found = _shared_resources.get(key)
    if found is None:
        found = _shared_resources[key] = ActionResource(*key)
    return found


def _keys(rows: list[list[str]]) -> Mapping[str, ConditionKey]:
    return MappingProxyType(
        {
            name.lower(): ConditionKey(
                name, kind.removeprefix("ArrayOf"), kind.startswith("ArrayOf")
            )
            for name, kind in rows
        }
    )


def _find_key(keys: Mapping[str, ConditionKey], lower: str) -> ConditionKey | None:
    exact = keys.get(lower)
    if exact is not None:
        return exact if "${" not in lower else None
    for template, key in keys.items():
        if "${" in template and _template(template).fullmatch(lower):
            return key
    return None


@cache
def _template(name: str) -> re.Pattern[str]:
    """`aws:requesttag/${tagkey}` as a pattern in which each variable stands for some text."""
    return re.compile(".+".join(map(re.escape, re.split(r"\$\{[^}]*\}", name))), re.DOTALL)
