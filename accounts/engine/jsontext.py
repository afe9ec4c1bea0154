"""Strict JSON for policy documents: what AWS's parser refuses is refused here, with its place."""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, NamedTuple

MAX_LENGTH = 131_072
"""The longest policy document any IAM operation takes, in characters."""

MAX_DEPTH = 16
"""Nesting beyond this is refused unread. The grammar needs six: document, list, statement,
condition block, operator, list of values."""

MAX_NUMBER = 64
"""The longest number, in characters. Nothing a condition compares needs more."""

SYNTAX_ERROR = "Syntax errors in policy."

Path = tuple[str | int, ...]
"""The way to a value: `("Statement", 0, "Action", 2)`. The document itself is `()`."""


class MalformedPolicy(ValueError):
    """A policy document that may not be saved.

    `message` is AWS's wording, `position` the (line, column) to blame, both counted from 1, or
    None where no single place is. `code` is `MalformedPolicyDocument`, or `ValidationError` where
    AWS refuses the argument before it reads the document.
    """

    def __init__(
        self,
        message: str,
        position: tuple[int, int] | None = None,
        code: str = "MalformedPolicyDocument",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.code = code


class Number(str):
    """A number as the author wrote it, so that nothing is rounded. Only conditions take numbers."""

    __slots__ = ()


class Place(NamedTuple):
    """Where a value stands, in characters from 0: its own name (or itself), its start, its end."""

    name: int
    start: int
    end: int


class Lines:
    """Turns offsets into (line, column), both counted from 1."""

    def __init__(self, text: str) -> None:
        self._breaks = [found.start() for found in re.finditer("\n", text)]

    def at(self, offset: int) -> tuple[int, int]:
        line = bisect_left(self._breaks, offset)
        start = self._breaks[line - 1] + 1 if line else 0
        return line + 1, offset - start + 1


# The characters botocore's model allows in a policyDocument.
_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\xff]")
# The closing quote is optional so that an unclosed string is swallowed once, not tried again
# from every quote inside it, which would take quadratic time.
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*"?'
_BRACKET = re.compile(_STRING + r"|[{}\[\]]", re.DOTALL)
_TOKEN = re.compile(_STRING + r'|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def check_argument(text: str) -> None:
    """Refuse what no `policyDocument` argument may be: empty, too long, or with odd characters.

    Documents that are handed in pass here; AWS's own managed policies may be longer.
    """
    if not 1 <= len(text) <= MAX_LENGTH:
        limit = "less" if text else "greater"
        bound = MAX_LENGTH if text else 1
        raise MalformedPolicy(
            "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: "
            f"Member must have length {limit} than or equal to {bound}",
            code="ValidationError",
        )
    if found := _FORBIDDEN.search(text):
        raise MalformedPolicy(
            "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: "
            r"[\u0009\u000A\u000D\u0020-\u00FF]+",
            Lines(text).at(found.start()),
            code="ValidationError",
        )


def decode(text: str, syntax_error: str = SYNTAX_ERROR) -> Any:
    """The value `text` holds; numbers as `Number`, objects as dicts.

    Raises MalformedPolicy for whatever is not JSON to the letter (trailing text, comments, NaN),
    and for duplicate names, NUL, lone surrogates, long numbers and great depth.
    """
    _check_depth(text, syntax_error)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise MalformedPolicy(syntax_error, Lines(text).at(error.pos)) from None
    except _Unwanted as error:
        raise MalformedPolicy(syntax_error, error.position(text)) from None
    if "\\u" in text:
        _check_escapes(text, value, syntax_error)
    return value


def places(text: str) -> dict[Path, Place]:
    """Where every value of a well-formed JSON text stands, by its path."""
    return dict(_walk(text))


def position(text: str, path: Path) -> tuple[int, int] | None:
    """The (line, column) where the value at `path` begins: at its name, where it has one."""
    for found, place in _walk(text, len(path)):
        if found == path:
            return Lines(text).at(place.name)
    return None


def objects(text: str) -> list[tuple[int, int]]:
    """Start and end offsets of the objects that may be statements, in order.

    Those are the objects directly inside a member of the document, or in a list that is one: much
    cheaper than `places` for what every policy needs.
    """
    found: list[tuple[int, int]] = []
    opened: list[tuple[str, int]] = []
    for token in _BRACKET.finditer(text):
        mark = token[0]
        if mark in "{[":
            opened.append((mark, token.start()))
        elif mark in "}]":
            kind, start = opened.pop()
            in_member = len(opened) == 1
            in_list = len(opened) == 2 and opened[1][0] == "["
            if kind == "{" and (in_member or in_list):
                found.append((start, token.end()))
    return found


class _Unwanted(Exception):
    """Something `json` accepts and a policy may not hold."""

    def position(self, text: str) -> tuple[int, int] | None:
        """Where it stands; found by reading the text again, since `json` doesn't say."""
        lines, seen = Lines(text), set()
        for path, place in _walk(text):
            word = text[place.start : place.end]
            if path in seen or (word[0] not in '"{[' and _is_unwanted(word)):
                return lines.at(place.name)
            seen.add(path)
        return None


def _is_unwanted(word: str) -> bool:
    if word in ("true", "false", "null"):
        return False
    return len(word) > MAX_NUMBER or word.lstrip("-")[0] in "NI" or abs(float(word)) == float("inf")


def _number(word: str) -> Number:
    if _is_unwanted(word):
        raise _Unwanted
    return Number(word)


def _constant(word: str) -> None:
    raise _Unwanted


def _object(members: list[tuple[str, Any]]) -> dict[str, Any]:
    unique = dict(members)
    if len(unique) != len(members):
        raise _Unwanted
    return unique


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_number, parse_float=_number, parse_constant=_constant
)


