"""Excel in: dry run, error file with reasons, taking over; and what is no such file is refused before anything is read."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from tests.interfaces.web.scene import Scene, fields

from fourflow.interfaces.web import excel
from fourflow.trade.documents import queries as documents
from fourflow.trade.documents.types import TABLE_COLUMNS

DOORS = ("/issue/batch", "/deliveries/file")


def file_of(content: bytes, name: str = "rows.xlsx") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def row(**changes: Any) -> tuple[Any, ...]:
    plain = {
        "order": "PO-77", "line": "1", "item": "Steel coil", "quantity": "12.5", "unit": "t", "amount": "8450.00",
        "currency": "USD", "seller": "Supplier One Ltd", "delivery": "DN-77", "delivered_on": "2014-02-20",
    }  # fmt: skip
    return tuple({**plain, **changes}[column] for column in TABLE_COLUMNS)


def repacked(content: bytes, part: str, change: Any) -> bytes:
    """A workbook with one of its parts changed, as an attacker would send it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            body = old.read(entry)
            new.writestr(entry, change(body) if entry == part else body)
    return out.getvalue()


class TestDeliveriesFromAFile:
    def test_good_rows_are_taken_over_and_bad_ones_come_back_with_their_reasons(self, scene: Scene) -> None:
        client = scene.clients["core"]
        content = workbook(
            TABLE_COLUMNS,
            row(),
            row(line="2", item="'=HYPERLINK(1)", amount="1550.00"),
            (None,) * len(TABLE_COLUMNS),
            row(order="PO-78", delivery="DN-78", amount="12,5x", item="'=1+1"),
            row(order="PO-78", delivery="DN-78", line="2"),
            row(order="PO-79", delivery="DN-79", delivered_on="2044-01-01", currency="XXX"),
        )
        before = len(documents.deliveries(scene.here.core.maker, limit=200).items)
        dry = client.post("/deliveries/file", {"file": file_of(content)})
        body = dry.content.decode()
        assert dry.status_code == 200 and "1 new delivery" in body and "3 rows with errors" in body
        assert len(documents.deliveries(scene.here.core.maker, limit=200).items) == before, "a dry run writes nothing"
        returned = re.search(r'name="rows" value="([^"]*)"', body)
        assert returned is not None
        answer = client.post("/deliveries/file/errors", {"rows": unescape(returned.group(1))})
        head, *bad = load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
        assert "'=1+1" in bad[0], "what a spreadsheet might run goes back as it came: as text"
        assert head == ("row", *TABLE_COLUMNS, "reason")
        assert [line[0] for line in bad] == ["5", "6", "7"], "rows are counted as the spreadsheet counts them"
        assert "This is not an amount" in bad[0][-1] and "Another row of this delivery" in bad[1][-1]
        assert "currency is not known" in bad[2][-1] and "in the future" in bad[2][-1]
        done = [client.post("/deliveries/file", {**fields(dry), "outcome": "approve"}) for _press in range(2)]
        assert [answer.status_code for answer in done] == [302, 302] and done[0]["Location"] == done[1]["Location"]
        page = client.get(done[0]["Location"]).content.decode()
        assert re.findall(r'<tr id="dlv_', page) == ['<tr id="dlv_'] and "DN-77" in page and "10,000.00" in page
        again = client.post("/deliveries/file", {"file": file_of(content)})
        assert "0 new deliveries" in again.content.decode() and "Take over" not in again.content.decode()

    def test_a_plan_that_was_not_made_here_is_refused(self, scene: Scene) -> None:
        client = scene.clients["core"]
        dry = client.post("/deliveries/file", {"file": file_of(workbook(TABLE_COLUMNS, row(order="PO-80")))})
        given = fields(dry)
        forged = client.post("/deliveries/file", {**given, "plan": given["plan"][:-3] + "abc"})
        assert forged.status_code == 409
        assert documents.deliveries(scene.here.core.maker, filters=documents.Filters(number="PO-80")).items == ()
        assert scene.get("supplier", "/deliveries/file").status_code == 403

    def test_the_template_is_itself_a_file_that_can_be_read(self, scene: Scene) -> None:
        template = scene.get("core", "/deliveries/file/template").content
        assert "1 new delivery" in (
            scene.clients["core"].post("/deliveries/file", {"file": file_of(template)}).content.decode()
        )


@pytest.mark.parametrize("door", DOORS)
class TestWhatIsNoTable:
    def refused(self, scene: Scene, door: str, file: Any, words: str = "cannot be read|too large|neither") -> None:
        answer = scene.clients["core"].post(door, {"file": file} if file is not None else {})
        body = answer.content.decode()
        assert answer.status_code == 422 and "Nothing was changed" in body and re.search(words, body)

    def test_no_file_or_one_with_another_ending_than_its_content(self, scene: Scene, door: str) -> None:
        book = workbook(TABLE_COLUMNS, row())
        self.refused(scene, door, None)
        for content, name in ((book, "rows.xlsm"), (book, "rows.csv"), (book, "rows"), (b"a,b\n1,2\n", "rows.xlsx")):
            self.refused(scene, door, file_of(content, name))
        self.refused(scene, door, file_of(b"<html>", "../../etc/rows.html"))

    def test_too_many_bytes_or_rows(self, scene: Scene, door: str) -> None:
        self.refused(scene, door, file_of(b"x" * (excel.MAX_BYTES + 1), "rows.csv"), "too large")
        head = ",".join((*TABLE_COLUMNS, "document", "face", "due_on", "bank"))
        many = "\n".join([head, *[",".join(["1"] * 14)] * 1001]).encode()
        self.refused(scene, door, file_of(many, "rows.csv"), "too large")

    def test_a_zip_bomb_is_not_unpacked(self, scene: Scene, door: str) -> None:
        bomb = repacked(workbook(TABLE_COLUMNS), "xl/worksheets/sheet1.xml", lambda body: body + b" " * 50_000_000)
        assert len(bomb) < 100_000
        self.refused(scene, door, file_of(bomb), "too large")

    def test_entities_of_a_workbook_are_not_resolved(self, scene: Scene, door: str, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("DO-NOT-READ")
        outside = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>'
        laughs = "".join(f'<!ENTITY {b} "{f"&{a};" * 50}">' for a, b in pairwise("abcde"))
        for told in (outside, f'<!DOCTYPE x [<!ENTITY a "{"ha" * 1000}">{laughs}]>'):

            def attacked(body: bytes, told: str = told) -> bytes:
                start = body.index(b"<worksheet")
                assert b">Steel coil<" in body
                return body[:start] + told.encode() + body[start:].replace(b">Steel coil<", b">&e;<")

            heads, cells = (*TABLE_COLUMNS, "document", "face", "due_on", "bank"), (*row(), "Steel coil", "1", "1", "1")
            attack = repacked(workbook(heads, cells), "xl/worksheets/sheet1.xml", attacked)
            answer = scene.clients["core"].post(door, {"file": file_of(attack)})
            assert answer.status_code == 422 and "DO-NOT-READ" not in answer.content.decode()
