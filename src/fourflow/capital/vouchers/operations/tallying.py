"""Adding up the rows of the kept totals, so that reading them stays short."""

from __future__ import annotations

from django.db import connection, transaction

# What others add meanwhile stays, for a deletion takes only rows that it saw. The plans of a small table would read a
# large one whole.
_ADD_UP = """
with new as (
  select organisation_id, state, currency, term, due_on from vouchers_tally where not summed order by id limit %(rows)s
), keys as (
  select distinct * from new
), gone as (
  delete from vouchers_tally t using keys k
   where (t.organisation_id, t.due_on, t.state, t.currency, t.term) = (k.organisation_id, k.due_on, k.state, k.currency, k.term)
  returning t.*
), sums as (
  insert into vouchers_tally
    (organisation_id, state, currency, term, due_on, vouchers, face_minor, redeemed_minor, cancelled_minor, summed)
  select organisation_id, state, currency, term, due_on,
         sum(vouchers), sum(face_minor), sum(redeemed_minor), sum(cancelled_minor), true
    from gone group by 1, 2, 3, 4, 5 having sum(vouchers) <> 0 or sum(face_minor) <> 0
)
select count(*) from new
"""


def add_up(*, rows: int = 20_000) -> int:
    """Make one row of all rows of a key, for the keys of the oldest rows not yet summed; returns how many these were.

    No total changes and no reader or writer waits. Called by a sweeper, of which one runs at a time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(_ADD_UP, {"rows": rows})
        return int(cursor.fetchone()[0])
