"""Capital: financings, credit lines, bank accounts, payments, cash that arrives, books, sealed papers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, cast

from fourflow_client.aio.resources.namespace import Record, Resource
from fourflow_client.types import (
    BankAccount,
    Compared,
    Financing,
    Limit,
    LimitBatch,
    LimitPlan,
    LimitProposal,
    Money,
    Proposed,
    Quote,
    UnmatchedCash,
)


class Financings(Resource):
    async def quote(self, *, holding_id: str, funder_id: str, amount: Money, recourse: bool = False) -> Quote:
        terms = {"holding_id": holding_id, "funder_id": funder_id, "amount": amount, "recourse": recourse}
        return cast(Quote, await self._post("quotes", terms))

    async def compare(self, *, holding_id: str, amount: Money) -> Sequence[Compared]:
        """What every funder would give, without and with recourse, or why it names no price."""
        asked = {"holding_id": holding_id, "amount": amount}
        return cast(Sequence[Compared], (await self._post("quotes/compare", asked))["data"])

    async def request(self, quote_id: str, *, password: str) -> Financing:
        """Consent to a quote with a signature."""
        path = f"quotes/{quote_id}/content"
        return cast(Financing, await self._sign(path, "financings", password, quote_id=quote_id))

    async def decide(self, financing_id: str, *, approve: bool, password: str, **more: Any) -> Financing:
        """The funder's first person."""
        path = f"financings/{financing_id}/decide"
        planned = await self._post(f"{path}/plan", {"approve": approve})
        signed = {"content_digest": planned["content_digest"], "password": password}
        return cast(Financing, await self._post(path, {"approve": approve, **more, **signed}))

    async def check(self, financing_id: str, *, verdict: str, reason: str = "") -> Financing:
        """The funder's second person."""
        body = {"verdict": verdict, "reason": reason}
        return cast(Financing, await self._post(f"financings/{financing_id}/check", body))

    async def get(self, financing_id: str) -> Financing:
        return cast(Financing, await self._get(f"financings/{financing_id}"))

    def list(self, **filters: Any) -> AsyncIterator[Financing]:
        return self._pages("financings", **filters)

    async def quoted(self, quote_id: str) -> Quote:
        return cast(Quote, await self._get(f"quotes/{quote_id}"))

    async def withdraw(self, financing_id: str, *, reason: str, key: str | None = None) -> Financing:
        return cast(Financing, await self._post(f"financings/{financing_id}/withdraw", {"reason": reason}, key))

    async def recourse(self, financing_id: str, *, password: str, key: str | None = None) -> Financing:
        """The funder asks the applicant to buy back what the debtor did not pay."""
        return cast(Financing, await self._post(f"financings/{financing_id}/recourse", {"password": password}, key))

    async def registrations(self, financing_id: str) -> Sequence[Record]:
        """Each registration, with the searches before and after it."""
        return await self._all(f"financings/{financing_id}/registrations")


