"""Every requirement mark names a requirement of the list, on a test that exists."""

from __future__ import annotations

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
