"""What is asked (Request, Context) and what it is asked of (Policy, Policies)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .document import Document
from .principals import Principal


class Context(Mapping[str, str | tuple[str, ...]]):
    """The request context: condition keys, compared without case, and their values as text.

    A value is a text, or a sequence of texts for a key that may have several. An empty sequence
    is no value: the key counts as absent. Raises TypeError for anything else, since `True` and
    "true" must not be confused.
    """

    __slots__ = ("entries",)

    def __init__(self, values: Mapping[str, str | Sequence[str]] | None = None) -> None:
        self.entries: dict[str, str | tuple[str, ...]] = {}
        for key, value in (values or {}).items():
            if not isinstance(value, str):
                value = tuple(value)
                if not all(isinstance(each, str) for each in value):
                    raise TypeError(f"the values of {key} must be text")
            if value != ():
                self.entries[key.lower()] = value

    def __getitem__(self, key: str) -> str | tuple[str, ...]:
        return self.entries[key.lower()]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True, slots=True)
class Request:
    """One question. `resource` is an ARN, or `*` where the action knows no resources.

    `resource_account` is the account that owns the resource; None means the principal's own.
    """

    action: str
    resource: str
    context: Context
    principal: Principal | None = None
    resource_account: str | None = None

    @property
    def same_account(self) -> bool:
        principal, owner = self.principal, self.resource_account
        return principal is None or owner is None or owner == principal.account


@dataclass(frozen=True, slots=True)
class Policy:
    """A document and where it comes from.

    `source` is one of AWS's PolicySourceType values (user, group, role, aws-managed, user-managed,
    resource, none); `via` the group through which it reaches a user.
    """

    document: Document
    name: str
    arn: str | None = None
    source: str = "user-managed"
    via: str | None = None
