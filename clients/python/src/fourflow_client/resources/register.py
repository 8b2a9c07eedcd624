# Made by tools/sync_client.py of fourflow_client/aio/resources/register.py; change that one.
"""The register: claims, payables, vouchers, their parts, and what is said against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

from fourflow_client.resources.namespace import Record, Resource, form, rows_of
from fourflow_client.types import Batch, BatchPlan, Claim, Holding, Money, Payable, Voucher, VoucherPlan


class Claims(Resource):
    def register(self, *, key: str | None = None, **claim: Any) -> Claim:
        """Register a claim by its document; :class:`Conflict` where the document is taken."""
        return cast(Claim, self._post("claims", claim, key))

    def get(self, claim_id: str) -> Claim:
        return cast(Claim, self._get(f"claims/{claim_id}"))

    def list(self, **filters: Any) -> Iterator[Claim]:
        return self._pages("claims", **filters)

    def chain(self, claim_id: str) -> Record:
        """What a claim came from and what became of it."""
        return cast(Record, self._get(f"claims/{claim_id}/chain"))


class Payables(Resource):
    def propose(self, *, key: str | None = None, **payable: Any) -> Payable:
        return cast(Payable, self._post("payables", payable, key))

    def confirm(self, payable_id: str, *, password: str) -> Payable:
        """The debtor's second person signs."""
        path = f"payables/{payable_id}"
        return cast(Payable, self._sign(f"{path}/content", f"{path}/confirm", password))

    def list(self, **filters: Any) -> Iterator[Payable]:
        return self._pages("payables", **filters)

    def get(self, payable_id: str) -> Payable:
        return cast(Payable, self._get(f"payables/{payable_id}"))

    def withdraw(self, payable_id: str, *, reason: str, key: str | None = None) -> Payable:
        return cast(Payable, self._post(f"payables/{payable_id}/withdraw", {"reason": reason}, key))


class Vouchers(Resource):
    def plan(self, **request: Any) -> VoucherPlan:
        """What a request would become; nothing is written."""
        return cast(VoucherPlan, self._post("vouchers/plan", request))

    def draft(self, plan: VoucherPlan, *, password: str, key: str | None = None, **request: Any) -> Voucher:
        """Draft exactly what was planned, under the maker's signature."""
        signed = {"voucher_id": plan["voucher_id"], "content_digest": plan["content_digest"], "password": password}
        return cast(Voucher, self._post("vouchers", {**request, **signed}, key))

    def get(self, voucher_id: str, **query: Any) -> Voucher:
        return cast(Voucher, self._get(f"vouchers/{voucher_id}", **query))

    def list(self, **filters: Any) -> Iterator[Voucher]:
        return self._pages("vouchers", **filters)

    def approve(self, voucher_id: str, *, password: str) -> Voucher:
        """The second person signs the commitment: the line is blocked and the offer goes out."""
        return self._signed(voucher_id, "check", password, verdict="approve")

    def accept(self, voucher_id: str, *, password: str) -> Voucher:
        return self._signed(voucher_id, "accept", password)

    def holdings(self, voucher_id: str) -> Sequence[Holding]:
        return self._all(f"vouchers/{voucher_id}/holdings")

    def plan_batch(self, name: str, content: bytes) -> BatchPlan:
        """The dry run of a CSV file or workbook."""
        return cast(BatchPlan, self._upload("vouchers/batches/plan", name, content))

    def draft_batch(self, plan: BatchPlan, *, password: str, mode: str = "all", key: str | None = None) -> Batch:
        """Draft all good rows of a dry run. Whether the file's bad rows may be left behind is the caller's question."""
        rows = rows_of(plan, "voucher", "content")
        signed = {"rows": rows, "mode": mode, "content_digest": plan["content_digest"], "password": password}
        return cast(Batch, self._post("vouchers/batches", signed, key))

    def batch_problems(self, name: str, content: bytes) -> bytes:
        """The bad rows of a file with their reasons, as CSV."""
        return bytes(self._upload("vouchers/batches/problems", name, content))

    def totals(self) -> Record:
        """Sums by state, of all that the organisation sees."""
        return cast(Record, self._get("vouchers/totals"))

    def offers(self, *, limit: int = 50) -> Record:
        """What waits for the organisation's answer: vouchers and parts, the first to expire first; ``has_more`` beyond."""
        return cast(Record, self._get("offers", limit=limit))

    def acts(self, voucher_id: str) -> Sequence[Record]:
        """What was done about a voucher, by whom."""
        return cast("Sequence[Record]", self._get(f"vouchers/{voucher_id}/acts")["acts"])

    def acknowledge_term(self, voucher_id: str, *, reason: str = "", key: str | None = None) -> Voucher:
        """The receiver takes note of a long term."""
        return self._act(voucher_id, "acknowledge-term", {"reason": reason}, key)

    def turn_down(self, voucher_id: str, *, reason: str, key: str | None = None) -> Voucher:
        """The second person says no."""
        return self._act(voucher_id, "check", {"verdict": "reject", "reason": reason}, key)

    def reject(self, voucher_id: str, *, reason: str, key: str | None = None) -> Voucher:
        """The receiver does not take it."""
        return self._act(voucher_id, "reject", {"reason": reason}, key)

    def withdraw(self, voucher_id: str, *, reason: str, key: str | None = None) -> Voucher:
        """The issuer takes an offer back that nobody has accepted."""
        return self._act(voucher_id, "withdraw", {"reason": reason}, key)

    def ask_to_cancel(self, voucher_id: str, *, password: str) -> Voucher:
        """The issuer asks the holder of the whole voucher to cancel it."""
        path = f"vouchers/{voucher_id}/cancellation"
        return cast(Voucher, self._sign(path, f"{path}/ask", password))

    def agree_to_cancel(self, voucher_id: str, *, password: str) -> Voucher:
        path = f"vouchers/{voucher_id}/cancellation"
        return cast(Voucher, self._sign(path, f"{path}/agree", password))

    def pay(self, voucher_id: str, *, password: str, amount: Money | None = None, key: str | None = None) -> Record:
        """Release the payment of a due voucher; ``amount``: a part of it."""
        body = {"password": password, **form("amount", amount)}
        return cast(Record, self._post(f"vouchers/{voucher_id}/payments", body, key))

    def settle_credit_note(self, voucher_id: str, *, amount: Money, document: str, key: str | None = None) -> Voucher:
        """What a credit note takes off is settled outside."""
        return self._act(voucher_id, "credit-notes", {"amount": amount, "document": document}, key)

    def _act(self, voucher_id: str, step: str, body: Record, key: str | None) -> Voucher:
        return cast(Voucher, self._post(f"vouchers/{voucher_id}/{step}", body, key))

    def _signed(self, voucher_id: str, step: str, password: str, **more: Any) -> Voucher:
        path = f"vouchers/{voucher_id}"
        return cast(Voucher, self._sign(f"{path}/content", f"{path}/{step}", password, **more))


