"""People read in a transaction of their own kind: under the reader role, and with plans made for what they ask."""

from __future__ import annotations

import pytest
from django.db import connection

from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform.db.reading import reading
from fourflow.platform.ids import new_id
from fourflow.platform.models import Visibility

pytestmark = pytest.mark.django_db

PLANS = """
select coalesce(sum(generic_plans), 0), coalesce(sum(custom_plans), 0) from pg_prepared_statements
where statement like '%"platform_visibility"."reason" = %'
"""


def ask() -> None:
    """The same question, each time for somebody else."""
    list(Visibility.objects.filter(organisation_id=new_id(), reason="asked"))


def plans() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(PLANS)
        generic, custom = cursor.fetchone()
    return int(generic), int(custom)


def test_a_question_is_planned_for_who_asks_however_often_it_was_asked_before() -> None:
    before = plans()
    with reading(SYSTEM):
        for _ in range(20):
            ask()
    generic, custom = plans()
    assert custom > before[1], "it was prepared by the server"
    assert generic == before[0], "and no plan for anybody took the place of his own"


def test_what_a_reader_was_given_ends_with_his_reading() -> None:
    with reading(SYSTEM), connection.cursor() as cursor:
        cursor.execute("select current_user, current_setting('plan_cache_mode')")
        assert cursor.fetchone() == ("fourflow_reader", "force_custom_plan")
    with connection.cursor() as cursor:
        cursor.execute("select current_user, current_setting('plan_cache_mode')")
        assert cursor.fetchone() == ("fourflow_writer", "auto")
