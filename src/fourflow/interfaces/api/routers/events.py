"""What happened: the feed of events in their final order, thin, as CloudEvents; and the proof of each."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import AwareDatetime, BaseModel, Field

from fourflow.foundation.evidence import queries as evidence
from fourflow.foundation.evidence.types import EventNotFound, Stage
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Line, Page, Part, Shown, livemode
from fourflow.interfaces.api.ids import PREFIXES, EventId
from fourflow.interfaces.api.replies import file, files, page, read, read_position, reads, reply, write_cursor
from fourflow.oversight.insight import queries as insight
from fourflow.oversight.insight.types import LEFT_OUT, subject_kind
from fourflow.platform.errors import Invalid
from fourflow.platform.events import queries
from fourflow.platform.events.types import RecordedEvent, kinds
from fourflow.platform.ids import MalformedId, decode, encode

router = Router(tags=["events and evidence"])


class KindUnknown(Invalid):
    """A word of ``type`` is neither an event kind nor a family of them: what nobody publishes would never come."""

    code = "input.not_a_choice"


def kinds_named(given: str) -> list[str]:
    """The event kinds that ``type`` names: kinds and families (``voucher``, ``voucher.*``), several by comma.

    :raises KindUnknown: it names one that no module publishes.
    """
    found: list[str] = []
    for word in filter(None, (word.strip() for word in given.split(","))):
        named = [kind for kind in kinds() if kind == word or kind.startswith(f"{word.removesuffix('.*')}.")]
        if not named:
            raise KindUnknown(field="type", value=word[:80], expected="an event kind, or a family such as voucher.*")
        found += named
    return sorted(found)


#: which fields of a body are identifiers of what, one or a list of them; a plain UUID stays what names objects of several
#: kinds (``about_id`` and ``object_id`` beside the word that says which) or one that no route shows
FIELDS: dict[str, str] = {
    name: kind
    for kind, names in {
        "holding": "holding_id parent_id",
        "party": "issuer_id receiver_id funder_id core_id debtor_id creditor_id applicant_id holder_id from_id to_id "
        "payer_id payee_id organisation_id party_id buyer_id to_party_id supplier_id counterparty_id secured_party_id "
        "subject_party_id",
        "person": "person_id maker_person_id by_person_id proposed_by checked_by frozen_by unfrozen_by rejected_by "
        "registered_by confirmed_by withdrawn_by prepared_by reader_person_id",
        "application": "application_id",
        "approval": "approval_id",
        "claim": "claim_id claim_ids ancestors",
        "client": "client_id",
        "complaint": "complaint_id",
        "entry": "entry_id",
        "expectation": "expectation_id",
        "import": "import_id",
        "instruction": "instruction_id",
        "limit": "limit_id",
        "payable": "payable_id",
        "passkey": "passkey_id",
        "promise": "promise_id",
        "publication": "publication_id",
        "quote": "quote_id",
        "read": "first_id last_id",
        "registration": "registration_id",
        "report": "report_id",
        "voucher": "voucher_id",
    }.items()
    for name in names.split()
}


class EventBody(BaseModel):
    """A CloudEvent (1.0) with our ``position``; the proof of it is at ``/v1/events/{id}/evidence``."""

    specversion: str = "1.0"
    id: EventId
    source: str = "/v1"
    type: str
    subject: str
    time: AwareDatetime
    recorded_at: AwareDatetime
    datacontenttype: str = "application/json"
    data: dict[str, Any]
    version: int
    position: int | None
    livemode: bool = Field(default_factory=livemode)


class EventPage(Page):
    data: list[EventBody]


class EventChangeBody(Part):
    """A field of what is recorded of an object, by its dotted path; null where it was not known."""

    path: str
    before: Any
    after: Any


class EventChanges(Shown):
    """What is recorded of the event's object as of the event, against what it was as of ``against``."""

    id: EventId
    against: EventId | None
    changes: list[EventChangeBody]


class StageBody(Shown):
    """How far an event has come: recorded, sequenced, checkpointed, witnessed."""

    id: EventId
    stage: Stage


class WitnessBody(Part):
    name: str
    size: int
    problem: str
    checked_at: AwareDatetime


class LogBody(Shown):
    """The evidence log at a glance. ``witnesses`` of the head are those that cosigned it."""

    size: int
    waiting: int
    origin: str | None
    head_size: int | None
    head_root: str | None
    head_witnesses: list[str]
    witnesses: list[WitnessBody]


