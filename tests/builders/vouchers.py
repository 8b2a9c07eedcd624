"""A company of real parties with a line, and vouchers in every state, made through the operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from tests.builders import parties
from tests.builders.parties import NOON, TODAY, Cast, Firm

from fourflow.capital.claims import operations as claims
from fourflow.capital.claims.types import ConfirmedPayable, DocumentRef, Scheme, Underlying
from fourflow.capital.ledger import queries as ledger
from fourflow.capital.ledger.types import BookKind, BookNotFound, Chart, book_of
from fourflow.capital.limits import operations as limits
from fourflow.capital.limits import queries as limit_queries
from fourflow.capital.limits.types import Limit
from fourflow.capital.vouchers import operations, queries
from fourflow.capital.vouchers.types import (
    TERMS_VERSION,
    Holding,
    HoldingState,
    IssueRequest,
    Promise,
    Voucher,
    VoucherId,
)
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parties.types import SYSTEM, Actor, Function
from fourflow.platform import calendar
from fourflow.platform.crypto.signing import SandboxSigner, Signature
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money

DUE = date(2014, 8, 29)
"""A Friday, 179 days after TODAY, inside the soft term of six months."""
CLAUSE = "contract 7, clause 4: 180 days"
_numbers = count(1)


def usd(text: str) -> Money:
    return Money.parse(text, "USD")


def sign(actor: Actor, content: dict[str, Any]) -> Signature:
    """What the door does once the person has confirmed with a password."""
    return SandboxSigner().sign(actor.person_id, content, terms_version=TERMS_VERSION)


@dataclass
class Company:
    """One core, suppliers of its programme, two banks; the first has a line on the core. ``day`` is today for everybody."""

    cast: Cast
    day: date = TODAY
    limits: list[Limit] = field(default_factory=list)
    due: date = DUE
    """When the payables and vouchers fall due that are made from here on."""

    @property
    def now(self) -> datetime:
        return NOON + (self.day - TODAY)

    def on(self, day: date) -> Company:
        """The same company on another business day."""
        return replace(self, day=day)

    def later(self, days: int) -> Company:
        return self.on(self.day + timedelta(days))

    def actor(self, firm: Firm, who: str = "maker") -> Actor:
        actor: Actor = getattr(firm, who)
        return actor if self.day == TODAY else parties.as_of(actor, self.day)

    @property
    def core(self) -> Firm:
        return self.cast.core

    @property
    def funder(self) -> Firm:
        return self.cast.funders[0]

    @property
    def other_funder(self) -> Firm:
        return self.cast.funders[1]

    def supplier(self, number: int = 1) -> Firm:
        """Supplier 1 is the first tier of every voucher here."""
        return self.cast.suppliers[number - 1]

    def firm_of(self, party_id: UUID) -> Firm:
        return next(f for f in (self.core, *self.cast.suppliers, *self.cast.funders) if f.id == party_id)

    def line(self, amount: str = "5000000.00", funder: Firm | None = None) -> Limit:
        """A line of a bank on the core, announced by one person and decided by another."""
        bank = funder or self.funder
        proposed = limits.propose(
            actor=bank.maker,
            core_id=self.core.id,
            sanctioned=usd(amount),
            valid_from=self.day,
            valid_to=None,
            source="credit approval 2014-7",
            effective_at=self.now,
        )
        decided = limits.decide(
            publication_id=proposed.id, actor=bank.checker, verdict=Verdict.APPROVE, effective_at=self.now
        )
        assert decided.limit_id is not None
        found = limit_queries.get(actor=SYSTEM, limit_id=decided.limit_id)
        self.limits.append(found)
        return found

    def line_now(self, funder: Firm | None = None) -> Limit:
        bank = funder or self.funder
        found = limit_queries.find(actor=SYSTEM, funder_id=bank.id, core_id=self.core.id, currency="USD")
        assert found is not None
        return found

    def proposed(
        self, amount: str = "1000000.00", creditor: Firm | None = None, delivery_id: UUID | None = None
    ) -> ConfirmedPayable:
        """A payable over an order and a delivery that nobody used before; the core has not confirmed it yet.

        ``delivery_id`` names the delivery where it is kept on the platform.
        """
        number = next(_numbers)
        firm = creditor or self.supplier()
        reference = DocumentRef("delivery", f"PO-{number}/ASN-{number}", delivery_id)
        claim = claims.register_claim(
            underlying=Underlying(
                Scheme.PO_ASN, {"buyer": str(self.core.id), "order": f"PO-{number}", "delivery": f"ASN-{number}"}
            ),
            debtor_id=self.core.id,
            creditor_id=firm.id,
            amount=usd(amount),
            actor=self.actor(self.core),
            effective_at=self.now,
            documents=[reference],
        )
        return claims.propose_payable(
            claim_id=claim.id,
            amount=usd(amount),
            due_date=self.due,
            actor=self.actor(self.core),
            effective_at=self.now,
            delivered_on=self.day,
            documents=[reference],
        )

    def payable(
        self, amount: str = "1000000.00", creditor: Firm | None = None, delivery_id: UUID | None = None
    ) -> ConfirmedPayable:
        """A payable that a second person of the core has confirmed and signed."""
        proposed = self.proposed(amount, creditor, delivery_id)
        checker = self.actor(self.core, "checker")
        return claims.confirm(
            payable_id=proposed.id,
            actor=checker,
            signature=sign(checker, proposed.content()),
            effective_at=self.now,
        )

    def request(self, payable: ConfirmedPayable | None = None, **changes: Any) -> IssueRequest:
        """A voucher over the whole payable, due on its day, on the first bank's line, with the contract's clause."""
        payable = payable or self.payable()
        wanted: dict[str, Any] = {
            "payable_id": payable.id,
            "funder_id": self.funder.id,
            "face": payable.amount,
            "due_on": self.due,
            "contract_clause": CLAUSE,
        }
        return IssueRequest(**{**wanted, **changes})

    def plan(self, request: IssueRequest, actor: Actor | None = None) -> Voucher:
        return operations.plan(
            voucher_id=VoucherId(new_id()), request=request, actor=actor or self.actor(self.core), today=self.day
        )

    def drafted(self, request: IssueRequest | None = None, actor: Actor | None = None) -> Voucher:
        """A draft that waits for the checker."""
        request, maker = request or self.request(), actor or self.actor(self.core)
        planned = self.plan(request, maker)
        return operations.draft(
            voucher_id=planned.id,
            request=request,
            actor=maker,
            effective_at=self.now,
            today=self.day,
            signature=sign(maker, planned.content()),
        )

    def check(self, voucher: Voucher, actor: Actor | None = None, verdict: Verdict = Verdict.APPROVE) -> Voucher:
        """The second person's decision."""
        checker = actor or self.actor(self.core, "checker")
        return operations.check(
            voucher_id=voucher.id,
            actor=checker,
            verdict=verdict,
            effective_at=self.now,
            today=self.day,
            signature=sign(checker, voucher.content()) if verdict is Verdict.APPROVE else None,
            reason="" if verdict is Verdict.APPROVE else "wrong due date",
        )

    def offered(self, amount: str = "1000000.00", **changes: Any) -> Voucher:
        """A voucher that waits for supplier 1's answer."""
        payable = self.payable(amount)
        return self.check(self.drafted(self.request(payable, **changes)))

    def accept(self, voucher: Voucher, actor: Actor | None = None) -> Voucher:
        actor = actor or self.actor(self.firm_of(voucher.receiver_id))
        return operations.accept(
            voucher_id=voucher.id, actor=actor, effective_at=self.now, signature=sign(actor, voucher.content())
        )

    def accepted(self, amount: str = "1000000.00", **changes: Any) -> Voucher:
        """A voucher that supplier 1 holds."""
        return self.accept(self.offered(amount, **changes))

    def held(self, amount: str = "1000000.00", **changes: Any) -> Holding:
        """The root part of an accepted voucher."""
        return self.parts(self.accepted(amount, **changes))[0]

    def offer(
        self,
        holding: Holding,
        to: Firm,
        amount: str | None = None,
        basis: str = "order SO-7",
        actor: Actor | None = None,
    ) -> Holding:
        """Offer a part (all of it unless told otherwise) to another firm."""
        giver = actor or self.actor(self.firm_of(holding.holder_id))
        cut = usd(amount) if amount else holding.amount
        return operations.offer_transfer(
            holding_id=holding.id,
            receiver_id=to.id,
            amount=cut,
            trade_basis=basis,
            actor=giver,
            effective_at=self.now,
            today=self.day,
            signature=sign(giver, operations.transfer_content(holding.id, to.id, cut, basis)),
        )

    def take(self, offered: Holding, actor: Actor | None = None) -> Holding:
        """The receiver accepts an offered part."""
        assert offered.receiver_id is not None
        taker = actor or self.actor(self.firm_of(offered.receiver_id))
        content = operations.transfer_content(offered.id, offered.receiver_id, offered.amount, offered.trade_basis)
        return operations.accept_transfer(
            holding_id=offered.id,
            actor=taker,
            effective_at=self.now,
            today=self.day,
            signature=sign(taker, content),
        )

    def passed(self, holding: Holding, to: Firm, amount: str | None = None) -> Holding:
        """A part that another firm holds now."""
        return self.take(self.offer(holding, to, amount))

    def parts(self, voucher: Voucher) -> list[Holding]:
        return queries.parts(actor=SYSTEM, voucher_id=voucher.id)

    def living(self, voucher: Voucher) -> list[Holding]:
        """The parts that stand for the debt now."""
        return [part for part in self.parts(voucher) if part.state.is_live]

    def rest(self, holding: Holding) -> Holding:
        """What stayed with the holder of a part after the last cut."""
        parts = queries.parts(actor=SYSTEM, voucher_id=holding.voucher_id)
        free = [p for p in parts if p.holder_id == holding.holder_id and p.state is HoldingState.ACTIVE]
        return free[-1]

    def now_of(self, voucher: Voucher) -> Voucher:
        return queries.get(actor=SYSTEM, voucher_id=voucher.id)

    def due_day(self, voucher: Voucher) -> Company:
        return self.on(voucher.due_on)

    def matured(self, voucher: Voucher) -> Voucher:
        found, _ = operations.begin_maturity(voucher_id=voucher.id, effective_at=self.on(voucher.due_on).now)
        return found

    def overdue(self, voucher: Voucher) -> Voucher:
        self.matured(voucher)
        return operations.mark_overdue(voucher_id=voucher.id, effective_at=self.on(voucher.due_on).later(1).now)

    def promised(self, voucher: Voucher, days: int, reason: str = "a customer of ours pays late") -> Promise:
        """The issuer says today that it pays on the first business day so many days after the due date."""
        return operations.promise(
            voucher_id=voucher.id,
            pays_on=calendar.load("CN").next_business_day(voucher.due_on + timedelta(days)),
            reason=reason,
            actor=self.actor(self.core),
            effective_at=self.now,
            today=self.day,
        )

    def redeem(self, holding: Holding, amount: str | None = None) -> Voucher:
        voucher, _ = operations.redeem(
            holding_id=holding.id,
            amount=usd(amount) if amount else holding.outstanding,
            instruction_id=new_id(),
            effective_at=self.now,
        )
        return voucher


