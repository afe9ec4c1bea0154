"""How findings put things: lists, counts, and what is too long for a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: Characters of one name in a sentence, and of a whole sentence.
_LONGEST_NAME, _LONGEST = 300, 1200
_SHOWN = 3
_OUR_WORDS = frozenset(
    "a all an bucket customer every group inline instance it no nothing only policy role somebody "
    "the user".split()
)


def clipped(text: str, longest: int = _LONGEST_NAME) -> str:
    """The text, or its beginning."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def listed(words: Iterable[str], last: str = "and") -> str:
    """`a, b and c`; of many the first three, and how many more."""
    found = [clipped(each) for each in dict.fromkeys(words)]
    if len(found) > _SHOWN + 1:
        found = [*found[:_SHOWN], f"{len(found) - _SHOWN} more"]
        last = "and"
    if len(found) < 2:
        return "".join(found)
    return f"{', '.join(found[:-1])} {last} {found[-1]}"


def counted(number: int, noun: str, several: str = "") -> str:
    """`1 key`, `2 keys`, `no key`."""
    if number == 1:
        return f"1 {noun}"
    return f"{number:,} {several or noun + 's'}" if number else f"no {noun}"


def there_is(number: int, noun: str) -> str:
    """`There are 2 objects`."""
    return f"There {'are' if number > 1 else 'is'} {counted(number, noun)}"


def capital(text: str) -> str:
    """The text as a sentence begins: names of people, policies and actions keep their case."""
    ours = text.partition(" ")[0] in _OUR_WORDS
    return text[:1].upper() + text[1:] if ours else text


def as_list(one_or_several: str | Sequence[str]) -> list[str]:
    """What may be written as one text or as a list of them."""
    return [one_or_several] if isinstance(one_or_several, str) else list(one_or_several)


def sentence(text: str) -> str:
    """The text, no longer than a report needs."""
    return clipped(text, _LONGEST)
