"""Callers of several threads, each with a connection and an account row of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from accounts import caller as callers
from accounts.actions import lifecycle
from accounts.caller import Caller, Face
from accounts.models import Account


def make_account(account_id: str, now: Any) -> Account:
    given: dict[str, Any] = {"name": "Example", "root_email": f"root@{account_id}.example.com"}
    operator = callers.operator(None, now=now, request_id="r")
    return lifecycle.create_account(operator, account_id=account_id, **given).account


def root_of(account_id: str) -> Caller:
    account = Account.objects.get(pk=account_id)
    return callers.root(account, face=Face.API, now=account.created_at, request_id="r")


def closing(work: Callable[..., None]) -> Callable[..., None]:
    def run(*given: Any) -> None:
        try:
            work(*given)
        finally:
            connection.close()

    return run


def run_together(work: Callable[[int], None], number: int) -> None:
    """Do it as often in as many threads; raise what any of them raises."""
    raised: list[BaseException] = []

    def guarded(one: int) -> None:
        try:
            work(one)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=closing(guarded), args=(one,)) for one in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if raised:
        raise raised[0]