class Holdings(Resource):
    def list(self, **filters: Any) -> Iterator[Holding]:
        return self._pages("holdings", **filters)

    def offer(self, holding_id: str, *, receiver_id: str, amount: Money, trade_basis: str, password: str) -> Holding:
        """Cut a part off and offer it to the next party."""
        path = f"holdings/{holding_id}/transfers"
        request = {"receiver_id": receiver_id, "amount": amount, "trade_basis": trade_basis}
        planned = self._post(f"{path}/plan", request)
        signed = {"content_digest": planned["content_digest"], "password": password}
        return cast(Holding, self._post(path, {**request, **signed}))

    def accept(self, holding_id: str, *, password: str) -> Holding:
        path = f"holdings/{holding_id}"
        return cast(Holding, self._sign(f"{path}/content", f"{path}/accept", password))

    def get(self, holding_id: str) -> Holding:
        return cast(Holding, self._get(f"holdings/{holding_id}"))

    def chain(self, holding_id: str) -> Record:
        """From the first holder to this one, with the signatures."""
        return cast(Record, self._get(f"holdings/{holding_id}/chain"))

    def reject(self, holding_id: str, *, reason: str, key: str | None = None) -> Holding:
        return cast(Holding, self._post(f"holdings/{holding_id}/reject", {"reason": reason}, key))

    def credit_note(self, holding_id: str, *, amount: Money, document: str, key: str | None = None) -> Holding:
        """The holder takes something off by a credit note."""
        body = {"amount": amount, "document": document}
        return cast(Holding, self._post(f"holdings/{holding_id}/credit-notes", body, key))


class Objections(Resource):
    """What stands against a voucher or a part of it (``holding_id``), and complaints about it."""

    def list(self, voucher_id: str, *, open_only: bool | None = None) -> Sequence[Record]:
        return self._all(f"vouchers/{voucher_id}/overlays", open_only=open_only)

    def dispute(self, voucher_id: str, *, source: str, holding_id: str | None = None, key: str | None = None) -> Record:
        """``source`` names the case; the due date runs on."""
        body = {"source": source, **form("holding_id", holding_id)}
        return cast(Record, self._post(f"vouchers/{voucher_id}/disputes", body, key))

    def freeze(self, voucher_id: str, *, source: str, holding_id: str | None = None, key: str | None = None) -> Record:
        """``source`` names the court paper or the risk event."""
        body = {"source": source, **form("holding_id", holding_id)}
        return cast(Record, self._post(f"vouchers/{voucher_id}/freezes", body, key))

    def close(self, overlay_id: str, *, reason: str, key: str | None = None) -> Record:
        return cast(Record, self._post(f"overlays/{overlay_id}/close", {"reason": reason}, key))

    def promises(self, **filters: Any) -> Iterator[Record]:
        """What issuers promised where they pay late: of a voucher (``voucher_id``), an issuer, an outcome."""
        return self._pages("promises", **filters)

    def promise(self, voucher_id: str, *, pays_on: str, reason: str, key: str | None = None) -> Record:
        """The issuer says by when it pays what is late; overdue stays overdue."""
        return cast(Record, self._post(f"vouchers/{voucher_id}/promises", {"pays_on": pays_on, "reason": reason}, key))

    def complaints(self, *, open_only: bool | None = None) -> Iterator[Record]:
        return self._pages("complaints", open_only=open_only)

    def complain(self, voucher_id: str, *, text: str, key: str | None = None) -> Record:
        return cast(Record, self._post(f"vouchers/{voucher_id}/complaints", {"text": text}, key))

    def answer(self, complaint_id: str, *, answer: str, key: str | None = None) -> Record:
        return cast(Record, self._post(f"complaints/{complaint_id}/answer", {"answer": answer}, key))
