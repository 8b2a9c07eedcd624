"""Every requirement mark names a requirement of the list, on a test that exists."""

from __future__ import annotations

import re

from tools import requirements


def test_every_mark_names_a_requirement_of_the_list() -> None:
    assert [f"{mark.place} {mark.id}" for mark in requirements.unknown()] == []


def test_marks_stand_on_tests_only() -> None:
    wrong = [mark for mark in requirements.marks() if not mark.test.startswith(("test_", "Test", "whole file"))]
    assert wrong == []


def test_the_list_is_whole_and_every_kind_is_known() -> None:
    listed = requirements.requirements()
    assert len(listed) > 400
    assert {item.kind for item in listed.values()} == set(requirements.KINDS)


def test_every_test_that_the_table_of_bad_input_names_exists() -> None:
    table = (requirements.ROOT / "docs" / "operations" / "bad-input.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", table)
    tests = requirements.ROOT / "tests"

    def exists(place: str, test: str) -> bool:
        files = [tests / place, tests / "interfaces" / place]
        return any(file.exists() and f"def {test}(" in file.read_text(encoding="utf-8") for file in files)

    assert len(named) > 50
    assert [f"{place}::{test}" for place, test in named if not exists(place, test)] == []
