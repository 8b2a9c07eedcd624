"""Idempotency: the doors' way into every operation that moves value."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg.errors
from django.db import OperationalError, connection, transaction

from fourflow.platform import doing
from fourflow.platform.canonical_json import digest
from fourflow.platform.db.joining import whole
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.errors import FourflowError, Kind
from fourflow.platform.models import Performed as Row

RETRIES = 3


class StillRunning(FourflowError):
    """Another request with the same key is being performed right now."""

    code = "idempotency.still_running"
    kind = Kind.BUSY


class InputDiffers(FourflowError):
    """The key was used before with another input."""

    code = "idempotency.input_differs"
    kind = Kind.INPUT_DIFFERS


class KeyMissing(FourflowError):
    """A write that moves value came without an idempotency key, or with one that is too long."""

    code = "idempotency.key_missing"


@dataclass(frozen=True, slots=True)
class Performed:
    """The result (ids and states, never personal data) and whether it was stored before."""

    result: dict[str, Any]
    replayed: bool


_stored = prepared(lambda: Row.objects.filter(scope=Given("scope"), key=Given("key")))


def perform(
    *, scope: str, key: str, operation: str, input: dict[str, Any], run: Callable[[], dict[str, Any]]
) -> Performed:
    """Run an operation once under a key: one durable transaction holds its effect and its stored result.

    :param scope: whose key it is: client or session organisation, so that two clients may use the same key.
    :param input: everything the caller sent; its canonical hash is kept, not itself.
    :param run: calls the operation and returns what a repeat of the request shall be answered with.
    :raises StillRunning: the same key is being performed.
    :raises InputDiffers: the same key was performed with another input or operation.
    :raises KeyMissing: no key, or one longer than 255 characters.
    """
    if not key or len(key) > 255:
        raise KeyMissing(expected="1 to 255 characters")
    input_hash = digest({"operation": operation, "input": input})
    for attempt in range(RETRIES + 1):
        try:
            return _once(scope, key, operation, input_hash, run)
        except OperationalError as error:
            again = isinstance(error.__cause__, (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure))
            if not again or attempt == RETRIES or connection.in_atomic_block:
                raise
    raise AssertionError("unreachable")


def _once(scope: str, key: str, operation: str, input_hash: bytes, run: Callable[[], dict[str, Any]]) -> Performed:
    nested = connection.in_atomic_block  # only in tests that roll back: Django refuses a nested durable block elsewhere
    with transaction.atomic(durable=True), whole():
        with connection.cursor() as cursor:
            cursor.execute("select pg_try_advisory_xact_lock(%s)", [_lock_number(scope, key)])
            if not cursor.fetchone()[0]:
                raise StillRunning(key=key)
        stored = _stored.first(scope=scope, key=key)
        if stored is not None:
            if bytes(stored.input_hash) != input_hash:
                raise InputDiffers(key=key)
            return Performed(stored.result, replayed=True)
        with doing.under(scope):
            result = run()
        Row.objects.create(scope=scope, key=key, operation=operation, input_hash=input_hash, result=result)
        if nested:
            with connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")
                cursor.execute("set constraints all deferred")
        return Performed(result, replayed=False)


def turn(subject: UUID) -> None:
    """Wait until no other transaction that called this for the same object is open: conditional writes take turns."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_lock_number("turn", subject.hex)])


def _lock_number(scope: str, key: str) -> int:
    number: int = struct.unpack(">q", hashlib.sha256(f"{scope}\0{key}".encode()).digest()[:8])[0]
    return number