def _check_depth(text: str, syntax_error: str) -> None:
    depth = 0
    for token in _BRACKET.finditer(text):
        mark = token[0]
        if mark in "{[":
            depth += 1
            if depth > MAX_DEPTH:
                raise MalformedPolicy(syntax_error, Lines(text).at(token.start()))
        elif mark in "}]":
            depth -= 1


def _check_escapes(text: str, value: Any, syntax_error: str) -> None:
    r"""Refuse what only an escape can bring in: `\u0000` and half a surrogate pair."""
    for path, word in _strings((), value):
        if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in word):
            raise MalformedPolicy(syntax_error, position(text, path))


def _strings(path: Path, value: Any) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield (*path, name), name
            yield from _strings((*path, name), member)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _strings((*path, index), member)


class _Frame:
    """An object or list that is still open, and the member that comes next in it."""

    __slots__ = ("in_object", "member", "named_at", "parent", "start")

    def __init__(self, parent: "_Frame | None", start: int, in_object: bool) -> None:
        self.parent = parent
        self.start = start
        self.in_object = in_object
        self.member: str | int | None = None if in_object else 0
        self.named_at: int | None = None

    def path(self) -> Path:
        """The path of the member that comes next."""
        above = self.parent.path() if self.parent else ()
        return (*above, self.member if self.member is not None else 0)


def _walk(text: str, depth: int | None = None) -> Iterator[tuple[Path, Place]]:
    """Every value of a well-formed text with its path, inner values before outer ones.

    With `depth`, only the values whose path is so long.
    """
    frames: list[_Frame] = []
    for token in _TOKEN.finditer(text):
        word, start, end = token[0], token.start(), token.end()
        frame = frames[-1] if frames else None
        if word == ":":
            continue
        if word in "{[":
            frames.append(_Frame(frame, start, word == "{"))
            continue
        if word == "," and frame is not None:
            frame.member = None if frame.in_object else int(frame.member or 0) + 1
            frame.named_at = None
            continue
        if word in "}]":
            start = frames.pop().start
            frame = frames[-1] if frames else None
        elif frame is not None and frame.member is None:
            frame.member = json.loads(word)
            frame.named_at = start
            continue
        if depth is None or depth == len(frames):
            name = start if frame is None or frame.named_at is None else frame.named_at
            yield frame.path() if frame else (), Place(name, start, end)
