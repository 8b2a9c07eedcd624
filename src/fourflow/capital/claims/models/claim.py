"""Claims, what they grew out of, and their uses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, Func, Q

from fourflow.capital.claims import types
from fourflow.capital.claims.domain import fingerprint
from fourflow.platform.crypto.sealing import blind_index
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import VisibleQuerySet
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money


def documents_of(body: list[dict[str, Any]]) -> tuple[types.DocumentRef, ...]:
    """Document references as stored in a JSON column."""
    return tuple(
        types.DocumentRef(d["kind"], d["number"], UUID(d["document_id"]) if d["document_id"] else None) for d in body
    )


def fingerprints(scheme: types.Scheme, parts: dict[str, str]) -> tuple[bytes, bytes | None]:
    """The keyed fingerprints of a document and of the order that its numbers name.

    HMAC-SM3 under the installation's index key rather than a plain hash: document numbers are short and guessable, so a
    plain hash would tell whoever gets hold of the column which documents have been financed.
    """
    order = fingerprint.order_of(scheme, parts)
    return (
        blind_index(fingerprint.material(scheme, parts)),
        blind_index(fingerprint.material(types.Scheme.ORDER, order)) if order else None,
    )


class ClaimQuerySet(VisibleQuerySet["Claim"]):
    not_found: ClassVar[type[types.ClaimNotFound]] = types.ClaimNotFound

    def lock_with_ancestors(self, claim_ids: Iterable[UUID]) -> dict[UUID, Claim]:
        """The claims and everything above them, locked by ascending id in one statement.

        :raises ClaimNotFound: one of them does not exist.
        """
        wanted = list(claim_ids)
        found = {row.id: row for row in _WITH_ANCESTORS(ids=wanted)}
        if not found.keys() >= set(wanted):
            raise self.not_found(value=[str(i) for i in wanted])
        return found


class Claim(Record):
    """One underlying document, once. ``own_use`` counts this claim's uses, ``used`` also those of what grew out of it."""

    id = IdField()
    scheme = models.TextField()
    fingerprint = models.BinaryField()
    order_fingerprint = models.BinaryField(null=True)
    parts = models.JSONField()
    debtor_id = models.UUIDField()
    creditor_id = models.UUIDField()
    currency = CurrencyField()
    amount_minor = MinorField()
    own_use_minor = MinorField(default=0)
    used_minor = MinorField(default=0)
    credited_minor = MinorField(default=0)
    documents = models.JSONField(default=list)
    registered_by = models.UUIDField()
    registered_at = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = ClaimQuerySet.as_manager()

    class Meta:
        db_table = "claims_claim"
        constraints = [
            models.UniqueConstraint(fields=["scheme", "fingerprint"], name="claim_once"),
            models.UniqueConstraint(fields=["id", "currency"], name="claim_with_currency"),
            models.UniqueConstraint(fields=["id", "currency", "debtor_id", "creditor_id"], name="claim_with_parties"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="claim_amount"),
            models.CheckConstraint(condition=Q(used_minor__lte=F("amount_minor")), name="claim_used_within_amount"),
            models.CheckConstraint(
                condition=Q(own_use_minor__gte=0, own_use_minor__lte=F("used_minor")), name="claim_own_use_within_used"
            ),
            models.CheckConstraint(
                condition=Q(credited_minor__gte=0, credited_minor__lte=F("own_use_minor")),
                name="claim_credited_within_own_use",
            ),
            models.CheckConstraint(condition=~Q(debtor_id=F("creditor_id")), name="claim_two_parties"),
        ]
        indexes = [
            models.Index(
                fields=["order_fingerprint"], condition=Q(order_fingerprint__isnull=False), name="claim_by_order"
            ),
            models.Index(fields=["creditor_id", "id"], name="claim_by_creditor"),
            models.Index(fields=["debtor_id", "id"], name="claim_by_debtor"),
        ]

    def to_type(self, *, tell_use: bool) -> types.Claim:
        """``tell_use`` False leaves out what is used: for readers whom it does not concern."""
        return types.Claim(
            id=types.ClaimId(self.id),
            scheme=types.Scheme(self.scheme),
            parts=self.parts,
            debtor_id=self.debtor_id,
            creditor_id=self.creditor_id,
            amount=Money(self.amount_minor, self.currency),
            documents=documents_of(self.documents),
            registered_at=self.registered_at,
            used=Money(self.used_minor, self.currency) if tell_use else None,
            credited=Money(self.credited_minor, self.currency) if tell_use else None,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "claims_claim",
            str(self.id),
            {
                "scheme": self.scheme,
                "fingerprint": bytes(self.fingerprint),
                "order_fingerprint": bytes(self.order_fingerprint) if self.order_fingerprint else None,
                "parts": self.parts,
                "debtor": self.debtor_id,
                "creditor": self.creditor_id,
                "currency": self.currency,
                "amount": self.amount_minor,
                "own_use": self.own_use_minor,
                "used": self.used_minor,
                "credited": self.credited_minor,
                "documents": self.documents,
                "registered_by": self.registered_by,
                "registered_at": self.registered_at,
            },
        )


