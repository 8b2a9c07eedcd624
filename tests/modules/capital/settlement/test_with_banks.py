"""Settlement against two real sandbox banks that misbehave when told, and against kill -9 of our own sender."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from tests.builders import settlement as build
from tests.builders.settlement import NOON, usd
from tests.interfaces.sandbox.party import START, Party, eventually, order, two_banks

from fourflow.capital.settlement import jobs, operations, queries
from fourflow.capital.settlement.adapters.http_bank import HttpBank
from fourflow.capital.settlement.ports import RawMessage, Reply
from fourflow.capital.settlement.types import (
    AccountKind,
    BankAccount,
    ExceptionKind,
    InstructionState,
    PaymentInstruction,
    Purpose,
)
from fourflow.foundation.parties.types import SYSTEM, Permission, RoleKind
from fourflow.platform import clock
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db(transaction=True)

S = InstructionState
DAY = date.fromisoformat(START)


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Party, Party]]:
    with two_banks(tmp_path_factory.mktemp("banks")) as pair:
        yield pair


@dataclass
class World:
    """A funder at ALFA pays a supplier at ALFA or at BETA."""

    alfa: Party
    beta: Party
    bank: HttpBank
    other: HttpBank
    funder: BankAccount
    supplier: BankAccount
    far: BankAccount

    def order(self, amount: int = 5_000, *, far: bool = False) -> PaymentInstruction:
        with transaction.atomic():
            return operations.instruct(
                actor=SYSTEM,
                reference=new_id().hex,
                payer_account_id=self.funder.id,
                payee_account_id=(self.far if far else self.supplier).id,
                amount=usd(amount),
                purpose=Purpose.FINANCING_PROCEEDS,
                subject_id=new_id(),
                mandate="m",
                execution_date=DAY,
                effective_at=NOON,
            )

    def send(self) -> int:
        return jobs.send_due("ALFA", self.bank)

    def ask(self, patience: timedelta = operations.PATIENCE) -> int:
        return jobs.ask_open("ALFA", self.bank, patience)

    def fetch(self) -> None:
        for code, bank in (("ALFA", self.bank), ("BETA", self.other)):
            while jobs.fetch_notifications(code, bank):
                pass

    def paid(self, payment: PaymentInstruction) -> list[str]:
        return self.alfa.references(payment.end_to_end_id)


@pytest.fixture
def world(transactional_db: None, banks: tuple[Party, Party]) -> Iterator[World]:
    alfa, beta = banks
    with transaction.atomic():
        for party, name in ((alfa, "ALFA"), (beta, "BETA")):
            operations.register_bank(code=name, name=name)
            last = party.get("/camt.054?limit=5000").json["last"]
            build.notified_until(name, str(last))

    def opened(party: Party, code: str, kind: AccountKind, opening: str = "0") -> BankAccount:
        holder = f"Holder {new_id().hex}"
        number = party.open(new_id().hex, holder, opening)
        with transaction.atomic():
            return build.account(new_id(), code, number, kind, holder)

    yield World(
        alfa=alfa,
        beta=beta,
        bank=HttpBank("ALFA", alfa.url, seconds=30),
        other=HttpBank("BETA", beta.url, seconds=30),
        funder=opened(alfa, "ALFA", AccountKind.OPERATING, "1000000.00"),
        supplier=opened(alfa, "ALFA", AccountKind.COLLECTION),
        far=opened(beta, "BETA", AccountKind.COLLECTION),
    )
    for party in banks:
        party.call("DELETE", "/faults")


def state(payment: PaymentInstruction) -> S:
    return queries.payment(actor=SYSTEM, instruction_id=payment.id).payment.state


def later(minutes: float) -> None:
    """The sandbox clock moves on."""
    with transaction.atomic():
        clock.move_to(clock.now() + timedelta(minutes=minutes))


def problems() -> list[ExceptionKind]:
    return [item.kind for item in queries.exceptions(actor=SYSTEM)]


def test_a_payment_reaches_its_payee_and_every_party_sees_the_same(world: World) -> None:
    payment = world.order(29_550_000 // 1000)
    assert world.send() == 1 and state(payment) is S.IN_TRANSIT
    world.fetch()
    shown = queries.payment(actor=SYSTEM, instruction_id=payment.id).payment
    assert shown.state is S.SETTLED and [shown.bank_reference] == world.paid(payment)[:1]
    assert world.alfa.balance(world.supplier.number) == payment.amount.minor
    assert queries.unmatched(actor=SYSTEM) == [] and problems() == []
    assert world.send() == 0


def test_a_payment_to_another_bank_is_in_transit_until_it_has_arrived(world: World) -> None:
    payment = world.order(far=True)
    world.send()
    eventually(lambda: world.beta.balance(world.far.number) == payment.amount.minor)

    def settled() -> bool:
        # the payer's bank tells of it a moment after the payee's has booked it
        world.fetch()
        return state(payment) is S.SETTLED

    eventually(settled)
    assert queries.unmatched(actor=SYSTEM) == []


def test_many_payments_travel_in_one_message(world: World) -> None:
    payments = [world.order(100 + n) for n in range(20)]
    assert world.send() == 20
    world.fetch()
    assert {state(payment) for payment in payments} == {S.SETTLED}
    assert len({queries.payment(actor=SYSTEM, instruction_id=p.id).trail[1].message_id for p in payments}) == 1


def test_a_bank_that_took_the_payment_but_did_not_answer_is_asked_and_pays_once(world: World) -> None:
    world.alfa.fault("pain.001", "timeout")
    payment = world.order()
    world.send()
    assert state(payment) is S.UNKNOWN
    world.send()
    assert world.ask() == 1 and state(payment) is S.SETTLED
    world.fetch()
    assert len(world.paid(payment)) == 2  # one debit, one credit
    assert problems() == []


@pytest.mark.parametrize("mode", ["lost", "down"])
def test_a_payment_that_never_arrived_ends_only_after_patient_asking(world: World, mode: str) -> None:
    world.alfa.fault("pain.001", mode)
    payment = world.order()
    world.send()
    for minutes in (0, 1, 1):
        later(minutes)
        world.ask()
        assert state(payment) is S.UNKNOWN
    later(15)
    world.ask()
    assert queries.payment(actor=SYSTEM, instruction_id=payment.id).payment.reason_code == "NOT_RECEIVED"
    assert state(payment) is S.REJECTED and world.paid(payment) == []


def test_a_refusal_of_the_bank_ends_the_payment_with_its_reason(world: World) -> None:
    world.alfa.fault("pain.001", "reject", reason="AC04")
    payment = world.order()
    world.send()
    shown = queries.payment(actor=SYSTEM, instruction_id=payment.id).payment
    assert (shown.state, shown.reason_code) == (S.REJECTED, "AC04")


def test_too_little_money_is_a_refusal_too(world: World) -> None:
    payment = world.order(100_000_001)
    world.send()
    assert queries.payment(actor=SYSTEM, instruction_id=payment.id).payment.reason_code == "AM04"


def test_notifications_that_come_twice_count_once(world: World) -> None:
    world.alfa.fault("camt.054", "twice")
    payment = world.order()
    world.send()
    world.fetch()
    assert state(payment) is S.SETTLED and problems() == []
    assert len(world.paid(payment)) == 4


def test_a_late_notification_is_overtaken_by_the_question_and_then_changes_nothing(world: World) -> None:
    world.alfa.fault("camt.054", "late", polls=3)
    payment = world.order()
    world.send()
    world.fetch()
    assert state(payment) is S.IN_TRANSIT
    later(1)
    world.ask()
    assert state(payment) is S.SETTLED
    for _ in range(4):
        world.fetch()
    assert state(payment) is S.SETTLED and problems() == [] and queries.unmatched(actor=SYSTEM) == []


def test_a_bank_that_contradicts_itself_moves_nothing_twice(world: World) -> None:
    payment = world.order()
    world.send()
    world.fetch()
    world.alfa.fault("status", "contradict")
    answer = world.bank.ask(payment.end_to_end_id)
    assert isinstance(answer, Reply)
    with transaction.atomic():
        operations.apply_reply(actor=SYSTEM, bank_code="ALFA", reply=answer, effective_at=clock.now())
    assert state(payment) is S.SETTLED and problems() == [ExceptionKind.CONTRADICTORY_ANSWER]


def test_an_unreachable_bank_leaves_the_instruction_waiting(world: World) -> None:
    payment = world.order()
    gone = HttpBank("ALFA", "http://127.0.0.1:9", seconds=1)
    assert jobs.send_due("ALFA", gone) == 0 and state(payment) is S.INSTRUCTED
    assert world.send() == 1 and state(payment) is S.IN_TRANSIT


@pytest.mark.parametrize("known", [True, False], ids=["from a customer of the other bank", "from outside"])
def test_money_that_belongs_to_nobody_is_paid_back_by_the_bank(world: World, known: bool) -> None:
    """Nothing in our tables knows the payer; the bank named its account, and takes the order to pay there."""
    came_from, payer = f"OUT{new_id().hex[-9:]}", "Payer"
    if known:
        came_from = world.beta.open(new_id().hex, payer, "80.00")
        world.beta.pay(order(new_id().hex, came_from, world.supplier.number, "70.00"))
        eventually(lambda: world.alfa.balance(world.supplier.number) == 7_000)
    else:
        body = {"account": world.supplier.number, "amount": "70.00", "currency": "USD", "payer_name": payer}
        world.alfa.post("/incoming", {**body, "reference": new_id().hex, "payer_account": came_from})
    world.fetch()
    (item,) = queries.unmatched(actor=SYSTEM)
    assert (item.entry.counterparty_account, item.entry.counterparty_bank) == (came_from, "BETA" if known else "")
    allowed = (Permission.PAYMENT_MATCH, Permission.PAYMENT_MATCH_CHECK)
    maker, checker = (build.person(item.party_id, *allowed, role=RoleKind.SUPPLIER) for _ in range(2))
    with transaction.atomic():
        operations.propose_return(
            actor=maker, entry_id=item.entry_id, amount=usd(7_000), reason="stray", effective_at=NOON
        )
        payment = operations.carry_out_return(
            actor=checker, entry_id=item.entry_id, execution_date=DAY, effective_at=NOON
        )
    assert world.send() == 1

    def settled() -> bool:
        world.fetch()
        return state(payment) is S.SETTLED

    eventually(settled)
    assert world.alfa.balance(world.supplier.number) == 0
    assert not known or world.beta.balance(came_from) == 8_000
    assert queries.unmatched(actor=SYSTEM) == [] and problems() == []


def test_the_owner_of_an_account_is_confirmed_by_its_bank(world: World) -> None:
    holder, number = world.supplier.holder, world.supplier.number
    assert not world.bank.owner_check(number, holder, "somebody").matches
    identifier = str(world.alfa.get(f"/accounts/{number}/balance").json["owner"]["identifier"])
    assert world.bank.owner_check(number, holder, identifier).matches
    assert not world.bank.owner_check("ALFA9999999999", holder, identifier).matches


class Dying:
    """The bank's port, whose user is killed just before or just after the message crosses the wire."""

    def __init__(self, bank: HttpBank, before: bool) -> None:
        self._bank, self._before = bank, before

    def __getattr__(self, name: str) -> object:
        return getattr(self._bank, name)

    def submit(self, message: RawMessage) -> Reply:
        if self._before:
            os.kill(os.getpid(), signal.SIGKILL)
        self._bank.submit(message)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")


