"""Confirmed payables."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fourflow.capital.claims import types
from fourflow.capital.claims.models.claim import Claim, documents_of
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import VisibleQuerySet
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money


class PayableQuerySet(VisibleQuerySet["Payable"]):
    not_found: ClassVar[type[types.PayableNotFound]] = types.PayableNotFound


class Payable(Record):
    """A debtor's word on a claim. What it says never changes; used only while CONFIRMED, and within its amount."""

    id = IdField()
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    debtor_id = models.UUIDField()
    creditor_id = models.UUIDField()
    currency = CurrencyField()
    amount_minor = MinorField()
    used_minor = MinorField(default=0)
    due_date = models.DateField()
    delivered_on = models.DateField(null=True)
    documents = models.JSONField(default=list)
    state = models.TextField(default=types.PayableState.PROPOSED.value)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    decide_by = models.DateField()
    confirmed_by = models.UUIDField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    signature = models.JSONField(null=True)
    withdrawn_by = models.UUIDField(null=True)
    reason = models.TextField(default="")
    recorded_at = RecordedAtField()

    objects = PayableQuerySet.as_manager()

    class Meta:
        db_table = "claims_payable"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, used_minor__gte=0, used_minor__lte=F("amount_minor")),
                name="payable_used_within_amount",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", signature__isnull=True, confirmed_by__isnull=True)
                | Q(state="confirmed", signature__isnull=False, confirmed_by__isnull=False)
                | Q(state="withdrawn", withdrawn_by__isnull=False)
                | Q(state="expired", signature__isnull=True, confirmed_by__isnull=True, withdrawn_by__isnull=True),
                name="payable_state",
            ),
            models.CheckConstraint(
                condition=Q(used_minor=0) | Q(state="confirmed"), name="payable_used_when_confirmed"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")), name="payable_two_people"
            ),
            models.CheckConstraint(condition=~Q(documents=[]), name="payable_names_documents"),
            models.CheckConstraint(
                condition=Q(delivered_on__isnull=True) | Q(due_date__gte=F("delivered_on")),
                name="payable_due_after_delivery",
            ),
            models.UniqueConstraint(
                fields=["claim"], condition=Q(state__in=["proposed", "confirmed"]), name="payable_one_open"
            ),
            models.UniqueConstraint(fields=["id", "claim"], name="payable_with_claim"),
        ]
        indexes = [
            models.Index(fields=["debtor_id", "state", "id"], name="payable_by_debtor"),
            models.Index(fields=["creditor_id", "state", "id"], name="payable_by_creditor"),
            models.Index(fields=["amount_minor", "id"], name="payable_by_amount"),
            models.Index(fields=["due_date", "id"], name="payable_by_due"),
            models.Index(fields=["decide_by", "id"], condition=Q(state="proposed"), name="payable_to_expire"),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def derived_state(self) -> types.PayableState:
        state = types.PayableState(self.state)
        if state is not types.PayableState.CONFIRMED or not self.used_minor:
            return state
        return types.PayableState.USED if self.used_minor == self.amount_minor else types.PayableState.PARTLY_USED

    def to_type(self) -> types.ConfirmedPayable:
        return types.ConfirmedPayable(
            id=types.PayableId(self.id),
            claim_id=types.ClaimId(self.claim_id),
            debtor_id=self.debtor_id,
            creditor_id=self.creditor_id,
            amount=self.amount,
            due_date=self.due_date,
            delivered_on=self.delivered_on,
            state=self.derived_state,
            documents=documents_of(self.documents),
            proposed_by=self.proposed_by,
            proposed_at=self.proposed_at,
            decide_by=self.decide_by,
            used=Money(self.used_minor, self.currency),
            confirmed_by=self.confirmed_by,
            confirmed_at=self.confirmed_at,
            signature=Signature.from_body(self.signature) if self.signature else None,
            reason=self.reason,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "claims_payable",
            str(self.id),
            {
                "claim": self.claim_id,
                "debtor": self.debtor_id,
                "creditor": self.creditor_id,
                "currency": self.currency,
                "amount": self.amount_minor,
                "used": self.used_minor,
                "due_date": self.due_date,
                "delivered_on": self.delivered_on,
                "documents": self.documents,
                "state": self.state,
                "proposed_by": self.proposed_by,
                "proposed_at": self.proposed_at,
                "decide_by": self.decide_by,
                "confirmed_by": self.confirmed_by,
                "confirmed_at": self.confirmed_at,
                "signature": self.signature,
                "withdrawn_by": self.withdrawn_by,
                "reason": self.reason,
            },
        )
