"""Cash now: the applicant's signed consent, the funder's own decision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from fourflow.capital.financing import operations, queries
from fourflow.capital.financing.types import (
    TERMS_VERSION,
    Financing,
    FinancingState,
)
from fourflow.capital.financing.types import FinancingId as Financed
from fourflow.capital.financing.types import QuoteId as Quoted
from fourflow.interfaces.api.auth import Caller, caller, confirm, sign
from fourflow.interfaces.api.fields import (
    Approvable,
    Body,
    Line,
    Money,
    Page,
    Part,
    Password,
    PendingApproval,
    Rate,
    Reasoned,
    Several,
    Signed,
    ToSign,
)
from fourflow.interfaces.api.ids import (
    PREFIXES,
    FinancingId,
    HoldingId,
    InstructionId,
    PartyId,
    QuoteId,
    RegistrationId,
    VoucherId,
)
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import (
    by_id,
    computes,
    one,
    page,
    read,
    reads,
    reply,
    show,
    to_sign,
    waiting,
    writes,
)
from fourflow.interfaces.api.routers.limits import VerdictBody
from fourflow.interfaces.api.routers.quotes import QuoteBody
from fourflow.interfaces.api.writing import about, made, perform
from fourflow.platform.ids import encode

router = Router(tags=["financing"])


class FinancingRequest(Signed):
    """Consent to a quote: net cash, cost by payee and annualised cost stand in the signed content."""

    quote_id: QuoteId


class DecidedBy(Part):
    """Whose word it was: a person of the funder, or a model of the funder's."""

    party: str | None = None
    person: str | None = None
    model: str | None = None


class DecisionBody(Part):
    approved: bool
    annual_rate: Rate | None
    decided_by: DecidedBy
    decided_at: AwareDatetime
    reasons: list[str]
    bank_reference: str


class FinancingBody(Approvable):
    id: FinancingId
    state: FinancingState
    holding_id: HoldingId
    quote: QuoteBody
    decision: DecisionBody | None
    registration_id: RegistrationId | None
    instruction_id: InstructionId | None
    requested_at: AwareDatetime
    disbursed_on: date | None
    accrued: Money | None
    collected: Money | None
    reason: str


class FinancingPage(Page):
    data: list[FinancingBody]


class DecisionPlan(Body):
    """``annual_rate`` left out: the rate of the quote; a higher one is refused."""

    approve: bool
    annual_rate: Rate | None = None


class DecisionRequest(DecisionPlan, Signed):
    reasons: list[Line] = Field(default=[], max_length=20)


class RecourseRequest(Body):
    """The password confirms that money may move."""

    password: Password | None = None


def _body(financing: Financing, pending: list[PendingApproval]) -> FinancingBody:
    quote, decision = show(QuoteBody, financing.quote), None
    if financing.decision is not None:
        given = financing.decision
        decision = DecisionBody(
            approved=given.approved,
            annual_rate=given.annual_rate,
            decided_by=_decided_by(given.decided_by),
            decided_at=given.decided_at,
            reasons=list(given.reasons),
            bank_reference=given.bank_reference,
        )
    fields = ("id", "state", "holding_id", "registration_id", "instruction_id", "requested_at", "disbursed_on")
    rest = {name: getattr(financing, name) for name in (*fields, "accrued", "collected", "reason")}
    return FinancingBody(quote=quote, decision=decision, pending_approvals=pending, **rest)


def _decided_by(given: dict[str, Any]) -> DecidedBy:
    def prefixed(kind: str, value: Any) -> str | None:
        try:
            return encode(PREFIXES[kind], UUID(str(value))) if value else None
        except ValueError:
            return str(value)

    model = given.get("model") or given.get("model_version")
    return DecidedBy(
        party=prefixed("party", given.get("party")),
        person=prefixed("person", given.get("person")),
        model=str(model) if model else None,
    )


@shows("financing")
def _financing(who: Caller, financing_id: UUID) -> FinancingBody:
    found = queries.get(actor=who.actor, financing_id=Financed(financing_id))
    return _body(found, waiting([found.id]).get(found.id, []))


