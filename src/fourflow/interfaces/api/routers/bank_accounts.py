"""Bank accounts: made known, confirmed by their bank, retired."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AfterValidator, AwareDatetime, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from fourflow.capital.settlement import operations, queries
from fourflow.capital.settlement.ports import OwnerCheck
from fourflow.capital.settlement.types import AccountKind, BankAccount, BankUnavailable
from fourflow.capital.settlement.types import BankAccountId as Banked
from fourflow.foundation.parties import queries as parties
from fourflow.interfaces.api.auth import Caller, caller
from fourflow.interfaces.api.fields import Body, Intention, Line, Shown
from fourflow.interfaces.api.ids import BankAccountId, PartyId
from fourflow.interfaces.api.objects import shows
from fourflow.interfaces.api.replies import one, read, reads, reply, show, writes
from fourflow.interfaces.api.writing import about, made, perform
from fourflow.platform.money import EXPONENTS

router = Router(tags=["payments"])


def _known(currency: str) -> str:
    if currency not in EXPONENTS:
        raise PydanticCustomError("money.unknown_currency", "a currency with known decimals")
    return currency


Currency = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": sorted(EXPONENTS)})]
Number = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,34}$")]


class BankAccountBody(Shown):
    """``owner_checked_at``: when the bank last confirmed the holder; ``closed_on``: from when on nothing goes over it."""

    id: BankAccountId
    party_id: PartyId
    bank_code: str
    number: str
    holder: str
    currency: str
    kind: AccountKind
    watched: bool
    owner_checked_at: AwareDatetime | None
    closed_on: date | None


class BankAccountList(Shown):
    data: list[BankAccountBody]


class BankAccountRequest(Body):
    """``party_id`` left out: the organisation itself; another party's only by the operator."""

    bank_code: Line
    number: Number
    holder: Line
    currency: Currency
    kind: AccountKind = AccountKind.OPERATING
    watched: bool | None = None
    party_id: PartyId | None = None


class OwnerCheckBody(Shown):
    """The bank's word: whether number, holder and the party's identifier belong together, and why not."""

    account: BankAccountBody
    matches: bool
    reason: str


@shows("bank_account")
def _account(who: Caller, account_id: UUID) -> BankAccountBody:
    return show(BankAccountBody, queries.account(actor=who.actor, account_id=Banked(account_id)))


@router.get("/bank-accounts", **reads(BankAccountList))
def list_bank_accounts(request: HttpRequest, party_id: PartyId | None = None, currency: str = "") -> HttpResponse:
    """The organisation's open bank accounts; the operator may name another party."""
    actor = caller(request).actor

    def query() -> list[BankAccount]:
        return queries.accounts(actor=actor, party_id=party_id or actor.organisation_id, currency=currency)

    return reply(request, BankAccountList(data=[show(BankAccountBody, row) for row in read(request, query)]))


@router.post("/bank-accounts", **writes(BankAccountBody, 201))
def register_bank_account(request: HttpRequest, body: BankAccountRequest) -> HttpResponse:
    """Make an account known; the same again is answered with what is known of it. Its bank confirms the holder next."""
    who = caller(request)

    def run() -> dict[str, Any]:
        account = operations.register_account(
            actor=who.actor,
            party_id=body.party_id or who.actor.organisation_id,
            bank_code=body.bank_code,
            number=body.number,
            holder=body.holder,
            currency=body.currency,
            kind=body.kind,
            effective_at=who.now,
            watched=body.watched,
        )
        return made(account)

    return one(request, "bank_account", about(perform(request, "account.register", body.plain(), run)), 201)


@router.get("/bank-accounts/{bank_account_id}", **reads(BankAccountBody))
def get_bank_account(request: HttpRequest, bank_account_id: BankAccountId) -> HttpResponse:
    """One account, retired ones too."""
    return one(request, "bank_account", bank_account_id)


@router.post("/bank-accounts/{bank_account_id}/verify", **writes(OwnerCheckBody))
def verify_bank_account(request: HttpRequest, bank_account_id: BankAccountId, body: Intention) -> HttpResponse:
    """Ask the bank whether the account belongs to its holder, and keep what it says; 503 where it does not answer."""
    who = caller(request)
    account = operations.owner_to_check(actor=who.actor, account_id=bank_account_id)
    said = _ask(who, account)  # before the transaction: a bank's answer is waited for with no lock held

    def run() -> dict[str, Any]:
        operations.record_owner_check(
            actor=who.actor, account_id=account.id, matches=said.matches, effective_at=who.now
        )
        return {"id": str(account.id), "matches": said.matches, "reason": said.reason}

    done = perform(request, "account.verify", {"account_id": str(account.id)}, run)
    shown = read(request, lambda: _account(who, about(done)))
    return reply(request, OwnerCheckBody(account=shown, matches=done.result["matches"], reason=done.result["reason"]))


@router.post("/bank-accounts/{bank_account_id}/retire", **writes(BankAccountBody))
def retire_bank_account(request: HttpRequest, bank_account_id: BankAccountId, body: Intention) -> HttpResponse:
    """Nothing is paid from or to the account any more; refused while a payment over it waits for its bank."""
    who = caller(request)

    def run() -> dict[str, Any]:
        account = operations.retire_account(
            actor=who.actor, account_id=bank_account_id, effective_at=who.now, today=who.today
        )
        return made(account)

    done = perform(request, "account.retire", {"account_id": str(bank_account_id)}, run)
    return one(request, "bank_account", about(done))


def _ask(who: Caller, account: BankAccount) -> OwnerCheck:
    from fourflow.config import wiring  # knows which bank is reached where; not needed to import the API

    bank = wiring.banks().get(account.bank_code)
    if bank is None:
        raise BankUnavailable(bank=account.bank_code)
    party = parties.views([account.party_id], who.today)[account.party_id]
    identifier = party.identifiers[0].value if party.identifiers else ""
    return bank.owner_check(account.number, account.holder, identifier)
