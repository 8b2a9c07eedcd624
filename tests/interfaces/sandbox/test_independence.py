"""The sandbox is a stranger: it shares no code and no XML library with the platform."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from tests.interfaces.sandbox.party import ROOT

from fourflow_sandbox.iso20022 import xml

SOURCES = sorted((ROOT / "src" / "fourflow_sandbox").rglob("*.py"))
FOREIGN = {"fourflow", "django", "lxml", "xmlschema", "pyiso20022", "psycopg", "httpx", "rfc8785"}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add((node.module or "").partition(".")[0])
    return names


def test_no_source_imports_the_platform_or_its_libraries() -> None:
    assert SOURCES
    assert {str(path): found for path in SOURCES if (found := imported(path) & FOREIGN)} == {}


def test_a_started_sandbox_has_loaded_nothing_of_the_platform() -> None:
    code = "import sys, fourflow_sandbox.__main__; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT / "src")}
    )
    assert not set(done.stdout.split()) & FOREIGN


def test_the_platform_imports_nothing_of_the_sandbox() -> None:
    platform = (ROOT / "src" / "fourflow").rglob("*.py")
    assert [str(path) for path in platform if "fourflow_sandbox" in imported(path)] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_in_any_encoding(encoding: str) -> None:
    bomb = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">&b;</Document>'
    )
    with pytest.raises(xml.NotAcceptable, match="document types"):
        xml.parse(bomb.encode(encoding), "pain.001.001.09")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<Document",
        b"<Document/>",
        b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><CstmrCdtTrfInitn/></Document>',
        b"<a>" * 100,
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_such_message_is_refused(body: bytes) -> None:
    with pytest.raises(xml.NotAcceptable):
        xml.parse(body, "pain.001.001.09")
