"""Taking over a file: try it, receive it, store it in one go or in steps that survive a crash."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from fourflow.foundation.parties.types import Actor, Permission
from fourflow.platform.db import visibility
from fourflow.platform.events import operations as events
from fourflow.platform.ids import new_id
from fourflow.trade.documents import models
from fourflow.trade.documents.domain import formula
from fourflow.trade.documents.events import FileReceived, ImportProgressed
from fourflow.trade.documents.operations import recording
from fourflow.trade.documents.ports import DocumentSource
from fourflow.trade.documents.queries import views
from fourflow.trade.documents.types import (
    AlreadyImported,
    FirmName,
    ImportCounts,
    ImportMode,
    ImportState,
    ImportStateWrong,
    ImportView,
    RowProblem,
    Severity,
    SourceReading,
)

PROBLEM_COLUMNS = ("row", "line", "field", "code", "severity", "value", "expected", "became")
OPEN_STATES = (ImportState.RECEIVED.value, ImportState.STORING.value)


@dataclass(frozen=True, slots=True)
class Preview:
    """What importing a file would do; nothing was written. `problems` are the reading's and the conflicts."""

    counts: ImportCounts
    by_code: dict[str, int]
    problems: tuple[RowProblem, ...]
    rejects: bytes
    would_be_refused: bool


def preview_file(
    *, content: bytes, source: DocumentSource, mode: ImportMode, actor: Actor, today: date, encoding: str | None = None
) -> Preview:
    """Dry run: read a file and compare it with what is here.

    :raises NotPermitted: the actor does not import documents for the organisation.
    :raises FileRefused: the file cannot be read as a whole.
    """
    actor.require(Permission.IMPORT_ORDERS)
    reading = source.read(content, today=today, encoding=encoding)
    planned = recording.plan(reading.orders, reading.deliveries, buyer_id=actor.organisation_id)
    problems = (*reading.problems, *planned.conflicts)
    refused = mode is ImportMode.STRICT and any(p.severity is Severity.ERROR for p in problems)
    counts = _counts(_from_reading(reading), planned)
    return Preview(counts, _by_code(problems), problems, reading.rejects, refused)


@transaction.atomic
def receive_file(
    *,
    content: bytes,
    file_name: str,
    source: DocumentSource,
    mode: ImportMode,
    actor: Actor,
    effective_at: datetime,
    today: date,
    encoding: str | None = None,
) -> ImportView:
    """Keep a file as it came, to be taken over by :func:`continue_import`.

    :param today: dates of things done may not lie after this day; kept with the import.
    :raises NotPermitted: the actor does not import documents for the organisation.
    :raises AlreadyImported: these very bytes were received before and not refused.
    """
    actor.require(Permission.IMPORT_ORDERS)
    buyer_id = actor.organisation_id
    digest = sha256(content).hexdigest()
    recording.lock_buyer(buyer_id)
    known = models.Import.objects.visible_to(actor).filter(buyer_id=buyer_id, sha256=digest).exclude(state="refused")
    if earlier := known.first():
        raise AlreadyImported(import_id=str(earlier.id), state=earlier.state)

    row = models.Import.objects.create(
        buyer_id=buyer_id,
        person_id=actor.person_id,
        source=source.name,
        file_name=_shown_name(file_name),
        sha256=digest,
        size=len(content),
        encoding=encoding or "",
        mode=mode.value,
        read_as_of=today,
        received_at=effective_at,
    )
    _keep(row, "original", content)
    visibility.grant(row.id, [buyer_id], "buyer whose file it is")
    event = FileReceived(
        subject_id=row.id,
        effective_at=effective_at,
        source=row.source,
        file_name=row.file_name,
        sha256=digest,
        size=row.size,
        buyer_id=buyer_id,
        person_id=actor.person_id,
        mode=row.mode,
    )
    events.publish(event, rows=[row.evidenced()])
    return views.import_view(row)


