"""botocore's models of IAM and STS, and Hypothesis values of their shapes."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import botocore.session
from hypothesis import strategies as st

#: What XML can hold.
TEXTS = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=["Cc", "Cs"],
        include_characters="\t\n\r",
        exclude_characters="\ufffe\uffff",
    ),
    max_size=8,
)
MOMENTS = st.integers(0, 4_000_000_000).map(lambda second: datetime.fromtimestamp(second, UTC))


@lru_cache
def service(name: str) -> Any:
    return botocore.session.get_session().get_service_model(name)


def operation(name: str) -> Any:
    """The model of an operation such as iam:GetUser."""
    of, _, operation = name.partition(":")
    return service(of).operation_model(operation)


OPERATIONS = [
    f"{of}:{operation}" for of in ("iam", "sts") for operation in service(of).operation_names
]


def values(shape: Any) -> st.SearchStrategy[Any]:
    """Values of a shape: small ones, structures with some of their members and at least one."""
    match shape.type_name:
        case "structure":
            members = {name: values(member) for name, member in shape.members.items()}
            some = st.fixed_dictionaries({}, optional=members)
            return some.filter(bool) if members else some
        case "list":
            return st.lists(values(shape.member), max_size=2)
        case "map":
            return st.dictionaries(values(shape.key), values(shape.value), min_size=1, max_size=2)
        case "integer":
            return st.integers(0, 2**31)
        case "boolean":
            return st.booleans()
        case "timestamp":
            return MOMENTS
        case "blob":
            return st.binary(max_size=20)
        case _:
            return TEXTS


def strangers(members: Any, shape: Any, at: str = "") -> list[str]:
    """The names in an answer's members that are not in the model, and values of another type."""
    if members is None:
        return []
    match shape.type_name:
        case "structure":
            if not isinstance(members, dict):
                return [f"{at}: no dict"]
            known = shape.members
            return [f"{at}.{name}" for name in members if name not in known] + [
                stranger
                for name, value in members.items()
                if name in known
                for stranger in strangers(value, known[name], f"{at}.{name}")
            ]
        case "list":
            if not isinstance(members, list | tuple):
                return [f"{at}: no list"]
            return [one for item in members for one in strangers(item, shape.member, f"{at}[]")]
        case "map":
            return [
                one
                for value in members.values()
                for one in strangers(value, shape.value, f"{at}{{}}")
            ]
        case scalar:
            types = {
                "string": str, "integer": int, "long": int, "boolean": bool, "timestamp": datetime,
                "blob": bytes,
            }  # fmt: skip
            return [] if isinstance(members, types[scalar]) else [f"{at}: no {scalar}"]
