"""What the visual editor offers to choose from: services, actions by access level, ARNs, keys."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from accounts.engine import catalog
from accounts.engine.conditions import OPERATORS
from accounts.engine.match import matcher
from iamconsole.console.policies.visual_blocks import Block

#: As many ticks as a form can send, with all its other fields.
MAX_TICKS = 400

#: Patterns of a statement whose actions are looked up. Few write more; anybody can send more.
MAX_PATTERNS = 100

#: Services that are looked into for resource types and condition keys.
MAX_SERVICES = 20

QUALIFIERS = (
    ("", "Default"),
    ("ForAllValues", "For all values in the request"),
    ("ForAnyValue", "For any value in the request"),
)
OPERATOR_NAMES = tuple(OPERATORS)

_VARIABLE = re.compile(r"\$\{([A-Za-z0-9]+)\}")


@dataclass(frozen=True, slots=True)
class Tick:
    """One action of the list. `by` is the pattern that covers it; `ticked` is itself named."""

    name: str
    ticked: bool
    by: str

    @property
    def fixed(self) -> bool:
        """Whether only the pattern could be taken away."""
        return bool(self.by) and not self.ticked


@dataclass(frozen=True, slots=True)
class Level:
    """The actions of one access level: those that fit the filter, and how many there are."""

    name: str
    ticks: tuple[Tick, ...]
    total: int
    chosen: int
    covered: int

    @property
    def whole(self) -> bool:
        return self.chosen == self.total

    @property
    def fixed(self) -> bool:
        """Whether patterns alone cover all of it."""
        return self.covered == self.total

    @property
    def is_open(self) -> bool:
        """Whether something in it is named, so that its list is to be seen."""
        return any(tick.ticked for tick in self.ticks)

    @property
    def words(self) -> str:
        """How much of the level is chosen, as the policy summary says it."""
        if self.whole:
            return f"All {self.total}"
        return f"{self.chosen} of {self.total}"


class Actions:
    """The actions of one service, with those of a statement ticked.

    `search` narrows the lists, not what counts as chosen. `left_out` says how many actions are
    named by the statement and not listed, because a form can't send so many.
    """

    def __init__(self, block: Block, service: catalog.Service, search: str = "") -> None:
        self.service = service
        self.search = search
        self._named = {action.lower() for action in block.actions}
        self._patterns = tuple(islice(_patterns(block.actions, service), MAX_PATTERNS))
        self.left_out = 0
        self.levels = tuple(self._levels())

    @property
    def all_pattern(self) -> str:
        return f"{self.service.prefix}:*"

    @property
    def all_ticked(self) -> bool:
        return self.all_pattern in self._named

    @property
    def all_by(self) -> str:
        """The wider pattern that covers the whole service, if one does."""
        return next((each for each in self._patterns if each in ("*", "*:*")), "")

    @property
    def shown(self) -> int:
        return sum(len(level.ticks) for level in self.levels)

    def names(self, level: str) -> list[str]:
        """The actions of a level, in full."""
        found = self.service.actions.values()
        return [one.full_name for one in found if one.access_level == level]

    def missing(self, level: str) -> list[str]:
        """The actions of a level, in full, that the statement neither names nor covers."""
        covered = self._covered
        return [
            name
            for name in self.names(level)
            if name not in covered and name.lower() not in self._named
        ]

    def chosen(self) -> list[catalog.Action]:
        """The actions that the statement names or a pattern of it covers."""
        covered = self._covered
        return [
            one
            for one in self.service.actions.values()
            if one.full_name in covered or one.full_name.lower() in self._named
        ]

    @cached_property
    def _covered(self) -> dict[str, str]:
        """The pattern by action, of those that a pattern covers."""
        found: dict[str, str] = {}
        every = [one.full_name for one in self.service.actions.values()]
        for pattern in self._patterns:
            short = pattern.partition(":")[2]
            wanted = f"{self.service.prefix}:{short}"
            names = every if short in ("", "*") else catalog.expand(wanted)
            for name in names:
                found.setdefault(name, pattern)
        return found

    def _levels(self) -> Iterable[Level]:
        wanted, listed = self.search.strip().lower(), 0
        by_level: dict[str, list[Tick]] = {}
        for one in self.service.actions.values():
            full = one.full_name
            tick = Tick(one.name, full.lower() in self._named, self._covered.get(full, ""))
            by_level.setdefault(one.access_level, []).append(tick)
        for name in catalog.ACCESS_LEVELS:
            ticks = by_level.get(name, [])
            if not ticks:
                continue
            fitting = []
            for tick in ticks:
                if wanted not in tick.name.lower():
                    continue
                if tick.ticked and listed == MAX_TICKS:
                    self.left_out += 1
                    continue
                listed += tick.ticked
                fitting.append(tick)
            yield Level(
                name,
                tuple(fitting),
                len(ticks),
                sum(tick.ticked or bool(tick.by) for tick in ticks),
                sum(bool(tick.by) for tick in ticks),
            )


def _patterns(actions: Iterable[str], service: catalog.Service) -> Iterable[str]:
    """The patterns with wildcards that are about this service, as they are written."""
    for action in dict.fromkeys(actions):
        if "*" not in action and "?" not in action:
            continue
        prefix, colon, _ = action.lower().partition(":")
        if matcher(prefix)(service.prefix) and (colon or action == "*"):
            yield action


@dataclass(frozen=True, slots=True)
class Written:
    """An action of the statement as it is written, with what it stands for."""

    number: int
    text: str
    words: str


def written_actions(block: Block) -> list[Written]:
    """The actions that no tick stands for: patterns, unknown ones, and what is named again."""
    found: list[Written] = []
    seen: set[str] = set()
    for number, action in enumerate(block.actions):
        lower = action.lower()
        known = catalog.action(lower) is not None
        if not known or lower in seen:
            words = _meaning(action, repeated=known) if len(found) < MAX_PATTERNS else ""
            found.append(Written(number, action, words))
        seen.add(lower)
    return found


def _meaning(action: str, *, repeated: bool) -> str:
    if repeated:
        return "named twice"
    if action in ("*", "*:*"):
        return "all actions of all services"
    prefix, _, short = action.partition(":")
    if "*" in prefix or "?" in prefix:
        return "no service's name can have wildcards"
    if catalog.service(prefix) is None:
        return "no service that is known here"
    count = len(catalog.expand(action))
    if "*" in short or "?" in short:
        return f"{count} action{'s' * (count != 1)}"
    return "" if count else "no action that is known here"


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource type: of which service, and how many of the chosen actions need or accept it."""

    value: str
    name: str
    arn: str
    count: int


