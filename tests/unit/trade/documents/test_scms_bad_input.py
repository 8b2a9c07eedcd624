"""Files and rows that are wrong: each gives one clear reason, and good rows beside them are not harmed."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.builders.documents import HEADER, scms_file, scms_row

from fourflow.trade.documents.adapters.scms import ScmsSource
from fourflow.trade.documents.types import FigureKind, FileRefused, Severity, SourceReading

TODAY = date(2026, 1, 1)


def read(content: bytes, *, encoding: str | None = None) -> SourceReading:
    return ScmsSource().read(content, today=TODAY, encoding=encoding)


def errors(reading: SourceReading) -> set[tuple[int, str, str]]:
    return {(p.row, p.code, p.field) for p in reading.problems if p.severity is Severity.ERROR}


def refusal(content: bytes, **options: str) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read(content, **options)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"  \n\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (scms_file([]), "empty"),
        (scms_file([scms_row()]).replace(b"EXW", b"E\0W"), "nul_byte"),
        (scms_file([scms_row()], encoding="utf-16"), "encoding"),
        (scms_file([scms_row()], encoding="cp1252"), "encoding"),
        (scms_file([scms_row()], header=HEADER[:20]), "columns_missing"),
        (scms_file([scms_row()], header=(*HEADER, "Vendor")), "columns_repeated"),
        (scms_file([scms_row()]) + b'"never closed', "csv_malformed"),
        (scms_file([scms_row()]) + b"x" * 70_000, "line_too_long"),
        (b"PK\x03\x04" + bytes(range(128, 256)), "encoding"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    assert refusal(content).params["reason"] == reason


def test_a_refused_encoding_names_row_bytes_and_the_encodings_that_would_fit() -> None:
    params = refusal(scms_file([scms_row(), scms_row(ID="2")], encoding="cp1252")).params
    assert (params["row"], params["expected"], params["value"][:2]) == (2, "utf-8", "f4")
    assert "cp1252" in params["candidates"]


def test_a_file_in_another_encoding_is_read_when_the_sender_names_it() -> None:
    reading = read(scms_file([scms_row()], encoding="cp1252"), encoding="cp1252")
    assert reading.orders[0].destination == "Côte d'Ivoire"
    assert reading.counts_by_code() == {"document.encoding_as_told": 1}
    for name in ("no-such", "unicode_escape", "rot13", "hex", "a\0b"):
        assert refusal(scms_file([scms_row()]), encoding=name).params["reason"] == "encoding"


def test_missing_columns_are_all_named() -> None:
    params = refusal(scms_file([scms_row()], header=[h for h in HEADER if h not in ("Vendor", "ID")])).params
    assert params["expected"] == ["ID", "Vendor"]


def test_a_byte_order_mark_is_taken_off_and_told_and_column_order_does_not_matter() -> None:
    reading = read(b"\xef\xbb\xbf" + scms_file([scms_row()], header=HEADER[::-1]))
    assert (reading.rows_read, reading.counts_by_code()) == (1, {"document.byte_order_mark": 1})


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("Line Item Value", "-320.0", "amount_negative"),
        ("Line Item Value", "320.001", "amount_decimals"),
        ("Line Item Value", "1e3", "number_malformed"),
        ("Line Item Value", "1,320.00", "number_malformed"),
        ("Line Item Value", "NaN", "number_malformed"),
        ("Line Item Value", "٣٢٠", "number_malformed"),
        ("Line Item Value", "9999999999.00", "amount_absurd"),
        ("Line Item Value", "", "field_missing"),
        ("Line Item Value", "321.0", "arithmetic"),
        ("Line Item Quantity", "0", "quantity_not_positive"),
        ("Line Item Quantity", "-5", "quantity_not_positive"),
        ("Delivered to Client Date", "2014-02-30", "date_malformed"),
        ("Delivered to Client Date", "03/02/2014", "date_malformed"),
        ("Delivered to Client Date", "Date Not Captured", "date_malformed"),
        ("Delivered to Client Date", "2026-01-02", "date_implausible"),
        ("Delivered to Client Date", "1914-03-03", "date_implausible"),
        ("PO Sent to Vendor Date", "soon", "date_malformed"),
        ("PO / SO #", "", "field_missing"),
        ("ASN/DN #", "", "field_missing"),
        ("Vendor", "", "field_missing"),
        ("Vendor", "Acme\x07Ltd", "control_character"),
        ("Vendor", "A" * 501, "text_too_long"),
        ("PO / SO #", "1" * 101, "text_too_long"),
    ],
)
def test_a_bad_value_refuses_its_row_with_code_field_row_value_and_expectation(
    column: str, value: str, code: str
) -> None:
    reading = read(scms_file([scms_row(ID="9", **{"PO / SO #": "P9", "ASN/DN #": "A9"}), scms_row(**{column: value})]))
    assert errors(reading) == {(3, f"document.{code}", column)}
    problem = next(p for p in reading.problems if p.severity is Severity.ERROR)
    assert (problem.value, bool(problem.expected)) == (value[:120], True)
    assert (reading.rows_read, reading.rows_refused) == (2, 1)
    assert [order.number for order in reading.orders] == ["P9"]


def test_a_row_with_too_few_or_too_many_cells_is_refused() -> None:
    reading = read(scms_file([scms_row()]) + b"2,3\n" + b"4," * 40 + b"\n")
    assert {(row, code) for row, code, _ in errors(reading)} == {(3, "document.cell_count"), (4, "document.cell_count")}
    assert len(reading.deliveries) == 1


def test_all_errors_of_a_row_are_told_not_only_the_first() -> None:
    reading = read(scms_file([scms_row(**{"Line Item Value": "-1", "Delivered to Client Date": "?", "Vendor": ""})]))
    assert {field for _, _, field in errors(reading)} == {"Line Item Value", "Delivered to Client Date", "Vendor"}


def test_a_row_given_twice_is_refused_once_and_its_delivery_stays() -> None:
    reading = read(scms_file([scms_row(), scms_row()]))
    assert errors(reading) == {(3, "document.row_repeated", "ID")}
    assert reading.deliveries[0].amount.minor == 320_00


def test_one_number_for_two_different_lines_refuses_both() -> None:
    other = scms_row(**{"Line Item Quantity": "200", "Line Item Value": "640.0"})
    reading = read(scms_file([scms_row(), other]))
    assert {(row, code) for row, code, _ in errors(reading)} == {
        (2, "document.line_reused"),
        (3, "document.line_reused"),
    }
    assert reading.deliveries == ()


def test_a_line_that_differs_only_by_its_number_is_kept_and_doubted() -> None:
    reading = read(scms_file([scms_row(), scms_row(ID="2")]))
    assert reading.counts_by_code() == {"document.line_like_another": 1}
    assert reading.deliveries[0].amount.minor == 640_00


def test_a_delivery_with_one_bad_row_waits_as_a_whole_because_its_amount_would_be_wrong() -> None:
    elsewhere = scms_row(ID="3", **{"ASN/DN #": "ASN-2"})
    reading = read(scms_file([scms_row(), scms_row(ID="2", **{"Line Item Value": "x"}), elsewhere]))
    assert {(row, code) for row, code, _ in errors(reading)} == {
        (2, "document.delivery_incomplete"),
        (3, "document.number_malformed"),
    }
    assert [delivery.number for delivery in reading.deliveries] == ["ASN-2"]


def test_an_order_has_one_seller_and_a_delivery_one_day() -> None:
    two_sellers = read(scms_file([scms_row(), scms_row(ID="2", Vendor="Other", **{"ASN/DN #": "ASN-2"})]))
    assert {code for _, code, _ in errors(two_sellers)} == {"document.seller_differs"}
    assert two_sellers.orders == ()
    two_days = read(scms_file([scms_row(), scms_row(ID="2", **{"Delivered to Client Date": "2014-03-02"})]))
    assert {code for _, code, _ in errors(two_days)} == {
        "document.delivery_date_differs",
        "document.delivery_incomplete",
    }
    assert two_days.deliveries == ()


def test_a_delivery_number_under_two_orders_is_doubted() -> None:
    reading = read(scms_file([scms_row(), scms_row(ID="2", **{"PO / SO #": "SCMS-2"})]))
    assert reading.counts_by_code() == {"document.delivery_number_shared": 1}


@pytest.mark.parametrize(
    ("reference", "code", "kind"),
    [
        ("See ASN-1 (ID#:1)", "reference_resolved", FigureKind.SHARED),
        ("See ASN-1 (ID#:2)", "reference_to_itself", FigureKind.ABSENT),
        ("See ASN-1 (ID#:77)", "reference_not_found", FigureKind.ABSENT),
        ("See ASN-9 (ID#:1)", "reference_to_other_delivery", FigureKind.ABSENT),
        ("See ASN-1 (ID#:3)", "reference_to_reference", FigureKind.ABSENT),
        ("See ASN-1 (ID#:4)", "reference_without_figure", FigureKind.SHARED),
        ("about a ton", "figure_malformed", FigureKind.ABSENT),
        ("-3", "figure_malformed", FigureKind.ABSENT),
        ("Weight Captured Separately", "figure_elsewhere", FigureKind.SEPARATE),
    ],
)
def test_a_weight_by_reference_is_resolved_or_the_reason_is_told(reference: str, code: str, kind: FigureKind) -> None:
    weights = {"1": "14", "2": reference, "3": "See ASN-1 (ID#:1)", "4": "Weight Captured Separately"}
    items = {n: f"Item {n}" for n in weights}
    rows = [scms_row(ID=n, **{"Weight (Kilograms)": w, "Item Description": items[n]}) for n, w in weights.items()]
    reading = read(scms_file(rows))
    line = next(line for line in reading.deliveries[0].lines if line.order_line == "2")
    assert line.weight.kind is kind
    assert [p.code for p in reading.problems if p.line == "2"] == [f"document.{code}"]
    if code == "reference_resolved":
        assert line.weight.carried == Decimal(14)


def test_a_formula_in_a_name_is_kept_as_text_doubted_and_made_harmless_on_the_way_out() -> None:
    attack = '=HYPERLINK("http://evil.example","pay")'
    reading = read(scms_file([scms_row(Vendor=attack, **{"Line Item Value": "-1"})]))
    assert "document.formula_text" in reading.counts_by_code()
    rows = list(csv.reader(io.StringIO(reading.rejects.decode("utf-8-sig"), newline="")))
    assert rows[1][rows[0].index("Vendor")] == "'" + attack
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_the_file_of_refused_rows_can_be_mended_and_sent_again() -> None:
    bad = scms_row(ID="2", Vendor="=Acme", **{"Line Item Value": "-320.0"})
    first = read(scms_file([bad, scms_row(ID="3", **{"PO / SO #": "P3", "ASN/DN #": "A3"})]))
    assert (first.rows_refused, len(first.orders)) == (1, 1)
    assert b"document.amount_negative" in first.rejects
    again = read(first.rejects.replace(b"-320.0,", b"320.0,"))
    assert (again.rows_read, again.rows_refused, again.orders[0].seller) == (1, 0, "=Acme")


def test_an_unknown_column_is_told_and_read_over() -> None:
    assert read(scms_file([scms_row()], header=(*HEADER, "Colour"))).counts_by_code() == {"document.column_unknown": 1}


@given(content=st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_bytes_whatsoever_make_the_reader_fail_otherwise_than_by_refusing(content: bytes) -> None:
    for data in (content, scms_file([scms_row()]) + content):
        try:
            reading = read(data)
        except FileRefused as refused:
            assert refused.params["reason"]
        else:
            assert reading.rows_read >= 1


@given(
    cells=st.dictionaries(st.sampled_from(HEADER), st.text(max_size=20), max_size=4),
    other=st.dictionaries(st.sampled_from(HEADER), st.text(max_size=20), max_size=2),
)
@settings(max_examples=150, deadline=None)
def test_every_row_ends_in_a_delivery_or_among_the_refused(cells: dict[str, str], other: dict[str, str]) -> None:
    try:
        reading = read(scms_file([scms_row(**cells), scms_row(**{"ID": "2", **other})]))
    except (FileRefused, UnicodeEncodeError):
        return
    delivered = [line.order_line for delivery in reading.deliveries for line in delivery.lines]
    ordered = [line.number for order in reading.orders for line in order.lines]
    assert sorted(delivered) == sorted(ordered)
    assert reading.rows_read == reading.rows_refused + len(delivered)
    assert bool(reading.rejects) == bool(reading.rows_refused)
