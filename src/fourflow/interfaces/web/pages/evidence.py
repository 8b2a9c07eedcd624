"""The evidence log: its state and witnesses, the audit at a press, one event with its proof bundle."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import HoldingId
from fourflow.config import wiring
from fourflow.foundation.evidence import queries
from fourflow.foundation.evidence.types import EventNotFound, NotYetInLog, Stage
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import refusals
from fourflow.interfaces.web.addresses import text
from fourflow.interfaces.web.components.records import Banner, Kpi, Problem, Step
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.pages import happened, snapshots
from fourflow.interfaces.web.people import Visitor, page
from fourflow.oversight.monitoring.queries import audit_rows
from fourflow.platform.events import queries as events
from fourflow.platform.events.types import RecordedEvent

STAGES = {
    Stage.RECORDED: Status(gettext_lazy("Recorded"), "info", True),
    Stage.SEQUENCED: Status(gettext_lazy("Numbered"), "info", True),
    Stage.CHECKPOINTED: Status(gettext_lazy("Signed by the operator"), "info"),
    Stage.WITNESSED: Status(gettext_lazy("Witnessed"), "ok"),
}


@require_http_methods(["GET", "POST"])
@page()
def audit(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """How far the log is, who cosigned it, and (operator, regulator) the audit of everything."""
    may_audit = visitor.can(Permission.AUDIT_READ) or visitor.actor.sees_all
    verdict = _audit() if request.method == "POST" and may_audit else None
    with visitor.reading():
        state = queries.log_state()
        heads = queries.heads(limit=8)
    head = state.head
    kpis = [
        Kpi(_("Facts in the log"), state.size),
        Kpi(_("Waiting for a number"), state.waiting, tone="warn" if state.waiting > 1000 else "neutral"),
        Kpi(_("Signed up to"), head.size if head else 0),
        Kpi(
            _("Independent witnesses"),
            len(head.witnesses) if head else 0,
            note=_("cosigned the newest head") if head and head.witnesses else _("operator's word only"),
            tone="ok" if head and head.witnesses else "warn",
        ),
    ]
    context = {
        "kpis": kpis,
        "state": state,
        "heads": [(one, one.root.hex()) for one in heads],
        "may_audit": may_audit,
        "verdict": verdict,
    }
    return render(request, "web/pages/audit.html", context)


def _audit() -> Banner:
    """Every leaf, tile and head made anew; every evidenced row compared with its last event."""
    log = wiring.audit_log()
    rows = audit_rows(wiring.EVIDENCED)
    found = [Problem(f"{one.code} {one.subject} {one.detail}") for one in log.findings[:50]]
    found += [Problem(str(one)) for one in rows.findings[:50]]
    counts = _("%(leaves)s facts, %(tiles)s tiles, %(heads)s signed heads and %(rows)s rows were compared.") % {
        "leaves": f"{log.leaves:,}",
        "tiles": log.tiles,
        "heads": log.checkpoints,
        "rows": f"{rows.checked:,}",
    }
    if log.sound and rows.sound:
        return Banner(_("Everything agrees"), counts, "ok")
    return Banner(_("Something was changed behind the log"), counts, "bad", tuple(found))


def _event(visitor: Visitor, event_id: UUID) -> RecordedEvent:
    """The event as recorded, if the visitor may see it.

    :raises EventNotFound: no such event for the visitor's organisation.
    :raises HoldingNotFound: it is about a part of a voucher that the organisation may not see.
    """
    with visitor.reading() as actor:
        source = events.leaf_source(event_id)
        found = events.of_subject(source.subject_id) if source else []
        event = next((one for one in found if one.id == event_id), None)
        if event is None:
            raise EventNotFound(value=str(event_id))
        if (part := event.body.get("holding_id")) and event.kind.startswith(("voucher.", "holding.")):
            vouchers.holding(actor=actor, holding_id=HoldingId(UUID(str(part))))
    return event


@require_GET
@page()
def event(request: HttpRequest, visitor: Visitor, event_id: UUID) -> HttpResponse:
    """One fact: what it says, its place in the log, and the bundle that proves both without us."""
    found = _event(visitor, event_id)
    stage = queries.stage(event_id, visitor.actor)
    words, _tone = happened.WORDS.get(found.kind, (found.kind, ""))
    steps = [
        Step(_("Recorded"), found.recorded_at),
        Step(
            _("Numbered in the log"),
            body=f"{found.position:,}" if found.position is not None else "",
            tone=_reached(stage, 1),
        ),
        Step(_("Signed by the operator"), tone=_reached(stage, 2)),
        Step(_("Cosigned by independent witnesses"), tone="ok" if stage is Stage.WITNESSED else "next"),
    ]
    facts: list[tuple[Any, object]] = [
        (_("What"), words),
        (_("Kind"), f"{found.kind} v{found.version}"),
        (_("Effective"), found.effective_at),
        (_("Recorded"), found.recorded_at),
        *snapshots.facts({k: v for k, v in found.body.items() if k not in ("signature", "consent")}),
    ]
    context = {
        "title": words,
        "state": STAGES[stage],
        "facts": facts,
        "steps": steps,
        "id": text("event", event_id),
        "ready": stage in (Stage.CHECKPOINTED, Stage.WITNESSED),
    }
    return render(request, "web/pages/event.html", context)


def _reached(stage: Stage, number: int) -> str:
    return "done" if list(Stage).index(stage) >= number else "next"


@require_GET
@page()
def bundle(request: HttpRequest, visitor: Visitor, event_id: UUID) -> HttpResponse:
    """The proof bundle as a file, for ``fourflow evidence verify`` or the stand-alone verifier."""
    _event(visitor, event_id)
    try:
        content = queries.bundle(event_id, visitor.actor)
    except NotYetInLog as error:
        return HttpResponse(str(refusals.words(error)[0]), status=409, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(content, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{text("event", event_id)}.tlog-proof"'
    answer["Cache-Control"] = "no-store"
    return answer
