"""A small company for the page tests: every state that a page draws, made through the operations."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.builders import documents, parties
from tests.builders.financing import Desk
from tests.builders.vouchers import Company, company, usd

from fourflow.capital.financing import operations as financing
from fourflow.capital.financing.types import TERMS_VERSION as FINANCING_TERMS
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement.types import AccountKind
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers.types import Holding
from fourflow.foundation.evidence import operations as evidence
from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties.types import RoleKind
from fourflow.interfaces.web import menu
from fourflow.oversight.notices import operations as notices
from fourflow.platform import clock
from fourflow.platform.crypto.keys import home
from fourflow.platform.crypto.signing import SandboxSigner
from fourflow.platform.events import operations as events
from fourflow.trade.documents import operations as document_operations

PASSWORD = "sandbox-2026"
PEOPLE = ("maker", "checker", "viewer")


def email(firm: parties.Firm, person: str = "maker") -> str:
    return f"{person}@{firm.view.short_name.lower()}.example"


def passwords(firms: list[parties.Firm]) -> None:
    for firm in firms:
        for person in PEOPLE[:2] if RoleKind.REGULATOR not in firm.viewer.roles else PEOPLE[2:]:
            account_id = getattr(firm, person).account_id
            party_operations.set_password(account_id=account_id, password=PASSWORD)


def accounts(here: Company) -> None:
    """A bank account for everybody who pays or is paid."""
    for code in ("ALFA", "BETA"):
        settlement.register_bank(code=code, name=f"Sandbox Bank {code.title()}")
    everyone = [here.core, *here.cast.suppliers, *here.cast.funders]
    for number, firm in enumerate(everyone):
        settlement.register_account(
            actor=here.cast.operator.maker,
            party_id=firm.id,
            bank_code="ALFA",
            number=f"6217000012340{number:03d}",
            holder=firm.name,
            currency="USD",
            kind=AccountKind.OPERATING,
            effective_at=here.now,
        )


def delivered(here: Company, count: int = 4) -> list[Any]:
    """Deliveries of one order of the core's to its first supplier, of which nobody has made anything yet."""
    lines = tuple(str(number) for number in range(1, count + 1))
    order = documents.purchase_order("PO-2014-7", *lines, seller=here.supplier().name)
    document_operations.register_order(order=order, actor=here.core.maker, effective_at=here.now)
    found = []
    for line in lines:
        brought = documents.delivery(
            f"DN-{line}",
            order.number,
            line,
            seller=here.supplier().name,
            delivered_on=here.day - timedelta(days=int(line)),
        )
        found.append(
            document_operations.register_delivery(delivery=brought, actor=here.core.maker, effective_at=here.now)
        )
    return found


def requested(here: Company, holding: Holding, amount: str) -> Any:
    """A financing that the first bank has to decide."""
    actor = here.actor(here.firm_of(holding.holder_id))
    quote = financing.quote(
        holding_id=holding.id,
        funder_id=here.funder.id,
        amount=usd(amount),
        recourse=False,
        actor=actor,
        effective_at=here.now,
        today=here.day,
    )
    signature = SandboxSigner().sign(actor.person_id, quote.content(), terms_version=FINANCING_TERMS)
    return financing.request(quote_id=quote.id, actor=actor, signature=signature, effective_at=here.now, today=here.day)


