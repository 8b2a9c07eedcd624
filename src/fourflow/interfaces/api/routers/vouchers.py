"""Vouchers (数信): planned, drafted, checked, offered, answered, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime

from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import TERMS_VERSION, Act, IssueRequest, Paid, TermBand, Voucher, VoucherState
from fourflow.capital.vouchers.types import VoucherId as Vouched
from fourflow.foundation.approvals.types import Verdict
from fourflow.interfaces.api.auth import Caller, caller, confirm, sign
from fourflow.interfaces.api.errors import VoucherIdTaken
from fourflow.interfaces.api.fields import (
    Approvable,
    Body,
    Digest,
    Line,
    Money,
    Page,
    Part,
    Password,
    Reasoned,
    Several,
    Shown,
    SignatureBody,
    Signed,
    Text,
    ToSign,
)
from fourflow.interfaces.api.ids import ClaimId, HoldingId, PartyId, PayableId, PersonId, VoucherId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import computes, one, page, read, reads, reply, show, to_sign, waiting, writes
from fourflow.interfaces.api.writing import about, made, perform
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.ids import new_id

router = Router(tags=["vouchers"])


class VoucherRequest(Body):
    """``term_reason`` for a term over the soft limit, ``contract_clause`` for a due date after the statutory one."""

    payable_id: PayableId
    funder_id: PartyId
    face: Money
    due_on: date
    term_reason: Text = ""
    contract_clause: Text = ""

    def to_type(self) -> IssueRequest:
        return IssueRequest(
            self.payable_id, self.funder_id, self.face, self.due_on, self.term_reason, self.contract_clause
        )


class VoucherDraft(VoucherRequest):
    """A plan that its maker has read and signs: ``voucher_id`` and ``content_digest`` come from the plan."""

    voucher_id: VoucherId
    password: Password | None = None
    content_digest: Digest


class VoucherBody(Approvable):
    id: VoucherId
    number: str
    state: VoucherState
    payable_id: PayableId
    claim_id: ClaimId
    issuer_id: PartyId
    receiver_id: PartyId
    funder_id: PartyId
    face: Money
    outstanding: Money
    redeemed: Money
    cancelled: Money
    issued_on: date
    due_on: date
    delivered_on: date | None
    statutory_due_on: date | None
    offer_expires_on: date | None
    cancel_by: date | None
    paid_on: date | None
    term_reason: str
    term_acknowledged_by: PersonId | None
    contract_clause: str


class VoucherPlan(ToSign):
    """What the request would become, and what its maker signs. Nothing is written."""

    voucher_id: VoucherId
    voucher: VoucherBody


class VoucherPage(Page):
    data: list[VoucherBody]


class TotalBody(Part):
    state: VoucherState
    count: int
    face: Money
    outstanding: Money


class VoucherTotals(Shown):
    totals: list[TotalBody]


class ActBody(Part):
    """One link of the legal chain: who signed what, for whom."""

    act: Act
    voucher_id: VoucherId
    holding_id: HoldingId | None
    organisation_id: PartyId
    person_id: PersonId
    content: dict[str, Any]
    signature: SignatureBody
    effective_at: AwareDatetime


class ActList(Shown):
    acts: list[ActBody]


class CheckRequest(Body):
    """``approve`` needs password and content digest; ``reject`` needs a reason."""

    verdict: Verdict
    reason: Text = ""
    password: Password | None = None
    content_digest: Digest | None = None


@shows("voucher")
def shown(who: Caller, voucher_id: UUID) -> VoucherBody:
    """The voucher as it now stands."""
    voucher = queries.get(actor=who.actor, voucher_id=Vouched(voucher_id))
    return show(VoucherBody, voucher, pending_approvals=waiting([voucher.id]).get(voucher.id, []))


def _content(request: HttpRequest, voucher_id: UUID) -> Voucher:
    actor = caller(request).actor
    return read(request, lambda: queries.get(actor=actor, voucher_id=Vouched(voucher_id)))


@router.get("/vouchers", **reads(VoucherPage))
def list_vouchers(
    request: HttpRequest,
    state: Several[VoucherState] = (),
    q: Line = "",
    issuer_id: PartyId | None = None,
    currency: str = "",
    due_from: Annotated[date | None, Query(alias="due[gte]")] = None,
    due_to: Annotated[date | None, Query(alias="due[lte]")] = None,
    term: TermBand | None = None,
    paid: Paid | None = None,
    sort: str = "-issued_on",
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """Vouchers that the organisation may see. ``state`` may name several, comma-separated; ``q`` begins the number.

    ``paid`` asks for those paid wholly: by the due date (``on_time``) or later (``late``); ``paid_on`` is the business day of
    the latest payment.
    """
    actor = caller(request).actor
    where = queries.VoucherFilter(
        states=state,
        due_from=due_from,
        due_to=due_to,
        text=q,
        issuer_id=issuer_id,
        currency=currency,
        term=term,
        paid=paid,
    )

    def query() -> tuple[list[VoucherBody], str | None]:
        found = queries.vouchers(actor=actor, where=where, sort=sort, cursor=cursor, limit=limit)
        pending = waiting(voucher.id for voucher in found.rows)
        rows = [show(VoucherBody, v, pending_approvals=pending.get(v.id, [])) for v in found.rows]
        return rows, found.next_cursor

    return page(request, VoucherPage, *read(request, query))


@router.get("/vouchers/totals", **reads(VoucherTotals))
def voucher_totals(request: HttpRequest) -> HttpResponse:
    """Counts and sums by state and currency."""
    actor = caller(request).actor
    found = read(request, lambda: queries.totals(actor=actor))
    return reply(request, VoucherTotals(totals=[TotalBody.model_validate(total) for total in found]))


@router.post("/vouchers/plan", **computes(VoucherPlan))
def plan_voucher(request: HttpRequest, body: VoucherRequest) -> HttpResponse:
    """Every check that needs no lock, the voucher it would become, and what its maker signs. Writes nothing."""
    who = caller(request)
    voucher = operations.plan(voucher_id=Vouched(new_id()), request=body.to_type(), actor=who.actor, today=who.today)
    signing = to_sign(voucher.content(), TERMS_VERSION)
    return reply(
        request,
        VoucherPlan(
            voucher_id=voucher.id,
            voucher=show(VoucherBody, voucher),
            **signing.model_dump(exclude={"livemode"}),
        ),
    )


@router.post("/vouchers", **writes(VoucherBody, 201))
def draft_voucher(request: HttpRequest, body: VoucherDraft) -> HttpResponse:
    """Put a planned voucher before the checker, signed by its maker."""
    who = caller(request)
    confirm(request, body.password)

    def run() -> dict[str, Any]:
        wanted, voucher_id = body.to_type(), Vouched(body.voucher_id)
        planned = operations.plan(voucher_id=voucher_id, request=wanted, actor=who.actor, today=who.today)
        voucher = operations.draft(
            voucher_id=voucher_id,
            request=wanted,
            actor=who.actor,
            effective_at=who.now,
            today=who.today,
            signature=sign(who.actor, planned.content(), body.content_digest, TERMS_VERSION),
        )
        return made(voucher)

    try:
        done = perform(request, "voucher.draft", body.plain(), run)
    except IntegrityError as error:
        if "vouchers_voucher" not in str(error):
            raise
        raise VoucherIdTaken() from error
    return one(request, "voucher", about(done), 201)


@router.get("/vouchers/{voucher_id}", **reads(VoucherBody))
def get_voucher(request: HttpRequest, voucher_id: VoucherId) -> HttpResponse:
    """One voucher."""
    return one(request, "voucher", voucher_id)


@router.get("/vouchers/{voucher_id}/content", **reads(ToSign))
def voucher_content(request: HttpRequest, voucher_id: VoucherId) -> HttpResponse:
    """The payment commitment that checker and receiver sign."""
    return reply(request, to_sign(_content(request, voucher_id).content(), TERMS_VERSION))


@router.get("/vouchers/{voucher_id}/acts", **reads(ActList))
def voucher_acts(request: HttpRequest, voucher_id: VoucherId) -> HttpResponse:
    """Everything that was signed over a voucher, oldest first."""
    actor = caller(request).actor
    found = read(request, lambda: queries.acts(actor=actor, voucher_id=Vouched(voucher_id)))
    return reply(request, ActList(acts=[ActBody.model_validate(act) for act in found]))


@router.post("/vouchers/{voucher_id}/acknowledge-term", **writes(VoucherBody))
def acknowledge_term(request: HttpRequest, voucher_id: VoucherId, body: Reasoned) -> HttpResponse:
    """The funder finds a term over the soft limit reasonable."""

    def run(who: Caller) -> Voucher:
        return operations.acknowledge_term(
            voucher_id=Vouched(voucher_id), actor=who.actor, effective_at=who.now, reason=body.reason
        )

    return _step(request, "voucher.acknowledge_term", voucher_id, body, run)


@router.post("/vouchers/{voucher_id}/check", **writes(VoucherBody))
def check_voucher(request: HttpRequest, voucher_id: VoucherId, body: CheckRequest) -> HttpResponse:
    """The second person approves (signing the commitment: the line is blocked and the offer goes out) or sends it back."""
    if body.verdict is Verdict.APPROVE:
        confirm(request, body.password or Password(""))

    def run(who: Caller) -> Voucher:
        signature: Signature | None = None
        if body.verdict is Verdict.APPROVE:
            content = queries.get(actor=who.actor, voucher_id=Vouched(voucher_id)).content()
            signature = sign(who.actor, content, body.content_digest or "", TERMS_VERSION)
        return operations.check(
            voucher_id=Vouched(voucher_id),
            actor=who.actor,
            verdict=body.verdict,
            effective_at=who.now,
            today=who.today,
            signature=signature,
            reason=body.reason,
        )

    return _step(request, "voucher.check", voucher_id, body, run)


@router.post("/vouchers/{voucher_id}/accept", **writes(VoucherBody))
def accept_voucher(request: HttpRequest, voucher_id: VoucherId, body: Signed) -> HttpResponse:
    """The receiver accepts the offer: the issuer's debt is now due to it."""
    confirm(request, body.password)

    def run(who: Caller) -> Voucher:
        content = queries.get(actor=who.actor, voucher_id=Vouched(voucher_id)).content()
        return operations.accept(
            voucher_id=Vouched(voucher_id),
            actor=who.actor,
            effective_at=who.now,
            signature=sign(who.actor, content, body.content_digest, TERMS_VERSION),
        )

    return _step(request, "voucher.accept", voucher_id, body, run)