@dataclass(frozen=True, slots=True)
class Blank:
    """A part of an ARN to fill in."""

    name: str
    value: str
    default: str

    @property
    def label(self) -> str:
        """`BucketName` as words."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", self.name).capitalize()


class Arn:
    """An ARN that is made of its resource type's parts; what is left empty is any."""

    def __init__(self, kind: Kind, given: Mapping[str, str], account_id: str) -> None:
        self.kind = kind
        defaults = {"Partition": "aws", "Account": account_id}
        names = dict.fromkeys(_VARIABLE.findall(kind.arn))
        self.blanks = tuple(
            Blank(name, given.get(name, defaults.get(name, "")), defaults.get(name, ""))
            for name in names
        )
        self._values = {blank.name: blank.value.strip() or "*" for blank in self.blanks}

    @property
    def text(self) -> str:
        """The ARN so far."""
        return _VARIABLE.sub(lambda found: self._values[found[1]], self.kind.arn)


class Offer:
    """Everything there is to choose for one block. `prefix` is the service whose actions show."""

    def __init__(self, block: Block, prefix: str = "", search: str = "") -> None:
        self.block = block
        known = [each for each in block.prefixes if catalog.service(each)]
        service = catalog.service(prefix) or (catalog.service(known[0]) if known else None)
        self.service = service
        self.actions = (
            Actions(block, service, search) if service and "Action" in block.fields else None
        )
        prefixes = dict.fromkeys(([service.prefix] if service else []) + known)
        found = [catalog.service(each) for each in list(prefixes)[:MAX_SERVICES]]
        self._services = [each for each in found if each is not None]

    @cached_property
    def written(self) -> list[Written]:
        return written_actions(self.block)

    @property
    def services(self) -> list[tuple[str, str, int]]:
        """The statement's services: prefix, name, how many of the listed actions name it."""
        counts = Counter(each.partition(":")[0].lower() for each in self.block.actions)
        return [(each.prefix, each.name, counts[each.prefix]) for each in self._services]

    @cached_property
    def _chosen(self) -> list[tuple[catalog.Service, catalog.Action]]:
        return [
            (service, action)
            for service in self._services
            for action in Actions(self.block, service).chosen()
        ]

    @cached_property
    def needed_kinds(self) -> list[Kind]:
        """The resource types that the chosen actions accept, the most needed first."""
        counts = Counter(
            f"{service.prefix}:{resource.name}"
            for service, action in self._chosen
            for resource in action.resource_types
        )
        kinds = [find_kind(value, count) for value, count in counts.most_common()]
        return [kind for kind in kinds if kind is not None]

    @cached_property
    def other_kinds(self) -> list[Kind]:
        """The other resource types of the statement's services."""
        needed = {kind.value for kind in self.needed_kinds}
        kinds = [
            find_kind(f"{service.prefix}:{name}")
            for service in self._services
            for name in service.resource_types
        ]
        return [kind for kind in kinds if kind is not None and kind.value not in needed]

    @property
    def kinds(self) -> list[Kind]:
        return [*self.needed_kinds, *self.other_kinds]

    @property
    def without_resource(self) -> int:
        """How many of the chosen actions take no resource, and so work with `*` only."""
        return sum(not action.resource_types for _, action in self._chosen)

    @property
    def keys(self) -> list[str]:
        """The condition keys that requests for the chosen actions can carry, then the global ones.

        What varies (`${TagKey}`) is left to be filled in.
        """
        names: dict[str, None] = {}
        for service, action in self._chosen:
            for lower in service.keys_of(action):
                key = service.condition_keys.get(lower)
                if key is not None:
                    names[key.name.partition("${")[0]] = None
        own = sorted(names)
        everywhere = (
            key.name.partition("${")[0] for key in catalog.global_condition_keys().values()
        )
        return own + [name for name in everywhere if name not in names]


