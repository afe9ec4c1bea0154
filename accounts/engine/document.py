"""Policy documents: the author's text, and its statements as frozen objects."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from . import grammar
from .grammar import VERSION_2012, PolicyKind, Problem, Stage
from .jsontext import (
    SYNTAX_ERROR,
    Lines,
    MalformedPolicy,
    check_argument,
    decode,
    objects,
    places,
    position,
)

INVALID_TRUST_JSON = "This policy contains invalid Json"


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator, one key, its values as text: `StringLike`, `aws:username`, `("a*", "b*")`."""

    operator: str
    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as its author wrote it; an element that is absent is an empty tuple.

    `principals` and `not_principals` are pairs of type and name: `("AWS", "123456789012")`, and
    `("*", "*")` for the bare star. `start` and `end` are the (line, column) of the statement's
    braces, counted from 1. A statement with `problems` was not understood: it never allows, and
    if it denies, it denies everything.
    """

    index: int
    sid: str | None
    effect: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[tuple[str, str], ...] = ()
    not_principals: tuple[tuple[str, str], ...] = ()
    conditions: tuple[Condition, ...] = ()
    start: tuple[int, int] = (1, 1)
    end: tuple[int, int] = (1, 1)
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Document:
    """A policy document. `version` is None where the text has none, which means 2008-10-17."""

    text: str
    kind: PolicyKind
    version: str | None
    id: str | None
    statements: tuple[Statement, ...]

    @property
    def has_variables(self) -> bool:
        """Whether `${...}` means a variable; before Version 2012-10-17 it is plain text."""
        return self.version == VERSION_2012


def parse(text: str, kind: PolicyKind = PolicyKind.IDENTITY, *, managed: bool = False) -> Document:
    """The document `text` holds, for saving. Raises MalformedPolicy with AWS's message.

    A `managed` policy must be of Version 2012-10-17, an inline or resource policy need not.
    """
    kind = PolicyKind(kind)
    invalid_json = INVALID_TRUST_JSON if kind is PolicyKind.TRUST else SYNTAX_ERROR
    check_argument(text)
    policy = decode(text, invalid_json)
    problem, sound = _first_problem(policy, kind, managed)
    if problem is not None:
        raise MalformedPolicy(problem.message, position(text, problem.path))
    return _build(text, kind, policy, sound=sound)


@lru_cache(maxsize=1024)
def load(text: str, kind: PolicyKind = PolicyKind.IDENTITY) -> Document:
    """The document `text` holds, for evaluating what is stored; the same text is read once.

    The last thousand are kept, so texts that anybody may hand in go through `parse` instead.
    What the engine does not understand becomes a problem of its statement. Raises MalformedPolicy
    only for a text that is no JSON object with statements in it.
    """
    kind = PolicyKind(kind)
    policy = decode(text)
    if not isinstance(policy, dict) or not isinstance(policy.get("Statement"), dict | list):
        raise MalformedPolicy(SYNTAX_ERROR, (1, 1))
    return _build(text, kind, policy)


def size(text: str) -> int:
    """The characters IAM counts towards a policy's size: all but white space."""
    return len(re.sub(r"[ \t\r\n]+", "", text))


def _first_problem(policy: Any, kind: PolicyKind, managed: bool) -> tuple[Problem | None, bool]:
    """The problem AWS reports, the first one of the earliest stage; and whether there is none at
    all, not even one with which AWS saves a policy.
    """
    first: Problem | None = None
    sound = True
    for problem in grammar.problems(policy, kind):
        sound = False
        if problem.message == grammar.SAVED_ANYWAY:
            continue
        if problem.stage is Stage.SYNTAX:
            return problem, sound
        if first is None or problem.stage < first.stage:
            first = problem
    if managed and policy.get("Version") != VERSION_2012:
        return grammar.OLD_VERSION, False
    return first, sound


def _build(text: str, kind: PolicyKind, policy: dict[str, Any], *, sound: bool = False) -> Document:
    """The document; where it is known to be `sound`, its problems are not looked for."""
    version, document_id = policy.get("Version"), policy.get("Id")
    general: tuple[str, ...] = ()
    if not sound:
        general = tuple(problem.reason for problem in grammar.document_problems(policy, kind))
    found = list(grammar.statements(policy))
    braces = _braces(text, policy, len(found))
    lines = Lines(text)
    statements = []
    for index, (path, statement) in enumerate(found):
        own: tuple[str, ...] = ()
        if not sound:
            own = tuple(
                problem.reason
                for problem in grammar.statement_problems(statement, path, kind, version)
                if problem.obscures
            )
        start, end = braces[index]
        statements.append(
            _statement(index, statement, lines.at(start), lines.at(end - 1), general + own)
        )
    return Document(
        text,
        kind,
        version if isinstance(version, str) else None,
        document_id if isinstance(document_id, str) else None,
        tuple(statements),
    )


def _braces(text: str, policy: dict[str, Any], count: int) -> list[tuple[int, int]]:
    """Start and end of every statement."""
    found = objects(text)
    if len(found) == count:
        return found
    # Something else in the document holds objects, or a statement is none: the slow, sure way.
    place = places(text)
    return [(place[path].start, place[path].end) for path, _ in grammar.statements(policy)]


def _statement(
    index: int,
    found: Any,
    start: tuple[int, int],
    end: tuple[int, int],
    problems: tuple[str, ...],
) -> Statement:
    if not isinstance(found, dict):
        # Whatever it was meant to be, it is treated as a refusal.
        return Statement(index, None, "Deny", start=start, end=end, problems=problems)
    sid = found.get("Sid")
    return Statement(
        index=index,
        sid=sid if isinstance(sid, str) else None,
        effect="Allow" if found.get("Effect") == "Allow" else "Deny",
        actions=_texts(found.get("Action")),
        not_actions=_texts(found.get("NotAction")),
        resources=_texts(found.get("Resource")),
        not_resources=_texts(found.get("NotResource")),
        principals=_principals(found.get("Principal")),
        not_principals=_principals(found.get("NotPrincipal")),
        conditions=_conditions(found.get("Condition")),
        start=start,
        end=end,
        problems=problems,
    )


def _texts(value: Any) -> tuple[str, ...]:
    listed = value if isinstance(value, list) else [value]
    return tuple(each for each in listed if isinstance(each, str))


def _principals(value: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(value, str):
        return (("*", value),)
    if not isinstance(value, dict):
        return ()
    return tuple((kind, name) for kind, names in value.items() for name in _texts(names))


def _conditions(block: Any) -> tuple[Condition, ...]:
    if not isinstance(block, dict):
        return ()
    return tuple(
        Condition(operator, key, grammar.condition_values(values))
        for operator, keys in block.items()
        if isinstance(keys, dict)
        for key, values in keys.items()
    )