class ClaimLinkQuerySet(VisibleQuerySet["ClaimLink"]):
    visible_column: ClassVar[str] = "descendant_id"

    def above(self, claims: Iterable[Claim]) -> dict[UUID, dict[UUID, tuple[int, int]]]:
        """For each claim its ancestors with (share, distance), itself included with (its amount, 0)."""
        found: dict[UUID, dict[UUID, tuple[int, int]]] = defaultdict(dict)
        for claim in claims:
            found[claim.id][claim.id] = (claim.amount_minor, 0)
        for link in _ABOVE(ids=list(found)):
            found[link.descendant_id][link.ancestor_id] = (link.share_minor, link.distance)
        return dict(found)


class ClaimLink(Record):
    """``share`` of the descendant lies on the ancestor. The closure: every ancestor at every distance has its row."""

    id = IdField()
    descendant = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    ancestor = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    currency = CurrencyField()
    share_minor = MinorField()
    distance = models.PositiveSmallIntegerField()
    recorded_at = RecordedAtField()

    objects = ClaimLinkQuerySet.as_manager()

    class Meta:
        db_table = "claims_link"
        constraints = [
            models.UniqueConstraint(fields=["descendant", "ancestor"], name="claim_link_once"),
            models.CheckConstraint(condition=Q(share_minor__gt=0, distance__gte=1), name="claim_link_amounts"),
            models.CheckConstraint(condition=~Q(descendant=F("ancestor")), name="claim_link_upward"),
        ]

    def evidence(self) -> Evidenced:
        return Evidenced(
            "claims_link",
            str(self.id),
            {
                "descendant": self.descendant_id,
                "ancestor": self.ancestor_id,
                "currency": self.currency,
                "share": self.share_minor,
                "distance": self.distance,
            },
        )


class ClaimUseQuerySet(VisibleQuerySet["ClaimUse"]):
    visible_column: ClassVar[str] = "claim_id"
    not_found: ClassVar[type[types.ClaimUseNotFound]] = types.ClaimUseNotFound

    def claim_ids(self, reference: str, claim_id: UUID | None) -> list[UUID]:
        """The claims that a reference finances, read before they are locked: a use never changes its claim.

        :raises ClaimUseNotFound: none, or not this one.
        """
        uses = self.filter(reference=reference, kind=types.UseKind.FINANCE)
        if claim_id is not None:
            uses = uses.filter(claim_id=claim_id)
        found = list(uses.values_list("claim_id", flat=True))
        if not found:
            raise self.not_found(reference=reference)
        return found

    def under_lock(self, reference: str, claim_ids: Iterable[UUID]) -> list[ClaimUse]:
        """The uses of a reference by claim id; the claims must be locked, which keeps the uses still."""
        return list(self.filter(reference=reference, claim_id__in=list(claim_ids)).order_by("claim_id"))


class ClaimUse(Record):
    """What one reference takes of one claim. Only ``released`` ever changes, and only grows."""

    id = IdField()
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    payable = models.ForeignKey("claims.Payable", on_delete=models.PROTECT, related_name="+", null=True)
    kind = models.TextField()
    reference = models.TextField()
    currency = CurrencyField()
    amount_minor = MinorField()
    released_minor = MinorField(default=0)
    used_at = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = ClaimUseQuerySet.as_manager()

    class Meta:
        db_table = "claims_use"
        constraints = [
            models.UniqueConstraint(fields=["claim", "reference"], name="claim_use_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, released_minor__gte=0, released_minor__lte=F("amount_minor")),
                name="claim_use_amounts",
            ),
            models.CheckConstraint(
                condition=Q(kind="finance") | Q(kind="credit_note", released_minor=0),
                name="claim_use_credit_note_stays",
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="claim_use_reference"),
        ]
        indexes = [models.Index(fields=["reference"], name="claim_use_by_reference")]

    @property
    def open_minor(self) -> int:
        minor: int = self.amount_minor - self.released_minor
        return minor

    def to_type(self) -> types.ClaimUse:
        return types.ClaimUse(
            id=self.id,
            claim_id=types.ClaimId(self.claim_id),
            payable_id=types.PayableId(self.payable_id) if self.payable_id else None,
            kind=types.UseKind(self.kind),
            reference=self.reference,
            amount=Money(self.amount_minor, self.currency),
            released=Money(self.released_minor, self.currency),
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "claims_use",
            str(self.id),
            {
                "claim": self.claim_id,
                "payable": self.payable_id,
                "kind": self.kind,
                "reference": self.reference,
                "currency": self.currency,
                "amount": self.amount_minor,
                "released": self.released_minor,
                "used_at": self.used_at,
            },
        )


def lock_with_ancestors() -> models.QuerySet[Claim]:
    above = ArraySubquery(ClaimLink.objects.filter(descendant_id__any=Given("ids")).values("ancestor_id"))
    # one list of ids, found by key; "among these or those" would read every claim there is
    rows = Claim.objects.filter(pk__any=Func(Given("ids"), above, function="array_cat"))
    return rows.order_by("pk").select_for_update(no_key=True)


_WITH_ANCESTORS = prepared(lock_with_ancestors)
_ABOVE = prepared(lambda: ClaimLink.objects.filter(descendant_id__any=Given("ids")))
