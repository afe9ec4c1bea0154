"""What no schema can say of a lab: whether its parts fit together."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from typing import Any

from accounts.engine.grammar import PolicyKind
from iamconsole.labs.format import documents, values
from iamconsole.labs.format.contents import shown
from iamconsole.labs.format.form import suggestion
from iamconsole.labs.format.pack import Check, Lab, Operation
from iamconsole.labs.format.problem import Problem
from iamconsole.labs.format.yaml_text import Tree

#: What `fail` may hold beside the lab's values.
_FOUND = frozenset({"found", "path"})
_EXAMPLE_ACCOUNT = "111122223333"


def problems(lab: Lab, tree: Tree) -> Iterator[Problem]:
    """Everything that does not fit, in the order of the files."""
    yield from _values_problems(lab, tree)
    yield from _sign_in_problems(lab, tree)
    yield from _step_problems(lab, tree)
    known = values.builtin(lab.accounts) | lab.values.keys()
    given = yield from _operation_problems(lab, lab.start, known)
    solved = given
    for step in lab.steps:
        for answer in lab.wrong_answers:
            if answer.step == step.id:
                yield from _operation_problems(lab, answer.do, solved)
        # What a solution saves only solutions know: a learner's own way saves nothing.
        solved = yield from _operation_problems(lab, step.solve, solved)
        for check in step.checks:
            yield from _check_problems(lab, check, given)
    yield from _text_problems(lab, tree, given)
    yield from _finish_problems(lab, tree)


# --- Values --------------------------------------------------------------------------------------


def _values_problems(lab: Lab, tree: Tree) -> Iterator[Problem]:
    taken = values.builtin(lab.accounts) | _FOUND
    for name, described in lab.values.items():
        place = tree.place(("values", name))
        if name in taken:
            yield Problem(place, f"Every lab has a value {shown(name)} already.")
        pattern = described.get("pattern", "") if isinstance(described, Mapping) else ""
        if "{" in values.DRAWN.sub("", pattern):
            yield Problem(place, "In a pattern {1} to {32} stand for random characters.")


def _undefined(thing: Any, known: Iterable[str], place: str) -> Iterator[Problem]:
    """One problem for each name in a part that stands for nothing."""
    known = frozenset(known)
    for name in dict.fromkeys(values.used(thing)):
        if name not in known:
            meant = suggestion(name, known)
            yield Problem(place, f"{{{name}}} stands for no value{meant}")


def _undefined_in_file(name: str, text: str, known: frozenset[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for found in values.NAME.finditer(text):
        if found[1] not in known and found[1] not in seen:
            seen.add(found[1])
            line = text.count("\n", 0, found.start()) + 1
            yield from _undefined(found[0], known, f"{name}:{line}")


def _text_problems(lab: Lab, tree: Tree, known: frozenset[str]) -> Iterator[Problem]:
    for name, text in lab.files.items():
        if name.endswith((".md", ".json")):
            yield from _undefined_in_file(name, text, known)
    # Shown before there is a run, and so before there are values.
    for part in ("title", "summary"):
        yield from _undefined(tree.value[part], (), tree.place((part,)))
    for number, line in enumerate(lab.learn):
        yield from _undefined(line, (), tree.place(("learn", number)))
    yield from _undefined(lab.sign_in, known, tree.place(("sign_in",)))
    for number, step in enumerate(lab.steps):
        path = ("steps", number)
        yield from _undefined(step.title, (), tree.place((*path, "title")))
        for hint, text in enumerate(step.hints):
            yield from _undefined(text, known, tree.place((*path, "hints", hint)))
        for each, show in enumerate(step.show):
            where = tree.place((*path, "show", each))
            yield from _undefined([show.page, show.control, show.say], known, where)
    for answer in lab.wrong_answers:
        yield from _undefined(answer.fails, known | _FOUND, f"wrong/{answer.name}.yaml")


# --- Operations ----------------------------------------------------------------------------------


def _operation_problems(
    lab: Lab, operations: Sequence[Operation], known: frozenset[str]
) -> Generator[Problem, None, frozenset[str]]:
    """The problems of a list of calls; returns the values that are known after it."""
    for operation in operations:
        parts = [operation.arguments, operation.caller, operation.key]
        yield from _undefined(parts, known, operation.place)
        yield from _account_problems(lab, operation.account, operation.place)
        yield from _document_problems(lab, operation)
        for name in operation.save:
            if name in values.builtin(lab.accounts) | lab.values.keys() | _FOUND:
                yield Problem(operation.place, f"There is a value {shown(name)} already.")
        known |= operation.save.keys()
    return known


def _account_problems(lab: Lab, account: str, place: str) -> Iterator[Problem]:
    if account and account not in lab.accounts:
        meant = suggestion(account, lab.accounts)
        yield Problem(place, f"The lab has no account {shown(account)}{meant}")


def _document_problems(lab: Lab, operation: Operation) -> Iterator[Problem]:
    service, _, name = operation.name.partition(":")
    for argument, given in operation.arguments.items():
        named = documents.file_of(given)
        if named is not None and named not in lab.files:
            yield Problem(operation.place, f"There is no file {shown(named)}.")
            continue
        kind = documents.kind_of(service, name, argument)
        if kind is None or operation.refused:
            continue
        text = values.fill(documents.text_of(given, lab.files), _Examples(lab))
        if found := documents.problem(text, kind):
            line, message = found
            place = f"{named}:{line}" if named is not None else operation.place
            yield Problem(place, f"AWS would refuse this policy: {message}")


class _Examples(dict[str, str]):
    """A value for every name, so that a document can be read before there are any."""

    def __init__(self, lab: Lab) -> None:
        fixed = {name: each for name, each in lab.values.items() if isinstance(each, str)}
        accounts = {
            name: _EXAMPLE_ACCOUNT
            for name in values.builtin(lab.accounts)
            if name.endswith("account_id")
        }
        super().__init__({**accounts, **fixed})

    def get(self, name: str, default: Any = None) -> str:
        return super().get(name, "example")


# --- Steps and checks ----------------------------------------------------------------------------


def _step_problems(lab: Lab, tree: Tree) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, step in enumerate(lab.steps):
        if step.id in seen:
            place = tree.place(("steps", number, "id"))
            yield Problem(place, f"There are two steps {shown(step.id)}.")
        seen.add(step.id)
    for answer in lab.wrong_answers:
        if answer.step not in seen:
            meant = suggestion(answer.step, seen)
            place = f"wrong/{answer.name}.yaml"
            yield Problem(place, f"The lab has no step {shown(answer.step)}{meant}")


def _check_problems(lab: Lab, check: Check, known: frozenset[str]) -> Iterator[Problem]:
    yield from _undefined(check.arguments, known, check.place)
    yield from _undefined(check.fail, known | _FOUND, check.place)
    yield from _undefined(check.asks, known, check.place)
    yield from _account_problems(lab, check.account, check.place)
    if check.verb == "policy_equivalent":
        yield from _reference_problems(lab, check.arguments.get("to", ""), check.place)
    for inner in check.checks:
        yield from _check_problems(lab, inner, known)


def _reference_problems(lab: Lab, name: str, place: str) -> Iterator[Problem]:
    if name not in lab.files:
        yield Problem(place, f"There is no file {shown(name)}.")
        return
    text = values.fill(lab.files[name], _Examples(lab))
    if found := documents.problem(text, PolicyKind.IDENTITY):
        line, message = found
        yield Problem(f"{name}:{line}", f"AWS would refuse this policy: {message}")


def _finish_problems(lab: Lab, tree: Tree) -> Iterator[Problem]:
    known = values.builtin(lab.accounts) | lab.values.keys()
    known |= {name for operation in lab.start for name in operation.save}
    for number, comparison in enumerate(lab.compare):
        place = tree.place(("finish", "compare", number))
        yield from _undefined(comparison.principal, known, place)
        yield from _reference_problems(lab, comparison.reference, place)
    if lab.least_privilege is not None:
        place = tree.place(("finish", "least_privilege"))
        yield from _undefined(lab.least_privilege.principal, known, place)


def _sign_in_problems(lab: Lab, tree: Tree) -> Iterator[Problem]:
    if lab.sign_in == "root":
        return
    fixed = {name: each for name, each in lab.values.items() if isinstance(each, str)}
    user = values.fill(lab.sign_in.removeprefix("user/"), fixed)
    for operation in lab.start:
        first = operation.account in ("", lab.accounts[0])
        named = values.fill(operation.arguments.get("UserName", ""), fixed)
        if operation.name == "iam:CreateLoginProfile" and first and named == user:
            return
    message = f"{shown(user)} is given no password in start (CreateLoginProfile)."
    yield Problem(tree.place(("sign_in",)), message)
