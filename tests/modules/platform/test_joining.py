"""An operation is atomic by itself, and a part of the write around it."""

from __future__ import annotations

import contextlib
import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from fourflow.platform.db.joining import joins, whole
from fourflow.platform.models import Performed
from fourflow.platform.perform import perform

pytestmark = pytest.mark.django_db(transaction=True)


@joins
def note(key: str, *, fail: bool = False) -> None:
    Performed.objects.create(scope="t", key=key, operation="note", input_hash=b"", result={})
    if fail:
        raise LookupError(key)


def kept() -> set[str]:
    return set(Performed.objects.filter(scope="t").values_list("key", flat=True))


def test_an_operation_that_fails_by_itself_leaves_nothing() -> None:
    with pytest.raises(LookupError):
        note("a", fail=True)
    assert kept() == set()


def test_operations_of_one_write_take_no_savepoint() -> None:
    def run() -> dict[str, object]:
        note("a")
        note("b")
        return {}

    with CaptureQueriesContext(connection) as asked:
        perform(scope="s", key=str(uuid.uuid4()), operation="two", input={}, run=run)
    assert kept() == {"a", "b"}
    assert not [query for query in asked.captured_queries if "SAVEPOINT" in query["sql"]]


def test_a_write_whose_part_failed_cannot_go_on_as_if_nothing_were() -> None:
    def run() -> dict[str, object]:
        note("a")
        with contextlib.suppress(LookupError):
            note("b", fail=True)
        return {}

    with pytest.raises(transaction.TransactionManagementError):
        perform(scope="s", key=str(uuid.uuid4()), operation="two", input={}, run=run)
    assert kept() == set()


def test_what_an_explicit_block_guards_is_undone_alone() -> None:
    with transaction.atomic(), whole():
        note("a")
        with pytest.raises(LookupError), transaction.atomic():
            note("b", fail=True)
    assert kept() == {"a"}


def test_outside_a_whole_each_operation_can_be_undone_alone() -> None:
    with transaction.atomic():
        note("a")
        with pytest.raises(LookupError):
            note("b", fail=True)
    assert kept() == {"a"}
