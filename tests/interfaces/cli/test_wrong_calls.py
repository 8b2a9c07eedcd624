"""A wrong call of ``fourflow`` is answered in one sentence and an exit status, never with a traceback."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from tests.builders.installation import Installation


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    file = tmp_path / "random"
    file.write_bytes(b"\xf3\x00\xff")
    return file


def test_a_file_that_is_not_there_is_a_wrong_call_and_no_verdict(installation: Installation, bad: Path) -> None:
    for call in (
        ("evidence", "verify", "/nowhere.json", "--policy", str(bad)),
        ("evidence", "verify", str(bad), "--policy", "/nowhere.txt"),
        ("evidence", "verify", str(bad.parent), "--policy", str(bad)),
        ("import", "/nowhere.csv", "--email", "maker@core.example"),
    ):
        said = installation.fourflow(*call, status=2)
        assert ("does not exist" in said or "is a directory" in said) and "Traceback" not in said
    assert "not text in UTF-8" in installation.fourflow("evidence", "verify", str(bad), "--policy", str(bad), status=2)


def test_a_wrong_event_port_or_folder_is_named_in_a_sentence(installation: Installation, bad: Path) -> None:
    for event in ("nonsense", "018f0000-0000-7000-8000-000000000000"):
        said = installation.fourflow("evidence", "export", event, str(bad.parent / "bundle"), status=1)
        assert said.startswith("id.malformed") and not (bad.parent / "bundle").exists()
    for call in (("serve", "--port", "0"), ("demo", "--port", "65533"), ("web", "--workers", "0")):
        assert f"Invalid value for '{call[1]}'" in installation.fourflow(*call, status=2)
    assert "is missing" in installation.fourflow("backup", "verify", str(bad), status=1)
    assert "Not a directory" in installation.fourflow("backup", "create", str(bad / "under"), status=1)


def test_a_database_that_does_not_answer_is_said_in_a_sentence(installation: Installation) -> None:
    known = installation.home / "database.json"
    known.write_text(json.dumps({**json.loads(known.read_text()), "host": "127.0.0.1", "port": "1"}))
    said = installation.fourflow("ledger", "verify", status=1)
    assert said.startswith("the database does not answer:") and "Traceback" not in said


def test_what_a_program_calls_asks_nothing_and_answers_as_json(installation: Installation, bad: Path) -> None:
    called = (
        ("import", str(bad), "--email", "maker@core.example", "--no-input"),
        ("backup", "restore", str(bad.parent), "--no-input"),
    )
    for call, named in zip(called, ("FOURFLOW_PASSWORD", "--yes"), strict=True):
        said = installation.fourflow(*call, status=2)
        assert named in said and "nobody can be asked" in said
    assert json.loads(installation.fourflow("ledger", "verify", "--json"))["sound"] is True
    (key,) = json.loads(installation.fourflow("key", "list", "--json"))
    assert key["is_current"] is True
    assert json.loads(installation.fourflow("totals", "recount", "--json")) == []
    assert installation.fourflow("--version").strip() == version("fourflow")
    assert "Usage:" in installation.fourflow("ledger", "verify", "-h")


def test_a_home_without_an_installation_is_told_so_by_every_command_that_needs_one(
    installation: Installation, bad: Path
) -> None:
    (installation.home / "database.json").unlink()
    for call in (
        ("doctor",),
        ("worker",),
        ("sequencer",),
        ("web",),
        ("evidence", "audit"),
        ("evidence", "export", "evt_01J0000000000000000000000", str(bad)),
        ("import", str(bad), "--email", "maker@core.example"),
        ("ledger", "verify"),
        ("backup", "restore", "--yes", str(bad.parent)),
    ):
        said = installation.fourflow(*call, status=1)
        assert said.startswith("installation.not_set_up") and "fourflow setup" in said, (call, said)


def test_doctor_says_in_a_sentence_that_the_database_does_not_answer(installation: Installation) -> None:
    kept = installation.home / "database.json"
    known = kept.read_text()
    kept.write_text(json.dumps({**json.loads(known), "host": "127.0.0.1", "port": "1"}))
    try:
        (check,) = json.loads(installation.fourflow("doctor", "--json", status=1))
    finally:
        kept.write_text(known)
    assert check["name"] == "database" and check["ok"] is False
    assert check["detail"].startswith("does not answer, so nothing else was looked at") and "\n" not in check["detail"]
