"""Adding up the rows of the kept totals, so that reading them stays short."""

from __future__ import annotations

from django.db import connection, transaction

#: rows of one key that are left alone: adding up costs more than reading a few
LEFT = 8
# What is added meanwhile by others stays, for a deletion takes only rows that it saw.
_ADD_UP = """
with many as (
  select organisation_id, state, currency, term from vouchers_tally
   group by 1, 2, 3, 4 having count(*) > %(left)s limit %(keys)s
), gone as (
  delete from vouchers_tally t using many m
   where t.organisation_id is not distinct from m.organisation_id
     and (t.state, t.currency, t.term) = (m.state, m.currency, m.term)
  returning t.*
), sums as (
  insert into vouchers_tally
    (organisation_id, state, currency, term, vouchers, face_minor, redeemed_minor, cancelled_minor)
  select organisation_id, state, currency, term, sum(vouchers), sum(face_minor), sum(redeemed_minor), sum(cancelled_minor)
    from gone group by 1, 2, 3, 4
)
select count(*) from many
"""


def add_up(*, keys: int = 1000) -> int:
    """Make one row of the rows of a key (organisation, state, currency, term) that has many; returns how many keys.

    No total changes and no reader or writer waits. Called by a sweeper, of which one runs at a time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ADD_UP, {"left": LEFT, "keys": keys})
        return int(cursor.fetchone()[0])