@router.get("/financings", **reads(FinancingPage))
def list_financings(
    request: HttpRequest,
    state: Several[FinancingState] = (),
    voucher_id: VoucherId | None = None,
    funder_id: PartyId | None = None,
    applicant_id: PartyId | None = None,
    obligor_id: PartyId | None = None,
    currency: str = "",
    disbursed_from: Annotated[date | None, Query(alias="disbursed[gte]")] = None,
    disbursed_to: Annotated[date | None, Query(alias="disbursed[lte]")] = None,
    sort: str = "",
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """Financings that the organisation asked for, funds or oversees, the latest first.

    ``disbursed[gte]`` and ``disbursed[lte]`` leave those paid out in these days. ``sort``: amount, net, due or asked, a minus
    in front for descending.
    """
    actor = caller(request).actor

    def rows(after: UUID | None, size: int) -> list[Financing]:
        return queries.financings(
            actor=actor,
            states=state,
            voucher_id=voucher_id,
            funder_id=funder_id,
            applicant_id=applicant_id,
            obligor_id=obligor_id,
            currency=currency,
            disbursed_from=disbursed_from,
            disbursed_to=disbursed_to,
            sort=sort,
            after=after,
            limit=size,
        )

    def query() -> tuple[list[FinancingBody], str | None]:
        found, following = by_id(cursor, limit, rows)
        pending = waiting(row.id for row in found)
        return [_body(row, pending.get(row.id, [])) for row in found], following

    return page(request, FinancingPage, *read(request, query))


@router.post("/financings", **writes(FinancingBody, 201))
def request_financing(request: HttpRequest, body: FinancingRequest) -> HttpResponse:
    """Consent to a quote with a signature: the part is locked and the funder is asked."""
    confirm(request, body.password)

    def run(who: Caller) -> Financing:
        content = queries.quote(actor=who.actor, quote_id=Quoted(body.quote_id)).content()
        return operations.request(
            quote_id=Quoted(body.quote_id),
            actor=who.actor,
            signature=sign(who.actor, content, body.content_digest, TERMS_VERSION),
            effective_at=who.now,
            today=who.today,
        )

    return _step(request, "financing.request", {}, body, run, 201)


@router.get("/financings/{financing_id}", **reads(FinancingBody))
def get_financing(request: HttpRequest, financing_id: FinancingId) -> HttpResponse:
    """One financing."""
    return one(request, "financing", financing_id)


@router.post("/financings/{financing_id}/withdraw", **writes(FinancingBody))
def withdraw_financing(request: HttpRequest, financing_id: FinancingId, body: Reasoned) -> HttpResponse:
    """The applicant takes the request back before anything was registered."""

    def run(who: Caller) -> Financing:
        return operations.withdraw(
            financing_id=Financed(financing_id), actor=who.actor, effective_at=who.now, reason=body.reason
        )

    return _step(request, "financing.withdraw", {"financing_id": str(financing_id)}, body, run)


def _decision_content(financing: Financing, body: DecisionPlan) -> dict[str, Any]:
    rate = body.annual_rate if body.annual_rate is not None else financing.quote.annual_rate
    return operations.decision_content(financing.id, approve=body.approve, annual_rate=rate if body.approve else None)


@router.post("/financings/{financing_id}/decide/plan", **computes(ToSign))
def plan_decision(request: HttpRequest, financing_id: FinancingId, body: DecisionPlan) -> HttpResponse:
    """What the funder's first person signs. Writes nothing."""
    actor = caller(request).actor
    found = read(request, lambda: queries.get(actor=actor, financing_id=Financed(financing_id)))
    return reply(request, to_sign(_decision_content(found, body), TERMS_VERSION))


@router.post("/financings/{financing_id}/decide", **writes(FinancingBody))
def decide_financing(request: HttpRequest, financing_id: FinancingId, body: DecisionRequest) -> HttpResponse:
    """A person of the funder decides and signs; it counts once a second person of the funder has checked it."""
    confirm(request, body.password)

    def run(who: Caller) -> Financing:
        found = queries.get(actor=who.actor, financing_id=Financed(financing_id))
        return operations.decide(
            financing_id=Financed(financing_id),
            actor=who.actor,
            approve=body.approve,
            annual_rate=body.annual_rate,
            reasons=tuple(body.reasons),
            effective_at=who.now,
            signature=sign(who.actor, _decision_content(found, body), body.content_digest, TERMS_VERSION),
        )

    return _step(request, "financing.decide", {"financing_id": str(financing_id)}, body, run)


@router.post("/financings/{financing_id}/check", **writes(FinancingBody))
def check_financing(request: HttpRequest, financing_id: FinancingId, body: VerdictBody) -> HttpResponse:
    """The funder's second person: the decision counts, or goes back."""

    def run(who: Caller) -> Financing:
        return operations.check_decision(
            financing_id=Financed(financing_id),
            actor=who.actor,
            verdict=body.verdict,
            effective_at=who.now,
            reason=body.reason,
        )

    return _step(request, "financing.check", {"financing_id": str(financing_id)}, body, run)


@router.post("/financings/{financing_id}/recourse", **writes(FinancingBody))
def call_recourse(request: HttpRequest, financing_id: FinancingId, body: RecourseRequest) -> HttpResponse:
    """The funder takes recourse on an overdue financing: the supplier's bank is instructed, as the consent says."""
    confirm(request, body.password)

    def run(who: Caller) -> Financing:
        return operations.call_recourse(
            financing_id=Financed(financing_id), actor=who.actor, effective_at=who.now, today=who.today
        )

    return _step(request, "financing.recourse", {"financing_id": str(financing_id)}, body, run)


def _step(
    request: HttpRequest,
    name: str,
    path: dict[str, str],
    body: Body,
    run: Callable[[Caller], Financing],
    status: int = 200,
) -> HttpResponse:
    """One step of a financing under the caller's key, answered with the financing as it then stands."""
    who = caller(request)
    done = perform(request, name, {**path, **body.plain()}, lambda: made(run(who)))
    return one(request, "financing", about(done), status)