def _plain(name: str, value: Any) -> Any:
    kind = FIELDS.get(name)
    if kind and isinstance(value, str):
        try:
            return encode(PREFIXES[kind], UUID(value))
        except ValueError:
            return value
    if isinstance(value, dict):
        return {key: _plain(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(name, item) for item in value]
    return value


def subject_of(event: RecordedEvent) -> str:
    """What a fact is about, by its identifier."""
    return encode(PREFIXES[subject_kind(event.kind)], event.subject_id)


def event_body(event: RecordedEvent) -> EventBody:
    """The event as the API shows it."""
    return EventBody(
        id=event.id,
        type=event.kind,
        subject=subject_of(event),
        time=event.effective_at,
        recorded_at=event.recorded_at,
        data={name: _plain(name, value) for name, value in event.body.items() if name not in LEFT_OUT},
        version=event.version,
        position=event.position,
    )


def subject_named(text: str) -> UUID:
    """Any identifier of the API; :raises MalformedId: none of them."""
    prefix = text.partition("_")[0]
    if prefix not in PREFIXES.values():
        raise MalformedId(value=text[:40])
    return decode(prefix, text)


@router.get("/events", **reads(EventPage))
def list_events(
    request: HttpRequest,
    subject: Line = "",
    type: Line = "",
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> HttpResponse:
    """Everything that happened to what the organisation may see, in its final order; nothing is ever skipped.

    ``type`` narrows to kinds and families (``voucher.*``), several by comma. The last page has ``has_more`` false and a
    ``next_cursor`` all the same: ask with it again, and what has happened since follows. ``subject`` names one object:
    then all its events are given at once, also those not numbered yet.
    """
    if subject:
        wanted = subject_named(subject)
        found = read(request, lambda: queries.of_subject(wanted))
        return page(request, EventPage, [event_body(event) for event in found], None)
    after = read_position(cursor)
    wanted_kinds = kinds_named(type)
    found = read(request, lambda: queries.after(after, limit + 1, kinds=wanted_kinds))
    rows = found[:limit]
    following = write_cursor(rows[-1].position or 0) if rows else cursor or None
    more = len(found) > limit
    return page(request, EventPage, [event_body(event) for event in rows], following, has_more=more)


@router.get("/events/{event_id}", **reads(EventBody))
def get_event(request: HttpRequest, event_id: EventId) -> HttpResponse:
    """One event; what a webhook's link leads to."""
    found = read(request, lambda: queries.one(event_id))
    if found is None:
        raise EventNotFound(value=str(event_id))
    return reply(request, event_body(found))


@router.get("/events/{event_id}/changes", **reads(EventChanges))
def event_changes(request: HttpRequest, event_id: EventId, against: Line = "") -> HttpResponse:
    """What an event changed of what is recorded of its object: against the event before it, or an earlier one of the object."""
    who = caller(request)
    wanted = decode(PREFIXES["event"], against) if against else None
    found = read(request, lambda: insight.compared(actor=who.actor, event_id=event_id, against=wanted))
    changes = [
        EventChangeBody(
            path=one.path, before=_plain(_last(one.path), one.before), after=_plain(_last(one.path), one.after)
        )
        for one in found.changes
    ]
    return reply(request, EventChanges(id=event_id, against=found.before.id if found.before else None, changes=changes))


def _last(path: str) -> str:
    return path.rpartition(".")[2]


@router.get("/events/{event_id}/stage", **reads(StageBody))
def event_stage(request: HttpRequest, event_id: EventId) -> HttpResponse:
    """How far an event has come on its way from recorded to witnessed."""
    stage = evidence.stage(event_id, caller(request).actor)
    return reply(request, StageBody(id=event_id, stage=stage))


@router.get("/events/{event_id}/evidence", **files("text/plain"), summary="Proof bundle")
def event_evidence(request: HttpRequest, event_id: EventId) -> HttpResponse:
    """The proof bundle of an event as text: ``fourflow evidence verify`` and the stand-alone verifier read it."""
    actor = caller(request).actor
    actor.require(Permission.EVIDENCE_EXPORT)
    text = evidence.bundle(event_id, actor)
    return file(request, text, "text/plain; charset=utf-8", f"{encode(PREFIXES['event'], event_id)}.proof")


@router.get("/evidence/log", **reads(LogBody))
def log_state(request: HttpRequest) -> HttpResponse:
    """Size of the log, its latest signed head, and what its witnesses last said."""
    state = evidence.log_state()
    head = state.head
    body = LogBody(
        size=state.size,
        waiting=state.waiting,
        origin=head.origin if head else None,
        head_size=head.size if head else None,
        head_root=head.root.hex() if head else None,
        head_witnesses=list(head.witnesses) if head else [],
        witnesses=[WitnessBody.model_validate(witness) for witness in state.witnesses],
    )
    return reply(request, body)


@router.get("/evidence/checkpoint", **files("text/plain"), summary="Latest checkpoint")
def latest_checkpoint(request: HttpRequest) -> HttpResponse:
    """The best cosigned head as a signed note (C2SP tlog-checkpoint); empty before the first."""
    head = evidence.best_head()
    return file(request, head.note if head else "", "text/plain; charset=utf-8", "checkpoint")
