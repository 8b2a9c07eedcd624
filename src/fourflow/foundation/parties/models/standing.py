"""What bars a party, and whom a party lets read its data."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from fourflow.foundation.parties.models.organisations import OfPartyQuerySet, Party, one_of
from fourflow.foundation.parties.types import (
    Barred,
    ConsentView,
    PartyRecordNotFound,
    RestrictionSource,
    RestrictionView,
)
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.events.types import Evidenced


class Restriction(models.Model):
    """In force from `valid_from` until two people have lifted it (`lifted_on` is the first free day).

    A person says the `reason` in words; a rule says it by the source and its `facts`, which each reader's language tells.
    """

    id = IdField()
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    bars = models.TextField()
    source = models.TextField()
    reference = models.TextField()
    reason = models.TextField()
    facts = models.JSONField(default=dict)
    imposed_by = models.UUIDField()
    valid_from = models.DateField()
    lifted_on = models.DateField(null=True)
    lift_approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    objects = OfPartyQuerySet.as_manager()

    class Meta:
        db_table = "parties_restriction"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("bars", Barred, "restriction_bars_known"),
            one_of("source", RestrictionSource, "restriction_source_known"),
            models.CheckConstraint(
                condition=~Q(reference="") & (~Q(reason="") | ~Q(facts={})), name="restriction_explained"
            ),
            models.CheckConstraint(
                condition=Q(lifted_on__isnull=True, lift_approval__isnull=True)
                | Q(lifted_on__isnull=False, lift_approval__isnull=False),
                name="restriction_lift_approved",
            ),
            models.UniqueConstraint(fields=["party", "source", "reference", "bars"], name="restriction_once"),
        ]

    def to_type(self) -> RestrictionView:
        return RestrictionView(
            id=self.id,
            party_id=self.party_id,
            bars=Barred(self.bars),
            source=RestrictionSource(self.source),
            reference=self.reference,
            reason=self.reason,
            facts=dict(self.facts),
            valid_from=self.valid_from,
            lifted_on=self.lifted_on,
        )

    def evidenced(self) -> Evidenced:
        content = {"party": self.party_id, "bars": self.bars, "source": self.source, "reference": self.reference}
        why = {"reason": self.reason, "facts": self.facts}
        period = {**why, "from": self.valid_from, "lifted_on": self.lifted_on}
        who = {"imposed_by": self.imposed_by, "lift_approval": self.lift_approval_id}
        return Evidenced("parties_restriction", str(self.id), content | period | who)


class ConsentQuerySet(VisibleQuerySet["Consent"]):
    not_found = PartyRecordNotFound

    def visible_to(self, actor: Viewer) -> Self:
        """Both sides of a consent see it."""
        if actor.sees_all:
            return self.all()
        return self.filter(Q(subject_id=actor.organisation_id) | Q(to_party_id=actor.organisation_id))


class Consent(models.Model):
    id = IdField()
    subject = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    to_party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    purpose = models.TextField()
    authorisation_number = models.TextField(unique=True)
    valid_from = models.DateField()
    valid_to = models.DateField()
    given_by = models.UUIDField()
    withdrawn_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = ConsentQuerySet.as_manager()

    class Meta:
        db_table = "parties_consent"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(valid_to__gt=F("valid_from")), name="consent_period_forward"),
            models.CheckConstraint(
                condition=~Q(purpose="") & ~Q(authorisation_number=""), name="consent_for_a_purpose"
            ),
            models.CheckConstraint(condition=~Q(subject=F("to_party")), name="consent_to_another"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["subject", "to_party", "purpose"], name="consent_lookup")
        ]

    def to_type(self) -> ConsentView:
        return ConsentView(
            id=self.id,
            subject_id=self.subject_id,
            to_party_id=self.to_party_id,
            purpose=self.purpose,
            authorisation_number=self.authorisation_number,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            withdrawn_at=self.withdrawn_at,
        )

    def evidenced(self) -> Evidenced:
        content = {"subject": self.subject_id, "to_party": self.to_party_id, "purpose": self.purpose}
        period = {"number": self.authorisation_number, "from": self.valid_from, "to": self.valid_to}
        given = {"given_by": self.given_by, "withdrawn_at": self.withdrawn_at}
        return Evidenced("parties_consent", str(self.id), content | period | given)
