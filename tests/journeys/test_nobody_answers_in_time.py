"""What waits for a second person without a request for approval has a last day too, and ends by itself after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.builders import financing as cash
from tests.builders.financing import Desk
from tests.builders.parties import LAST, Firm
from tests.builders.settlement import arrives, booked
from tests.builders.vouchers import sign, usd

from fourflow.capital.claims import jobs as claim_jobs
from fourflow.capital.claims import operations as claims
from fourflow.capital.claims import queries as owed
from fourflow.capital.claims.types import ConfirmedPayable, PayableLate, PayableState, PayableStateWrong
from fourflow.capital.settlement import jobs as bank_jobs
from fourflow.capital.settlement import operations as banks
from fourflow.capital.settlement import queries as lying
from fourflow.capital.settlement.types import (
    AccountKind,
    ExpectationId,
    InstructionState,
    NothingProposed,
    PaymentInstruction,
    ProposalLate,
    Purpose,
    Share,
    StepNotAllowed,
    UnmatchedCash,
)
from fourflow.capital.vouchers import jobs as register_jobs
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as register
from fourflow.capital.vouchers.types import (
    CancelLate,
    CancelNotAsked,
    Holding,
    HoldingStateWrong,
    Voucher,
    VoucherState,
    VoucherStateWrong,
)
from fourflow.config import wiring
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web import addresses, menu, waiting
from fourflow.oversight.monitoring import queries as monitoring
from fourflow.oversight.notices import operations as notices
from fourflow.oversight.notices import queries as told
from fourflow.platform import clock
from fourflow.platform.db import ordering
from fourflow.platform.events import operations as stream
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db

AFTER = LAST + timedelta(1)


@pytest.fixture
def sweep(founded: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[date, Callable[[], int]], int]:
    """What a sweep of the worker ends on a day, a row a page."""
    monkeypatch.setattr(ordering, "AT_ONCE", 1)

    def run(on: date, job: Callable[[], int]) -> int:
        monkeypatch.setattr(clock, "now", lambda: founded.on(on).now)
        return job()

    return run


Sweep = Callable[[date, Callable[[], int]], int]


def told_of(here: Desk, kind: str, firm: Firm) -> dict[str, list[tuple[str, UUID] | None]]:
    """What a firm's people are told of a kind of event."""
    stream.sequence()
    checkers = {name: one.permissions for name, one in menu.APPROVALS.items()}
    while notices.tell(now=clock.machine(), today=here.day, checkers=checkers):
        pass
    return {
        who: [one.about for one in told.mine(actor=getattr(firm, who), limit=50) if one.event == kind]
        for who in ("maker", "checker", "viewer")
    }


def confirm(here: Desk, payable: ConfirmedPayable) -> ConfirmedPayable:
    actor = here.company.actor(here.company.core, "checker")
    signature = sign(actor, payable.content())
    return claims.confirm(payable_id=payable.id, actor=actor, signature=signature, effective_at=here.now)


def inbox(here: Desk) -> list[UUID]:
    """The payables that the core's second person can confirm."""
    return [one.id for one in waiting.unconfirmed(here.company.actor(here.company.core, "checker"))]


def test_a_payable_that_nobody_confirms_ends_and_its_claim_is_free_for_another(here: Desk, sweep: Sweep) -> None:
    asked, in_time = here.company.proposed(), here.company.proposed()
    assert (asked.decide_by, sweep(LAST, claim_jobs.lapse_payables)) == (LAST, 0)
    proposed = told_of(here, "payable.proposed", here.company.core)
    assert set(proposed["checker"]) == {("payable", asked.id), ("payable", in_time.id)}
    assert proposed["maker"] == proposed["viewer"] == [], "he proposed them himself"
    last, after = here.on(LAST), here.on(AFTER)
    assert set(inbox(last)) == {asked.id, in_time.id}
    assert confirm(last, in_time).state is PayableState.CONFIRMED

    assert inbox(after) == []
    with pytest.raises(PayableLate) as late:
        confirm(after, asked)
    assert late.value.code == "claim.payable_late"

    assert (sweep(AFTER, claim_jobs.lapse_payables), sweep(AFTER, claim_jobs.lapse_payables)) == (1, 0)
    ended = owed.payable(actor=SYSTEM, payable_id=asked.id)
    assert ended == replace(asked, state=PayableState.EXPIRED)
    assert [one.kind for one in events.of_subject(asked.id)] == ["payable.proposed", "payable.expired"]
    found = told_of(here, "payable.expired", here.company.core)
    assert found == {"maker": [("payable", asked.id)], "checker": [], "viewer": []}

    maker = here.company.actor(here.company.core)
    with pytest.raises(PayableStateWrong):
        claims.withdraw_payable(payable_id=asked.id, actor=maker, reason="x", effective_at=here.now)
    again = claims.propose_payable(
        claim_id=asked.claim_id,
        amount=asked.amount,
        due_date=asked.due_date,
        actor=after.company.actor(here.company.core),
        effective_at=after.now,
    )
    assert (again.state, again.decide_by) == (PayableState.PROPOSED, AFTER + timedelta(30))
    assert [str(f) for f in monitoring.audit_rows(wiring.EVIDENCED).findings] == []


