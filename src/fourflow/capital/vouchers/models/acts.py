"""Tables of what is said over vouchers: signatures, disputes and freezes, complaints, promises to pay late."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from fourflow.capital.vouchers import types
from fourflow.capital.vouchers.domain.promising import outcome
from fourflow.capital.vouchers.models.register import Holding, Voucher
from fourflow.capital.vouchers.types import OverlayKind
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money


class SignedActQuerySet(VisibleQuerySet["SignedAct"]):
    visible_column: ClassVar[str] = "voucher_id"


class SignedAct(Record):
    """A signature with its content: append-only."""

    id = IdField()
    act = models.TextField()
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="+")
    holding = models.ForeignKey(Holding, null=True, on_delete=models.PROTECT, related_name="+")
    organisation_id = models.UUIDField()
    person_id = models.UUIDField()
    content = models.JSONField()
    signature = models.JSONField()
    effective_at = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = SignedActQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["voucher", "recorded_at"], name="act_by_voucher")]

    def to_type(self) -> types.SignedAct:
        return types.SignedAct(
            act=types.Act(self.act),
            voucher_id=types.VoucherId(self.voucher_id),
            holding_id=types.HoldingId(self.holding_id) if self.holding_id else None,
            organisation_id=self.organisation_id,
            person_id=self.person_id,
            content=self.content,
            signature=Signature.from_body(self.signature),
            effective_at=self.effective_at,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "vouchers_signedact",
            str(self.id),
            {
                "act": self.act,
                "voucher": self.voucher_id,
                "holding": self.holding_id,
                "organisation": self.organisation_id,
                "person": self.person_id,
                "content": self.content,
                "signature": self.signature,
                "effective_at": self.effective_at,
            },
        )


class OverlayQuerySet(VisibleQuerySet["Overlay"]):
    visible_column: ClassVar[str] = "voucher_id"
    not_found: ClassVar[type[types.OverlayNotFound]] = types.OverlayNotFound

    def open_over(self, holding: Holding, *kinds: OverlayKind) -> list[Overlay]:
        """Open overlays (of these kinds, or any) on a part, on the voucher, or on anything that the part grew out of."""
        return _open_over(
            voucher=holding.voucher_id,
            kinds=[kind.value for kind in kinds or OverlayKind],
            line=[*holding.path, holding.id],
        )


_open_over = prepared(
    lambda: Overlay.objects.filter(
        Q(holding__isnull=True) | Q(holding_id__any=Given("line")),
        voucher_id=Given("voucher"),
        kind__any=Given("kinds"),
        closed_on__isnull=True,
    ).order_by("id")
)


class Overlay(Record):
    """A dispute or freeze over a voucher (holding null) or over a holding and all that grew out of it."""

    id = IdField()
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="+")
    holding = models.ForeignKey(Holding, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    source = models.TextField()
    organisation_id = models.UUIDField()
    opened_by = models.UUIDField()
    opened_on = models.DateField()
    approval_id = models.UUIDField(null=True)
    closed_on = models.DateField(null=True)
    closing_reason = models.TextField(default="")
    recorded_at = RecordedAtField()

    objects = OverlayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in OverlayKind]), name="overlay_kind_known"),
            models.CheckConstraint(condition=~Q(source=""), name="overlay_has_source"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")), name="overlay_period"
            ),
        ]
        indexes = [models.Index(fields=["voucher"], condition=Q(closed_on__isnull=True), name="overlay_open")]

    def to_type(self) -> types.Overlay:
        return types.Overlay(
            id=self.id,
            voucher_id=types.VoucherId(self.voucher_id),
            holding_id=types.HoldingId(self.holding_id) if self.holding_id else None,
            organisation_id=self.organisation_id,
            kind=OverlayKind(self.kind),
            source=self.source,
            opened_on=self.opened_on,
            closed_on=self.closed_on,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "vouchers_overlay",
            str(self.id),
            {
                "voucher": self.voucher_id,
                "holding": self.holding_id,
                "kind": self.kind,
                "source": self.source,
                "organisation": self.organisation_id,
                "opened_by": self.opened_by,
                "opened_on": self.opened_on,
                "approval": self.approval_id,
                "closed_on": self.closed_on,
                "closing_reason": self.closing_reason,
            },
        )


class PromiseQuerySet(VisibleQuerySet["Promise"]):
    visible_column: ClassVar[str] = "voucher_id"


class Promise(Record):
    """The issuer's statement by when it pays what is late: append-only, and a later one replaces none."""

    id = IdField()
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="+")
    organisation_id = models.UUIDField()
    person_id = models.UUIDField()
    said_on = models.DateField()
    pays_on = models.DateField()
    currency = CurrencyField()
    amount_minor = MinorField()
    reason = models.TextField()
    recorded_at = RecordedAtField()

    objects = PromiseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pays_on__gt=F("said_on")), name="promise_after_it_is_said"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="promise_amount_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="promise_has_reason"),
        ]
        indexes = [
            models.Index(fields=["voucher", "id"], name="promise_by_voucher"),
            models.Index(fields=["pays_on", "id"], name="promise_by_day"),
        ]

    def to_type(self, today: date) -> types.Promise:
        """``voucher`` is read with it."""
        voucher = self.voucher.to_type()
        paid_on = voucher.paid_on if voucher.state is types.VoucherState.REDEEMED else None
        return types.Promise(
            id=self.id,
            voucher_id=voucher.id,
            number=voucher.number,
            issuer_id=self.organisation_id,
            person_id=self.person_id,
            said_on=self.said_on,
            due_on=voucher.due_on,
            pays_on=self.pays_on,
            amount=Money(self.amount_minor, self.currency),
            reason=self.reason,
            outstanding=voucher.outstanding,
            paid_on=paid_on,
            outcome=outcome(voucher.state, pays_on=self.pays_on, paid_on=paid_on, today=today),
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "vouchers_promise",
            str(self.id),
            {
                "voucher": self.voucher_id,
                "organisation": self.organisation_id,
                "person": self.person_id,
                "said_on": self.said_on,
                "pays_on": self.pays_on,
                "currency": self.currency,
                "amount": self.amount_minor,
                "reason": self.reason,
            },
        )


