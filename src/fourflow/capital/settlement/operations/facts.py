"""Events of an instruction, each with the rows it changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model

from fourflow.capital.settlement import events, models
from fourflow.capital.settlement.models.evidence import evidenced
from fourflow.platform.events import operations as stream
from fourflow.platform.events.types import Event

E = TypeVar("E", bound=events.OfInstruction)


def of_instruction(kind: type[E], row: models.Instruction, effective_at: datetime, **more: Any) -> E:
    """An event about an instruction with the fields that all of them carry."""
    return kind(
        subject_id=row.id,
        effective_at=effective_at,
        reference=row.reference,
        purpose=row.purpose,
        about_id=row.subject_id,
        payer_id=row.payer_id,
        payee_id=row.payee_id,
        amount=row.amount,
        **more,
    )


def publish(event: Event, *rows: Model) -> None:
    """Publish a fact with the rows it created or changed."""
    stream.publish(event, rows=[evidenced(row) for row in rows])


def publish_many(facts: Sequence[tuple[Event, Sequence[Model]]]) -> None:
    """Publish many facts in one statement."""
    stream.publish_many([(event, [evidenced(row) for row in rows]) for event, rows in facts])
