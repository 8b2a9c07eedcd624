"""``fourflow import``: what is wrong with a file is said row by row, and nothing counts twice."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from tests.builders import api, parties
from tests.builders.documents import HEADER, scms_file, scms_row

from fourflow.capital.limits import queries as limits
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.cli import importing
from fourflow.platform.errors import FourflowError
from fourflow.trade.documents import queries
from fourflow.trade.documents.types import DocumentKind

pytestmark = pytest.mark.django_db
EMAIL = "maker@core.example"
DAY = {"Delivery Recorded Date": "2014-03-03"}
OTHER = {**DAY, "ID": "2", "PO / SO #": "SCMS-2", "ASN/DN #": "ASN-2"}


@pytest.fixture
def core(settings: object) -> parties.Firm:
    api.cheap_passwords(settings)
    return api.people().core


def taken_over(file: Path, *, dry_run: bool = False, good_rows: bool = False) -> int:
    return importing.run(file, EMAIL, api.PASSWORD, dry_run=dry_run, good_rows=good_rows, errors=None)


def orders(core: parties.Firm) -> list[str]:
    return sorted(one.number for one in queries.orders(core.maker).items)


def test_bad_rows_are_named_and_handed_back_and_a_mended_file_is_another_file(
    core: parties.Firm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "orders.csv"
    bad = scms_row(**OTHER, **{"Line Item Value": "-20.0"})
    file.write_bytes(scms_file([scms_row(**DAY), bad]))
    assert taken_over(file, dry_run=True) == 0
    said = capsys.readouterr().out
    assert "row 3 Line Item Value" in said and "'-20.0'" in said
    assert "-20.0" in (tmp_path / "orders.errors.csv").read_text("utf-8-sig")
    assert taken_over(file) == 1 and orders(core) == [], "all or nothing unless told otherwise"
    assert taken_over(file, good_rows=True) == 0 and orders(core) == ["SCMS-1"]
    assert taken_over(file, good_rows=True) == 0, "the same file again is answered, not taken over again"

    mended = scms_row(**OTHER, **{"Line Item Value": "320.0"})
    file.write_bytes(scms_file([scms_row(**DAY), mended]))
    assert taken_over(file) == 0 and orders(core) == ["SCMS-1", "SCMS-2"]


def test_a_file_that_cannot_be_read_a_wrong_password_or_a_wrong_role_takes_nothing_over(
    core: parties.Firm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "orders.csv"
    for content in (
        scms_file([scms_row(**DAY)], encoding="utf-16"),
        scms_file([scms_row(**DAY)], header=[name for name in HEADER if name != "Vendor"]),
    ):
        file.write_bytes(content)
        with pytest.raises(FourflowError, match=r"document\.file_refused"):
            taken_over(file)
    file.write_bytes(scms_file([scms_row(**DAY)]))
    with pytest.raises(typer.Exit):
        importing.run(file, EMAIL, "guessed", dry_run=False, good_rows=True, errors=None)
    assert "acts for" not in capsys.readouterr().err, "nobody learns of whom he does not know the password"
    with pytest.raises(typer.Exit):
        importing.run(file, "maker@bank-one.example", api.PASSWORD, dry_run=False, good_rows=True, errors=None)
    said = " ".join(capsys.readouterr().err.split())
    assert "maker@bank-one.example acts for no organisation with the role core" in said
    assert orders(core) == []


def test_invoices_and_credit_lines_are_tried_done_once_and_handed_back_where_bad(
    core: parties.Firm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(kind: importing.Kind, file: Path, email: str = EMAIL, **how: bool) -> int:
        how = {"dry_run": False, "good_rows": False, **how}
        return importing.run_rows(kind, file, email, api.PASSWORD, errors=None, **how)

    def invoices() -> list[str]:
        return sorted(one.number for one in queries.papers(core.maker, kind=DocumentKind.INVOICE).items)

    file = tmp_path / "invoices.csv"
    head = "number,seller,amount,currency,issued_on"
    file.write_text(f"{head}\nINV-1,Seller Ltd,113.00,USD,2014-02-20\nINV-2,Seller Ltd,=1+1,USD,2014-02-20\n")
    assert run(importing.Kind.INVOICES, file, dry_run=True) == 0 and invoices() == []
    assert "row 3 amount: rows.cell '=1+1'" in capsys.readouterr().out
    assert "'=1+1" in (tmp_path / "invoices.errors.csv").read_text("utf-8-sig")
    assert run(importing.Kind.INVOICES, file) == 1 and invoices() == [], "all or nothing unless told otherwise"
    for _time in range(2):
        assert run(importing.Kind.INVOICES, file, good_rows=True) == 0 and invoices() == ["INV-1"]

    lines = tmp_path / "lines.csv"
    number = core.view.identifiers[0].value
    lines.write_text(f"core,sanctioned,currency,valid_from,source\n{number},5000000.00,USD,2014-03-03,CC-1\n")
    for _time in range(2):
        assert run(importing.Kind.LIMITS, lines, "maker@bank-one.example") == 0, "a repeat is answered"
    (waiting,) = limits.publications(actor=SYSTEM)
    assert waiting.core_id == core.id and waiting.state == "proposed"
