"""Checks of what was done: they read the record of events, from a mark on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Q

from accounts import events
from accounts.actions.registry import ACTIONS, COMMANDS
from accounts.caller import CallerKind, Face
from accounts.models import Event
from iamconsole.labs.checks import globs, principals
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.place import Place
from iamconsole.labs.checks.words import as_list, capital, listed, there_is
from iamconsole.sandbox.models import Message

Arguments = Mapping[str, Any]

#: The newest events that one check reads.
_MOST = 2000
#: The last step of a sign-in: password, code and new password were given where they were asked for.
_SIGNED_IN = "signin:EnterConsole"
_ASSUMING = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
_PUBLISHING = ("sns:Publish", "sns:PublishBatch")
_OUTCOMES = {"success": Q(outcome=events.SUCCESS), "denied": Q(outcome=events.DENIED), "any": Q()}
_EXPECTED = "There is such an event."
_COLUMNS = (
    "sequence", "time", "action", "principal_arn", "principal_kind", "access_key_id", "face",
    "resources", "outcome", "mfa_authenticated",
)  # fmt: skip


def event(place: Place, arguments: Arguments) -> Finding:
    """The record has an event of one of these names, by somebody, on something."""
    names, by, on = as_list(arguments["name"]), arguments.get("by"), arguments.get("on")
    asked = f"{capital(_by(by))} {_did(names, arguments)}{f' on {on}' if on else ''}."
    rows = _events(place, arguments, _of_names(names) & _sql_of(by), _OUTCOMES[_outcome(arguments)])
    fitting = [row for row in rows if _is_by(row, by) and (on is None or _is_on(row, on))]
    return _answer(asked, fitting, rows)


def called(place: Place, arguments: Arguments) -> Finding:
    """The principal made one of these calls."""
    names, who = as_list(arguments["action"]), arguments["principal"]
    on = as_list(arguments.get("resource", "*"))
    what = "" if on == ["*"] else f" on {listed(on, 'or')}"
    subject = capital(principals.described(who))
    asked = f"{subject} {_did(names, arguments)}{what}{_how(arguments)}."
    rows = _events(
        place, arguments, _of_names(names) & _sql_of(who), _OUTCOMES[_outcome(arguments)]
    )
    made = [row for row in rows if _is_by(row, who)]
    fitting = [row for row in made if _is_so(row, arguments) and any(_is_on(row, o) for o in on)]
    return _answer(asked, fitting, made)


def signed_in(place: Place, arguments: Arguments) -> Finding:
    """The principal signed in to the console, or used a key."""
    who = arguments["principal"]
    subject = capital(principals.described(who))
    if arguments.get("through") == "api":
        asked = f"{subject} made a call with an access key{_how(arguments, key=False)}."
        where = _sql_of(who) & Q(face=Face.API.value) & ~Q(access_key_id="")
    else:
        asked = f"{subject} signed in to the console{_how(arguments, key=False)}."
        where = _sql_of(who) & Q(action=_SIGNED_IN, outcome=events.SUCCESS)
    rows = _events(place, arguments, where)
    made = [row for row in rows if _is_by(row, who)]
    return _answer(asked, [row for row in made if _is_so(row, arguments)], made)


def assumed_role(place: Place, arguments: Arguments) -> Finding:
    """Somebody took on the role: its account's record tells, whoever it was."""
    role, by = arguments["role"], arguments.get("by")
    asked = f"{capital(_by(by))} took on the role {role}."
    where = Q(action__in=_ASSUMING, outcome=events.SUCCESS)
    rows = _events(place, arguments, where)
    here = f"arn:aws:iam::{place.account.pk}:role/"
    of_role = [
        row
        for row in rows
        if any(
            arn.startswith(here) and globs.fits_name(role, arn.rpartition("/")[2])
            for arn in row.resources
        )
    ]
    return _answer(asked, [row for row in of_role if _is_by(row, by)], of_role)


def published(place: Place, arguments: Arguments) -> Finding:
    """A message was published to the topic: the publisher's account has the event."""
    topic, by, text = arguments["topic"], arguments.get("by"), arguments.get("contains")
    holding = f" that contains “{text}”" if text else ""
    asked = f"{capital(_by(by))} published a message{holding} to the topic {topic}."
    made = [
        row
        for account in place.run_accounts.values()
        for row in _events(
            place.in_account(account),
            arguments,
            Q(action__in=_PUBLISHING, outcome=events.SUCCESS),
        )
        if any(_is_topic(place, arn, topic) for arn in row.resources) and _is_by(row, by)
    ]
    if text is None or not made:
        return _answer(asked, made, made)
    times = {row.time for row in made[:100]}
    messages = Message.objects.filter(topic__account=place.account, published_at__in=times)
    bodies = messages.values_list("topic__name", "subject", "body")[:_MOST]
    held = any(
        globs.fits(topic, name) and (text in body or text in subject)
        for name, subject, body in bodies
    )
    if held:
        return _answer(asked, made, made)
    told = f"{there_is(len(made), 'message')}, but none contains that."
    return Finding(False, asked, told, _EXPECTED)


# --- Which events --------------------------------------------------------------------------------


def _events(place: Place, arguments: Arguments, *where: Q) -> Sequence[Event]:
    """The account's newest events of such a kind, since the check's mark."""
    place.budget.spend()
    condition = Q(account=place.account, sequence__gt=_mark(place, arguments))
    for each in where:
        condition &= each
    rows = Event.objects.filter(condition).only(*_COLUMNS)
    return place.once(("events", str(condition)), lambda: list(rows.order_by("-sequence")[:_MOST]))


