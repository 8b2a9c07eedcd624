"""The register: claims, payables, vouchers, their parts, and what is said against them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

from fourflow_client.aio.resources.namespace import Record, Resource, form, rows_of
from fourflow_client.types import Batch, BatchPlan, Claim, Holding, Money, Payable, Voucher, VoucherPlan


class Claims(Resource):
    async def register(self, *, key: str | None = None, **claim: Any) -> Claim:
        """Register a claim by its document; :class:`Conflict` where the document is taken."""
        return cast(Claim, await self._post("claims", claim, key))

    async def get(self, claim_id: str) -> Claim:
        return cast(Claim, await self._get(f"claims/{claim_id}"))

    def list(self, **filters: Any) -> AsyncIterator[Claim]:
        return self._pages("claims", **filters)

    async def chain(self, claim_id: str) -> Record:
        """What a claim came from and what became of it."""
        return cast(Record, await self._get(f"claims/{claim_id}/chain"))


class Payables(Resource):
    async def propose(self, *, key: str | None = None, **payable: Any) -> Payable:
        return cast(Payable, await self._post("payables", payable, key))

    async def confirm(self, payable_id: str, *, password: str) -> Payable:
        """The debtor's second person signs."""
        path = f"payables/{payable_id}"
        return cast(Payable, await self._sign(f"{path}/content", f"{path}/confirm", password))

    def list(self, **filters: Any) -> AsyncIterator[Payable]:
        return self._pages("payables", **filters)

    async def get(self, payable_id: str) -> Payable:
        return cast(Payable, await self._get(f"payables/{payable_id}"))

    async def withdraw(self, payable_id: str, *, reason: str, key: str | None = None) -> Payable:
        return cast(Payable, await self._post(f"payables/{payable_id}/withdraw", {"reason": reason}, key))


class Vouchers(Resource):
    async def plan(self, **request: Any) -> VoucherPlan:
        """What a request would become; nothing is written."""
        return cast(VoucherPlan, await self._post("vouchers/plan", request))

    async def draft(self, plan: VoucherPlan, *, password: str, key: str | None = None, **request: Any) -> Voucher:
        """Draft exactly what was planned, under the maker's signature."""
        signed = {"voucher_id": plan["voucher_id"], "content_digest": plan["content_digest"], "password": password}
        return cast(Voucher, await self._post("vouchers", {**request, **signed}, key))

    async def get(self, voucher_id: str, **query: Any) -> Voucher:
        return cast(Voucher, await self._get(f"vouchers/{voucher_id}", **query))

    def list(self, **filters: Any) -> AsyncIterator[Voucher]:
        return self._pages("vouchers", **filters)

    async def approve(self, voucher_id: str, *, password: str) -> Voucher:
        """The second person signs the commitment: the line is blocked and the offer goes out."""
        return await self._signed(voucher_id, "check", password, verdict="approve")

    async def accept(self, voucher_id: str, *, password: str) -> Voucher:
        return await self._signed(voucher_id, "accept", password)

    async def holdings(self, voucher_id: str) -> Sequence[Holding]:
        return await self._all(f"vouchers/{voucher_id}/holdings")

    async def plan_batch(self, name: str, content: bytes) -> BatchPlan:
        """The dry run of a CSV file or workbook."""
        return cast(BatchPlan, await self._upload("vouchers/batches/plan", name, content))

    async def draft_batch(self, plan: BatchPlan, *, password: str, mode: str = "all", key: str | None = None) -> Batch:
        """Draft all good rows of a dry run. Whether the file's bad rows may be left behind is the caller's question."""
        rows = rows_of(plan, "voucher", "content")
        signed = {"rows": rows, "mode": mode, "content_digest": plan["content_digest"], "password": password}
        return cast(Batch, await self._post("vouchers/batches", signed, key))

    async def batch_problems(self, name: str, content: bytes) -> bytes:
        """The bad rows of a file with their reasons, as CSV."""
        return bytes(await self._upload("vouchers/batches/problems", name, content))

    async def totals(self) -> Record:
        """Sums by state, of all that the organisation sees."""
        return cast(Record, await self._get("vouchers/totals"))

    async def offers(self, *, limit: int = 50) -> Record:
        """What waits for the organisation's answer: vouchers and parts, the first to expire first; ``has_more`` beyond."""
        return cast(Record, await self._get("offers", limit=limit))

    async def acts(self, voucher_id: str) -> Sequence[Record]:
        """What was done about a voucher, by whom."""
        return cast("Sequence[Record]", (await self._get(f"vouchers/{voucher_id}/acts"))["acts"])

    async def acknowledge_term(self, voucher_id: str, *, reason: str = "", key: str | None = None) -> Voucher:
        """The receiver takes note of a long term."""
        return await self._act(voucher_id, "acknowledge-term", {"reason": reason}, key)

    async def turn_down(self, voucher_id: str, *, reason: str, key: str | None = None) -> Voucher:
        """The second person says no."""
        return await self._act(voucher_id, "check", {"verdict": "reject", "reason": reason}, key)

    async def reject(self, voucher_id: str, *, reason: str, key: str | None = None) -> Voucher:
        """The receiver does not take it."""
        return await self._act(voucher_id, "reject", {"reason": reason}, key)

    async def withdraw(self, voucher_id: str, *, reason: str, key: str | None = None) -> Voucher:
        """The issuer takes an offer back that nobody has accepted."""
        return await self._act(voucher_id, "withdraw", {"reason": reason}, key)

    async def ask_to_cancel(self, voucher_id: str, *, password: str) -> Voucher:
        """The issuer asks the holder of the whole voucher to cancel it."""
        path = f"vouchers/{voucher_id}/cancellation"
        return cast(Voucher, await self._sign(path, f"{path}/ask", password))

    async def agree_to_cancel(self, voucher_id: str, *, password: str) -> Voucher:
        path = f"vouchers/{voucher_id}/cancellation"
        return cast(Voucher, await self._sign(path, f"{path}/agree", password))

    async def pay(
        self, voucher_id: str, *, password: str, amount: Money | None = None, key: str | None = None
    ) -> Record:
        """Release the payment of a due voucher; ``amount``: a part of it."""
        body = {"password": password, **form("amount", amount)}
        return cast(Record, await self._post(f"vouchers/{voucher_id}/payments", body, key))

    async def settle_credit_note(
        self, voucher_id: str, *, amount: Money, document: str, key: str | None = None
    ) -> Voucher:
        """What a credit note takes off is settled outside."""
        return await self._act(voucher_id, "credit-notes", {"amount": amount, "document": document}, key)

    async def _act(self, voucher_id: str, step: str, body: Record, key: str | None) -> Voucher:
        return cast(Voucher, await self._post(f"vouchers/{voucher_id}/{step}", body, key))

    async def _signed(self, voucher_id: str, step: str, password: str, **more: Any) -> Voucher:
        path = f"vouchers/{voucher_id}"
        return cast(Voucher, await self._sign(f"{path}/content", f"{path}/{step}", password, **more))


