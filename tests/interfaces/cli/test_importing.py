"""``fourflow import``: what is wrong with a file is said row by row, and nothing counts twice."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
from tests.builders import api, parties
from tests.builders.documents import HEADER, scms_file, scms_row

from fourflow.interfaces.cli import importing
from fourflow.platform.errors import FourflowError
from fourflow.trade.documents import queries

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


def test_a_file_that_cannot_be_read_or_a_wrong_password_takes_nothing_over(core: parties.Firm, tmp_path: Path) -> None:
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
    assert orders(core) == []