def company(suppliers: int = 4, line: str | None = "5000000.00", called: Mapping[str, str] | None = None) -> Company:
    """Everybody onboarded, a calendar of the years needed, and the first bank's line."""
    calendar.fill(first=2014, last=2015)
    found = Company(parties.cast(suppliers, called))
    if line:
        found.line(line)
    return found


def second_account(firm: Firm, who: str = "maker") -> Actor:
    """The same person at the same firm with every function, under another account: what a self-approver would try."""
    actor: Actor = getattr(firm, who)
    other: Actor = firm.checker if who == "maker" else firm.maker
    return replace(other, person_id=actor.person_id, account_id=new_id(), functions=frozenset(Function))


def book(party_id: UUID, kind: BookKind = BookKind.MIRROR) -> dict[tuple[str, UUID | None], str]:
    """A party's book as figures: (chart name, counterparty) → debits less credits, zero lines left out."""
    try:
        lines = ledger.trial_balance(actor=SYSTEM, book=book_of(kind, party_id))
    except BookNotFound:
        return {}
    return {
        (Chart(line.account.chart_code).name, line.account.counterparty): str(line.balance.net().decimal)
        for line in lines
        if line.balance.net()
    }


def states(parts: Sequence[Holding]) -> list[tuple[str, str]]:
    return [(part.state.value, str(part.amount.decimal)) for part in parts]
