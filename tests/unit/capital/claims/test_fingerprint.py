"""Two spellings of one document meet; two documents do not."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.claims.domain import fingerprint
from fourflow.capital.claims.types import SCHEME_PARTS, Scheme, Underlying, UnderlyingInvalid

texts = st.text(max_size=30)
numbers = st.from_regex(r"\A[A-Z0-9]{1,12}\Z")


def delivery(order: str, asn: str, buyer: str = "SCMS") -> dict[str, str]:
    return fingerprint.normal_parts(Underlying(Scheme.PO_ASN, {"buyer": buyer, "order": order, "delivery": asn}))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("PO-1234", "PO1234"),
        (" po 1234 ", "PO1234"),
        ("ＰＯ－１２３４", "PO1234"),
        ("po.1234/", "PO1234"),
        ("P\u200bO1234", "PO1234"),
        ("P\u00adO1234", "PO1234"),
        ("PO\ufe0f1234", "PO1234"),
        ("PO\u31641234", "PO1234"),
        ("№１２３", "NO123"),
        ("straße", "STRASSE"),
        ("cafe\u0301", "CAFÉ"),
        ("发票 第①号", "发票第1号"),
        ("０00１", "0001"),
    ],
)
def test_spellings_of_one_number_meet(typed: str, meant: str) -> None:
    assert fingerprint.normalise(typed) == meant


@given(texts)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = fingerprint.normalise(text)
    assert fingerprint.normalise(once) == once
    assert all(unicodedata.category(c)[0] in "LN" for c in once)


@given(texts)
def test_case_width_and_separators_make_no_difference(text: str) -> None:
    once = fingerprint.normalise(text)
    assert fingerprint.normalise(f" {text}\u3000-") == once
    assert fingerprint.normalise(unicodedata.normalize("NFD", text)) == once


@given(numbers, numbers, numbers, numbers)
def test_parts_never_run_into_each_other(a: str, b: str, c: str, d: str) -> None:
    left = fingerprint.material(Scheme.PO_ASN, delivery(a, b))
    right = fingerprint.material(Scheme.PO_ASN, delivery(c, d))
    assert (left == right) == ((a, b) == (c, d))


def test_the_scheme_is_part_of_the_identity() -> None:
    parts = {"buyer": "B", "order": "1", "line": "2", "delivery": "2"}
    assert fingerprint.material(Scheme.ORDER_LINE, parts) != fingerprint.material(Scheme.PO_ASN, parts)


def test_a_chinese_e_invoice_has_exactly_twenty_digits() -> None:
    for number in ("24312000000012345678", "2431 2000 0000 1234 5678", "２４３１２０００００００１２３４５６７８"):
        parts = fingerprint.normal_parts(Underlying(Scheme.INVOICE_CN, {"number": number}))
        assert parts == {"number": "24312000000012345678"}
    for wrong in ("2431200000001234567", "243120000000123456789", "2431200000001234567A", "२४३१२००००००१२३४५६७८२"):
        with pytest.raises(UnderlyingInvalid):
            fingerprint.normal_parts(Underlying(Scheme.INVOICE_CN, {"number": wrong}))


def test_a_chinese_e_invoice_has_no_second_identity_as_an_ordinary_one() -> None:
    with pytest.raises(UnderlyingInvalid) as refused:
        fingerprint.normal_parts(Underlying(Scheme.INVOICE, {"seller": "S", "number": "2431-2000-0000-1234-5678"}))
    assert refused.value.params["expected"] == "invoice_cn"
    assert fingerprint.normal_parts(Underlying(Scheme.INVOICE, {"seller": "s", "number": "inv 7"})) == {
        "seller": "S",
        "number": "INV7",
    }


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"buyer": "B", "order": "1"}, "delivery"),
        ({"buyer": "B", "order": "--", "delivery": "1"}, "order"),
        ({"buyer": "B", "order": "1", "delivery": "2", "line": "3"}, "line"),
        ({"buyer": "B", "order": "1", "delivery": "9" * 201}, "delivery"),
    ],
)
def test_missing_empty_unknown_and_endless_parts_are_refused_by_name(parts: dict[str, str], field: str) -> None:
    with pytest.raises(UnderlyingInvalid) as refused:
        fingerprint.normal_parts(Underlying(Scheme.PO_ASN, parts))
    assert refused.value.params["field"] == field


def test_a_part_of_two_hundred_characters_still_stands() -> None:
    assert delivery("1", "9" * 200)["delivery"] == "9" * 200


def test_a_delivery_and_a_line_know_their_order_and_nothing_else_does() -> None:
    parts = {name: name.upper() for scheme in Scheme for name in SCHEME_PARTS[scheme]}
    for scheme in Scheme:
        order = fingerprint.order_of(scheme, parts)
        if scheme in (Scheme.PO_ASN, Scheme.ORDER_LINE):
            assert order == {"buyer": "BUYER", "order": "ORDER"}
        else:
            assert order is None
