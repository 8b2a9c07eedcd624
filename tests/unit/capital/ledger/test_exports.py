"""A book for other programs: what moves is written, once, by business date; what only holds is not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from tests.builders.entries import key, limit

from fourflow.capital.ledger.domain.chart import bounds
from fourflow.capital.ledger.domain.exports import JOURNAL_COLUMNS, hledger, journal_rows
from fourflow.capital.ledger.types import (
    AccountKey,
    Chart,
    EntryKind,
    Transfer,
    TransferId,
    UnknownChartCode,
    WrongBook,
)
from fourflow.platform.money import Money

SHANGHAI = ZoneInfo("Asia/Shanghai")
CORE, VOUCHER = UUID(int=31), UUID(int=32)
BANK, OWED = key(Chart.BANK), key(Chart.AP_VOUCHER, counterparty=CORE)
#: evening in London, already the next business day in Shanghai
LATE = datetime(2014, 3, 3, 17, 0, tzinfo=UTC)


def transfer(number: int, kind: EntryKind = EntryKind.POSTED, **more: Any) -> Transfer:
    fields: dict[str, Any] = {
        "reference": "r1",
        "debit": OWED,
        "credit": BANK,
        "amount": Money(12_345, "CNY"),
        "refers_to": None,
        "expires_at": None,
        "instrument": None,
        "narrative_code": "voucher.redeemed",
        "effective_at": LATE,
        "recorded_at": LATE,
    }
    return Transfer(id=TransferId(number), batch_id=1, kind=kind, **{**fields, **more})


LIFE = [
    transfer(1, EntryKind.HOLD),
    transfer(2, EntryKind.POST, refers_to=TransferId(1)),
    transfer(3, EntryKind.VOID, refers_to=TransferId(1)),
    transfer(4, instrument=VOUCHER),
    transfer(5, EntryKind.REVERSAL, refers_to=TransferId(4), debit=BANK, credit=OWED),
]


def rows(**more: Any) -> list[dict[str, str]]:
    return [dict(zip(JOURNAL_COLUMNS, row, strict=True)) for row in journal_rows(LIFE, SHANGHAI, **more)]


def test_hledger_gets_each_movement_once_on_its_business_day_and_in_balance() -> None:
    assert list(hledger(LIFE[:2], SHANGHAI)) == [
        "2014-03-04 (r1) voucher.redeemed  ; transfer:2",
        f"    ap:voucher:{CORE}    123.45 CNY",
        "    bank    -123.45 CNY",
        "",
    ]
    heads = [line for line in hledger(LIFE, SHANGHAI) if line.startswith("2014")]
    assert [head.rpartition(":")[2] for head in heads] == ["2", "4", "5"]


def test_a_reference_cannot_break_out_of_its_line() -> None:
    (head, *_) = hledger([transfer(1, reference="a) b;c\n2014-01-01 x")], SHANGHAI)
    assert head == "2014-03-04 (a b,c 2014-01-01 x) voucher.redeemed  ; transfer:1"


def test_an_erp_gets_two_numbered_lines_for_each_movement_debit_first() -> None:
    found = rows()
    assert [(row["line"], row["transfer"], row["debit"], row["credit"]) for row in found] == [
        ("1", "2", "123.45", ""),
        ("2", "2", "", "123.45"),
        ("3", "4", "123.45", ""),
        ("4", "4", "", "123.45"),
        ("5", "5", "123.45", ""),
        ("6", "5", "", "123.45"),
    ]
    assert {row["date"] for row in found} == {"2014-03-04"}


def test_a_line_names_its_counterparty_where_it_has_one_and_the_name_is_known() -> None:
    owed, bank = rows(names={CORE: "核心企业"})[:2]
    assert (owed["account_code"], owed["counterparty_id"], owed["counterparty_name"]) == (
        "ap.voucher",
        str(CORE),
        "核心企业",
    )
    assert (bank["account_code"], bank["counterparty_id"], bank["counterparty_name"]) == ("bank", "", "")
    assert rows()[0]["counterparty_name"] == ""


def test_a_line_names_its_instrument_and_only_a_reversal_names_what_it_takes_back() -> None:
    found = {row["transfer"]: row for row in rows()}
    assert (found["2"]["instrument"], found["4"]["instrument"]) == ("", str(VOUCHER))
    assert [found[number]["reverses"] for number in ("2", "4", "5")] == ["", "", "4"]


def test_an_account_belongs_only_into_the_books_that_its_code_is_for() -> None:
    with pytest.raises(WrongBook) as refused:
        bounds(key(Chart.LIMIT_AVAILABLE))
    assert refused.value.params["expected"] == ["memo"]
    assert bounds(limit(Chart.LIMIT_AVAILABLE)) == (False, True)
    with pytest.raises(UnknownChartCode):
        bounds(AccountKey(OWED.book, "ap.unheard_of", "CNY", None))