@transaction.atomic
def continue_import(
    *,
    import_id: UUID,
    source: DocumentSource,
    actor: Actor,
    effective_at: datetime,
    orders: int | None = None,
    reading: SourceReading | None = None,
) -> ImportView:
    """Store the next orders of a received file with their deliveries; called until the state is final.

    A process that dies between two calls loses nothing: the file is read again and goes on behind `orders_passed`.

    :param orders: at most so many orders in this step; None = all that are left.
    :param reading: the file as the caller has read it, so that steps of one process read it once; must be of this file.
    :raises DocumentNotFound: no such import for the actor's organisation.
    :raises NotPermitted: the actor does not import documents for the organisation.
    :raises ImportStateWrong: it is done or refused, or was received for another source.
    :raises FileRefused: the file cannot be read as a whole; call :func:`give_up_import`.
    """
    row = models.Import.objects.visible_to(actor).lock(import_id)
    actor.require(Permission.IMPORT_ORDERS, party=row.buyer_id)
    _must_be_open(row)
    if source.name != row.source:
        raise ImportStateWrong(import_id=str(row.id), value=source.name, expected=row.source)
    if reading is None or reading.sha256 != row.sha256:
        reading = read_again(row, source)
    recording.lock_buyer(row.buyer_id)
    begins = row.state == ImportState.RECEIVED
    if begins and (problems := _begin(row, reading)):
        return _refuse(row, problems, reading.rejects, effective_at)

    names = _remember_names(row.buyer_id, reading.names) if begins else []
    until = row.orders_total if orders is None else min(row.orders_total, row.orders_passed + max(orders, 1))
    planned = _plan_step(row, reading, until)
    if planned.conflicts and row.mode == ImportMode.STRICT:
        return _refuse(row, (*reading.problems, *planned.conflicts), reading.rejects, effective_at)
    recording.store(planned, buyer_id=row.buyer_id, import_id=row.id, effective_at=effective_at)
    row.counts = asdict(_counts(ImportCounts(**row.counts), planned))
    row.by_code = _added(row.by_code, _by_code(planned.conflicts))
    row.orders_passed = until
    if until == row.orders_total:
        _finish(row, ImportState.DONE, effective_at)
    row.save(update_fields=["state", "orders_total", "orders_passed", "counts", "by_code", "finished_at"])
    _tell(row, effective_at, names)
    return views.import_view(row)


def import_file(
    *,
    content: bytes,
    file_name: str,
    source: DocumentSource,
    mode: ImportMode,
    actor: Actor,
    effective_at: datetime,
    today: date,
    encoding: str | None = None,
) -> ImportView:
    """Receive a file and take it over in one transaction; see :func:`receive_file` and :func:`continue_import`.

    The returned state is DONE, or REFUSED where a strict import met a bad row; `queries.rejects` then has the rows.

    :raises FileRefused: the file cannot be read as a whole; nothing is kept.
    """
    reading = source.read(content, today=today, encoding=encoding)
    with transaction.atomic():
        received = receive_file(
            content=content,
            file_name=file_name,
            source=source,
            mode=mode,
            actor=actor,
            effective_at=effective_at,
            today=today,
            encoding=encoding,
        )
        return continue_import(
            import_id=received.id, source=source, actor=actor, effective_at=effective_at, reading=reading
        )


@transaction.atomic
def give_up_import(*, import_id: UUID, actor: Actor, effective_at: datetime) -> ImportView:
    """End an import that cannot be continued; what it stored so far stays.

    :raises DocumentNotFound: no such import for the actor's organisation.
    :raises ImportStateWrong: it is over already.
    """
    row = models.Import.objects.visible_to(actor).lock(import_id)
    actor.require(Permission.IMPORT_ORDERS, party=row.buyer_id)
    _must_be_open(row)
    _finish(row, ImportState.REFUSED, effective_at)
    row.save(update_fields=["state", "finished_at"])
    _tell(row, effective_at)
    return views.import_view(row)


def _shown_name(file_name: str) -> str:
    """The last part of a path as sent, without what could not be stored or shown."""
    last = file_name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(character for character in last if character.isprintable())[-200:] or "unnamed"


def read_again(row: models.Import, source: DocumentSource) -> SourceReading:
    """The kept original, read as on the first day."""
    kept = models.ImportFile.objects.get(of_import=row, what="original")
    return source.read(zlib.decompress(kept.content), today=row.read_as_of, encoding=row.encoding or None)


def _begin(row: models.Import, reading: SourceReading) -> tuple[RowProblem, ...]:
    """Note what the file holds; returns all problems when they refuse a strict import, nothing otherwise."""
    row.counts, row.by_code = asdict(_from_reading(reading)), _by_code(reading.problems)
    row.orders_total, row.state = len(reading.orders), ImportState.STORING.value
    planned = recording.plan(reading.orders, reading.deliveries, buyer_id=row.buyer_id)
    problems = (*reading.problems, *planned.conflicts)
    if row.mode == ImportMode.STRICT and any(problem.severity is Severity.ERROR for problem in problems):
        return problems
    _keep_findings(row, problems, reading.rejects)
    return ()


