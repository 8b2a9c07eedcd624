"""Every rule that is broken now, read from the facts themselves: an alert goes when its cause does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from fourflow.capital.limits import queries as limits
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.vouchers import queries as vouchers
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.oversight.monitoring.types import Alert, Rule
from fourflow.platform.clock import business_date

#: a line that ends within so many days is told of
ENDS_SOON = timedelta(30)


def alerts(*, actor: Actor, now: datetime) -> list[Alert]:
    """What concerns the actor: issuers in arrears, lines, complaints, its payments under way, and for the operator banks."""
    on = business_date(now)
    return [*_late(actor, on), *_lines(actor, on), *_complaints(actor, on), *_cash(actor, now), *_contradictions(actor)]


def _late(actor: Actor, on: date) -> Iterator[Alert]:
    """Issuers with unpaid vouchers; the stop list is their end."""
    for one in vouchers.arrears(actor=actor, on=on):
        yield Alert(
            rule=Rule.PAID_WHEN_DUE,
            about=("party", one.issuer_id),
            key=f"late-{one.issuer_id}-{one.bucket}-{one.outstanding.currency}",
            parties=(one.issuer_id,),
            amount=one.outstanding,
            count=one.count,
            clock=one.oldest_due_on,
        )


def _lines(actor: Actor, on: date) -> Iterator[Alert]:
    """Lines used beyond what is sanctioned, or ending soon."""
    for line in limits.board(actor=actor) if actor.can(Permission.LIMIT_VIEW) else []:
        about, parties = ("limit", line.id), (line.funder_id, line.core_id)
        if line.excess.minor:
            yield Alert(
                rule=Rule.WITHIN_THE_LINE, about=about, key=f"excess-{line.id}", parties=parties, amount=line.excess
            )
        if line.valid_to and on <= line.valid_to <= on + ENDS_SOON:
            yield Alert(
                rule=Rule.LINE_RENEWED,
                about=about,
                key=f"ends-{line.id}",
                parties=parties,
                amount=line.utilised,
                clock=line.valid_to,
                is_near=True,
            )


def _complaints(actor: Actor, on: date) -> Iterator[Alert]:
    for one in vouchers.complaints(actor=actor, open_only=True, limit=200):
        yield Alert(
            rule=Rule.COMPLAINT_ANSWERED,
            about=("voucher", one.voucher_id),
            key=f"complaint-{one.id}",
            parties=(one.organisation_id,),
            words=one.text,
            clock=one.answer_due_on,
            is_near=one.answer_due_on >= on,
        )


def _cash(actor: Actor, now: datetime) -> Iterator[Alert]:
    """Credits that nobody has placed, and payments that have been under way too long."""
    on = business_date(now)
    patience = timedelta(days=parameters.integer(Key.SUSPENSE_ALARM_DAYS, on))
    for one in settlement.unmatched(actor=actor, limit=50):
        opened = business_date(one.opened_at)
        yield Alert(
            rule=Rule.CASH_PLACED,
            about=("entry", one.entry_id),
            key=f"cash-{one.entry_id}",
            amount=one.rest,
            who=one.entry.counterparty,
            clock=opened,
            is_near=on <= opened + patience,
        )
    longest = timedelta(minutes=parameters.integer(Key.TRANSIT_ALARM_MINUTES, on))
    under_way = settlement.overdue_in_transit(actor=actor, now=now, longer_than=longest)
    for sent in under_way if actor.can(Permission.PAYMENT_VIEW) else []:
        yield Alert(
            rule=Rule.CASH_ARRIVES,
            about=("instruction", sent.id),
            key=f"transit-{sent.id}",
            parties=tuple(one for one in (sent.payer_id, sent.payee_id) if one is not None),
            amount=sent.amount,
            clock=None if sent.sent_at is None else business_date(sent.sent_at),
        )


def _contradictions(actor: Actor) -> Iterator[Alert]:
    """Banks that contradict themselves."""
    for item in settlement.exceptions(actor=actor) if actor.sees_all else []:
        yield Alert(
            rule=Rule.BANK_CONSISTENT,
            about=("exception", item.id),
            key=f"exception-{item.id}",
            who=item.bank_code,
            words=item.kind.value,
            clock=business_date(item.opened_at),
        )
