"""Model fields that every module uses, so that keys, instants and amounts are the same everywhere."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now

from fourflow.platform.ids import new_id


class IdField(models.UUIDField):
    """Primary key: a UUIDv7 made in Python, known before the row is written."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("primary_key", True)
        kwargs.setdefault("default", new_id)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)


class RecordedAtField(models.DateTimeField):
    """When the database recorded the row. A database default; no code sets it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("db_default", Now())
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)


class MinorField(models.BigIntegerField):
    """An amount in whole minor units; the row's ``currency`` column says of which currency."""


class CurrencyField(models.CharField):
    """ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)
