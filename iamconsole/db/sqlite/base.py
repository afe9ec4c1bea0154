"""Django's SQLite backend made safe for many writers: sound SQLite, checked pragmas, fair queue.

Where the `pysqlite3` wheel is installed its SQLite is used, else Python's own. Only one of the two
may open a database file within one process: closing the file through one drops the locks that the
other holds on it. So nothing else in the project imports `sqlite3`.
"""

import functools
import importlib
import os
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from io import FileIO
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

try:
    import pysqlite3
    from pysqlite3 import dbapi2
except ImportError:
    import sqlite3 as pysqlite3
    from sqlite3 import dbapi2

if sys.platform == "win32":

    def _lock(_file: FileIO) -> bool:
        return True  # there is no flock: writers wait by SQLite's own, unfair polling

else:
    from fcntl import LOCK_EX, LOCK_NB, flock

    def _lock(file: FileIO) -> bool:
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            return False
        return True


# Django's backend keeps the module that it imports by the name of sqlite3 in globals, so for the
# moment of that import the name stands for ours.
_replaced = {name: sys.modules.get(name) for name in ("sqlite3", "sqlite3.dbapi2")}
sys.modules.update({"sqlite3": pysqlite3, "sqlite3.dbapi2": dbapi2})
try:
    django_backend: Any = importlib.import_module("django.db.backends.sqlite3.base")
finally:
    for _name, _module in _replaced.items():
        if _module is None:
            del sys.modules[_name]
        else:
            sys.modules[_name] = _module
if django_backend.Database is not dbapi2:
    raise ImproperlyConfigured(
        "django.db.backends.sqlite3 was imported before iamconsole.db.sqlite and would use "
        "another SQLite than it. Name iamconsole.db.sqlite as the ENGINE of every database."
    )

