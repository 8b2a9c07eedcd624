"""Documents one by one, who sees them, what belongs together, and what the database refuses to anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from tests.builders.documents import NOON, buyer, delivery, import_scms, purchase_order, scms_file, scms_row, stranger
from tests.builders.refusals import refuse, settle

from fourflow.foundation.parties.types import NotPermitted
from fourflow.platform.db.reading import reading
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id
from fourflow.platform.models import StoredEvent
from fourflow.platform.money import Money
from fourflow.trade.documents import models, operations, queries
from fourflow.trade.documents.types import (
    Attachment,
    Contract,
    DocumentExists,
    DocumentInvalid,
    DocumentKind,
    DocumentNotFound,
    DocumentRef,
    Invoice,
)

pytestmark = pytest.mark.django_db


def order(actor: Any, *args: Any, **changes: Any) -> Any:
    return operations.register_order(order=purchase_order(*args, **changes), actor=actor, effective_at=NOON)


def bring(actor: Any, *args: Any, **changes: Any) -> Any:
    return operations.register_delivery(delivery=delivery(*args, **changes), actor=actor, effective_at=NOON)


def test_an_order_and_its_delivery_come_back_as_they_were_sent() -> None:
    me = buyer()
    sent = purchase_order("PO-1", "1", "2", ordered_on=date(2014, 1, 1), destination="Kenya", incoterm="EXW")
    kept = operations.register_order(order=sent, actor=me, effective_at=NOON)
    assert queries.order(me, kept.id).document == sent
    brought = bring(me, "D-1", "PO-1", "1", "2", recorded_on=date(2014, 3, 4))
    settle()
    found = queries.delivery(me, brought.id)
    assert found.document == delivery("D-1", "PO-1", "1", "2", recorded_on=date(2014, 3, 4))
    assert found.document.amount == Money(3000, "USD")


def test_the_same_document_again_changes_nothing_and_another_content_is_refused() -> None:
    me = buyer()
    first, again = order(me), order(me)
    assert first.id == again.id
    assert bring(me).id == bring(me).id
    assert StoredEvent.objects.count() == 2
    with pytest.raises(DocumentExists):
        order(me, destination="Elsewhere")
    with pytest.raises(DocumentExists):
        bring(me, delivered_on=date(2014, 3, 4))
    cheaper = replace(purchase_order().lines[0], amount=Money(1, "USD"))
    with pytest.raises(DocumentExists):
        changed = replace(purchase_order(), lines=(cheaper,))
        operations.register_order(order=changed, actor=me, effective_at=NOON)


def test_an_order_may_get_further_lines() -> None:
    me = buyer()
    first = order(me, "PO-1", "1")
    assert [x.number for x in order(me, "PO-1", "2").document.lines] == ["1", "2"]
    assert [e.body["extended"] for e in events.of_subject(first.id)] == [False, True]


def test_a_delivery_needs_its_order_and_the_orders_lines() -> None:
    me = buyer()
    with pytest.raises(DocumentNotFound):
        bring(me)
    order(me)
    with pytest.raises(DocumentInvalid) as caught:
        bring(me, "D-1", "PO-1", "1", "7")
    assert caught.value.params["value"] == "7"
    with pytest.raises(DocumentNotFound):
        bring(me, seller="Another")


@pytest.mark.parametrize(
    "change",
    [
        {"number": " "},
        {"seller": ""},
        {"seller": "A" * 501},
        {"seller": "nul\0"},
        {"seller": "half \ud800"},
        {"number": "1" * 101},
        {"lines": purchase_order("x", "1" * 101).lines},
        {"lines": (replace(purchase_order().lines[0], unit_price=Decimal(-1)),)},
        {"lines": ()},
        {"currency": "EUR"},
        {"lines": purchase_order("x", "1").lines * 2},
        {"lines": (replace(purchase_order().lines[0], quantity=Decimal(0)),)},
        {"lines": (replace(purchase_order().lines[0], quantity=Decimal("0.0000001")),)},
        {"lines": (replace(purchase_order().lines[0], quantity=Decimal("NaN")),)},
        {"lines": (replace(purchase_order().lines[0], amount=Money(-1, "USD")),)},
    ],
)
def test_a_document_that_contradicts_itself_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(DocumentInvalid):
        operations.register_order(order=replace(purchase_order(), **change), actor=buyer(), effective_at=NOON)


@pytest.mark.requirement("R043")
def test_an_invoice_due_before_its_issue_and_a_contract_that_ends_before_its_signing_are_refused() -> None:
    me, day = buyer(), date(2014, 3, 5)
    invoice = Invoice(
        number="25447000000012345678", seller="Acme", amount=Money(1500, "USD"), issued_on=day, due_on=day
    )
    contract = Contract(number="C-1", seller="Acme", signed_on=day, valid_to=day)
    with pytest.raises(DocumentInvalid) as caught:
        early = replace(invoice, due_on=day - timedelta(1))
        operations.register_invoice(invoice=early, actor=me, effective_at=NOON)
    assert (caught.value.params["field"], caught.value.params["expected"]) == ("due_on", "not before 2014-03-05")
    with pytest.raises(DocumentInvalid):
        over = replace(contract, valid_to=day - timedelta(1))
        operations.register_contract(contract=over, actor=me, effective_at=NOON)
    operations.register_invoice(invoice=invoice, actor=me, effective_at=NOON)
    operations.register_contract(contract=contract, actor=me, effective_at=NOON)


def test_invoices_and_contracts_are_found_from_the_delivery_that_they_name() -> None:
    me = buyer()
    order(me)
    brought = bring(me)
    invoice = Invoice(
        number="25447000000012345678",
        seller="Acme",
        amount=Money(1500, "USD"),
        issued_on=date(2014, 3, 5),
        tax=Money(0, "USD"),
        refs=(DocumentRef(DocumentKind.DELIVERY, "D-1"),),
    )
    contract = Contract(
        number="C-1",
        seller="Acme",
        signed_on=date(2013, 1, 1),
        payment_days=60,
        refs=(DocumentRef(DocumentKind.ORDER, "PO-1"),),
    )
    kept = operations.register_invoice(invoice=invoice, actor=me, effective_at=NOON)
    operations.register_contract(contract=contract, actor=me, effective_at=NOON)
    assert operations.register_invoice(invoice=invoice, actor=me, effective_at=NOON).id == kept.id
    with pytest.raises(DocumentExists):
        dearer = replace(invoice, amount=Money(1501, "USD"))
        operations.register_invoice(invoice=dearer, actor=me, effective_at=NOON)
    with pytest.raises(DocumentInvalid):
        free = replace(invoice, number="2", amount=Money(0, "USD"))
        operations.register_invoice(invoice=free, actor=me, effective_at=NOON)
    found = queries.document_set(me, brought.id)
    assert [i.document for i in found.invoices] == [invoice]
    assert [c.document for c in found.contracts] == [contract]
    assert found.order.document.number == "PO-1"
    assert queries.paper(me, kept.id).document == invoice
    assert [p.number for p in queries.papers(me, kind=DocumentKind.CONTRACT).items] == ["C-1"]


def test_a_stranger_finds_nothing_and_may_do_nothing() -> None:
    me, other = buyer(), buyer()
    order(me)
    brought = bring(me)
    for read in (queries.delivery, queries.document_set, queries.order, queries.paper):
        with pytest.raises(DocumentNotFound):
            read(other, brought.id)
    assert queries.deliveries(other).items == queries.orders(other).items == ()
    assert queries.delivery_payables(other) == ()
    with pytest.raises(DocumentNotFound):
        attach(other, brought.id)
    with pytest.raises(NotPermitted):
        order(stranger())


def billed(actor: Any, number: str, seller: str) -> None:
    invoice = Invoice(number=number, seller=seller, amount=Money(100, "USD"), issued_on=date(2014, 3, 5))
    operations.register_invoice(invoice=invoice, actor=actor, effective_at=NOON)


@pytest.mark.requirement("R215")
@pytest.mark.requirement("R388")
def test_a_seller_sees_what_it_sold_once_its_name_is_mapped_and_later_documents_too() -> None:
    me, supplier = buyer(), buyer()
    import_scms(me, scms_file([scms_row(), scms_row(ID="2", Vendor="Other", **{"PO / SO #": "P2", "ASN/DN #": "A2"})]))
    assert queries.deliveries(supplier).items == ()
    name = "Aurobindo Pharma Limited"
    billed(me, "I-1", name)
    billed(me, "I-3", "Other")
    mapped = operations.map_party(name=name, party_id=supplier.organisation_id, actor=me, effective_at=NOON)
    assert (mapped.firm, mapped.party_id) == ("Aurobindo Pharma", supplier.organisation_id)
    assert [d.number for d in queries.deliveries(supplier).items] == ["ASN-1"]
    import_scms(me, scms_file([scms_row(ID="3", **{"PO / SO #": "P3", "ASN/DN #": "A3"})]))
    assert {d.number for d in queries.deliveries(supplier).items} == {"ASN-1", "A3"}
    assert [n.name for n in queries.party_names(supplier)] == [name]
    billed(me, "I-2", name)
    assert {p.number for p in queries.papers(supplier, kind=DocumentKind.INVOICE).items} == {"I-1", "I-2"}
    with pytest.raises(DocumentNotFound):
        operations.map_party(name=name, party_id=new_id(), actor=supplier, effective_at=NOON)
    with pytest.raises(DocumentNotFound):
        operations.map_party(name="Nobody", party_id=new_id(), actor=me, effective_at=NOON)


def test_a_higher_fact_opens_documents_to_a_bank() -> None:
    me, bank = buyer(), stranger()
    order(me)
    brought = bring(me)
    operations.open_documents(document_ids=[brought.id], organisation_ids=[bank.organisation_id], reason="claim 1")
    assert queries.delivery(bank, brought.id).document.number == "D-1"
    assert queries.document_set(bank, brought.id).order.document.number == "PO-1"


def attach(actor: Any, document_id: UUID, sha256: str = "ab" * 32) -> None:
    attachment = Attachment(sha256, "note.pdf", "application/pdf", 12)
    operations.add_attachment(document_id=document_id, attachment=attachment, actor=actor, effective_at=NOON)


def test_an_attachment_is_known_by_its_hash_and_put_once() -> None:
    me = buyer()
    kept = order(me)
    attach(me, kept.id)
    attach(me, kept.id)
    assert [a.file_name for a in queries.attachments(me, kept.id)] == ["note.pdf"]
    assert queries.attachments(buyer(), kept.id) == ()
    with pytest.raises(DocumentInvalid):
        attach(me, kept.id, "XY" * 32)


def test_lists_page_through_everything_once_and_filter() -> None:
    me = buyer()
    for n in range(5):
        order(me, f"PO-{n}")
        bring(me, f"D-{n}", f"PO-{n}", delivered_on=date(2014, 3, 1 + n // 2))
    seen: list[str] = []
    cursor = ""
    while True:
        page = queries.deliveries(me, cursor=cursor, limit=2)
        seen += [d.number for d in page.items]
        if not (cursor := page.next_cursor):
            break
    assert sorted(seen) == [f"D-{n}" for n in range(5)]
    assert seen[0] == "D-4"
    first = queries.orders(me, limit=3)
    rest = queries.orders(me, limit=3, cursor=first.next_cursor)
    assert [o.number for o in (*first.items, *rest.items)] == [f"PO-{n}" for n in (4, 3, 2, 1, 0)]
    only = queries.deliveries(me, filters=queries.Filters(number="po-3"))
    assert [(d.number, d.amount) for d in only.items] == [("D-3", Money(1500, "USD"))]
    march_2 = queries.Filters(day_from=date(2014, 3, 2), day_to=date(2014, 3, 2), seller="Acme", own_stock=False)
    assert {d.number for d in queries.deliveries(me, filters=march_2).items} == {"D-2", "D-3"}
    with pytest.raises(DocumentInvalid):
        queries.deliveries(me, cursor="nonsense")
    with pytest.raises(DocumentInvalid):
        queries.orders(me, cursor="nonsense")


def test_a_reader_sees_rows_only_through_the_organisation_even_without_visible_to() -> None:
    me, other = buyer(), buyer()
    order(me)
    bring(me)
    tables = (models.Order, models.OrderLine, models.Delivery, models.DeliveryLine)
    with reading(me):
        assert [table.objects.count() for table in tables] == [1, 1, 1, 1]
    with reading(other):
        assert [table.objects.count() for table in tables] == [0, 0, 0, 0]


def test_the_database_keeps_documents_as_they_came() -> None:
    me = buyer()
    order(me)
    brought = bring(me)
    settle()
    denied = "append_only"
    for table in ("order", "order_line", "delivery", "delivery_line"):
        with pytest.raises(Exception, match=r"permission denied|append-only"):
            refuse(f"delete from documents_{table}", constraint=denied)
    import_id = import_scms(me, scms_file([scms_row()])).id
    refuse("update documents_import set state = 'received' where id = %s", import_id, constraint="import_ends_once")
    refuse("update documents_import set sha256 = 'x' where id = %s", import_id, constraint="import_content_fixed")
    refuse("update documents_party_name set firm = 'x'", constraint="party_name_fixed")
    assert queries.delivery(me, brought.id).document.number == "D-1"


def insert_delivery(order_id: UUID, owner: UUID, **changes: Any) -> tuple[str, list[Any]]:
    row = {
        "id": new_id(),
        "order_id": order_id,
        "buyer_id": owner,
        "seller": "Acme",
        "number": "D-9",
        "currency": "USD",
        "delivered_on": date(2014, 3, 3),
        "transport": "",
        "own_stock": False,
        "amount_minor": 0,
        "line_count": 1,
        "refs": "[]",
    } | changes
    places = ", ".join(["%s"] * len(row))
    return f"insert into documents_delivery ({', '.join(row)}) values ({places})", list(row.values())


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "delivery_whole"),
        ({"seller": "Another"}, "delivery_as_ordered"),
        ({"currency": "EUR"}, "delivery_as_ordered"),
        ({"buyer_id": UUID(int=7)}, "delivery_as_ordered"),
        ({"number": ""}, "delivery_named"),
        ({"line_count": 0}, "delivery_of_something"),
        ({"number": "D-1"}, "delivery_number_once"),
    ],
)
def test_the_database_refuses_a_delivery_that_does_not_fit(changes: dict[str, Any], constraint: str) -> None:
    me = buyer()
    kept = order(me)
    bring(me)
    settle()
    sql, values = insert_delivery(kept.id, me.organisation_id, **changes)
    refuse(sql, *values, constraint=constraint)


def test_the_database_refuses_a_line_added_to_a_delivery_later() -> None:
    me = buyer()
    kept = order(me, "PO-1", "1", "2")
    brought = bring(me, "D-1", "PO-1", "1")
    settle()
    line = (
        "insert into documents_delivery_line (id, delivery_id, order_id, position, order_line, item, quantity,"
        " amount_minor, maker, weight, freight) values (%s, %s, %s, 2, %s, 'x', 1, %s, '', '{}', '{}')"
    )
    refuse(line, new_id(), brought.id, kept.id, "2", 5, constraint="delivery_whole")
    refuse(line, new_id(), brought.id, kept.id, "7", 5, constraint="delivery_line_was_ordered")
    refuse(line, new_id(), brought.id, kept.id, "1", 5, constraint="delivery_line_once")
    refuse(line, new_id(), brought.id, kept.id, "2", -5, constraint="delivery_line_not_negative")
    other = order(me, "PO-2", "2")
    refuse(line, new_id(), brought.id, other.id, "2", 5, constraint="delivery_line_of_its_delivery")
