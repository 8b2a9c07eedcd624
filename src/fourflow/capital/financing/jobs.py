"""What follows by itself: the funder is asked, the gate opened, the payout instructed, the bank's word applied.

Every sweep takes its rows one by one; one that cannot be done is logged and holds up no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, takewhile
from uuid import UUID

from fourflow.capital.claims import operations as claims
from fourflow.capital.claims import queries as claim_queries
from fourflow.capital.claims.types import RegistrationId, RegistrationState
from fourflow.capital.financing import operations, queries
from fourflow.capital.financing.ports import Application, FunderPort, FunderSilent, FunderTimeout
from fourflow.capital.financing.types import Financing, FinancingId, FinancingState, RequeryTooOld
from fourflow.capital.settlement.types import NOT_RECEIVED, Purpose
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform import clock, jobs
from fourflow.platform.events.types import RecordedEvent
from fourflow.platform.money import Money

#: reference of a registration or payment → the financing
PREFIX = "financing:"
#: answers of the registry that move the gate; the others end what is over
GATE = ("query", "register", "requery")


def each(found: Iterable[Financing], step: Callable[[Financing], int]) -> int:
    """One step a financing; returns how many moved on: a step that only waited counts for nothing."""
    moved: list[int] = []
    jobs.each(found, lambda one: moved.append(step(one)))
    return sum(moved)


def ask_funders(ports: Callable[[], Mapping[UUID, FunderPort]]) -> int:
    """Put requests to the funders' own systems; a lost answer is asked for again under the same reference.

    Every funder has its turn: one that does not answer is asked nothing more in this sweep, for each try takes seconds.
    """
    known, silent = ports(), set[UUID]()

    def waiting(funder_id: UUID) -> Iterator[Financing]:
        return takewhile(lambda _: funder_id not in silent, queries.undecided(funder_ids=[funder_id]))

    def ask(financing: Financing) -> int:
        port = known[financing.quote.funder_id]
        operations.note_asked(financing_id=financing.id, effective_at=clock.now())
        try:
            decision = port.ask(_application(financing))
        except FunderSilent:
            silent.add(financing.quote.funder_id)
            return 0
        except FunderTimeout:
            return 0
        operations.record_decision(financing_id=financing.id, decision=decision, effective_at=clock.now())
        return 1

    return each(chain.from_iterable(map(waiting, known)), ask)


def _application(financing: Financing) -> Application:
    quote, today = financing.quote, clock.today()
    views = parties.views([quote.obligor_id, quote.applicant_id], today)
    identifier = {id_: (v.identifiers[0].value if v.identifiers else str(id_)) for id_, v in views.items()}
    return Application(
        reference=financing.id.hex,
        obligor_identifier=identifier[quote.obligor_id],
        applicant_identifier=identifier[quote.applicant_id],
        amount=quote.amount,
        tenor_days=quote.days,
        recourse=quote.recourse,
        evidence={"voucher_id": str(quote.voucher_id), "holding_id": str(financing.holding_id)},
    )


def open_gates() -> int:
    """Begin the registration of everything that funders have approved."""

    def begin(financing: Financing) -> int:
        operations.open_gate(financing_id=financing.id, effective_at=clock.now(), today=clock.today())
        return 1

    return each((f for f in queries.in_state(FinancingState.APPROVED) if f.registration_id is None), begin)


def disburse_due() -> int:
    """Instruct what the gate is open for; a search that has grown old is asked again first."""

    def pay(financing: Financing) -> int:
        try:
            operations.disburse(financing_id=financing.id, effective_at=clock.now(), today=clock.today())
        except RequeryTooOld:
            return _search_again(financing)
        return 1

    return each(queries.in_state(FinancingState.REGISTERED), pay)


def lapse_due() -> int:
    """Requests that came to no payout before their voucher fell due."""

    def end(financing: Financing) -> int:
        operations.lapse(financing_id=financing.id, effective_at=clock.now(), today=clock.today())
        return 1

    return each(queries.fallen_due(on=clock.today()), end)


def _search_again(financing: Financing) -> int:
    registration = claim_queries.registration(
        actor=SYSTEM, registration_id=RegistrationId(financing.registration_id or UUID(int=0))
    )
    if registration.state is not RegistrationState.CLEAR:
        return 0
    claims.query_again(registration_id=registration.id, effective_at=clock.now())
    return 1


def on_registration_moved(event: RecordedEvent) -> None:
    """The registry answered: next step of the gate."""
    reference = str(event.body["reference"])
    if reference.startswith(PREFIX) and event.body["exchange"] in GATE:
        operations.note_registration(
            financing_id=FinancingId(UUID(reference.removeprefix(PREFIX))),
            effective_at=event.effective_at,
            refusal=str(event.body["reason"]),
        )


def on_over(event: RecordedEvent) -> None:
    """A financing is over, with or without cash: its registration is cancelled, or given up before filing.

    While a request to the registry is under way this fails and is tried again after its answer.
    """
    financing = queries.get(actor=SYSTEM, financing_id=FinancingId(event.subject_id))
    if financing.state is FinancingState.REPAID or financing.state.ended_without_cash:
        operations.release_registration(financing_id=financing.id, effective_at=event.effective_at)


def on_payment_settled(event: RecordedEvent) -> None:
    """The bank paid the supplier, or the supplier's bank paid the funder back."""
    on = clock.business_date(event.effective_at)
    if event.body["purpose"] == Purpose.FINANCING_PROCEEDS.value:
        operations.confirm_disbursed(
            financing_id=FinancingId(UUID(event.body["about_id"])), effective_at=event.effective_at, on=on
        )
    elif event.body["purpose"] == Purpose.RECOURSE.value:
        amount = event.body["amount"]
        part_id = UUID(event.body["about_id"])
        operations.take_recourse(
            financing_id=queries.of_held(holding_ids=[part_id])[part_id].id,
            amount=Money.parse(amount["amount"], amount["currency"]),
            instruction_id=event.subject_id,
            effective_at=event.effective_at,
            on=on,
        )


