"""Which constraint refuses SQL behind the code's back, and which refusal one of several callers at once gets."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import new_id


def settle() -> None:
    """Check the deferred constraints now, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def refuse(sql: str, *params: Any, constraint: str) -> None:
    """The writer's statement fails by this very constraint, at once or at the end of the transaction."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        cursor.execute("set constraints all immediate")
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == constraint, cause


def copy_of(table: str, row_id: object, **change: object) -> tuple[str, str, object]:
    """SQL with its values that inserts a row again, under a new id and with some columns changed."""
    return (
        f"insert into {table} select (jsonb_populate_record(old, %s::jsonb)).* from {table} old where id = %s",
        json.dumps({"id": new_id(), **change}, default=str),
        row_id,
    )


def locker_of(table: str, row_id: object) -> str:
    """The transaction that last locked or changed a row (its xmax): the same before and after means that nobody did."""
    with connection.cursor() as cursor:
        cursor.execute(f"select xmax::text from {table} where id = %s", [row_id])
        found = cursor.fetchone()
    assert found is not None
    return str(found[0])


def attempt(run: Callable[[], object]) -> str:
    """One caller, one transaction of his own: "done", or the code of the refusal. Closes the thread's connection."""
    try:
        with transaction.atomic():
            run()
    except FourflowError as error:
        return error.code
    finally:
        connection.close()
    return "done"
