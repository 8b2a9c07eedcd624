"""Adding up the rows of the kept totals, so that reading them stays short; counting anew where they are wrong."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from fourflow.capital.vouchers.events import TotalsCorrected
from fourflow.capital.vouchers.models import WHOLE
from fourflow.capital.vouchers.queries.totals import COUNTED_AND_KEPT
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.ids import new_id

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
    from gone group by 1, 2, 3, 4, 5
  having (sum(vouchers), sum(face_minor), sum(redeemed_minor), sum(cancelled_minor)) <> (0, 0, 0, 0)
)
select count(*) from new
"""

# Nobody waits, and nothing is lost: the register and its totals change in the same transaction, and one statement sees both as
# of one moment. What is wrong at that moment is wrong by as much whatever is committed before this, beside it, or later.
_CORRECT = f"""
{COUNTED_AND_KEPT}, wrong as (
  select organisation_id, state, currency, term, due_on,
         coalesce(c.vouchers, 0) - coalesce(k.vouchers, 0) as vouchers, coalesce(c.face, 0) - coalesce(k.face, 0) as face,
         coalesce(c.redeemed, 0) - coalesce(k.redeemed, 0) as redeemed,
         coalesce(c.cancelled, 0) - coalesce(k.cancelled, 0) as cancelled
    from counted c full join kept k using (organisation_id, state, currency, term, due_on)
)
insert into vouchers_tally
  (organisation_id, state, currency, term, due_on, vouchers, face_minor, redeemed_minor, cancelled_minor)
select * from wrong where (vouchers, face, redeemed, cancelled) <> (0, 0, 0, 0)
 order by organisation_id, state, currency, term, due_on
returning organisation_id, state, currency, term, due_on, vouchers, face_minor, redeemed_minor, cancelled_minor
"""
#: of two that count at once the second would correct again what the first has corrected and not yet committed
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('vouchers.recount', 0))"


def add_up(*, rows: int = 20_000) -> int:
    """Make one row of all rows of a key, for the keys of the oldest rows not yet summed; returns how many these were.

    No total changes and no reader or writer waits. Called by a sweeper, of which one runs at a time.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(_ADD_UP, {"rows": rows})
        return int(cursor.fetchone()[0])


@joins
def recount(*, by: str, effective_at: datetime) -> TotalsCorrected | None:
    """Count every kept total anew and correct what differs from the register, while everything goes on.

    ``by`` is the account of the machine that the command ran under. The fact names every correction, for a difference means
    that somebody wrote past the triggers; None: nothing differs, nothing is written. Reads every voucher.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        cursor.execute(_CORRECT, {"whole": WHOLE})
        names = [column.name for column in cursor.description or ()]
        found = tuple(dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    if not found:
        return None
    fact = TotalsCorrected(subject_id=new_id(), effective_at=effective_at, by=by, corrections=found)
    events.publish(fact)
    return fact
