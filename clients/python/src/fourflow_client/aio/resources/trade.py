"""Trade: orders, deliveries, invoices, contracts, names of parties in them, and files of orders."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

from fourflow_client.aio.resources.namespace import Record, Resource
from fourflow_client.types import InvoiceBatch, InvoicePlan


class Orders(Resource):
    async def register(self, *, key: str | None = None, **order: Any) -> Record:
        """Record an order, or further lines of one; the same again changes nothing."""
        return cast(Record, await self._post("orders", order, key))

    async def get(self, order_id: str) -> Record:
        return cast(Record, await self._get(f"orders/{order_id}"))

    def list(self, **filters: Any) -> AsyncIterator[Record]:
        return self._pages("orders", **filters)


class Deliveries(Resource):
    async def register(self, *, key: str | None = None, **delivery: Any) -> Record:
        return cast(Record, await self._post("deliveries", delivery, key))

    async def get(self, delivery_id: str) -> Record:
        return cast(Record, await self._get(f"deliveries/{delivery_id}"))

    def list(self, **filters: Any) -> AsyncIterator[Record]:
        return self._pages("deliveries", **filters)


class Invoices(Resource):
    async def register(self, *, key: str | None = None, **invoice: Any) -> Record:
        return cast(Record, await self._post("invoices", invoice, key))

    async def plan_batch(self, name: str, content: bytes) -> InvoicePlan:
        """The dry run of a CSV file or workbook: the good rows, how many are known already, and the bad ones."""
        return cast(InvoicePlan, await self._upload("invoices/batches/plan", name, content))

    async def register_batch(self, plan: InvoicePlan, *, mode: str = "all", key: str | None = None) -> InvoiceBatch:
        """Record the good rows of a dry run; ``mode`` "good_rows" leaves behind what has a problem by now."""
        return cast(InvoiceBatch, await self._post("invoices/batches", {"rows": plan["rows"], "mode": mode}, key))

    async def problems(self, name: str, content: bytes) -> bytes:
        """The bad rows of a file with their reasons, as CSV."""
        return bytes(await self._upload("invoices/batches/problems", name, content))


class Documents(Resource):
    """Invoices and contracts; ``kind`` tells them apart."""

    async def register_contract(self, *, key: str | None = None, **contract: Any) -> Record:
        return cast(Record, await self._post("contracts", contract, key))

    async def get(self, document_id: str) -> Record:
        return cast(Record, await self._get(f"papers/{document_id}"))

    def list(self, **filters: Any) -> AsyncIterator[Record]:
        return self._pages("papers", **filters)

    async def names(self) -> Sequence[Record]:
        """Names in the organisation's documents, and the parties that they mean."""
        return await self._all("party-names")

    async def map_name(self, name: str, party_id: str, *, key: str | None = None) -> Record:
        """Say which party a name means; it then sees the documents it sold under."""
        return cast(Record, await self._post("party-names", {"name": name, "party_id": party_id}, key))


class Imports(Resource):
    """Files of orders and deliveries. ``form``: ``source``, ``mode``, ``encoding``."""

    async def preview(self, name: str, content: bytes, **form: str) -> Record:
        """What a file would bring; nothing is written."""
        return cast(Record, await self._upload("imports/preview", name, content, **form))

    async def receive(self, name: str, content: bytes, **form: str) -> Record:
        return cast(Record, await self._upload("imports", name, content, **form))

    async def get(self, import_id: str) -> Record:
        return cast(Record, await self._get(f"imports/{import_id}"))

    def list(self) -> AsyncIterator[Record]:
        """The latest first."""
        return self._pages("imports")

    async def file(self, import_id: str, what: str) -> bytes:
        """``original``, or the rejected rows with their reasons."""
        return await self._client.file(f"imports/{import_id}/files/{what}", "text/csv")

    async def go_on(self, import_id: str, *, orders: int | None = None, key: str | None = None) -> Record:
        """The next orders of a file that was begun."""
        body = {} if orders is None else {"orders": orders}
        return cast(Record, await self._post(f"imports/{import_id}/continue", body, key))

    async def give_up(self, import_id: str, *, key: str | None = None) -> Record:
        return cast(Record, await self._post(f"imports/{import_id}/give-up", {}, key))