WAIT_SECONDS = 20  # for the write queue, and again for SQLite's own locks
_POLL_SECONDS = 0.001
#: Rows that a connection remembers.
_MOST_ROWS = 512
#: Statements that a connection keeps compiled. The wheel keeps a new one in the place of the last
#: new one once it has so many: two that take turns would then be compiled each time.
KEPT_STATEMENTS = 512


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite is free of the WAL-reset bug, through which two connections that write
    and checkpoint at the same moment lose pages (3.7.0 to 3.51.2; https://sqlite.org/wal.html).
    3.52 was withdrawn.
    """
    return version >= (3, 51, 3) and version[:2] != (3, 52)


def durable_pragmas(version: tuple[int, int, int]) -> dict[str, str | int]:
    """The pragmas, as SQLite answers them, under which a commit survives a power cut."""
    if wal_is_safe(version):
        journal: dict[str, str | int] = {"journal_mode": "wal", "synchronous": 2}  # FULL
    else:
        journal = {"journal_mode": "truncate", "synchronous": 3}  # EXTRA
    # Memory-mapped reads turn an I/O error into a crash and made the WAL-reset bug worse.
    return journal | {"foreign_keys": 1, "mmap_size": 0}


class Cursor(django_backend.SQLiteCursorWrapper):  # type: ignore[misc]  # it is Any to mypy
    """Django's cursor; each query is translated once: that takes as long as running a small one."""

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        if param_names is not None:
            return str(super().convert_query(query, param_names=param_names))
        return _with_question_marks(query)


class Operations(django_backend.DatabaseOperations):  # type: ignore[misc]
    """Django's; a row's times are read as short as can be, since every row has some."""

    def convert_datetimefield_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if isinstance(value, datetime):
            return value
        # Of an expression, which has no declared type.
        return None if value is None else _moment(value.encode())


def _moment(text: bytes) -> datetime:
    """A time as Django writes it: UTC, without saying so."""
    read = datetime.fromisoformat(text.decode())
    return read if read.tzinfo is not None else read.replace(tzinfo=UTC)


dbapi2.register_converter("datetime", _moment)


@functools.lru_cache(maxsize=1024)
def _with_question_marks(query: str) -> str:
    found: str = django_backend.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")
    return found


class DatabaseWrapper(django_backend.DatabaseWrapper):  # type: ignore[misc]  # it is Any to mypy
    """A connection whose transactions take the write lock at once, in turn with all others.

    SQLite lets waiting writers poll without order: under load one may wait for seconds while
    others pass it. So a transaction first takes an advisory lock on `<database>-lock` and keeps it
    to its end. The operating system frees the lock when the process dies. A write outside of
    `atomic` does not queue; it waits for SQLite's lock.
    """

    ops_class = Operations
    _turn: FileIO | None = None
    _queue_path: str | None = None
    _state: tuple[int, int] | None = None
    _rows: dict[Any, Any]

    #: What the doctor compares a live connection with.
    durable_pragmas = durable_pragmas(dbapi2.sqlite_version_info)

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        params.setdefault("timeout", WAIT_SECONDS)
        params.setdefault("cached_statements", KEPT_STATEMENTS)
        # A transaction that reads first and writes later cannot wait: it fails, "locked".
        self.transaction_mode = "IMMEDIATE"
        return params

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Raise ImproperlyConfigured when SQLite does not take a pragma it must have."""
        self._state = None
        _create_privately(str(conn_params["database"]))
        connection = super().get_new_connection(conn_params)
        path = next(
            row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main"
        )
        self._queue_path = f"{path}-lock" if path else None
        if not path:  # in memory: nothing to keep, and no other process to wait for
            return connection
        for name, wanted in self.durable_pragmas.items():
            if self._read_pragma(connection, name) == wanted:
                continue
            self._take_turn()  # two connections that set WAL at once refuse each other
            try:
                connection.execute(f"PRAGMA {name} = {wanted}")
            finally:
                self._end_turn()
            if (found := self._read_pragma(connection, name)) != wanted:
                connection.close()
                raise ImproperlyConfigured(
                    f"SQLite {dbapi2.sqlite_version} has {name} = {found} instead of {wanted} "
                    f"on {path}. Is the file on a local disk?"
                )
        return connection

    def unchanged_rows(self) -> dict[Any, Any]:
        """Where rows that were read may be kept: empty once anybody has changed anything.

        Asking costs a tenth of a query. Not to be asked within a transaction.
        """
        with self.wrap_database_errors:
            # What others have committed, and what this connection has changed: neither tells both.
            (others,) = self.connection.execute("PRAGMA data_version").fetchone()
            state = (others, self.connection.total_changes)
        if state != self._state or len(self._rows) > _MOST_ROWS:
            self._state, self._rows = state, {}
        return self._rows

    @staticmethod
    def _read_pragma(connection: Any, name: str) -> str | int:
        row = connection.execute(f"PRAGMA {name}").fetchone()
        return row[0] if row else 0  # no row: this SQLite was built without the feature

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        super()._commit()  # when it fails Django rolls back, and the turn lasts until then
        self._end_turn()

    def _rollback(self) -> None:
        try:
            super()._rollback()
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            self._end_turn()

    def _take_turn(self) -> None:
        """Wait for the write queue. Raise OperationalError after `WAIT_SECONDS`."""
        if self._queue_path is None:
            return
        # Opened for each transaction, so that a forked process never shares its parent's lock.
        turn = FileIO(self._queue_path, "a", opener=_open_privately)
        deadline = time.monotonic() + WAIT_SECONDS
        try:
            while not _lock(turn):
                if time.monotonic() > deadline:
                    raise OperationalError(
                        f"database is locked: no turn to write within {WAIT_SECONDS} s"
                    )
                time.sleep(_POLL_SECONDS)
        except BaseException:
            turn.close()
            raise
        self._turn = turn

    def _end_turn(self) -> None:
        if self._turn is not None:
            self._turn.close()
            self._turn = None


def _open_privately(path: str, flags: int) -> int:
    # Whoever may open the file may lock it, and so stop all writing.
    return os.open(path, flags, 0o600)


def _create_privately(path: str) -> None:
    """Make a new database file that only its owner reads; SQLite gives its others the same mode.

    A file that is there is left alone: closing it here would end every lock that this process has.
    """
    if path == ":memory:" or path.startswith("file:"):
        return
    with suppress(OSError):  # what is wrong with it, SQLite will say
        os.close(_open_privately(path, os.O_CREAT | os.O_EXCL | os.O_RDWR))
