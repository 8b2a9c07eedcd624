"""How much waits for a person: the count beside the inbox, over approvals, offers, payables, complaints and financings."""

from __future__ import annotations

from datetime import datetime

from fourflow.capital.claims import queries as claims
from fourflow.capital.claims.types import ConfirmedPayable, PayableState
from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import Financing, FinancingState
from fourflow.capital.vouchers import queries as vouchers
from fourflow.capital.vouchers.types import Complaint
from fourflow.foundation.access import queries as access
from fourflow.foundation.access.types import EmergencyView
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.parties.types import Actor, Permission, RoleKind
from fourflow.interfaces.web import menu
from fourflow.oversight.insight import queries as insight
from fourflow.oversight.insight.types import EvidenceRequest

LIMIT = 100


def answers_offers(actor: Actor) -> bool:
    """Whether the person accepts what is offered to its organisation."""
    return actor.can(Permission.VOUCHER_ACCEPT) and RoleKind.SUPPLIER in actor.roles


def undecided(actor: Actor) -> list[Financing]:
    """Financings on which a person of the actor's bank has to decide; none for others. Inside ``reading()``."""
    if not actor.can(Permission.FINANCING_DECIDE) or RoleKind.FUNDER not in actor.roles:
        return []
    asked = financings.financings(actor=actor, states=[FinancingState.REQUESTED], sort="asked", limit=LIMIT)
    return [one for one in asked if one.decision is None and one.quote.funder_id == actor.organisation_id]


def unconfirmed(actor: Actor) -> list[ConfirmedPayable]:
    """Proposed payables that the person can confirm for its company; none for others. Inside ``reading()``."""
    if not actor.can(Permission.CLAIM_CONFIRM) or RoleKind.CORE not in actor.roles:
        return []
    own, wanted = actor.organisation_id, [PayableState.PROPOSED]
    found = claims.payables(actor=actor, debtor_id=own, states=wanted, sort="proposed", size=LIMIT)
    return [one for one in found if one.proposed_by != actor.person_id and one.decide_by >= actor.on]


def complained(actor: Actor) -> list[Complaint]:
    """Complaints that the person's desk has to answer; none for others. Inside ``reading()``."""
    if not actor.can(Permission.COMPLAINT_ANSWER):
        return []
    return vouchers.complaints(actor=actor, open_only=True, limit=LIMIT)


def evidence_asked(actor: Actor) -> list[EvidenceRequest]:
    """Evidence that the operator's person has to hand out; none for others. Inside ``reading()``."""
    if not actor.can(Permission.EVIDENCE_EXPORT) or RoleKind.OPERATOR not in actor.roles:
        return []
    return insight.requests(actor=actor, open_only=True, sort="asked", limit=LIMIT)


def unreviewed(actor: Actor) -> list[EmergencyView]:
    """Broken glass on which another person of the operator has to say a word; none for others. Inside ``reading()``."""
    if not actor.can(Permission.MEMBER_CHECK) or RoleKind.OPERATOR not in actor.roles:
        return []
    return [
        one
        for one in access.emergencies(actor)
        if one.reviewed_by is None and one.person_id != actor.person_id and one.organisation_id == actor.organisation_id
    ]


def count(actor: Actor, at: datetime) -> int:
    """What the inbox would show. Inside ``reading()``."""
    kinds = menu.kinds_of(actor)
    found = approvals.waiting(actor, kinds=kinds, at=at) if kinds else 0
    if answers_offers(actor):
        found += sum(len(offers) for offers in vouchers.offered_to(actor=actor, limit=LIMIT))
        found += len(vouchers.cancellations_asked(actor=actor, limit=LIMIT))
    found += len(unreviewed(actor))
    return found + len(undecided(actor)) + len(unconfirmed(actor)) + len(complained(actor)) + len(evidence_asked(actor))
