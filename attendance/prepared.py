"""Queries that Django works out once: for those few that every scan asks, spelling their SQL costs more than all else.

One that joins five tables takes Django more than a millisecond to spell; sending it and making objects of the answer
takes a third of that.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet, query

Row = TypeVar("Row", bound=Model)
Value = int | str | date


def _place(number: int, kind: type[Value]) -> Value:
    """Return a value that stands in a query for those that change, and that nobody would ask for."""
    if kind is date:
        return date(9999, 1, 1 + number)
    return 2_000_000_011 + number if kind is int else f"place {number}"


def _as_parameter(value: Any) -> Any:
    """Return a value as it stands among the parameters of a statement: SQLite has no days."""
    return connection.ops.adapt_datefield_value(value) if type(value) is date else value


@dataclass(frozen=True)
class _Ready:
    """What Django made of a query, for one connection.

    Attributes:
        compiler: Django's own, which holds the connection.
        sql: the statement.
        params: its parameters, with a place instead of each value that changes.
        converters: from columns to what models hold, as Django finds them for this database.
    """

    compiler: Any
    sql: str
    params: tuple[Any, ...]
    converters: dict[int, Any]
    names: list[str]
    populators: list[Any]

    @classmethod
    def of(cls, queryset: QuerySet[Any]) -> "_Ready":
        """Let Django work a query out."""
        compiler: Any = queryset.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        columns = [selected for selected, *_alias in compiler.select]
        names = [columns[at].target.attname for at in compiler.klass_info["select_fields"]]
        get_related_populators: Any = query.get_related_populators
        populators = get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)
        return cls(compiler, sql, params, compiler.get_converters(columns), names, populators)


class Prepared(Generic[Row]):
    """A query of models, with those it selects beside them, that differs from call to call in some values only.

    `build` returns it for any values; `kinds` says of each value whether it is a number, a text or a day.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], **kinds: type[Value]) -> None:
        self._build, self._ready = build, threading.local()
        self._places = {name: _place(number, kind) for number, (name, kind) in enumerate(kinds.items())}

    def rows(self, **values: Value) -> list[Row]:
        """Return what the query finds for these values."""
        ready = self._of_this_thread()
        given = {_as_parameter(self._places[name]): _as_parameter(value) for name, value in values.items()}
        with connection.cursor() as cursor:
            cursor.execute(ready.sql, [given.get(each, each) for each in ready.params])
            found = cursor.fetchall()
        return [self._made(ready, row) for row in ready.compiler.apply_converters(found, ready.converters)]

    def first(self, **values: Value) -> Row | None:
        """Return the first row that the query finds, None when there is none."""
        return next(iter(self.rows(**values)), None)

    def _of_this_thread(self) -> _Ready:
        """Return the query ready for the connection of this thread.

        Raises:
            RuntimeError: a value is not where it could be put in, because the query does not ask for it as it is.
        """
        if not hasattr(self._ready, "query"):
            ready = _Ready.of(self._build(**self._places))
            if not set(map(_as_parameter, self._places.values())) <= set(ready.params):
                raise RuntimeError(f"A value of {self._places} is not to be found in {ready.params}.")
            self._ready.query = ready
        found: _Ready = self._ready.query
        return found

    def _made(self, ready: _Ready, row: list[Any]) -> Row:
        model = ready.compiler.klass_info["model"]
        made: Row = model.from_db(DEFAULT_DB_ALIAS, ready.names, row[: len(ready.names)])
        for populator in ready.populators:
            populator.populate(row, made)
        return made
