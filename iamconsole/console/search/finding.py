"""What a search finds: by the actions that list things, so nobody finds more than he may list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.text import capfirst

from accounts.actions.access_keys import get_access_key_last_used
from accounts.actions.groups import list_groups
from accounts.actions.policies import list_policies
from accounts.actions.roles import list_roles
from accounts.actions.users import list_users
from accounts.caller import Caller
from accounts.errors import AccessDenied
from iamconsole.console.components import panels
from iamconsole.console.search.places import OF_ONE, PAGES, TASKS, Place

#: Of each kind.
MOST = 5
LONGEST = 128
_KEY_ID = re.compile(r"A[KS]IA[A-Z2-7]{16}")
#: Words that say what is to be done, not to what.
_SMALL_WORDS = frozenset("a an and for from in into my of on the to with".split())


class Hit(NamedTuple):
    """One line of the answer."""

    label: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The hits of one kind. `denied` is the action without which there are none."""

    label: str
    hits: Sequence[Hit] = ()
    denied: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of things: what lists it, and which names of pages it has."""

    name: str
    label: str
    action: Callable[..., Any]
    permission: str


_KINDS = (
    Kind("user", "Users", list_users, "iam:ListUsers"),
    Kind("group", "User groups", list_groups, "iam:ListGroups"),
    Kind("role", "Roles", list_roles, "iam:ListRoles"),
    Kind("policy", "Policies", list_policies, "iam:ListPolicies"),
)


@dataclass(slots=True)
class _Words:
    """What was typed, as words in lower case."""

    all: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, text: str) -> _Words:
        return cls([word for word in text.lower().split() if word not in _SMALL_WORDS])

    def are_in(self, text: str) -> bool:
        """Whether each of them stands in the text."""
        lower = text.lower()
        return bool(self.all) and all(word in lower for word in self.all)


def find(caller: Caller, text: str) -> list[Section]:
    """The sections of the answer to what was typed; none for nothing."""
    text = text.replace("\0", "").strip()[:LONGEST]
    if not text:
        return []
    words = _Words.of(text)
    sections = [_owner(caller, text), *_things(caller, text, words)]
    places = [Section("Tasks", _places(TASKS, words)), Section("Pages", _places(PAGES, words))]
    return [each for each in [*sections, *places] if each.hits or each.denied]


def _owner(caller: Caller, text: str) -> Section:
    """Whose access key it is, where the text is the whole id of one."""
    if not _KEY_ID.fullmatch(text):
        return Section("Access keys")
    found = panels.panel(get_access_key_last_used, caller, access_key_id=text)
    if isinstance(found.error, AccessDenied):
        # AWS says the same of a key of another account: it does not tell which of the two it was.
        return Section("Access keys", denied="iam:GetAccessKeyLastUsed, or no key here has that id")
    if found.value is None:
        return Section("Access keys")
    key = found.value
    if key.user is None:
        return Section("Access keys", [Hit(text, reverse("console:dashboard"), "The root user's")])
    url = reverse("console:user-security-credentials", args=[key.user.name])
    return Section("Access keys", [Hit(text, url, f"Belongs to user {key.user.name}")])


def _things(caller: Caller, text: str, words: _Words) -> Iterable[Section]:
    for kind in _KINDS:
        found = panels.panel(kind.action, caller, search=text, page=1, page_size=MOST)
        if isinstance(found.error, AccessDenied):
            yield Section(kind.label, denied=kind.permission)
            continue
        rows = list(found.value.items) if found.value else []
        yield Section(kind.label, [_hit(kind, row) for row in rows])
        yield Section(f"Tasks with {kind.label.lower()}", _tasks(caller, kind, rows, text, words))


def _hit(kind: Kind, row: Any) -> Hit:
    return Hit(row.name, reverse(f"console:{kind.name}", args=[_address(kind, row)]))


def _address(kind: Kind, row: Any) -> str:
    return str(row.arn if kind.name == "policy" else row.name)


def _tasks(caller: Caller, kind: Kind, rows: list[Any], text: str, words: _Words) -> list[Hit]:
    """What can be done with what was named: all of it for one thing, else what the words say."""
    if len(rows) == 1 and rows[0].name.lower() == text.lower():
        return list(_of_one(kind, rows[0], _Words()))
    if len(words.all) < 2 or rows:
        return []
    # "add alice": one word names a thing, the others say what to do with it.
    hits: list[Hit] = []
    for word in words.all:
        rest = _Words([other for other in words.all if other != word])
        if not any(rest.are_in(f"{task.label} {task.words}") for task in OF_ONE[kind.name]):
            continue
        found = panels.panel(kind.action, caller, search=word, page=1, page_size=MOST)
        for row in found.value.items if found.value else ():
            hits += _of_one(kind, row, rest)
    return hits[:MOST]


def _of_one(kind: Kind, row: Any, words: _Words) -> Iterable[Hit]:
    for task in OF_ONE[kind.name]:
        if words.all and not words.are_in(f"{task.label} {task.words}"):
            continue
        url = reverse(task.view, args=[_address(kind, row)])
        yield Hit(capfirst(task.label.format(name=row.name)), url)


def _places(places: Sequence[Place], words: _Words) -> list[Hit]:
    found = [place for place in places if words.are_in(f"{place.label} {place.words}")]
    return [Hit(place.label, reverse(place.view)) for place in found]
