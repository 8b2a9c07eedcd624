"""Cash that nobody could place: what lies there, what is proposed for it, and what went back to its payer."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from fourflow.capital.settlement import types
from fourflow.capital.settlement.models.accounts import OwnQuerySet, iff
from fourflow.capital.settlement.models.cash import Entry
from fourflow.capital.settlement.models.payments import Instruction
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.record import Record
from fourflow.platform.money import Money


class SuspenseQuerySet(OwnQuerySet["Suspense"]):
    not_found = types.EntryNotFound


class Suspense(Record):
    """A credit that no rule could place in full; ``rest`` is what still lies there. Keyed by its entry.

    A first person proposes where it belongs (``proposal``) or to send it back (``return_reason``), never both;
    a second one decides until the end of the day ``decide_by``.
    """

    entry = models.OneToOneField(Entry, primary_key=True, on_delete=models.PROTECT, related_name="+")
    party_id = models.UUIDField()
    currency = CurrencyField()
    rest = MinorField()
    suggestions = models.JSONField(default=list)
    proposal = models.JSONField(null=True)
    return_reason = models.TextField(default="")
    proposed_by = models.UUIDField(null=True)
    decide_by = models.DateField(null=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = SuspenseQuerySet.as_manager()

    class Meta:
        db_table = "settlement_suspense"
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(closed_at__isnull=True), name="suspense_open"),
            models.Index(fields=["closed_at", "entry"], name="suspense_closed"),
            models.Index(fields=["decide_by"], condition=Q(decide_by__isnull=False), name="suspense_to_expire"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(rest__gte=0), name="suspense_rest"),
            models.CheckConstraint(
                condition=iff(Q(closed_at__isnull=True), Q(rest__gt=0)), name="suspense_closed_when_empty"
            ),
            models.CheckConstraint(
                condition=iff(Q(proposal__isnull=True, return_reason=""), Q(proposed_by__isnull=True)),
                name="suspense_proposal_names_maker",
            ),
            models.CheckConstraint(
                condition=iff(Q(proposed_by__isnull=True), Q(decide_by__isnull=True)),
                name="suspense_proposal_has_last_day",
            ),
            models.CheckConstraint(
                condition=Q(proposal__isnull=True) | Q(return_reason=""), name="suspense_one_proposal"
            ),
        ]

    def propose(
        self, by: UUID, until: date, *, shares: list[dict[str, str]] | None = None, return_reason: str = ""
    ) -> None:
        """Note what a first person proposes, in place of an undecided proposal; a second one decides ``until`` a day."""
        self.proposal, self.return_reason, self.proposed_by, self.decide_by = shares, return_reason, by, until
        self.save(update_fields=["proposal", "return_reason", "proposed_by", "decide_by"])

    def clear_proposal(self) -> None:
        """Nothing is proposed any more; the caller saves."""
        self.proposal, self.return_reason, self.proposed_by, self.decide_by = None, "", None, None

    def take_out(self, minor: int, *, at: datetime) -> None:
        """So much lies here no more; what was proposed for more than that is no proposal any more."""
        self.rest -= minor
        self.closed_at = at if self.rest == 0 else None
        self.clear_proposal()
        self.save()

    def lay_back(self, minor: int) -> None:
        """A return came to nothing: the money is unmatched as before."""
        self.rest += minor
        self.closed_at = None
        self.save()


class ReturnQuerySet(OwnQuerySet["Return"]):
    not_found = types.EntryNotFound


class Return(Record):
    """Money on its way back to the account it came from: what was unmatched of one credit, by two people, with why.

    One lives per credit; only its payment's end changes it.
    """

    id = IdField()
    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="+")
    instruction = models.OneToOneField(Instruction, on_delete=models.PROTECT, related_name="+")
    account_id = models.UUIDField()
    party_id = models.UUIDField()
    currency = CurrencyField()
    minor = MinorField()
    reason = models.TextField()
    maker_person_id = models.UUIDField()
    checker_person_id = models.UUIDField()
    state = models.TextField(choices=[(s.value, s.value) for s in types.ReturnState])
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = ReturnQuerySet.as_manager()

    class Meta:
        db_table = "settlement_return"
        constraints = [
            models.UniqueConstraint(fields=["entry"], condition=~Q(state="failed"), name="return_once"),
            models.CheckConstraint(condition=Q(minor__gt=0), name="return_positive"),
            models.CheckConstraint(condition=~Q(reason=""), name="return_says_why"),
            models.CheckConstraint(condition=~Q(checker_person_id=F("maker_person_id")), name="return_two_people"),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in types.ReturnState]), name="return_state_known"
            ),
            models.CheckConstraint(
                condition=iff(Q(finished_at__isnull=True), Q(state="instructed")), name="return_finished_when_over"
            ),
        ]

    @property
    def amount(self) -> Money:
        return Money(self.minor, self.currency)
