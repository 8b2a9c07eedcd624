"""Tables of API clients and webhooks. Guards beyond Django's language stand in migrations/0002_rules.py."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from fourflow.foundation.clients.domain.terms import from_json
from fourflow.foundation.clients.types import (
    Attempt,
    Client,
    ClientId,
    ClientNotFound,
    ClientState,
    Delivery,
    DeliveryState,
    Endpoint,
    EndpointId,
    EndpointState,
    Proposal,
    ProposalState,
)
from fourflow.platform.crypto.sealing import SealedText
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.events.types import Evidenced


class OfOrganisationQuerySet(VisibleQuerySet[Any]):
    not_found = ClientNotFound

    def visible_to(self, actor: Viewer) -> Self:
        """An organisation's machines are its own business; operator and regulator see that they exist."""
        return self.all() if actor.sees_all else self.filter(organisation_id=actor.organisation_id)


def one_of(field: str, kind: Any, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{f"{field}__in": [value.value for value in kind]}), name=name)


class ProposalRow(models.Model):
    """What one person proposed; `account` is that person's, who will answer for the client."""

    id = IdField()
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey("parties.Account", on_delete=models.PROTECT, related_name="+")
    person_id = models.UUIDField()
    client_id = models.UUIDField()
    content = models.JSONField()
    state = models.TextField(default=ProposalState.PROPOSED.value)
    approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    objects = OfOrganisationQuerySet.as_manager()

    class Meta:
        db_table = "clients_proposal"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("state", ProposalState, "client_proposal_state_known"),
            models.UniqueConstraint(
                fields=["client_id"], condition=Q(state="proposed"), name="client_one_open_proposal"
            ),
        ]

    def to_type(self) -> Proposal:
        return Proposal(
            id=self.id,
            client_id=ClientId(self.client_id),
            organisation_id=self.organisation_id,
            terms=from_json(self.content),
            state=ProposalState(self.state),
            approval_id=self.approval_id,
        )

    def evidenced(self) -> Evidenced:
        content = {"organisation": self.organisation_id, "person": self.person_id, "client": self.client_id}
        rest = {"account": self.account_id, "content": self.content, "state": self.state, "approval": self.approval_id}
        return Evidenced("clients_proposal", str(self.id), content | rest)


class ClientRow(models.Model):
    """A client under the terms of its last applied proposal. `api_version` stays what it was when the client came."""

    id = IdField()
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    proposal = models.ForeignKey(ProposalRow, on_delete=models.PROTECT, related_name="+")
    state = models.TextField(default=ClientState.ACTIVE.value)
    revoked_at = models.DateTimeField(null=True)
    api_version = models.TextField()
    recorded_at = RecordedAtField()

    objects = OfOrganisationQuerySet.as_manager()

    class Meta:
        db_table = "clients_client"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("state", ClientState, "client_state_known"),
            models.CheckConstraint(
                condition=Q(state="active", revoked_at__isnull=True) | Q(state="revoked", revoked_at__isnull=False),
                name="client_revoked_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(api_version__regex=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), name="client_version_dated"
            ),
        ]

    def to_type(self) -> Client:
        return Client(
            id=ClientId(self.id),
            organisation_id=self.organisation_id,
            person_id=self.proposal.person_id,
            terms=from_json(self.proposal.content),
            state=ClientState(self.state),
            revoked_at=self.revoked_at,
            api_version=self.api_version,
        )

    def evidenced(self) -> Evidenced:
        content = {"organisation": self.organisation_id, "proposal": self.proposal_id, "version": self.api_version}
        return Evidenced("clients_client", str(self.id), content | {"state": self.state, "revoked": self.revoked_at})


class UsedAssertion(models.Model):
    """A `jti` (its SHA-256) that a client has used: kept until no assertion with it could be accepted any more."""

    pk = models.CompositePrimaryKey("client", "jti_hash")
    client = models.ForeignKey(ClientRow, on_delete=models.PROTECT, related_name="+")
    jti_hash = models.BinaryField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "clients_used_assertion"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["expires_at"], name="used_assertion_over")]


class TokenRow(models.Model):
    """An access token: only its SHA-256 is known here."""

    token_hash = models.BinaryField(primary_key=True)
    client = models.ForeignKey(ClientRow, on_delete=models.PROTECT, related_name="+")
    scopes = ArrayField(models.TextField())
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "clients_token"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["expires_at"], name="client_token_over")]