class ComplaintQuerySet(VisibleQuerySet["Complaint"]):
    not_found: ClassVar[type[types.ComplaintNotFound]] = types.ComplaintNotFound

    def visible_to(self, actor: Viewer) -> Self:
        """The organisation's own complaints; all of them for who sees everything."""
        return self.all() if actor.sees_all else self.filter(organisation_id=actor.organisation_id)


class Complaint(Record):
    """A holder's complaint, for instance on an overdue holding; answered by the operator's desk."""

    id = IdField()
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="+")
    organisation_id = models.UUIDField()
    person_id = models.UUIDField()
    text = models.TextField()
    made_on = models.DateField()
    answer_due_on = models.DateField()
    answer = models.TextField(default="")
    answered_on = models.DateField(null=True)
    answered_by = models.UUIDField(null=True)
    recorded_at = RecordedAtField()

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="complaint_has_text"),
            models.CheckConstraint(
                condition=Q(answered_on__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_on__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="complaint_answered_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["answer_due_on"], condition=Q(answered_on__isnull=True), name="complaint_open"),
            models.Index(fields=["organisation_id", "id"], name="complaint_by_organisation"),
            models.Index(fields=["answered_on", "id"], name="complaint_answered"),
        ]

    def to_type(self) -> types.Complaint:
        return types.Complaint(
            id=self.id,
            voucher_id=types.VoucherId(self.voucher_id),
            organisation_id=self.organisation_id,
            text=self.text,
            made_on=self.made_on,
            answer_due_on=self.answer_due_on,
            answer=self.answer,
            answered_on=self.answered_on,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "vouchers_complaint",
            str(self.id),
            {
                "voucher": self.voucher_id,
                "organisation": self.organisation_id,
                "person": self.person_id,
                "text": self.text,
                "made_on": self.made_on,
                "answer_due_on": self.answer_due_on,
                "answer": self.answer,
                "answered_on": self.answered_on,
                "answered_by": self.answered_by,
            },
        )