@router.post("/vouchers/{voucher_id}/reject", **writes(VoucherBody))
def reject_voucher(request: HttpRequest, voucher_id: VoucherId, body: Reasoned) -> HttpResponse:
    """The receiver refuses the offer; line and claim are free again."""

    def run(who: Caller) -> Voucher:
        return operations.reject(
            voucher_id=Vouched(voucher_id), actor=who.actor, effective_at=who.now, reason=body.reason
        )

    return _step(request, "voucher.reject", voucher_id, body, run)


@router.post("/vouchers/{voucher_id}/withdraw", **writes(VoucherBody))
def withdraw_voucher(request: HttpRequest, voucher_id: VoucherId, body: Reasoned) -> HttpResponse:
    """The issuer takes an unanswered offer back."""

    def run(who: Caller) -> Voucher:
        return operations.withdraw_offer(
            voucher_id=Vouched(voucher_id), actor=who.actor, effective_at=who.now, reason=body.reason
        )

    return _step(request, "voucher.withdraw", voucher_id, body, run)


@router.get("/vouchers/{voucher_id}/cancellation", **reads(ToSign))
def cancellation_content(request: HttpRequest, voucher_id: VoucherId) -> HttpResponse:
    """What issuer and holder sign to cancel an accepted voucher."""
    return reply(request, to_sign(operations.cancel_content(_content(request, voucher_id)), TERMS_VERSION))


