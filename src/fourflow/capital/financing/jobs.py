"""What follows by itself: the funder is asked, the gate opened, the payout instructed, the bank's word applied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from fourflow.capital.claims import operations as claims
from fourflow.capital.claims import queries as claim_queries
from fourflow.capital.claims.types import RegistrationId, RegistrationState
from fourflow.capital.financing import operations, queries
from fourflow.capital.financing.ports import Application, FunderPort, FunderTimeout
from fourflow.capital.financing.types import AccountMissing, Financing, FinancingId, FinancingState, RequeryTooOld
from fourflow.capital.settlement.types import Purpose
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform import clock
from fourflow.platform.events.types import RecordedEvent
from fourflow.platform.money import Money

#: reference of a registration or payment → the financing
PREFIX = "financing:"


def ask_funders(ports: Callable[[], Mapping[UUID, FunderPort]]) -> int:
    """Put requests to the funders' own systems; a lost answer is asked for again under the same reference."""
    known, done = ports(), 0
    for financing in queries.undecided():
        port = known.get(financing.quote.funder_id)
        if port is None:
            continue
        now = clock.now()
        operations.note_asked(financing_id=financing.id, effective_at=now)
        try:
            decision = port.ask(_application(financing))
        except FunderTimeout:
            continue
        operations.record_decision(financing_id=financing.id, decision=decision, effective_at=now)
        done += 1
    return done


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
    waiting = [f for f in queries.in_state(FinancingState.APPROVED) if f.registration_id is None]
    for financing in waiting:
        operations.open_gate(financing_id=financing.id, effective_at=clock.now(), today=clock.today())
    return len(waiting)


def disburse_due() -> int:
    """Instruct what the gate is open for; a search that has grown old is asked again first."""
    done = 0
    for financing in queries.in_state(FinancingState.REGISTERED):
        try:
            operations.disburse(financing_id=financing.id, effective_at=clock.now(), today=clock.today())
            done += 1
        except RequeryTooOld:
            done += _search_again(financing)
        except AccountMissing:
            continue
    return done


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
    if reference.startswith(PREFIX):
        financing_id = FinancingId(UUID(reference.removeprefix(PREFIX)))
        operations.note_registration(financing_id=financing_id, effective_at=event.effective_at)


def on_payment_settled(event: RecordedEvent) -> None:
    """The bank paid the supplier."""
    if event.body["purpose"] == Purpose.FINANCING_PROCEEDS.value:
        operations.confirm_disbursed(
            financing_id=FinancingId(UUID(event.body["about_id"])),
            effective_at=event.effective_at,
            on=clock.business_date(event.effective_at),
        )


def on_payment_rejected(event: RecordedEvent) -> None:
    """The bank could not pay the supplier: the part is free, the filing is taken back."""
    if event.body["purpose"] == Purpose.FINANCING_PROCEEDS.value:
        failed = operations.fail_disbursement(
            financing_id=FinancingId(UUID(event.body["about_id"])),
            effective_at=event.effective_at,
            reason=str(event.body["reason_code"]),
        )
        if failed.registration_id:
            claims.cancel_registration(
                registration_id=RegistrationId(failed.registration_id), effective_at=event.effective_at
            )


def on_voucher_paid(event: RecordedEvent) -> None:
    """The core paid a part: if a funder holds it or has its pledge, the funder's asset is closed."""
    financing = queries.of_held(holding_ids=[UUID(event.body["holding_id"])]).get(UUID(event.body["holding_id"]))
    if financing is None:
        return
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
    found = queries.financings(actor=SYSTEM, states=[FinancingState.DISBURSED], voucher_id=event.subject_id, limit=1000)
    for financing in found:
        operations.mark_overdue(financing_id=financing.id, effective_at=event.effective_at)


def accrue_day() -> int:
    """Earn interest up to yesterday's close, batch by batch."""
    return operations.accrue(on=clock.today(), effective_at=clock.now())
