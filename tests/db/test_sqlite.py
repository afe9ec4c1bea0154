"""The SQLite backend: what it insists on, and that writers wait their turn and no longer."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

from iamconsole.db.sqlite import base
from tests.db.writers import create_counter

ROOT = Path(__file__).parents[2]
Connect = Callable[..., BaseDatabaseWrapper]


@pytest.fixture
def database(tmp_path: Path) -> str:
    return str(tmp_path / "scratch.sqlite3")


def open_connection(name: str, path: str) -> BaseDatabaseWrapper:
    """Put a connection under a name that `atomic(using=…)` knows, for the calling thread."""
    handler = ConnectionHandler({"default": {"ENGINE": "iamconsole.db.sqlite", "NAME": path}})
    connections[name] = base.DatabaseWrapper(handler.settings["default"], name)
    return connections[name]


@pytest.fixture
def connect(database: str, django_db_blocker) -> Iterator[Connect]:
    names = []

    def connect(name: str, path: str = database) -> BaseDatabaseWrapper:
        names.append(name)
        return open_connection(name, path)

    with django_db_blocker.unblock():
        yield connect
        for name in names:
            connections[name].close()
            del connections[name]


@pytest.fixture
def impatient(monkeypatch) -> None:
    monkeypatch.setattr(base, "WAIT_SECONDS", 0.05)


def ask(connection: BaseDatabaseWrapper, sql: str):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
        return row and row[0]


def start(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.db.writers", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def run_python(code: str, **kwargs) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, **kwargs)


CONNECT_WITHOUT_THE_WHEEL = """
import sys
sys.modules["pysqlite3"] = None
from django.conf import settings
settings.configure(DATABASES={"default": {
    "ENGINE": "iamconsole.db.sqlite", "NAME": sys.argv[1], "OPTIONS": {"timeout": 0.1}}})
from django.db import connection, transaction
with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS notes (text)")
    cursor.execute("INSERT INTO notes VALUES ('kept')")
with connection.cursor() as cursor:
    for pragma in ("journal_mode", "synchronous", "foreign_keys"):
        print(cursor.execute(f"PRAGMA {pragma}").fetchone()[0])
