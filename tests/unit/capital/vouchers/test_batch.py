"""Files of vouchers: what is read, what is told of bad cells, and answers that no spreadsheet executes."""

from __future__ import annotations

import contextlib
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourflow.capital.vouchers.domain import batch
from fourflow.platform import rows as platform_rows
from fourflow.platform.ids import encode, new_id
from fourflow.platform.rows import RowProblem, RowsInvalid

PAY, BANK = new_id(), new_id()
HEADER = "payable,funder,amount,currency,due_on,term_reason,contract_clause"


def row(**cells: str) -> str:
    good = {
        "payable": encode("pay", PAY),
        "funder": str(BANK),
        "amount": "1000.00",
        "currency": "cny",
        "due_on": "2026-03-31",
        "term_reason": "",
        "contract_clause": "clause 4",
    }
    return ",".join({**good, **cells}.values())


def file(*rows: str, header: str = HEADER, encoding: str = "utf-8") -> bytes:
    return "\n".join([header, *rows]).encode(encoding)


def test_good_rows_are_requests_numbered_as_in_a_spreadsheet() -> None:
    rows, problems = batch.read_rows(file(row(), row(amount="2.50"), encoding="utf-8-sig"))
    assert problems == [] and [one.row for one in rows] == [2, 3]
    first = rows[0].wanted
    assert (first.payable_id, first.funder_id, str(first.face), first.contract_clause) == (
        PAY,
        BANK,
        "1000.00 CNY",
        "clause 4",
    )


def test_a_blank_line_keeps_its_number_and_is_no_row() -> None:
    rows, problems = batch.read_rows(file("", row(), ",,,,,,", row(amount="-1"), row(amount="2.50")))
    assert [one.row for one in rows] == [3, 6] and [(one.row, one.field) for one in problems] == [(5, "amount")]


def test_a_chinese_file_of_an_old_spreadsheet_is_read() -> None:
    rows, _ = batch.read_rows(file(row(contract_clause="第四条"), encoding="gb18030"))
    assert rows[0].wanted.contract_clause == "第四条"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payable", "pay_1"),
        ("payable", ""),
        ("funder", "First Bank"),
        ("amount", "-1.00"),
        ("amount", "0.00"),
        ("amount", "1.001"),
        ("amount", "1e9999"),
        ("amount", "99999999999999999999"),
        ("amount", "=1+1"),
        ("amount", "NaN"),
        ("currency", "XXQ"),
        ("due_on", "31/03/2026"),
        ("due_on", "2026-02-30"),
        ("due_on", "20260331"),
    ],
)
def test_a_bad_cell_is_told_with_row_field_value_and_expectation(field: str, value: str) -> None:
    changed = {"amount": "3.00", field: value}
    rows, problems = batch.read_rows(file(row(), row(**changed)))
    assert len(rows) == 1
    (problem,) = problems
    assert (problem.row, problem.code) == (3, "rows.cell") and problem.expected
    assert problem.field in (field, "amount")


def test_the_same_row_twice_is_told_once() -> None:
    rows, problems = batch.read_rows(file(row(), row()))
    assert len(rows) == 1 and [(one.row, one.code) for one in problems] == [(3, "rows.repeated")]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        file(),
        file(row(), header="payable,funder,amount"),
        file(row(), header=HEADER.replace("funder", "payable")),
        b"\xff\xfe\x00\x01" * 10,
        file(row(term_reason='"never closed'), "," * 140_000),
        file(*[row()] * 1001),
        b"x" * (platform_rows.MAX_BYTES + 1),
    ],
)
def test_a_file_that_is_none_is_refused_whole(content: bytes) -> None:
    with pytest.raises(RowsInvalid):
        batch.read_rows(content)


def test_a_thousand_rows_and_two_million_bytes_are_read_and_no_more() -> None:
    rows = [row(amount=f"{1 + number}.00") for number in range(1000)]
    assert len(batch.read_rows(file(*rows))[0]) == 1000
    almost = file(row()) + b"\n"
    longest = (almost + (b" " * 999 + b"\n") * 2_000)[:2_000_000]
    assert len(batch.read_rows(longest)[0]) == 1
    with pytest.raises(RowsInvalid) as refused:
        batch.read_rows(longest + b"\n")
    assert refused.value.params["expected"] == "up to 2000000 bytes"


def test_only_reason_and_clause_may_be_missing_from_the_header() -> None:
    needed = "payable,funder,amount,currency,due_on"
    cells = row().split(",")[:5]
    rows, _ = batch.read_rows(file(",".join(cells), header=needed))
    assert (rows[0].wanted.term_reason, rows[0].wanted.contract_clause) == ("", "")
    with pytest.raises(RowsInvalid) as refused:
        batch.read_rows(file(",".join(cells[:4]), header=needed.removesuffix(",due_on")))
    assert refused.value.params["expected"] == ["due_on"]


def test_a_row_may_leave_out_its_empty_end_and_carry_cells_beyond_the_header() -> None:
    short = row(contract_clause="").rstrip(",")
    rows, problems = batch.read_rows(file(short, row(amount="2.00") + ",beyond"))
    assert problems == [] and [one.wanted.term_reason for one in rows] == ["", ""]


def test_one_cent_and_ten_trillion_are_the_ends_of_an_amount() -> None:
    rows, problems = batch.read_rows(file(row(amount="0.01"), row(amount="10000000000000.00")))
    assert [one.wanted.face.minor for one in rows] == [1, 10**15] and problems == []
    _, (problem,) = batch.read_rows(file(row(), row(amount="10000000000000.01")))
    assert (problem.row, problem.field) == (3, "amount")


def test_a_bad_cell_is_quoted_up_to_two_hundred_characters() -> None:
    _, (problem,) = batch.read_rows(file(row(), row(funder="x" * 300)))
    assert problem.value == "x" * 200


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    with contextlib.suppress(RowsInvalid):
        batch.read_rows(file().rstrip() + b"\n" + content)


@given(st.text(max_size=40), st.sampled_from(["", "=", "+", "-", "@", "\t=", " =", "＝"]))
def test_no_cell_of_an_answer_is_executed(text: str, start: str) -> None:
    problem = RowProblem(2, "rows.cell", "amount", start + text, start)
    answer = platform_rows.problem_file([problem]).decode("utf-8-sig")
    cells = list(csv.reader(io.StringIO(answer, newline="")))[1]
    assert not any(cell.lstrip(" ")[:1] in ("=", "+", "-", "@", "\t", "\r", "＝") for cell in cells if cell)
    assert cells[3] in (problem.value, f"'{problem.value}")
