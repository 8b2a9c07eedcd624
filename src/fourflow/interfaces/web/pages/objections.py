"""Disputes, freezes and complaints over a voucher or a part of it: opened, settled, answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import (
    Holding,
    HoldingId,
    Overlay,
    OverlayKind,
    OverlayNotFound,
    Voucher,
    VoucherId,
)
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web.acts import Act, Facts, conduct
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.components.records import Link
from fourflow.interfaces.web.forms import Field, Values
from fourflow.interfaces.web.pages.vouchers import short
from fourflow.interfaces.web.people import Visitor, page


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_DISPUTE)
def dispute(
    request: HttpRequest, visitor: Visitor, voucher_id: UUID | None = None, holding_id: UUID | None = None
) -> HttpResponse:
    """The issuer disputes a voucher, or a holder its own part."""
    return conduct(request, visitor, _opening(visitor, OverlayKind.DISPUTED, voucher_id, holding_id))


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_FREEZE)
def freeze(
    request: HttpRequest, visitor: Visitor, voucher_id: UUID | None = None, holding_id: UUID | None = None
) -> HttpResponse:
    """The operator or a bank freezes on an order of a court or the regulator, or on a risk event."""
    return conduct(request, visitor, _opening(visitor, OverlayKind.FROZEN, voucher_id, holding_id))


def seen(visitor: Visitor, voucher_id: UUID | None, holding_id: UUID | None) -> tuple[Voucher, Holding | None]:
    """The voucher, and the part where one is named.

    :raises VoucherNotFound, HoldingNotFound: not there for this organisation.
    """
    with visitor.reading() as actor:
        part = queries.holding(actor=actor, holding_id=HoldingId(holding_id)) if holding_id else None
        key = part.voucher_id if part else VoucherId(voucher_id or UUID(int=0))
        return queries.get(actor=actor, voucher_id=key), part


def voucher_act_facts(voucher: Voucher, part: Holding | None = None) -> Facts:
    """What an act on a voucher or on a part of it is about."""
    named = parties.names([voucher.issuer_id, voucher.receiver_id, *([part.holder_id] if part else [])])
    facts: list[tuple[Any, object]] = [
        (_("Voucher"), Link(short(voucher.number), to("voucher", voucher.id))),
        (_("Issuer"), named.get(voucher.issuer_id, "")),
        (_("Receiver"), named.get(voucher.receiver_id, "")),
        (_("Face"), voucher.face),
        (_("Outstanding"), voucher.outstanding),
        (_("Due"), voucher.due_on),
    ]
    if part is not None:
        facts += [(_("Part of"), named.get(part.holder_id, "")), (_("Amount of the part"), part.outstanding)]
    return facts


def crumbs(voucher: Voucher, part: Holding | None = None) -> tuple[Link, ...]:
    """The way back from an act to the voucher, or to the part that it is about."""
    found = (Link(_("Vouchers"), "/vouchers"), Link(short(voucher.number), to("voucher", voucher.id)))
    return (*found, Link(_("Part"), to("holding", part.id))) if part else found


def _opening(visitor: Visitor, kind: OverlayKind, voucher_id: UUID | None, holding_id: UUID | None) -> Act:
    voucher, part = seen(visitor, voucher_id, holding_id)
    disputes = kind is OverlayKind.DISPUTED
    operation: Callable[..., Overlay] = operations.dispute if disputes else operations.freeze

    def run(values: Values, _signature: object) -> dict[str, Any]:
        made = operation(
            voucher_id=voucher.id,
            holding_id=part.id if part else None,
            source=values["source"],
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
        )
        return {"id": str(made.id)}

    source = Field(
        "source",
        _("Case") if disputes else _("Paper behind it"),
        "area",
        help=_("What is disputed, with the number of the case.")
        if disputes
        else _("The court, regulator or risk event that orders it, with the number of the paper."),
        maximum=500,
    )
    return Act(
        title=_("Open a dispute") if disputes else _("Freeze"),
        operation="voucher.dispute" if disputes else "voucher.freeze",
        run=run,
        to=lambda done: to("holding", part.id) if part else to("voucher", voucher.id),
        done=_("Disputed.") if disputes else _("Frozen."),
        button=_("Open the dispute") if disputes else _("Freeze"),
        fields=(source,),
        facts=voucher_act_facts(voucher, part),
        amount=lambda values: part.outstanding if part else voucher.outstanding,
        label=_("In dispute") if disputes else _("Frozen"),
        consequence=_("No transfer and no financing until it is settled. The due date runs on.")
        if disputes
        else _("No transfer and no financing until another person lifts it. The due date runs on."),
        crumbs=crumbs(voucher, part),
        about={"voucher": str(voucher.id), "part": str(part.id) if part else ""},
    )


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_VIEW)
def close(request: HttpRequest, visitor: Visitor, voucher_id: UUID, overlay_id: UUID) -> HttpResponse:
    """Settle a dispute by who opened it, or lift a freeze by another person than the one who set it."""
    voucher, _part = seen(visitor, voucher_id, None)
    with visitor.reading() as actor:
        found = [one for one in queries.overlays(actor=actor, voucher_id=voucher.id) if one.id == overlay_id]
    if not found:
        raise OverlayNotFound(value=str(overlay_id))
    (overlay,) = found
    disputed = overlay.kind is OverlayKind.DISPUTED

    def run(values: Values, _signature: object) -> dict[str, Any]:
        operations.close_overlay(
            overlay_id=overlay_id,
            reason=values["reason"],
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
        )
        return {"id": str(overlay_id)}

    opened = (_("Case") if disputed else _("Paper behind it"), f"{overlay.source} · {overlay.opened_on.isoformat()}")
    act = Act(
        title=_("Settle the dispute") if disputed else _("Lift the freeze"),
        operation="voucher.close_overlay",
        run=run,
        to=lambda done: to("voucher", voucher.id),
        done=_("Settled.") if disputed else _("Lifted."),
        button=_("Settle") if disputed else _("Lift"),
        fields=(Field("reason", _("Outcome") if disputed else _("Reason"), "area", maximum=500),),
        facts=[*voucher_act_facts(voucher), opened],
        amount=lambda values: voucher.outstanding,
        label=_("Free again"),
        blocked=_("This is settled.") if overlay.closed_on else "",
        crumbs=crumbs(voucher),
        about={"overlay": str(overlay_id)},
    )
    return conduct(request, visitor, act)


@require_http_methods(["GET", "POST"])
@page(Permission.VOUCHER_COMPLAIN)
def complain(request: HttpRequest, visitor: Visitor, voucher_id: UUID) -> HttpResponse:
    """A holder complains, for instance that an overdue voucher is unpaid; the operator's desk has a date to answer by."""
    voucher, _part = seen(visitor, voucher_id, None)

    def run(values: Values, _signature: object) -> dict[str, Any]:
        made = operations.complain(
            voucher_id=voucher.id,
            text=values["text"],
            actor=visitor.actor,
            effective_at=visitor.now,
            today=visitor.today,
        )
        return {"id": str(made)}

    act = Act(
        title=_("Complain"),
        operation="voucher.complain",
        run=run,
        to=lambda done: "/complaints",
        done=_("Handed in. The operator has a date to answer by."),
        button=_("Hand in"),
        fields=(Field("text", _("Complaint"), "area", help=_("What happened, and what you ask for."), maximum=2000),),
        facts=voucher_act_facts(voucher),
        amount=lambda values: voucher.outstanding,
        label=_("Outstanding"),
        crumbs=crumbs(voucher),
        about={"voucher": str(voucher.id)},
    )
    return conduct(request, visitor, act)
