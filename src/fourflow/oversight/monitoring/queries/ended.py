"""How broken rules ended, the latest first: read from the facts that ended them, of which no second record is kept.

Each rule is read behind one place in time, and what was found is put into one order: by instant, rule and key. What is dated
by the day ended on its morning.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from uuid import UUID

from fourflow.capital.limits import queries as limits
from fourflow.capital.limits.types import HowEnded, LineEnding
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.settlement.types import InstructionState
from fourflow.capital.vouchers import queries as vouchers
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.oversight.monitoring.queries.alerts import ENDS_SOON, key_of, named
from fourflow.oversight.monitoring.types import Ended, Ending, Rule
from fourflow.platform.clock import business_date, instant_of
from fourflow.platform.db.ordering import PageInvalid
from fourflow.platform.events import queries as events

#: nothing ended before
FIRST_DAY = date(2000, 1, 1)
#: of several that ended at one instant the rules stand in this order
PLACES = {rule: place for place, rule in enumerate(Rule)}
FIRST, LAST = UUID(int=0), UUID(int=(1 << 128) - 1)
LINE_ENDINGS = {
    HowEnded.RAISED: (Rule.WITHIN_THE_LINE, Ending.LINE_RAISED),
    HowEnded.FREED: (Rule.WITHIN_THE_LINE, Ending.LINE_FREED),
    HowEnded.RENEWED: (Rule.LINE_RENEWED, Ending.LINE_RENEWED),
    HowEnded.LAPSED: (Rule.LINE_RENEWED, Ending.LINE_LAPSED),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, for which days (both included), behind which place (instant and key), for these objects only; and what ended
    of lines, read once for two rules."""

    actor: Actor
    since: date
    until: date
    size: int
    before: tuple[datetime, UUID] | None
    only: list[UUID] | None
    lines: Callable[[], Sequence[LineEnding]]

    @property
    def begin(self) -> datetime:
        return instant_of(self.since, hour=0)

    @property
    def end(self) -> datetime:
        return instant_of(self.until + timedelta(1), hour=0)

    @property
    def before_day(self) -> tuple[date, UUID] | None:
        """The place in a list that is dated by the day."""
        if self.before is None:
            return None
        at, key = self.before
        day = business_date(at)
        return day, key if at == instant_of(day) else LAST if at > instant_of(day) else FIRST


def ended(
    *,
    actor: Actor,
    since: date,
    until: date,
    today: date,
    rule: Rule | None = None,
    after: str = "",
    only: Collection[str] | None = None,
    limit: int = 50,
) -> list[Ended]:
    """What was broken, or near it, and ended on these days (both included), as far as the actor may see the facts.

    How long cash may lie or be under way is judged by what holds on the last of these days, at most ``today``.

    :param after: the key of the last one of the page before. :param only: keys; what is no key is nothing that ended.
    :raises PageInvalid: no such key.
    """
    place = _place(after) if after else None
    since, until = max(since, FIRST_DAY), min(until, today)
    lines = cache(lambda: limits.endings(actor=actor, today=until, ends_soon=ENDS_SOON))
    found: list[Ended] = []
    for one in Rule if since <= until else ():
        if rule not in (None, one):
            continue
        ids = None if only is None else list(_ids(only, one))
        if ids is not None and not ids:
            continue
        found += READERS[one](Asked(actor, since, until, limit, _before(place, one), ids, lines))
    return sorted(found, key=_order, reverse=True)[:limit]


def _order(one: Ended) -> tuple[datetime, int, UUID]:
    return one.at, -PLACES[one.rule], named(one.key)[1]


def _key(rule: Rule, object_id: UUID, at: datetime) -> str:
    return key_of(rule, object_id, f"{at.astimezone(UTC):%Y%m%d%H%M%S%f}")


