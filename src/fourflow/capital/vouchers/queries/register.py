"""Reads of the register: lists with cursor, one voucher with its parts, the legal chain, what is due."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Func, Q, Sum, TextField
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan

from fourflow.capital.vouchers import models
from fourflow.capital.vouchers.domain import rules
from fourflow.capital.vouchers.types import (
    Act,
    Complaint,
    Holding,
    HoldingId,
    HoldingState,
    Overlay,
    Paid,
    Redemption,
    SignedAct,
    TermBand,
    Voucher,
    VoucherId,
    VoucherState,
)
from fourflow.foundation.parties.types import SYSTEM, Actor
from fourflow.platform.db.ordering import PageInvalid, every, in_order
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money

#: what a list may be sorted by: the name in an address → the indexed column
SORTS = {"due_on": "due_on", "issued_on": "issued_on", "face": "face_minor"}
COMPLAINT_SORTS = {"due": "answer_due_on", "made": "made_on"}
HOLDING_SORTS = {"amount": "amount_minor", "acquired": "id", "tier": "tier"}


@dataclass(frozen=True, slots=True)
class VoucherFilter:
    """What a list shows: states, due from–to (inclusive), number prefix, issuer, band of terms, how paid; or only these."""

    states: tuple[VoucherState, ...] = ()
    due_from: date | None = None
    due_to: date | None = None
    text: str = ""
    issuer_id: UUID | None = None
    currency: str = ""
    only: tuple[UUID, ...] | None = None
    term: TermBand | None = None
    paid: Paid | None = None


@dataclass(frozen=True, slots=True)
class VoucherPage:
    """One page; ``next_cursor`` None at the end."""

    rows: tuple[Voucher, ...]
    next_cursor: str | None
    previous: bool


def vouchers(
    *,
    actor: Actor,
    where: VoucherFilter = VoucherFilter(),
    sort: str = "-issued_on",
    cursor: str = "",
    limit: int = 50,
    page: int = 1,
) -> VoucherPage:
    """Vouchers that the actor's organisation may see, by keyset: the 200th page costs what the first does.

    ``page`` > 1 (at most 500) is for people who type a page into the address; partners follow the cursor.

    :raises PageInvalid: an unknown sort, a cursor of another list, or a limit outside 1 to 200.
    """
    name, descending = sort.lstrip("-"), sort.startswith("-")
    if name not in SORTS or not 1 <= limit <= 200 or not 1 <= page <= 500:
        raise PageInvalid(sort=sort, limit=limit, page=page, expected=sorted(SORTS))
    column = SORTS[name]
    rows = _filtered(models.Voucher.objects.visible_to(actor), where)
    if cursor:
        # compared as a row, so that the index begins at it: an OR of its parts would read all that comes before
        beyond = TupleLessThan if descending else TupleGreaterThan
        rows = rows.filter(beyond(Tuple(column, "id"), _read_cursor(cursor, sort)))
    mark = "-" if descending else ""
    rows = rows.order_by(f"{mark}{column}", f"{mark}id")
    if page > 1:
        # what is skipped is skipped in the index alone
        start = (page - 1) * limit
        wanted = list(rows.values_list("id", flat=True)[start : start + limit + 1])
        rows = rows.filter(pk__in=wanted)
    found = list(rows[: limit + 1])
    more = len(found) > limit
    found = found[:limit]
    following = _write_cursor(getattr(found[-1], column), found[-1].id, sort) if more else None
    return VoucherPage(tuple(row.to_type() for row in found), following, bool(cursor) or page > 1)


def _filtered(rows: models.VoucherQuerySet, where: VoucherFilter) -> models.VoucherQuerySet:
    if where.states:
        rows = rows.filter(state__in=[state.value for state in where.states])
    if where.due_from:
        rows = rows.filter(due_on__gte=where.due_from)
    if where.due_to:
        rows = rows.filter(due_on__lte=where.due_to)
    if where.text:
        # a range instead of LIKE: row-level security lets no index serve an operator that might leak what it compares
        start = where.text.upper()
        rows = rows.filter(number__gte=start, number__lt=f"{start}\U0010ffff")
    if where.issuer_id:
        rows = rows.filter(issuer_id=where.issuer_id)
    if where.currency:
        rows = rows.filter(currency=where.currency)
    if where.only is not None:
        rows = rows.filter(pk__in=where.only)
    if where.term is not None:
        rows = rows.annotate(term_band=term_band()).filter(term_band=where.term.value)
    if where.paid is not None:
        rows = rows.filter(paid(where.paid), state=VoucherState.REDEEMED)
    return rows


def paid(how: Paid) -> Q:
    """Paid by the due date, or later; to be asked of what is paid wholly."""
    return Q(paid_on__gt=F("due_on")) if how is Paid.LATE else Q(paid_on__lte=F("due_on"))


def term_band() -> Func:
    """The band that a voucher's term falls into, by whole months from issue to due date as the term rule counts them."""
    return Func(F("issued_on"), F("due_on"), function="vouchers_term_band", output_field=TextField())


