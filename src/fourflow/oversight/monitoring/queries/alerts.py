"""Every rule that is broken now, read from the facts themselves: an alert goes when its cause does.

They are read rule by rule, each in an order of its own, and only as far as a page needs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Protocol, TypeVar
from uuid import UUID

from fourflow.capital.limits import queries as limits
from fourflow.capital.limits.types import Limit
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.vouchers import queries as vouchers
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.oversight.monitoring.types import Alert, Rule
from fourflow.platform.clock import business_date
from fourflow.platform.db.ordering import PageInvalid, page_by_page

#: a line that ends within so many days is told of
ENDS_SOON = timedelta(30)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, for how many at a time; behind which key; for these keys only; and the lines, read once for two rules."""

    actor: Actor
    now: datetime
    size: int
    after: str
    only: Collection[str] | None
    lines: Callable[[], Sequence[Limit]]

    @property
    def on(self) -> date:
        return business_date(self.now)

    @property
    def after_id(self) -> UUID | None:
        return named(self.after)[1] if self.after else None

    @property
    def ids(self) -> list[UUID] | None:
        return None if self.only is None else [named(key)[1] for key in self.only]


Reader = Callable[[Asked], Iterator[Alert]]


def alerts(
    *,
    actor: Actor,
    now: datetime,
    rule: Rule | None = None,
    after: str = "",
    only: Collection[str] | None = None,
    limit: int = 50,
) -> list[Alert]:
    """What concerns the actor, rule by rule: issuers in arrears, lines, complaints, cash and payments under way, and for who
    oversees banks.

    :param after: the key of the last alert of the page before. :param only: the keys of alerts; what is no key is no alert.
    :raises PageInvalid: no such key.
    """
    begin = named(after)[0] if after else None
    wanted = {one: [key for key in only if _names(key, one)] for one in Rule} if only is not None else {}

    lines = cache(lambda: limits.board(actor=actor) if actor.can(Permission.LIMIT_VIEW) else [])

    def told() -> Iterator[Alert]:
        passed = begin is None
        for one in Rule:
            mine = one is begin
            passed = passed or mine
            if passed and rule in (None, one) and (only is None or wanted[one]):
                yield from READERS[one](Asked(actor, now, limit, after if mine else "", wanted.get(one), lines))

    return list(islice(told(), limit))


def named(key: str) -> tuple[Rule, UUID]:
    """The rule that a key names, and the object.

    :raises PageInvalid: it is none.
    """
    rule, _mark, rest = key.partition(".")
    try:
        return Rule(rule), UUID(rest.rpartition(".")[2])
    except ValueError as error:
        raise PageInvalid(field="cursor", value=key[:80]) from error


def _names(key: str, rule: Rule) -> bool:
    try:
        return named(key)[0] is rule
    except PageInvalid:
        return False


def key_of(rule: Rule, object_id: UUID, *more: str) -> str:
    """The key of an alert: its rule, what orders it beside its object, and the object."""
    return ".".join((rule.value, *more, object_id.hex))


def _whole(asked: Asked, found: Sequence[Alert]) -> Iterator[Alert]:
    """Of a list that is short enough to be read whole, by key."""
    for one in sorted(found, key=lambda alert: alert.key):
        if one.key > asked.after and (asked.only is None or one.key in asked.only):
            yield one


class HasId(Protocol):
    @property
    def id(self) -> UUID: ...


T = TypeVar("T", bound=HasId)


def _paged(asked: Asked, page: Callable[[UUID | None], Sequence[T]]) -> Iterator[T]:
    """Page by page behind the row that was seen last."""
    return page_by_page(lambda last: page(last.id if last else asked.after_id), asked.size)


def _late(asked: Asked) -> Iterator[Alert]:
    """Issuers with unpaid vouchers, the oldest first; the stop list is their end."""
    rule = Rule.PAID_WHEN_DUE
    found = [
        Alert(
            rule=rule,
            about=("party", one.issuer_id),
            key=key_of(rule, one.issuer_id, one.oldest_due_on.isoformat(), one.bucket.value, one.outstanding.currency),
            parties=(one.issuer_id,),
            amount=one.outstanding,
            count=one.count,
            clock=one.oldest_due_on,
        )
        for one in vouchers.arrears(actor=asked.actor, on=asked.on)
    ]
    return _whole(asked, found)


