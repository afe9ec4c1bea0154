"""Statements compiled for asking: which actions, resources and principals, on what conditions."""

from collections.abc import Iterable
from weakref import WeakKeyDictionary

from .conditions import Check
from .document import Document, Statement
from .match import PatternSet, places
from .principals import Grant, Principal, Principals
from .variables import Entries, fill_all, plain_template, sort_out, template, variables


class Actions:
    """Action patterns by service. Services and actions are compared without case."""

    __slots__ = ("by_service", "everything", "names")

    def __init__(self, patterns: Iterable[str]) -> None:
        self.names: dict[str, list[str]] = {}
        self.everything = False
        for pattern in patterns:
            service, colon, name = pattern.lower().partition(":")
            if not colon and service == "*":
                self.everything = True
            else:
                self.names.setdefault(service, []).append(name)
        self.by_service = {service: PatternSet(names) for service, names in self.names.items()}

    def match(self, service: str, name: str) -> bool:
        """Whether any pattern matches; both arguments in lower case."""
        if self.everything:
            return True
        names = self.by_service.get(service)
        return names is not None and name in names


class Resources:
    """Resource patterns, compared with case. Those with variables are filled in when asked."""

    __slots__ = ("_fixed", "_varying", "everything", "variables")

    def __init__(self, patterns: Iterable[str], with_variables: bool) -> None:
        read = template if with_variables else plain_template
        plain, self._varying = sort_out(map(read, patterns))
        self._fixed = PatternSet(plain)
        self.everything = self._fixed.everything
        self.variables = tuple(each for parts in self._varying for each in variables(parts))

    def match(self, resource: str, entries: Entries) -> bool:
        return resource in self._fixed or (
            bool(self._varying)
            and any(map(places(resource).match, fill_all(self._varying, entries)))
        )


class Rule:
    """One statement, ready to be asked. A statement that was not understood (`broken`) matches
    nothing if it allows, and everything if it denies.
    """

    __slots__ = (
        "_every_action", "_every_resource", "_principals", "_resources", "_spares_principals",
        "actions", "actions_excepted", "allows", "asks", "broken", "checks",
        "resources_excepted", "statement", "unconditional",
    )  # fmt: skip

    def __init__(self, statement: Statement, with_variables: bool) -> None:
        self.statement = statement
        self.allows = statement.effect == "Allow"
        self.broken = bool(statement.problems)
        self.checks: tuple[Check, ...] = ()
        self.asks: dict[str, str] = {}
        self._every_resource = self.unconditional = self.broken
        # Whether it is about every action (True) or about none (False); None where that depends.
        self._every_action: bool | None = not self.allows
        if self.broken:
            return
        self.actions_excepted = bool(statement.not_actions)
        self.actions = Actions(statement.not_actions or statement.actions)
        self._every_action = not self.actions_excepted if self.actions.everything else None
        self.resources_excepted = bool(statement.not_resources)
        named = statement.not_resources or statement.resources
        # A trust policy names no resource: it is about the role it belongs to.
        self._resources = Resources(named or ("*",), with_variables)
        self._spares_principals = bool(statement.not_principals)
        self._principals = Principals(statement.not_principals or statement.principals)
        self.checks = tuple(
            Check(
                condition.operator,
                condition.key,
                condition.values,
                with_variables=with_variables,
                in_deny=not self.allows,
            )
            for condition in statement.conditions
        )
        self.asks = {check.key: check.name for check in self.checks}
        used = [*self._resources.variables, *(each for c in self.checks for each in c.variables)]
        self.asks |= {each.key: each.name for each in used if each.default is None}
        self._every_resource = self._resources.everything and not self.resources_excepted
        self.unconditional = self._every_resource and not self.checks

    def covers_action(self, service: str, name: str) -> bool:
        """Whether the statement is about the action; both arguments in lower case."""
        if self._every_action is not None:
            return self._every_action
        names = self.actions.by_service.get(service)
        return (names is not None and name in names) is not self.actions_excepted

    def covers_resource(self, resource: str, entries: Entries) -> bool:
        if self.broken:
            return not self.allows
        return self._resources.match(resource, entries) != self.resources_excepted

    def grant(self, principal: Principal | None, has_boundary: bool) -> Grant:
        """How closely the statement names the principal; only resource-based policies name any."""
        if self.broken:
            return Grant.NONE if self.allows else Grant.DIRECT
        if not self._spares_principals:
            return self._principals.grant(principal)
        if self.allows:
            spared = self._principals.grant(principal) is not Grant.NONE
        else:
            # AWS: a NotPrincipal in a Deny always denies users and roles with a boundary.
            spared = not has_boundary and self._principals.name_all_of(principal)
        return Grant.NONE if spared else Grant.DIRECT

    def applies(self, resource: str, entries: Entries) -> bool:
        """Whether resource and conditions match; ask only once the action does."""
        if not (self._every_resource or self.covers_resource(resource, entries)):
            return False
        for check in self.checks:  # noqa: SIM110 - all() costs twice as much, on the hottest path
            if not check.holds(entries):
                return False
        return True


_compiled: WeakKeyDictionary[Document, tuple[Rule, ...]] = WeakKeyDictionary()


def rules(document: Document) -> tuple[Rule, ...]:
    """The document's statements, compiled once and forgotten with it."""
    found = _compiled.get(document)
    if found is None:
        found = tuple(Rule(each, document.has_variables) for each in document.statements)
        _compiled[document] = found
    return found
