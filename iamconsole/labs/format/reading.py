"""A pack's files read into a Lab, or refused with everything that is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from iamconsole.labs.format import calls, contents, form, soundness, yaml_text
from iamconsole.labs.format.pack import (
    Check,
    Comparison,
    Lab,
    LeastPrivilege,
    Operation,
    Show,
    Step,
    WrongAnswer,
)
from iamconsole.labs.format.problem import PackError, Problem
from iamconsole.labs.format.schema import BESIDE, COMBINED
from iamconsole.labs.format.yaml_text import Path, Tree

__all__ = ["PackError", "Problem", "read"]

_MINUTES = {"m": 1, "h": 60, "d": 24 * 60}
_INTRO = "intro.md"
_WRONG_ANSWER = re.compile(r"wrong/[^/]+\.yaml")
_MOST_PROBLEMS = 50
_MOST_WRONG_ANSWERS = 60
_MOST_VALUES_OF_A_WRONG_ANSWER = 500


def read(files: Mapping[str, str]) -> Lab:
    """The lab of a pack's files, text by path; raise PackError."""
    contents.check(files)
    if "lab.yaml" not in files:
        raise PackError([Problem("", "There is no lab.yaml at the top of the pack.")])
    lab_file = yaml_text.load("lab.yaml", files["lab.yaml"])
    form.check(lab_file)
    reader = _Reader(files, lab_file)
    lab = reader.lab()
    reader.note(soundness.problems(lab, lab_file))
    if reader.problems:
        raise PackError(reader.problems)
    return lab


class _Reader:
    """Builds the lab out of trees whose form is right, and notes what is wrong on its way."""

    def __init__(self, files: Mapping[str, str], lab_file: Tree) -> None:
        self.files = files
        self.tree = lab_file
        self.problems: list[Problem] = []

    def note(self, found: Iterable[Problem]) -> None:
        """Keep problems to be told of together; raise PackError when they are many."""
        for problem in found:
            if problem not in self.problems:
                self.problems.append(problem)
            if len(self.problems) == _MOST_PROBLEMS:
                raise PackError(self.problems)

    def lab(self) -> Lab:
        """The whole lab."""
        given = self.tree.value
        finish = given["finish"]
        accounts = tuple(given.get("accounts", ("main",)))
        return Lab(
            id=given["id"],
            title=given["title"],
            summary=given["summary"],
            level=given["level"],
            minutes=given["minutes"],
            order=given.get("order"),
            learn=tuple(given["learn"]),
            requires=tuple(given.get("requires", ())),
            values=given.get("values", {}),
            accounts=accounts,
            sign_in=given["sign_in"],
            intro=self._text(_INTRO, ()),
            start=self._operations(self.tree, ("start",), given.get("start", ())),
            steps=tuple(self._step(number, step) for number, step in enumerate(given["steps"])),
            finish_text=self._text(finish["text"], ("finish", "text")),
            compare=tuple(Comparison(**each) for each in finish.get("compare", ())),
            least_privilege=_least_privilege(finish.get("least_privilege")),
            wrong_answers=tuple(self._wrong_answers()),
            digest=contents.digest(self.files),
            files=dict(self.files),
        )

    def _text(self, name: str, path: Path) -> str:
        """The text in a file; where there is none it is empty, and a problem."""
        if name not in self.files:
            message = f"There is no file {contents.shown(name)}."
            self.note([Problem(self.tree.place(path), message)])
        return self.files.get(name, "")

    def _step(self, number: int, given: Mapping[str, Any]) -> Step:
        path = ("steps", number)
        return Step(
            id=given["id"],
            title=given["title"],
            text=self._text(given["text"], (*path, "text")),
            checks=self._checks((*path, "checks"), given["checks"]),
            hints=tuple(given["hints"]),
            solution=self._text(given["solution"], (*path, "solution")),
            solve=self._operations(self.tree, (*path, "solve"), given["solve"]),
            show=tuple(Show(**each) for each in given.get("show", ())),
        )

    def _checks(self, path: Path, given: Iterable[Mapping[str, Any]]) -> tuple[Check, ...]:
        return tuple(self._check((*path, number), each) for number, each in enumerate(given))

    def _check(self, path: Path, given: Mapping[str, Any]) -> Check:
        (verb,) = given.keys() - {"fail", "in", "asks"}
        arguments = given[verb]
        inner: tuple[Check, ...] = ()
        if verb == "not":
            inner = (self._check((*path, verb), arguments),)
        elif verb in COMBINED:
            inner = self._checks((*path, verb), arguments)
        return Check(
            verb=verb,
            arguments={} if inner else arguments,
            fail=given.get("fail", ""),
            account=given.get("in", ""),
            checks=inner,
            place=self.tree.place((*path, verb)),
            asks=given.get("asks", ""),
        )

    def _operations(self, tree: Tree, path: Path, given: Iterable[Any]) -> tuple[Operation, ...]:
        found = (self._operation(tree, (*path, n), each) for n, each in enumerate(given))
        return tuple(each for each in found if each is not None)

    def _operation(self, tree: Tree, path: Path, given: Mapping[str, Any]) -> Operation | None:
        named = [key for key in given if key not in BESIDE]
        if len(named) != 1:
            many = " and ".join(map(contents.shown, named))
            message = f"One call is wanted here, not {many}." if many else "There is no call here."
            self.note([Problem(tree.place(path), message)])
            return None
        (call,) = named
        name, arguments = calls.name_of(call), given[call] or {}
        self.note(calls.problems(name, arguments, lambda inner: tree.place((*path, call, *inner))))
        return Operation(
            name=name,
            arguments=arguments,
            caller=given.get("as", "root"),
            mfa=given.get("mfa", False),
            key=given.get("key", ""),
            console=given.get("console", False),
            ago=_minutes(given.get("ago")),
            account=given.get("in", ""),
            save=given.get("save", {}),
            refused=given.get("refused", ""),
            place=tree.place((*path, call)),
        )

    def _wrong_answers(self) -> Iterator[WrongAnswer]:
        names = [name for name in sorted(self.files) if _WRONG_ANSWER.fullmatch(name)]
        if len(names) > _MOST_WRONG_ANSWERS:
            self.note([Problem("", f"A pack has {_MOST_WRONG_ANSWERS} wrong answers at most.")])
        for name in names[:_MOST_WRONG_ANSWERS]:
            tree = yaml_text.load(name, self.files[name], _MOST_VALUES_OF_A_WRONG_ANSWER)
            form.check(tree, wrong_answer=True)
            given = tree.value
            yield WrongAnswer(
                name=name.removeprefix("wrong/").removesuffix(".yaml"),
                step=given["step"],
                do=self._operations(tree, ("do",), given["do"]),
                fails=given["fails"],
            )


def _minutes(ago: str | None) -> int:
    return int(ago[:-1]) * _MINUTES[ago[-1]] if ago else 0


def _least_privilege(given: Mapping[str, Any] | None) -> LeastPrivilege | None:
    return LeastPrivilege(given["principal"], tuple(given["needed"])) if given else None
