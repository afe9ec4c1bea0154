"""Checks of what principals may do: the policy engine answers, so every right answer passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from accounts import authorize, engine
from accounts.arns import Resource
from accounts.caller import Caller
from accounts.engine import catalog
from iamconsole.labs.checks import globs, principals, samples
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.place import Place, Unanswerable
from iamconsole.labs.checks.principals import Who
from iamconsole.labs.checks.questions import Keys, Question, Reasons
from iamconsole.labs.checks.words import as_list, capital, listed

Arguments = Mapping[str, Any]


def can(place: Place, arguments: Arguments) -> Finding:
    """Everybody meant may do everything asked, on all of it."""
    return _judged(place, arguments, "may", "allowed")


def cannot(place: Place, arguments: Arguments) -> Finding:
    """Nobody meant may do anything of what is asked, on any of it."""
    return _judged(place, arguments, "may not", "refused")


def _judged(place: Place, arguments: Arguments, may: str, wanted: str) -> Finding:
    """Whether each question has the wanted answer, "allowed" or "refused"."""
    asked, several = _asked(arguments)
    allowed = wanted == "allowed"
    expected = f"All of it is {wanted}." if several else f"It is {wanted}."
    sentence = f"{capital(principals.described(arguments['principal']))} {may} {asked}."
    found = principals.find(place, arguments["principal"])
    if not found:
        missing = principals.missing(place, arguments["principal"])
        return Finding(False, sentence, missing, expected)
    first: Question | None = None
    for each in found:
        for question in _questions(place, each, arguments, allows=not allowed):
            first = first or question
            if question.allowed() is not allowed:
                why = question.why(_it(question, several or question.arn not in _given(arguments)))
                told = _of(each, found) + why.sentence
                return Finding(False, sentence, told, expected, why.through)
    if allowed:
        why = _why(first, found[0], several)
    elif first is None or several:
        return Finding(True, sentence, "Nothing of it is allowed.", expected)
    else:
        why = first.why("it")
    return Finding(True, sentence, why.sentence, expected, why.through)


def _of(who: Who, asked: Sequence[Who]) -> str:
    """Who of several it is that does not do as expected."""
    return f"{capital(who.name)}: " if len(asked) > 1 else ""


def _given(arguments: Arguments) -> list[str]:
    return as_list(arguments.get("resource", "*"))


def _asked(arguments: Arguments) -> tuple[str, bool]:
    """What is asked, as the end of a sentence, and whether that is several things."""
    actions, resources = as_list(arguments["action"]), _given(arguments)
    several = len(actions) > 1 or len(resources) > 1 or globs.is_glob(actions[0])
    on = "" if resources == ["*"] else f" on {listed(resources)}"
    under = " with MFA" if arguments.get("mfa") else ""
    key = " with an access key" if arguments.get("through") == "api" else ""
    return f"call {listed(actions)}{on}{key}{under}", several


def _it(question: Question, named: bool) -> str:
    """How reasons name what was asked: by its name where it is one of several."""
    if not named:
        return "it"
    return question.action if question.arn == "*" else f"{question.action} on {question.arn}"


def _why(first: Question | None, who: Who, several: bool) -> Reasons:
    if first is None:
        return Reasons(True, f"{capital(who.name)} may do all of it.")
    return first.why("all of it" if several else "it")


def _questions(place: Place, who: Who, arguments: Arguments, *, allows: bool) -> Iterator[Question]:
    """What to ask of one principal. `allows`: what may be allowed, else what may be refused."""
    caller = principals.caller_of(
        place,
        who,
        mfa=arguments.get("mfa", False),
        through=arguments.get("through", "console"),
    )
    keys = context(arguments)
    speaking = samples.Speaking(place, caller, _entries(caller, keys))
    for pattern in as_list(arguments["action"]):
        resources = _given(arguments)
        for action in _actions(speaking, caller, pattern, resources, allows=allows):
            for given in resources:
                if given == "*" and not allows:
                    # Asked as the operation is: most that are about everything have no resource.
                    arns = ["*"]
                else:
                    arns = speaking.resources(action, given, allows=allows)
                for arn in arns:
                    yield Question(place, who, caller, action, arn, keys)


def _actions(
    speaking: samples.Speaking,
    caller: Caller,
    pattern: str,
    resources: Sequence[str],
    *,
    allows: bool,
) -> Iterator[str]:
    """The actions of a pattern about which there is something to ask: the first in any case."""

    def certain(actions: str) -> bool:
        sure = speaking.nothing_allows if allows else speaking.everything_allows
        several = globs.is_glob(actions) and not caller.is_root
        return several and all(sure(actions, on) for on in resources)

    asked = False
    for of_service in samples.by_service(pattern):
        if asked and certain(of_service):
            continue
        for action in catalog.expand(of_service):
            yield action
            if not asked and certain(pattern):
                return
            if not asked and certain(of_service):
                asked = True
                break
            asked = True
    if not asked:
        raise Unanswerable(f"There is no action {pattern}.")


def _entries(caller: Caller, keys: Keys) -> engine.Context:
    """The condition keys by which the variables of policies are filled in."""
    on = Resource("*", caller.home.id, context=keys)
    return authorize.request_of(caller, "*:*", on, {}).context


def context(arguments: Arguments) -> dict[str, str | tuple[str, ...]]:
    """The condition keys that a check gives, as policies compare them."""
    return {key: _text(value) for key, value in arguments.get("context", {}).items()}


def _text(value: Any) -> str | tuple[str, ...]:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return tuple(map(str, value))
    return str(value)
