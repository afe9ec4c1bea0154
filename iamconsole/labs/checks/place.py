"""One account of a run as checks look at it: rows are looked up once, questions are counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from accounts.models import Account
from iamconsole.labs.checks.world import World

Found = TypeVar("Found")

#: Of all checks of a step together: seconds of the processor, which are the same on a busy machine,
#: and questions to the policy engine.
SECONDS = 0.5
EVALUATIONS = 10_000


class Unanswerable(Exception):
    """A check that has no answer, so that nothing of which it is a part has one. A sentence."""


class TooLarge(Unanswerable):
    """A check that asks more than there is time for."""

    def __init__(self) -> None:
        super().__init__("This check asks about more than can be looked at in half a second.")


@dataclass
class Budget:
    """What the checks of one step may still cost."""

    until: float = field(default_factory=lambda: time.thread_time() + SECONDS)
    evaluations: int = EVALUATIONS

    def spend(self, evaluations: int = 1) -> None:
        """Take some of it. Raise TooLarge where it is used up."""
        self.evaluations -= evaluations
        if self.evaluations < 0 or time.thread_time() > self.until:
            raise TooLarge


@dataclass(frozen=True)
class Spending:
    """A budget as an argument of a function whose answers are remembered: any is the same to it."""

    budget: Budget = field(compare=False)


@dataclass(frozen=True)
class Place:
    """A world, and the account of it that a check is about."""

    world: World
    account: Account
    #: The account's name in the pack where it is not the first, empty for the first.
    name: str
    budget: Budget

    def once(self, key: tuple[Any, ...], find: Callable[[], Found]) -> Found:
        """What `find` finds in this account; looked up once for all checks of the world."""
        seen = self.world.seen
        whole = (self.account.pk, *key)
        if whole not in seen:
            self.budget.spend(0)
            seen[whole] = find()
        found: Found = seen[whole]
        return found

    def looking(self, account: Account) -> dict[Any, Any]:
        """What callers of an account have looked up, for `Caller.seen`."""
        seen: dict[Any, Any] = self.world.seen.setdefault(("looked up by", account.pk), {})
        return seen

    @property
    def here(self) -> str:
        """The end of a sentence about something in this account."""
        return f" in the account {self.name}" if self.name else ""

    @property
    def run_accounts(self) -> dict[str, Account]:
        """The accounts of the run that are still there, by their ids."""
        found: dict[str, Account] = self.world.seen[_ACCOUNTS]
        return found

    def in_account(self, account: Account) -> Place:
        """The same world, looked at from another account of the run."""
        names = [name for name, row in self.world.accounts.items() if row.pk == account.pk]
        first = next(iter(self.world.accounts), "")
        name = "" if not names or names[0] == first else names[0]
        return Place(self.world, account, name, self.budget)


_ACCOUNTS = "accounts of the run"


def enter(world: World, name: str, budget: Budget) -> Place:
    """The place of a check that names an account, or none: the first. Raise Unanswerable."""
    if _ACCOUNTS not in world.seen:
        # As they are now: under an older policy epoch, older policies would be found.
        ids = [row.pk for row in world.accounts.values()]
        world.seen[_ACCOUNTS] = Account.objects.in_bulk(ids)
    first = next(iter(world.accounts), "")
    known = world.accounts.get(name or first)
    account = world.seen[_ACCOUNTS].get(known.pk) if known is not None else None
    if account is None:
        raise Unanswerable(f"The lab has no account {name or first}.")
    return Place(world, account, "" if name in ("", first) else name, budget)