def fall_due(here: Company, days: int = 45) -> Company:
    """Vouchers fall due: one is paid on time, one in part and late, one not at all, with a complaint, and a financed one.

    The clock is moved to ``days`` after their due date; returns the company as it stands on that day.
    """
    desk = Desk(here)
    lent = desk.requested(here.held("200000.00"), recourse=True)
    lent = desk.paid_out_after(desk.says(lent, rate=str(lent.quote.annual_rate)))
    punctual, partly, unpaid = (here.accepted(face) for face in ("50000.00", "90000.00", "35000.00"))
    here.matured(punctual)
    here.due_day(punctual).redeem(here.parts(punctual)[0])
    for late in (partly, unpaid):
        here.overdue(late)
    desk.overdue(lent)
    here.due_day(partly).later(20).redeem(here.parts(partly)[0], "40000.00")
    today = here.due_day(unpaid).later(days)
    financing.accrue(on=today.day, effective_at=today.now)
    clock.move_to(today.now)
    vouchers.note_restricted(voucher_id=unpaid.id, effective_at=today.now, today=today.day)
    here.due_day(unpaid).later(10).promised(unpaid, 21)
    today.promised(unpaid, 59, "the sale of a plant was put off; the buyer's bank has confirmed its day")
    vouchers.complain(
        voucher_id=unpaid.id,
        text="nothing has arrived",
        actor=today.actor(here.supplier()),
        effective_at=today.now,
        today=today.day,
    )
    return today


def founded(called: Mapping[str, str] | None = None) -> Company:
    """One core, four suppliers, two banks with a line each, and their bank accounts."""
    clock.found("sandbox", parties.NOON)
    here = company(suppliers=4, line="90000000.00", called=called)
    here.line("20000000.00", here.other_funder)
    accounts(here)
    return here


def seed(rows: int = 21) -> Company:
    """A small company, and vouchers in every state."""
    return filled(founded(), rows)


def lately(rows: int = 21) -> Company:
    """The small company two days on: two vouchers that fell due at once are late; the facts have their places in the log."""
    here = seed(rows)
    hasty = replace(here, due=here.day + timedelta(1))
    for late in [hasty.accepted(face) for face in ("90000.00", "35000.00")]:
        hasty.overdue(late)
    today = hasty.due_day(late).later(1)
    clock.move_to(today.now)
    evidence.advance()
    return today


def filled(here: Company, rows: int) -> Company:
    """Vouchers in every state, passwords for everybody."""
    first = here.held("1250000.00")
    second = here.passed(first, here.supplier(2), "300000.00")
    here.passed(second, here.supplier(3), "120000.00")
    here.offer(here.rest(first), here.supplier(4), "80000.00", "order SO-41")
    requested(here, here.rest(first), "400000.00")
    here.held("48250.75")
    disputed = here.accepted("77000.00")
    vouchers.dispute(
        voucher_id=disputed.id,
        source="case 2014-17, short delivery",
        actor=here.core.maker,
        effective_at=here.now,
        today=here.day,
    )
    offered = here.offered("640000.00")
    here.drafted()
    for number in range(3):
        here.payable(f"{(number + 1) * 1000}.00")
    for number in range(rows):
        here.offered(f"{(number + 3) * 12345}.67") if number % 5 == 0 else here.accepted(f"{(number + 3) * 9876}.54")
    assert offered
    delivered(here)
    here.proposed("2500.00")
    passwords([here.cast.operator, here.core, *here.cast.suppliers, *here.cast.funders, here.cast.regulator])
    return here


def write_doors(here: Company) -> None:
    """The sandbox door of the sign-in page."""
    cast = here.cast
    shown = [("operator", cast.operator), ("core enterprise", cast.core), ("bank", cast.funder)]
    shown += [("supplier", supplier) for supplier in cast.suppliers[:2]]
    rows = [
        {"role": f"{role}, {person}", "email": email(firm, person), "password": PASSWORD}
        for role, firm in shown
        for person in ("maker", "checker")
    ]
    rows.append({"role": "regulator, viewer", "email": email(cast.regulator, "viewer"), "password": PASSWORD})
    (home() / "story.json").write_text(json.dumps({"sign_ins": rows}))


def tell(here: Company) -> None:
    """What happened is told to whom it concerns, as the worker does it."""
    events.sequence()
    checkers = {kind: one.permissions for kind, one in menu.APPROVALS.items()}
    while notices.tell(now=clock.machine(), today=here.day, checkers=checkers):
        pass