@dataclass(frozen=True)
class Stray:
    """9.00 that no rule could place, on a supplier's account, and an expectation that it would fit."""

    entry_id: UUID
    share: Share


def stray(here: Desk, reference: str) -> Stray:
    payee, number = here.company.supplier(), f"X-{reference}"
    account = cash.account(payee, "BETA", AccountKind.COLLECTION)
    arrives("BETA", booked(account, 900, reference, payer="Stranger Ltd", payer_account=number), at=here.now)
    expected = banks.expect(
        actor=SYSTEM,
        reference=reference,
        payee_account_id=account.id,
        payer_id=here.company.core.id,
        payer_name="Core",
        payer_account_number="A-1",
        amount=usd("9.00"),
        purpose=Purpose.VOUCHER_REDEMPTION,
        subject_id=new_id(),
        due_on=here.day,
        effective_at=here.now,
    )
    return Stray(lies(reference).entry_id, Share(ExpectationId(expected.id), usd("9.00")))


def lies(reference: str) -> UnmatchedCash:
    return next(one for one in lying.unmatched(actor=SYSTEM) if one.entry.bank_reference == reference)


def propose(here: Desk, kind: str, stray: Stray) -> None:
    actor = here.company.actor(here.company.cast.operator)
    if kind == "place":
        shares = (stray.share,)
        banks.propose_assignment(actor=actor, entry_id=stray.entry_id, shares=shares, effective_at=here.now)
    else:
        banks.propose_return(
            actor=actor, entry_id=stray.entry_id, amount=usd("9.00"), reason="not ours", effective_at=here.now
        )


def decide(here: Desk, kind: str, stray: Stray) -> object:
    actor = here.company.actor(here.company.cast.operator, "checker")
    if kind == "place":
        return banks.assign_suspense(actor=actor, entry_id=stray.entry_id, effective_at=here.now)
    return banks.carry_out_return(actor=actor, entry_id=stray.entry_id, execution_date=here.day, effective_at=here.now)


@pytest.mark.parametrize("kind", ["place", "return"])
def test_what_is_proposed_for_unmatched_cash_ends_and_may_be_proposed_again(
    kind: str, here: Desk, sweep: Sweep
) -> None:
    found = stray(here, "back-1")
    propose(here, kind, found)
    assert (lies("back-1").decide_by, sweep(LAST, bank_jobs.lapse_proposals)) == (LAST, 0)

    after = here.on(AFTER)
    with pytest.raises(ProposalLate) as late:
        decide(after, kind, found)
    assert late.value.code == "settlement.proposal_late"
    assert (sweep(AFTER, bank_jobs.lapse_proposals), sweep(AFTER, bank_jobs.lapse_proposals)) == (1, 0)
    left = lies("back-1")
    assert (left.rest, left.proposal, left.return_reason) == (usd("9.00"), (), "")
    assert (left.proposed_by, left.decide_by) == (None, None)
    assert events.of_subject(found.entry_id)[-1].kind == "cash.proposal_expired"
    with pytest.raises(NothingProposed):
        decide(after, kind, found)
    about = ("entry", found.entry_id)
    assert told_of(here, "cash.proposal_expired", here.company.cast.operator) == {
        "maker": [about],
        "checker": [],
        "viewer": [],
    }
    assert addresses.to(*about) == f"/unmatched?id={addresses.text(*about)}"

    propose(after, kind, found)
    assert lies("back-1").decide_by == AFTER + timedelta(30)
    decide(here.on(AFTER + timedelta(30)), kind, found)
    assert lying.unmatched(actor=SYSTEM) == []
    assert [str(f) for f in monitoring.audit_rows(wiring.EVIDENCED).findings] == []