def _excess(asked: Asked) -> Iterator[Alert]:
    """Lines used beyond what is sanctioned."""
    rule = Rule.WITHIN_THE_LINE
    found = [
        Alert(
            rule=rule,
            about=("limit", line.id),
            key=key_of(rule, line.id),
            parties=(line.funder_id, line.core_id),
            amount=line.excess,
        )
        for line in asked.lines()
        if line.excess
    ]
    return _whole(asked, found)


def _ending(asked: Asked) -> Iterator[Alert]:
    """Lines that end soon, the first first."""
    rule = Rule.LINE_RENEWED
    found = [
        Alert(
            rule=rule,
            about=("limit", line.id),
            key=key_of(rule, line.id, line.valid_to.isoformat()),
            parties=(line.funder_id, line.core_id),
            amount=line.utilised,
            clock=line.valid_to,
            is_near=True,
        )
        for line in asked.lines()
        if line.valid_to and asked.on < line.valid_to <= asked.on + ENDS_SOON
    ]
    return _whole(asked, found)


def _complaints(asked: Asked) -> Iterator[Alert]:
    """Complaints that wait for an answer, the first due first."""
    rule, actor = Rule.COMPLAINT_ANSWERED, asked.actor
    for one in _paged(
        asked,
        lambda last: vouchers.complaints(actor=actor, open_only=True, after=last, only=asked.ids, limit=asked.size),
    ):
        yield Alert(
            rule=rule,
            about=("voucher", one.voucher_id),
            key=key_of(rule, one.id),
            parties=(one.organisation_id,),
            words=one.text,
            clock=one.answer_due_on,
            is_near=one.answer_due_on >= asked.on,
        )


def _unplaced(asked: Asked) -> Iterator[Alert]:
    """Credits that nobody has placed, the oldest first."""
    rule = Rule.CASH_PLACED
    patience = timedelta(days=parameters.integer(Key.SUSPENSE_ALARM_DAYS, asked.on))
    for one in page_by_page(
        lambda last: settlement.unmatched(
            actor=asked.actor, after=last.entry_id if last else asked.after_id, among=asked.ids, limit=asked.size
        ),
        asked.size,
    ):
        opened = business_date(one.opened_at)
        yield Alert(
            rule=rule,
            about=("entry", one.entry_id),
            key=key_of(rule, one.entry_id),
            amount=one.rest,
            who=one.entry.counterparty,
            clock=opened,
            is_near=asked.on <= opened + patience,
        )


def _under_way(asked: Asked) -> Iterator[Alert]:
    """Payments that have been under way too long, the first sent first."""
    if not asked.actor.can(Permission.PAYMENT_VIEW):
        return
    rule = Rule.CASH_ARRIVES
    longest = timedelta(minutes=parameters.integer(Key.TRANSIT_ALARM_MINUTES, asked.on))
    for sent in _paged(
        asked,
        lambda last: settlement.overdue_in_transit(
            actor=asked.actor, now=asked.now, longer_than=longest, after=last, only=asked.ids, limit=asked.size
        ),
    ):
        yield Alert(
            rule=rule,
            about=("instruction", sent.id),
            key=key_of(rule, sent.id),
            parties=tuple(one for one in (sent.payer_id, sent.payee_id) if one is not None),
            amount=sent.amount,
            clock=None if sent.sent_at is None else business_date(sent.sent_at),
        )


def _contradictions(asked: Asked) -> Iterator[Alert]:
    """Banks that contradict themselves, the oldest first."""
    if not asked.actor.sees_all:
        return
    rule = Rule.BANK_CONSISTENT
    for item in _paged(
        asked,
        lambda last: settlement.exceptions(actor=asked.actor, after=last, only=asked.ids, limit=asked.size),
    ):
        yield Alert(
            rule=rule,
            about=("exception", item.id),
            key=key_of(rule, item.id),
            who=item.bank_code,
            words=item.kind.value,
            clock=business_date(item.opened_at),
        )


READERS: dict[Rule, Reader] = {
    Rule.PAID_WHEN_DUE: _late,
    Rule.WITHIN_THE_LINE: _excess,
    Rule.LINE_RENEWED: _ending,
    Rule.COMPLAINT_ANSWERED: _complaints,
    Rule.CASH_PLACED: _unplaced,
    Rule.CASH_ARRIVES: _under_way,
    Rule.BANK_CONSISTENT: _contradictions,
}
