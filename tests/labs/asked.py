"""How tests ask checks: a run's accounts without the run, and one check in a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from accounts.models import Account
from iamconsole.labs.checks import asking
from iamconsole.labs.checks.finding import Finding
from iamconsole.labs.checks.world import World
from iamconsole.labs.format.pack import Check


def world_of(account: Account, partner: Account | None = None, **more: Any) -> World:
    """The world of a run with this account, and maybe a second one."""
    accounts = {"main": account} | ({"partner": partner} if partner is not None else {})
    values: Mapping[str, str] = more.pop("values", {"account_id": account.pk})
    return World(accounts=accounts, values=values, now=account.created_at, **more)


def check(verb: str, arguments: Any = None, *, fail: str = "", account: str = "") -> Check:
    """A check as a pack has it: groups get a list of (verb, arguments)."""
    if verb in ("any_of", "all_of", "not"):
        inner = [arguments] if verb == "not" else arguments
        parts = tuple(check(*each) if isinstance(each, tuple) else each for each in inner)
        return Check(verb, {}, fail=fail, account=account, checks=parts)
    return Check(verb, arguments or {}, fail=fail, account=account)


def ask(world: World, verb: str, **arguments: Any) -> Finding:
    """The finding of one check, everything looked at anew."""
    world.seen.clear()
    in_account = arguments.pop("in_account", "")
    return asking.ask(world, check(verb, arguments, account=in_account))