def on_payment_rejected(event: RecordedEvent) -> None:
    """The bank could not pay the supplier: the part is free again. What it never got is instructed anew.

    A rejected recourse may be called again.
    """
    if event.body["purpose"] != Purpose.FINANCING_PROCEEDS.value:
        return
    financing_id, reason = FinancingId(UUID(event.body["about_id"])), str(event.body["reason_code"])
    if reason == NOT_RECEIVED:
        operations.reopen_payout(
            financing_id=financing_id, instruction_id=event.subject_id, effective_at=event.effective_at
        )
    else:
        operations.fail_disbursement(financing_id=financing_id, effective_at=event.effective_at, reason=reason)


def on_voucher_paid(event: RecordedEvent) -> None:
    """The core paid a part: if a funder holds it or has its pledge, the funder's asset is closed."""
    financing = queries.of_held(holding_ids=[UUID(event.body["holding_id"])]).get(UUID(event.body["holding_id"]))
    if financing is None or UUID(event.body["payee_id"]) != financing.quote.funder_id:
        return  # nobody financed it, or the pledge has ended by recourse and the holder was paid
    amount = event.body["amount"]
    operations.collect(
        financing_id=financing.id,
        amount=Money.parse(amount["amount"], amount["currency"]),
        instruction_id=UUID(event.body["instruction_id"]),
        effective_at=event.effective_at,
        on=clock.business_date(event.effective_at),
    )


def on_voucher_overdue(event: RecordedEvent) -> None:
    """The core did not pay: financings of the voucher's parts are overdue with it."""
    running = partial(queries.financings, actor=SYSTEM, states=[FinancingState.DISBURSED], voucher_id=event.subject_id)
    while found := running():  # page by page: who is marked is running no more
        for financing in found:
            operations.mark_overdue(financing_id=financing.id, effective_at=event.effective_at)


def accrue_day() -> int:
    """Earn interest up to yesterday's close, batch by batch."""
    return operations.accrue(on=clock.today(), effective_at=clock.now())
