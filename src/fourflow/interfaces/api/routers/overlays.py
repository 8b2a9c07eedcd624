"""Disputes, freezes and complaints over vouchers."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import Complaint, Overlay, OverlayKind
from fourflow.capital.vouchers.types import HoldingId as Held
from fourflow.capital.vouchers.types import VoucherId as Vouched
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Body, Line, Page, Reasoned, Shown, Text
from fourflow.interfaces.api.ids import ComplaintId, HoldingId, OverlayId, PartyId, VoucherId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import by_id, one, page, read, reads, reply, show, writes
from fourflow.interfaces.api.writing import about, perform

router = Router(tags=["disputes, freezes, complaints"])


class OverlayRequest(Body):
    """``source`` names the case or the court paper; without ``holding_id`` it lies over the whole voucher."""

    source: Line
    holding_id: HoldingId | None = None


class OverlayBody(Shown):
    id: OverlayId
    voucher_id: VoucherId
    holding_id: HoldingId | None
    kind: OverlayKind
    source: str
    opened_on: date
    closed_on: date | None


class OverlayList(Shown):
    data: list[OverlayBody]


class ComplaintRequest(Body):
    text: Text


class ComplaintBody(Shown):
    """What somebody complains of, and the desk's answer, due on ``answer_due_on``."""

    id: ComplaintId
    voucher_id: VoucherId
    organisation_id: PartyId
    text: str
    made_on: date
    answer_due_on: date
    answer: str
    answered_on: date | None


class ComplaintPage(Page):
    data: list[ComplaintBody]


class AnswerRequest(Body):
    answer: Text


def _shown(request: HttpRequest, voucher_id: UUID, overlay_id: UUID, status: int = 200) -> HttpResponse:
    actor = caller(request).actor

    def query() -> Overlay:
        found = queries.overlays(actor=actor, voucher_id=Vouched(voucher_id))
        return next(overlay for overlay in found if overlay.id == overlay_id)

    return reply(request, show(OverlayBody, read(request, query)), status=status)


def _made(overlay: Overlay) -> dict[str, str]:
    return {"id": str(overlay.id), "voucher_id": str(overlay.voucher_id)}


@router.get("/vouchers/{voucher_id}/overlays", **reads(OverlayList))
def list_overlays(request: HttpRequest, voucher_id: VoucherId, open_only: bool = False) -> HttpResponse:
    """Disputes and freezes over a voucher, the latest first."""
    actor = caller(request).actor

    def query() -> list[Overlay]:
        queries.get(actor=actor, voucher_id=Vouched(voucher_id))
        return queries.overlays(actor=actor, voucher_id=Vouched(voucher_id), open_only=open_only)

    return reply(request, OverlayList(data=[show(OverlayBody, row) for row in read(request, query)]))


@router.post("/vouchers/{voucher_id}/disputes", **writes(OverlayBody, 201))
def dispute_voucher(request: HttpRequest, voucher_id: VoucherId, body: OverlayRequest) -> HttpResponse:
    """Dispute a voucher or a part of it: no transfer and no financing until it is settled; the due date runs on."""
    who = caller(request)

    def run() -> dict[str, str]:
        overlay = operations.dispute(
            voucher_id=Vouched(voucher_id),
            holding_id=Held(body.holding_id) if body.holding_id else None,
            source=body.source,
            actor=who.actor,
            effective_at=who.now,
            today=who.today,
        )
        return _made(overlay)

    done = perform(request, "voucher.dispute", {"voucher_id": str(voucher_id), **body.plain()}, run)
    return _shown(request, about(done, "voucher_id"), about(done), 201)


@router.post("/vouchers/{voucher_id}/freezes", **writes(OverlayBody, 201))
def freeze_voucher(request: HttpRequest, voucher_id: VoucherId, body: OverlayRequest) -> HttpResponse:
    """Freeze a voucher or a part of it on a court paper or a risk event, in one step."""
    who = caller(request)

    def run() -> dict[str, str]:
        overlay = operations.freeze(
            voucher_id=Vouched(voucher_id),
            holding_id=Held(body.holding_id) if body.holding_id else None,
            source=body.source,
            actor=who.actor,
            effective_at=who.now,
            today=who.today,
        )
        return _made(overlay)

    done = perform(request, "voucher.freeze", {"voucher_id": str(voucher_id), **body.plain()}, run)
    return _shown(request, about(done, "voucher_id"), about(done), 201)


@router.post("/overlays/{overlay_id}/close", **writes(OverlayBody))
def close_overlay(request: HttpRequest, overlay_id: OverlayId, body: Reasoned) -> HttpResponse:
    """Settle a dispute, or lift a freeze; a freeze is lifted by another person than the one who set it."""
    who = caller(request)

    def run() -> dict[str, str]:
        overlay = operations.close_overlay(
            overlay_id=overlay_id, reason=body.reason, actor=who.actor, effective_at=who.now, today=who.today
        )
        return _made(overlay)

    done = perform(request, "voucher.close_overlay", {"overlay_id": str(overlay_id), **body.plain()}, run)
    return _shown(request, about(done, "voucher_id"), about(done))


@shows("complaint")
def _complaint(who: Caller, complaint_id: UUID) -> ComplaintBody:
    return show(ComplaintBody, queries.complaint(actor=who.actor, complaint_id=complaint_id))


@router.get("/complaints", **reads(ComplaintPage))
def list_complaints(
    request: HttpRequest, open_only: bool = True, cursor: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> HttpResponse:
    """The organisation's complaints (for the desk: all), those to be answered first come first."""
    actor = caller(request).actor

    def rows(after: UUID | None, size: int) -> list[Complaint]:
        return queries.complaints(actor=actor, open_only=open_only, after=after, limit=size)

    found, following = read(request, lambda: by_id(cursor, limit, rows))
    return page(request, ComplaintPage, [show(ComplaintBody, row) for row in found], following)


@router.post("/vouchers/{voucher_id}/complaints", **writes(ComplaintBody, 201))
def complain(request: HttpRequest, voucher_id: VoucherId, body: ComplaintRequest) -> HttpResponse:
    """Complain about a voucher; the operator's desk has a date to answer by."""
    who = caller(request)

    def run() -> dict[str, str]:
        made = operations.complain(
            voucher_id=Vouched(voucher_id), text=body.text, actor=who.actor, effective_at=who.now, today=who.today
        )
        return {"id": str(made), "voucher_id": str(voucher_id)}

    done = perform(request, "voucher.complain", {"voucher_id": str(voucher_id), **body.plain()}, run)
    return one(request, "complaint", about(done), 201)


@router.post("/complaints/{complaint_id}/answer", **writes(ComplaintBody))
def answer_complaint(request: HttpRequest, complaint_id: ComplaintId, body: AnswerRequest) -> HttpResponse:
    """The operator's desk answers."""
    who = caller(request)

    def run() -> dict[str, str]:
        operations.answer_complaint(
            complaint_id=complaint_id, answer=body.answer, actor=who.actor, effective_at=who.now, today=who.today
        )
        return {"id": str(complaint_id)}

    done = perform(request, "complaint.answer", {"complaint_id": str(complaint_id), **body.plain()}, run)
    return one(request, "complaint", about(done))
