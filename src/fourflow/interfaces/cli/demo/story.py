"""The story from the first order line to the last reconciliation."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from importlib import resources
from typing import Any
from uuid import UUID

import yaml

from fourflow.capital.claims.types import PayableId
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.vouchers import jobs as voucher_jobs
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as voucher_queries
from fourflow.capital.vouchers.types import TERMS_VERSION, HoldingId, Voucher, VoucherId, VoucherState
from fourflow.config import outside
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import SYSTEM, Barred, RelationKind, RelationTerms
from fourflow.interfaces.cli.demo import company as companies
from fourflow.interfaces.cli.demo.acts import Play
from fourflow.interfaces.cli.demo.company import Company
from fourflow.interfaces.cli.demo.stage import Stage
from fourflow.platform import calendar
from fourflow.platform.money import Money
from fourflow.trade.documents import operations as documents
from fourflow.trade.documents import queries as document_queries
from fourflow.trade.documents.adapters.scms import ScmsSource
from fourflow.trade.documents.types import DeliveryPayable, ImportMode, ImportView, Relation

Progress = Callable[[str, int, int], None]


def assumptions() -> dict[str, Any]:
    """The assumptions file that ships with the story."""
    text = resources.files("fourflow.interfaces.cli.demo").joinpath("assumptions.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def order_file() -> bytes:
    """The order file that ships, with its provenance beside it."""
    return resources.files("fourflow.interfaces.cli.demo_data").joinpath("scms_delivery_history.csv").read_bytes()


@dataclass
class Outcome:
    """What the story can tell at its end."""

    imported: ImportView
    deliveries: int
    lines: int
    total: Money
    vouchers: int = 0
    transfers: int = 0
    financed: int = 0
    late_voucher: VoucherId | None = None
    seconds: dict[str, float] = field(default_factory=dict)


class Story:
    """Plays a fortnight at a time on a moved clock; every act is an operation of the doors."""

    def __init__(self, stage: Stage, progress: Progress) -> None:
        self.stage, self.progress = stage, progress
        self.company: Company
        self.play: Play
        self.outcome: Outcome
        self._late: tuple[VoucherId, datetime.date] | None = None
        self._held: list[tuple[HoldingId, UUID]] = []

    def run(self) -> Outcome:
        """Everything, in order."""
        began = time.monotonic()
        self._set_scene()
        payables = self._import()
        self._invite(payables)
        self.outcome.seconds["cast and import"] = time.monotonic() - began
        began = time.monotonic()
        self._year(payables)
        self.outcome.seconds["the year"] = time.monotonic() - began
        return self.outcome

    def _set_scene(self) -> None:
        stage = self.stage
        self.company = companies.found(stage)
        addresses = outside.read()
        with_parties = tuple(
            outside.BankAddress(b.code, b.name, b.url, self.company.funders[b.code]) for b in addresses.banks
        )
        outside.write(outside.Outside(with_parties, addresses.registry, addresses.extra))
        given = stage.assumptions
        for bank in given["banks"]:
            settlement.register_bank(code=bank["code"], name=bank["name"], party_id=self.company.funders[bank["code"]])
        core_bank = given["accounts"]["core_bank"]
        companies.open_account(stage, self.company, self.company.core, core_bank, given["accounts"]["core"])
        companies.open_account(stage, self.company, self.company.operator, core_bank, "0.00", fee=True)
        for code, party in self.company.funders.items():
            companies.open_account(stage, self.company, party, code, given["accounts"]["funder"])
        companies.set_rates(stage, self.company)
        companies.sanction(stage, self.company)
        self.play = Play(stage, self.company, calendar.load("CN"))

    def _import(self) -> tuple[DeliveryPayable, ...]:
        """Take the whole file over: good rows in, bad rows back with reasons."""
        stage, core = self.stage, self.company.core
        actor = stage.actor(core, "maker")
        self.progress("import", 0, 1)
        imported = stage.do(
            "documents.import",
            "scms",
            actor,
            lambda: documents.import_file(
                content=order_file(),
                file_name="scms_delivery_history.csv",
                source=ScmsSource(),
                mode=ImportMode.GOOD_ROWS,
                actor=actor,
                effective_at=stage.now(),
                today=datetime.date(2026, 1, 1),
            ),
            lambda i: i.id,
        )
        self.progress("import", 1, 1)
        payables = document_queries.delivery_payables(actor, year=stage.assumptions["year"])
        lines = sum(len(p.lines) for p in payables)
        total = Money(sum(p.amount_minor for p in payables), stage.assumptions["currency"])
        self.outcome = Outcome(imported, len(payables), lines, total)
        return payables

    def _invite(self, payables: Iterable[DeliveryPayable]) -> None:
        """Every vendor of the year, and every maker that is another firm than its vendor."""
        names: dict[str, None] = {}
        for payable in payables:
            names.setdefault(payable.vendor)
            for maker in payable.shares(Relation.INDEPENDENT):
                names.setdefault(maker)
        for done, name in enumerate(names, 1):
            companies.invite(self.stage, self.company, [name])
            self.progress("onboard", done, len(names))
        actor = self.stage.actor(self.company.core, "maker")
        known = {row.name for row in document_queries.party_names(actor)}
        for name, party in self.company.firms.items():
            if name in known:
                self.stage.do(
                    "documents.map_party",
                    name,
                    actor,
                    partial(documents.map_party, name=name, party_id=party, actor=actor, effective_at=self.stage.now()),
                    lambda p: p.party_id,
                )

    def _year(self, payables: tuple[DeliveryPayable, ...]) -> None:
        stage = self.stage
        day: datetime.date = stage.assumptions["start"]
        until: datetime.date = stage.assumptions["until"]
        waiting = list(payables)
        step = datetime.timedelta(days=stage.assumptions["step_days"])
        done = 0
        self._lot = parameters.integer(Key.VOUCHER_MIN_LOT, day)
        self._late_from = until - datetime.timedelta(days=70)
        while day < until:
            day = min(day + step, until)
            stage.move_to(day)
            self._before_maturities()
            stage.backstage.begin()
            while waiting and waiting[0].delivered_on <= day and not self._barred(waiting[0]):
                self._deliver(waiting.pop(0), done)
                done += 1
                self.progress("year", done, len(payables))
            stage.settle()
            self._after_maturities()
        self.progress("year", len(payables), len(payables))

    def _barred(self, delivery: DeliveryPayable) -> bool:
        """While the programme is on the stop list its deliveries wait; on stage the house refuses once."""
        if party_queries.is_barred(self.company.core, Barred.ISSUE, self.stage.today) is None:
            return False
        if not any(what.startswith("a new voucher") for what, _ in self.stage.refusals):
            payable = self.play.confirm(delivery)
            funder = next(iter(self.company.funders.values()))
            self.stage.refused(
                "a new voucher while one is overdue", lambda: self.play.issue(payable, delivery.amount, funder)
            )
        return True

    def _deliver(self, delivery: DeliveryPayable, number: int) -> None:
        """One delivery: confirmed, issued, accepted; makers paid; a part turned into cash."""
        play, given = self.play, self.stage.assumptions["finance"]
        funders = list(self.company.funders.values())
        payable_id = play.confirm(delivery)
        voucher = play.issue(payable_id, delivery.amount, funders[number % len(funders)])
        holding = play.accept(voucher)
        self.outcome.vouchers += 1
        if number == 0:
            self._first_scenes(delivery, voucher, holding.id)
        for maker, minor in delivery.shares(Relation.INDEPENDENT).items():
            rest = play.rest_of(holding)
            if rest is not None and maker in self.company.firms:
                left = rest.amount.minor - minor
                if minor < self._lot or 0 < left < self._lot:
                    self.stage.counts["share under the minimum lot, paid otherwise"] += 1
                    continue
                amount = Money(minor, delivery.currency)
                got = play.pass_down(rest, maker, amount, f"order {delivery.po_number}, delivery {delivery.asn_number}")
                self.outcome.transfers += 1
                if number % (given["every"] * 2) == 0:
                    self._finance(got.id, got.amount, funders[(number + 1) % len(funders)], number)
        rest = play.rest_of(holding)
        if rest is not None and number % given["every"] == 0:
            part = int(Decimal(rest.amount.minor) * Decimal(given["part"]))
            self._finance(rest.id, Money(max(part, 1), rest.amount.currency), funders[number % len(funders)], number)

    def _finance(self, holding_id: HoldingId, amount: Money, funder: UUID, number: int) -> None:
        recourse = number % self.stage.assumptions["finance"]["recourse_every"] == 0
        if amount.minor < 10 * self._lot:
            return
        if self.outcome.financed == 2:
            self._fault(0, "pain.001", "timeout", self.stage.assumptions["scenes"]["bank_timeout"])
        if self.outcome.financed == 4:
            self._fault(1, "camt.054", "twice", self.stage.assumptions["scenes"]["bank_twice"])
        self.play.cash_now(holding_id, funder, amount, recourse)
        self.outcome.financed += 1

    def _fault(self, bank: int, endpoint: str, mode: str, times: int) -> None:
        """Tell a sandbox bank to misbehave: the clearing of it is the platform's."""
        address = outside.read().banks[bank]
        body = {"endpoint": endpoint, "mode": mode, "times": times, "delay_seconds": 0}
        self.stage.http.post(f"{address.url}/faults", json=body).raise_for_status()
        self.stage.counts[f"sandbox fault: {mode}"] += times

    def _first_scenes(self, delivery: DeliveryPayable, voucher: Voucher, holding_id: HoldingId) -> None:
        """What the house refuses: the same delivery twice, a cent too much, a round trip, a related party."""
        stage, play = self.stage, self.play
        core, vendor = stage.actor(self.company.core, "maker"), stage.actor(voucher.receiver_id, "maker")
        stage.refused(
            "the same delivery financed twice",
            lambda: play.issue(PayableId(voucher.payable_id), delivery.amount, voucher.funder_id),
        )
        more = Money(voucher.face.minor + 1, voucher.face.currency)
        others = [p for n, p in self.company.firms.items() if p != voucher.receiver_id]

        def offer(receiver: UUID, amount: Money) -> object:
            content = vouchers.transfer_content(holding_id, receiver, amount, "test of the rules")
            return vouchers.offer_transfer(
                holding_id=holding_id,
                receiver_id=receiver,
                amount=amount,
                trade_basis="test of the rules",
                actor=vendor,
                effective_at=stage.now(),
                today=stage.today,
                signature=stage.sign(vendor, content, TERMS_VERSION),
            )

        stage.refused("one cent more than is held", lambda: offer(others[0], more))
        stage.refused("back to the programme itself", lambda: offer(self.company.core, voucher.face))
        relative = others[-1]
        self._relate(voucher.receiver_id, relative)
        stage.refused("to a related party", lambda: offer(relative, voucher.face))
        assert core.organisation_id == self.company.core

    def _relate(self, one: UUID, other: UUID) -> None:
        """Two firms of one group, declared by one person of the operator and approved by another."""
        stage = self.stage
        maker, checker = stage.actor(self.company.operator, "maker"), stage.actor(self.company.operator, "checker")
        terms = RelationTerms(other, RelationKind.CONTROL, "declared in the story", stage.today)
        proposed = stage.do(
            "party.propose_change",
            f"{one} {other}",
            maker,
            lambda: parties.propose_change(party_id=one, terms=terms, actor=maker, effective_at=stage.now()),
            lambda c: c.id,
        )
        payload = stage.payload_hash(checker, proposed.approval_id)
        stage.do(
            "party.decide_change",
            f"{one} {other}",
            checker,
            lambda: parties.decide_change(
                change_id=proposed.id,
                actor=checker,
                payload_hash=payload,
                verdict=Verdict.APPROVE,
                effective_at=stage.now(),
            ),
            lambda c: c.id,
        )

    def _before_maturities(self) -> None:
        """Once, near the end: the bank rejects the programme's payments of one voucher, which so comes late."""
        if self._late is not None or self.stage.today < self._late_from:
            return
        due = voucher_queries.due(on=self.stage.today)
        if due:
            self._late = (due[0], self.stage.today)
            self.outcome.late_voucher = due[0]
            parts = voucher_queries.parts(actor=SYSTEM, voucher_id=due[0])
            self._fault(0, "pain.001", "reject", len([p for p in parts if p.state.is_live]))
            voucher_jobs.mature_one(due[0])
            self.stage.settle()

    def _after_maturities(self) -> None:
        """Two weeks later the money comes; two people lift the restriction."""
        if self._late is None or self.outcome.late_voucher is None:
            return
        voucher_id, since = self._late
        weeks = datetime.timedelta(weeks=self.stage.assumptions["scenes"]["late_payment"]["skip_weeks"])
        voucher = voucher_queries.get(actor=SYSTEM, voucher_id=voucher_id)
        if voucher.state is VoucherState.OVERDUE and self.stage.today >= since + weeks:
            releaser = self.stage.actor(self.company.core, "checker")
            self.stage.do(
                "voucher.release_payment",
                str(voucher_id),
                releaser,
                lambda: vouchers.release_payment(
                    voucher_id=voucher_id,
                    amount=None,
                    actor=releaser,
                    effective_at=self.stage.now(),
                    today=self.stage.today,
                ),
                lambda shares: voucher_id,
            )
            self.stage.settle()
            self._lift(voucher)

    def _lift(self, voucher: Voucher) -> None:
        stage = self.stage
        maker, checker = stage.actor(self.company.operator, "maker"), stage.actor(self.company.operator, "checker")
        barred = party_queries.restrictions(maker, party_id=self.company.core, in_force_on=stage.today)
        for restriction in barred:
            approval = stage.do(
                "restriction.request_lift",
                str(restriction.id),
                maker,
                partial(
                    parties.request_lift,
                    restriction_id=restriction.id,
                    reason=f"voucher {voucher.number} is paid",
                    actor=maker,
                    effective_at=stage.now(),
                ),
                lambda a: a.id,
            )
            stage.do(
                "restriction.decide_lift",
                str(restriction.id),
                checker,
                partial(
                    parties.decide_lift,
                    restriction_id=restriction.id,
                    approval_id=approval.id,
                    actor=checker,
                    payload_hash=approval.payload_hash,
                    verdict=Verdict.APPROVE,
                    effective_at=stage.now(),
                ),
                lambda r: r.id,
            )