class Limits(Resource):
    async def list(self, **filters: Any) -> Sequence[Limit]:
        return await self._all("limits", **filters)

    async def propose(self, *, key: str | None = None, **terms: Any) -> LimitProposal:
        return cast(LimitProposal, await self._post("limits/proposals", terms, key))

    async def decide(self, proposal_id: str, *, verdict: str, reason: str = "") -> LimitProposal:
        body = {"verdict": verdict, "reason": reason}
        return cast(LimitProposal, await self._post(f"limits/proposals/{proposal_id}/decide", body))

    async def get(self, limit_id: str) -> Limit:
        return cast(Limit, await self._get(f"limits/{limit_id}"))

    def uses(self, limit_id: str, *, open_only: bool | None = None) -> AsyncIterator[Record]:
        """What is blocked and used, by voucher."""
        return self._pages(f"limits/{limit_id}/uses", open_only=open_only)

    async def freeze(self, limit_id: str, *, reason: str, key: str | None = None) -> Limit:
        return cast(Limit, await self._post(f"limits/{limit_id}/freeze", {"reason": reason}, key))

    async def unfreeze(self, limit_id: str, *, reason: str, key: str | None = None) -> Limit:
        return cast(Limit, await self._post(f"limits/{limit_id}/unfreeze", {"reason": reason}, key))

    def proposals(self, **filters: Any) -> AsyncIterator[LimitProposal]:
        return self._pages("limits/proposals", **filters)

    async def proposal(self, proposal_id: str) -> LimitProposal:
        return cast(LimitProposal, await self._get(f"limits/proposals/{proposal_id}"))

    async def plan_batch(self, name: str, content: bytes) -> LimitPlan:
        """The dry run of a CSV file or workbook of lines."""
        return cast(LimitPlan, await self._upload("limits/proposals/batches/plan", name, content))

    async def propose_batch(self, plan: LimitPlan, *, mode: str = "all", key: str | None = None) -> LimitBatch:
        """Announce the good rows of a dry run; ``mode`` "good_rows" leaves behind what has a problem by now."""
        return cast(LimitBatch, await self._post("limits/proposals/batches", {"rows": plan["rows"], "mode": mode}, key))

    async def problems(self, name: str, content: bytes) -> bytes:
        """The bad rows of a file with their reasons, as CSV."""
        return bytes(await self._upload("limits/proposals/batches/problems", name, content))


class BankAccounts(Resource):
    async def register(self, *, key: str | None = None, **account: Any) -> BankAccount:
        return cast(BankAccount, await self._post("bank-accounts", account, key))

    async def verify(self, account_id: str) -> bool:
        """Whether the bank confirms the holder."""
        return bool((await self._post(f"bank-accounts/{account_id}/verify", {}))["matches"])

    async def retire(self, account_id: str) -> BankAccount:
        return cast(BankAccount, await self._post(f"bank-accounts/{account_id}/retire", {}))

    async def list(self, **filters: Any) -> Sequence[BankAccount]:
        return await self._all("bank-accounts", **filters)

    async def get(self, account_id: str) -> BankAccount:
        return cast(BankAccount, await self._get(f"bank-accounts/{account_id}"))


class Payments(Resource):
    def list(self, **filters: Any) -> AsyncIterator[Record]:
        return self._pages("payments", **filters)

    async def get(self, instruction_id: str) -> Record:
        """The instruction with the bank's trail."""
        return cast(Record, await self._get(f"payments/{instruction_id}"))

    async def release(self, instruction_id: str, *, password: str, key: str | None = None) -> Record:
        """The second person lets a drafted payment go to the bank."""
        return cast(Record, await self._post(f"payments/{instruction_id}/release", {"password": password}, key))

    async def withdraw(self, instruction_id: str, *, reason: str, key: str | None = None) -> Record:
        return cast(Record, await self._post(f"payments/{instruction_id}/withdraw", {"reason": reason}, key))

    async def message(self, message_id: str) -> Record:
        """A message of the bank, as it came."""
        return cast(Record, await self._get(f"bank-messages/{message_id}"))

    def exceptions(self) -> AsyncIterator[Record]:
        """Where the bank contradicts itself or our record."""
        return self._pages("exceptions")

    def reconciliations(self, **query: Any) -> AsyncIterator[Record]:
        """Comparisons of a bank's day with our record; ``query``: ``bank_code``, ``state``, ``sort``."""
        return self._pages("reconciliations", **query)

    async def reconciliation(self, reconciliation_id: str) -> Record:
        return cast(Record, await self._get(f"reconciliations/{reconciliation_id}"))

    async def resolve(self, exception_id: str, *, resolution: str, key: str | None = None) -> Record:
        return cast(Record, await self._post(f"exceptions/{exception_id}/resolve", {"resolution": resolution}, key))


