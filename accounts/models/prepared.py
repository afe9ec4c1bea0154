"""Queries compiled once: for the few rows that every call needs, Django's work is the ORM's SQL.

Compiling a query takes Django ten times as long as running it. What is compiled is Django's own
SQL, with Django's own conversions, so that every database gets what it always got; only the values
change from call to call.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import (
    BigIntegerField,
    BooleanField,
    CharField,
    Model,
    QuerySet,
    TextField,
)
from django.db.models.base import ModelState

Row = TypeVar("Row")
Instance = TypeVar("Instance", bound=Model)


@dataclass(frozen=True, slots=True)
class _Place:
    """Stands in a compiled query for the value with this number."""

    number: int


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A query's SQL, its parameters with a place for each value, and what makes rows of it."""

    sql: str
    parameters: Sequence[Any]
    build: Callable[[Any], Any]


class Prepared(Generic[Row]):
    """A query that finds rows by text values: `Prepared(lambda name: Rows.filter(name=name))`.

    `rows` gets stand-ins, each of which is to be compared with a text column. The queryset gives
    models, with `select_related` if need be, or tuples by `values_list`.
    """

    def __init__(self, rows: Callable[..., QuerySet[Any, Row]], values: int = 1) -> None:
        self._rows = rows
        self._values = values
        # Conversions know the connection, which each thread has for itself.
        self._kept = threading.local()

    def first(self, *values: str) -> Row | None:
        """The row of these values, or nothing."""
        found = self._found(values, 1)
        return found[0] if found else None

    def every(self, *values: str) -> list[Row]:
        """All rows of these values."""
        return self._found(values, None)

    def _found(self, values: Sequence[str], most: int | None) -> list[Row]:
        kept: dict[int | None, _Compiled] = self._kept.__dict__.setdefault("compiled", {})
        compiled = kept.get(most)
        if compiled is None:
            compiled = kept[most] = self._compile(most)
        parameters = [
            values[one.number] if isinstance(one, _Place) else one for one in compiled.parameters
        ]
        return [compiled.build(row) for row in _rows(compiled.sql, parameters)]

    def _compile(self, most: int | None) -> _Compiled:
        marks = [f"\x00{number}\x00" for number in range(self._values)]
        query = self._rows(*marks)[:most].query
        compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        return _Compiled(
            sql=sql,
            parameters=[_Place(marks.index(one)) if one in marks else one for one in parameters],
            build=_tuples(compiler) if query.values_select else _models(compiler),
        )


def _rows(sql: str, parameters: Sequence[Any]) -> Sequence[Any]:
    """The rows, as the database has them now."""
    live: Any = connections[DEFAULT_DB_ALIAS]
    live.close_if_health_check_failed()
    if live.connection is None or live.queries_logged or live.execute_wrappers:
        with live.cursor() as watched:  # somebody counts what is asked, or it is the first time
            watched.execute(sql, parameters)
            told: Sequence[Any] = watched.fetchall()
            return told
    live.validate_no_broken_transaction()
    # Of one backend only, which can tell that nothing has changed.
    kept = getattr(live, "unchanged_rows", None)
    if kept is None or live.in_atomic_block:
        return _asked(live, sql, parameters)
    remembered, key = kept(), (sql, *parameters)
    if key not in remembered:
        remembered[key] = _asked(live, sql, parameters)
    found: Sequence[Any] = remembered[key]
    return found


def _asked(live: Any, sql: str, parameters: Sequence[Any]) -> Sequence[Any]:
    """The same by the driver's own cursor."""
    with live.wrap_database_errors:
        cursor = live.create_cursor()
        try:
            cursor.execute(sql, parameters)
            found: Sequence[Any] = cursor.fetchall()
            return found
        finally:
            cursor.close()


