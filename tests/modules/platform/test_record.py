"""Rows written the short way are the rows that Django would have written."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, connection
from django.db.models import F, Value
from django.test.utils import CaptureQueriesContext

from fourflow.capital.limits.models import Limit
from fourflow.platform.ids import new_id
from fourflow.platform.models import Performed

pytestmark = pytest.mark.django_db


def line(**fields: object) -> Limit:
    given = {"funder_id": new_id(), "core_id": new_id(), "currency": "USD", "sanctioned_minor": 500, **fields}
    return Limit.objects.create(valid_from=datetime.date(2014, 1, 1), **given)


def test_what_the_database_fills_in_comes_back_with_the_row() -> None:
    row = line()
    kept = Limit.objects.get(pk=row.pk)
    assert row.available_minor == kept.available_minor == 500 and row.recorded_at == kept.recorded_at


def test_only_the_named_columns_are_written() -> None:
    row = line()
    row.sanctioned_minor, row.frozen = 700, True
    with CaptureQueriesContext(connection) as queries:
        row.save(update_fields=["sanctioned_minor"])
    kept = Limit.objects.get(pk=row.pk)
    assert (kept.sanctioned_minor, kept.frozen) == (700, False) and len(queries) == 1


def test_an_expression_goes_the_long_way() -> None:
    row = line(freeze_reason=Value("made by the database"))
    row.sanctioned_minor = F("sanctioned_minor") + 1
    row.save(update_fields=["sanctioned_minor"])
    kept = Limit.objects.get(pk=row.pk)
    assert (kept.sanctioned_minor, kept.freeze_reason) == (501, "made by the database")


def test_a_refusal_of_the_database_is_djangos_error() -> None:
    row = line()
    with pytest.raises(IntegrityError):
        line(funder_id=row.funder_id, core_id=row.core_id)


def test_a_row_with_two_keys_and_json_is_kept_whole() -> None:
    Performed.objects.create(scope="s", key="k", operation="o", input_hash=b"\0h", result={"a": [1, "二"]})
    kept = Performed.objects.get(scope="s", key="k")
    assert kept.result == {"a": [1, "二"]} and bytes(kept.input_hash) == b"\0h"


def test_a_row_that_is_gone_is_not_updated() -> None:
    row = Limit(id=new_id(), funder_id=new_id(), core_id=new_id(), currency="USD", sanctioned_minor=1)
    row._state.adding = False
    with pytest.raises(Exception, match="did not affect any rows"):
        row.save(update_fields=["sanctioned_minor"])