def test_a_prepared_payment_that_nobody_releases_ends_unpaid_and_its_maker_is_told(here: Desk, sweep: Sweep) -> None:
    core = here.company.core
    payer = cash.account(core, "ALFA")
    payee = cash.account(here.company.supplier(), "BETA", AccountKind.COLLECTION)

    def prepare(here: Desk, reference: str) -> PaymentInstruction:
        return banks.draft(
            actor=here.company.actor(core),
            reference=reference,
            payer_account_id=payer.id,
            payee_account_id=payee.id,
            amount=usd("9.00"),
            purpose=Purpose.TRADE_PAYMENT,
            subject_id=new_id(),
            mandate="own order",
            execution_date=here.day,
            effective_at=here.now,
        )

    def release(here: Desk, payment: PaymentInstruction) -> PaymentInstruction:
        checker = here.company.actor(core, "checker")
        return banks.release(actor=checker, instruction_id=payment.id, effective_at=here.now)

    late, in_time = prepare(here, "p1"), prepare(here, "p2")
    assert (late.decide_by, sweep(LAST, bank_jobs.lapse_proposals)) == (LAST, 0)
    assert release(here.on(LAST), in_time).state is InstructionState.INSTRUCTED
    with pytest.raises(ProposalLate):
        release(here.on(AFTER), late)
    assert (sweep(AFTER, bank_jobs.lapse_proposals), sweep(AFTER, bank_jobs.lapse_proposals)) == (1, 0)
    ended = lying.payment(actor=SYSTEM, instruction_id=late.id).payment
    assert (ended.state, ended.reason_code, ended.sent_at) == (InstructionState.REJECTED, "EXPIRED", None)
    with pytest.raises(StepNotAllowed):
        release(here.on(AFTER), late)
    found = told_of(here, "payment.rejected", core)
    assert found == {"maker": [("instruction", late.id)], "checker": [], "viewer": []}
    assert release(here.on(AFTER), prepare(here.on(AFTER), "p3")).state is InstructionState.INSTRUCTED
    assert [str(f) for f in monitoring.audit_rows(wiring.EVIDENCED).findings] == []


def test_an_offer_that_nobody_answered_before_the_due_date_is_told_to_both_sides(here: Desk) -> None:
    root, giver, receiver = here.company.held("6000.00"), here.company.supplier(), here.company.supplier(2)
    offered = here.company.offer(root, receiver, "2000.00")
    vouchers.begin_maturity(voucher_id=root.voucher_id, effective_at=here.now)
    told_all = {"maker": [("holding", offered.id)], "checker": [("holding", offered.id)], "viewer": []}
    assert told_of(here, "holding.transfer_ended", giver) == told_all
    assert told_of(here, "holding.transfer_ended", receiver) == told_all
    assert told_of(here, "holding.transfer_ended", here.company.core)["maker"] == []
    assert [str(f) for f in monitoring.audit_rows(wiring.EVIDENCED).findings] == []


def ask(here: Desk, voucher: Voucher) -> Voucher:
    actor = here.company.actor(here.company.core)
    signature = sign(actor, vouchers.cancel_content(voucher))
    return vouchers.ask_to_cancel(voucher_id=voucher.id, actor=actor, effective_at=here.now, signature=signature)


def agree(here: Desk, voucher: Voucher) -> Voucher:
    actor = here.company.actor(here.company.supplier())
    signature = sign(actor, vouchers.cancel_content(voucher))
    return vouchers.agree_to_cancel(voucher_id=voucher.id, actor=actor, effective_at=here.now, signature=signature)


