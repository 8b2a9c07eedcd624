"""What the killed processes do: people's operations under idempotency keys, and the sweeps until nothing is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
from django.db import transaction
from tests.builders import parties
from tests.builders.parties import Firm

from fourflow.capital.claims import operations as claims
from fourflow.capital.claims import queries as claim_queries
from fourflow.capital.claims.types import (
    ClaimId,
    DocumentRef,
    PayableId,
    RegistrationId,
    RegistrationState,
    Scheme,
    Underlying,
)
from fourflow.capital.financing import operations as financing
from fourflow.capital.financing import queries as financing_queries
from fourflow.capital.financing.types import TERMS_VERSION as CASH_TERMS
from fourflow.capital.financing.types import FinancingId, FinancingState, QuoteId
from fourflow.capital.limits import operations as limits
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement.types import AccountKind
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as voucher_queries
from fourflow.capital.vouchers.types import TERMS_VERSION, HoldingId, IssueRequest, VoucherId, VoucherState
from fourflow.config import outside, wiring
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import SYSTEM, Actor
from fourflow.platform import calendar, clock
from fourflow.platform.crypto.signing import SandboxSigner
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id
from fourflow.platform.jobs import run_once
from fourflow.platform.money import Money
from fourflow.platform.perform import perform

BANK = "ALFA"
FACE, PASSED = Money(100_000, "USD"), Money(40_000, "USD")
#: enough for every death of a whole run in one world: each story pays its face once
OPENING = {"core": "10000000.00", "bank-one": "10000000.00", "supplier-one": "0.00", "supplier-two": "0.00"}
TERM = timedelta(days=45)
#: sweeps that have nothing to do in these stories
ELSEWHERE = ("settlement.reconcile", "vouchers.unpaid", "vouchers.lapse", "vouchers.default", "consume.retry")


def found() -> dict[str, Any]:
    """The cast, its accounts at the sandbox bank and a line; done once, before anybody is killed."""
    clock.found("sandbox", parties.NOON)
    calendar.fill(first=2014, last=2022)
    cast = parties.cast(suppliers=2)
    settlement.register_bank(code=BANK, name="Sandbox Bank Alfa", party_id=cast.funder.id)
    known = outside.read()
    outside.write(
        outside.Outside((outside.BankAddress(BANK, "Alfa", known.banks[0].url, cast.funder.id),), known.registry)
    )
    for firm in (cast.core, *cast.suppliers, cast.funder):
        _open_account(cast.operator, firm)
    proposed = limits.propose(
        actor=cast.funder.maker,
        core_id=cast.core.id,
        sanctioned=Money(100_000_000, "USD"),
        valid_from=parties.TODAY,
        valid_to=None,
        source="credit committee",
        effective_at=parties.NOON,
    )
    limits.decide(
        publication_id=proposed.id, actor=cast.funder.checker, verdict=Verdict.APPROVE, effective_at=parties.NOON
    )
    return {}


def _open_account(operator: Firm, firm: Firm) -> None:
    short = firm.view.short_name
    body = {
        "client_reference": f"open-{short}",
        "owner": {"identifier": short.upper(), "name": short},
        "currency": "USD",
        "kind": "current",
        "opening_balance": OPENING[short],
        "allowed_payees": None,
    }
    answer = httpx.post(f"{outside.read().banks[0].url}/accounts", json=body, timeout=60)
    answer.raise_for_status()
    with transaction.atomic():
        account = settlement.register_account(
            actor=operator.maker,
            party_id=firm.id,
            bank_code=BANK,
            number=answer.json()["account"],
            holder=short,
            currency="USD",
            kind=AccountKind.OPERATING,
            effective_at=parties.NOON,
            watched=True,
        )
        settlement.record_owner_check(
            actor=operator.maker, account_id=account.id, matches=True, effective_at=parties.NOON
        )


class Doors:
    """People as a sign-in would make them today, and their writes under keys that a repeat uses again."""

    def __init__(self, name: str) -> None:
        self.name, self.today = name, clock.today()
        self.signer = SandboxSigner()

    def actor(self, short: str, who: str) -> Actor:
        account = party_queries.account_by_email(f"{who}@{short}.example")
        (organisation,) = [o.id for o in party_queries.organisations_of(account.id, self.today)]
        return party_queries.actor_for(account.id, organisation, self.today, session_id="crash")

    def do(self, step: str, actor: Actor, run: Callable[[], Any]) -> UUID:
        """The id that the step made, now or before."""
        done = perform(
            scope=str(actor.account_id),
            key=f"{self.name} {step}",
            operation=step,
            input={"story": self.name, "step": step},
            run=lambda: {"id": str(run().id)},
        )
        return UUID(done.result["id"])


def story(name: str) -> dict[str, Any]:
    """One delivery from the claim to the request for cash."""
    doors = Doors(name)
    core, checker = doors.actor("core", "maker"), doors.actor("core", "checker")
    supplier, second = doors.actor("supplier-one", "maker"), doors.actor("supplier-two", "maker")
    funder = doors.actor("bank-one", "maker").organisation_id
    now, sign = clock.now(), doors.signer.sign
    claim = doors.do("claim.register", core, lambda: _register(doors, core, supplier.organisation_id))
    due = calendar.load("CN").next_business_day(doors.today + TERM)
    proposed = PayableId(
        doors.do(
            "payable.propose",
            core,
            lambda: claims.propose_payable(
                claim_id=ClaimId(claim),
                amount=FACE,
                due_date=due,
                actor=core,
                effective_at=now,
                delivered_on=doors.today,
                documents=[DocumentRef("delivery", name)],
            ),
        )
    )
    content = claim_queries.payable(actor=checker, payable_id=proposed).content()
    doors.do(
        "payable.confirm",
        checker,
        lambda: claims.confirm(
            payable_id=proposed,
            actor=checker,
            signature=sign(checker.person_id, content, terms_version=TERMS_VERSION),
            effective_at=now,
        ),
    )
    voucher_id = VoucherId(
        doors.do("voucher.draft", core, lambda: _draft(doors, core, IssueRequest(proposed, funder, FACE, due)))
    )
    words = voucher_queries.get(actor=core, voucher_id=voucher_id).content()
    doors.do(
        "voucher.check",
        checker,
        lambda: vouchers.check(
            voucher_id=voucher_id,
            actor=checker,
            verdict=Verdict.APPROVE,
            effective_at=now,
            today=doors.today,
            signature=sign(checker.person_id, words, terms_version=TERMS_VERSION),
        ),
    )
    doors.do(
        "voucher.accept",
        supplier,
        lambda: vouchers.accept(
            voucher_id=voucher_id,
            actor=supplier,
            effective_at=now,
            signature=sign(supplier.person_id, words, terms_version=TERMS_VERSION),
        ),
    )
    _pass_on(doors, voucher_id, supplier, second)
    financing_id = _ask_for_cash(doors, voucher_id, supplier, funder)
    return {"voucher": str(voucher_id), "financing": str(financing_id), "due": due.isoformat()}


def _register(doors: Doors, core: Actor, creditor: UUID) -> Any:
    parts = {"buyer": "CORE", "order": f"PO-{doors.name}", "delivery": f"ASN-{doors.name}"}
    return claims.register_claim(
        underlying=Underlying(Scheme.PO_ASN, parts),
        debtor_id=core.organisation_id,
        creditor_id=creditor,
        amount=FACE,
        actor=core,
        effective_at=clock.now(),
        documents=[DocumentRef("delivery", doors.name)],
    )


def _draft(doors: Doors, core: Actor, request: IssueRequest) -> Any:
    voucher_id = VoucherId(new_id())
    planned = vouchers.plan(voucher_id=voucher_id, request=request, actor=core, today=doors.today)
    return vouchers.draft(
        voucher_id=voucher_id,
        request=request,
        actor=core,
        effective_at=clock.now(),
        today=doors.today,
        signature=doors.signer.sign(core.person_id, planned.content(), terms_version=TERMS_VERSION),
    )


def _pass_on(doors: Doors, voucher_id: VoucherId, giver: Actor, taker: Actor) -> None:
    receiver, basis, sign = taker.organisation_id, f"order of {doors.name}", doors.signer.sign

    def offer() -> Any:
        root = voucher_queries.parts(actor=giver, voucher_id=voucher_id)[0]
        content = vouchers.transfer_content(root.id, receiver, PASSED, basis)
        return vouchers.offer_transfer(
            holding_id=root.id,
            receiver_id=receiver,
            amount=PASSED,
            trade_basis=basis,
            actor=giver,
            effective_at=clock.now(),
            today=doors.today,
            signature=sign(giver.person_id, content, terms_version=TERMS_VERSION),
        )

    part = HoldingId(doors.do("transfer.offer", giver, offer))
    content = vouchers.transfer_content(part, receiver, PASSED, basis)
    doors.do(
        "transfer.accept",
        taker,
        lambda: vouchers.accept_transfer(
            holding_id=part,
            actor=taker,
            effective_at=clock.now(),
            today=doors.today,
            signature=sign(taker.person_id, content, terms_version=TERMS_VERSION),
        ),
    )


def _ask_for_cash(doors: Doors, voucher_id: VoucherId, holder: Actor, funder: UUID) -> UUID:
    def price() -> Any:
        parts = voucher_queries.parts(actor=holder, voucher_id=voucher_id)
        (mine,) = [p for p in parts if p.holder_id == holder.organisation_id and p.state.value == "active"]
        return financing.quote(
            holding_id=mine.id,
            funder_id=funder,
            amount=mine.amount,
            recourse=False,
            actor=holder,
            effective_at=clock.now(),
            today=doors.today,
        )

    quote = QuoteId(doors.do("financing.quote", holder, price))
    content = financing_queries.quote(actor=holder, quote_id=quote).content()
    return doors.do(
        "financing.request",
        holder,
        lambda: financing.request(
            quote_id=quote,
            actor=holder,
            signature=doors.signer.sign(holder.person_id, content, terms_version=CASH_TERMS),
            effective_at=clock.now(),
            today=doors.today,
        ),
    )


def cash(stories: list[dict[str, str]]) -> dict[str, Any]:
    """Worker and sequencer, until the bank has paid the supplier of every story."""
    wanted = {UUID(one["financing"]) for one in stories}

    def paid() -> bool:
        return wanted <= _in(FinancingState.DISBURSED, FinancingState.REPAID)

    return sweep_until(paid)


def _in(*states: FinancingState) -> set[UUID]:
    return {UUID(str(f.id)) for f in financing_queries.financings(actor=SYSTEM, states=list(states), limit=1000)}


def mature(stories: list[dict[str, str]]) -> dict[str, Any]:
    """The due day comes; worker and sequencer, until every voucher of the stories is redeemed."""
    due = max(date.fromisoformat(one["due"]) for one in stories)
    if clock.today() < due:
        clock.move_to(clock.instant_of(due))
    known = outside.read()
    for url in (known.banks[0].url, known.registry):
        if date.fromisoformat(httpx.get(f"{url}/clock", timeout=60).json()["date"]) < due:
            httpx.post(f"{url}/clock", json={"date": due.isoformat()}, timeout=60).raise_for_status()
    ids = [VoucherId(UUID(one["voucher"])) for one in stories]

    def over() -> bool:
        states = {voucher_queries.get(actor=SYSTEM, voucher_id=one).state for one in ids}
        return states == {VoucherState.REDEEMED} and all(_is_closed(UUID(one["financing"])) for one in stories)

    return sweep_until(over)


def _is_closed(financing_id: UUID) -> bool:
    """Repaid, and the registry has taken the registration back."""
    financing = financing_queries.get(actor=SYSTEM, financing_id=FinancingId(financing_id))
    registration = claim_queries.registration(
        actor=SYSTEM, registration_id=RegistrationId(financing.registration_id or UUID(int=0))
    )
    return financing.state is FinancingState.REPAID and registration.state is RegistrationState.CANCELLED


def number() -> dict[str, Any]:
    """The sequencer alone."""
    return {"steps": wiring.writer().sequence_once(at_once=True).steps}


def sweep_until(finished: Callable[[], bool], rounds: int = 80) -> dict[str, Any]:
    """Every sweep in turn until nothing is due. Where something waits for its time, the sandbox clock goes on minutes."""
    sweepers = [s for s in wiring.sweepers() if not s.name.startswith(ELSEWHERE)]
    consumers = [s for s in wiring.consumer_sweepers() if not s.name.startswith(ELSEWHERE)]
    writer = wiring.writer()
    for round_ in range(rounds):
        done = sum(run_once(sweeper) for sweeper in sweepers)
        done += writer.sequence_once(at_once=True).steps
        done += sum(run_once(sweeper) for sweeper in consumers)
        if not done and events.unsequenced() == 0:
            if finished():
                return {"rounds": round_}
            clock.move_to(clock.now() + timedelta(minutes=4))
    return {"unfinished": True}
