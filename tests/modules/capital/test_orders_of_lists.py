"""Lists that grow are read in each of their orders along an index: a page costs the same however long the list is."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest
from django.db import connection

import fourflow
from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.models import Payable
from fourflow.capital.settlement.models import Instruction
from fourflow.capital.settlement.queries.payments import SORTS as PAYMENT_SORTS
from fourflow.capital.vouchers.models import Voucher
from fourflow.capital.vouchers.queries import register as vouchers
from fourflow.platform.db.ordering import in_order
from fourflow.platform.events import queries as events
from fourflow.platform.models import StoredEvent
from fourflow.trade.documents.models import Delivery, Paper
from fourflow.trade.documents.queries import lists as documents

GROWING = (
    (StoredEvent, events.SORTS, {}),
    (Voucher, vouchers.SORTS, {}),
    (Payable, claims.SORTS, {}),
    (Instruction, PAYMENT_SORTS, {}),
    (Delivery, documents.DELIVERY_SORTS, {}),
    (Paper, documents.PAPER_SORTS, {"kind": "invoice"}),
)
#: sorted after its rows were found, because
SHORT = {
    "capital.vouchers.queries.register.HOLDING_SORTS": "one holder's parts alone; every step of a voucher writes them",
    "capital.vouchers.queries.register.COMPLAINT_SORTS": "what holders complained of by hand",
    "capital.vouchers.queries.promises.PROMISE_SORTS": "what issuers say by hand of what they pay late",
    "capital.limits.queries.USE_SORTS": "one line's uses; every step of a voucher writes their figures",
    "capital.financing.queries.SORTS": "figures of the quote, another table; one voucher in many is financed",
    "capital.settlement.queries.cash.MATCH_SORTS": "what people placed by hand",
    "capital.settlement.queries.cash.EXPECTATION_SORTS": "what payees say by hand, until it comes",
    "capital.settlement.queries.cash.RECONCILIATION_SORTS": "one row a bank and day",
    "capital.settlement.queries.cash.EXCEPTION_SORTS": "what banks said and no rule may act upon, until a person has",
    "foundation.parties.queries.desk.APPLICATION_SORTS": "by id, the key",
    "foundation.clients.queries.DELIVERY_SORTS": "one organisation's webhooks; every attempt writes its number",
    "oversight.insight.queries.SORTS": "what the regulator asked",
}


def offered() -> Iterator[tuple[str, object]]:
    """The orders of every list that goes on behind a row, by the name under the package."""
    for found in pkgutil.walk_packages(fourflow.__path__, "fourflow."):
        if ".queries" in found.name:
            module = importlib.import_module(found.name)
            for name, value in vars(module).items():
                if name.endswith("SORTS") and isinstance(value, dict):
                    yield f"{found.name.removeprefix('fourflow.')}.{name}", value


def test_every_order_that_a_list_offers_has_an_index_or_a_reason() -> None:
    known = [id(sorts) for _model, sorts, _where in GROWING]
    assert {name for name, sorts in offered() if id(sorts) not in known} == set(SHORT)


@pytest.mark.django_db
@pytest.mark.parametrize(("model", "sorts", "where"), GROWING, ids=lambda one: getattr(one, "__name__", ""))
def test_each_order_of_a_list_that_grows_has_an_index(model, sorts, where) -> None:
    with connection.cursor() as cursor:
        # of a table that is nearly empty the planner would rather read and sort everything
        cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off; set local enable_sort = off")
    for name in ("", *sorts, *(f"-{name}" for name in sorts)):
        if where and not name:
            continue  # the newest first is asked of what is not narrowed
        plan = in_order(model.objects.filter(**where), name, sorts)[:51].explain()
        assert "Index" in plan and "Sort" not in plan, (name, plan)
