"""For each row of a list: may the caller read what AWS tells by a call of its own?"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from accounts import arns
from accounts.arns import Resource
from accounts.authorize import how_far, would_allow
from accounts.caller import Caller
from accounts.engine import Access


class Verdicts:
    """The answers for one list, asked in memory and without events: nothing is done.

    Where policies say the same of every user (or group, or role) one answer does for all rows; only
    where they tell them apart each row is asked for. `kind` is the ARN's, `resource_of` a row's
    resource, `argument` what the operations call the row's name.
    """

    def __init__(
        self, caller: Caller, kind: str, resource_of: Callable[[Any], Resource], argument: str
    ) -> None:
        self._caller = caller
        self._all_of_them = arns.iam(caller.home, f"{kind}/*")
        self._resource_of = resource_of
        self._argument = argument
        self._levels: dict[str, Access] = {}

    def everywhere(self, actions: Iterable[str]) -> bool:
        """Whether the caller may do all this to every one: then its order gives nothing away."""
        return all(self._level(action) is Access.FULL for action in actions)

    def missing(self, actions: Iterable[str], row: Any) -> str:
        """The first of the actions that the caller may not do to the row, or nothing."""
        resource = None
        for action in actions:
            level = self._level(action)
            if level is Access.NONE:
                return action
            if level is Access.FULL:
                continue
            resource = resource or self._resource_of(row)
            named = {self._argument: row.name}
            if not would_allow(self._caller, action, resource, **named).allowed:
                return action
        return ""

    def _level(self, action: str) -> Access:
        if action not in self._levels:
            self._levels[action] = how_far(self._caller, action, self._all_of_them)
        return self._levels[action]
