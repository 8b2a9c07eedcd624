"""Filings in the movable-property registry: where each stands, and every request that went to the registry for it."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import AwareDatetime

from fourflow.capital.claims import queries
from fourflow.capital.claims.types import Exchange, ExchangeKind, ExchangeState, RegistrationKind, RegistrationState
from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import FinancingId as Lent
from fourflow.foundation.parties.types import Permission
from fourflow.interfaces.api.auth import caller
from fourflow.interfaces.api.fields import Money, Part, Shown
from fourflow.interfaces.api.ids import ClaimId, FinancingId, PartyId, RegistrationId
from fourflow.interfaces.api.replies import read, reads, reply, show

router = Router(tags=["registrations"])


class RegistryHit(Part):
    """A filing that a search found on the same assets; a smaller ``rank`` came first."""

    registration_no: str
    secured_party: str
    rank: int


class RegistryRequest(Part):
    """A request to the registry; ``paper`` is the number of the certificate or of the filing that it gave."""

    kind: ExchangeKind
    state: ExchangeState
    attempt: int
    paper: str
    hits: list[RegistryHit]
    reason: str


class RegistrationBody(Shown):
    """Only ``clear`` (registered, and searched again with nobody before us) opens a payout."""

    id: RegistrationId
    kind: RegistrationKind
    state: RegistrationState
    secured_party_id: PartyId
    debtor_id: PartyId
    claim_ids: list[ClaimId]
    amount: Money
    collateral: str
    query_certificate: str
    queried_at: AwareDatetime | None
    registration_no: str
    registered_at: AwareDatetime | None
    expires_on: date | None
    requery_certificate: str
    requeried_at: AwareDatetime | None
    requests: list[RegistryRequest] = []


class RegistrationList(Shown):
    data: list[RegistrationBody]


def _asked(exchange: Exchange) -> RegistryRequest:
    answer = exchange.answer or {}
    return RegistryRequest(
        kind=exchange.kind,
        state=exchange.state,
        attempt=exchange.attempt,
        paper=answer.get("registration_no") or answer.get("certificate") or "",
        hits=[RegistryHit(**hit) for hit in answer.get("hits", ())],
        reason=answer.get("reason") or "",
    )


@router.get("/financings/{financing_id}/registrations", **reads(RegistrationList))
def financing_registrations(request: HttpRequest, financing_id: FinancingId) -> HttpResponse:
    """The filings of a financing, as far as the organisation may see them."""
    who = caller(request)
    who.actor.require(Permission.FINANCING_VIEW)

    def query() -> list[RegistrationBody]:
        lent = financings.get(actor=who.actor, financing_id=Lent(financing_id))
        found = queries.registrations(actor=who.actor, references=[lent.reference])
        asked = queries.exchanges_of(actor=who.actor, registration_ids=[one.id for one in found])
        return [
            show(RegistrationBody, one, requests=[_asked(each) for each in asked if each.registration_id == one.id])
            for one in found
        ]

    return reply(request, RegistrationList(data=read(request, query)))
