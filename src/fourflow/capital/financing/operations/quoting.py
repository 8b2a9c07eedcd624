"""What cash now would cost: one quote a funder, kept so that consent and receipt refer to the same figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from uuid import UUID

from fourflow.capital.financing import models
from fourflow.capital.financing.domain import pricing
from fourflow.capital.financing.types import FunderHasNoLimit, NoQuote, NothingLeft, Quote, TooCloseToMaturity
from fourflow.capital.limits import queries as limits
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import AmountInvalid, Holding, HoldingId, HoldingState, HoldingStateWrong, Voucher
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key, ParameterMissing
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM, Actor, Permission, RoleKind
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.money import Money

#: why one funder names no price while another may: it has no line, its costs eat the amount, it has no rates
OWN = (FunderHasNoLimit, NothingLeft, ParameterMissing)


def price_input(funder_id: UUID, recourse: bool, on: date) -> pricing.PriceInput:
    """The dated rates of a funder, or the platform's where it names no own."""
    own = f"funder:{funder_id}:{'recourse' if recourse else 'purchase'}"
    rates = (Key.FINANCING_ANNUAL_RATE, Key.FUNDER_FEE_RATE, Key.PLATFORM_FEE_RATE, Key.PLATFORM_SHARE)
    held = parameters.values_on([*rates, Key.DAY_COUNT], on, own, f"funder:{funder_id}")
    annual, fee, platform, share = (Decimal(str(held[key].value)) for key in rates)
    return pricing.PriceInput(
        annual_rate=annual,
        funder_fee_rate=fee,
        platform_fee_rate=platform,
        platform_share=share,
        day_count=str(held[Key.DAY_COUNT].value),
    )


def _price(amount: Money, today: date, due_on: date, given: pricing.PriceInput) -> pricing.Price:
    days = pricing.day_count_days(today, due_on, given.day_count)
    return pricing.price(amount, days, given, calendar_days=(due_on - today).days)


@joins
def quote(
    *,
    holding_id: HoldingId,
    funder_id: UUID,
    amount: Money,
    recourse: bool,
    actor: Actor,
    effective_at: datetime,
    today: date,
) -> Quote:
    """Price a holding, or a part of it, with one funder; nothing is locked.

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    :raises NotPermitted: the actor does not ask for quotes, or does not act for the holder.
    :raises HoldingStateWrong: the holding is not free.
    :raises AmountInvalid: not positive, another currency, or more than the holding.
    :raises TooCloseToMaturity: fewer days to the due date than the cut-off.
    :raises FunderHasNoLimit: no line on the issuer, a frozen one, or (another than the voucher's funder) too little.
    :raises NothingLeft: the cost would eat the amount.
    """
    holding, voucher = _to_price(holding_id, amount, actor, today)
    return _quoted(holding, voucher, funder_id, amount, recourse, effective_at, today)


@joins
def quotes(
    *, holding_id: HoldingId, amount: Money, actor: Actor, effective_at: datetime, today: date
) -> list[Quote | NoQuote]:
    """What every funder would give for a holding, or a part of it, without and with recourse: its price, or why it has none.

    What is wrong with the holding or the amount is refused as by :func:`quote`. What a single funder lacks (:data:`OWN`) stops
    no other's price: it is known before anything is written.
    """
    holding, voucher = _to_price(holding_id, amount, actor, today)
    found: list[Quote | NoQuote] = []
    for funder_id, recourse in product(parties.holders_of(RoleKind.FUNDER, today), (False, True)):
        try:
            found.append(_quoted(holding, voucher, funder_id, amount, recourse, effective_at, today))
        except OWN as error:
            found.append(NoQuote(funder_id, recourse, error.code))
    return found


def _to_price(holding_id: HoldingId, amount: Money, actor: Actor, today: date) -> tuple[Holding, Voucher]:
    """The part that is to be priced, by its holder, in time; see :func:`quote` for what is refused."""
    holding = vouchers.holding(actor=actor, holding_id=holding_id)
    actor.require(Permission.FINANCING_QUOTE, party=holding.holder_id, today=today)
    voucher = vouchers.get(actor=actor, voucher_id=holding.voucher_id)
    if holding.state is not HoldingState.ACTIVE:
        raise HoldingStateWrong(state=holding.state.value, expected=[HoldingState.ACTIVE.value])
    if amount.currency != holding.amount.currency or amount.minor <= 0 or amount > holding.amount:
        raise AmountInvalid(field="amount", value=str(amount), expected=f"up to {holding.amount}")
    left = (voucher.due_on - today).days
    cutoff = parameters.integer(Key.FINANCING_CUTOFF_DAYS, today)
    if left < max(cutoff, 1):
        raise TooCloseToMaturity(days=left, cutoff=cutoff)
    return holding, voucher


def _quoted(
    holding: Holding,
    voucher: Voucher,
    funder_id: UUID,
    amount: Money,
    recourse: bool,
    effective_at: datetime,
    today: date,
) -> Quote:
    line = limits.find(actor=SYSTEM, funder_id=funder_id, core_id=voucher.issuer_id, currency=amount.currency)
    own_line_needed = funder_id != voucher.funder_id
    if line is None or line.frozen or (own_line_needed and line.headroom(today) < amount):
        raise FunderHasNoLimit(field="funder_id")
    given = price_input(funder_id, recourse, today)
    price = _price(amount, today, voucher.due_on, given)
    minutes = parameters.integer(Key.QUOTE_VALID_MINUTES, today)
    row = models.Quote.objects.create(
        holding_id=holding.id,
        voucher_id=voucher.id,
        applicant_id=holding.holder_id,
        funder_id=funder_id,
        obligor_id=voucher.issuer_id,
        currency=amount.currency,
        amount_minor=amount.minor,
        recourse=recourse,
        annual_rate=given.annual_rate,
        day_count=given.day_count,
        start_on=today,
        due_on=voucher.due_on,
        lines=[line.to_body() for line in price.lines],
        net_minor=price.net.minor,
        cost_minor=price.cost.minor,
        annualised=price.annualised,
        platform_share_minor=price.platform_share.minor,
        valid_until=effective_at + timedelta(minutes=minutes),
    )
    visibility.grant(row.id, [row.applicant_id], "applicant")
    return models.Quote.objects.get(pk=row.id).to_type()