def test_a_cancellation_to_which_the_holder_does_not_agree_ends_and_may_be_signed_again(
    here: Desk, sweep: Sweep
) -> None:
    late, in_time = (ask(here, here.company.accepted("5000.00")) for _ in range(2))
    assert (late.cancel_by, sweep(LAST, register_jobs.lapse_offers)) == (LAST, 0)
    holder, both = here.company.supplier(), [("voucher", late.id), ("voucher", in_time.id)]
    asked = told_of(here, "voucher.cancel_asked", holder)
    assert all(sorted(asked[who], key=str) == sorted(both, key=str) for who in ("maker", "checker")), asked
    assert asked["viewer"] == [] == told_of(here, "voucher.cancel_asked", here.company.core)["maker"]
    ended = agree(here.on(LAST), in_time)
    assert (ended.state, ended.cancel_by) == (VoucherState.CANCELLED, None)

    after = here.on(AFTER)
    with pytest.raises(CancelLate) as refused:
        agree(after, late)
    assert refused.value.code == "voucher.cancel_late"
    assert (sweep(AFTER, register_jobs.lapse_offers), sweep(AFTER, register_jobs.lapse_offers)) == (1, 0)
    stands = here.company.now_of(late)
    assert (stands.state, stands.cancel_by) == (VoucherState.ACTIVE, None)
    with pytest.raises(CancelNotAsked):
        agree(after, late)
    assert told_of(here, "voucher.cancel_ended", here.company.core) == {
        "maker": [("voucher", late.id)],
        "checker": [],
        "viewer": [],
    }
    assert ask(after, late).cancel_by == AFTER + timedelta(30)
    assert agree(after, late).state is VoucherState.CANCELLED
    assert [str(f) for f in monitoring.audit_rows(wiring.EVIDENCED).findings] == []


def credit(here: Desk, root: Holding, amount: str) -> None:
    vouchers.apply_credit_note(
        holding_id=root.id,
        amount=usd(amount),
        document="CN-1",
        actor=here.company.actor(here.company.supplier()),
        effective_at=here.now,
    )


OVERTAKEN: dict[str, Callable[[Desk, Holding], object]] = {
    "a part is offered": lambda here, root: here.company.offer(root, here.company.supplier(2), "2000.00"),
    "all of it is offered": lambda here, root: here.company.offer(root, here.company.supplier(2)),
    "cash is asked for": lambda here, root: here.requested(root),
    "a credit note takes a part": lambda here, root: credit(here, root, "2000.00"),
    "a credit note takes all": lambda here, root: credit(here, root, "6000.00"),
    "it falls due": lambda here, root: vouchers.begin_maturity(voucher_id=root.voucher_id, effective_at=here.now),
}


@pytest.mark.parametrize("how", OVERTAKEN)
def test_a_cancellation_that_something_else_overtakes_ends_with_it_and_whoever_signed_is_told(
    here: Desk, how: str
) -> None:
    root = here.company.held("6000.00")
    voucher = ask(here, register.get(actor=SYSTEM, voucher_id=root.voucher_id))
    OVERTAKEN[how](here, root)
    assert here.company.now_of(voucher).cancel_by is None
    (ended,) = [one for one in events.of_subject(voucher.id) if one.kind == "voucher.cancel_ended"]
    assert ended.body == {"outcome": "overtaken", "proposed_by": str(here.company.core.maker.person_id)}
    assert told_of(here, "voucher.cancel_ended", here.company.core)["maker"] == [("voucher", voucher.id)]
    with pytest.raises((HoldingStateWrong, VoucherStateWrong)):
        agree(here, voucher)
    assert [str(f) for f in monitoring.audit_rows(wiring.EVIDENCED).findings] == []


def test_an_overtaken_cancellation_does_not_come_back_with_the_part_but_may_be_signed_again(here: Desk) -> None:
    root = here.company.held("6000.00")
    voucher = ask(here, register.get(actor=SYSTEM, voucher_id=root.voucher_id))
    here.company.offer(root, here.company.supplier(2))
    holder = here.company.actor(here.company.supplier())
    vouchers.reject_transfer(holding_id=root.id, actor=holder, effective_at=here.now, reason="not after all")
    with pytest.raises(CancelNotAsked):
        agree(here, voucher)
    ask(here, voucher)
    assert agree(here, voucher).state is VoucherState.CANCELLED