def _place(key: str) -> tuple[datetime, Rule, UUID]:
    rule, object_id = named(key)
    try:
        at = datetime.strptime(key.split(".")[1], "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
    except (ValueError, IndexError) as error:
        raise PageInvalid(field="cursor", value=key[:80]) from error
    return at, rule, object_id


def _before(place: tuple[datetime, Rule, UUID] | None, rule: Rule) -> tuple[datetime, UUID] | None:
    """Where a rule's own list goes on behind a place in all of them."""
    if place is None:
        return None
    at, last, object_id = place
    return at, object_id if rule is last else LAST if PLACES[rule] > PLACES[last] else FIRST


def _ids(keys: Collection[str], rule: Rule) -> Iterator[UUID]:
    for key in keys:
        try:
            of, object_id = named(key)
        except PageInvalid:
            continue
        if of is rule:
            yield object_id


def _paid(asked: Asked) -> Iterator[Ended]:
    """Vouchers that were overdue, with the payment that the actor may see last."""
    rule = Rule.PAID_WHEN_DUE
    found = vouchers.no_longer_late(
        actor=asked.actor,
        since=asked.since,
        until=asked.until,
        before=asked.before_day,
        only=asked.only,
        limit=asked.size,
    )
    told = events.of_subjects([one.id for one in found], kinds=("voucher.paid",)) if found else []
    payments = {event.subject_id: UUID(str(event.body["instruction_id"])) for event in told}
    seen = {one.id for one in settlement.payments(actor=asked.actor, only=list(payments.values()), limit=asked.size)}
    for one in found:
        assert one.paid_on is not None
        payment = payments.get(one.id)
        yield Ended(
            rule=rule,
            about=("voucher", one.id),
            key=_key(rule, one.id, instant_of(one.paid_on)),
            ending=Ending.PAID,
            since=one.due_on + timedelta(days=1),
            ended_on=one.paid_on,
            at=instant_of(one.paid_on),
            parties=(one.issuer_id,),
            who=one.number,
            amount=one.face - one.cancelled,
            days_late=(one.paid_on - one.due_on).days,
            by=("instruction", payment) if payment in seen and payment is not None else None,
        )


def _lines(rule: Rule) -> Callable[[Asked], Iterator[Ended]]:
    """Lines are few: all of their endings are read, and those of the days asked for are taken."""

    def read(asked: Asked) -> Iterator[Ended]:
        may = asked.actor.can(Permission.LIMIT_VIEW)
        for one in asked.lines() if may else []:
            of, ending = LINE_ENDINGS[one.how]
            at = one.at or instant_of(one.day or asked.until)
            day = business_date(at)
            beyond = asked.before is None or (at, one.id) < asked.before
            if of is not rule or not beyond or not asked.since <= day <= asked.until:
                continue
            if asked.only is None or one.id in asked.only:
                yield Ended(
                    rule=rule,
                    about=("limit", one.limit_id),
                    key=_key(rule, one.id, at),
                    ending=ending,
                    since=one.since,
                    ended_on=day,
                    at=at,
                    parties=(one.funder_id, one.core_id),
                    amount=one.amount,
                    days_late=(day - one.since).days if of is Rule.WITHIN_THE_LINE else 0,
                )

    return read


def _answered(asked: Asked) -> Iterator[Ended]:
    rule = Rule.COMPLAINT_ANSWERED
    for one in vouchers.answered(
        actor=asked.actor,
        since=asked.since,
        until=asked.until,
        before=asked.before_day,
        only=asked.only,
        limit=asked.size,
    ):
        assert one.answered_on is not None
        yield Ended(
            rule=rule,
            about=("voucher", one.voucher_id),
            key=_key(rule, one.id, instant_of(one.answered_on)),
            ending=Ending.ANSWERED,
            since=one.made_on,
            ended_on=one.answered_on,
            at=instant_of(one.answered_on),
            parties=(one.organisation_id,),
            words=one.text,
            days_late=max(0, (one.answered_on - one.answer_due_on).days),
        )


def _placed(asked: Asked) -> Iterator[Ended]:
    rule = Rule.CASH_PLACED
    patience = timedelta(days=parameters.integer(Key.SUSPENSE_ALARM_DAYS, asked.until))
    for one in settlement.placed_or_returned(
        actor=asked.actor, since=asked.begin, until=asked.end, before=asked.before, only=asked.only, limit=asked.size
    ):
        opened, day = business_date(one.opened_at), business_date(one.closed_at)
        yield Ended(
            rule=rule,
            about=("entry", one.entry_id),
            key=_key(rule, one.entry_id, one.closed_at),
            ending=Ending.SENT_BACK if one.return_id else Ending.PLACED,
            since=opened,
            ended_on=day,
            at=one.closed_at,
            parties=(one.party_id,),
            who=one.entry.counterparty,
            amount=one.entry.amount,
            days_late=max(0, (day - opened - patience).days),
            by=("instruction", one.return_id) if one.return_id else None,
        )


def _arrived(asked: Asked) -> Iterator[Ended]:
    if not asked.actor.can(Permission.PAYMENT_VIEW):
        return
    rule = Rule.CASH_ARRIVES
    longest = timedelta(minutes=parameters.integer(Key.TRANSIT_ALARM_MINUTES, asked.until))
    for one in settlement.arrived_late(
        actor=asked.actor,
        since=asked.begin,
        until=asked.end,
        longer_than=longest,
        before=asked.before,
        only=asked.only,
        limit=asked.size,
    ):
        assert one.sent_at is not None and one.finished_at is not None
        sent, day = business_date(one.sent_at), business_date(one.finished_at)
        yield Ended(
            rule=rule,
            about=("instruction", one.id),
            key=_key(rule, one.id, one.finished_at),
            ending=Ending.ARRIVED if one.state is InstructionState.SETTLED else Ending.NOT_PAID,
            since=sent,
            ended_on=day,
            at=one.finished_at,
            parties=tuple(party for party in (one.payer_id, one.payee_id) if party is not None),
            amount=one.amount,
            words=one.reason_code,
            days_late=(day - sent).days,
            minutes=int((one.finished_at - one.sent_at).total_seconds() // 60),
            by=("instruction", one.id),
        )


def _resolved(asked: Asked) -> Iterator[Ended]:
    if not asked.actor.sees_all:
        return
    rule = Rule.BANK_CONSISTENT
    for one in settlement.resolved(
        actor=asked.actor, since=asked.begin, until=asked.end, before=asked.before, only=asked.only, limit=asked.size
    ):
        assert one.resolved_at is not None
        opened, day = business_date(one.opened_at), business_date(one.resolved_at)
        yield Ended(
            rule=rule,
            about=("exception", one.id),
            key=_key(rule, one.id, one.resolved_at),
            ending=Ending.RESOLVED,
            since=opened,
            ended_on=day,
            at=one.resolved_at,
            who=one.bank_code,
            words=one.resolution,
            days_late=(day - opened).days,
            by=("instruction", one.instruction_id) if one.instruction_id else None,
        )


READERS: dict[Rule, Callable[[Asked], Iterator[Ended]]] = {
    Rule.PAID_WHEN_DUE: _paid,
    Rule.WITHIN_THE_LINE: _lines(Rule.WITHIN_THE_LINE),
    Rule.LINE_RENEWED: _lines(Rule.LINE_RENEWED),
    Rule.COMPLAINT_ANSWERED: _answered,
    Rule.CASH_PLACED: _placed,
    Rule.CASH_ARRIVES: _arrived,
    Rule.BANK_CONSISTENT: _resolved,
}