class Holdings(Resource):
    def list(self, **filters: Any) -> AsyncIterator[Holding]:
        return self._pages("holdings", **filters)

    async def offer(
        self, holding_id: str, *, receiver_id: str, amount: Money, trade_basis: str, password: str
    ) -> Holding:
        """Cut a part off and offer it to the next party."""
        path = f"holdings/{holding_id}/transfers"
        request = {"receiver_id": receiver_id, "amount": amount, "trade_basis": trade_basis}
        planned = await self._post(f"{path}/plan", request)
        signed = {"content_digest": planned["content_digest"], "password": password}
        return cast(Holding, await self._post(path, {**request, **signed}))

    async def accept(self, holding_id: str, *, password: str) -> Holding:
        path = f"holdings/{holding_id}"
        return cast(Holding, await self._sign(f"{path}/content", f"{path}/accept", password))

    async def get(self, holding_id: str) -> Holding:
        return cast(Holding, await self._get(f"holdings/{holding_id}"))

    async def chain(self, holding_id: str) -> Record:
        """From the first holder to this one, with the signatures."""
        return cast(Record, await self._get(f"holdings/{holding_id}/chain"))

    async def reject(self, holding_id: str, *, reason: str, key: str | None = None) -> Holding:
        return cast(Holding, await self._post(f"holdings/{holding_id}/reject", {"reason": reason}, key))

    async def credit_note(self, holding_id: str, *, amount: Money, document: str, key: str | None = None) -> Holding:
        """The holder takes something off by a credit note."""
        body = {"amount": amount, "document": document}
        return cast(Holding, await self._post(f"holdings/{holding_id}/credit-notes", body, key))


class Objections(Resource):
    """What stands against a voucher or a part of it (``holding_id``), and complaints about it."""

    async def list(self, voucher_id: str, *, open_only: bool | None = None) -> Sequence[Record]:
        return await self._all(f"vouchers/{voucher_id}/overlays", open_only=open_only)

    async def dispute(
        self, voucher_id: str, *, source: str, holding_id: str | None = None, key: str | None = None
    ) -> Record:
        """``source`` names the case; the due date runs on."""
        body = {"source": source, **form("holding_id", holding_id)}
        return cast(Record, await self._post(f"vouchers/{voucher_id}/disputes", body, key))

    async def freeze(
        self, voucher_id: str, *, source: str, holding_id: str | None = None, key: str | None = None
    ) -> Record:
        """``source`` names the court paper or the risk event."""
        body = {"source": source, **form("holding_id", holding_id)}
        return cast(Record, await self._post(f"vouchers/{voucher_id}/freezes", body, key))

    async def close(self, overlay_id: str, *, reason: str, key: str | None = None) -> Record:
        return cast(Record, await self._post(f"overlays/{overlay_id}/close", {"reason": reason}, key))

    def promises(self, **filters: Any) -> AsyncIterator[Record]:
        """What issuers promised where they pay late: of a voucher (``voucher_id``), an issuer, an outcome."""
        return self._pages("promises", **filters)

    async def promise(self, voucher_id: str, *, pays_on: str, reason: str, key: str | None = None) -> Record:
        """The issuer says by when it pays what is late; overdue stays overdue."""
        return cast(
            Record, await self._post(f"vouchers/{voucher_id}/promises", {"pays_on": pays_on, "reason": reason}, key)
        )

    def complaints(self, *, open_only: bool | None = None) -> AsyncIterator[Record]:
        return self._pages("complaints", open_only=open_only)

    async def complain(self, voucher_id: str, *, text: str, key: str | None = None) -> Record:
        return cast(Record, await self._post(f"vouchers/{voucher_id}/complaints", {"text": text}, key))

    async def answer(self, complaint_id: str, *, answer: str, key: str | None = None) -> Record:
        return cast(Record, await self._post(f"complaints/{complaint_id}/answer", {"answer": answer}, key))
