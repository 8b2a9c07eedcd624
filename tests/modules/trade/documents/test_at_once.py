"""Two imports of one buyer at the same time, on two connections that commit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection
from tests.builders.documents import buyer, import_scms, scms_file, scms_row

from fourflow.trade.documents import queries
from fourflow.trade.documents.types import AlreadyImported

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_files_with_the_same_orders_at_once_give_each_document_once() -> None:
    me = buyer()
    rows = [scms_row(**{"ID": str(n), "PO / SO #": f"P{n}", "ASN/DN #": f"A{n}"}) for n in range(1, 9)]
    files = [scms_file(rows), scms_file(rows[::-1]), scms_file(rows)]
    start = Barrier(len(files))

    def take(content: bytes) -> str:
        try:
            start.wait(timeout=60)
            return import_scms(me, content).state.value
        except AlreadyImported:
            return "already"
        finally:
            connection.close()

    with ThreadPoolExecutor(len(files)) as pool:
        states = sorted(pool.map(take, files))
    assert states == ["already", "done", "done"]
    assert len(queries.orders(me).items) == len(queries.deliveries(me).items) == 8
    known = [view.counts.orders_known for view in queries.imports(me)]
    assert sorted(known) == [0, 8]
