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
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.web import refusals, texts
from fourflow.interfaces.web.addresses import read, text
from fourflow.interfaces.web.components.records import Banner, Change, Kpi, Problem, Step
from fourflow.interfaces.web.components.status import Status
from fourflow.interfaces.web.pages import happened, snapshots
from fourflow.interfaces.web.people import Visitor, page
from fourflow.oversight.insight import queries as insight
from fourflow.oversight.insight.types import Compared
from fourflow.oversight.monitoring.queries import audit_rows
from fourflow.platform.clock import business_date
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
        Kpi(_("Facts in the log"), state.size, "/events" if visitor.actor.sees_all else "#heads"),
        Kpi(_("Waiting for a number"), state.waiting, tone="warn" if state.waiting > 1000 else "neutral"),
        Kpi(_("Signed up to"), head.size if head else 0, "#heads"),
        Kpi(
            _("Independent witnesses"),
            len(head.witnesses) if head else 0,
            "#witnesses",
            note=_("cosigned the newest head") if head and head.witnesses else _("operator's word only"),
            tone="ok" if head and head.witnesses else "warn",
        ),
    ]
    context = {
        "kpis": kpis,
        "state": state,
        "heads": [(one, one.root.hex()) for one in heads],
        "may_audit": may_audit,
        "sees_all": visitor.actor.sees_all,
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
        event = events.one(event_id)
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
    words = happened.words(found.kind)
    with visitor.reading() as actor:
        against = read("event", request.GET.get("against", ""))
        compared = insight.compared(actor=actor, event_id=event_id, against=against)
        doers = parties.account_holders([found.doer_id] if found.doer_id else [])
    steps = [
        Step(texts.real_time(_("Recorded")), found.recorded_at),
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
        (texts.real_time(_("Recorded")), found.recorded_at),
        (_("Done by"), doers.get(found.doer_id, "") if found.doer_id else ""),
        (_("Request"), found.request_id if visitor.actor.sees_all else ""),
        *snapshots.facts({k: v for k, v in found.body.items() if k not in ("signature", "consent")}),
    ]
    context = {
        "title": words,
        "state": STAGES[stage],
        "facts": [pair for pair in facts if pair[1] != ""],
        "others": _others(compared),
        "differences": _differences(compared),
        "steps": steps,
        "id": text("event", event_id),
        "ready": stage in (Stage.CHECKPOINTED, Stage.WITNESSED),
    }
    return render(request, "web/pages/event.html", context)


def _differences(compared: Compared) -> list[Change]:
    """What differs between two versions of an object, the fact that each of them ends with first; ids say nothing to people."""
    before = happened.words(compared.before.kind) if compared.before else None
    found = [Change(_("Last fact"), before, happened.words(compared.after.kind))]
    return found + [
        Change(snapshots.label(one.path), snapshots.value(one.before, one.path), snapshots.value(one.after, one.path))
        for one in compared.changes
        if not one.path.endswith("_id")
    ]


def _others(compared: Compared) -> list[dict[str, object]]:
    """The other facts about the object, of which one is compared with; the newest first."""
    return [
        {
            "id": text("event", one.id),
            "words": f"{texts.day(business_date(one.effective_at))} · {happened.words(one.kind)}",
            "chosen": compared.before is not None and one.id == compared.before.id,
        }
        for one in reversed(compared.versions)
        if one.id != compared.after.id
    ]


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
