"""Reads: claims and their chains, what is left for their owner, payables, registrations; all rows that evidence covers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from uuid import UUID

from django.db.models import BooleanField, F, Q
from django.db.models.expressions import RawSQL

from fourflow.capital.claims import models
from fourflow.capital.claims.domain import fingerprint, usage
from fourflow.capital.claims.types import (
    Claim,
    ClaimId,
    ClaimLinkView,
    ClaimNotFound,
    ClaimUse,
    ConfirmedPayable,
    Exchange,
    PayableId,
    PayableState,
    Registration,
    RegistrationId,
    Underlying,
)
from fourflow.foundation.parties.types import Actor
from fourflow.platform.db.ordering import every, in_order
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money

#: the states of which a claim has one payable at a time
_OPEN = [PayableState.PROPOSED.value, PayableState.CONFIRMED.value]
#: what a list of payables may be sorted by
SORTS = {"amount": "amount_minor", "due": "due_date", "proposed": "id"}


def _told(actor: Actor, row: models.Claim) -> Claim:
    return row.to_type(tell_use=actor.sees_all or actor.organisation_id == row.creditor_id)


def get(*, actor: Actor, claim_id: ClaimId) -> Claim:
    """One claim; what is used of it only for its creditor and for who sees everything.

    :raises ClaimNotFound: no such claim for this actor.
    """
    return _told(actor, models.Claim.objects.visible_to(actor).get_visible(claim_id))


def find(*, actor: Actor, underlying: Underlying) -> Claim | None:
    """The claim on a document, if it is registered and the actor may see it.

    :raises UnderlyingInvalid: the parts do not fit the scheme.
    """
    own, _ = models.fingerprints(underlying.scheme, fingerprint.normal_parts(underlying))
    rows = models.Claim.objects.visible_to(actor)
    row = rows.filter(scheme=underlying.scheme.value, fingerprint=own).first()
    return _told(actor, row) if row else None


def claims(
    *,
    actor: Actor,
    debtor_id: UUID | None = None,
    creditor_id: UUID | None = None,
    after: UUID | None = None,
    size: int = 50,
) -> list[Claim]:
    """Claims that the actor may see, newest first, ``size`` at a time; ``after`` is the id of the last one seen."""
    rows = models.Claim.objects.visible_to(actor)
    wanted = {"debtor_id": debtor_id, "creditor_id": creditor_id, "id__lt": after}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    return [_told(actor, row) for row in rows.order_by("-id")[:size]]


def chain(*, actor: Actor, claim_id: ClaimId) -> list[ClaimLinkView]:
    """A claim and what it grew out of (invoice → delivery → order), nearest first, with their documents.

    Ancestors that the actor may not see are left out.

    :raises ClaimNotFound: no such claim for this actor.
    """
    seen = models.Claim.objects.visible_to(actor)
    first = seen.get_visible(claim_id)
    distances = dict(models.ClaimLink.objects.filter(descendant_id=first.id).values_list("ancestor_id", "distance"))
    rows = [first, *seen.filter(pk__in=list(distances))]
    links = [ClaimLinkView(_told(actor, row), distances.get(row.id, 0)) for row in rows]
    return sorted(links, key=lambda link: (link.distance, link.claim.id))


def remaining(*, actor: Actor, claim_id: ClaimId) -> Money:
    """What of a claim can still be financed, the claims above it considered; for its creditor and who sees everything.

    :raises ClaimNotFound: no such claim, or the actor's organisation is not its creditor.
    """
    row = models.Claim.objects.visible_to(actor).get_visible(claim_id)
    if not actor.sees_all and actor.organisation_id != row.creditor_id:
        raise ClaimNotFound(value=str(claim_id))
    shares = models.ClaimLink.objects.above([row])[row.id]
    levels = [
        usage.Level(claim.id, claim.amount_minor, claim.used_minor, shares[claim.id][0])
        for claim in models.Claim.objects.filter(pk__in=list(shares))
    ]
    return Money(min(usage.left_under(row.amount_minor, row.own_use_minor, level) for level in levels), row.currency)


def uses(*, actor: Actor, claim_id: ClaimId) -> list[ClaimUse]:
    """The uses of a claim, oldest first; for its creditor and who sees everything.

    :raises ClaimNotFound: no such claim, or the actor's organisation is not its creditor.
    """
    row = models.Claim.objects.visible_to(actor).get_visible(claim_id)
    if not actor.sees_all and actor.organisation_id != row.creditor_id:
        raise ClaimNotFound(value=str(claim_id))
    return [use.to_type() for use in models.ClaimUse.objects.filter(claim_id=claim_id).order_by("id")]


def payable(*, actor: Actor, payable_id: PayableId) -> ConfirmedPayable:
    """One payable, with the debtor's signature.

    :raises PayableNotFound: no such payable for this actor.
    """
    return models.Payable.objects.visible_to(actor).get_visible(payable_id).to_type()


def payables(
    *,
    actor: Actor,
    claim_id: ClaimId | None = None,
    debtor_id: UUID | None = None,
    creditor_id: UUID | None = None,
    states: Sequence[PayableState] = (),
    due_from: date | None = None,
    due_to: date | None = None,
    free_only: bool = False,
    sort: str = "",
    after: UUID | None = None,
    only: Sequence[UUID] | None = None,
    size: int = 50,
) -> list[ConfirmedPayable]:
    """Payables that the actor may see, newest first or by ``SORTS``; due dates inclusive.

    Of the derived states PARTLY_USED and USED, ask for CONFIRMED; ``free_only`` leaves confirmed ones that are not used up.

    :raises PageInvalid: an order or a last row that this list does not have.
    """
    rows = in_order(models.Payable.objects.visible_to(actor), sort, SORTS, after=after, only=only)
    wanted = {
        "claim_id": claim_id,
        "debtor_id": debtor_id,
        "creditor_id": creditor_id,
        "due_date__gte": due_from,
        "due_date__lte": due_to,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    if states:
        rows = rows.filter(state__in=[state.value for state in states])
    if free_only:
        rows = rows.filter(state=PayableState.CONFIRMED.value, used_minor__lt=F("amount_minor"))
    return [row.to_type() for row in rows[:size]]


#: whether one of a payable's documents has one of some numbers
_NAMED = "exists (select 1 from jsonb_array_elements(claims_payable.documents) d where d->>'number' = any(%s))"


def payables_named(
    *, actor: Actor, debtor_id: UUID, numbers: Collection[str], ids: Collection[UUID] = ()
) -> list[ConfirmedPayable]:
    """A debtor's payables that the actor may see, on documents of these numbers or with these ids; the newest first."""
    named = RawSQL(_NAMED, [list(numbers)], output_field=BooleanField())
    rows = models.Payable.objects.visible_to(actor).filter(debtor_id=debtor_id).annotate(is_named=named)
    return [row.to_type() for row in rows.filter(Q(is_named=True) | Q(pk__in=list(ids))).order_by("-id")]