"""


def without_the_wheel(database: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CONNECT_WITHOUT_THE_WHEEL, database]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), False),
        ((3, 53, 0), True),
    ],
)
def test_wal_is_used_only_where_it_cannot_corrupt(version, safe):
    assert base.wal_is_safe(version) is safe
    assert base.durable_pragmas(version)["journal_mode"] == ("wal" if safe else "truncate")


def test_a_connection_is_durable_checks_foreign_keys_and_maps_no_memory(connect):
    connection = connect("a")
    safe = base.wal_is_safe(base.django_backend.Database.sqlite_version_info)
    assert ask(connection, "PRAGMA journal_mode") == ("wal" if safe else "truncate")
    assert ask(connection, "PRAGMA synchronous") == (2 if safe else 3)
    assert ask(connection, "PRAGMA foreign_keys") == 1
    assert ask(connection, "PRAGMA mmap_size") == 0
    assert ask(connection, "PRAGMA busy_timeout") == 20_000


def test_a_new_database_is_its_owners_alone(connect, tmp_path):
    usual = os.umask(0o022)
    try:
        ask(connect("a"), "CREATE TABLE notes (text)")
    finally:
        os.umask(usual)
    modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    assert "scratch.sqlite3" in modes
    assert set(modes.values()) == {0o600}


def test_a_pragma_that_sqlite_refuses_stops_the_start(connect, monkeypatch):
    monkeypatch.setattr(base.DatabaseWrapper, "durable_pragmas", {"journal_mode": "imaginary"})
    with pytest.raises(ImproperlyConfigured, match="journal_mode = delete instead of imaginary"):
        connect("a").ensure_connection()


def test_without_the_wheel_pythons_own_sqlite_serves(database):
    result = without_the_wheel(database)
    journal, synchronous, foreign_keys = result.stdout.split()
    assert (journal, synchronous) in [("truncate", "3"), ("wal", "2")], result.stderr
    assert foreign_keys == "1"


def test_a_database_that_was_written_without_the_wheel_is_taken_over(connect, database):
    without_the_wheel(database)
    assert ask(connect("a"), "SELECT text FROM notes") == "kept"


def test_an_old_sqlite_cannot_join_while_others_use_wal(connect, database):
    connection = connect("a")
    if ask(connection, "PRAGMA journal_mode") != "wal":
        pytest.skip("this SQLite is itself too old for WAL")
    ask(connection, "CREATE TABLE work (done text)")
    result = without_the_wheel(database)
    if result.stdout.startswith("wal"):
        pytest.skip("Python's own SQLite is new enough for WAL")
    assert result.returncode != 0
    assert "database is locked" in result.stderr


def test_the_rest_of_the_process_keeps_pythons_sqlite3():
    result = run_python(
        "import iamconsole.db.sqlite.base, sqlite3\n"
        "assert sqlite3.__name__ == sqlite3.dbapi2.__name__.split('.')[0] == 'sqlite3'"
    )
    assert result.returncode == 0, result.stderr


def test_djangos_backend_imported_first_is_refused():
    pytest.importorskip("pysqlite3")
    result = run_python("import django.db.backends.sqlite3.base, iamconsole.db.sqlite.base")
    assert "ImproperlyConfigured" in result.stderr


def test_a_database_in_memory_has_no_queue(connect, tmp_path):
    connection = connect("a", path="file:scratch?mode=memory&cache=shared")
    with transaction.atomic(using="a"):
        assert ask(connection, "SELECT 1") == 1
    connection.connection.close()  # Django keeps it open, lest the database be lost
    assert list(tmp_path.iterdir()) == []


def test_a_transaction_keeps_other_writers_out_until_its_end(connect, impatient):
    connect("a"), connect("b")
    with transaction.atomic(using="a"):
        with transaction.atomic(using="a"):
            pass
        with pytest.raises(OperationalError, match="database is locked"), transaction.atomic("b"):
            pass
    with transaction.atomic(using="b"):
        pass


def test_reading_needs_no_turn(connect, impatient):
    connect("a"), connect("b")
    with transaction.atomic(using="a"):
        assert ask(connections["b"], "SELECT 1") == 1


def test_a_rollback_ends_the_turn(connect, impatient):
    connect("a"), connect("b")
    with pytest.raises(KeyError), transaction.atomic(using="a"):
        raise KeyError
    with transaction.atomic(using="b"):
        pass


def test_closing_the_connection_ends_the_turn(connect, impatient):
    connect("a"), connect("b")
    with transaction.atomic(using="a"):
        connections["a"].close()
        with transaction.atomic(using="b"):
            pass


def test_a_commit_that_fails_ends_the_turn(connect, impatient):
    connection = connect("a")
    connect("b")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE parent (id integer PRIMARY KEY)")
        cursor.execute(
            "CREATE TABLE child (parent REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)"
        )
    with pytest.raises(IntegrityError), transaction.atomic(using="a"):
        ask(connection, "INSERT INTO child VALUES (1)")
    with transaction.atomic(using="b"):
        assert ask(connections["b"], "SELECT count(*) FROM child") == 0


def test_a_killed_writer_loses_its_turn_at_once(connect, database):
    connect("a").ensure_connection()
    with start("hold", database) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "holding\n"
        killer = threading.Timer(0.2, holder.kill)
        killer.start()
        with transaction.atomic(using="a"):
            assert killer.finished.is_set()
        killer.join()


def test_parallel_writers_lose_nothing_and_none_starves(connect, database):
    connection = connect("a")
    create_counter(connection)
    writers = [start("count", database, 2) for _ in range(8)]
    answers = [writer.communicate(timeout=60)[0].split() for writer in writers]
    commits = [int(number) for number, _ in answers]
    assert ask(connection, "SELECT total FROM counter") == sum(commits)
    # Without the queue, one of them waited until the others were done.
    assert min(commits) > 10, answers


def test_threads_of_one_process_wait_for_each_other(connect, database):
    create_counter(connect("a"))

    def count(name: str) -> None:
        connection = open_connection(name, database)
        for _ in range(25):
            with transaction.atomic(using=name):
                total = ask(connection, "SELECT total FROM counter")
                ask(connection, f"UPDATE counter SET total = {total + 1}")
        connection.close()

    threads = [threading.Thread(target=count, args=[f"thread-{i}"]) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ask(connections["a"], "SELECT total FROM counter") == 100


def test_rows_are_kept_until_anybody_changes_anything(connect):
    own, other = connect("a"), connect("b")
    create_counter(own)

    def kept() -> bool:
        """Whether what was kept the last time is still there; keep something."""
        rows = own.unchanged_rows()
        found = "row" in rows
        rows["row"] = 1
        return found

    assert not kept()
    assert kept()
    assert ask(own, "SELECT total FROM counter") == 0
    assert kept()
    ask(other, "UPDATE counter SET total = 1")
    assert not kept()
    assert kept()
    ask(own, "UPDATE counter SET total = 2")
    assert not kept()
    with transaction.atomic(using="b"):
        ask(other, "UPDATE counter SET total = 3")
        assert kept()
    assert not kept()
    own.close()
    own.ensure_connection()
    assert not kept()


def test_no_more_rows_are_kept_than_so_many(connect, monkeypatch):
    monkeypatch.setattr(base, "_MOST_ROWS", 3)
    own = connect("a")
    create_counter(own)
    for number in range(50):
        rows = own.unchanged_rows()
        rows[number] = number
        assert len(rows) <= 4


def test_times_are_read_in_utc_however_they_were_written(connect):
    own = connect("a")
    ask(own, "CREATE TABLE moments (moment datetime)")
    ask(own, "INSERT INTO moments VALUES ('2026-01-15 12:00:00.5')")
    expected = datetime(2026, 1, 15, 12, 0, 0, 500000, tzinfo=UTC)
    assert ask(own, "SELECT moment FROM moments") == expected
    text = ask(own, "SELECT max(moment) FROM moments")
    assert own.ops.convert_datetimefield_value(text, None, own) == expected
    assert own.ops.convert_datetimefield_value(expected, None, own) == expected
    assert own.ops.convert_datetimefield_value(None, None, own) is None