class EndpointRow(models.Model):
    """`position`: how far in the sequence of events deliveries have been made."""

    id = IdField()
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(ClientRow, null=True, on_delete=models.PROTECT, related_name="+")
    url = models.TextField()
    kinds = ArrayField(models.TextField())
    state = models.TextField(default=EndpointState.ACTIVE.value)
    reason = models.TextField(default="")
    public_key = models.TextField()
    position = models.BigIntegerField(default=-1)
    recorded_at = RecordedAtField()

    objects = OfOrganisationQuerySet.as_manager()

    class Meta:
        db_table = "clients_endpoint"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("state", EndpointState, "endpoint_state_known"),
            models.CheckConstraint(condition=Q(kinds__len__gt=0), name="endpoint_has_kinds"),
            models.CheckConstraint(condition=Q(url__regex=r"^https?://"), name="endpoint_url_http"),
        ]

    def to_type(self) -> Endpoint:
        return Endpoint(
            id=EndpointId(self.id),
            organisation_id=self.organisation_id,
            client_id=ClientId(self.client_id) if self.client_id else None,
            url=self.url,
            kinds=tuple(self.kinds),
            state=EndpointState(self.state),
            reason=self.reason,
            public_key=self.public_key,
            position=self.position,
        )

    def evidenced(self) -> Evidenced:
        content = {"organisation": self.organisation_id, "client": self.client_id, "url": self.url}
        rest = {"kinds": sorted(self.kinds), "state": self.state, "reason": self.reason, "key": self.public_key}
        return Evidenced("clients_endpoint", str(self.id), content | rest)


class SigningKey(models.Model):
    """The seed of an endpoint's Ed25519 key, sealed. Until `ends_at` the key before the present one signs too."""

    id = IdField()
    endpoint = models.ForeignKey(EndpointRow, on_delete=models.PROTECT, related_name="+")
    seed = SealedText()
    ends_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "clients_signing_key"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["endpoint"], condition=Q(ends_at__isnull=True), name="signing_key_one_present"
            )
        ]


class DeliveryRow(models.Model):
    """`tries` counts the attempts since the delivery, or its last replay, began; `attempts` all of them."""

    id = IdField()
    endpoint = models.ForeignKey(EndpointRow, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    event = models.ForeignKey("platform.StoredEvent", on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    state = models.TextField(default=DeliveryState.PENDING.value)
    tries = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    recorded_at = RecordedAtField()

    objects = OfOrganisationQuerySet.as_manager()

    class Meta:
        db_table = "clients_delivery"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("state", DeliveryState, "delivery_state_known"),
            models.UniqueConstraint(fields=["endpoint", "event"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state="pending", due_at__isnull=False) | (~Q(state="pending") & Q(due_at__isnull=True)),
                name="delivery_pending_is_due",
            ),
            models.CheckConstraint(condition=Q(tries__lte=F("attempts")), name="delivery_tries_are_attempts"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at"], condition=Q(state="pending"), name="delivery_due"),
            models.Index(fields=["endpoint", "-id"], name="delivery_of_endpoint"),
        ]

    def to_type(self, log: tuple[Attempt, ...] = ()) -> Delivery:
        return Delivery(
            id=self.id,
            endpoint_id=EndpointId(self.endpoint_id),
            event_id=self.event_id,
            kind=self.kind,
            state=DeliveryState(self.state),
            attempts=self.attempts,
            due_at=self.due_at,
            log=log,
        )


class AttemptRow(models.Model):
    """One try, kept for ever: what was answered, or why nothing was."""

    id = IdField()
    delivery = models.ForeignKey(DeliveryRow, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey("parties.Party", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    error = models.TextField(default="")
    milliseconds = models.PositiveIntegerField()
    recorded_at = RecordedAtField()

    objects = OfOrganisationQuerySet.as_manager()

    class Meta:
        db_table = "clients_attempt"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["delivery", "number"], name="attempt_numbered_once"),
            models.CheckConstraint(
                condition=Q(status__isnull=False, error="") | (Q(status__isnull=True) & ~Q(error="")),
                name="attempt_answered_or_explained",
            ),
        ]

    def to_type(self) -> Attempt:
        return Attempt(self.number, self.sent_at, self.status, self.error, self.milliseconds)
