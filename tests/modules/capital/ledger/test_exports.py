"""A book leaves the house in forms that other programs accept."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from uuid import UUID

import pytest
from tests.builders.entries import at, entry, key
from tests.builders.ledger import post

from fourflow.capital.ledger import queries
from fourflow.capital.ledger.types import Chart, EntryKind
from fourflow.foundation.parties.types import SYSTEM

pytestmark = pytest.mark.django_db

CORE = UUID(int=31)
BANK, OPEN, VOUCHER = key(Chart.BANK), key(Chart.AP_OPEN, counterparty=CORE), key(Chart.AP_VOUCHER, counterparty=CORE)


@pytest.fixture(autouse=True)
def a_book_with_some_life() -> None:
    first = post(entry(OPEN, VOUCHER, 100_000_00), entry(VOUCHER, BANK, 30_000_00, EntryKind.HOLD), when=at(0))
    hold = queries.transfers(first.transfer_ids[1:])[0]
    second = post(hold.post(entry(VOUCHER, BANK, 20_000_00).amount), when=at(86_400))
    post(queries.transfers(second.transfer_ids)[0].reversal(), reference="=cmd|' /C calc'!A0", when=at(2 * 86_400))
    dollars = [key(code, currency="USD") for code in (Chart.BANK, Chart.IN_TRANSIT)]
    post(entry(*dollars, 5), when=at(86_400))


def test_hledger_balances_the_exported_book_to_the_same_figures() -> None:
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("hledger is not installed (Debian: apt install hledger)")
    text = "".join(queries.hledger_journal(actor=SYSTEM, book=BANK.book))
    for command in (["check"], ["bal", "--flat", "--no-elide", "-O", "csv", "-E"]):
        ran = subprocess.run([program, "-f", "-", *command], input=text, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
    shown = {row[0]: row[1] for row in csv.reader(io.StringIO(ran.stdout))}
    assert shown[f"ap:open:{CORE}"] == "100000.00 CNY"
    assert shown[f"ap:voucher:{CORE}"] == "-100000.00 CNY"
    assert shown["in_transit"] == "-0.05 USD"
    assert shown["Total:" if "Total:" in shown else "total"] == "0"


def test_the_journal_for_an_erp_balances_and_names_accounts_and_counterparties() -> None:
    lines = queries.journal_csv(actor=SYSTEM, book=BANK.book, names={CORE: '=HYPERLINK("http://x")'})
    rows = list(csv.DictReader(io.StringIO("".join(lines))))
    assert len(rows) == 8  # four postings, two lines each; holds are not booked
    for currency, total in (("CNY", 140_000_00), ("USD", 5)):
        for side in ("debit", "credit"):
            amounts = [row[side].replace(".", "") for row in rows if row["currency"] == currency and row[side]]
            assert sum(map(int, amounts)) == total
    voucher = next(row for row in rows if row["account_code"] == "ap.voucher")
    assert voucher["account_name_zh"] == "应付账款—电子债权凭证"
    assert (voucher["date"], voucher["credit"]) == ("2014-03-03", "100000.00")


def test_no_cell_of_the_journal_begins_like_a_formula() -> None:
    lines = queries.journal_csv(actor=SYSTEM, book=BANK.book, names={CORE: "+1+1"})
    cells = [cell for row in csv.reader(io.StringIO("".join(lines))) for cell in row]
    assert "'=cmd|' /C calc'!A0" in cells and "'+1+1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_an_export_covers_the_days_that_were_asked_for() -> None:
    found = list(queries.journal(actor=SYSTEM, book=BANK.book, from_=at(86_400), to=at(2 * 86_400)))
    assert [(t.kind, t.amount.currency) for t in found] == [(EntryKind.POST, "CNY"), (EntryKind.POSTED, "USD")]
