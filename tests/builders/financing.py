"""A company with bank accounts and rates, and financings in every state, made through the operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from tests.builders import vouchers as build
from tests.builders.parties import Firm
from tests.builders.vouchers import Company, sign, usd

from fourflow.capital.claims import queries as claim_queries
from fourflow.capital.claims.operations import exchange as exchanges
from fourflow.capital.claims.ports import RegistryAnswer
from fourflow.capital.claims.types import ExchangeKind, ExchangeState, Hit, RegistrationId, RegistrationState
from fourflow.capital.financing import operations, queries
from fourflow.capital.financing.types import Financing, FinancingState, FunderDecision, Quote
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement.types import AccountKind, BankAccount
from fourflow.capital.vouchers.types import Holding
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters import operations as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties.types import SYSTEM, Actor

EARLY = date(2014, 5, 1)
"""120 days before the due date of the builders' vouchers."""


@dataclass
class Desk:
    """A company whose parties have accounts; the worked example of the accounting guide is its default."""

    company: Company

    def on(self, day: date) -> Desk:
        return Desk(self.company.on(day))

    @property
    def now(self) -> datetime:
        return self.company.now

    @property
    def day(self) -> date:
        return self.company.day

    def tier_two(self, amount: str = "300000.00") -> Holding:
        """What supplier 2 holds of a voucher of 1,000,000.00 that supplier 1 passed on."""
        company = self.company
        return company.passed(company.held(), company.supplier(2), amount)

    def quote(
        self,
        holding: Holding,
        *,
        funder: Firm | None = None,
        amount: str | None = None,
        recourse: bool = False,
        actor: Actor | None = None,
    ) -> Quote:
        company = self.company
        return operations.quote(
            holding_id=holding.id,
            funder_id=(funder or company.funder).id,
            amount=usd(amount) if amount else holding.amount,
            recourse=recourse,
            actor=actor or company.actor(company.firm_of(holding.holder_id)),
            effective_at=self.now,
            today=self.day,
        )

    def request(self, quote: Quote, actor: Actor | None = None) -> Financing:
        """The holder consents."""
        actor = actor or self.company.actor(self.company.firm_of(quote.applicant_id))
        return operations.request(
            quote_id=quote.id,
            actor=actor,
            signature=sign(actor, quote.content()),
            effective_at=self.now,
            today=self.day,
        )

    def requested(self, holding: Holding | None = None, **terms: object) -> Financing:
        return self.request(self.quote(holding or self.tier_two(), **terms))  # type: ignore[arg-type]

    def says(self, financing: Financing, *, yes: bool = True, rate: str | None = "0.045") -> Financing:
        """The funder's own system decides."""
        word = FunderDecision(
            approved=yes,
            annual_rate=Decimal(rate) if rate and yes else None,
            decided_by={"model": "sme-7", "version": "3"},
            decided_at=self.now,
            reasons=() if yes else ("score too low",),
            bank_reference="CR-1",
        )
        return operations.record_decision(financing_id=financing.id, decision=word, effective_at=self.now)

    def approved(self, holding: Holding | None = None, **terms: object) -> Financing:
        return self.says(self.requested(holding, **terms))

    def gate(self, financing: Financing) -> Financing:
        return operations.open_gate(financing_id=financing.id, effective_at=self.now, today=self.day)

    def registry_says(self, financing: Financing, *, first: bool = True, accepted: bool = True) -> RegistrationState:
        """The registry answers the open request; ``first`` False: somebody came before us."""
        registration_id = RegistrationId(self.now_of(financing).registration_id or UUID(int=0))
        open_ = [
            e
            for e in claim_queries.exchanges(actor=SYSTEM, registration_id=registration_id)
            if e.state is ExchangeState.READY
        ]
        (exchange,) = open_
        exchanges.hand_over(exchange_id=exchange.id, effective_at=self.now)
        own = Hit("R-1", "us", 2) if not first else Hit("R-1", "us", 1)
        hits = {
            ExchangeKind.QUERY: () if first else (Hit("R-0", "a stranger", 1),),
            ExchangeKind.REQUERY: (own,) if first else (own, Hit("R-0", "a stranger", 1)),
        }
        answer = RegistryAnswer(
            client_reference=exchange.client_reference,
            accepted=accepted,
            certificate="C-1",
            hits=hits.get(exchange.kind, ()),
            registration_no="R-1" if exchange.kind is ExchangeKind.REGISTER else "",
            modify_code="M-1" if exchange.kind is ExchangeKind.REGISTER else "",
            expires_on=date(2015, 5, 1) if exchange.kind is ExchangeKind.REGISTER else None,
            reason="" if accepted else "asset is not describable",
        )
        exchanges.record_answer(exchange_id=exchange.id, answer=answer, effective_at=self.now)
        return claim_queries.registration(actor=SYSTEM, registration_id=registration_id).state

    def note(self, financing: Financing) -> Financing:
        return operations.note_registration(financing_id=financing.id, effective_at=self.now)

    def registered(self, holding: Holding | None = None, **terms: object) -> Financing:
        """Approved, searched, filed and searched again."""
        return self.through_the_gate(self.approved(holding, **terms))

    def through_the_gate(self, approved: Financing) -> Financing:
        financing = self.gate(approved)
        for _ in range(3):
            self.registry_says(financing)
            financing = self.note(financing)
        assert financing.state is FinancingState.REGISTERED
        return financing

    def disburse(self, financing: Financing) -> Financing:
        return operations.disburse(financing_id=financing.id, effective_at=self.now, today=self.day)

    def paid_out(self, holding: Holding | None = None, **terms: object) -> Financing:
        """The bank has paid the supplier."""
        return self.paid_out_after(self.approved(holding, **terms))

    def paid_out_after(self, approved: Financing) -> Financing:
        """From the bank's decision to the cash."""
        financing = self.disburse(self.through_the_gate(approved))
        return operations.confirm_disbursed(financing_id=financing.id, effective_at=self.now, on=self.day)

    def now_of(self, financing: Financing) -> Financing:
        return queries.get(actor=SYSTEM, financing_id=financing.id)

    def overdue(self, financing: Financing) -> Financing:
        """The core did not pay: voucher and financing are overdue."""
        voucher = build.queries.get(actor=SYSTEM, voucher_id=financing.quote.voucher_id)  # type: ignore[arg-type]
        self.company.overdue(voucher)
        return operations.mark_overdue(financing_id=financing.id, effective_at=self.on(voucher.due_on).now)


