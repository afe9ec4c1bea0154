"""Parts of a page that are allowed or refused one by one, each with an action of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from accounts.arns import Resource
from accounts.authorize import could_allow, would_allow
from accounts.caller import Caller
from accounts.errors import AccessDenied, ServiceError


@dataclass(frozen=True, slots=True)
class Panel:
    """What an action returned, or why it did not."""

    value: Any = None
    error: ServiceError | None = None


def panel(action: Callable[..., Any], caller: Caller, **arguments: Any) -> Panel:
    """Call a reading action and keep its refusal for the panel to show."""
    try:
        return Panel(action(caller, **arguments))
    except ServiceError as error:
        return Panel(error=error)


def subject(action: Callable[..., Any], caller: Caller, **arguments: Any) -> Panel:
    """The same for what the whole page is about: only a denial is kept.

    Where the thing is not there, or nothing can have that name, the page isn't there either.
    """
    found = panel(action, caller, **arguments)
    if found.error is not None and not isinstance(found.error, AccessDenied):
        raise found.error
    return found


class Missing(str):
    """The action that a button's `denied` names, with the resource it was asked for."""

    resource: str


def missing(caller: Caller, action: str, resource: Resource, **arguments: Any) -> str:
    """The action's name where the caller may not do it, else nothing: a button's `denied`."""
    if would_allow(caller, action, resource, **arguments).allowed:
        return ""
    lacking = Missing(action)
    lacking.resource = resource.arn
    return lacking


def missing_everywhere(caller: Caller, action: str) -> str:
    """The same where it is not known yet what on: only what no policy allows at all is missing."""
    return "" if could_allow(caller, action) else action


def missing_all(caller: Caller, actions: Iterable[str]) -> str:
    """Actions that do the same to different things, where no policy allows any of them."""
    lacking = [missing_everywhere(caller, action) for action in actions]
    return " or ".join(lacking) if all(lacking) else ""


def missing_of(
    caller: Caller, actions: Iterable[str], resource: Resource, **arguments: Any
) -> dict[str, str]:
    """The same for several buttons: by each action's bare name, such as `DeleteUser`."""
    return {
        action.partition(":")[2]: missing(caller, action, resource, **arguments)
        for action in actions
    }
