"""Events of reads that wait in files: none is lost, none comes twice, and readers miss none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from accounts import event_chain, events, spool
from accounts.actions import users
from accounts.caller import Caller
from accounts.errors import AccessDenied, NoSuchEntity
from accounts.models import Account, Event, SpoolFile

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    """Where the files are."""
    settings.SPOOL = tmp_path / "spool"
    return tmp_path / "spool"


@pytest.fixture
def spooling(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process is one that serves, but for the thread that takes in: tests do that."""
    monkeypatch.setattr(events, "_keep_up", lambda own: None)
    events.spool_reads()
    yield
    events.write_directly()


def read(caller: Caller, times: int = 1) -> None:
    for _ in range(times):
        users.list_users(caller)


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


# --- What waits, and for whom ---------------------------------------------------------------------


def test_a_read_waits_until_somebody_reads_the_record(root: Caller, spooling: None) -> None:
    read(root)
    assert not Event.objects.exists()
    events.catch_up()
    found = Event.objects.get()
    assert (found.action, found.outcome, found.read_only) == ("iam:ListUsers", "success", True)
    assert (found.time, found.account, found.principal_arn) == (root.now, root.home, root.arn)
    assert event_chain.broken_link(root.home) is None


def test_a_read_that_waited_is_the_same_as_one_that_did_not(
    root: Caller, spooling: None, folder: Path
) -> None:
    def columns(row: Event) -> dict[str, Any]:
        own = ("id", "sequence", "chain")
        names = [field.attname for field in Event._meta.concrete_fields]
        return {name: getattr(row, name) for name in names if name not in own}

    users.create_user(root, user_name="zoe")
    users.get_user(root, user_name="zoe")
    events.catch_up()
    events.write_directly()
    users.get_user(root, user_name="zoe")
    waited, direct = Event.objects.filter(action="iam:GetUser").order_by("sequence")
    assert columns(waited) == columns(direct)


def test_changes_refusals_and_errors_do_not_wait(
    root: Caller, alice: Caller, spooling: None, folder: Path
) -> None:
    users.create_user(root, user_name="carol")
    with pytest.raises(AccessDenied):
        users.list_users(alice)
    with pytest.raises(NoSuchEntity):
        users.get_user(root, user_name="nobody")
    outcomes = Event.objects.order_by("sequence").values_list("outcome", flat=True)
    assert list(outcomes) == ["success", "denied", "error"]
    assert files(folder) == []


def test_of_one_request_the_reads_wait_and_the_refusals_do_not(
    root: Caller, alice: Caller, spooling: None
) -> None:
    journal: list[Event] = []
    for caller, outcome in ((root, "success"), (alice, "denied"), (root, "success")):
        journal.append(
            events.describe(caller, "iam:ListUsers", outcome=outcome, read_only=True, parameters={})
        )
    events.write(journal)
    assert [row.outcome for row in Event.objects.all()] == ["denied"]
    events.catch_up()
    assert Event.objects.count() == 3


def test_a_process_that_does_not_serve_writes_to_the_database(root: Caller, folder: Path) -> None:
    read(root)
    assert Event.objects.count() == 1
    assert files(folder) == []


def test_within_a_transaction_events_go_with_it(root: Caller, spooling: None, folder: Path) -> None:
    with transaction.atomic():
        read(root)
        transaction.set_rollback(True)
    events.catch_up()
    assert not Event.objects.exists()


def test_where_the_file_can_not_be_written_the_database_is(
    root: Caller, spooling: None, folder: Path
) -> None:
    folder.write_text("in the way")
    read(root)
    assert Event.objects.count() == 1


def test_half_a_line_on_a_full_disk_is_written_to_the_database_and_joined_to_nothing(
    root: Caller, spooling: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(root)
    real = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda file, line: real(file, line[:40]))
        read(root)
    assert Event.objects.count() == 1
    read(root)
    events.catch_up()
    assert Event.objects.count() == 3


# --- Taking in -----------------------------------------------------------------------------------


def test_nothing_comes_twice_however_often_it_is_taken_in(root: Caller, spooling: None) -> None:
    for _ in range(3):
        read(root, 2)
        events.catch_up()
        events.catch_up()
    assert Event.objects.count() == 6
    assert event_chain.broken_link(root.home) is None


def test_many_threads_write_and_take_in_at_once(
    root: Caller, spooling: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "LARGEST", 5000)

    def work(number: int) -> None:
        for _ in range(20):
            read(root)
            if number % 4 == 0:
                events.catch_up()
        connection.close()

    with ThreadPoolExecutor(8) as several:
        list(several.map(work, range(8)))
    events.catch_up()
    assert Event.objects.count() == 160
    assert event_chain.broken_link(root.home) is None


