"""What the real file holds, counted: the figures that the story of the demonstration stands on."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from importlib import resources

import pytest

from fourflow.trade.documents.adapters.scms import ScmsSource, load_firms
from fourflow.trade.documents.domain.payables import payable_of
from fourflow.trade.documents.types import DeliveryPayable, FigureKind, Relation, Severity, SourceReading

TODAY = date(2026, 1, 1)


@pytest.fixture(scope="module")
def reading() -> SourceReading:
    file = resources.files("fourflow.interfaces.cli").joinpath("demo_data", "scms_delivery_history.csv")
    return ScmsSource().read(file.read_bytes(), today=TODAY)


@pytest.fixture(scope="module")
def payables(reading: SourceReading) -> tuple[DeliveryPayable, ...]:
    """One payable for each delivery of 2014 but those from the programme's own stock."""
    firms = load_firms()
    return tuple(
        payable_of(each, firms) for each in reading.deliveries if each.delivered_on.year == 2014 and not each.own_stock
    )


def test_every_line_of_the_real_file_is_read_and_none_is_refused(reading: SourceReading) -> None:
    assert (reading.rows_read, reading.rows_refused, reading.rejects) == (10_324, 0, b"")
    assert (len(reading.orders), len(reading.deliveries)) == (6_233, 7_030)
    assert sum(len(order.lines) for order in reading.orders) == 10_324
    assert sum(len(delivery.lines) for delivery in reading.deliveries) == 10_324


def test_the_dirt_of_the_real_file_is_reported_row_by_row(reading: SourceReading) -> None:
    assert reading.counts_by_code() == {
        "document.amount_zero": 17,
        "document.before_process": 2_476,
        "document.date_not_captured": 533,
        "document.date_order": 18,
        "document.double_encoding_mended": 1,
        "document.figure_elsewhere": 1_746,
        "document.line_like_another": 4,
        "document.maker_not_named": 15,
        "document.reference_resolved": 4_659,
        "document.reference_without_figure": 231,
        "document.weight_absurd": 21,
        "document.weight_zero": 1,
    }
    assert reading.count(Severity.ERROR) == 0


def test_the_one_doubly_encoded_name_is_mended_and_the_mending_is_told(reading: SourceReading) -> None:
    mended = [problem for problem in reading.problems if problem.code == "document.double_encoding_mended"]
    assert [(p.field, "GrÃ¸nland" in p.value, "Grønland" in p.became) for p in mended] == [
        ("Manufacturing Site", True, True)
    ]
    assert {order.destination for order in reading.orders} >= {"Côte d'Ivoire"}, "a sound name stays as it is"


def test_a_shared_weight_is_counted_once_on_the_line_that_carries_it(reading: SourceReading) -> None:
    kinds = Counter(line.weight.kind for delivery in reading.deliveries for line in delivery.lines)
    assert kinds == {FigureKind.STATED: 6_372, FigureKind.SHARED: 2_445, FigureKind.SEPARATE: 1_507}
    for delivery in reading.deliveries:
        stated = {line.order_line: line.weight.value for line in delivery.lines}
        for line in delivery.lines:
            if line.weight.kind is FigureKind.SHARED:
                assert line.weight.value is None
                assert stated[line.weight.shared_with] == line.weight.carried


def test_freight_is_stated_shared_included_in_the_price_or_invoiced_separately(reading: SourceReading) -> None:
    kinds = Counter(line.freight.kind for delivery in reading.deliveries for line in delivery.lines)
    assert kinds == {
        FigureKind.STATED: 6_198,
        FigureKind.SHARED: 2_445,
        FigureKind.INCLUDED: 1_442,
        FigureKind.SEPARATE: 239,
    }
    stated = sum(line.freight.value or 0 for d in reading.deliveries for line in d.lines)
    assert stated == Decimal("68817849.41")


def test_the_year_2014_by_the_day_of_delivery_without_the_programmes_own_warehouse(
    payables: tuple[DeliveryPayable, ...],
) -> None:
    assert sum(len(payable.lines) for payable in payables) == 904
    assert sum(payable.amount_minor for payable in payables) == 73_968_659_02
    assert len(payables) == 509
    assert len({(payable.po_number, payable.asn_number) for payable in payables}) == 509
    assert len({payable.po_number for payable in payables}) == 386


def test_by_the_day_of_recording_the_year_2014_would_be_another_set(reading: SourceReading) -> None:
    recorded = [d for d in reading.deliveries if d.recorded_on and d.recorded_on.year == 2014 and not d.own_stock]
    assert (len(recorded), sum(len(d.lines) for d in recorded)) == (515, 908)


def test_in_2014_the_vendor_itself_made_461_of_the_904_lines(payables: tuple[DeliveryPayable, ...]) -> None:
    lines = Counter(line.relation for payable in payables for line in payable.lines)
    assert lines == {Relation.SAME_FIRM: 461, Relation.RELATED: 91, Relation.INDEPENDENT: 352}
    sums: Counter[Relation] = Counter()
    for payable in payables:
        for line in payable.lines:
            sums[line.relation] += line.amount_minor
    assert sums == {
        Relation.SAME_FIRM: 45_929_707_48,
        Relation.RELATED: 26_371_380_05,
        Relation.INDEPENDENT: 1_667_571_49,
    }


def test_no_delivery_of_2014_mixes_own_and_foreign_goods(payables: tuple[DeliveryPayable, ...]) -> None:
    mixes = Counter(frozenset(line.relation for line in payable.lines) for payable in payables)
    assert mixes == {
        frozenset({Relation.SAME_FIRM}): 373,
        frozenset({Relation.RELATED}): 80,
        frozenset({Relation.INDEPENDENT}): 56,
    }
    assert sum(payable.same_firm for payable in payables) == 373


def test_the_shares_of_the_sites_add_up_to_each_payable_exactly(payables: tuple[DeliveryPayable, ...]) -> None:
    for payable in payables:
        assert sum(payable.site_shares.values()) == payable.amount_minor > 0
        assert sum(payable.shares(*Relation).values()) == payable.amount_minor
    assert sum(len(payable.site_shares) > 1 for payable in payables) == 28


def test_every_vendor_and_site_of_2014_is_decided_by_the_table_or_stands_for_itself(
    payables: tuple[DeliveryPayable, ...],
) -> None:
    firms = load_firms()
    undecided = {p.vendor for p in payables if not firms.knows(p.vendor)}
    undecided |= {site for p in payables for site in p.site_shares if not firms.knows(site)}
    assert undecided == {
        "AMSTELFARMA B.V.",
        "B&C GROUP S.A.",
        "ETHNOR DEL ISTMO S.A.",
        "PHARMACY DIRECT",
        "Pacific Biotech, Thailand",
        "RAININ INSTRUMENT, LLC.",
        "S. BUYS WHOLESALER",
        "WAGENIA",
    }, "wholesalers that make nothing, and one contract manufacturer"


def test_aurobindos_unit_three_is_aurobindo_and_orgenics_is_only_related_to_its_maker() -> None:
    firms = load_firms()
    assert firms.relation("Aurobindo Pharma Limited", "Aurobindo Unit III, India") is Relation.SAME_FIRM
    assert firms.relation("S. BUYS WHOLESALER", "Aurobindo Unit III, India") is Relation.INDEPENDENT
    assert firms.relation("Orgenics, Ltd", "Alere Medical Co., Ltd.") is Relation.RELATED
    assert firms.relation("Trinity Biotech, Plc", "Not Applicable") is Relation.UNKNOWN
    assert all(name.reason for name in firms.names())
