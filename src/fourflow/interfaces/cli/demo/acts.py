"""What people do with one delivery: confirm, issue, accept, pass down, turn into cash."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from fourflow.capital.claims import operations as claims
from fourflow.capital.claims.types import DocumentRef, PayableId, Scheme, Underlying
from fourflow.capital.financing import operations as financing
from fourflow.capital.financing import types as financing_types
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as voucher_queries
from fourflow.capital.vouchers.types import TERMS_VERSION, Holding, HoldingId, IssueRequest, Voucher, VoucherId
from fourflow.foundation.approvals.types import Verdict
from fourflow.interfaces.cli.demo.company import Company
from fourflow.interfaces.cli.demo.stage import Stage
from fourflow.platform import calendar
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money
from fourflow.trade.documents.types import DeliveryPayable


@dataclass
class Play:
    """The stage, the company and the calendar, together."""

    stage: Stage
    company: Company
    days: calendar.BusinessCalendar = field(default_factory=partial(calendar.load, "CN"))
    confirmed: dict[str, PayableId] = field(default_factory=dict)

    def due_date(self, delivered_on: datetime.date) -> datetime.date:
        """The programme's last payment day within the term from the delivery; the next one, if it confirms too late for that.

        It pays on the days of its steps, as far as they are business days.
        """
        given, today = self.stage.assumptions, self.stage.today
        start, step = given["start"], datetime.timedelta(days=given["step_days"])
        last = delivered_on + datetime.timedelta(days=given["payment_term_days"])
        day: datetime.date = start + (last - start) // step * step
        while day > today and not self.days.is_business_day(day):
            day -= step
        if day <= today:
            day = start + ((today - start) // step + 1) * step
            while not self.days.is_business_day(day):
                day += step
        return day

    def confirm(self, delivery: DeliveryPayable) -> PayableId:
        """The programme records the claim by PO and ASN, proposes the payable, and a second person signs it."""
        stage, core = self.stage, self.company.core
        maker, checker = stage.actor(core, "maker"), stage.actor(core, "checker")
        key = f"{delivery.po_number}/{delivery.asn_number}"
        if key in self.confirmed:
            return self.confirmed[key]
        reference = DocumentRef("delivery", key, delivery.delivery_id)
        claim = stage.do(
            "claim.register",
            key,
            maker,
            lambda: claims.register_claim(
                underlying=Underlying(
                    Scheme.PO_ASN,
                    {
                        "buyer": stage.assumptions["programme"]["short"],
                        "order": delivery.po_number,
                        "delivery": delivery.asn_number,
                    },
                ),
                debtor_id=core,
                creditor_id=self.company.firms[delivery.vendor],
                amount=delivery.amount,
                actor=maker,
                effective_at=stage.now(),
                documents=[reference],
            ),
            lambda c: c.id,
        )
        proposed = stage.do(
            "payable.propose",
            key,
            maker,
            lambda: claims.propose_payable(
                claim_id=claim.id,
                amount=delivery.amount,
                due_date=self.due_date(delivery.delivered_on),
                actor=maker,
                effective_at=stage.now(),
                delivered_on=delivery.delivered_on,
                documents=[reference],
            ),
            lambda p: p.id,
        )
        signature = stage.sign(checker, proposed.content(), TERMS_VERSION)
        confirmed = stage.do(
            "payable.confirm",
            key,
            checker,
            lambda: claims.confirm(
                payable_id=proposed.id, actor=checker, signature=signature, effective_at=stage.now()
            ),
            lambda p: p.id,
        )
        self.confirmed[key] = confirmed.id
        return confirmed.id

    def issue(self, payable_id: PayableId, delivery: DeliveryPayable, funder_id: UUID) -> Voucher:
        """The programme's maker drafts and signs the commitment, its checker decides and signs, the offer is out."""
        stage, core = self.stage, self.company.core
        maker, checker = stage.actor(core, "maker"), stage.actor(core, "checker")
        voucher_id = VoucherId(new_id())
        request = IssueRequest(
            payable_id,
            funder_id,
            delivery.amount,
            self.due_date(delivery.delivered_on),
            contract_clause=stage.assumptions["contract_clause"],
        )
        planned = vouchers.plan(voucher_id=voucher_id, request=request, actor=maker, today=stage.today)
        stage.do(
            "voucher.draft",
            str(voucher_id),
            maker,
            lambda: vouchers.draft(
                voucher_id=voucher_id,
                request=request,
                actor=maker,
                effective_at=stage.now(),
                today=stage.today,
                signature=stage.sign(maker, planned.content(), TERMS_VERSION),
            ),
            lambda v: v.id,
        )
        return stage.do(
            "voucher.check",
            str(voucher_id),
            checker,
            lambda: vouchers.check(
                voucher_id=voucher_id,
                actor=checker,
                verdict=Verdict.APPROVE,
                effective_at=stage.now(),
                today=stage.today,
                signature=stage.sign(checker, planned.content(), TERMS_VERSION),
            ),
            lambda v: v.id,
        )

    def accept(self, voucher: Voucher) -> Holding:
        """The vendor accepts and holds the whole."""
        stage = self.stage
        actor = stage.actor(voucher.receiver_id, "maker")
        stage.do(
            "voucher.accept",
            str(voucher.id),
            actor,
            lambda: vouchers.accept(
                voucher_id=voucher.id,
                actor=actor,
                effective_at=stage.now(),
                signature=stage.sign(actor, voucher.content(), TERMS_VERSION),
            ),
            lambda v: v.id,
        )
        return voucher_queries.parts(actor=actor, voucher_id=voucher.id)[0]

    def pass_down(self, holding: Holding, maker_name: str, amount: Money, basis: str) -> Holding:
        """The vendor pays its maker with a part of the voucher; the maker accepts."""
        stage, receiver = self.stage, self.company.firms[maker_name]
        giver, taker = stage.actor(holding.holder_id, "maker"), stage.actor(receiver, "maker")
        content = vouchers.transfer_content(holding.id, receiver, amount, basis)
        offered = stage.do(
            "transfer.offer",
            f"{holding.id} {receiver}",
            giver,
            lambda: vouchers.offer_transfer(
                holding_id=holding.id,
                receiver_id=receiver,
                amount=amount,
                trade_basis=basis,
                actor=giver,
                effective_at=stage.now(),
                today=stage.today,
                signature=stage.sign(giver, content, TERMS_VERSION),
            ),
            lambda h: h.id,
        )
        accepted = vouchers.transfer_content(offered.id, receiver, amount, basis)
        return stage.do(
            "transfer.accept",
            str(offered.id),
            taker,
            lambda: vouchers.accept_transfer(
                holding_id=offered.id,
                actor=taker,
                effective_at=stage.now(),
                today=stage.today,
                signature=stage.sign(taker, accepted, TERMS_VERSION),
            ),
            lambda h: h.id,
        )

    def rest_of(self, holding: Holding) -> Holding | None:
        """The part that stayed in the holder's hand after a split."""
        actor = self.stage.actor(holding.holder_id, "maker")
        parts = voucher_queries.parts(actor=actor, voucher_id=holding.voucher_id)
        mine = [p for p in parts if p.holder_id == holding.holder_id and p.state.value == "active"]
        return mine[-1] if mine else None

    def cash_now(self, holding_id: HoldingId, funder_id: UUID, amount: Money, recourse: bool) -> UUID:
        """Ask for a price, consent to it; the rest follows by itself."""
        stage = self.stage
        holder = voucher_queries.holding(actor=stage.actor(self.company.operator, "maker"), holding_id=holding_id)
        actor = stage.actor(holder.holder_id, "maker")
        quote = stage.do(
            "financing.quote",
            str(holding_id),
            actor,
            lambda: financing.quote(
                holding_id=holding_id,
                funder_id=funder_id,
                amount=amount,
                recourse=recourse,
                actor=actor,
                effective_at=stage.now(),
                today=stage.today,
            ),
            lambda q: q.id,
        )
        requested = stage.do(
            "financing.request",
            str(quote.id),
            actor,
            lambda: financing.request(
                quote_id=quote.id,
                actor=actor,
                signature=stage.sign(actor, quote.content(), financing_types.TERMS_VERSION),
                effective_at=stage.now(),
                today=stage.today,
            ),
            lambda f: f.id,
        )
        return requested.id