def find_kind(value: str, count: int = 0) -> Kind | None:
    """The resource type called `iam:user`, of which `count` actions make use."""
    prefix, _, name = value.partition(":")
    service = catalog.service(prefix)
    found = service.resource_types.get(name.lower()) if service else None
    if service is None or found is None:
        return None
    return Kind(f"{service.prefix}:{found.name}", found.name, found.arn, count)


def find_services(typed: str) -> list[catalog.ServiceSummary]:
    """The services that somebody may mean: the one so called, else all whose names contain it."""
    wanted = typed.strip().lower()
    if not wanted:
        return []
    every = catalog.services()
    exact = [each for each in every if wanted in (each.prefix, each.name.lower())]
    return exact[:1] or [
        each for each in every if wanted in each.prefix or wanted in each.name.lower()
    ]


def services_in_words(block: Block) -> list[str]:
    """What a closed block says of its actions: "Amazon S3: 3 actions"."""
    if any(action in ("*", "*:*") for action in block.actions):
        return ["All actions of all services"]
    counts = Counter(each.partition(":")[0].lower() for each in block.actions)
    lower = {action.lower() for action in block.actions}
    lines: list[str] = []
    for prefix, count in counts.items():
        service = catalog.service(prefix) if len(lines) < MAX_SERVICES else None
        name = service.name if service else prefix
        if f"{prefix}:*" in lower:
            lines.append(f"{name}: all actions")
        else:
            lines.append(f"{name}: {count} action{'s' * (count != 1)}")
    return lines
