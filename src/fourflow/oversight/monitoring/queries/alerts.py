"""Every rule that is broken now, read from the facts themselves: an alert goes when its cause does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from fourflow.capital.limits import queries as limits
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.vouchers import queries as vouchers
from fourflow.foundation.parties.types import Actor, Permission
from fourflow.oversight.monitoring.types import Alert, Rule
from fourflow.platform.clock import business_date

#: a line that ends within so many days is told of
ENDS_SOON = timedelta(30)


def alerts(*, actor: Actor, on: date) -> list[Alert]:
    """What concerns the actor: issuers in arrears, lines, complaints, and for the operator cash and banks."""
    return [*_late(actor, on), *_lines(actor, on), *_complaints(actor, on), *_cash(actor)]


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


def _cash(actor: Actor) -> Iterator[Alert]:
    """Credits that nobody has placed, and banks that contradict themselves."""
    for one in settlement.unmatched(actor=actor, limit=50):
        yield Alert(
            rule=Rule.CASH_PLACED,
            about=("entry", one.entry_id),
            key=f"cash-{one.entry_id}",
            amount=one.rest,
            who=one.entry.counterparty,
            clock=business_date(one.opened_at),
            is_near=True,
        )
    for item in settlement.exceptions(actor=actor) if actor.sees_all else []:
        yield Alert(
            rule=Rule.BANK_CONSISTENT,
            about=("exception", item.id),
            key=f"exception-{item.id}",
            who=item.bank_code,
            words=item.kind.value,
            clock=business_date(item.opened_at),
        )
