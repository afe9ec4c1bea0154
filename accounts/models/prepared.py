"""Queries compiled once: for the few rows that every call needs, Django's work is the ORM's SQL.

Compiling a query takes Django ten times as long as running it. What is compiled is Django's own
SQL, with Django's own conversions, so that every database gets what it always got; only the values
change from call to call.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators  # type: ignore[attr-defined]

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A query's SQL, its parameters with a place for each value, and how rows are converted."""

    sql: str
    parameters: Sequence[Any]
    compiler: Any
    converters: Any
    klass_info: Any
    populators: Sequence[Any]


@dataclass(frozen=True, slots=True)
class _Place:
    """Stands in a compiled query for the value with this number."""

    number: int


class Prepared(Generic[Row]):
    """A query that finds one row by text values: `Prepared(lambda name: Rows.filter(name=name))`.

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
        compiled: _Compiled | None = getattr(self._kept, "compiled", None)
        if compiled is None:
            compiled = self._kept.compiled = self._compile()
        parameters = [
            values[one.number] if isinstance(one, _Place) else one for one in compiled.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, parameters)
            row = cursor.fetchone()
        if row is None:
            return None
        return _built(compiled, row)

    def _compile(self) -> _Compiled:
        marks = [f"\x00{number}\x00" for number in range(self._values)]
        query = self._rows(*marks)[:1].query
        compiler = query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        select = compiler.select or []
        return _Compiled(
            sql=sql,
            parameters=[_Place(marks.index(one)) if one in marks else one for one in parameters],
            compiler=compiler,
            converters=compiler.get_converters([column for column, _, _ in select]),
            klass_info=compiler.klass_info if not query.values_select else None,
            populators=get_related_populators(compiler.klass_info, select, DEFAULT_DB_ALIAS)
            if not query.values_select
            else (),
        )


def _built(compiled: _Compiled, row: Any) -> Any:
    if compiled.converters:
        (row,) = compiled.compiler.apply_converters([row], compiled.converters)
    if compiled.klass_info is None:
        return tuple(row)
    columns = compiled.klass_info["select_fields"]
    names = [compiled.compiler.select[place][0].target.attname for place in columns]
    made = compiled.klass_info["model"].from_db(
        DEFAULT_DB_ALIAS, names, row[columns[0] : columns[-1] + 1]
    )
    for populator in compiled.populators:
        populator.populate(row, made)
    return made


def insert(row: Model) -> None:
    """Insert a row as `save(force_insert=True)` would, without signals."""
    fields = type(row)._meta.concrete_fields
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(_insertion(type(row)), values)
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


@functools.cache
def _insertion(model: type[Model]) -> str:
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in model._meta.concrete_fields)
    places = ", ".join("%s" for _ in model._meta.concrete_fields)
    return f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608


@functools.cache
def _change(model: type[Model], names: tuple[str, ...]) -> str:
    quote = connection.ops.quote_name
    columns = [model._meta.get_field(name).column for name in names]  # type: ignore[union-attr]
    key = quote(model._meta.pk.column)
    changes = ", ".join(f"{quote(column)} = %s" for column in columns)
    return f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {key} = %s"  # noqa: S608
