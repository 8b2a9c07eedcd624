"""The story's last page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from fourflow.capital.vouchers import queries as vouchers
from fourflow.config import wiring
from fourflow.foundation.evidence import queries as evidence
from fourflow.foundation.evidence.adapters.home import LocalKey, read_policy
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.cli.demo import company as companies
from fourflow.interfaces.cli.demo import report
from fourflow.interfaces.cli.demo.backstage import Backstage
from fourflow.interfaces.cli.demo.company import Company
from fourflow.interfaces.cli.demo.stage import Stage, email
from fourflow.interfaces.cli.demo.story import Outcome
from fourflow.platform import clock
from fourflow.platform.crypto.keys import home, secret
from fourflow.platform.events import queries as events


@dataclass(frozen=True)
class LastPage:
    """What is printed, and whether register, ledger, banks, rows and log agree as they must."""

    text: str
    agrees: bool


def tell(stage: Stage, company: Company, backstage: Backstage, outcome: Outcome, seconds: float) -> LastPage:
    """Everything that was read, done, and agrees."""
    writer = wiring.writer()
    for _ in range(200):
        if not writer.run_once(at_once=True).steps and events.unsequenced() == 0:
            break
    currency = stage.assumptions["currency"]
    paid = vouchers.punctuality(actor=SYSTEM, issuer_id=company.core, since=date.min, before=clock.today())
    cash = report.brought_forward(currency)
    agreed = report.agreement(stage, company)
    rows_audited = backstage.audit()
    checked = evidence.audit_log(policy=read_policy(home()), log_vkey=LocalKey(secret("log")).vkey)
    rows = rows_audited()
    backstage.end()
    head = evidence.best_head()
    counts = ", ".join(f"{name} {count}" for name, count in sorted(stage.counts.items()))
    read = outcome.imported
    lines = [
        "",
        f"Order lines read {read.counts.rows_read:,}, refused {read.counts.rows_refused:,}; "
        f"{read.counts.orders:,} orders, {read.counts.deliveries:,} deliveries; "
        f"{read.counts.warnings:,} doubtful values reported by row.",
        f"Deliveries of {stage.assumptions['year']} without the programme's own warehouse: "
        f"{outcome.lines:,} lines, {outcome.total}, {outcome.deliveries} payables.",
        f"Vouchers issued and accepted {outcome.done['vouchers']}, parts passed to tier 2 {outcome.done['transfers']}, "
        f"financings asked for {outcome.done['financed']}, paid out {cash.count}.",
        f"Of {paid.on_time + paid.late + paid.unpaid} vouchers that fell due {paid.on_time} paid by the due date, "
        f"{paid.late} late (by {paid.days_late} days), {paid.unpaid} unpaid.",
        f"Cash brought forward {cash.net}, that is {cash.money_days:,} {currency}-days, at a cost of {cash.cost}.",
        f"Register {agreed.register_total} = ledger {agreed.ledger_total} minor units over {agreed.parties} parties; "
        f"the banks' own books hold {agreed.bank_total}.",
        *(f"  DIFFERS: {difference}" for difference in agreed.differences[:10]),
        f"Evidence: {checked.leaves:,} leaves, {'sound' if checked.sound else 'NOT SOUND'}, "
        f"newest head cosigned by {len(head.witnesses) if head else 0} witnesses; "
        f"{rows.checked:,} rows agree with their events, {len(rows.findings)} do not.",
        *(f"  FINDING: {finding}" for finding in rows.findings[:10]),
        *(f"Refused as it must be: {what} ({code})." for what, code in stage.refusals),
        f"Operations: {counts}.",
        f"The story took {seconds:.1f} s ({', '.join(f'{k} {v:.1f} s' for k, v in outcome.seconds.items())}).",
    ]
    agrees = not agreed.differences and agreed.register_total == agreed.ledger_total
    witnessed = head is not None and len(head.witnesses) == len(company.funders)
    return LastPage("\n".join(lines), agrees and checked.sound and not rows.findings and witnessed)


def sign_ins(stage: Stage, company: Company, outcome: Outcome) -> list[dict[str, str]]:
    """Who can sign in, by role; the first vendor and one maker get passwords for it."""
    first = list(company.firms.items())[:3]
    for _, party in first:
        companies.passwords(stage, party)
    shown: list[tuple[str, Any]] = [
        ("operator", company.operator),
        ("core enterprise", company.core),
        *((f"bank {code}", party) for code, party in company.funders.items()),
        *(("supplier", party) for _, party in first),
    ]
    listed = [
        {"role": f"{role}, {who}", "email": email(stage.short[party], who), "password": stage.assumptions["password"]}
        for role, party in shown
        for who in ("maker", "checker")
    ]
    short = stage.assumptions["regulator"]["short"]
    return [
        *listed,
        {"role": "regulator, viewer", "email": email(short, "viewer"), "password": stage.assumptions["password"]},
    ]
