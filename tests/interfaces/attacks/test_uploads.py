"""Files and bodies that harm by what they are: bombs, entities, names that lead elsewhere, too large, too slow."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from tests.builders.api import World
from tests.builders.documents import scms_file, scms_row
from tests.interfaces.attacks.conftest import Lines
from tests.interfaces.web.scene import Scene

from fourflow.config.patience import LARGEST, LATE, Patient

SECRET = "root:x:0:0"
ENTITY = '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE d [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9)
)  # each ten times the one before
LAUGHS += "]>"
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>&{};</t></is></c></row></sheetData></worksheet>'


def workbook(**parts: bytes) -> bytes:
    """A real workbook with some of its parts replaced."""
    plain, out = io.BytesIO(), io.BytesIO()
    Workbook().save(plain)
    with ZipFile(plain) as packed, ZipFile(out, "w", ZIP_DEFLATED) as made:
        for name in packed.namelist():
            key = name.rpartition("/")[2].partition(".")[0]
            made.writestr(name, parts.get(key, packed.read(name)))
    return out.getvalue()


def bad_files() -> dict[str, bytes]:
    bomb = workbook(sheet1=(SHEET + "<!--").encode() + b" " * (41 * 1024 * 1024))
    small = bomb.replace((41 * 1024 * 1024 + len(SHEET) + 4).to_bytes(4, "little"), (9).to_bytes(4, "little"))
    return {
        "bomb": bomb,
        "bomb that says it is small": small,
        "entity of a file": workbook(sheet1=(ENTITY + SHEET + CELL.format("e")).encode()),
        "a billion laughs": workbook(sheet1=(LAUGHS + SHEET + CELL.format("j")).encode()),
        "laughing texts": workbook(sharedStrings=(LAUGHS + "<sst>&j;</sst>").encode()),
        "broken markup": workbook(sheet1=b"<worksheet><sheetData><row>"),
        "no markup": workbook(workbook=b"\x00\xff"),
    }


@pytest.mark.parametrize("name", bad_files())
def test_a_file_that_is_a_trap_is_refused_in_words_and_opens_nothing(scene: Scene, logged: Lines, name: str) -> None:
    file = SimpleUploadedFile("rows.xlsx", bad_files()[name])
    answer = scene.clients["core"].post("/issue/batch", {"file": file})
    content = answer.content.decode()
    assert answer.status_code == 422 and "Nothing was changed" in content
    assert SECRET not in content and "haha" not in content
    (line,) = logged()
    assert line["code"] in ("upload.unreadable", "upload.too_large")
    assert line["request_id"] == answer["X-Request-Id"]


def test_the_apis_doors_for_files_refuse_the_same_traps(world: World, logged: Lines) -> None:
    doors = ("vouchers/batches/plan", "imports/preview")
    for content in bad_files().values():
        for door in doors:
            told = world.core.upload(door, content, 422)
            assert "haha" not in json.dumps(told) and SECRET not in json.dumps(told)
    assert {line["status"] for line in logged()} == {422} and all(line["code"] for line in logged())


NAMES = ("../../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", 'x"; filename="y.exe', "a\r\nSet-Cookie: x=1")


@pytest.mark.requirement("R401")
def test_the_name_of_a_file_leads_nowhere(world: World) -> None:
    rows = scms_file([scms_row()])
    for number, name in enumerate(NAMES):
        file = SimpleUploadedFile("orders.csv", rows + b"\n" * number)
        file._name = name
        given = {"HTTP_AUTHORIZATION": f"Bearer {world.core.token}", "HTTP_IDEMPOTENCY_KEY": f"file-{number}"}
        made = world.core.client.post("/v1/imports", {"file": file}, **given)
        if made.status_code == 202:
            kept = made.json()
            assert "/" not in kept["file_name"] and "\\" not in kept["file_name"], name
            got = world.core.client.get(f"/v1/imports/{kept['id']}/files/original", **given)
            assert got["Content-Disposition"] == 'attachment; filename="original.csv"'
            assert "Set-Cookie" not in got
        else:
            assert made.status_code == 422, (name, made.content)
    for path in ("/static/../config/settings.py", "/static/..%2f..%2fconfig/settings.py", "/static//etc/passwd"):
        assert world.core.client.get(path).status_code == 404


def test_a_body_that_is_too_large_is_refused_unread(scene: Scene, logged: Lines) -> None:
    class Untouched(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise AssertionError("the body was read")

    for path, kind in (("/issue/batch", "text/html"), ("/v1/imports", "application/problem+json")):
        answer = scene.clients["core"].generic(
            "POST", path, **{"CONTENT_LENGTH": str(LARGEST + 1), "wsgi.input": Untouched()}
        )
        assert answer.status_code == 413 and answer["Content-Type"].startswith(kind)
    assert scene.clients["core"].generic("POST", "/issue/batch", CONTENT_LENGTH="1e9").status_code == 400
    assert [line["code"] for line in logged()] == ["input.too_large", "input.too_large", "request.unreadable"]


class Dripping:
    """A body of which a byte comes every second of a clock that stands beside it."""

    def __init__(self) -> None:
        self.now = 0.0

    def read(self, size: int) -> bytes:
        self.now += 1.0
        return b"x"


def test_a_slow_body_waits_outside_and_is_refused_when_its_time_is_over(scene: Scene, logged: Lines) -> None:
    body = Dripping()
    at_work: list[dict[str, Any]] = []

    def application(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        at_work.append(environ)
        return iter(())

    site = Patient(application, places=1, patience=20.0, seconds=lambda: body.now)
    site({"CONTENT_LENGTH": "1000", "wsgi.input": body}, lambda *_: None)
    assert (body.now, at_work[0][LATE], len(at_work[0]["wsgi.input"].read())) == (21.0, True, 21)
    site({"CONTENT_LENGTH": "3", "wsgi.input": io.BytesIO(b"abcdef")}, lambda *_: None)
    assert at_work[1][LATE] is False and at_work[1]["wsgi.input"].read() == b"abc"
    for path in ("/issue/batch", "/v1/imports"):
        assert scene.clients["core"].generic("POST", path, **{LATE: True}).status_code == 408
    assert [line["code"] for line in logged()] == ["request.too_slow"] * 2


def test_many_visitors_are_served_by_few_threads_each_with_its_own_connection_to_the_database() -> None:
    served_by: set[str] = set()

    def application(environ: dict[str, Any], start: Any) -> list[bytes]:
        served_by.add(threading.current_thread().name)
        return [environ["PATH_INFO"].encode()]

    site = Patient(application, places=2)
    with ThreadPoolExecutor(16) as visitors:
        answers = list(visitors.map(lambda n: site({"PATH_INFO": f"/{n}"}, lambda *_: None), range(200)))
    assert [b"".join(answer) for answer in answers] == [f"/{n}".encode() for n in range(200)]
    assert 1 <= len(served_by) <= 2
