"""A document becomes financeable, once and only once."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from fourflow.capital.claims import models
from fourflow.capital.claims.domain import fingerprint, usage
from fourflow.capital.claims.events import ClaimRegistered
from fourflow.capital.claims.types import (
    Ancestor,
    AncestorInvalid,
    Claim,
    ClaimAmountInvalid,
    ClaimDiffers,
    ClaimInUse,
    ClaimPartiesInvalid,
    DocumentRef,
    Scheme,
    Underlying,
)
from fourflow.foundation.parties.types import Actor, Permission, RoleKind
from fourflow.platform.db import visibility
from fourflow.platform.db.joining import joins
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.events import operations as events
from fourflow.platform.ids import new_id
from fourflow.platform.money import Money


@joins
def register_claim(
    *,
    underlying: Underlying,
    debtor_id: UUID,
    creditor_id: UUID,
    amount: Money,
    actor: Actor,
    effective_at: datetime,
    documents: Sequence[DocumentRef] = (),
    ancestors: Sequence[Ancestor] = (),
) -> Claim:
    """Register a claim by its document; the same party doing it again gets the same claim.

    A delivery or order line finds the order of its own numbers, and an order the deliveries that came before it; an invoice
    names its ancestors. Later uses weigh on all of them.

    :raises ClaimInUse: somebody else registered the document, or an order is smaller than what is used below it. Says no more.
    :raises ClaimDiffers: the same parties registered it with another amount.
    :raises UnderlyingInvalid: the parts do not fit the scheme.
    :raises ClaimAmountInvalid: the amount is not positive.
    :raises ClaimPartiesInvalid: debtor and creditor are one, or the actor acts for neither of them nor the operator.
    :raises AncestorInvalid: an ancestor is not visible or of another currency, or its share does not fit.
    :raises NotPermitted: the actor does not record claims.
    """
    actor.require(Permission.CLAIM_RECORD)
    if debtor_id == creditor_id:
        raise ClaimPartiesInvalid(field="creditor_id")
    if actor.organisation_id not in (debtor_id, creditor_id) and RoleKind.OPERATOR not in actor.roles:
        raise ClaimPartiesInvalid(field="actor")
    if amount.minor <= 0:
        raise ClaimAmountInvalid(field="amount", value=str(amount))
    scheme, parts = underlying.scheme, fingerprint.normal_parts(underlying)
    own, order = models.fingerprints(scheme, parts)
    _serialise(order or own)
    present = _KNOWN.first(scheme=scheme.value, fingerprint=own)
    if present is not None:
        return _again(present, actor, debtor_id, creditor_id, amount)
    row = models.Claim(
        id=new_id(),
        scheme=scheme.value,
        fingerprint=own,
        order_fingerprint=order,
        parts=parts,
        debtor_id=debtor_id,
        creditor_id=creditor_id,
        currency=amount.currency,
        amount_minor=amount.minor,
        documents=[document.to_body() for document in documents],
        registered_by=actor.person_id,
        registered_at=effective_at,
    )
    parents = _parents(row, ancestors, actor)
    row.save(force_insert=True)
    visibility.grant(row.id, [debtor_id, creditor_id], "party to the claim")
    _announce(row, [*_link_up(row, parents), *_adopt(row)], effective_at)
    return row.to_type(tell_use=_may_know(actor, row))


_KNOWN = prepared(
    lambda: models.Claim.objects.filter(scheme=Given("scheme"), fingerprint=Given("fingerprint")).order_by("id")
)


def _serialise(family: bytes) -> None:
    """An order and its deliveries, registered at the same moment, wait for each other, so that neither misses the other."""
    key = struct.unpack(">q", hashlib.sha256(b"claim family" + family).digest()[:8])[0]
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [key])


def _again(row: models.Claim, actor: Actor, debtor_id: UUID, creditor_id: UUID, amount: Money) -> Claim:
    if (row.debtor_id, row.creditor_id) != (debtor_id, creditor_id):
        raise ClaimInUse()
    if (row.amount_minor, row.currency) != (amount.minor, amount.currency):
        raise ClaimDiffers(field="amount", value=str(amount))
    return row.to_type(tell_use=_may_know(actor, row))


def _may_know(actor: Actor, row: models.Claim) -> bool:
    return actor.sees_all or actor.organisation_id == row.creditor_id


def _parents(row: models.Claim, ancestors: Sequence[Ancestor], actor: Actor) -> dict[UUID, int]:
    """The direct parents with the minor units of this claim that lie on each, the order of its own numbers included."""
    wanted = {ancestor.claim_id: ancestor.share for ancestor in ancestors}
    seen = models.Claim.objects.visible_to(actor).filter(pk__in=list(wanted)) if wanted else ()
    found = {p.id: p for p in seen}
    if len(found) != len(ancestors):
        raise AncestorInvalid(field="claim_id")
    if row.order_fingerprint:
        order = _KNOWN.first(scheme=Scheme.ORDER.value, fingerprint=row.order_fingerprint)
        if order is not None and order.currency != row.currency:
            raise ClaimInUse()
        if order is not None:
            found.setdefault(order.id, order)
    shares = {}
    for parent_id, parent in found.items():
        share = wanted.get(parent_id)
        if parent.currency != row.currency or (share and share.currency != row.currency):
            raise AncestorInvalid(field="currency", expected=parent.currency)
        shares[parent_id] = share.minor if share else min(row.amount_minor, parent.amount_minor)
    return shares


def _link_up(row: models.Claim, parents: dict[UUID, int]) -> list[models.ClaimLink]:
    if not parents:
        return []
    above = models.ClaimLink.objects.above(models.Claim.objects.filter(pk__in=list(parents)))
    everyone = models.Claim.objects.filter(pk__in={ancestor for found in above.values() for ancestor in found})
    amounts = dict(everyone.values_list("id", "amount_minor"))
    shares = usage.closure_shares(row.amount_minor, parents, above, amounts)
    return models.ClaimLink.objects.bulk_create(
        models.ClaimLink(
            descendant=row, ancestor_id=ancestor_id, currency=row.currency, share_minor=share, distance=distance
        )
        for ancestor_id, (share, distance) in shares.items()
    )


def _adopt(order: models.Claim) -> list[models.ClaimLink]:
    """Link an order to the deliveries and lines that were registered before it; what is used of them counts at once."""
    if order.scheme != Scheme.ORDER.value:
        return []
    children = list(models.Claim.objects.filter(order_fingerprint=order.fingerprint))
    if not children:
        return []
    if any(child.currency != order.currency for child in children):
        raise ClaimInUse()
    child_ids = {child.id for child in children}
    below = list(models.ClaimLink.objects.filter(ancestor_id__in=child_ids))
    family = models.Claim.objects.lock_all(child_ids | {link.descendant_id for link in below})
    shares = usage.shares_from_below(
        order.amount_minor,
        {claim.id: claim.amount_minor for claim in family},
        child_ids,
        [(link.descendant_id, link.ancestor_id, link.share_minor, link.distance) for link in below],
    )
    used = sum(usage.weight(c.own_use_minor, shares[c.id][0]) for c in family)
    if used > order.amount_minor:
        raise ClaimInUse()
    order.used_minor = used
    return models.ClaimLink.objects.bulk_create(
        models.ClaimLink(
            descendant_id=claim_id, ancestor=order, currency=order.currency, share_minor=share, distance=distance
        )
        for claim_id, (share, distance) in shares.items()
    )


def _announce(row: models.Claim, links: list[models.ClaimLink], effective_at: datetime) -> None:
    event = ClaimRegistered(
        subject_id=row.id,
        effective_at=effective_at,
        scheme=row.scheme,
        debtor_id=row.debtor_id,
        creditor_id=row.creditor_id,
        amount=Money(row.amount_minor, row.currency),
        ancestors=tuple(link.ancestor_id for link in links if link.descendant_id == row.id),
        documents=tuple(row.documents),
        registered_by=row.registered_by,
    )
    events.publish(event, rows=[row.evidence(), *(link.evidence() for link in links)])


@joins
def reveal(*, object_ids: Sequence[UUID], organisation_ids: Sequence[UUID], reason: str) -> None:
    """Open claims or payables (by id) to organisations that took over what rests on them, for a stated reason.

    With a claim goes all that it grew out of: an invoice says little without its delivery and order. Called by financing
    when a funder is asked. Opens the document and the debtor's signature, not what is used or left of it.
    """
    above = models.ClaimLink.objects.filter(descendant_id__in=object_ids).values_list("ancestor_id", flat=True)
    seen = [*object_ids, *above]
    visibility.grant_many([(o, organisation, reason) for o in seen for organisation in organisation_ids])
