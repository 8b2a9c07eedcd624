"""One namespace a kind of thing. What is not named here is reached by ``client.get``, ``client.post`` and ``client.pages``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from fourflow_client.types import (
    BankAccount,
    Batch,
    BatchPlan,
    Claim,
    EvidenceRequest,
    Financing,
    Holding,
    Limit,
    LimitProposal,
    Money,
    Notice,
    NoticePreferences,
    Payable,
    Quote,
    Voucher,
    VoucherPlan,
)

if TYPE_CHECKING:
    from fourflow_client.client import Client


class Resource:
    def __init__(self, client: Client) -> None:
        self._client = client

    def _post(self, path: str, body: Mapping[str, Any], key: str | None = None) -> Any:
        return self._client.post(path, body, key=key).body


class Claims(Resource):
    def register(self, *, key: str | None = None, **claim: Any) -> Claim:
        """Register a claim by its document; :class:`Conflict` where the document is taken."""
        return cast(Claim, self._post("claims", claim, key))

    def get(self, claim_id: str) -> Claim:
        return cast(Claim, self._client.get(f"claims/{claim_id}").body)


class Payables(Resource):
    def propose(self, *, key: str | None = None, **payable: Any) -> Payable:
        return cast(Payable, self._post("payables", payable, key))

    def confirm(self, payable_id: str, *, password: str) -> Payable:
        """The debtor's second person signs."""
        path = f"payables/{payable_id}"
        return cast(Payable, self._client.sign(f"{path}/content", f"{path}/confirm", password=password))

    def list(self, **filters: Any) -> Iterator[Payable]:
        return self._client.pages("payables", **filters)


class Vouchers(Resource):
    def plan(self, **request: Any) -> VoucherPlan:
        """What a request would become; nothing is written."""
        return cast(VoucherPlan, self._post("vouchers/plan", request))

    def draft(self, plan: VoucherPlan, *, password: str, key: str | None = None, **request: Any) -> Voucher:
        """Draft exactly what was planned, under the maker's signature."""
        signed = {"voucher_id": plan["voucher_id"], "content_digest": plan["content_digest"], "password": password}
        return cast(Voucher, self._post("vouchers", {**request, **signed}, key))

    def get(self, voucher_id: str, **query: Any) -> Voucher:
        return cast(Voucher, self._client.get(f"vouchers/{voucher_id}", **query).body)

    def list(self, **filters: Any) -> Iterator[Voucher]:
        return self._client.pages("vouchers", **filters)

    def approve(self, voucher_id: str, *, password: str) -> Voucher:
        """The second person signs the commitment: the line is blocked and the offer goes out."""
        return self._signed(voucher_id, "check", password, verdict="approve")

    def accept(self, voucher_id: str, *, password: str) -> Voucher:
        return self._signed(voucher_id, "accept", password)

    def holdings(self, voucher_id: str) -> Sequence[Holding]:
        return cast("Sequence[Holding]", self._client.get(f"vouchers/{voucher_id}/holdings").body["data"])

    def plan_batch(self, name: str, content: bytes) -> BatchPlan:
        """The dry run of a CSV file or workbook."""
        return cast(BatchPlan, self._client.post("vouchers/batches/plan", file=(name, content)).body)

    def draft_batch(self, plan: BatchPlan, *, password: str, mode: str = "all", key: str | None = None) -> Batch:
        """Draft all good rows of a dry run. Whether the file's bad rows may be left behind is the caller's question."""
        shown = ("voucher", "content")
        rows = [{name: value for name, value in row.items() if name not in shown} for row in plan["rows"]]
        signed = {"rows": rows, "mode": mode, "content_digest": plan["content_digest"], "password": password}
        return cast(Batch, self._post("vouchers/batches", signed, key))

    def _signed(self, voucher_id: str, step: str, password: str, **more: Any) -> Voucher:
        path = f"vouchers/{voucher_id}"
        return cast(Voucher, self._client.sign(f"{path}/content", f"{path}/{step}", password=password, **more))


class Holdings(Resource):
    def list(self, **filters: Any) -> Iterator[Holding]:
        return self._client.pages("holdings", **filters)

    def offer(self, holding_id: str, *, receiver_id: str, amount: Money, trade_basis: str, password: str) -> Holding:
        """Cut a part off and offer it to the next party."""
        path = f"holdings/{holding_id}/transfers"
        request = {"receiver_id": receiver_id, "amount": amount, "trade_basis": trade_basis}
        planned = self._post(f"{path}/plan", request)
        signed = {"content_digest": planned["content_digest"], "password": password}
        return cast(Holding, self._post(path, {**request, **signed}))

    def accept(self, holding_id: str, *, password: str) -> Holding:
        path = f"holdings/{holding_id}"
        return cast(Holding, self._client.sign(f"{path}/content", f"{path}/accept", password=password))


