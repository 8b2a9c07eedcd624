"""Model fields that every module uses, so that keys, instants and amounts are the same everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.functions import Now

from fourflow.platform.ids import new_id

# fields are generic (set type, get type) for the checker only; left open, for a nullable field reads None too
if TYPE_CHECKING:
    UUIDField = models.UUIDField[Any, Any]
    DateTimeField = models.DateTimeField[Any, Any]
    BigIntegerField = models.BigIntegerField[Any, Any]
    CharField = models.CharField[Any, Any]
else:
    from django.db.models import BigIntegerField, CharField, DateTimeField, UUIDField


class IdField(UUIDField):
    """Primary key: a UUIDv7 made in Python, known before the row is written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("primary_key", True)
        kwargs.setdefault("default", new_id)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)


class RecordedAtField(DateTimeField):
    """When the database recorded the row. A database default; no code sets it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("db_default", Now())
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)


class MinorField(BigIntegerField):
    """An amount in whole minor units; the row's ``currency`` column says of which currency."""


class CurrencyField(CharField):
    """ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)
