"""Requests and decisions. The rules that hold whatever code runs stand in migrations/0002_rules.py."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from fourflow.foundation.approvals.types import (
    Approval,
    ApprovalId,
    ApprovalNotFound,
    ApprovalState,
    Decision,
    Verdict,
)
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.events.types import Evidenced


class ApprovalQuerySet(VisibleQuerySet["ApprovalRow"]):
    not_found = ApprovalNotFound

    def visible_to(self, actor: Viewer) -> Self:
        """The requests of the acting organisation: deciding is never done for another one, whoever may look on."""
        return self.filter(organisation_id=actor.organisation_id)


class ApprovalRow(Record):
    id = IdField()
    kind = models.TextField()
    object_id = models.UUIDField()
    organisation_id = models.UUIDField()
    maker_person_id = models.UUIDField()
    maker_account_id = models.UUIDField(null=True)
    snapshot = models.JSONField()
    payload_hash = models.BinaryField(max_length=32)
    checks = models.PositiveSmallIntegerField(default=1)
    state = models.TextField(default=ApprovalState.PENDING.value)
    requested_at = models.DateTimeField()
    decide_by = models.DateField()
    closed_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        db_table = "approvals_approval"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in ApprovalState]), name="approval_state_known"
            ),
            models.CheckConstraint(condition=Q(checks__gte=1, checks__lte=9), name="approval_checks_one_to_nine"),
            models.CheckConstraint(
                condition=Q(state="pending", closed_at__isnull=True)
                | (~Q(state="pending") & Q(closed_at__isnull=False)),
                name="approval_closed_when_final",
            ),
            models.UniqueConstraint(
                fields=["kind", "object_id"], condition=Q(state="pending"), name="approval_one_pending_per_object"
            ),
            models.UniqueConstraint(fields=["id", "maker_person_id"], name="approval_with_maker"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["organisation_id", "requested_at", "id"], condition=Q(state="pending"), name="approval_inbox"
            ),
            models.Index(fields=["object_id", "kind", "closed_at"], name="approval_by_object"),
            models.Index(fields=["decide_by", "id"], condition=Q(state="pending"), name="approval_to_expire"),
        ]

    def to_type(self, decisions: tuple[Decision, ...] = ()) -> Approval:
        return Approval(
            id=ApprovalId(self.id),
            kind=self.kind,
            object_id=self.object_id,
            organisation_id=self.organisation_id,
            maker_person_id=self.maker_person_id,
            snapshot=self.snapshot,
            payload_hash=bytes(self.payload_hash),
            checks=self.checks,
            state=ApprovalState(self.state),
            requested_at=self.requested_at,
            decide_by=self.decide_by,
            decisions=decisions,
        )

    def evidenced(self) -> Evidenced:
        content: dict[str, Any] = {
            "kind": self.kind,
            "object": self.object_id,
            "organisation": self.organisation_id,
            "maker": self.maker_person_id,
            "maker_account": self.maker_account_id,
            "payload_hash": bytes(self.payload_hash),
            "snapshot": self.snapshot,
            "checks": self.checks,
            "state": self.state,
            "requested_at": self.requested_at,
            "decide_by": self.decide_by,
            "closed_at": self.closed_at,
        }
        return Evidenced("approvals_approval", str(self.id), content)


def under_lock() -> models.QuerySet[ApprovalRow]:
    """One request of an organisation, locked."""
    rows = ApprovalRow.objects.filter(pk=Given("id"), organisation_id=Given("organisation"))
    return rows.select_for_update(no_key=True)


UNDER_LOCK = prepared(under_lock)


class DecisionQuerySet(VisibleQuerySet["DecisionRow"]):
    not_found = ApprovalNotFound

    def visible_to(self, actor: Viewer) -> Self:
        return self.filter(organisation_id=actor.organisation_id)


class DecisionRow(Record):
    """Append-only. `maker_person_id` repeats the request's, so that one CHECK compares the two people."""

    id = IdField()
    approval = models.ForeignKey(ApprovalRow, on_delete=models.PROTECT, related_name="+")
    maker_person_id = models.UUIDField()
    person_id = models.UUIDField()
    account_id = models.UUIDField(null=True)
    organisation_id = models.UUIDField()
    verdict = models.TextField()
    reason = models.TextField(default="", blank=True)
    payload_hash = models.BinaryField(max_length=32)
    decided_at = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = DecisionQuerySet.as_manager()

    class Meta:
        db_table = "approvals_decision"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["approval", "person_id"], name="decision_once_per_person"),
            models.CheckConstraint(condition=~Q(person_id=F("maker_person_id")), name="decision_not_by_the_maker"),
            models.CheckConstraint(condition=Q(verdict__in=[v.value for v in Verdict]), name="decision_verdict_known"),
            models.CheckConstraint(
                condition=Q(verdict="approve") | ~Q(reason=""), name="decision_rejection_has_reason"
            ),
        ]

    def to_type(self) -> Decision:
        return Decision(
            approval_id=ApprovalId(self.approval_id),
            person_id=self.person_id,
            account_id=self.account_id,
            organisation_id=self.organisation_id,
            verdict=Verdict(self.verdict),
            reason=self.reason,
            payload_hash=bytes(self.payload_hash),
            decided_at=self.decided_at,
        )

    def evidenced(self) -> Evidenced:
        content: dict[str, Any] = {
            "approval": self.approval_id,
            "maker": self.maker_person_id,
            "person": self.person_id,
            "account": self.account_id,
            "organisation": self.organisation_id,
            "verdict": self.verdict,
            "reason": self.reason,
            "payload_hash": bytes(self.payload_hash),
            "decided_at": self.decided_at,
        }
        return Evidenced("approvals_decision", str(self.id), content)
