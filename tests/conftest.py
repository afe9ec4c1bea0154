"""What every test may use: the cast, and the browser."""

import os
import shutil
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
from django.db.models import F

from accounts import caller as callers
from accounts import vault
from accounts.caller import Caller, Face
from accounts.models import Account
from tests.cast import (
    ACCOUNT_ID,
    OTHER_ACCOUNT_ID,
    CallerWith,
    caller_of,
    document,
    new_administrator,
    new_user,
)

# How long an example takes says something about the machine, not about the code.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

NO_CHROMIUM = "Chromium is not installed"


@pytest.fixture(scope="session", autouse=True)
def key_file() -> None:
    """Make the key file that secrets and event chains need, in the run's data directory."""
    vault.create_key_file()


@pytest.fixture
def now() -> datetime:
    """The time at which every caller of the cast calls."""
    return datetime(2026, 1, 15, 12, 0, tzinfo=UTC)


@pytest.fixture
def account(db: None, now: datetime) -> Account:
    """The account in which nearly everything happens."""
    return Account.objects.create(
        id=ACCOUNT_ID, name="Example", root_email="root@example.com", created_at=now
    )


@pytest.fixture
def root(account: Account, now: datetime) -> Caller:
    """The account's root user."""
    return callers.root(account, face=Face.API, now=now, request_id="request-of-root")


@pytest.fixture
def admin(account: Account) -> Caller:
    """A user with AdministratorAccess."""
    return new_administrator(account, "admin")


@pytest.fixture
def alice(account: Account) -> Caller:
    """A user who may do nothing."""
    return caller_of(new_user(account, "alice"))


@pytest.fixture
def bob(account: Account) -> Caller:
    """Another user who may do nothing."""
    return caller_of(new_user(account, "bob"))


@pytest.fixture
def other(db: None, now: datetime) -> Account:
    """An account that has nothing to do with the first."""
    return Account.objects.create(
        id=OTHER_ACCOUNT_ID, name="Other", root_email="root@other.example", created_at=now
    )


@pytest.fixture
def eve(other: Account) -> Caller:
    """The administrator of the other account: she may do everything there and nothing here."""
    return new_administrator(other, "eve")


@pytest.fixture
def caller_with(account: Account) -> CallerWith:
    """`caller_with(*statements, name="alice")`: a user whose one policy has these statements."""

    def caller_with(*statements: dict[str, Any], name: str = "alice") -> Caller:
        user = account.users.filter(name=name).first() or new_user(account, name)
        user.account = account
        user.inline_policies.update_or_create(
            name="given", account=account, defaults={"document": document(*statements)}
        )
        # What was compiled for the user before must not be found again.
        Account.objects.filter(pk=account.pk).update(policy_epoch=F("policy_epoch") + 1)
        account.refresh_from_db(fields=["policy_epoch"])
        return caller_of(user)

    return caller_with


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Have pytest-playwright drive the system's Chromium; skip, or fail under REQUIRE_BROWSER=1."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if chromium is None:
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"REQUIRE_BROWSER=1, but {NO_CHROMIUM}")
        pytest.skip(NO_CHROMIUM)
    # Chromium's sandbox refuses to run as root, which is who tests run as in a container.
    return {"executable_path": chromium, "args": ["--no-sandbox"] if os.geteuid() == 0 else []}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = [
        report
        for report in terminalreporter.getreports("skipped")
        if isinstance(report.longrepr, tuple) and NO_CHROMIUM in report.longrepr[2]
    ]
    if skipped:
        text = f"{NO_CHROMIUM}: {len(skipped)} browser tests did NOT run"
        terminalreporter.section(text, sep="!", red=True, bold=True)
