"""People's reads: a transaction under the reader role, with the acting organisation known to row-level security."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from fourflow.platform.db.visibility import Viewer


@contextmanager
def reading(actor: Viewer) -> Iterator[None]:
    """Run the block as ``fourflow_reader`` for the actor's organisation; a forgotten ``visible_to`` then shows nothing more.

    Inside another transaction (tests, a read within an operation) the role is given back at the end of the block.
    """
    organisation = str(actor.organisation_id) if actor.organisation_id else ""
    account = str(actor.account_id) if actor.account_id else ""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "select set_config('fourflow.organisation', %s, true), set_config('fourflow.sees_all', %s, true), "
                "set_config('fourflow.account', %s, true), set_config('role', 'fourflow_reader', true)",
                [organisation, "yes" if actor.sees_all else "", account],
            )
        try:
            yield
        finally:
            if connection.savepoint_ids and not connection.needs_rollback:
                with connection.cursor() as cursor:
                    cursor.execute(
                        "select set_config('role', 'none', true), set_config('fourflow.organisation', '', true), "
                        "set_config('fourflow.sees_all', '', true), set_config('fourflow.account', '', true)"
                    )
