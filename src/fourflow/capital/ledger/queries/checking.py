"""Whether the ledger is what its transfers say, and what evidence covers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection

from fourflow.capital.ledger.types import Difference, Verification
from fourflow.platform.events.types import Evidenced

_CONTENT = "select id, reference, encode(digest, 'hex'), size, effective_at, ledger_batch_content(id) from ledger_batch"


def verify() -> Verification:
    """Recompute every balance, checkpoint and digest from the transfers; read-only, reads the whole ledger.

    ``root`` is the SHA-256 over the digests of all batches in order: equal roots, equal ledgers.
    """
    with connection.cursor() as cursor:
        cursor.execute("select what, key, expected, found from ledger_verify()")
        differences = tuple(Difference(*row) for row in cursor.fetchall())
        cursor.execute(
            "select (select count(*) from ledger_account), count(*), (select count(*) from ledger_transfer), "
            "encode(sha256(coalesce(string_agg(digest, ''::bytea order by id), ''::bytea)), 'hex') from ledger_batch"
        )
        accounts, batches, transfers, root = cursor.fetchone()
    return Verification(accounts, batches, transfers, root, differences)


def imbalance() -> dict[str, int]:
    """Debits less credits by currency, posted and pending, in minor units and added up over books without their signs.

    Zero in each, whatever happens: every transfer has both sides. Reads the balances only; :func:`verify` reads everything.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select currency, sum(abs(posted) + abs(pending))::bigint from ("
            "select currency, sum(debits_posted) - sum(credits_posted) as posted, "
            "sum(debits_pending) - sum(credits_pending) as pending "
            "from ledger_balance group by currency, book_id) books group by currency order by currency"
        )
        return dict(cursor.fetchall())


def _evidenced(
    number: int, reference: str, digest: str, size: int, effective_at: datetime, content: str | None
) -> Evidenced:
    asked = {"reference": reference, "digest": digest, "size": size, "effective_at": effective_at}
    return Evidenced("ledger_batch", str(number), asked | {"content": content or ""})


def evidence_of(batch_id: int) -> Evidenced:
    """A batch as evidence sees it: bind it into the event of the fact that was posted."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_CONTENT} where id = %s", [batch_id])
        return _evidenced(*cursor.fetchone())


def evidenced() -> Iterator[Evidenced]:
    """All batches, each with the digest of its transfers as they stand now and of the names of their accounts."""
    after = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute(f"{_CONTENT} where id > %s order by id limit 1000", [after])
            rows = cursor.fetchall()
            if not rows:
                return
            yield from (_evidenced(*row) for row in rows)
            after = rows[-1][0]
