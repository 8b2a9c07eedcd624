"""The story from the first order line to the last reconciliation."""

from __future__ import annotations

import datetime
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import yaml

from fourflow.capital.settlement import operations as settlement
from fourflow.capital.vouchers import jobs as voucher_jobs
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as voucher_queries
from fourflow.capital.vouchers.types import Voucher, VoucherId, VoucherState
from fourflow.config import outside
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import SYSTEM, Barred
from fourflow.interfaces.cli.demo import company as companies
from fourflow.interfaces.cli.demo import scenes
from fourflow.interfaces.cli.demo.acts import Play
from fourflow.interfaces.cli.demo.backstage import Backstage
from fourflow.interfaces.cli.demo.colleagues import Colleagues
from fourflow.interfaces.cli.demo.company import Company
from fourflow.interfaces.cli.demo.stage import Stage
from fourflow.platform.money import Money
from fourflow.trade.documents import operations as documents
from fourflow.trade.documents import queries as document_queries
from fourflow.trade.documents.adapters.scms import ScmsSource
from fourflow.trade.documents.types import DeliveryPayable, ImportMode, ImportView, Relation

Item = TypeVar("Item", bound=tuple[Any, ...])
Progress = Callable[[str, int, int], None]


def assumptions(file: Path | None = None) -> dict[str, Any]:
    """What the order file does not say: as it ships with the story, or another file of the same fields."""
    text = (file or resources.files("fourflow.interfaces.cli.demo") / "assumptions.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def order_file(file: Path | None = None) -> bytes:
    """The order file that ships, with its provenance beside it, or another one of its layout."""
    return (file or resources.files("fourflow.interfaces.cli.demo_data") / "scms_delivery_history.csv").read_bytes()


@dataclass
class Outcome:
    """What the story can tell at its end."""

    imported: ImportView
    deliveries: int
    lines: int
    total: Money
    #: vouchers, transfers, financings
    done: Counter[str] = field(default_factory=Counter)
    late_voucher: VoucherId | None = None
    seconds: dict[str, float] = field(default_factory=dict)


class Story:
    """Plays a fortnight at a time on a moved clock; every act is an operation of the doors."""

    def __init__(self, stage: Stage, orders: bytes, progress: Progress) -> None:
        self.stage, self.orders, self.progress = stage, orders, progress
        self.company: Company
        self.desk: scenes.FirstDesk
        self.outcome: Outcome
        self.backstage = Backstage()
        self.colleagues = Colleagues(stage.assumptions)
        self._steps: Counter[str] = Counter()
        self._late: tuple[VoucherId, datetime.date] | None = None

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
        self.colleagues.end()
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
        self.desk = scenes.FirstDesk(Play(stage, self.company))

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
                content=self.orders,
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
        self._together("invite", "onboard", list(enumerate(names)), partial(companies.invite, self.stage, self.company))
        self.company.firms = {name: self.company.firms[name] for name in names}  # in the order of the file
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
        waiting = deque(enumerate(payables))
        step = datetime.timedelta(days=stage.assumptions["step_days"])
        self._late_from = until - datetime.timedelta(
            days=stage.assumptions["scenes"]["late_payment"]["days_before_end"]
        )
        while day < until:
            day = min(day + step, until)
            stage.move_to(day)
            self._before_maturities()
            self.backstage.begin()
            if waiting and waiting[0][1].delivered_on <= day and not self._barred(waiting[0][1]):
                due = []
                while waiting and waiting[0][1].delivered_on <= day:
                    due.append(waiting.popleft())
                self.desk.done += self._together("deliver", "year", due, self.desk.deliver, len(payables))
            self.backstage.settle()
            self._after_maturities()
        self.progress("year", len(payables), len(payables))
        self.outcome.done = self.desk.done

    def _together(
        self, what: str, stage: str, items: Sequence[Item], own: Callable[..., object], total: int = 0
    ) -> Counter[str]:
        """Share work with the colleagues, and tell how far it is."""

        def step() -> None:
            self._steps[stage] += 1
            self.progress(stage, self._steps[stage], total or len(items))

        return self.colleagues.together(
            what, items, lambda item: own(*item), stage=self.stage, company=self.company, step=step
        )

    def _barred(self, delivery: DeliveryPayable) -> bool:
        """While the programme is on the stop list its deliveries wait; on stage the house refuses once."""
        if party_queries.is_barred(self.company.core, Barred.ISSUE, self.stage.today) is None:
            return False
        if not any(what.startswith("a new voucher") for what, _ in self.stage.refusals):
            play = self.desk.play
            payable = play.confirm(delivery)
            funder = next(iter(self.company.funders.values()))
            self.stage.refused("a new voucher while one is overdue", lambda: play.issue(payable, delivery, funder))
        return True

    def _before_maturities(self) -> None:
        """Once, near the end: the bank rejects the programme's payments of one voucher, which so comes late.

        It is called late, and the programme barred, before anybody delivers on the next day.
        """
        if self._late is not None:
            voucher = voucher_queries.get(actor=SYSTEM, voucher_id=self._late[0])
            if voucher.state is VoucherState.MATURING:
                self.backstage.settle()
            return
        if self.stage.today < self._late_from:
            return
        due = next(voucher_queries.due(on=self.stage.today), None)
        if due is not None:
            self._late = (due, self.stage.today)
            self.outcome.late_voucher = due
            parts = voucher_queries.parts(actor=SYSTEM, voucher_id=due)
            scenes.fault(self.stage, 0, "pain.001", "reject", len([p for p in parts if p.state.is_live]))
            voucher_jobs.mature_one(due)
            self.backstage.settle()

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
            self.backstage.settle()
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
                    decide_by=parameters.decide_by(stage.now()),
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
