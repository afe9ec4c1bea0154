"""The policy summary: per service what a document allows and denies, as the console's table shows.

The columns are those of the page "access_policies_understand-policy-summary".
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from .document import Condition, Document
from .rules import Rule, rules

ALL_RESOURCES = "All resources"
MULTIPLE = "Multiple"
NONE = "None"
LEVELS = ("List", "Read", "Write", "Permissions management", "Tagging")


class CatalogAction(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def access_level(self) -> str: ...


class CatalogService(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def actions(self) -> Mapping[str, CatalogAction]: ...


class ServiceName(Protocol):
    @property
    def prefix(self) -> str: ...
    @property
    def name(self) -> str: ...


class Catalog(Protocol):
    """What the summary needs to know of AWS's services; the module `catalog` is one."""

    def services(self) -> Iterable[ServiceName]: ...
    def service(self, prefix: str) -> CatalogService | None: ...


class Row(NamedTuple):
    """One service. `full` and `limited` are the access levels of which all and some actions count.

    `access`, `resource` and `condition` are the table's texts. `known` is false for a service the
    catalog doesn't have; its actions can't be told apart.
    """

    prefix: str
    service: str
    access: str
    resource: str
    condition: str
    full: tuple[str, ...] = ()
    limited: tuple[str, ...] = ()
    known: bool = True


class Summary(NamedTuple):
    """The rows of a document by effect, and of how many services they are some."""

    allow: tuple[Row, ...]
    deny: tuple[Row, ...]
    services: int


def summarize(document: Document, catalog: Catalog) -> Summary:
    """The summary of `document`. Statements that were not understood are left out."""
    names = {service.prefix: service.name for service in catalog.services()}
    understood = [rule for rule in rules(document) if not rule.broken]
    allow = _rows([rule for rule in understood if rule.allows], names, catalog)
    deny = _rows([rule for rule in understood if not rule.allows], names, catalog)
    return Summary(allow, deny, len(names))


def _rows(found: list[Rule], names: dict[str, str], catalog: Catalog) -> tuple[Row, ...]:
    about_all = any(rule.actions.everything or rule.actions_excepted for rule in found)
    mentioned = {prefix for rule in found for prefix in rule.actions.names}
    prefixes = names.keys() | mentioned if about_all else mentioned
    rows = []
    for prefix in prefixes:
        about = [rule for rule in found if _mentions(rule, prefix)]
        row = _row(prefix, about, names, catalog) if about else None
        if row is not None:
            rows.append(row)
    return tuple(sorted(rows, key=lambda row: row.service.lower()))


def _mentions(rule: Rule, prefix: str) -> bool:
    if rule.actions_excepted:
        return not rule.actions.everything
    return rule.actions.everything or prefix in rule.actions.names


def _row(prefix: str, about: list[Rule], names: dict[str, str], catalog: Catalog) -> Row | None:
    resource, condition = _resource(about, prefix), _condition(about)
    if prefix not in names:
        return Row(prefix, prefix, NONE, resource, condition, known=False)
    if any(_is_whole_service(rule, prefix) for rule in about):
        return Row(prefix, names[prefix], "Full access", resource, condition)
    service = catalog.service(prefix)
    actions = service.actions if service else {}
    levels: dict[str, list[bool]] = {}
    for name, action in actions.items():
        covered = any(rule.covers_action(prefix, name.lower()) for rule in about)
        levels.setdefault(action.access_level, []).append(covered)
    full = tuple(level for level in LEVELS if all(levels.get(level, [False])))
    limited = tuple(level for level in LEVELS if any(levels.get(level, [])) and level not in full)
    if not full and not limited:
        # NotAction that excepts the whole service says nothing about it.
        says_nothing = all(rule.actions_excepted for rule in about)
        return None if says_nothing else Row(prefix, names[prefix], NONE, resource, condition)
    access = "Full access" if len(full) == len(levels) else _access(full, limited)
    return Row(prefix, names[prefix], access, resource, condition, full, limited)


def _is_whole_service(rule: Rule, prefix: str) -> bool:
    """Whether that can be said without looking at the service's actions."""
    if rule.actions_excepted:
        return prefix not in rule.actions.names
    return rule.actions.everything or "*" in rule.actions.names.get(prefix, ())


def _access(full: tuple[str, ...], limited: tuple[str, ...]) -> str:
    parts = [("Full", full), ("Limited", limited)]
    return " ".join(f"{word}: {', '.join(levels)}" for word, levels in parts if levels)


def _resource(about: list[Rule], prefix: str) -> str:
    shown = {text for rule in about for text in _resources_of(rule, prefix)}
    return shown.pop() if len(shown) == 1 else MULTIPLE


def _resources_of(rule: Rule, prefix: str) -> list[str]:
    """The statement's resources as the table shows them, but for those of other services."""
    statement = rule.statement
    if statement.not_resources:
        return [f"{ALL_RESOURCES} except {text}" for text in statement.not_resources]
    resources = statement.resources or ("*",)
    own = [text for text in resources if text == "*" or text.split(":")[2:3] == [prefix]]
    return [ALL_RESOURCES if text == "*" else text for text in own or resources]


def _condition(about: list[Rule]) -> str:
    shown = {tuple(map(_condition_text, rule.statement.conditions)) for rule in about}
    if len(shown) > 1:
        return MULTIPLE
    texts = shown.pop()
    return NONE if not texts else texts[0] if len(texts) == 1 else MULTIPLE


def _condition_text(condition: Condition) -> str:
    return f"{condition.key} | {condition.operator} | {', '.join(condition.values)}"


class ActionRow(NamedTuple):
    """One action of a service that a document is about, with the table's texts."""

    name: str
    level: str
    resource: str
    condition: str


def summarize_service(
    document: Document, prefix: str, catalog: Catalog, *, allow: bool
) -> tuple[ActionRow, ...]:
    """The actions of one service that the document allows, or denies, by access level and name."""
    service = catalog.service(prefix)
    found = [rule for rule in rules(document) if not rule.broken and rule.allows is allow]
    rows = []
    for action in service.actions.values() if service else ():
        about = [rule for rule in found if rule.covers_action(prefix, action.name.lower())]
        if about:
            texts = (_resource(about, prefix), _condition(about))
            rows.append(ActionRow(action.name, action.access_level, *texts))
    return tuple(sorted(rows, key=lambda row: (LEVELS.index(row.level), row.name)))
