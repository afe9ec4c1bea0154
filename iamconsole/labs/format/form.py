"""Whether a file of YAML has the form that the schema asks for, and what is wrong with it if not.

What the schema's validator reports becomes a line and a sentence, with the word that was perhaps
meant.
"""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from iamconsole.labs.format import schema
from iamconsole.labs.format.contents import shown
from iamconsole.labs.format.problem import PackError, Problem
from iamconsole.labs.format.yaml_text import Path, Tree

_MOST_PROBLEMS = 50
_KINDS = {
    "object": "a mapping of keys to values",
    "array": "a list",
    "string": "text (put it in quotation marks)",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}


def check(tree: Tree, *, wrong_answer: bool = False) -> None:
    """Raise PackError with everything in which a file departs from its schema."""
    errors = _validator(wrong_answer).iter_errors(tree.value)
    found = [each for error in islice(errors, _MOST_PROBLEMS) for each in _told(error, tree)]
    if found:
        raise PackError(sorted(set(found), key=_line)[:_MOST_PROBLEMS])


def _line(problem: Problem) -> int:
    return int(problem.place.rpartition(":")[2])


@cache
def _validator(wrong_answer: bool) -> Any:
    whole = schema.schema()
    if wrong_answer:
        whole = {"$ref": "#/$defs/wrong_answer", "$defs": whole["$defs"]}
    return Draft202012Validator(whole)


def strange_character(word: str) -> str:
    """Of a word that is to be plain: the first character that only looks so, or nothing."""
    strange = next((each for each in word if not each.isascii()), None)
    if strange is None:
        return ""
    name = unicodedata.name(strange, "no character of a word")
    return f" (its {shown(strange)} is U+{ord(strange):04X}, {name})"


def suggestion(word: str, known: Iterable[str]) -> str:
    """How a sentence about an unknown word ends: which one was perhaps meant."""
    if strange := strange_character(word):
        return f"{strange}."
    by_lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(word.lower()[:60], by_lower, 1, 0.6)
    return f"; did you mean ‘{by_lower[near[0]]}’?" if near else "."


def _told(error: ValidationError, tree: Tree) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    at = tree.place(path)
    called = f"‘{path[-1]}’" if path and isinstance(path[-1], str) else "this"
    match error.validator:
        case "additionalProperties":
            yield from _unknown(error, tree, path)
        case "required":
            lacking = [name for name in error.validator_value if name not in error.instance]
            yield from (Problem(at, f"‘{name}’ is missing here.") for name in lacking)
        case "type":
            kinds = error.validator_value
            kinds = [kinds] if isinstance(kinds, str) else kinds
            wanted = " or ".join(_KINDS[kind] for kind in kinds)
            yield Problem(at, f"{_begun(called)} is to be {wanted}.")
        case "oneOf" | "anyOf" if all(set(each) == {"required"} for each in error.validator_value):
            yield _not_one(error, at, called)
        case _:
            yield Problem(at, f"{_begun(called)}{_about(error)}")


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def _unknown(error: ValidationError, tree: Tree, path: Path) -> Iterator[Problem]:
    known = list(error.schema.get("properties", ()))
    spelt = [re.compile(pattern) for pattern in error.schema.get("patternProperties", ())]
    for key in error.instance:
        if key in known or any(pattern.search(key) for pattern in spelt):
            continue
        meant = suggestion(key, known)
        if " " in key:
            meant = "; in {…} a text with a comma in it wants quotation marks."
        message = f"There is no key {shown(key)} here{meant}"
        yield Problem(tree.place((*path, key)), message)


def _not_one(error: ValidationError, at: str, called: str) -> Problem:
    """Of a check without a verb or with several, and of arguments of which one is needed."""
    choices = [each["required"][0] for each in error.validator_value]
    there = [name for name in choices if name in error.instance]
    what = "A check" if schema.COMBINED.keys() <= set(choices) else _begun(called)
    if there:
        return Problem(at, f"{what} takes one of {' and '.join(there)}, not both.")
    return Problem(at, f"{what} needs one of {', '.join(choices)}.")


def _about(error: ValidationError) -> str:
    """What is wrong with a part whose kind is right; begins where its name ends."""
    limit, size = error.validator_value, error.instance
    match error.validator:
        case "minItems" | "maxItems" if error.schema.get("minItems") == error.schema.get(
            "maxItems"
        ):
            return f" has {len(size)} and is to have exactly {limit}."
        case "minItems" | "minProperties":
            return f" is to have {limit} at least."
        case "maxItems" | "maxProperties":
            return f" has {len(size)} and may have {limit}."
        case "minLength":
            return " is empty."
        case "maxLength":
            return f" has {len(size)} characters and may have {limit}."
        case "minimum" | "maximum":
            return f" is {size}; {error.validator} is {limit}."
        case "uniqueItems":
            return " has the same thing twice."
        case "enum":
            return f" is {_value(size)}, not one of {', '.join(map(str, limit))}."
    if wanted := error.schema.get("description"):
        strange = strange_character(size) if isinstance(size, str) else ""
        return f" is {_value(size)}; wanted: {wanted}{strange}."
    return f": {' '.join(error.message.split())[:200]}."


def _value(thing: Any) -> str:
    if isinstance(thing, str):
        return shown(thing)
    return "a list" if isinstance(thing, list) else shown(json.dumps(thing))
