"""Words of closed vocabularies stand in the statement; whatever else somebody asks for stays beside it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
from django.db import connection

from fourflow.capital.vouchers import queries
from fourflow.capital.vouchers.models import Voucher
from fourflow.capital.vouchers.types import VoucherState

pytestmark = pytest.mark.django_db


class Mischief(StrEnum):
    QUOTE = "offered' or 'a' = 'a"


def test_a_word_of_a_vocabulary_stands_in_the_statement() -> None:
    sql, params = Voucher.objects.filter(state=VoucherState.OFFERED).query.sql_with_params()
    assert sql.endswith("""WHERE "vouchers_voucher"."state" = 'offered'""") and params == ()
    late = [VoucherState.OVERDUE, VoucherState.DEFAULTED]
    sql, params = Voucher.objects.exclude(state__in=late).query.sql_with_params()
    assert sql.endswith("""WHERE NOT ("vouchers_voucher"."state" IN ('defaulted', 'overdue'))""") and params == ()


def test_a_text_from_outside_stays_a_parameter() -> None:
    for given in ("offered", "offered' or 'a' = 'a"):
        sql, params = Voucher.objects.filter(state=given).query.sql_with_params()
        assert sql.endswith('"state" = %s') and params == (given,)
        sql, params = Voucher.objects.filter(state__in=[given, VoucherState.OFFERED]).query.sql_with_params()
        assert given not in sql and set(params) == {given, "offered"}


def test_an_enumeration_of_more_than_words_is_refused() -> None:
    with pytest.raises(ValueError, match="no word"):
        str(Voucher.objects.filter(state=Mischief.QUOTE).query)


def test_a_sweep_finds_its_index_whatever_the_plan_knows_of_its_values() -> None:
    asked: list[str] = []

    def hear(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(hear):
        assert not list(queries.unrestricted_overdue())
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute("set local plan_cache_mode = force_generic_plan")
        cursor.execute(f"prepare sweep as {asked[-1]}")
        cursor.execute("explain execute sweep")
        plan = "\n".join(row[0] for row in cursor.fetchall())
        cursor.execute("deallocate sweep")
    assert "voucher_unrestricted" in plan, plan
