"""The registration gate: search, file, search again; only then may money leave (77号 art. 13)."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from fourflow.capital.claims import operations as claims
from fourflow.capital.claims import queries as claim_queries
from fourflow.capital.claims.ports import PartyAtRegistry
from fourflow.capital.claims.types import ClaimId, Registration, RegistrationId, RegistrationKind, RegistrationState
from fourflow.capital.financing import models
from fourflow.capital.financing.events import FinancingRegistered
from fourflow.capital.financing.operations.requesting import end
from fourflow.capital.financing.types import Financing, FinancingId, FinancingState, GateClosed
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import VoucherId
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import SYSTEM, PartyView
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events


def asset_keys(voucher_number: str, holding_id: object) -> tuple[str, ...]:
    """What the registry finds the collateral by: digests of the voucher's number and of this part of it."""
    part = f"{voucher_number}/{holding_id}"
    return tuple(hashlib.sha256(text.encode()).hexdigest() for text in (part,))


@joins
def open_gate(*, financing_id: FinancingId, effective_at: datetime, today: date) -> Financing:
    """Begin the registration of an approved financing: the search for earlier rights is ordered.

    :raises FinancingStateWrong: the funder has not approved, or the gate is open already.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    row.must_be(FinancingState.APPROVED)
    quote = row.quote.to_type()
    voucher = vouchers.get(actor=SYSTEM, voucher_id=VoucherId(quote.voucher_id))
    views = parties.views([quote.funder_id, quote.applicant_id], today)
    kind = RegistrationKind.RECEIVABLE_PLEDGE if quote.recourse else RegistrationKind.RECEIVABLE_TRANSFER
    registration = claims.open_registration(
        reference=f"financing:{row.id}",
        kind=kind,
        claim_ids=[ClaimId(voucher.claim_id)],
        secured_party_id=quote.funder_id,
        debtor_id=quote.applicant_id,
        secured_party=at_registry(views[quote.funder_id]),
        debtor=at_registry(views[quote.applicant_id]),
        amount=quote.amount,
        # in the language of the registry, whose searchers read it
        collateral=f"应收账款电子凭证 {voucher.number}，到期日 {voucher.due_on.isoformat()}，其中 {quote.amount} 的份额",
        assets=asset_keys(voucher.number, row.holding_id),
        term_months=parameters.integer(Key.REGISTRY_TERM_MONTHS, today),
        effective_at=effective_at,
    )
    row.registration_id = registration.id
    row.save(update_fields=["registration_id"])
    return row.to_type()


def at_registry(view: PartyView) -> PartyAtRegistry:
    """A party as the registry names it; its first identifier where it has several."""
    return PartyAtRegistry(view.name, view.identifiers[0].value if view.identifiers else str(view.id))


@joins
def note_registration(*, financing_id: FinancingId, effective_at: datetime, refusal: str = "") -> Financing:
    """Take the registration's step: file after a clean search, search again after filing, open or refuse at the end.

    ``refusal``: why the registry would not do what it was asked; then nothing is paid.

    :raises GateClosed: the financing has no registration.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    if row.registration_id is None:
        raise GateClosed(financing=str(financing_id))
    registration = claim_queries.registration(actor=SYSTEM, registration_id=RegistrationId(row.registration_id))
    if row.state not in (FinancingState.APPROVED, FinancingState.REGISTERED):
        return row.to_type()
    if refusal:
        return end(row, FinancingState.FAILED, f"registry refused: {refusal}"[:500], effective_at)
    if registration.state is RegistrationState.ENCUMBERED:
        # somebody registered first: nothing is paid; our own filing, if there is one, is taken back once that is possible
        return end(row, FinancingState.FAILED, "registry: earlier rights found", effective_at)
    if registration.opens_payout:
        return _opened(row, registration, effective_at)
    if row.state == FinancingState.APPROVED and registration.state is RegistrationState.FOUND_CLEAN:
        claims.register_security(registration_id=registration.id, effective_at=effective_at)
    elif registration.state is RegistrationState.REGISTERED:
        claims.query_again(registration_id=registration.id, effective_at=effective_at)
    return row.to_type()


def _opened(row: models.Financing, registration: Registration, effective_at: datetime) -> Financing:
    row.state, row.requeried_at = FinancingState.REGISTERED, registration.requeried_at or effective_at
    row.save(update_fields=["state", "requeried_at"])
    event = FinancingRegistered(subject_id=row.id, effective_at=effective_at, registration_id=registration.id)
    events.publish(event, rows=[row.evidence()])
    return row.to_type()


@joins
def release_registration(*, financing_id: FinancingId, effective_at: datetime) -> Financing:
    """What the registration secured is paid, or never came about: it is cancelled, or given up before filing.

    :raises FinancingStateWrong: the financing is still open or running.
    :raises ExchangeStateWrong: a request to the registry is under way; to be tried again after its answer.
    """
    row = models.Financing.objects.visible_to(SYSTEM).lock(financing_id)
    row.must_be(FinancingState.REPAID, FinancingState.FAILED, FinancingState.WITHDRAWN, FinancingState.REFUSED)
    if row.registration_id is None:
        return row.to_type()
    registration_id = RegistrationId(row.registration_id)
    registration = claim_queries.registration(actor=SYSTEM, registration_id=registration_id)
    if registration.state in (RegistrationState.CANCELLED, RegistrationState.ABANDONED):
        return row.to_type()
    if registration.registration_no:
        claims.cancel_registration(registration_id=registration_id, effective_at=effective_at)
    else:
        claims.abandon_registration(
            registration_id=registration_id, reason=f"financing {row.state}", effective_at=effective_at
        )
    return row.to_type()
