"""How many statements something asks the database, without those that only a test's own transaction makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import connection

#: what a page may ask at most
CEILING = 25
#: giving the role back happens only inside a test's own transaction
NOISE = ("SAVEPOINT", "RELEASE", "ROLLBACK", "select set_config('role', 'none'")
Found = TypeVar("Found")


def asked(run: Callable[[], Found]) -> tuple[Found, list[str]]:
    """What a call gives, and the statements that it asked."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(NOISE):
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        found = run()
    return found, statements
