"""A write under a key happens once, whatever the caller repeats."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from fourflow.platform.models import Performed
from fourflow.platform.perform import InputDiffers, KeyMissing, StillRunning, perform


def call(key="k1", value=1, run=None):
    return perform(
        scope="me", key=key, operation="test.do", input={"value": value}, run=run or (lambda: {"value": value})
    )


@pytest.mark.django_db
def test_a_repeat_is_answered_with_the_first_result_and_does_nothing():
    done = []

    def run():
        done.append(1)
        return {"n": len(done)}

    assert call(run=run).result == {"n": 1}
    again = call(run=run)
    assert again.replayed
    assert again.result == {"n": 1}
    assert len(done) == 1


@pytest.mark.django_db
def test_the_same_key_with_another_input_is_refused():
    call(value=1)
    with pytest.raises(InputDiffers):
        call(value=2)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256])
def test_a_write_without_a_usable_key_is_refused(key):
    with pytest.raises(KeyMissing):
        call(key=key)


@pytest.mark.django_db
def test_two_scopes_may_use_one_key():
    first = perform(scope="a", key="k", operation="o", input={}, run=lambda: {"who": "a"})
    second = perform(scope="b", key="k", operation="o", input={}, run=lambda: {"who": "b"})
    assert (first.result["who"], second.result["who"]) == ("a", "b")


@pytest.mark.django_db(transaction=True)
def test_a_failed_write_leaves_no_result_and_may_be_tried_again():
    def fail():
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        call(run=fail)
    assert Performed.objects.count() == 0
    assert not call().replayed


@pytest.mark.django_db(transaction=True)
def test_while_one_is_performed_the_same_key_is_told_to_wait():
    inside, leave = threading.Event(), threading.Event()

    def slow():
        inside.set()
        assert leave.wait(60)
        return {}

    def first():
        try:
            call(run=slow)
        finally:
            connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert inside.wait(60)
    with pytest.raises(StillRunning):
        call()
    leave.set()
    thread.join()
    assert call().replayed


@pytest.mark.django_db(transaction=True)
def test_a_result_is_never_changed_or_removed(raw):
    call()
    for sql in ("update platform_performed set result = '{}'", "delete from platform_performed"):
        with pytest.raises(Exception, match=r"append-only|permission denied"):
            raw("writer").execute(sql)


@pytest.mark.django_db(transaction=True)
def test_perform_is_a_transaction_of_its_own():
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        call()