def _mark(place: Place, arguments: Arguments) -> int:
    since, account = arguments.get("since", "lab_start"), place.account.pk
    began = place.world.lab_start.get(account, 0)
    if since == "ever":
        return 0
    return place.world.step_start.get(account, began) if since == "step_start" else began


def _outcome(arguments: Arguments) -> str:
    return str(arguments.get("outcome", "success"))


def _of_names(names: Iterable[str]) -> Q:
    """Events of operations of such names, or that take permissions of such names."""
    found: set[str] = set()
    for name in names:
        if name.strip("*") in ("", ":"):
            return Q()
        found |= _operations(name if ":" in name else f"iam:{name}")
    return Q(action__in=sorted(found))


@lru_cache(maxsize=256)
def _operations(pattern: str) -> frozenset[str]:
    every = {**ACTIONS, **COMMANDS}
    return frozenset(
        name
        for name, each in every.items()
        if globs.fits_name(pattern, name)
        or (each.permission != "" and globs.fits_name(pattern, each.permission))
    )


def _sql_of(who: str | None) -> Q:
    """What the database can tell of the events of a principal: `_is_by` has to say the rest."""
    if who is None or who.startswith("arn:"):
        return Q()
    if who == "root":
        return Q(principal_kind=CallerKind.ROOT.value)
    kind, slash, name = who.partition("/")
    if not slash:
        return Q(principal_kind=CallerKind.SERVICE.value)
    found = Q(principal_kind=kind)
    if globs.is_glob(name):
        return found
    return found & Q(**{f"folded_{kind}": name.lower()[:128]})


def _is_by(row: Event, who: str | None) -> bool:
    """Whether a principal made it; of a role, whether a session of it did."""
    if who is None:
        return True
    if who.startswith("arn:"):
        return globs.fits(who, row.principal_arn)
    if who == "root":
        return row.principal_kind == CallerKind.ROOT.value
    kind, slash, name = who.partition("/")
    if not slash:
        return row.principal_kind == CallerKind.SERVICE.value and row.principal_arn == who
    if row.principal_kind != kind:
        return False
    found = (
        events.role_name(row.principal_arn)
        if kind == "role"
        else events.user_name(row.principal_arn)
    )
    return globs.fits_name(name, found)


def _is_on(row: Event, on: str) -> bool:
    """Whether it was about that: an ARN, the end of one, or a name."""
    if on == "*":
        return True
    for arn in row.resources:
        end = [*arn.split(":", 5), ""][5] if arn.startswith("arn:") else arn
        if globs.fits(on, arn) or globs.fits_name(on, end):
            return True
        if globs.fits_name(on, events.resource_name(arn)):
            return True
    return False


def _is_so(row: Event, arguments: Arguments) -> bool:
    """Whether it came with the key, by the way and with the MFA that a check says."""
    through, mfa = arguments.get("through"), arguments.get("mfa")
    key, other = arguments.get("key"), arguments.get("other_than_key")
    return (
        (through is None or row.face == through)
        and (mfa is None or row.mfa_authenticated is mfa)
        and (key is None or row.access_key_id == key)
        and (other is None or row.access_key_id not in ("", other))
    )


def _is_topic(place: Place, arn: str, name: str) -> bool:
    parts = arn.split(":")
    return (
        len(parts) == 6
        and parts[2] == "sns"
        and parts[4] == place.account.pk
        and globs.fits(name, parts[5])
    )


# --- What is told --------------------------------------------------------------------------------


def _by(by: str | None) -> str:
    if by is None:
        return "somebody"
    if "." in by or by.startswith("arn:"):
        return by
    return principals.described(by)


def _did(names: Sequence[str], arguments: Arguments) -> str:
    told = {"success": "called", "denied": "was refused", "any": "tried"}[_outcome(arguments)]
    return f"{told} {listed(names, 'or')}"


def _how(arguments: Arguments, *, key: bool = True) -> str:
    told = ""
    if key and arguments.get("through"):
        ways = {"console": " in the console", "api": " with an access key"}
        told += ways[arguments["through"]]
    if "key" in arguments:
        told += f" with the access key {arguments['key']}"
    if "other_than_key" in arguments:
        told += f" with another access key than {arguments['other_than_key']}"
    if "mfa" in arguments:
        told += " with MFA" if arguments["mfa"] else " without MFA"
    return told


def _answer(asked: str, fitting: Sequence[Event], others: Sequence[Event]) -> Finding:
    if fitting:
        return Finding(True, asked, f"{_described(fitting[0])}", _EXPECTED)
    if others:
        told = f"There is no such event. The nearest: {_described(others[0])}"
        return Finding(False, asked, told, _EXPECTED)
    return Finding(False, asked, "There is no such event.", _EXPECTED)


def _described(row: Event) -> str:
    """One event in a sentence."""
    name = events.caller_name(row) or row.principal_kind
    role = events.role_name(row.principal_arn)
    who = f"role {role} (session {name})" if role else name
    on = f" on {listed(row.resources)}" if row.resources and row.resources != ["*"] else ""
    key = f" with the key {row.access_key_id}" if row.access_key_id else ""
    mfa = " and MFA" if row.mfa_authenticated and key else " with MFA" * row.mfa_authenticated
    outcome = {"success": "", "denied": ": refused"}.get(row.outcome, ": an error")
    at = f"{row.time:%H:%M} (UTC)"
    return f"{capital(who)} called {row.action}{on}{key}{mfa} at {at}{outcome}."
