"""One more of everything that a list shows, made through the operations: a company that grows row by row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.builders import clients as machines
from tests.builders import documents, parties
from tests.builders import settlement as money
from tests.builders.vouchers import Company, usd
from tests.interfaces.web import seed

from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement import queries as payments
from fourflow.capital.settlement.types import AccountKind, AnswerStatus, Purpose, Share
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers.types import Holding
from fourflow.foundation.access import operations as access
from fourflow.foundation.access.types import DataClass, Look, Policy
from fourflow.foundation.clients import operations as webhooks
from fourflow.foundation.parameters import operations as parameters
from fourflow.foundation.parameters.queries import decide_by
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties.types import (
    SYSTEM,
    Barred,
    LicenceKind,
    LicenceTerms,
    RestrictionSource,
    RoleKind,
)
from fourflow.oversight.insight import operations as insight
from fourflow.oversight.insight.types import About
from fourflow.oversight.reports import operations as reports
from fourflow.oversight.reports import queries as report_queries
from fourflow.oversight.reports.types import Rhythm
from fourflow.platform import calendar, clock
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import kinds
from fourflow.trade.documents import operations as papers
from fourflow.trade.documents.types import Contract, Invoice


class Growing:
    """A company, and what the lists of one object are about: a voucher cut again and again, a line, a schedule."""

    def __init__(self, here: Company) -> None:
        self.here, self.number = here, 0
        self.cut: Holding = here.held("500000.00")
        supplier = here.supplier()
        (self.own,) = payments.accounts(actor=SYSTEM, party_id=here.core.id, currency="USD")
        self.collecting = money.account(supplier.id, "BETA", "B-GROW", AccountKind.COLLECTION, supplier.name)
        self.schedule = self._subscribed("First")

    def grow(self, rounds: int) -> None:
        """So many more of each kind."""
        for _ in range(rounds):
            self.number += 1
            self._parties()
            self._documents()
            self._vouchers()
            self._cash()
            self._desks()
            self._machines()
        events.sequence()
        webhooks.fan_out(actor=SYSTEM, now=clock.machine(), today=clock.today())
        seed.tell(self.here)

    def _parties(self) -> None:
        """A bank with a line, somebody who wants in, a change, a restriction, a consent, an entry in the log of reads."""
        here, n, operator = self.here, self.number, self.here.cast.operator
        bank = parties.onboard(operator, parties.declaration(f"grown-{n}", RoleKind.FUNDER))
        here.line("100000.00", bank)
        wants = replace(parties.declaration(f"newcomer-{n}", RoleKind.SUPPLIER), members=())
        party_operations.apply(declaration=wants, actor=operator.maker, effective_at=here.now)
        licence = LicenceTerms(LicenceKind.BANKING, f"more-{n}", "NFRA", here.day)
        party_operations.propose_change(
            party_id=here.funder.id,
            terms=licence,
            actor=operator.maker,
            effective_at=here.now,
            decide_by=decide_by(here.now),
        )
        for member in parties.members(f"colleague-{n}", RoleKind.CORE)[2:]:
            parties.change(operator, here.core.id, member)
        party_operations.impose(
            party_id=here.supplier(4).id,
            bars=Barred.ISSUE,
            source=RestrictionSource.OPERATOR,
            reference=f"notice {n}",
            reason="under investigation",
            actor=operator.maker,
            effective_at=here.now,
        )
        party_operations.give_consent(
            to_party_id=here.funder.id,
            purpose="credit",
            authorisation_number=f"A-{n}",
            valid_from=here.day,
            valid_to=here.day + timedelta(30),
            actor=here.supplier().checker,
            effective_at=here.now,
        )
        look = Look(DataClass.CORE, "people", subject_party_id=bank.id)
        access.record_read(look=look, actor=operator.maker, effective_at=here.now)
        access.ask_recovery(
            email=seed.email(bank, "viewer"),
            reason="came to the desk with his passport",
            half=access.new_half(),
            actor=bank.maker,
            effective_at=here.now,
        )

    def _documents(self) -> None:
        """An order with its delivery, an invoice, a contract, a name that is mapped, a file."""
        here, n = self.here, self.number
        seller = f"Vendor {n}"
        given: dict[str, Any] = {"actor": here.core.maker, "effective_at": here.now}
        papers.register_order(order=documents.purchase_order(f"PO-G{n}", "1", seller=seller), **given)
        brought = documents.delivery(f"DN-G{n}", f"PO-G{n}", "1", seller=seller, delivered_on=here.day)
        papers.register_delivery(delivery=brought, **given)
        papers.register_invoice(invoice=Invoice(f"INV-G{n}", seller, usd("113.00"), here.day), **given)
        papers.register_contract(contract=Contract(f"C-G{n}", seller, here.day), **given)
        row = documents.scms_row(**{"ID": str(n), "PO / SO #": f"SCMS-G{n}", "ASN/DN #": f"ASN-G{n}", "Vendor": seller})
        documents.import_scms(here.core.maker, documents.scms_file([row]))
        papers.map_party(name=seller, party_id=here.supplier().id, **given)

    def _vouchers(self) -> None:
        """Payables and vouchers in the states that wait for somebody; a part cut off; objections; a promise; a financing."""
        here = self.here
        here.proposed("2500.00")
        here.payable("3000.00")
        here.drafted(here.request(here.payable("900.00")))
        here.offered("4100.00")
        here.offer(here.held("4200.00"), here.supplier(2))
        part = here.offer(self.cut, here.supplier(2), "100.00")
        here.take(part)
        self.cut = here.rest(self.cut)
        given: dict[str, Any] = {"effective_at": here.now, "today": here.day}
        core = here.core.maker
        vouchers.dispute(voucher_id=part.voucher_id, holding_id=part.id, source="case 2", actor=core, **given)
        supplier = here.actor(here.supplier())
        disputed = here.accepted("5100.00")
        vouchers.dispute(voucher_id=disputed.id, source="case 1", actor=core, **given)
        vouchers.complain(voucher_id=disputed.id, text="late", actor=supplier, **given)
        near = here.accepted("5200.00", due_on=here.day + timedelta(58))
        pays_on = calendar.load("CN").next_business_day(near.due_on + timedelta(9))
        vouchers.promise(voucher_id=near.id, pays_on=pays_on, reason="our customer pays late", actor=core, **given)
        seed.requested(here, here.held("7000.00"), "7000.00")

    def _cash(self) -> None:
        """Payments drafted and contradicted; cash expected, of unknown origin, placed, and sent back."""
        here, n = self.here, self.number
        operator = here.cast.operator
        money.account(here.core.id, "ALFA", f"G-{n}", AccountKind.OPERATING, here.core.name)
        four = money.Money4(*[self.collecting] * 5)
        settlement.draft(
            actor=here.core.maker,
            reference=f"trade:g{n}",
            payer_account_id=self.own.id,
            payee_account_id=self.collecting.id,
            amount=money.usd(4_200_00 + n),
            purpose=Purpose.TRADE_PAYMENT,
            subject_id=here.core.id,
            mandate="agreement 7",
            execution_date=here.day,
            effective_at=here.now,
        )
        wanted = money.expected(four, 900_00 + n, f"VCH-G{n}")
        money.expected(four, 800_00 + n, f"VCH-H{n}")
        for kind, amount in (("placed", 900_00 + n), ("open", 555_55 + n), ("back", 12_00 + n)):
            reference = f"BR-{kind}-{n}"
            money.arrives(
                "BETA", money.booked(self.collecting, amount, reference, text=kind, payer="X", payer_account="X-1")
            )
        waiting = {one.entry.bank_reference: one for one in payments.unmatched(actor=SYSTEM, limit=200)}
        placed = waiting[f"BR-placed-{n}"]
        share = (Share(wanted.id, placed.entry.amount),)
        given = {"entry_id": placed.entry_id, "effective_at": here.now}
        settlement.propose_assignment(actor=operator.maker, shares=share, **given)
        settlement.assign_suspense(actor=operator.checker, **given)
        strayed = waiting[f"BR-back-{n}"]
        given["entry_id"] = strayed.entry_id
        settlement.propose_return(actor=operator.maker, amount=strayed.entry.amount, reason="not ours", **given)
        settlement.carry_out_return(actor=operator.checker, execution_date=here.day, **given)
        settlement.reconcile(actor=SYSTEM, bank_code="ALFA", day=here.day - timedelta(n), effective_at=here.now)
        paid = money.sent(replace(four, funder=self.own), 88_800_00 + n, f"trade:s{n}")
        for status, report in ((AnswerStatus.SETTLED, "r1"), (AnswerStatus.REJECTED, "r2")):
            reply = money.says(paid, status, report=f"{report}-{n}")
            settlement.apply_reply(actor=SYSTEM, bank_code="ALFA", reply=reply, effective_at=here.now)

    def _desks(self) -> None:
        """A dated value, an emergency that is over, a question of the regulator, a schedule, a file of the first one."""
        here, n = self.here, self.number
        operator = here.cast.operator.maker
        parameters.propose(
            key=Key.STATUTORY_DAYS.value,
            value=40 + n,
            valid_from=here.day + timedelta(n),
            source="circular 12",
            actor=operator,
            effective_at=here.now,
        )
        now = clock.machine()
        broken = access.break_glass(
            reason="the key officer cannot be reached",
            actor=operator,
            policy=Policy(10, 5, 20, 15, 12, 24, 60),
            at=now,
            effective_at=here.now,
        )
        access.end_emergency(
            emergency_id=broken.id, actor=operator, at=now + timedelta(seconds=n), effective_at=here.now
        )
        insight.ask(
            about=About.PARTY,
            subject_id=here.supplier(1 + n % 4).id,
            purpose="late payments",
            authority=f"order {n}",
            answer_by=here.day + timedelta(n),
            actor=here.cast.regulator.viewer,
            effective_at=here.now,
            today=here.day,
        )
        self._subscribed(f"Report {n}")
        day = self.schedule.next_on
        reports.keep(schedule_id=self.schedule.id, day=day, content=b"-", actor=SYSTEM, effective_at=here.now)
        self.schedule = report_queries.get(here.core.maker, self.schedule.id)

    def _subscribed(self, name: str) -> Any:
        here = self.here
        return reports.subscribe(
            name=name,
            address="/vouchers",
            rhythm=Rhythm.DAILY,
            language="en",
            actor=here.core.maker,
            effective_at=here.now,
            today=here.day,
        )

    def _machines(self) -> None:
        """A client, one that waits for the second person, a webhook that hears of clients."""
        here, core, n = self.here, self.here.core, self.number
        webhooks.register(
            url=f"https://93.184.216.34/{n}",
            kinds=["client.*"],
            known=kinds(),
            actor=core.maker,
            effective_at=here.now,
        )
        machines.admit(core, "vouchers:read", name=f"System {n}")
        webhooks.propose(terms=machines.terms(name=f"Workstation {n}"), actor=core.maker, effective_at=here.now)