def test_a_file_stays_as_long_as_its_process_writes_to_it(
    root: Caller, spooling: None, folder: Path
) -> None:
    read(root)
    events.catch_up()
    assert len(files(folder)) == 1
    read(root)
    events.write_directly()
    events.catch_up()
    assert files(folder) == []
    assert not SpoolFile.objects.exists()
    assert Event.objects.count() == 2


def test_files_do_not_grow_without_end(
    root: Caller, spooling: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "LARGEST", 1000)
    read(root, 5)
    assert len(files(folder)) > 1
    events.catch_up()
    assert len(files(folder)) == 1
    assert Event.objects.count() == 5


def test_whoever_died_while_taking_in_has_taken_in_nothing(
    root: Caller, spooling: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(root, 3)

    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr(SpoolFile, "save", fail)
        events.catch_up()  # the record can still be read, as it is
        assert not Event.objects.exists()
    events.catch_up()
    assert Event.objects.count() == 3


def test_a_file_that_was_taken_in_and_not_removed_is_not_taken_in_again(
    root: Caller, spooling: None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(root, 3)
    events.write_directly()
    with monkeypatch.context() as patched:
        patched.setattr(spool, "remove_if_ended", lambda *_: False)
        events.catch_up()
    assert len(files(folder)) == 1
    events.catch_up()
    assert files(folder) == []
    assert Event.objects.count() == 3


def test_lines_that_nobody_can_read_hold_nothing_up(
    root: Caller, spooling: None, folder: Path
) -> None:
    read(root)
    [file] = files(folder)
    with file.open("ab") as torn:
        torn.write(b'[{"id":1}]\n\x00\x00\n{}\n[[]]\n"text"\nnull\n')
    read(root)
    with file.open("ab") as torn:
        torn.write(b'[{"id":"half')
    events.write_directly()
    events.catch_up()
    assert Event.objects.count() == 2
    assert files(folder) == []


def test_events_of_an_account_that_was_deleted_meanwhile_go_with_it(
    root: Caller, eve: Caller, spooling: None
) -> None:
    read(root)
    read(eve)
    Account.objects.filter(pk=root.home.pk).delete()
    events.catch_up()
    assert [row.account for row in Event.objects.all()] == [eve.home]


def test_what_comes_late_has_its_own_time_and_a_whole_chain(root: Caller, spooling: None) -> None:
    read(root)
    users.create_user(root, user_name="carol")
    events.catch_up()
    assert list(Event.objects.order_by("sequence").values_list("action", flat=True)) == [
        "iam:CreateUser",
        "iam:ListUsers",
    ]
    assert event_chain.broken_link(root.home) is None


# --- Processes ------------------------------------------------------------------------------------


def test_what_waits_is_taken_in_by_itself_before_long(
    root: Caller, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_LOOK_EVERY", 0.01)
    events.spool_reads()
    try:
        read(root)
        end = time.monotonic() + 10
        while not Event.objects.exists() and time.monotonic() < end:
            time.sleep(0.02)
        assert Event.objects.count() == 1
    finally:
        events.write_directly()
        for thread in threading.enumerate():
            if thread.name == "spool":
                thread.join(10)


def test_a_forked_child_does_not_write_to_its_parents_file(spooling: None) -> None:
    child = os.fork()
    if child == 0:
        os._exit(0 if events._spool is None else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert events._spool is not None


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """`run("read", 5)`: a process of its own, in an installation of its own."""
    names = ("BASE_URL", "DATABASE_URL", "HOST", "PORT", "TRUSTED_PROXY")
    environment = {**os.environ, **dict.fromkeys(names, ""), "DATA_DIR": str(tmp_path / "other")}

    def run(*task: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.accounts.spooling", *map(str, task)]
        return subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )

    return run


def test_a_killed_process_loses_nothing_and_two_that_take_in_at_once_double_nothing(
    run: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> None:
    assert run("begin").wait(60) == 0
    killed = [run("read", 300) for _ in range(2)]
    assert [process.wait(60) for process in killed] == [-signal.SIGKILL] * 2
    assert len(files(tmp_path / "other" / "spool")) == 2
    taking = [run("catch-up") for _ in range(2)]
    assert [process.wait(60) for process in taking] == [0] * 2
    assert files(tmp_path / "other" / "spool") == []
    assert run("tell").communicate(timeout=60)[0].split() == ["600", "None"]
