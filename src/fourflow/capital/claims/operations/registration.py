"""A funder's security over claims takes its way into the registry: search, file, search again; change; end.

Each step writes a request row; a job hands it over after the commit (see ``jobs.py``). Called by financing, which has asked
for the permission.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from fourflow.capital.claims import models
from fourflow.capital.claims.domain import steps
from fourflow.capital.claims.events import RegistrationMoved, RegistrationOpened, RegistryExchanged
from fourflow.capital.claims.ports import PartyAtRegistry
from fourflow.capital.claims.types import (
    ClaimAmountInvalid,
    ClaimId,
    ClaimReferenceTaken,
    ExchangeKind,
    ExchangeState,
    ExchangeStateWrong,
    Registration,
    RegistrationId,
    RegistrationKind,
    RegistrationState,
    RegistrationStateWrong,
)
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.events import operations as events
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money


@joins
def open_registration(
    *,
    reference: str,
    kind: RegistrationKind,
    claim_ids: Sequence[ClaimId],
    secured_party_id: UUID,
    debtor_id: UUID,
    secured_party: PartyAtRegistry,
    debtor: PartyAtRegistry,
    amount: Money,
    collateral: str,
    assets: Sequence[str],
    term_months: int,
    effective_at: datetime,
) -> Registration:
    """Begin a registration for ``reference`` (a financing) and order the first search.

    ``assets`` are the keys under which the registry finds the collateral again (hex digests of what is assigned, without
    commas); ``debtor`` is the party that gives the security, usually the supplier.

    :raises ClaimReferenceTaken: the reference has its registration.
    :raises ClaimNotFound: one of the claims does not exist.
    :raises ClaimAmountInvalid: not positive, or no asset is named.
    """
    if amount.minor <= 0 or not assets:
        raise ClaimAmountInvalid(field="amount" if amount.minor <= 0 else "assets")
    if models.Registration.objects.filter(reference=reference).exists():
        raise ClaimReferenceTaken(reference=reference)
    claims = models.Claim.objects.lock_all(claim_ids)
    row = models.Registration(
        id=new_id(),
        kind=kind.value,
        reference=reference,
        secured_party_id=secured_party_id,
        debtor_id=debtor_id,
        secured_party=secured_party.to_body(),
        debtor=debtor.to_body(),
        currency=amount.currency,
        amount_minor=amount.minor,
        collateral=collateral,
        assets=list(assets),
        term_months=term_months,
        opened_at=effective_at,
    )
    row.save(force_insert=True)
    over = models.RegistrationClaim.objects.bulk_create(
        models.RegistrationClaim(registration=row, claim=claim) for claim in claims
    )
    visibility.grant(row.id, [secured_party_id, debtor_id], "party to the registration")
    exchange = _order(row, ExchangeKind.QUERY, {"assets": row.assets})
    rows = [row.evidence(), *(one.evidence() for one in over), exchange.evidence()]
    events.publish(_opened(row, claims, effective_at), rows=rows)
    return row.to_type(tuple(ClaimId(claim.id) for claim in claims))


def _opened(row: models.Registration, claims: Sequence[models.Claim], effective_at: datetime) -> RegistrationOpened:
    return RegistrationOpened(
        subject_id=row.id,
        effective_at=effective_at,
        reference=row.reference,
        registration_kind=row.kind,
        secured_party_id=row.secured_party_id,
        debtor_id=row.debtor_id,
        amount=Money(row.amount_minor, row.currency),
        claim_ids=tuple(claim.id for claim in claims),
        assets=tuple(row.assets),
    )


@joins
def search_again_before_filing(*, registration_id: RegistrationId, effective_at: datetime) -> Registration:
    """Order the first search once more, for example when somebody else's registration is said to have ended.

    :raises RegistrationStateWrong: it is already filed, or was given up.
    :raises ExchangeStateWrong: a request is under way.
    """
    return _step(registration_id, ExchangeKind.QUERY, effective_at)


@joins
def register_security(*, registration_id: RegistrationId, effective_at: datetime) -> Registration:
    """Order the filing; the first search must have been clean.

    :raises RegistrationStateWrong: the search has not been clean, or it is already filed.
    :raises ExchangeStateWrong: a request is under way.
    """
    return _step(registration_id, ExchangeKind.REGISTER, effective_at)


@joins
def query_again(*, registration_id: RegistrationId, effective_at: datetime) -> Registration:
    """Order the second search, between filing and payout, which must show our filing and nobody before it.

    :raises RegistrationStateWrong: nothing is filed.
    :raises ExchangeStateWrong: a request is under way.
    """
    return _step(registration_id, ExchangeKind.REQUERY, effective_at)


@joins
def amend_registration(
    *, registration_id: RegistrationId, collateral: str, assets: Sequence[str], effective_at: datetime
) -> Registration:
    """Order a change of what the registration covers; the second search is due again afterwards.

    :raises RegistrationStateWrong: nothing is filed.
    :raises ExchangeStateWrong: a request is under way.
    """
    return _step(registration_id, ExchangeKind.AMEND, effective_at, {"collateral": collateral, "assets": list(assets)})


@joins
def cancel_registration(*, registration_id: RegistrationId, effective_at: datetime) -> Registration:
    """Order the end of the registration, when what it secures has been paid.

    :raises RegistrationStateWrong: nothing is filed.
    :raises ExchangeStateWrong: a request is under way.
    """
    return _step(registration_id, ExchangeKind.CANCEL, effective_at)


@joins
def abandon_registration(*, registration_id: RegistrationId, reason: str, effective_at: datetime) -> Registration:
    """Give up before anything was filed.

    :raises RegistrationStateWrong: it is filed (cancel it), or was given up before.
    :raises ExchangeStateWrong: a request is under way.
    """
    row = models.Registration.objects.lock(registration_id)
    _nothing_under_way(row)
    before_filing = (RegistrationState.OPENED, RegistrationState.ENCUMBERED, RegistrationState.FOUND_CLEAN)
    if row.state not in before_filing or row.registration_no:
        raise RegistrationStateWrong(state=row.state, step="abandon")
    row.state = RegistrationState.ABANDONED.value
    row.save(update_fields=["state"])
    event = RegistrationMoved(
        subject_id=row.id,
        effective_at=effective_at,
        reference=row.reference,
        state=row.state,
        exchange="",
        reason=reason,
    )
    events.publish(event, rows=[row.evidence()])
    return row.to_type(_claim_ids(row))


def _step(
    registration_id: RegistrationId,
    kind: ExchangeKind,
    effective_at: datetime,
    request: dict[str, Any] | None = None,
) -> Registration:
    row = models.Registration.objects.lock(registration_id)
    steps.must_allow(kind, RegistrationState(row.state), filed=bool(row.registration_no))
    _nothing_under_way(row)
    if row.state == RegistrationState.CLEAR:  # what is about to be asked or changed opens no payout in the meantime
        row.state = RegistrationState.REGISTERED.value
        row.save(update_fields=["state"])
    if request is None:
        request = {"assets": row.assets} if kind in (ExchangeKind.QUERY, ExchangeKind.REQUERY) else {}
    exchange = _order(row, kind, request)
    publish_exchange(row, exchange, effective_at)
    return row.to_type(_claim_ids(row))


def _nothing_under_way(row: models.Registration) -> None:
    under_way = [ExchangeState.READY.value, ExchangeState.SENT.value, ExchangeState.UNKNOWN.value]
    latest = models.Exchange.objects.filter(registration_id=row.id).order_by("-id").first()
    if latest and (latest.state in under_way or latest.state == ExchangeState.NOT_RECEIVED):
        raise ExchangeStateWrong(state=latest.state, step=latest.kind)


def _order(row: models.Registration, kind: ExchangeKind, request: dict[str, Any]) -> models.Exchange:
    """A request row; its reference counts the requests of its kind, and stays the same for every attempt."""
    number = models.Exchange.objects.filter(registration_id=row.id, kind=kind.value, attempt=1).count() + 1
    return models.Exchange.objects.create(
        registration=row,
        kind=kind.value,
        client_reference=f"{row.id.hex}-{kind.value}-{number}",
        request=request,
    )


def _claim_ids(row: models.Registration) -> tuple[ClaimId, ...]:
    found = models.RegistrationClaim.objects.filter(registration_id=row.id).order_by("claim_id")
    return tuple(ClaimId(claim_id) for claim_id in found.values_list("claim_id", flat=True))


def publish_exchange(row: models.Registration, exchange: models.Exchange, effective_at: datetime) -> None:
    """Tell that a request was written, handed over, or is in an unknown state."""
    event = RegistryExchanged(
        subject_id=row.id,
        effective_at=effective_at,
        exchange_id=exchange.id,
        exchange_kind=exchange.kind,
        client_reference=exchange.client_reference,
        attempt=exchange.attempt,
        state=exchange.state,
    )
    events.publish(event, rows=[row.evidence(), exchange.evidence()])
