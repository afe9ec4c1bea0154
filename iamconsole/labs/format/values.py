"""The values of a run: drawn once, and filled in wherever `{name}` stands."""

from __future__ import annotations

import random as randomness
import re
from collections.abc import Iterator, Mapping
from typing import Any

from iamconsole.labs.format.pack import Lab

#: `${user}` is a variable of policies or of a shell, and is left alone.
NAME = re.compile(r"(?<!\$)\{([a-z][a-z0-9_]{0,39})\}", re.ASCII)
#: In a pattern: so many random letters and digits.
DRAWN = re.compile(r"\{([1-9]|[12][0-9]|3[0-2])\}", re.ASCII)

_LOWER = "abcdefghijkmnopqrstuvwxyz"
_UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "0123456789"
#: Symbols that mean nothing to a shell, to JSON or to Markdown's tables.
_SYMBOLS = "-+=@"
_PASSWORD_LENGTH = 24

_OF_FIRST_ACCOUNT = ("account_id", "root_email", "root_password", "signin_url")


def builtin(accounts: tuple[str, ...]) -> frozenset[str]:
    """The names of the values that every lab with these accounts has."""
    others = {f"{account}_{name}" for account in accounts[1:] for name in _OF_FIRST_ACCOUNT}
    return frozenset({*_OF_FIRST_ACCOUNT, "endpoint", *others})


def draw(lab: Lab, random: randomness.Random) -> dict[str, str]:
    """One value for each that the lab describes; those of its accounts are not among them."""
    return {name: _drawn(described, random) for name, described in lab.values.items()}


def _drawn(described: Any, random: randomness.Random) -> str:
    match described:
        case {"one_of": [*choices]}:
            return str(random.choice(choices))
        case {"pattern": pattern}:
            return DRAWN.sub(lambda found: _word(int(found[1]), random), pattern)
        case {"password": _}:
            return _password(random)
    return str(described)


def _word(length: int, random: randomness.Random) -> str:
    # A letter first: whatever it stands in, it does not look like a number.
    rest = random.choices(_LOWER + _DIGITS, k=length - 1)
    return random.choice(_LOWER) + "".join(rest)


def _password(random: randomness.Random) -> str:
    kinds = (_LOWER, _UPPER, _DIGITS, _SYMBOLS)
    needed = [random.choice(kind) for kind in kinds]
    rest = random.choices(_LOWER + _UPPER + _DIGITS, k=_PASSWORD_LENGTH - len(needed) - 1)
    middle = needed + rest
    random.shuffle(middle)
    # A symbol in front would look like an option of a command.
    return random.choice(_LOWER + _UPPER) + "".join(middle)


def fill(thing: Any, values: Mapping[str, str]) -> Any:
    """The same text, list or dict with values in place of their names; unknown names are left."""
    if isinstance(thing, str):
        return NAME.sub(lambda found: values.get(found[1], found[0]), thing)
    if isinstance(thing, Mapping):
        return {fill(key, values): fill(inner, values) for key, inner in thing.items()}
    if isinstance(thing, list | tuple):
        return [fill(each, values) for each in thing]
    return thing


def used(thing: Any) -> Iterator[str]:
    """The names that stand in a text, list or dict."""
    if isinstance(thing, str):
        yield from NAME.findall(thing)
    elif isinstance(thing, Mapping):
        for key, inner in thing.items():
            yield from used(key)
            yield from used(inner)
    elif isinstance(thing, list | tuple):
        for each in thing:
            yield from used(each)
