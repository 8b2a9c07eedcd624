"""Lists that grow are read in each of their orders along an index: a page costs the same however long the list is."""

from __future__ import annotations

import pytest
from django.db import connection

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.models import Payable
from fourflow.capital.settlement.models import Instruction
from fourflow.capital.settlement.queries.payments import SORTS as PAYMENT_SORTS
from fourflow.capital.vouchers.models import Voucher
from fourflow.capital.vouchers.queries import register as vouchers
from fourflow.platform.db.ordering import in_order
from fourflow.platform.events import queries as events
from fourflow.platform.models import StoredEvent

GROWING = (
    (StoredEvent, events.SORTS),
    (Voucher, vouchers.SORTS),
    (Payable, claims.SORTS),
    (Instruction, PAYMENT_SORTS),
)


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "sorts"), GROWING, ids=lambda one: getattr(one, "__name__", ""))
def test_each_order_of_a_list_that_grows_has_an_index(model, sorts) -> None:
    with connection.cursor() as cursor:
        # of a table that is nearly empty the planner would rather read and sort everything
        cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off")
    for name in ("", *sorts, *(f"-{name}" for name in sorts)):
        plan = in_order(model.objects.all(), name, sorts)[:51].explain()
        assert "Index" in plan and "Sort" not in plan, (name, plan)