def _plan_step(row: models.Import, reading: SourceReading, until: int) -> recording.Plan:
    chosen = reading.orders[row.orders_passed : until]
    keys = {(order.seller, order.number) for order in chosen}
    brought = [d for d in reading.deliveries if (d.seller, d.order_number) in keys]
    return recording.plan(chosen, brought, buyer_id=row.buyer_id)


def _must_be_open(row: models.Import) -> None:
    if row.state not in OPEN_STATES:
        raise ImportStateWrong(import_id=str(row.id), value=row.state, expected="received or storing")


def _refuse(row: models.Import, problems: Sequence[RowProblem], rejects: bytes, effective_at: datetime) -> ImportView:
    row.by_code = _by_code(problems)
    _finish(row, ImportState.REFUSED, effective_at)
    row.save(update_fields=["state", "orders_total", "counts", "by_code", "finished_at"])
    if not models.ImportFile.objects.filter(of_import=row, what="problems").exists():
        _keep_findings(row, problems, rejects)
    _tell(row, effective_at)
    return views.import_view(row)


def _finish(row: models.Import, state: ImportState, effective_at: datetime) -> None:
    row.state, row.finished_at = state.value, effective_at


def _tell(row: models.Import, effective_at: datetime, names: Sequence[models.PartyNameRow] = ()) -> None:
    counts = ImportCounts(**row.counts)
    event = ImportProgressed(
        subject_id=row.id,
        effective_at=effective_at,
        sha256=row.sha256,
        state=row.state,
        rows_read=counts.rows_read,
        rows_refused=counts.rows_refused,
        orders=counts.orders,
        deliveries=counts.deliveries,
        conflicts=counts.conflicts,
        orders_passed=row.orders_passed,
        person_id=row.person_id,
    )
    events.publish(event, rows=[row.evidenced(), *(name.evidenced() for name in names)])


def _keep(row: models.Import, what: str, content: bytes) -> None:
    models.ImportFile.objects.create(of_import=row, what=what, content=zlib.compress(content, 6))


def _keep_findings(row: models.Import, problems: Iterable[RowProblem], rejects: bytes) -> None:
    table = ([str(p.row), p.line, p.field, p.code, p.severity.value, p.value, p.expected, p.became] for p in problems)
    _keep(row, "problems", formula.write_csv(PROBLEM_COLUMNS, table))
    if rejects:
        _keep(row, "rejects", rejects)


def _remember_names(buyer_id: UUID, names: Sequence[FirmName]) -> list[models.PartyNameRow]:
    """Note names that are new to this buyer; a name once noted keeps its firm."""
    rows = [
        models.PartyNameRow(
            id=new_id(), buyer_id=buyer_id, name=n.name, firm=n.firm, firm_group=n.group, reason=n.reason
        )
        for n in names
    ]
    known = set(models.PartyNameRow.objects.filter(buyer_id=buyer_id).values_list("name", flat=True))
    return models.PartyNameRow.objects.bulk_create([row for row in rows if row.name not in known])


def _from_reading(reading: SourceReading) -> ImportCounts:
    return ImportCounts(
        rows_read=reading.rows_read,
        rows_refused=reading.rows_refused,
        errors=reading.count(Severity.ERROR),
        warnings=reading.count(Severity.WARNING),
        notes=reading.count(Severity.NOTE),
    )


def _counts(before: ImportCounts, planned: recording.Plan) -> ImportCounts:
    return ImportCounts(
        rows_read=before.rows_read,
        rows_refused=before.rows_refused,
        orders=before.orders + len(planned.new_orders),
        orders_extended=before.orders_extended + len(planned.extended),
        orders_known=before.orders_known + planned.orders_known,
        deliveries=before.deliveries + len(planned.new_deliveries),
        deliveries_known=before.deliveries_known + planned.deliveries_known,
        conflicts=before.conflicts + len(planned.conflicts),
        lines=before.lines + planned.lines,
        errors=before.errors + len(planned.conflicts),
        warnings=before.warnings,
        notes=before.notes,
    )


def _by_code(problems: Iterable[RowProblem]) -> dict[str, int]:
    return _added({}, {}, *({problem.code: 1} for problem in problems))


def _added(*counts: dict[str, int]) -> dict[str, int]:
    total: dict[str, int] = {}
    for one in counts:
        for code, number in one.items():
            total[code] = total.get(code, 0) + number
    return dict(sorted(total.items()))