def in_child(work: Callable[[], object]) -> int:
    """Run in a forked process; returns the signal that ended it."""
    connection.close()
    child = os.fork()
    if child == 0:
        try:
            # where a browser's event loop runs in the parent, the child would find an older connection of the same name
            connections[DEFAULT_DB_ALIAS] = connections.create_connection(DEFAULT_DB_ALIAS)
            work()
        finally:
            os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


@pytest.mark.parametrize(("before", "outcome", "bookings"), [(True, S.REJECTED, 0), (False, S.SETTLED, 2)])
def test_a_sender_killed_around_the_wire_neither_loses_nor_doubles_a_payment(
    world: World, before: bool, outcome: S, bookings: int
) -> None:
    payment = world.order()
    dying = Dying(HttpBank("ALFA", world.alfa.url, seconds=30), before)
    assert in_child(lambda: jobs.send_due("ALFA", dying)) == signal.SIGKILL  # type: ignore[arg-type]
    assert state(payment) is S.SENT
    assert world.send() == 0
    for minutes in (1, 1, 1, 15):
        later(minutes)
        world.ask()
        world.fetch()
    assert state(payment) is outcome and len(world.paid(payment)) == bookings and problems() == []


class Together:
    """The bank's port for two senders that have both planned before either marks anything as sent."""

    def __init__(self, bank: HttpBank, barrier: threading.Barrier) -> None:
        self._bank, self._barrier = bank, barrier

    def __getattr__(self, name: str) -> object:
        return getattr(self._bank, name)

    def reachable(self) -> bool:
        self._barrier.wait(timeout=60)
        return True


