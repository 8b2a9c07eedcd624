"""Mending text and defusing spreadsheet formulas."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fourflow.trade.documents.domain import formula, text_repair
from fourflow.trade.documents.domain.firms import FirmTable
from fourflow.trade.documents.types import FirmName, Relation


def doubly_encoded(text: str) -> str:
    """UTF-8 read as Windows-1252, with ISO 8859-1 for the five bytes that it leaves open."""
    return "".join(
        bytes([b]).decode("cp1252") if b not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else chr(b) for b in text.encode()
    )


@pytest.mark.parametrize("text", ["Côte d'Ivoire", "GrÃ", "Übung", "数信", "naïve café", "Ångström", "São Tomé", "€ 5"])
def test_sound_text_is_left_alone(text: str) -> None:
    assert text_repair.mend_double_encoding(text) == text


@pytest.mark.parametrize("text", ["Grønland", "Côte d'Ivoire", "供应链", "Ærø – “quoted”"])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_up_to_three_layers_of_double_encoding_are_undone(text: str, layers: int) -> None:
    broken = text
    for _ in range(layers):
        broken = doubly_encoded(broken)
    assert broken != text
    assert text_repair.mend_double_encoding(broken) == text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_what_was_encoded_twice_comes_back(text: str) -> None:
    assume(text_repair.mend_double_encoding(text) == text)
    assert text_repair.mend_double_encoding(doubly_encoded(text)) == text


@given(st.text(max_size=30))
def test_mending_is_finished_after_one_pass_and_never_touches_ascii(text: str) -> None:
    mended = text_repair.mend_double_encoding(text)
    if text.isascii():
        assert mended == text
    assert [c for c in text if c.isascii()] == [c for c in mended if c.isascii()]


@pytest.mark.parametrize(
    "text", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "－A", "＠x"]
)
def test_whatever_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert formula.is_formula(text)
    assert formula.neutralise(text) == "'" + text


@pytest.mark.parametrize("text", ["", "Acme", "-12.50", "+3", "1-2", "a=b", "'quoted'", "O'Neill"])
def test_ordinary_text_and_signed_numbers_stay_as_they_are(text: str) -> None:
    assert formula.neutralise(text) == text


@given(st.text(st.sampled_from("='+-@ \t1a."), max_size=8))
def test_neutralising_can_be_undone_and_leaves_nothing_to_run(text: str) -> None:
    harmless = formula.neutralise(text)
    assert formula.restore(harmless) == text
    assert not formula.is_formula(harmless)


@given(st.lists(st.lists(st.text(max_size=12), min_size=1, max_size=4), max_size=5))
def test_no_exported_cell_is_a_formula(rows: list[list[str]]) -> None:
    clean = [[cell.encode("utf-8", "ignore").decode().replace("\0", "") for cell in row] for row in rows]
    text = formula.write_csv(["=head"], clean).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not any(formula.is_formula(cell) for cell in row)


def test_a_table_of_firms_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="two firms"):
        FirmTable([FirmName("A", "x"), FirmName(" a ", "y")])
    with pytest.raises(ValueError, match="two groups"):
        FirmTable([FirmName("A", "x", "g"), FirmName("B", "x", "h")])


def test_a_name_that_the_table_does_not_know_is_a_firm_of_its_own() -> None:
    table = FirmTable([FirmName("Acme Ltd", "Acme", "G"), FirmName("Bolt", "Bolt", "G"), FirmName("Free", "Free")])
    assert table.relation("acme  LTD", "Acme") is Relation.SAME_FIRM
    assert table.relation("Acme Ltd", "Bolt") is Relation.RELATED
    assert table.relation("Free", "Other") is Relation.INDEPENDENT
    assert table.relation("Other", "Third") is Relation.INDEPENDENT
    assert table.relation("Other", "") is Relation.UNKNOWN
