"""Rows by COPY into staging tables, and from there into the real ones, through every constraint and trigger.

COPY itself refuses tables with row-level security, hence the step between; a staging table is the session's own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID


def text(value: Any) -> str:
    """A value in COPY's text format."""
    kind = type(value)
    if value is None:
        return "\\N"
    if kind is int or kind is UUID:
        return str(value)
    if kind is bool:
        return "t" if value else "f"
    if kind is bytes:
        return "\\\\x" + value.hex()
    if kind is list:
        return "{" + ",".join(map(str, value)) + "}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")


@cache
def columns(model: Any) -> list[tuple[str, str, bool]]:
    """(attribute, column, is JSON) of a model, without what the database fills in itself."""
    from django.db.models import JSONField

    from fourflow.platform.db.fields import RecordedAtField

    return [
        (f.attname, f.column, isinstance(f, JSONField))
        for f in model._meta.concrete_fields
        if not isinstance(f, RecordedAtField) and not f.generated
    ]


def stage(model: Any, rows: Sequence[Any]) -> str:
    """COPY rows (objects, or tuples of all columns) into this session's staging table of a model; returns its name.

    It is emptied with the transaction.
    """
    from django.db import connection

    table, fields = model._meta.db_table, columns(model)
    name, listed = f"stage_{table}", ", ".join(f'"{column}"' for _, column, _ in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"create temporary table if not exists {name} on commit delete rows as "
            f"select {listed} from {table} with no data"
        )
        with cursor.copy(f"copy {name} ({listed}) from stdin") as copy:
            lines = []
            for row in rows:
                if type(row) is tuple:
                    lines.append("\t".join(map(text, row)))
                    continue
                values = row.__dict__
                lines.append(
                    "\t".join(
                        text(json.dumps(values[name]) if is_json and values[name] is not None else values[name])
                        for name, _, is_json in fields
                    )
                )
            copy.write("\n".join(lines) + "\n")
    return name


def insert(model: Any, rows: Sequence[Any], **begin: str) -> None:
    """Insert rows through a staging table; ``begin`` gives SQL for columns that must begin otherwise than they end."""
    from django.db import connection

    if not rows:
        return
    name = stage(model, rows)
    listed = [column for _, column, _ in columns(model)]
    chosen = ", ".join(begin.get(column, f'"{column}"') for column in listed)
    target = ", ".join(f'"{column}"' for column in listed)
    with connection.cursor() as cursor:
        cursor.execute(f"insert into {model._meta.db_table} ({target}) select {chosen} from {name}")


def finish(model: Any, *changed: str, where: str = "true") -> None:
    """Give staged rows the values that they end with."""
    from django.db import connection

    table = model._meta.db_table
    assigned = ", ".join(f"{column} = s.{column}" for column in changed)
    with connection.cursor() as cursor:
        cursor.execute(f"update {table} t set {assigned} from stage_{table} s where t.id = s.id and {where}")