def test_of_two_senders_at_once_one_sends(world: World) -> None:
    payments = [world.order(100 + n) for n in range(5)]
    barrier, sent = threading.Barrier(2), []

    def work() -> None:
        try:
            port = Together(HttpBank("ALFA", world.alfa.url, seconds=30), barrier)
            sent.append(jobs.send_due("ALFA", port))  # type: ignore[arg-type]
        finally:
            connection.close()

    senders = [threading.Thread(target=work) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join(timeout=30)
    assert sorted(sent) == [0, 5]
    world.fetch()
    assert {state(payment) for payment in payments} == {S.SETTLED}
    assert {len(world.paid(payment)) for payment in payments} == {2}


def test_the_day_reconciles_with_both_banks(world: World) -> None:
    near, far = world.order(), world.order(far=True)
    world.send()
    eventually(lambda: world.beta.balance(world.far.number) == far.amount.minor)
    world.fetch()
    assert {state(near), state(far)} == {S.SETTLED}
    day = date.fromisoformat(str(world.alfa.get("/clock").json["date"]))
    for party in (world.alfa, world.beta):
        party.move_to((day + timedelta(days=1)).isoformat())
    assert jobs.reconcile_day("ALFA", world.bank, day) and jobs.reconcile_day("BETA", world.other, day)
    assert [r.differences for r in queries.reconciliations(actor=SYSTEM)] == [(), ()]