def _write_cursor(value: Any, last: UUID, sort: str) -> str:
    text = value.isoformat() if isinstance(value, date) else str(value)
    return base64.urlsafe_b64encode(json.dumps([sort, text, str(last)]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str) -> tuple[Any, UUID]:
    try:
        made_for, text, last = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        value: Any = int(text) if sort.lstrip("-") == "face" else date.fromisoformat(text)
        if made_for != sort:
            raise ValueError("cursor of another order")
        return value, UUID(last)
    except (ValueError, TypeError) as error:
        raise PageInvalid(field="cursor", value=cursor[:80]) from error


def get(*, actor: Actor, voucher_id: VoucherId) -> Voucher:
    """One voucher.

    :raises VoucherNotFound: no such voucher, or the actor's organisation may not see it.
    """
    return models.Voucher.objects.visible_to(actor).get_visible(voucher_id).to_type()


def holding(*, actor: Actor, holding_id: HoldingId) -> Holding:
    """One holding.

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    """
    return models.Holding.objects.visible_to(actor).get_visible(holding_id).to_type()


def parts(*, actor: Actor, voucher_id: VoucherId) -> list[Holding]:
    """The parts of a voucher that the actor's organisation may see, parents before children: the flow drawing."""
    rows = models.Holding.objects.visible_to(actor).filter(voucher_id=voucher_id)
    return [row.to_type() for row in rows.order_by("recorded_at", "id")]


def parts_of(*, voucher_ids: Iterable[VoucherId]) -> dict[VoucherId, list[Holding]]:
    """The parts of several vouchers, in one query; for the sweeper."""
    found: dict[VoucherId, list[Holding]] = {one: [] for one in voucher_ids}
    for row in models.Holding.objects.visible_to(SYSTEM).filter(voucher_id__in=list(found)):
        found[VoucherId(row.voucher_id)].append(row.to_type())
    return found


def seen(*, actor: Actor, holding_ids: Iterable[UUID]) -> set[UUID]:
    """Those of some holdings that the actor's organisation may see."""
    rows = models.Holding.objects.visible_to(actor).filter(id__in=list(holding_ids))
    return set(rows.values_list("id", flat=True))


def holdings(
    *,
    actor: Actor,
    states: Sequence[HoldingState] = (),
    currency: str = "",
    sort: str = "",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = 50,
) -> list[Holding]:
    """What the actor's own organisation holds, newest first or by ``HOLDING_SORTS``.

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    rows = in_order(models.Holding.objects.visible_to(actor), sort, HOLDING_SORTS, after=after, only=only)
    rows = rows.filter(holder_id=actor.organisation_id)
    rows = rows.filter(state__in=[s.value for s in states]) if states else rows.exclude(state=HoldingState.SPLIT)
    if currency:
        rows = rows.filter(currency=currency)
    return [row.to_type() for row in rows[:limit]]


def offered_to(*, actor: Actor, limit: int = 50) -> tuple[list[Voucher], list[Holding]]:
    """What waits for the actor's organisation's answer: offered vouchers, and parts offered by a holder."""
    own = actor.organisation_id
    # what is offered to it is its own to see: asked for all that it sees, the planner would read that first, at each page
    vouchers_ = models.Voucher.objects.filter(receiver_id=own, state=VoucherState.OFFERED)
    parts_ = models.Holding.objects.filter(receiver_id=own, state=HoldingState.LOCKED_TRANSFER)
    return (
        [row.to_type() for row in vouchers_.order_by("offer_expires_on", "id")[:limit]],
        [row.to_type() for row in parts_.order_by("expires_on", "id")[:limit]],
    )


def acts(*, actor: Actor, voucher_id: VoucherId, among: Sequence[Holding] | None = None) -> list[SignedAct]:
    """Everything that was signed over a voucher, oldest first; ``among`` are its parts where the caller has just read them
    (and the voucher) for this actor.

    :raises VoucherNotFound: no such voucher, or the actor's organisation may not see it.
    """
    if among is None:
        get(actor=actor, voucher_id=voucher_id)
        among = parts(actor=actor, voucher_id=voucher_id)
    seen = {part.id for part in among}
    rows = models.SignedAct.objects.filter(voucher_id=voucher_id).order_by("recorded_at", "id")
    return [row.to_type() for row in rows if row.holding_id is None or row.holding_id in seen]


def commitment(*, actor: Actor, voucher_id: VoucherId) -> list[SignedAct]:
    """What the issuer's two people signed before the offer: the end of every chain (see :func:`chain`).

    :raises VoucherNotFound: no such voucher, or the actor's organisation may not see it.
    """
    get(actor=actor, voucher_id=voucher_id)
    rows = models.SignedAct.objects.filter(voucher_id=voucher_id, holding__isnull=True)
    return [row.to_type() for row in rows.order_by("recorded_at", "id") if row.act != Act.CANCEL]


@dataclass(frozen=True, slots=True)
class Link:
    """One step of the penetration from a holding up to the core's commitment: the part, and what was signed for it."""

    holding: Holding
    acts: tuple[SignedAct, ...]


def chain(*, actor: Actor, holding_id: HoldingId) -> tuple[Voucher, list[Link]]:
    """From any holding back to the first supplier's; then :func:`commitment`, and ``voucher.payable_id`` in claims, which
    everybody in the chain may see: the core's signed confirmation with its documents.

    :raises HoldingNotFound: no such holding, or the actor's organisation may not see it.
    """
    last = holding(actor=actor, holding_id=holding_id)
    voucher = get(actor=actor, voucher_id=last.voucher_id)
    line = models.Holding.objects.visible_to(actor).filter(id__in=[*last.path, last.id])
    signed: dict[UUID | None, list[SignedAct]] = {}
    for row in models.SignedAct.objects.filter(voucher_id=voucher.id).order_by("recorded_at", "id"):
        signed.setdefault(row.holding_id, []).append(row.to_type())
    links = [Link(row.to_type(), tuple(signed.get(row.id, ()))) for row in sorted(line, key=lambda row: len(row.path))]
    return voucher, links


def overlays(*, actor: Actor, voucher_id: VoucherId, open_only: bool = False) -> list[Overlay]:
    """Disputes and freezes over a voucher, newest first."""
    rows = models.Overlay.objects.visible_to(actor).filter(voucher_id=voucher_id)
    if open_only:
        rows = rows.filter(closed_on__isnull=True)
    return [row.to_type() for row in rows.order_by("-recorded_at")]


def complaint(*, actor: Actor, complaint_id: UUID) -> Complaint:
    """One complaint.

    :raises ComplaintNotFound: no such complaint, or it is none of the actor's organisation.
    """
    return models.Complaint.objects.visible_to(actor).get_visible(complaint_id).to_type()


def complaints(
    *,
    actor: Actor,
    open_only: bool = False,
    answered_only: bool = False,
    sort: str = "due",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    limit: int = 200,
) -> list[Complaint]:
    """Complaints of the actor's organisation, or all of them for the desk; by ``COMPLAINT_SORTS``.

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    rows = in_order(models.Complaint.objects.visible_to(actor), sort, COMPLAINT_SORTS, after=after, only=only)
    if open_only:
        rows = rows.filter(answered_on__isnull=True)
    if answered_only:
        rows = rows.filter(answered_on__isnull=False)
    return [row.to_type() for row in rows[:limit]]


def positions() -> dict[tuple[UUID, str], int]:
    """The register itself: outstanding minor units per (holder, currency) over all living parts."""
    rows = (
        models.Holding.objects.filter(state__in=[s.value for s in HoldingState if s.is_live])
        .values("holder_id", "currency")
        .annotate(amount=Sum("amount_minor"), paid=Sum("paid_minor"))
    )
    return {(row["holder_id"], row["currency"]): int(row["amount"] - row["paid"]) for row in rows}


def due(*, on: date) -> Iterator[VoucherId]:
    """Active vouchers whose due date has come; for the sweeper."""
    rows = models.Voucher.objects.visible_to(SYSTEM).filter(state=VoucherState.ACTIVE, due_on__lte=on)
    return (VoucherId(row.id) for row in every(rows, "due_on"))


def unpaid(*, before: date) -> Iterator[Voucher]:
    """Vouchers that wait for a payment that was due before a day; for the sweeper. A silent bank holds up no other's."""
    rows = models.Voucher.objects.visible_to(SYSTEM).filter(state=VoucherState.MATURING, due_on__lt=before)
    return (row.to_type() for row in every(rows, "due_on"))


def unrestricted_overdue() -> Iterator[Voucher]:
    """Overdue vouchers that have not put their issuer on the stop list; for the sweeper."""
    states = [VoucherState.OVERDUE, VoucherState.DEFAULTED]
    rows = models.Voucher.objects.visible_to(SYSTEM).filter(state__in=states, restricted_on__isnull=True)
    return (row.to_type() for row in every(rows, "due_on"))


def long_overdue(*, due_before: date) -> Iterator[VoucherId]:
    """Overdue vouchers that were due before a day; for the sweeper."""
    rows = models.Voucher.objects.visible_to(SYSTEM).filter(state=VoucherState.OVERDUE, due_on__lt=due_before)
    return (VoucherId(row.id) for row in every(rows, "due_on"))


def preview_payment(*, actor: Actor, voucher_id: VoucherId, amount: Money) -> list[Redemption]:
    """Who would get what of a payment of the issuer's now, of the living parts that the actor may see; changes nothing.

    The shares are those of a real payment (:func:`domain.rules.shares_of_payment`), over all parts: so not to be asked by
    the reader role, which sees only the actor's.

    :raises VoucherNotFound: no such voucher, or the actor's organisation may not see it.
    :raises AmountInvalid: not positive, or more than is outstanding.
    """
    row = models.Voucher.objects.visible_to(actor).get_visible(voucher_id)
    seen = set(models.Holding.objects.visible_to(actor).filter(voucher_id=row.id).values_list("id", flat=True))
    living = [state for state in HoldingState if state.is_live]
    parts_ = models.Holding.objects.visible_to(SYSTEM).filter(voucher_id=row.id, state__in=living).order_by("id")
    shares = rules.shares_of_payment([part.to_type() for part in parts_], amount)
    return [share for share in shares if share.holding_id in seen]


def is_blocked(*, holding_id: HoldingId) -> bool:
    """Whether a dispute or freeze is open on a part, its voucher, or anything it grew out of; for the gate of a payout."""
    part = models.Holding.objects.visible_to(SYSTEM).get_visible(holding_id)
    return bool(models.Overlay.objects.open_over(part))


def stale_offers(*, on: date) -> tuple[Iterator[VoucherId], Iterator[HoldingId]]:
    """Offers and offered parts whose time is over; for the sweeper."""
    vouchers_ = models.Voucher.objects.visible_to(SYSTEM).filter(state=VoucherState.OFFERED, offer_expires_on__lt=on)
    parts_ = models.Holding.objects.visible_to(SYSTEM).filter(state=HoldingState.LOCKED_TRANSFER, expires_on__lt=on)
    return (
        (VoucherId(row.id) for row in every(vouchers_, "due_on")),
        (HoldingId(row.id) for row in every(parts_, "expires_on")),
    )


def unagreed(*, on: date) -> Iterator[VoucherId]:
    """Vouchers for whose cancellation the issuer signed, and the last day to agree was before a day; for the sweeper."""
    rows = models.Voucher.objects.visible_to(SYSTEM).filter(cancel_by__lt=on)
    return (VoucherId(row.id) for row in every(rows, "cancel_by"))


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module as the events recorded it last, for the audit."""
    tables: Sequence[Any] = (
        models.Voucher,
        models.Holding,
        models.SignedAct,
        models.Overlay,
        models.Complaint,
        models.Promise,
    )
    for model in tables:
        for row in model.objects.order_by("pk").iterator(chunk_size=2000):
            yield row.evidence()