class Financings(Resource):
    def quote(self, *, holding_id: str, funder_id: str, amount: Money, recourse: bool = False) -> Quote:
        terms = {"holding_id": holding_id, "funder_id": funder_id, "amount": amount, "recourse": recourse}
        return cast(Quote, self._post("quotes", terms))

    def request(self, quote_id: str, *, password: str) -> Financing:
        """Consent to a quote with a signature."""
        path = f"quotes/{quote_id}/content"
        return cast(Financing, self._client.sign(path, "financings", password=password, quote_id=quote_id))

    def decide(self, financing_id: str, *, approve: bool, password: str, **more: Any) -> Financing:
        """The funder's first person."""
        path = f"financings/{financing_id}/decide"
        planned = self._post(f"{path}/plan", {"approve": approve})
        signed = {"content_digest": planned["content_digest"], "password": password}
        return cast(Financing, self._post(path, {"approve": approve, **more, **signed}))

    def check(self, financing_id: str, *, verdict: str, reason: str = "") -> Financing:
        """The funder's second person."""
        body = {"verdict": verdict, "reason": reason}
        return cast(Financing, self._post(f"financings/{financing_id}/check", body))

    def get(self, financing_id: str) -> Financing:
        return cast(Financing, self._client.get(f"financings/{financing_id}").body)


class Limits(Resource):
    def list(self) -> Sequence[Limit]:
        return cast("Sequence[Limit]", self._client.get("limits").body["data"])

    def propose(self, *, key: str | None = None, **terms: Any) -> LimitProposal:
        return cast(LimitProposal, self._post("limits/proposals", terms, key))

    def decide(self, proposal_id: str, *, verdict: str, reason: str = "") -> LimitProposal:
        body = {"verdict": verdict, "reason": reason}
        return cast(LimitProposal, self._post(f"limits/proposals/{proposal_id}/decide", body))


class BankAccounts(Resource):
    def register(self, *, key: str | None = None, **account: Any) -> BankAccount:
        return cast(BankAccount, self._post("bank-accounts", account, key))

    def verify(self, account_id: str) -> bool:
        """Whether the bank confirms the holder."""
        return bool(self._post(f"bank-accounts/{account_id}/verify", {})["matches"])

    def retire(self, account_id: str) -> BankAccount:
        return cast(BankAccount, self._post(f"bank-accounts/{account_id}/retire", {}))

    def list(self) -> Sequence[BankAccount]:
        return cast("Sequence[BankAccount]", self._client.get("bank-accounts").body["data"])


class Papers(Resource):
    """Sealed PDFs. ``language`` is ``zh`` or ``en``, else the client's; the facts are JSON at the same addresses."""

    def agreement(self, financing_id: str, *, language: str | None = None) -> bytes:
        """The agreement of a financing; :class:`Conflict` (``paper.not_yet``) before the funder has approved it."""
        return self._pdf(f"financings/{financing_id}/agreement", language)

    def certificate(self, holding_id: str, *, language: str | None = None) -> bytes:
        """The certificate of a holding with its legal chain."""
        return self._pdf(f"holdings/{holding_id}/certificate", language)

    def transfer_notice(self, holding_id: str, *, language: str | None = None) -> bytes:
        """The notice to the debtor that a part was transferred."""
        return self._pdf(f"holdings/{holding_id}/notice", language)

    def _pdf(self, path: str, language: str | None) -> bytes:
        return self._client.file(path, "application/pdf", language=language)


class Notices(Resource):
    def list(self) -> Iterator[Notice]:
        """What the person was told of, the latest first."""
        return self._client.pages("notices")

    def preferences(self) -> NoticePreferences:
        return cast(NoticePreferences, self._client.get("notices/preferences").body)

    def choose(self, *, language: str, choices: Mapping[str, str], key: str | None = None) -> NoticePreferences:
        """How the person is told, by topic; what is not named is told at once."""
        body = {"language": language, "choices": dict(choices)}
        return cast(NoticePreferences, self._post("notices/preferences", body, key))


class EvidenceRequests(Resource):
    def list(self, **filters: Any) -> Iterator[EvidenceRequest]:
        return self._client.pages("evidence-requests", **filters)

    def get(self, request_id: str) -> EvidenceRequest:
        return cast(EvidenceRequest, self._client.get(f"evidence-requests/{request_id}").body)

    def ask(
        self, about: str, *, purpose: str, authority: str, answer_by: str, key: str | None = None
    ) -> EvidenceRequest:
        """The regulator asks about a voucher (``vch_…``) or a party (``prt_…``)."""
        body = {"about": about, "purpose": purpose, "authority": authority, "answer_by": answer_by}
        return cast(EvidenceRequest, self._post("evidence-requests", body, key))

    def answer(self, request_id: str, *, note: str = "", key: str | None = None) -> EvidenceRequest:
        """The operator hands out what has a place in the log."""
        return cast(EvidenceRequest, self._post(f"evidence-requests/{request_id}/answer", {"note": note}, key))

    def pack(self, request_id: str) -> bytes:
        """The ZIP file; asked again while no signed head covers the answer yet."""
        return self._client.file(f"evidence-requests/{request_id}/pack", "application/zip")