def unconfirmed(*, on: date) -> Iterator[PayableId]:
    """Proposed payables whose last day is before a day, the longest overdue first; for the sweeper."""
    rows = models.Payable.objects.filter(state=PayableState.PROPOSED.value, decide_by__lt=on)
    return (PayableId(row.id) for row in every(rows, "decide_by"))


def payables_on(*, actor: Actor, underlyings: Sequence[Underlying]) -> list[ConfirmedPayable | None]:
    """For each document the open payable on its claim, as far as the actor may see it; two queries for all of them.

    :raises UnderlyingInvalid: the parts of one do not fit its scheme.
    """
    keys = [models.fingerprints(one.scheme, fingerprint.normal_parts(one))[0] for one in underlyings]
    seen = models.Claim.objects.visible_to(actor).filter(fingerprint__in=set(keys))
    found = {
        claim_id: (scheme, bytes(key)) for claim_id, scheme, key in seen.values_list("id", "scheme", "fingerprint")
    }
    rows = models.Payable.objects.visible_to(actor).filter(claim_id__in=list(found))
    open_ = {found[row.claim_id]: row.to_type() for row in rows.filter(state__in=_OPEN)}
    return [open_.get((one.scheme.value, key)) for one, key in zip(underlyings, keys, strict=True)]


def registration(*, actor: Actor, registration_id: RegistrationId) -> Registration:
    """One registration.

    :raises RegistrationNotFound: no such registration for this actor.
    """
    return _registration(models.Registration.objects.visible_to(actor).get_visible(registration_id))


def registration_of(*, actor: Actor, reference: str) -> Registration | None:
    """The registration under a reference, if there is one and the actor may see it."""
    row = models.Registration.objects.visible_to(actor).filter(reference=reference).first()
    return _registration(row) if row else None


def registrations(
    *, actor: Actor, references: Collection[str] = (), claim_ids: Collection[UUID] = ()
) -> list[Registration]:
    """The registrations under references, or over claims, oldest first, as far as the actor may see them."""
    over = models.RegistrationClaim.objects.filter(claim_id__in=list(claim_ids)).values("registration_id")
    wanted = Q(reference__in=list(references)) | Q(id__in=over)
    rows = list(models.Registration.objects.visible_to(actor).filter(wanted).order_by("id"))
    found: dict[UUID, list[ClaimId]] = {}
    if rows:
        links = models.RegistrationClaim.objects.filter(registration_id__in=[row.id for row in rows])
        for registration_id, claim_id in links.order_by("claim_id").values_list("registration_id", "claim_id"):
            found.setdefault(registration_id, []).append(ClaimId(claim_id))
    return [row.to_type(tuple(found.get(row.id, ()))) for row in rows]


def exchanges_of(*, actor: Actor, registration_ids: Collection[UUID]) -> list[Exchange]:
    """Every request to the registry for several registrations, oldest first, as far as the actor may see them."""
    rows = models.Exchange.objects.visible_to(actor).filter(registration_id__in=list(registration_ids))
    return [row.to_type() for row in rows.order_by("id")]


def exchanges(*, actor: Actor, registration_id: RegistrationId) -> list[Exchange]:
    """Every request to the registry for a registration, oldest first.

    :raises RegistrationNotFound: no such registration for this actor.
    """
    models.Registration.objects.visible_to(actor).get_visible(registration_id)
    rows = models.Exchange.objects.visible_to(actor).filter(registration_id=registration_id)
    return [row.to_type() for row in rows.order_by("id")]


def _registration(row: models.Registration) -> Registration:
    found = models.RegistrationClaim.objects.filter(registration_id=row.id).order_by("claim_id")
    return row.to_type(tuple(ClaimId(claim_id) for claim_id in found.values_list("claim_id", flat=True)))


def evidenced() -> Iterator[Evidenced]:
    """Every row of this module as the events recorded it last, for the audit."""
    kinds = (
        models.Claim,
        models.ClaimLink,
        models.ClaimUse,
        models.Payable,
        models.Registration,
        models.RegistrationClaim,
        models.Exchange,
    )
    for model in kinds:
        for row in model.objects.order_by("pk").iterator(chunk_size=2000):
            yield row.evidence()
