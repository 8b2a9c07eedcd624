"""Claims and the payables that debtors confirm on them."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime, Field

from fourflow.capital.claims import operations, queries
from fourflow.capital.claims.types import (
    Ancestor,
    Claim,
    ConfirmedPayable,
    DocumentRef,
    PayableState,
    Scheme,
    Underlying,
)
from fourflow.capital.claims.types import ClaimId as Claimed
from fourflow.capital.claims.types import PayableId as Payable
from fourflow.interfaces.api.auth import Caller, caller, confirm, sign
from fourflow.interfaces.api.fields import (
    Body,
    Line,
    Money,
    Page,
    Part,
    Reasoned,
    Several,
    Shown,
    SignatureBody,
    Signed,
    ToSign,
)
from fourflow.interfaces.api.ids import ClaimId, DocumentId, PartyId, PayableId, PersonId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, one, page, read, reads, reply, show, to_sign, writes
from fourflow.interfaces.api.writing import about, made, perform

router = Router(tags=["claims and payables"])
TERMS = "payable-terms/2026-11"
Limit = Annotated[int, Query(ge=1, le=200)]


class DocumentRefBody(Body):
    """A document behind a claim, by kind and number as they stand on it."""

    kind: Line
    number: Line
    document_id: DocumentId | None = None

    def to_type(self) -> DocumentRef:
        return DocumentRef(self.kind, self.number, self.document_id)


class DocumentRefShown(Part):
    kind: str
    number: str
    document_id: DocumentId | None


class AncestorBody(Body):
    """An earlier claim out of which this one grew, and how much of this one lies on it (null: all)."""

    claim_id: ClaimId
    share: Money | None = None


class ClaimRequest(Body):
    """``parts`` are those of the scheme: ``po_asn`` has buyer, order and delivery.

    A payable on the claim names a document of the claim's own kind, here or itself: ``contract``, ``order``, ``delivery``,
    ``invoice`` or ``waybill``.
    """

    scheme: Scheme
    parts: dict[str, Line] = Field(max_length=8)
    debtor_id: PartyId
    creditor_id: PartyId
    amount: Money
    documents: list[DocumentRefBody] = Field(default=[], max_length=50)
    ancestors: list[AncestorBody] = Field(default=[], max_length=50)


class ClaimBody(Shown):
    """``used``, ``credited`` and ``remaining`` are null for a reader who is not the creditor."""

    id: ClaimId
    scheme: Scheme
    parts: dict[str, str]
    debtor_id: PartyId
    creditor_id: PartyId
    amount: Money
    used: Money | None
    credited: Money | None
    remaining: Money | None
    documents: list[DocumentRefShown]
    registered_at: AwareDatetime


class ClaimPage(Page):
    data: list[ClaimBody]


class ClaimLinkBody(Part):
    claim: ClaimBody
    distance: int


class ClaimChain(Shown):
    """A claim and what it grew out of, nearest first; what the reader may not see is left out."""

    links: list[ClaimLinkBody]


class PayableRequest(Body):
    claim_id: ClaimId
    amount: Money
    due_date: date
    delivered_on: date | None = None
    documents: list[DocumentRefBody] = Field(default=[], max_length=50)


class PayableBody(Shown):
    """What a debtor owes by its own word; ``signature`` stands once it is confirmed.

    A proposed one may be confirmed until the end of ``decide_by``; then it is ``expired``, and may be proposed again."""

    id: PayableId
    claim_id: ClaimId
    debtor_id: PartyId
    creditor_id: PartyId
    amount: Money
    used: Money
    remaining: Money
    due_date: date
    delivered_on: date | None
    state: PayableState
    documents: list[DocumentRefShown]
    proposed_by: PersonId
    proposed_at: AwareDatetime
    decide_by: date
    confirmed_by: PersonId | None
    confirmed_at: AwareDatetime | None
    signature: SignatureBody | None
    reason: str


class PayablePage(Page):
    data: list[PayableBody]


@shows("claim")
def _claim(who: Caller, claim_id: UUID) -> ClaimBody:
    return show(ClaimBody, queries.get(actor=who.actor, claim_id=Claimed(claim_id)))


@shows("payable")
def _payable(who: Caller, payable_id: UUID) -> PayableBody:
    return show(PayableBody, queries.payable(actor=who.actor, payable_id=Payable(payable_id)))


@router.get("/claims", **reads(ClaimPage))
def list_claims(
    request: HttpRequest,
    debtor_id: PartyId | None = None,
    creditor_id: PartyId | None = None,
    cursor: str = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Claims in which the organisation is debtor or creditor, the latest first."""
    actor = caller(request).actor

    def rows(after: UUID | None, size: int) -> list[Claim]:
        return queries.claims(actor=actor, debtor_id=debtor_id, creditor_id=creditor_id, after=after, size=size)

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, ClaimPage, [show(ClaimBody, row) for row in found], following)