@router.post("/vouchers/{voucher_id}/cancellation/ask", **writes(VoucherBody))
def ask_to_cancel(request: HttpRequest, voucher_id: VoucherId, body: Signed) -> HttpResponse:
    """The issuer signs that an accepted, unsplit, unfinanced voucher shall be cancelled."""
    confirm(request, body.password)

    def run(who: Caller) -> Voucher:
        content = operations.cancel_content(queries.get(actor=who.actor, voucher_id=Vouched(voucher_id)))
        signature = sign(who.actor, content, body.content_digest, TERMS_VERSION)
        return operations.ask_to_cancel(
            voucher_id=Vouched(voucher_id), actor=who.actor, effective_at=who.now, signature=signature
        )

    return _step(request, "voucher.ask_to_cancel", voucher_id, body, run)


@router.post("/vouchers/{voucher_id}/cancellation/agree", **writes(VoucherBody))
def agree_to_cancel(request: HttpRequest, voucher_id: VoucherId, body: Signed) -> HttpResponse:
    """The holder agrees: the voucher is cancelled by new entries."""
    confirm(request, body.password)

    def run(who: Caller) -> Voucher:
        content = operations.cancel_content(queries.get(actor=who.actor, voucher_id=Vouched(voucher_id)))
        signature = sign(who.actor, content, body.content_digest, TERMS_VERSION)
        return operations.agree_to_cancel(
            voucher_id=Vouched(voucher_id), actor=who.actor, effective_at=who.now, signature=signature
        )

    return _step(request, "voucher.agree_to_cancel", voucher_id, body, run)


def _step(
    request: HttpRequest, name: str, voucher_id: UUID, body: Body, run: Callable[[Caller], Voucher]
) -> HttpResponse:
    """One step of a voucher under the caller's key, answered with the voucher as it then stands."""
    who = caller(request)
    done = perform(request, name, {"voucher_id": str(voucher_id), **body.plain()}, lambda: made(run(who)))
    return one(request, "voucher", about(done))