def account(party: Firm, bank: str, kind: AccountKind = AccountKind.OPERATING) -> BankAccount:
    return settlement.register_account(
        actor=SYSTEM,
        party_id=party.id,
        bank_code=bank,
        number=f"{bank}-{party.view.short_name}-{kind.value}",
        holder=party.name,
        currency="USD",
        kind=kind,
        effective_at=build.NOON,
        watched=None,
    )


def set_value(company: Company, key: Key, value: str, scope: str = "platform", on: date | None = None) -> None:
    """A dated value, proposed by one person of the operator and approved by another."""
    op = company.cast.operator
    maker, checker = company.actor(op), company.actor(op, "checker")
    day = on or company.day
    number: object = Decimal(value) if "." in value else int(value) if value.isdigit() else value
    proposed = parameters.propose(
        key=key,
        scope=scope,
        value=number,
        valid_from=day,
        source="test",
        actor=maker,
        effective_at=company.now,  # type: ignore[arg-type]
    )
    assert proposed.approval_id is not None
    parameters.decide(
        parameter_id=proposed.id,
        actor=checker,
        payload_hash=approvals.get(checker, proposed.approval_id).approval.payload_hash,
        verdict=Verdict.APPROVE,
        effective_at=company.now,
    )


def desk() -> Desk:
    """The accounting guide's example on 2014-03-03: 4.5 % a year, no fees, the platform's share 30 % of the interest."""
    company = build.company(suppliers=5)
    company.line("5000000.00", company.other_funder)
    for bank in ("ALFA", "BETA"):
        settlement.register_bank(code=bank, name=f"Sandbox Bank {bank}")
    for number, firm in enumerate([company.core, *company.cast.suppliers, *company.cast.funders]):
        account(firm, ("ALFA", "BETA")[number % 2])
    account(company.cast.operator, "ALFA", AccountKind.PLATFORM_FEE)
    set_value(company, Key.PLATFORM_FEE_RATE, "0.0")
    return Desk(company)