@router.post("/claims", **writes(ClaimBody, 201))
def register_claim(request: HttpRequest, body: ClaimRequest) -> HttpResponse:
    """Register a claim by its document. A document that is taken is refused without a word about who took it."""
    who = caller(request)

    def run() -> dict[str, str]:
        claim = operations.register_claim(
            underlying=Underlying(body.scheme, body.parts),
            debtor_id=body.debtor_id,
            creditor_id=body.creditor_id,
            amount=body.amount,
            actor=who.actor,
            effective_at=who.now,
            documents=[document.to_type() for document in body.documents],
            ancestors=[Ancestor(Claimed(a.claim_id), a.share) for a in body.ancestors],
        )
        return made(claim)

    return one(request, "claim", about(perform(request, "claim.register", body.plain(), run)), 201)


@router.get("/claims/{claim_id}", **reads(ClaimBody))
def get_claim(request: HttpRequest, claim_id: ClaimId) -> HttpResponse:
    """One claim."""
    return one(request, "claim", claim_id)


@router.get("/claims/{claim_id}/chain", **reads(ClaimChain))
def claim_chain(request: HttpRequest, claim_id: ClaimId) -> HttpResponse:
    """From a claim up to the order it grew out of."""
    actor = caller(request).actor
    links = read(request, lambda: queries.chain(actor=actor, claim_id=Claimed(claim_id)))
    return reply(request, ClaimChain(links=[ClaimLinkBody.model_validate(link) for link in links]))


@router.get("/payables", **reads(PayablePage))
def list_payables(
    request: HttpRequest,
    state: Several[PayableState] = (),
    claim_id: ClaimId | None = None,
    debtor_id: PartyId | None = None,
    creditor_id: PartyId | None = None,
    due_from: Annotated[date | None, Query(alias="due[gte]")] = None,
    due_to: Annotated[date | None, Query(alias="due[lte]")] = None,
    sort: str = "",
    cursor: str = "",
    limit: Limit = 50,
) -> HttpResponse:
    """Payables of the organisation, the latest first or by ``sort``: amount, due, proposed, a minus in front for descending.

    ``state`` takes proposed, confirmed, withdrawn, expired, comma-separated.
    """
    actor = caller(request).actor

    def rows(after: UUID | None, size: int) -> list[ConfirmedPayable]:
        return queries.payables(
            actor=actor,
            claim_id=Claimed(claim_id) if claim_id else None,
            debtor_id=debtor_id,
            creditor_id=creditor_id,
            states=state,
            due_from=due_from,
            due_to=due_to,
            sort=sort,
            after=after,
            size=size,
        )

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, PayablePage, [show(PayableBody, row) for row in found], following)


@router.post("/payables", **writes(PayableBody, 201))
def propose_payable(request: HttpRequest, body: PayableRequest) -> HttpResponse:
    """Put a payable on a claim before its debtor."""
    who = caller(request)

    def run() -> dict[str, str]:
        payable = operations.propose_payable(
            claim_id=Claimed(body.claim_id),
            amount=body.amount,
            due_date=body.due_date,
            delivered_on=body.delivered_on,
            documents=[document.to_type() for document in body.documents],
            actor=who.actor,
            effective_at=who.now,
        )
        return made(payable)

    return one(request, "payable", about(perform(request, "payable.propose", body.plain(), run)), 201)


@router.get("/payables/{payable_id}", **reads(PayableBody))
def get_payable(request: HttpRequest, payable_id: PayableId) -> HttpResponse:
    """One payable."""
    return one(request, "payable", payable_id)


@router.get("/payables/{payable_id}/content", **reads(ToSign))
def payable_content(request: HttpRequest, payable_id: PayableId) -> HttpResponse:
    """What the debtor's person signs to confirm."""
    actor = caller(request).actor
    found = read(request, lambda: queries.payable(actor=actor, payable_id=Payable(payable_id)))
    return reply(request, to_sign(found.content(), TERMS))


@router.post("/payables/{payable_id}/confirm", **writes(PayableBody))
def confirm_payable(request: HttpRequest, payable_id: PayableId, body: Signed) -> HttpResponse:
    """The debtor confirms with a person's signature; not the person who proposed it."""
    who = caller(request)
    confirm(request, body.password)

    def run() -> dict[str, str]:
        found = queries.payable(actor=who.actor, payable_id=Payable(payable_id))
        payable = operations.confirm(
            payable_id=found.id,
            actor=who.actor,
            signature=sign(who.actor, found.content(), body.content_digest, TERMS),
            effective_at=who.now,
        )
        return made(payable)

    done = perform(request, "payable.confirm", {"payable_id": str(payable_id), **body.plain()}, run)
    return one(request, "payable", about(done))


@router.post("/payables/{payable_id}/withdraw", **writes(PayableBody))
def withdraw_payable(request: HttpRequest, payable_id: PayableId, body: Reasoned) -> HttpResponse:
    """Take an unused payable back."""
    who = caller(request)

    def run() -> dict[str, str]:
        payable = operations.withdraw_payable(
            payable_id=Payable(payable_id), actor=who.actor, reason=body.reason, effective_at=who.now
        )
        return made(payable)

    done = perform(request, "payable.withdraw", {"payable_id": str(payable_id), **body.plain()}, run)
    return one(request, "payable", about(done))
