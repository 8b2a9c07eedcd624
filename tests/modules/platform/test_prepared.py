"""A query compiled once answers like the queryset that it was built from, for whatever values it is run with."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.db.models import Exists
from django.test.utils import CaptureQueriesContext

from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.ids import new_id
from fourflow.platform.models import CalendarDay, Performed, Visibility

pytestmark = pytest.mark.django_db


def test_each_run_takes_its_own_values() -> None:
    for day in (date(2014, 5, 1), date(2014, 5, 2), date(2014, 6, 2)):
        CalendarDay.objects.create(calendar="T", day=day, working=False, name=f"day {day.day}")
    between = prepared(
        lambda: CalendarDay.objects.filter(
            calendar="T", day__gte=Given("first"), day__lt=Given("end"), working=False
        ).order_by("day")
    )
    may = between(first=date(2014, 5, 1), end=date(2014, 6, 1))
    assert [row.day.day for row in may] == [1, 2] and all(isinstance(row, CalendarDay) for row in may)
    june = between.first(first=date(2014, 6, 1), end=date(2014, 7, 1))
    assert june is not None and june.name == "day 2"
    assert between.first(first=date(2015, 1, 1), end=date(2015, 2, 1)) is None


def test_a_list_is_one_parameter_whatever_its_length() -> None:
    organisation, objects = new_id(), [new_id() for _ in range(3)]
    Visibility.objects.bulk_create(Visibility(object_id=o, organisation_id=organisation, reason="t") for o in objects)
    seen = prepared(
        lambda: Visibility.objects.filter(organisation_id=organisation, object_id__any=Given("ids")).values_list(
            "object_id"
        )
    )
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert set(seen(ids=objects)) == {(o,) for o in objects}
        assert seen(ids=objects[:1]) == [(objects[0],)]
        assert seen(ids=[]) == []
    assert len(queries) == 3


def test_stored_json_comes_back_as_it_was_kept() -> None:
    Performed.objects.create(scope="s", key="k", operation="o", input_hash=b"h", result={"a": [1, "二"]})
    stored = prepared(lambda: Performed.objects.filter(scope=Given("scope"), key=Given("key")))
    found = stored.first(scope="s", key="k")
    assert found is not None and found.result == {"a": [1, "二"]} and bytes(found.input_hash) == b"h"


def test_what_is_annotated_stands_on_the_row() -> None:
    for operation in ("o", "p"):
        Performed.objects.create(scope="s", key=operation, operation=operation, input_hash=b"h", result={})
    others = Performed.objects.filter(scope=Given("scope"), operation=Given("operation"))
    known = prepared(lambda: Performed.objects.filter(key="o").annotate(known=Exists(others)))
    answers = [known.first(scope="s", operation=operation) for operation in ("p", "nothing")]
    assert [vars(row)["known"] for row in answers] == [True, False]


def test_a_value_that_is_missing_is_an_error_and_not_an_empty_answer() -> None:
    stored = prepared(lambda: Performed.objects.filter(scope=Given("scope"), key=Given("key")))
    with pytest.raises(KeyError):
        stored(scope="s")
