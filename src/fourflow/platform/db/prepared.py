"""Queries that are built and compiled once and run many times.

Building a queryset and compiling it costs several times what PostgreSQL needs to answer by key. An operation asks a dozen such
questions, so the hot ones are written once, in the ORM's own language, with :class:`Given` where a value will stand::

    IN_FORCE = prepared(lambda: Role.objects.filter(party_id=Given("party"), valid_from__lte=Given("on")))
    IN_FORCE(party=party_id, on=today)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Expression, Field, ForeignObject, Lookup, QuerySet
from django.db.models.query import get_related_populators

Row = TypeVar("Row", covariant=True)


class Given(Expression):
    """A value that is known when the query is run; it must be of the type that the column has."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (self,)


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """``column__any=Given("ids")``: the column is one of a list, as one parameter whatever its length."""

    lookup_name = "any"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} = any({right})", (*left_params, *right_params)


class Prepared(Generic[Row]):
    """A query that waits for its values; rows are what the queryset's would be (objects, or tuples of ``values_list``)."""

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        self._build = build
        self._params: list[Any] | None = None

    def _compile(self) -> list[Any]:
        queryset: Any = self._build()
        compiler = queryset.query.get_compiler(using=connection.alias)
        self._sql, params = compiler.as_sql()
        columns = compiler.select[: compiler.col_count]
        self._model = queryset.model if queryset._fields is None else None
        if self._model:
            # what ModelIterable does, once: the row's own columns, and those of what select_related joins
            own = compiler.klass_info["select_fields"]
            self._own = slice(own[0], own[-1] + 1)
            self._names = [column[0].target.attname for column in columns[self._own]]
            self._annotated = list(compiler.annotation_col_map.items())
            populators: Any = get_related_populators  # the stubs know a later Django
            self._related = populators(compiler.klass_info, compiler.select, connection.alias)
        self._converters = compiler.get_converters([column[0] for column in columns])
        self._compiler = compiler
        return list(params)

    def __call__(self, **given: Any) -> list[Row]:
        """The rows for these values."""
        if self._params is None:
            self._params = self._compile()
        params = [given[param.name] if isinstance(param, Given) else param for param in self._params]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            rows: Any = cursor.fetchall()
        if self._converters:
            rows = map(tuple, self._compiler.apply_converters(rows, self._converters))
        if self._model is None:
            return list(rows)
        return [self._object(self._model, row) for row in rows]

    def _object(self, model: Any, row: Any) -> Any:
        found = model.from_db(connection.alias, self._names, row[self._own])
        for related in self._related:
            related.populate(row, found)
        for name, place in self._annotated:
            setattr(found, name, row[place])
        return found

    def first(self, **given: Any) -> Row | None:
        """The first row, if there is one."""
        return next(iter(self(**given)), None)


def prepared(build: Callable[[], QuerySet[Any, Row]]) -> Prepared[Row]:
    """A query to be compiled at its first use; ``build`` is called once, when models are loaded."""
    return Prepared(build)
