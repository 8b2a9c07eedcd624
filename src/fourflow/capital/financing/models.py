"""Tables of capital.financing."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from fourflow.capital.financing import types
from fourflow.capital.financing.domain import pricing
from fourflow.capital.financing.types import CostKind, CostLine, FeePayee, FinancingState, FunderDecision
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import VisibleQuerySet
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money


class QuoteQuerySet(VisibleQuerySet["Quote"]):
    not_found: ClassVar[type[types.QuoteNotFound]] = types.QuoteNotFound


class Quote(Record):
    """A priced offer; immutable."""

    id = IdField()
    holding_id = models.UUIDField()
    voucher_id = models.UUIDField()
    applicant_id = models.UUIDField()
    funder_id = models.UUIDField()
    obligor_id = models.UUIDField()
    currency = CurrencyField()
    amount_minor = MinorField()
    recourse = models.BooleanField()
    annual_rate = models.DecimalField(max_digits=9, decimal_places=6)
    day_count = models.TextField()
    start_on = models.DateField()
    due_on = models.DateField()
    lines = models.JSONField()
    net_minor = MinorField()
    cost_minor = MinorField()
    annualised = models.DecimalField(max_digits=12, decimal_places=6)
    platform_share_minor = MinorField()
    valid_until = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = QuoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor=F("net_minor") + F("cost_minor")), name="quote_net_and_cost_are_the_amount"
            ),
            models.CheckConstraint(condition=Q(net_minor__gt=0, cost_minor__gte=0), name="quote_amounts"),
            models.CheckConstraint(condition=Q(due_on__gt=F("start_on")), name="quote_period"),
            models.CheckConstraint(condition=Q(day_count__in=list(pricing.YEARS)), name="quote_day_count_known"),
            models.CheckConstraint(condition=~Q(applicant_id=F("funder_id")), name="quote_two_parties"),
        ]

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    def to_type(self) -> types.Quote:
        return types.Quote(
            id=types.QuoteId(self.id),
            holding_id=self.holding_id,
            voucher_id=self.voucher_id,
            applicant_id=self.applicant_id,
            funder_id=self.funder_id,
            obligor_id=self.obligor_id,
            amount=self.money(self.amount_minor),
            recourse=self.recourse,
            annual_rate=Decimal(self.annual_rate),
            day_count=self.day_count,
            start_on=self.start_on,
            due_on=self.due_on,
            days=pricing.day_count_days(self.start_on, self.due_on, self.day_count),
            lines=tuple(_line(line) for line in self.lines),
            net=self.money(self.net_minor),
            cost=self.money(self.cost_minor),
            annualised=Decimal(self.annualised),
            platform_share=self.money(self.platform_share_minor),
            valid_until=self.valid_until,
        )

    def evidence(self) -> Evidenced:
        """What the applicant consented to, and what the consent does not name."""
        own = {
            "voucher": self.voucher_id,
            "applicant": self.applicant_id,
            "obligor": self.obligor_id,
            "cost": self.cost_minor,
            "platform_share": self.platform_share_minor,
            "valid_until": self.valid_until,
        }
        return Evidenced("financing_quote", str(self.id), {**self.to_type().content(), **own})


def _line(body: dict[str, Any]) -> CostLine:
    amount = Money.parse(body["amount"]["amount"], body["amount"]["currency"])
    return CostLine(CostKind(body["kind"]), FeePayee(body["payee"]), amount, body["formula"])


class FinancingQuerySet(VisibleQuerySet["Financing"]):
    not_found: ClassVar[type[types.FinancingNotFound]] = types.FinancingNotFound


class Financing(Record):
    """One financing. The gate of the payout is a CHECK: no DISBURSING without decision and registration."""

    id = IdField()
    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="+")
    holding_id = models.UUIDField()
    held_id = models.UUIDField(null=True)
    applicant_id = models.UUIDField()
    funder_id = models.UUIDField()
    state = models.TextField(default=FinancingState.REQUESTED)
    consent = models.JSONField()
    requested_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)
    decision = models.JSONField(null=True)
    decided_rate = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    approval_id = models.UUIDField(null=True)
    own_limit = models.BooleanField(default=False)
    registration_id = models.UUIDField(null=True)
    requeried_at = models.DateTimeField(null=True)
    instruction_id = models.UUIDField(null=True)
    disbursed_on = models.DateField(null=True)
    accrued_minor = MinorField(default=0)
    accrued_on = models.DateField(null=True)
    collected_minor = MinorField(default=0)
    reason = models.TextField(default="")
    recorded_at = RecordedAtField()

    objects = FinancingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in FinancingState]), name="financing_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "approved", "refused", "withdrawn", "registered", "failed"])
                | Q(
                    approved=True,
                    registration_id__isnull=False,
                    requeried_at__isnull=False,
                    instruction_id__isnull=False,
                ),
                name="financing_gate",
            ),
            models.CheckConstraint(
                condition=Q(disbursed_on__isnull=False) | ~Q(state__in=["disbursed", "overdue", "repaid"]),
                name="financing_disbursed_has_day",
            ),
            models.CheckConstraint(condition=Q(accrued_minor__gte=0, collected_minor__gte=0), name="financing_amounts"),
            models.CheckConstraint(
                condition=Q(decided_rate__isnull=True) | Q(decision__isnull=False), name="financing_rate_is_decided"
            ),
            models.UniqueConstraint(fields=["registration_id"], name="financing_one_registration"),
            models.UniqueConstraint(fields=["instruction_id"], name="financing_one_payout"),
            models.UniqueConstraint(
                fields=["holding_id"],
                condition=~Q(state__in=["refused", "withdrawn", "failed"]),
                name="financing_once_per_holding",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="financing_by_state"),
            models.Index(fields=["funder_id", "id"], name="financing_by_funder"),
            models.Index(fields=["applicant_id", "id"], name="financing_by_applicant"),
            models.Index(fields=["held_id"], name="financing_by_held", condition=Q(held_id__isnull=False)),
            models.Index(
                fields=["accrued_on", "id"],
                name="financing_to_accrue",
                condition=Q(state__in=["disbursed", "overdue"]),
            ),
        ]

    def must_be(self, *allowed: FinancingState) -> None:
        if self.state not in allowed:
            raise types.FinancingStateWrong(state=str(self.state), expected=sorted(s.value for s in allowed))

    def undecide(self) -> None:
        """What a person of the funder decided, and nobody has checked, is gone."""
        self.decision = self.approval_id = None
        self.save(update_fields=["decision", "approval_id"])

    def to_type(self) -> types.Financing:
        quote = self.quote.to_type()
        return types.Financing(
            id=types.FinancingId(self.id),
            quote=quote,
            state=FinancingState(self.state),
            holding_id=self.held_id or self.holding_id,
            requested_at=self.requested_at,
            decision=read_decision(self.decision) if self.decision else None,
            registration_id=self.registration_id,
            instruction_id=self.instruction_id,
            disbursed_on=self.disbursed_on,
            accrued=Money(self.accrued_minor, quote.amount.currency),
            collected=Money(self.collected_minor, quote.amount.currency),
            reason=self.reason,
        )

    def evidence(self) -> Evidenced:
        # what still waits for the funder's answer or second person stands in its approval, not here
        decided = self.approved is not None
        return Evidenced(
            "financing_financing",
            str(self.id),
            {
                "quote": self.quote_id,
                "holding": self.holding_id,
                "held": self.held_id,
                "applicant": self.applicant_id,
                "funder": self.funder_id,
                "state": str(self.state),
                "consent": self.consent,
                "requested_at": self.requested_at,
                "asked_at": self.asked_at if decided else None,
                "decision": self.decision if decided else None,
                # as the column keeps it, so that it reads the same before and after it was stored
                "decided_rate": None if self.decided_rate is None else pricing.round_rate(self.decided_rate),
                "approval": self.approval_id if decided else None,
                # while the registry searches it is only in the making, and names this financing in its own evidence
                "registration": None if self.state == FinancingState.APPROVED else self.registration_id,
                "requeried_at": self.requeried_at,
                "instruction": self.instruction_id,
                "own_limit": self.own_limit,
                "approved": self.approved,
                "reason": self.reason,
                "disbursed_on": self.disbursed_on,
                "collected": self.collected_minor,
            },
        )


def read_decision(body: dict[str, Any]) -> FunderDecision:
    return FunderDecision(
        approved=body["approved"],
        annual_rate=Decimal(body["annual_rate"]) if body["annual_rate"] is not None else None,
        decided_by=body["decided_by"],
        decided_at=datetime.fromisoformat(body["decided_at"]),
        reasons=tuple(body["reasons"]),
        bank_reference=body["bank_reference"],
    )
