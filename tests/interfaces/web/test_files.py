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

from fourflow.capital.limits import queries as limits
from fourflow.capital.limits.types import ANNOUNCEMENT_COLUMNS as LINES
from fourflow.config import wiring
from fourflow.interfaces.web import excel
from fourflow.interfaces.web.addresses import text
from fourflow.interfaces.web.pages import imports
from fourflow.trade.documents import jobs
from fourflow.trade.documents import queries as documents
from fourflow.trade.documents.types import INVOICE_COLUMNS, TABLE_COLUMNS

DOORS = ("/issue/batch", "/deliveries/file", "/invoices/file", "/limits/file")
WHO = {"/limits/file": "bank"}


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
        job = client.get(done[0]["Location"]).content.decode()
        assert 'value="1"></progress>' in job and "Go on" not in job and "Everything is taken over" in job
        mine = re.findall(r'href="(/deliveries\?import=imp_[0-9A-Z]{26})"', job)
        bad = client.get(f"{done[0]['Location']}/errors").content.decode("utf-8-sig").splitlines()
        assert [line.split(",")[0] for line in bad] == ["row", "5", "6", "7"]
        page = client.get(mine[0]).content.decode()
        assert re.findall(r'<tr id="dlv_', page) == ['<tr id="dlv_'] and "DN-77" in page and "10,000.00" in page
        again = client.post("/deliveries/file", {"file": file_of(content)})
        assert "0 new deliveries" in again.content.decode() and "Take over" not in again.content.decode()

    def test_a_file_that_was_left_half_way_goes_on_by_a_press_or_by_itself(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Steps of one order each, as five hundred are one step of a large file."""
        monkeypatch.setattr(imports, "STEP", 1)
        monkeypatch.setattr(jobs, "STEP", 1)
        client = scene.clients["core"]
        many = [row(order=f"PO-9{n}", delivery=f"DN-9{n}", item="Coil") for n in range(6)]
        dry = client.post("/deliveries/file", {"file": file_of(workbook(TABLE_COLUMNS, *many))})
        address = client.post("/deliveries/file", {**fields(dry), "outcome": "approve"})["Location"]

        def taken(body: str) -> str:
            return re.findall(r'max="6" value="(\d)"', body)[0]

        body = client.get(address).content.decode()
        assert taken(body) == "1" and "Go on" in body and "Running" in body
        assert f'hx-get="{address}?beat=1" hx-trigger="load delay:2s"' in body, "who stays sees it move"
        assert 'hx-trigger="load delay:30s"' in client.get(f"{address}?beat=40").content.decode(), "ever more slowly"
        assert "left" not in re.sub("<[^>]*>", "", body).split("What next")[0], "one step says nothing about the rest"
        assert address in client.get("/deliveries/file").content.decode(), "who comes back finds it again"
        press = {"token": re.findall(r'name="token" value="([^"]+)"', body)[0], "act": "go-on"}
        assert [client.post(address, press).status_code for _twice in range(2)] == [302, 302]
        assert taken(client.get(address).content.decode()) == "2", "the same press again takes nothing more"
        sources = wiring.document_sources()
        assert jobs.continue_left(sources) == 0, "whoever goes on by himself is left alone"
        monkeypatch.setattr(jobs, "PATIENCE", -jobs.PATIENCE)
        assert jobs.continue_left(sources) == 1
        assert "Less than a minute left" in client.get(address).content.decode()
        assert [jobs.continue_left(sources) for _sweep in range(4)] == [1, 1, 1, 0]
        body = client.get(address).content.decode()
        assert taken(body) == "6" and "Everything is taken over" in body and "hx-trigger" not in body
        assert client.get(f"{address}?beat=3")["HX-Refresh"] == "true", (
            "who watches gets the whole page of what is done"
        )
        over = client.post(address, {**press, "token": "a-new-press-after-its-end"})
        assert over.status_code == 409 and "Go on" not in over.content.decode()
        assert scene.get("supplier", address).status_code == 403
        assert scene.get("core", address.replace("imp_", "imp_7")[:-1]).status_code == 404

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


def dry_run(scene: Scene, who: str, door: str, content: bytes, mode: str = "good_rows") -> Any:
    return scene.clients[who].post(door, {"file": file_of(content), "mode": mode})


def handed_back(scene: Scene, who: str, door: str, dry: Any) -> list[tuple[Any, ...]]:
    """The error file of a dry run."""
    returned = re.search(r'name="rows" value="([^"]*)"', dry.content.decode())
    assert returned is not None
    answer = scene.clients[who].post(door, {"rows": unescape(returned.group(1))})
    return list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))


class TestCreditLinesFromAFile:
    DOOR = "/limits/file"

    def line(self, **changes: Any) -> tuple[Any, ...]:
        plain = {"core": "Core Ltd", "sanctioned": 5_000_000, "currency": "EUR", "valid_from": "2014-03-03"}
        return tuple({**plain, "source": "CC-7", "valid_to": "", **changes}[name] for name in LINES)

    def test_good_rows_are_announced_once_and_bad_ones_come_back(self, scene: Scene) -> None:
        content = workbook(
            LINES,
            self.line(),
            self.line(core="Nobody Ltd"),
            self.line(currency="GBP", source=""),
            self.line(currency="HKD", valid_to="2014-03-03"),
        )
        before = limits.publications(actor=scene.here.funder.maker)
        dry = dry_run(scene, "bank", self.DOOR, content)
        body = dry.content.decode()
        assert dry.status_code == 200 and "1 line can be announced" in body and "3 rows with errors" in body
        assert "5,000,000.00" in body, "what is announced in all stands in words and figures"
        assert limits.publications(actor=scene.here.funder.maker) == before, "a dry run writes nothing"
        head, *bad = handed_back(scene, "bank", self.DOOR, dry)
        assert head == ("row", *LINES, "reason") and [one[0] for one in bad] == ["3", "4", "5"]
        assert "registered number" in bad[0][-1] and "your own paper" in bad[1][-1] and "end before" in bad[2][-1]
        done = [scene.clients["bank"].post(self.DOOR, {**fields(dry), "outcome": "approve"}) for _press in range(2)]
        assert [answer.status_code for answer in done] == [302, 302]
        made = limits.publications(actor=scene.here.funder.maker)
        assert len(made) == len(before) + 1 and made[0].sanctioned.currency == "EUR"
        page = scene.get("bank checker", f"/inbox/{text('approval', made[0].approval_id)}")
        assert page.status_code == 200 and "5,000,000.00" in page.content.decode(), "decided like any other"
        again = dry_run(scene, "bank", self.DOOR, content).content.decode()
        assert "0 lines can be announced" in again and "waits for its second person" in again

    def test_who_wants_all_or_nothing_gets_nothing_while_a_row_is_bad(self, scene: Scene) -> None:
        rows = (LINES, self.line(currency="CHF"), self.line(currency="XXX"))
        dry = dry_run(scene, "bank", self.DOOR, workbook(*rows), "all")
        assert "all rows or none" in dry.content.decode() and 'name="plan"' not in dry.content.decode()
        good = dry_run(scene, "bank", self.DOOR, workbook(*rows[:2]), "all")
        given = fields(good)
        forged = scene.clients["bank"].post(self.DOOR, {**given, "plan": given["plan"][:-3] + "abc"})
        assert forged.status_code == 409 and scene.get("core", self.DOOR).status_code == 403
        assert scene.clients["bank"].post(self.DOOR, given).status_code == 302

    def test_the_template_has_the_lines_as_they_stand(self, scene: Scene) -> None:
        template = scene.get("bank", f"{self.DOOR}?template").content
        head, *lines = load_workbook(io.BytesIO(template)).active.iter_rows(values_only=True)
        assert head == LINES and lines and lines[0][2] == "USD"


class TestInvoicesFromAFile:
    DOOR = "/invoices/file"

    def invoice(self, **changes: Any) -> tuple[Any, ...]:
        plain = {"number": "INV-900", "seller": "Supplier One Ltd", "amount": "113.00", "currency": "USD"}
        rest = {"issued_on": "2014-02-20", "due_on": "", "tax": "13", "code": "", "order": "PO-1", "delivery": "DN-1"}
        return tuple({**plain, **rest, **changes}[name] for name in INVOICE_COLUMNS)

    def test_good_rows_are_recorded_once_and_known_the_next_time(self, scene: Scene) -> None:
        content = workbook(
            INVOICE_COLUMNS,
            self.invoice(),
            self.invoice(number="00012345678901234567", seller="'=1+1"),
            self.invoice(),
            self.invoice(number="INV-901", tax="1x"),
        )
        dry = dry_run(scene, "core", self.DOOR, content)
        assert "2 new invoices" in dry.content.decode() and "2 rows with errors" in dry.content.decode()
        _head, *bad = handed_back(scene, "core", self.DOOR, dry)
        assert [one[0] for one in bad] == ["4", "5"]
        assert "repeats an earlier one" in bad[0][-1] and "tax within the amount" in bad[1][-1]
        done = [scene.clients["core"].post(self.DOOR, {**fields(dry), "outcome": "approve"}) for _press in range(2)]
        assert [answer.status_code for answer in done] == [302, 302]
        page = scene.get("core", f"{done[0]['Location']}?q=000123").content.decode()
        assert "00012345678901234567" in page and "=1+1" in page and len(re.findall(r'<tr id="doc_', page)) == 1
        again = dry_run(scene, "core", self.DOOR, content).content.decode()
        assert "0 new invoices" in again and "2 known already" in again and 'name="plan"' not in again

    def test_the_template_is_itself_a_file_that_can_be_read(self, scene: Scene) -> None:
        template = scene.get("core", f"{self.DOOR}?template").content
        assert "1 new invoice" in dry_run(scene, "core", self.DOOR, template).content.decode()


@pytest.mark.parametrize("door", DOORS)
class TestWhatIsNoTable:
    def refused(self, scene: Scene, door: str, file: Any, words: str = "cannot be read|too large|neither") -> None:
        answer = scene.clients[WHO.get(door, "core")].post(door, {"file": file} if file is not None else {})
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
        head = ",".join(dict.fromkeys((*TABLE_COLUMNS, "document", "face", "due_on", "bank", *INVOICE_COLUMNS, *LINES)))
        many = "\n".join([head, *[",".join(["1"] * 14)] * 1001]).encode()
        self.refused(scene, door, file_of(many, "rows.csv"), "too large|up to 1,000")

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
            answer = scene.clients[WHO.get(door, "core")].post(door, {"file": file_of(attack)})
            assert answer.status_code == 422 and "DO-NOT-READ" not in answer.content.decode()