class Cash(Resource):
    """Cash that arrives: what is expected, what nobody knows yet, what went back."""

    def expected(self, *, open_only: bool | None = None, **query: Any) -> AsyncIterator[Record]:
        """``query``: ``q``, ``currency``, ``sort``."""
        return self._pages("expected-cash", open_only=open_only, **query)

    async def expectation(self, expectation_id: str) -> Record:
        return cast(Record, await self._get(f"expected-cash/{expectation_id}"))

    async def expect(
        self, *, account_id: str, payer_id: str, amount: Money, due_on: str, reference: str, key: str | None = None
    ) -> Record:
        """A firm is to pay into an own watched account; what arrives with the reference is recognised."""
        body = {"account_id": account_id, "payer_id": payer_id, "amount": amount, "due_on": due_on}
        return cast(Record, await self._post("expected-cash", {**body, "reference": reference}, key))

    async def expect_no_longer(self, expectation_id: str, *, key: str | None = None) -> Record:
        """The payee takes it back; what has arrived stays placed."""
        return cast(Record, await self._post(f"expected-cash/{expectation_id}/cancel", {}, key))

    def unmatched(self) -> AsyncIterator[UnmatchedCash]:
        return self._pages("unmatched-cash")

    async def propose(self, entry_id: str, shares: Sequence[Mapping[str, Any]], *, key: str | None = None) -> Proposed:
        """One person says where it belongs: ``{"expectation_id": …, "amount": …}`` each."""
        return cast(Proposed, await self._post(f"unmatched-cash/{entry_id}/propose", {"shares": list(shares)}, key))

    async def assign(self, entry_id: str, *, key: str | None = None) -> Record:
        """Another person agrees."""
        return cast(Record, await self._post(f"unmatched-cash/{entry_id}/assign", {}, key))

    async def propose_return(self, entry_id: str, *, amount: Money, reason: str, key: str | None = None) -> Proposed:
        """One person proposes to send all of it back."""
        body = {"amount": amount, "reason": reason}
        return cast(Proposed, await self._post(f"unmatched-cash/{entry_id}/propose-return", body, key))

    async def withdraw_proposal(self, entry_id: str, *, key: str | None = None) -> Proposed:
        """Who proposed takes it back; the cash lies there as before."""
        return cast(Proposed, await self._post(f"unmatched-cash/{entry_id}/withdraw-proposal", {}, key))

    async def send_back(self, entry_id: str, *, password: str, key: str | None = None) -> Record:
        """Another person agrees: the bank is told to pay it back."""
        return cast(Record, await self._post(f"unmatched-cash/{entry_id}/return", {"password": password}, key))

    def returned(self) -> AsyncIterator[Record]:
        return self._pages("returned-cash")


class Ledger(Resource):
    """Books; ``query`` of a statement: ``chart_code``, ``currency``, ``counterparty``, ``from``, ``to``."""

    async def books(self) -> Sequence[Record]:
        return await self._all("ledger/books")

    async def trial_balance(self, book: str, **query: Any) -> Record:
        return cast(Record, await self._get(f"ledger/books/{book}/trial-balance", **query))

    def statement(self, book: str, **query: Any) -> AsyncIterator[Record]:
        return self._pages(f"ledger/books/{book}/statement", **query)

    async def journal_csv(self, book: str, **query: Any) -> bytes:
        return await self._client.file(f"ledger/books/{book}/journal.csv", "text/csv", **query)

    async def journal_hledger(self, book: str, **query: Any) -> bytes:
        """The journal for hledger and other plain-text accounting."""
        return await self._client.file(f"ledger/books/{book}/journal.hledger", "text/plain", **query)


class Papers(Resource):
    """Sealed PDFs. ``language`` is ``zh`` or ``en``, else the client's; the facts are JSON at the same addresses."""

    async def agreement(self, financing_id: str, *, language: str | None = None) -> bytes:
        """The agreement of a financing; :class:`Conflict` (``paper.not_yet``) before the funder has approved it."""
        return await self._pdf(f"financings/{financing_id}/agreement", language)

    async def certificate(self, holding_id: str, *, language: str | None = None) -> bytes:
        """The certificate of a holding with its legal chain."""
        return await self._pdf(f"holdings/{holding_id}/certificate", language)

    async def transfer_notice(self, holding_id: str, *, language: str | None = None) -> bytes:
        """The notice to the debtor that a part was transferred."""
        return await self._pdf(f"holdings/{holding_id}/notice", language)

    async def _pdf(self, path: str, language: str | None) -> bytes:
        return await self._client.file(path, "application/pdf", language=language)
