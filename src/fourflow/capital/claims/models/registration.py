"""Registrations of security interests, and every request that went to the registry for them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from fourflow.capital.claims import types
from fourflow.capital.claims.models.claim import Claim
from fourflow.platform.crypto.sealing import SealedText
from fourflow.platform.db.fields import CurrencyField, IdField, MinorField, RecordedAtField
from fourflow.platform.db.record import Record
from fourflow.platform.db.visibility import VisibleQuerySet
from fourflow.platform.events.types import Evidenced
from fourflow.platform.money import Money

_QUERIED = ~Q(query_certificate="") & Q(queried_at__isnull=False)
_FILED = ~Q(registration_no="") & Q(registered_at__isnull=False)
_REQUERIED = ~Q(requery_certificate="") & Q(requeried_at__gte=F("registered_at"))


class RegistrationQuerySet(VisibleQuerySet["Registration"]):
    not_found: ClassVar[type[types.RegistrationNotFound]] = types.RegistrationNotFound


class Registration(Record):
    """Where one registration stands. Each state needs the papers of the steps before it."""

    id = IdField()
    kind = models.TextField()
    state = models.TextField(default=types.RegistrationState.OPENED.value)
    reference = models.TextField(unique=True)
    secured_party_id = models.UUIDField()
    debtor_id = models.UUIDField()
    secured_party = models.JSONField()
    debtor = models.JSONField()
    currency = CurrencyField()
    amount_minor = MinorField()
    collateral = models.TextField()
    assets = models.JSONField()
    term_months = models.PositiveSmallIntegerField()
    query_certificate = models.TextField(default="")
    queried_at = models.DateTimeField(null=True)
    registration_no = models.TextField(default="")
    modify_code = SealedText(null=True)
    registered_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    requery_certificate = models.TextField(default="")
    requeried_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    recorded_at = RecordedAtField()

    objects = RegistrationQuerySet.as_manager()

    class Meta:
        db_table = "claims_registration"
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="registration_amount"),
            models.CheckConstraint(condition=Q(term_months__gte=1, term_months__lte=360), name="registration_term"),
            models.CheckConstraint(
                condition=~Q(state__in=["found_clean", "registered", "clear"]) | _QUERIED,
                name="registration_queried_first",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["registered", "clear", "cancelled"]) | _FILED, name="registration_has_number"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["opened", "found_clean", "abandoned"]) | Q(registration_no=""),
                name="registration_filing_not_forgotten",
            ),
            models.CheckConstraint(condition=~Q(state="clear") | _REQUERIED, name="registration_queried_again_after"),
            models.UniqueConstraint(
                fields=["registration_no"], condition=~Q(registration_no=""), name="registration_number_once"
            ),
        ]

    def to_type(self, claim_ids: tuple[types.ClaimId, ...]) -> types.Registration:
        return types.Registration(
            id=types.RegistrationId(self.id),
            kind=types.RegistrationKind(self.kind),
            state=types.RegistrationState(self.state),
            reference=self.reference,
            secured_party_id=self.secured_party_id,
            debtor_id=self.debtor_id,
            claim_ids=claim_ids,
            amount=Money(self.amount_minor, self.currency),
            collateral=self.collateral,
            assets=tuple(self.assets),
            term_months=self.term_months,
            query_certificate=self.query_certificate,
            queried_at=self.queried_at,
            registration_no=self.registration_no,
            registered_at=self.registered_at,
            expires_on=self.expires_on,
            requery_certificate=self.requery_certificate,
            requeried_at=self.requeried_at,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "claims_registration",
            str(self.id),
            {
                "kind": self.kind,
                "state": self.state,
                "reference": self.reference,
                "secured_party": self.secured_party_id,
                "debtor": self.debtor_id,
                # as the registry was told
                "named": {"secured_party": self.secured_party, "debtor": self.debtor},
                "currency": self.currency,
                "amount": self.amount_minor,
                "collateral": self.collateral,
                "assets": self.assets,
                "term_months": self.term_months,
                "opened_at": self.opened_at,
                "query_certificate": self.query_certificate,
                "queried_at": self.queried_at,
                "registration_no": self.registration_no,
                "registered_at": self.registered_at,
                "expires_on": self.expires_on,
                "requery_certificate": self.requery_certificate,
                "requeried_at": self.requeried_at,
            },
        )


class RegistrationClaim(Record):
    """A claim that a registration is over."""

    id = IdField()
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="+")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "claims_registration_claim"
        constraints = [models.UniqueConstraint(fields=["registration", "claim"], name="registration_claim_once")]

    def evidence(self) -> Evidenced:
        return Evidenced(
            "claims_registration_claim", str(self.id), {"registration": self.registration_id, "claim": self.claim_id}
        )


class ExchangeQuerySet(VisibleQuerySet["Exchange"]):
    visible_column: ClassVar[str] = "registration_id"

    def lost(self) -> list[Exchange]:
        """Requests that the registry has not got and for which no further attempt exists."""
        later = self.model._default_manager.filter(
            client_reference=models.OuterRef("client_reference"), attempt__gt=models.OuterRef("attempt")
        )
        lost = self.filter(~models.Exists(later), state=types.ExchangeState.NOT_RECEIVED.value)
        return list(lost.order_by("id")[:50])


class Exchange(Record):
    """One request to the registry. A new attempt exists only after the registry said that it never got the last one."""

    id = IdField()
    registration = models.ForeignKey(Registration, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    state = models.TextField(default=types.ExchangeState.READY.value)
    client_reference = models.TextField()
    attempt = models.PositiveSmallIntegerField(default=1)
    request = models.JSONField()
    answer = models.JSONField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = ExchangeQuerySet.as_manager()

    class Meta:
        db_table = "claims_exchange"
        constraints = [
            models.UniqueConstraint(fields=["client_reference", "attempt"], name="exchange_attempt_once"),
            models.UniqueConstraint(
                fields=["registration"],
                condition=Q(state__in=["ready", "sent", "unknown"]),
                name="exchange_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["answered", "refused"]) | Q(answer__isnull=False), name="exchange_answer_kept"
            ),
            models.CheckConstraint(
                condition=Q(state="ready") | Q(handed_over_at__isnull=False), name="exchange_handed_over"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=["ready", "sent", "unknown"]), name="exchange_due"),
            models.Index(fields=["id"], condition=Q(state="not_received"), name="exchange_lost"),
            models.Index(fields=["registration", "id"], name="exchange_by_registration"),
        ]

    def to_type(self) -> types.Exchange:
        return types.Exchange(
            id=types.ExchangeId(self.id),
            registration_id=types.RegistrationId(self.registration_id),
            kind=types.ExchangeKind(self.kind),
            state=types.ExchangeState(self.state),
            client_reference=self.client_reference,
            attempt=self.attempt,
            request=self.request,
            answer=self.answer,
        )

    def evidence(self) -> Evidenced:
        return Evidenced(
            "claims_exchange",
            str(self.id),
            {
                "registration": self.registration_id,
                "kind": self.kind,
                "state": self.state,
                "client_reference": self.client_reference,
                "attempt": self.attempt,
                "request": self.request,
                "answer": self.answer,
                "handed_over_at": self.handed_over_at,
                "finished_at": self.finished_at,
            },
        )
