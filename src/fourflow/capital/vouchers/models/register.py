"""Tables of the register. Conservation of face is kept by a deferred constraint (migration 0002)."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from fourflow.capital.vouchers import types
from fourflow.capital.vouchers.types import HoldingState, VoucherState
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import VisibleQuerySet
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money


class VoucherQuerySet(VisibleQuerySet["Voucher"]):
    not_found: ClassVar[type[types.VoucherNotFound]] = types.VoucherNotFound


class Voucher(Record):
    """One obligation. Only its state with its days, redeemed, cancelled and the acknowledgement are ever written again."""

    id = IdField()
    number = models.TextField(unique=True, db_collation="C")
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
    cancel_by = models.DateField(null=True)
    paid_on = models.DateField(null=True)
    overdue_on = models.DateField(null=True)
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
            models.CheckConstraint(
                condition=Q(redeemed_minor=0, paid_on__isnull=True) | Q(redeemed_minor__gt=0, paid_on__isnull=False),
                name="voucher_paid_on_a_day",
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
            models.CheckConstraint(
                condition=Q(cancel_by__isnull=True) | Q(state=VoucherState.ACTIVE), name="voucher_asked_while_active"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[VoucherState.OVERDUE, VoucherState.DEFAULTED])
                | Q(overdue_on__isnull=False, overdue_on__gt=F("due_on")),
                name="voucher_overdue_since_a_day",
            ),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="voucher_by_due"),
            models.Index(fields=["issued_on", "id"], name="voucher_by_issue"),
            models.Index(fields=["face_minor", "id"], name="voucher_by_face"),
            models.Index(fields=["state", "due_on", "id"], name="voucher_by_state"),
            models.Index(fields=["state", "issued_on", "id"], name="voucher_by_state_issue"),
            models.Index(fields=["state", "face_minor", "id"], name="voucher_by_state_face"),
            models.Index(fields=["issuer_id", "due_on", "id"], name="voucher_by_issuer"),
            models.Index(fields=["claim_id"], name="voucher_by_claim"),
            models.Index(fields=["cancel_by", "id"], condition=Q(cancel_by__isnull=False), name="voucher_to_cancel"),
            # asked every five seconds: who of the late issuers is not on the stop list yet
            models.Index(
                fields=["due_on", "id"],
                condition=Q(state__in=["overdue", "defaulted"], restricted_on__isnull=True),
                name="voucher_unrestricted",
            ),
            # few are paid late: to find them among all that are paid would read everything
            *(
                models.Index(
                    fields=[column, "id"],
                    condition=Q(state="redeemed", paid_on__gt=F("due_on")),
                    name=f"voucher_late_by_{name}",
                )
                for name, column in (("due", "due_on"), ("issue", "issued_on"), ("face", "face_minor"))
            ),
            # what was late and is paid, the latest first
            models.Index(
                fields=["paid_on", "id"],
                condition=Q(state="redeemed", overdue_on__isnull=False),
                name="voucher_no_longer_late",
            ),
            # asked for the menu of every page of a supplier
            models.Index(
                fields=["receiver_id", "offer_expires_on", "id"],
                condition=Q(state="offered"),
                name="voucher_offered_to",
            ),
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
            cancel_by=self.cancel_by,
            paid_on=self.paid_on,
            overdue_on=self.overdue_on,
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
                "cancel_by": self.cancel_by,
                "paid_on": self.paid_on,
                "overdue_on": self.overdue_on,
                "state": str(self.state),
                "clause": self.contract_clause,
                "creditor_size": self.creditor_size,
                "term_reason": self.term_reason,
                "term_needs_ack": self.term_needs_ack,
                "approval": self.approval_id,
                "term_acknowledged_by": self.term_acknowledged_by,
                "maker": self.maker_person_id,
            },
        )


class HoldingQuerySet(VisibleQuerySet["Holding"]):
    not_found: ClassVar[type[types.HoldingNotFound]] = types.HoldingNotFound


class Holding(Record):
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
                "acquired_at": self.acquired_at,
                "split_on": self.split_on,
            },
        )


class ConservationDue(Record):
    """Vouchers whose conservation is checked at the end of this transaction; always empty between transactions."""

    voucher_id = models.UUIDField(primary_key=True)

    class Meta:
        db_table = "vouchers_conservation_due"


#: stands for the whole platform where an organisation's totals stand otherwise
WHOLE = UUID(int=0)


class Tally(Record):
    """A change of somebody's totals: how many vouchers of a state, term and due date more or fewer it sees, of what sums.

    Triggers write it with every voucher and every grant of sight (migration 0003); the sum of the rows is the total, so
    nobody waits for anybody at a counter. A sweeper makes one row of those of a key, and marks it ``summed``.
    """

    id = models.BigAutoField(primary_key=True)
    organisation_id = models.UUIDField()
    state = models.TextField()
    currency = CurrencyField()
    term = models.TextField()
    due_on = models.DateField()
    vouchers = models.BigIntegerField()
    face_minor = MinorField()
    redeemed_minor = MinorField()
    cancelled_minor = MinorField()
    summed = models.BooleanField(db_default=False)

    class Meta:
        db_table = "vouchers_tally"
        indexes = [
            models.Index(fields=["organisation_id", "due_on"], name="tally_by_organisation"),
            models.Index(fields=["id"], condition=Q(summed=False), name="tally_to_sum"),
        ]