def _tuples(compiler: Any) -> Callable[[Any], Any]:
    """What makes Python's values of the database's."""
    live = compiler.connection
    converters = [
        (position, functions, expression)
        for position, (functions, expression) in compiler.get_converters(
            [column for column, _, _ in compiler.select]
        ).items()
    ]

    def build(row: Any) -> Any:
        values = list(row)
        for position, functions, expression in converters:
            for function in functions:
                values[position] = function(values[position], expression, live)
        return tuple(values)

    return build


def _models(compiler: Any) -> Callable[[Any], Any]:
    """What Django's own `ModelIterable` does with a row, without signals."""
    values = _tuples(compiler)
    own = _model(compiler.klass_info, compiler.select)

    def build(row: Any) -> Any:
        return own(values(row))

    return build


def _model(of: Any, select: Sequence[Any]) -> Callable[[Any], Any]:
    """What makes a model, and those that it refers to, of a row's values."""
    model, columns = of["model"], of["select_fields"]
    first, last = columns[0], columns[-1] + 1
    names = [column.target.attname for column, _, _ in select[first:last]]
    key = names.index(model._meta.pk.attname)
    related = [
        (_model(each, select), each["local_setter"], each["remote_setter"])
        for each in of.get("related_klass_infos", ())
    ]

    def build(row: Any) -> Any:
        values = row[first:last]
        if values[key] is None:  # of an outer join
            return None
        made = new(model, dict(zip(names, values, strict=True)))
        made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
        for build_other, set_other, set_back in related:
            other = build_other(row)
            set_other(made, other)
            if other is not None:
                set_back(other, made)
        return made

    return build


def new(model: type[Instance], columns: Mapping[str, Any]) -> Instance:
    """A model from the values of all its columns, four times as fast as by its constructor.

    It is not in the database yet. No signals; what is left out counts as deferred.
    """
    made = model.__new__(model)
    made.__dict__.update(columns, _state=ModelState())
    return made


def insert(rows: Sequence[Model]) -> None:
    """Insert rows of one table, which have their primary keys, as `bulk_create` would.

    No signals, no dates that Django sets itself.
    """
    if not rows:
        return
    model = type(rows[0])
    columns = _kinds(model)
    read = attrgetter(*(field.attname for field, _ in columns))
    values = [
        [
            value
            if plain and type(value) in _SCALARS
            else field.get_db_prep_save(value, connection)
            for (field, plain), value in zip(columns, read(row), strict=True)
        ]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_insertion(model), values)
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update(model: type[Model], pk: Any, **values: Any) -> None:
    """Set columns of the row with this primary key."""
    names = tuple(values)
    fields = [model._meta.get_field(name) for name in names]
    prepared = [
        field.get_db_prep_save(value, connection)  # type: ignore[union-attr]
        for field, value in zip(fields, values.values(), strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(_change(model, names), [*prepared, pk])


#: Values that databases take as they are, from columns of the kinds that hold nothing else.
_SCALARS = (str, bool, int, type(None))
_PLAIN = (CharField, TextField, BooleanField, BigIntegerField)


@functools.cache
def _kinds(model: type[Model]) -> list[tuple[Any, bool]]:
    """The columns of a table, and whether Django has nothing to convert in one."""
    return [(field, type(field) in _PLAIN) for field in model._meta.concrete_fields]


@functools.cache
def _insertion(model: type[Model]) -> str:
    names = tuple(field.attname for field in model._meta.concrete_fields)
    places = ", ".join("%s" for _ in names)
    columns = ", ".join(_columns(model, names))
    return f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608


@functools.cache
def _change(model: type[Model], names: tuple[str, ...]) -> str:
    changes = ", ".join(f"{column} = %s" for column in _columns(model, names))
    (key,) = _columns(model, ("pk",))
    return f"UPDATE {_quoted(model._meta.db_table)} SET {changes} WHERE {key} = %s"  # noqa: S608


def _columns(model: type[Model], names: Sequence[str]) -> list[str]:
    fields: Any = [model._meta.pk if n == "pk" else model._meta.get_field(n) for n in names]
    return [_quoted(field.column) for field in fields]


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
