"""Tables of credit lines. The amounts of a line are kept by the database from its uses (migration 0002)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest

from fourflow.capital.limits import types
from fourflow.capital.limits.domain.position import Position
from fourflow.capital.limits.domain.use import UseAmounts
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.prepared import Given, prepared
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import VisibleQuerySet
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money


class LimitQuerySet(VisibleQuerySet["Limit"]):
    not_found: ClassVar[type[types.LimitNotFound]] = types.LimitNotFound

    def lock_or_open(self, publication: Publication) -> Limit:
        """The locked line that an announcement is about; at first publication an empty one is opened for it.

        Of two first publications at once the second waits for the first and then finds its line.
        """
        key = {
            "funder_id": publication.funder_id,
            "core_id": publication.core_id,
            "currency": publication.currency,
        }
        term = {"valid_from": publication.valid_from, "valid_to": publication.valid_to}
        self.bulk_create([Limit(**key, **term, sanctioned_minor=0)], ignore_conflicts=True)
        return self.lock(self.get(**key).pk)


class Limit(Record):
    """One line per funder, core and currency. ``available`` and ``excess`` follow from the other three."""

    id = IdField()
    funder_id = models.UUIDField()
    core_id = models.UUIDField()
    currency = CurrencyField()
    sanctioned_minor = MinorField()
    blocked_minor = MinorField(default=0)
    utilised_minor = MinorField(default=0)
    available_minor = models.GeneratedField(
        expression=Greatest(F("sanctioned_minor") - F("blocked_minor") - F("utilised_minor"), 0),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    excess_minor = models.GeneratedField(
        expression=Greatest(F("blocked_minor") + F("utilised_minor") - F("sanctioned_minor"), 0),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    frozen = models.BooleanField(default=False)
    frozen_by = models.UUIDField(null=True)
    freeze_reason = models.TextField(default="")
    recorded_at = RecordedAtField()

    objects = LimitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["funder_id", "core_id", "currency"], name="limit_once"),
            models.UniqueConstraint(fields=["id", "currency"], name="limit_with_currency"),
            models.CheckConstraint(
                condition=Q(
                    available_minor=F("sanctioned_minor") + F("excess_minor") - F("blocked_minor") - F("utilised_minor")
                ),
                name="limit_identity",
            ),
            models.CheckConstraint(
                condition=Q(sanctioned_minor__gte=0, blocked_minor__gte=0, utilised_minor__gte=0),
                name="limit_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(available_minor__gte=0, excess_minor__gte=0) & (Q(available_minor=0) | Q(excess_minor=0)),
                name="limit_available_or_excess",
            ),
            models.CheckConstraint(condition=~Q(funder_id=F("core_id")), name="limit_funder_is_not_core"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="limit_term"
            ),
            models.CheckConstraint(
                condition=Q(frozen=True, frozen_by__isnull=False) | Q(frozen=False, frozen_by__isnull=True),
                name="limit_frozen_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["core_id", "currency"], name="limit_by_core")]

    @property
    def position(self) -> Position:
        return Position(self.sanctioned_minor, self.blocked_minor, self.utilised_minor)

    @property
    def terms(self) -> tuple[object, ...]:
        """What holds now, as :attr:`types.Announcement.terms` says what would."""
        return self.core_id, self.currency, self.sanctioned_minor, self.valid_from, self.valid_to

    def take(self, position: Position) -> None:
        """Hold the amounts that the database has, or will have, after a step; only ``sanctioned`` is ever written."""
        self.sanctioned_minor = position.sanctioned
        self.blocked_minor = position.blocked
        self.utilised_minor = position.utilised

    def to_type(self) -> types.Limit:
        return types.Limit(
            id=types.LimitId(self.id),
            funder_id=self.funder_id,
            core_id=self.core_id,
            sanctioned=Money(self.sanctioned_minor, self.currency),
            blocked=Money(self.blocked_minor, self.currency),
            utilised=Money(self.utilised_minor, self.currency),
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            frozen=self.frozen,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "limits_limit",
            str(self.id),
            {
                "funder": self.funder_id,
                "core": self.core_id,
                "currency": self.currency,
                "sanctioned": self.sanctioned_minor,
                "blocked": self.blocked_minor,
                "utilised": self.utilised_minor,
                "valid_from": self.valid_from,
                "valid_to": self.valid_to,
                "frozen": self.frozen,
                "frozen_by": self.frozen_by,
                "freeze_reason": self.freeze_reason,
            },
        )


class LimitUseQuerySet(VisibleQuerySet["LimitUse"]):
    visible_column: ClassVar[str] = "limit_id"
    not_found: ClassVar[type[types.LimitUseNotFound]] = types.LimitUseNotFound

    def limit_ids(self, references: Iterable[str]) -> dict[str, UUID]:
        """The lines that these references use, read before the lines are locked: a use never changes its line.

        :raises LimitUseNotFound: one of them has no use.
        """
        wanted = set(references)
        found = {use.reference: use.limit_id for use in _uses(references=list(wanted))}
        if len(found) != len(wanted):
            raise self.not_found(value=sorted(wanted - set(found)))
        return found

    def under_lock(self, reference: str) -> LimitUse:
        """The use of a reference; its line must be locked, which keeps the use still."""
        return _uses(references=[reference])[0]


_uses = prepared(lambda: LimitUse.objects.filter(reference__any=Given("references")))


class LimitUse(Record):
    """What one reference has of one line. Only the amounts move, and never back out of ``released``."""

    id = IdField()
    limit = models.ForeignKey(Limit, on_delete=models.PROTECT, related_name="+")
    currency = CurrencyField()
    reference = models.TextField(unique=True)
    amount_minor = MinorField()
    blocked_minor = MinorField()
    utilised_minor = MinorField(default=0)
    released_minor = MinorField(default=0)
    opened_at = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = LimitUseQuerySet.as_manager()

    class Meta:
        db_table = "limits_use"
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor=F("blocked_minor") + F("utilised_minor") + F("released_minor")),
                name="limit_use_identity",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, blocked_minor__gte=0, utilised_minor__gte=0, released_minor__gte=0),
                name="limit_use_amounts",
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="limit_use_reference"),
        ]
        indexes = [models.Index(fields=["limit", "opened_at"], name="limit_use_by_limit")]

    @property
    def amounts(self) -> UseAmounts:
        return UseAmounts(self.blocked_minor, self.utilised_minor, self.released_minor)

    def take(self, amounts: UseAmounts) -> None:
        self.blocked_minor, self.utilised_minor = amounts.blocked, amounts.utilised
        self.released_minor = amounts.released

    def to_type(self) -> types.LimitUse:
        return types.LimitUse(
            id=self.id,
            limit_id=types.LimitId(self.limit_id),
            reference=self.reference,
            amount=Money(self.amount_minor, self.currency),
            blocked=Money(self.blocked_minor, self.currency),
            utilised=Money(self.utilised_minor, self.currency),
            released=Money(self.released_minor, self.currency),
            opened_at=self.opened_at,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "limits_use",
            str(self.id),
            {
                "limit": self.limit_id,
                "currency": self.currency,
                "reference": self.reference,
                "amount": self.amount_minor,
                "blocked": self.blocked_minor,
                "utilised": self.utilised_minor,
                "released": self.released_minor,
                "opened_at": self.opened_at,
            },
        )


class PublicationQuerySet(VisibleQuerySet["Publication"]):
    not_found: ClassVar[type[types.PublicationNotFound]] = types.PublicationNotFound


class Publication(Record):
    """A funder's announcement of a line; what it says never changes, only what became of it."""

    id = IdField()
    approval_id = models.UUIDField(unique=True)
    limit = models.ForeignKey(Limit, on_delete=models.PROTECT, related_name="+", null=True)
    funder_id = models.UUIDField()
    core_id = models.UUIDField()
    currency = CurrencyField()
    sanctioned_minor = MinorField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    source = models.TextField()
    state = models.TextField(default=types.PublicationState.PROPOSED.value)
    proposed_by = models.UUIDField()
    proposed_at = models.DateTimeField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = PublicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sanctioned_minor__gte=0), name="publication_amount"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="publication_term"
            ),
            models.CheckConstraint(condition=~Q(funder_id=F("core_id")), name="publication_funder_is_not_core"),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by__isnull=True, limit__isnull=True)
                | Q(state="rejected", decided_by__isnull=False, limit__isnull=True)
                | Q(state="expired", decided_by__isnull=True, limit__isnull=True)
                | Q(state="published", decided_by__isnull=False, limit__isnull=False),
                name="publication_state",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("proposed_by")) | ~Q(state="published"), name="publication_two_people"
            ),
            models.UniqueConstraint(
                fields=["funder_id", "core_id", "currency"], condition=Q(state="proposed"), name="publication_one_open"
            ),
        ]

    @property
    def sanctioned(self) -> Money:
        return Money(self.sanctioned_minor, self.currency)

    def to_type(self) -> types.Publication:
        return types.Publication(
            id=types.PublicationId(self.id),
            approval_id=self.approval_id,
            funder_id=self.funder_id,
            core_id=self.core_id,
            sanctioned=self.sanctioned,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            source=self.source,
            state=types.PublicationState(self.state),
            proposed_by=self.proposed_by,
            limit_id=types.LimitId(self.limit_id) if self.limit_id else None,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "limits_publication",
            str(self.id),
            {
                "approval": self.approval_id,
                "limit": self.limit_id,
                "funder": self.funder_id,
                "core": self.core_id,
                "currency": self.currency,
                "sanctioned": self.sanctioned_minor,
                "valid_from": self.valid_from,
                "valid_to": self.valid_to,
                "source": self.source,
                "state": self.state,
                "proposed_by": self.proposed_by,
                "proposed_at": self.proposed_at,
                "decided_by": self.decided_by,
                "decided_at": self.decided_at,
            },
        )
