"""Tables of the register. Conservation of face is kept by a deferred constraint (migration 0002)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from fourflow.capital.vouchers import types
from fourflow.capital.vouchers.types import HoldingState, OverlayKind, VoucherState
from fourflow.platform.crypto.signing import Signature
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money


class VoucherQuerySet(VisibleQuerySet["Voucher"]):
    not_found: ClassVar[type[types.VoucherNotFound]] = types.VoucherNotFound


class Voucher(models.Model):
    """One obligation. Only state, redeemed, cancelled and the acknowledgement are ever written again."""

    id = IdField()
    number = models.TextField(unique=True)
    payable_id = models.UUIDField()
    claim_id = models.UUIDField()
    issuer_id = models.UUIDField()
    receiver_id = models.UUIDField()
    funder_id = models.UUIDField()
    currency = CurrencyField()
    face_minor = MinorField()
    redeemed_minor = MinorField(default=0)
    cancelled_minor = MinorField(default=0)
    issued_on = models.DateField()
    due_on = models.DateField()
    delivered_on = models.DateField(null=True)
    statutory_due_on = models.DateField(null=True)
    offer_expires_on = models.DateField(null=True)
    state = models.TextField(default=VoucherState.DRAFT)
    term_reason = models.TextField(default="")
    term_needs_ack = models.BooleanField(default=False)
    term_acknowledged_by = models.UUIDField(null=True)
    contract_clause = models.TextField(default="")
    creditor_size = models.TextField(default="")
    restricted_on = models.DateField(null=True)
    maker_person_id = models.UUIDField()
    approval_id = models.UUIDField(null=True)
    recorded_at = RecordedAtField()

    objects = VoucherQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in VoucherState]), name="voucher_state_known"),
            models.CheckConstraint(condition=Q(face_minor__gt=0), name="voucher_face_positive"),
            models.CheckConstraint(
                condition=Q(redeemed_minor__gte=0, cancelled_minor__gte=0)
                & Q(face_minor__gte=F("redeemed_minor") + F("cancelled_minor")),
                name="voucher_paid_within_face",
            ),
            models.CheckConstraint(
                condition=~Q(state=VoucherState.REDEEMED) | Q(face_minor=F("redeemed_minor") + F("cancelled_minor")),
                name="voucher_redeemed_means_paid",
            ),
            models.CheckConstraint(condition=Q(due_on__gt=F("issued_on")), name="voucher_due_after_issue"),
            models.CheckConstraint(condition=~Q(issuer_id=F("receiver_id")), name="voucher_two_parties"),
            models.CheckConstraint(
                condition=~Q(state=VoucherState.OFFERED) | Q(offer_expires_on__isnull=False),
                name="voucher_offer_expires",
            ),
            models.CheckConstraint(
                condition=Q(statutory_due_on__isnull=True)
                | Q(due_on__lte=F("statutory_due_on"))
                | ~Q(contract_clause=""),
                name="voucher_late_due_has_clause",
            ),
            models.CheckConstraint(
                condition=Q(term_needs_ack=False)
                | Q(term_acknowledged_by__isnull=False)
                | Q(state__in=[VoucherState.DRAFT, VoucherState.RETURNED]),
                name="voucher_long_term_acknowledged",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="voucher_by_due"),
            models.Index(fields=["issued_on", "id"], name="voucher_by_issue"),
            models.Index(fields=["face_minor", "id"], name="voucher_by_face"),
            models.Index(fields=["number"], name="voucher_by_number", opclasses=["text_pattern_ops"]),
            models.Index(fields=["state", "due_on", "id"], name="voucher_by_state"),
            models.Index(fields=["issuer_id", "due_on", "id"], name="voucher_by_issuer"),
            models.Index(fields=["claim_id"], name="voucher_by_claim"),
        ]

    def become(self, state: VoucherState, *, allowed: frozenset[VoucherState]) -> None:
        """Step to a state.

        :raises VoucherStateWrong: the present state is not among ``allowed``.
        """
        self.must_be(allowed)
        self.state = state

    def must_be(self, allowed: frozenset[VoucherState]) -> None:
        if self.state not in allowed:
            raise types.VoucherStateWrong(state=str(self.state), expected=sorted(s.value for s in allowed))

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    def to_type(self) -> types.Voucher:
        return types.Voucher(
            id=types.VoucherId(self.id),
            number=self.number,
            payable_id=self.payable_id,
            claim_id=self.claim_id,
            issuer_id=self.issuer_id,
            receiver_id=self.receiver_id,
            funder_id=self.funder_id,
            face=self.money(self.face_minor),
            issued_on=self.issued_on,
            due_on=self.due_on,
            delivered_on=self.delivered_on,
            statutory_due_on=self.statutory_due_on,
            offer_expires_on=self.offer_expires_on,
            state=VoucherState(self.state),
            redeemed=self.money(self.redeemed_minor),
            cancelled=self.money(self.cancelled_minor),
            term_reason=self.term_reason,
            term_acknowledged_by=self.term_acknowledged_by,
            contract_clause=self.contract_clause,
            approval_id=self.approval_id,
            creditor_size=self.creditor_size,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "vouchers_voucher",
            str(self.id),
            {
                "number": self.number,
                "payable": self.payable_id,
                "claim": self.claim_id,
                "issuer": self.issuer_id,
                "receiver": self.receiver_id,
                "funder": self.funder_id,
                "currency": self.currency,
                "face": self.face_minor,
                "redeemed": self.redeemed_minor,
                "cancelled": self.cancelled_minor,
                "issued_on": self.issued_on,
                "due_on": self.due_on,
                "delivered_on": self.delivered_on,
                "statutory_due_on": self.statutory_due_on,
                "offer_expires_on": self.offer_expires_on,
                "state": str(self.state),
                "clause": self.contract_clause,
                "creditor_size": self.creditor_size,
                "term_reason": self.term_reason,
                "term_acknowledged_by": self.term_acknowledged_by,
                "maker": self.maker_person_id,
            },
        )


class HoldingQuerySet(VisibleQuerySet["Holding"]):
    not_found: ClassVar[type[types.HoldingNotFound]] = types.HoldingNotFound


class Holding(models.Model):
    """A part of a voucher. Holder, amount, parent and path never change."""

    id = IdField()
    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="+")
    holder_id = models.UUIDField()
    currency = CurrencyField()
    amount_minor = MinorField()
    paid_minor = MinorField(default=0)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    path = ArrayField(models.UUIDField(), default=list)
    tier = models.PositiveSmallIntegerField(default=1)
    state = models.TextField(default=HoldingState.ACTIVE)
    receiver_id = models.UUIDField(null=True)
    pledgee_id = models.UUIDField(null=True)
    limit_reference = models.TextField(default="")
    trade_basis = models.TextField(default="")
    expires_on = models.DateField(null=True)
    acquired_at = models.DateTimeField()
    split_on = models.DateField(null=True)
    recorded_at = RecordedAtField()

    objects = HoldingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in HoldingState]), name="holding_state_known"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="holding_amount_positive"),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0, paid_minor__lte=F("amount_minor")), name="holding_paid_within_amount"
            ),
            models.CheckConstraint(
                condition=Q(state=HoldingState.REDEEMED, paid_minor=F("amount_minor"))
                | (~Q(state=HoldingState.REDEEMED) & Q(paid_minor__lt=F("amount_minor"))),
                name="holding_redeemed_means_paid",
            ),
            models.CheckConstraint(
                condition=Q(state=HoldingState.LOCKED_TRANSFER, receiver_id__isnull=False)
                | ~Q(state=HoldingState.LOCKED_TRANSFER),
                name="holding_locked_has_receiver",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, path=[]) | (Q(parent__isnull=False) & ~Q(path=[])),
                name="holding_path_of_parent",
            ),
            models.UniqueConstraint(
                fields=["voucher"], condition=Q(parent__isnull=True), name="holding_one_root_a_voucher"
            ),
        ]
        indexes = [
            models.Index(fields=["voucher", "state"], name="holding_by_voucher"),
            models.Index(fields=["holder_id", "state", "id"], name="holding_by_holder"),
            models.Index(fields=["receiver_id"], name="holding_by_receiver", condition=Q(state="locked_transfer")),
            models.Index(fields=["parent"], name="holding_by_parent"),
        ]

    def must_be(self, *allowed: HoldingState) -> None:
        if self.state not in allowed:
            raise types.HoldingStateWrong(state=str(self.state), expected=sorted(s.value for s in allowed))

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    def to_type(self) -> types.Holding:
        return types.Holding(
            id=types.HoldingId(self.id),
            voucher_id=types.VoucherId(self.voucher_id),
            holder_id=self.holder_id,
            amount=self.money(self.amount_minor),
            paid=self.money(self.paid_minor),
            parent_id=types.HoldingId(self.parent_id) if self.parent_id else None,
            path=tuple(self.path),
            tier=self.tier,
            state=HoldingState(self.state),
            receiver_id=self.receiver_id,
            pledgee_id=self.pledgee_id,
            limit_reference=self.limit_reference,
            trade_basis=self.trade_basis,
            expires_on=self.expires_on,
            acquired_at=self.acquired_at,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "vouchers_holding",
            str(self.id),
            {
                "voucher": self.voucher_id,
                "holder": self.holder_id,
                "currency": self.currency,
                "amount": self.amount_minor,
                "paid": self.paid_minor,
                "parent": self.parent_id,
                "path": list(self.path),
                "tier": self.tier,
                "state": str(self.state),
                "receiver": self.receiver_id,
                "pledgee": self.pledgee_id,
                "limit": self.limit_reference,
                "trade_basis": self.trade_basis,
                "expires_on": self.expires_on,
            },
        )


class SignedActQuerySet(VisibleQuerySet["SignedAct"]):
    visible_column: ClassVar[str] = "voucher_id"


class SignedAct(models.Model):
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
            },
        )


class OverlayQuerySet(VisibleQuerySet["Overlay"]):
    visible_column: ClassVar[str] = "voucher_id"
    not_found: ClassVar[type[types.OverlayNotFound]] = types.OverlayNotFound

    def open_over(self, holding: Holding, *kinds: OverlayKind) -> Self:
        """Open overlays on a part, on the voucher, or on anything that the part grew out of."""
        found = self.filter(voucher_id=holding.voucher_id, closed_on__isnull=True)
        if kinds:
            found = found.filter(kind__in=[kind.value for kind in kinds])
        return found.filter(Q(holding__isnull=True) | Q(holding_id__in=[*holding.path, holding.id]))


class Overlay(models.Model):
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
                "closed_on": self.closed_on,
            },
        )


class ComplaintQuerySet(VisibleQuerySet["Complaint"]):
    not_found: ClassVar[type[types.ComplaintNotFound]] = types.ComplaintNotFound

    def visible_to(self, actor: Viewer) -> Self:
        """The organisation's own complaints; all of them for who sees everything."""
        return self.all() if actor.sees_all else self.filter(organisation_id=actor.organisation_id)


class Complaint(models.Model):
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
                "text": self.text,
                "made_on": self.made_on,
                "answer": self.answer,
                "answered_on": self.answered_on,
            },
        )


class ConservationDue(models.Model):
    """Vouchers whose conservation is checked at the end of this transaction; always empty between transactions."""

    voucher_id = models.UUIDField(primary_key=True)

    class Meta:
        db_table = "vouchers_conservation_due"
