"""Taking over files: whole, in steps, twice, with bad rows, and the real one."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from tests.builders.documents import NOON, TODAY, buyer, import_scms, real_file, scms_file, scms_row, stranger
from tests.builders.refusals import settle

from fourflow.foundation.parties.types import NotPermitted, Permission
from fourflow.platform.events import queries as events
from fourflow.platform.models import StoredEvent
from fourflow.trade.documents import operations, queries
from fourflow.trade.documents.adapters.scms import ScmsSource
from fourflow.trade.documents.types import (
    AlreadyImported,
    DocumentNotFound,
    FileRefused,
    ImportMode,
    ImportState,
    ImportStateWrong,
    ImportView,
    Relation,
)

pytestmark = pytest.mark.django_db


def row(number: int, order: str, delivery: str, **changes: str) -> dict[str, str]:
    return scms_row(**{"ID": str(number), "PO / SO #": order, "ASN/DN #": delivery, **changes})


THREE = scms_file([row(1, "P1", "A1"), row(2, "P2", "A2"), row(3, "P2", "A3")])
BAD = {"Line Item Value": "-320.0"}


def receive(actor: Any, content: bytes, mode: ImportMode = ImportMode.GOOD_ROWS) -> ImportView:
    return operations.receive_file(
        content=content,
        file_name="f.csv",
        source=ScmsSource(),
        mode=mode,
        actor=actor,
        effective_at=NOON,
        today=TODAY,
    )


def go_on(actor: Any, view: ImportView, **options: Any) -> ImportView:
    return operations.continue_import(import_id=view.id, source=ScmsSource(), actor=actor, effective_at=NOON, **options)


def test_the_real_file_is_taken_over_whole_in_a_few_seconds() -> None:
    me = buyer()
    started = time.process_time()
    done = import_scms(me, real_file(), mode=ImportMode.STRICT)
    settle()
    seconds = time.process_time() - started
    counts = done.counts
    assert (done.state, counts.rows_read, counts.rows_refused) == (ImportState.DONE, 10_324, 0)
    assert (counts.orders, counts.deliveries, counts.lines, counts.conflicts) == (6_233, 7_030, 10_324, 0)
    assert done.by_code["document.date_not_captured"] == 533
    payables = queries.delivery_payables(me, year=2014)
    assert (len(payables), sum(p.amount_minor for p in payables)) == (509, 73_968_659_02)
    same_firm = sum(line.relation is Relation.SAME_FIRM for p in payables for line in p.lines)
    assert same_firm == 461
    assert all(p.delivery_id for p in payables)
    assert seconds < 10, f"{seconds:.1f} s of processor time"


def test_what_the_evidence_covers_is_what_the_events_recorded() -> None:
    me = buyer()
    import_scms(me, THREE)
    operations.map_party(name="Aurobindo Pharma Limited", party_id=buyer().organisation_id, actor=me, effective_at=NOON)
    import_scms(me, scms_file([row(4, "P1", "A4")]))
    recorded = {(r.table, r.key): r.digest for r in events.evidenced_rows() if r.table.startswith("documents_")}
    found = {(e.table, e.key): e.digest() for e in queries.evidenced()}
    assert found == recorded
    assert len(found) == 2 + 4 + 2 + 2, "orders, deliveries, imports, names"


def test_each_document_has_its_event_and_the_import_has_its_own() -> None:
    me = buyer()
    done = import_scms(me, THREE)
    kinds = [event.kind for event in events.of_subject(done.id)]
    assert kinds == ["document.file_received", "document.import_progressed"]
    orders = queries.orders(me).items
    assert [e.kind for e in events.of_subjects(o.id for o in orders)] == ["document.recorded"] * 2
    assert StoredEvent.objects.count() == 2 + 2 + 3


def test_a_dry_run_counts_and_writes_nothing() -> None:
    me = buyer()
    content = scms_file([row(1, "P1", "A1"), row(2, "P2", "A2", **BAD)])
    preview = operations.preview_file(
        content=content, source=ScmsSource(), mode=ImportMode.STRICT, actor=me, today=TODAY
    )
    assert (preview.counts.orders, preview.counts.rows_refused, preview.would_be_refused) == (1, 1, True)
    assert b"document.amount_negative" in preview.rejects
    assert (queries.imports(me), StoredEvent.objects.count()) == ((), 0)


def test_strict_refuses_the_whole_file_for_one_bad_row_and_keeps_the_reasons() -> None:
    me = buyer()
    refused = import_scms(me, scms_file([row(1, "P1", "A1"), row(2, "P2", "A2", **BAD)]), mode=ImportMode.STRICT)
    assert (refused.state, refused.counts.orders) == (ImportState.REFUSED, 0)
    assert queries.orders(me).items == ()
    assert b"document.amount_negative" in queries.import_file_content(me, refused.id, "rejects")
    assert b"document.amount_negative" in queries.import_file_content(me, refused.id, "problems")


@pytest.mark.requirement("R403")
def test_good_rows_are_imported_and_the_bad_ones_come_back_to_be_mended() -> None:
    me = buyer()
    first = import_scms(me, scms_file([row(1, "P1", "A1"), row(2, "P2", "A2", **BAD)]))
    assert (first.state, first.counts.orders, first.counts.rows_refused) == (ImportState.DONE, 1, 1)
    rejects = queries.import_file_content(me, first.id, "rejects")
    second = import_scms(me, rejects.replace(b"-320.0,", b"320.0,"))
    assert (second.counts.orders, second.counts.rows_refused) == (1, 0)
    assert {order.number for order in queries.orders(me).items} == {"P1", "P2"}


@pytest.mark.requirement("R403")
@pytest.mark.requirement("R287")
def test_data_is_collected_cleaned_labelled_and_used() -> None:
    me = buyer()
    names = {"Vendor": "Pharma GrÃ¸nland", "Manufacturing Site": "=HYPERLINK(1)"}
    sent = scms_file([row(1, "P1", "A1", **names), row(2, "P2", "A2", **BAD)])
    done = import_scms(me, sent)
    assert queries.import_file_content(me, done.id, "original") == sent, "collected: as it came"
    found = queries.order(me, queries.orders(me).items[0].id)
    assert found.document.seller == "Pharma Grønland", "cleaned"
    labels = {code: done.by_code[code] for code in ("document.double_encoding_mended", "document.formula_text")}
    assert set(labels.values()) == {1}, "labelled: what was mended, and what is doubted"
    told = queries.import_file_content(me, done.id, "problems").decode("utf-8-sig")
    assert "GrÃ¸nland" in told and "Grønland" in told and ",=HYPERLINK" not in told
    assert [one.number for one in queries.deliveries(me).items] == ["A1"], "used: only what stood the checks"


def test_the_same_bytes_are_not_imported_twice_but_a_refused_file_may_come_again() -> None:
    me = buyer()
    import_scms(me, THREE)
    with pytest.raises(AlreadyImported):
        import_scms(me, THREE)
    bad = scms_file([row(9, "P9", "A9", **BAD)])
    assert import_scms(me, bad, mode=ImportMode.STRICT).state is ImportState.REFUSED
    assert import_scms(me, bad, mode=ImportMode.STRICT).state is ImportState.REFUSED


def test_the_same_documents_in_another_file_are_known_and_further_lines_extend_an_order() -> None:
    me = buyer()
    import_scms(me, THREE)
    more = import_scms(me, scms_file([row(1, "P1", "A1"), row(2, "P2", "A2"), row(4, "P2", "A4")]))
    counts = more.counts
    assert (counts.orders, counts.orders_extended, counts.orders_known) == (0, 1, 1)
    assert (counts.deliveries, counts.deliveries_known, counts.conflicts) == (1, 2, 0)
    amounts = {order.number: order.amount for order in queries.orders(me).items}
    assert amounts["P2"] is not None
    assert amounts["P2"].minor == 3 * 320_00


def test_a_document_that_changed_is_a_conflict_and_what_was_recorded_stays() -> None:
    me = buyer()
    import_scms(me, THREE)
    dearer = {"Line Item Value": "330.0", "Pack Price": "3.3"}
    changed = scms_file([row(1, "P1", "A1", **dearer), row(5, "P5", "A5")])
    good = import_scms(me, changed)
    assert (good.counts.orders, good.counts.conflicts) == (1, 2)
    assert {c for c in good.by_code if c.endswith(("changed", "order"))} == {
        "document.order_line_changed",
        "document.delivery_of_refused_order",
    }
    later = scms_file([row(2, "P2", "A2", **{"Delivered to Client Date": "2014-03-05"})])
    assert import_scms(me, later, mode=ImportMode.STRICT).state is ImportState.REFUSED
    assert {str(d.dated_on) for d in queries.deliveries(me).items} == {"2014-03-03"}


def test_an_import_stopped_half_way_goes_on_where_it_was() -> None:
    me = buyer()
    whole = scms_file([row(n, f"P{n}", f"A{n}") for n in range(1, 8)])
    view = receive(me, whole)
    assert (view.state, view.orders_total) == (ImportState.RECEIVED, 0)
    view = go_on(me, view, orders=3)
    assert (view.state, view.orders_passed, view.orders_total) == (ImportState.STORING, 3, 7)
    assert [v.id for v in queries.unfinished_imports(NOON + timedelta(minutes=1))] == [view.id]
    view = go_on(me, view, orders=3)
    view = go_on(me, view)
    assert (view.state, view.orders_passed, view.counts.orders) == (ImportState.DONE, 7, 7)
    assert len(queries.orders(me).items) == 7
    with pytest.raises(ImportStateWrong):
        go_on(me, view)
    with pytest.raises(ImportStateWrong):
        operations.give_up_import(import_id=view.id, actor=me, effective_at=NOON)


def test_a_file_that_cannot_be_read_can_be_given_up() -> None:
    me = buyer()
    view = receive(me, b"\x00\x01")
    with pytest.raises(FileRefused):
        go_on(me, view)
    over = operations.give_up_import(import_id=view.id, actor=me, effective_at=NOON)
    assert over.state is ImportState.REFUSED
    with pytest.raises(FileRefused):
        import_scms(me, b"\x00\x01\x02")


def test_nobody_sees_or_continues_the_import_of_another() -> None:
    me, other = buyer(), buyer()
    view = receive(me, THREE)
    for act in (
        lambda: go_on(other, view),
        lambda: queries.get_import(other, view.id),
        lambda: queries.import_file_content(other, view.id, "original"),
    ):
        with pytest.raises(DocumentNotFound):
            act()
    assert queries.import_file_content(me, view.id, "original") == THREE
    import_scms(other, THREE)
    assert len(queries.orders(other).items) == 2, "another buyer's numbers are its own"
    with pytest.raises(NotPermitted) as caught:
        import_scms(stranger(), THREE)
    assert caught.value.params["permission"] == Permission.IMPORT_ORDERS
