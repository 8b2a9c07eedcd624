"""Parties with identifiers, licences, roles and relations."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from fourflow.foundation.parties.types import (
    ROLE_LICENCES,
    Identifier,
    IdentifierScheme,
    LicenceKind,
    LicenceView,
    PartyKind,
    PartyNotFound,
    PartyRecordNotFound,
    PartyState,
    PartyView,
    RelationKind,
    RoleKind,
    RoleView,
    SizeClass,
)
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.events.types import Evidenced


def one_of(field: str, vocabulary: type[StrEnum], name: str) -> models.CheckConstraint:
    """The column holds a word of a closed vocabulary."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": [str(word) for word in vocabulary]}), name=name)


def period_forward(name: str) -> models.CheckConstraint:
    """A period ends after it begins, or is open."""
    return models.CheckConstraint(condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name=name)


class PartyQuerySet(VisibleQuerySet["Party"]):
    not_found = PartyNotFound


class OfPartyQuerySet(VisibleQuerySet[Any]):
    """Rows that are seen with their party."""

    visible_column = "party_id"
    not_found = PartyRecordNotFound


class Party(models.Model):
    id = IdField()
    kind = models.TextField()
    name = models.TextField()
    short_name = models.TextField(default="", blank=True)
    sort_key = models.TextField()
    search_words = models.TextField()
    country = models.CharField(max_length=2)
    size_class = models.TextField(default=SizeClass.UNKNOWN.value)
    state = models.TextField(default=PartyState.ACTIVE.value)
    founding = models.BooleanField(default=False)
    approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    objects = PartyQuerySet.as_manager()

    class Meta:
        db_table = "parties_party"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("kind", PartyKind, "party_kind_known"),
            one_of("state", PartyState, "party_state_known"),
            one_of("size_class", SizeClass, "party_size_known"),
            models.CheckConstraint(condition=~Q(name=""), name="party_has_name"),
            models.CheckConstraint(condition=Q(country__regex="^[A-Z]{2}$"), name="party_country_iso"),
            models.UniqueConstraint(fields=["founding"], condition=Q(founding=True), name="party_one_founder"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["sort_key", "id"], name="party_by_name")]

    def to_type(self, identifiers: tuple[Identifier, ...] = (), roles: tuple[RoleKind, ...] = ()) -> PartyView:
        return PartyView(
            id=self.id,
            kind=PartyKind(self.kind),
            name=self.name,
            short_name=self.short_name or self.name,
            country=self.country,
            size_class=SizeClass(self.size_class),
            state=PartyState(self.state),
            identifiers=identifiers,
            roles=roles,
        )

    def evidenced(self) -> Evidenced:
        content = {"kind": self.kind, "name": self.name, "country": self.country, "size": self.size_class}
        rest = {"short_name": self.short_name, "state": self.state}
        return Evidenced(
            "parties_party", str(self.id), content | rest | {"founding": self.founding, "approval": self.approval_id}
        )


class IdentifierRow(models.Model):
    id = IdField()
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    scheme = models.TextField()
    value = models.TextField()
    recorded_at = RecordedAtField()

    objects = OfPartyQuerySet.as_manager()

    class Meta:
        db_table = "parties_identifier"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("scheme", IdentifierScheme, "identifier_scheme_known"),
            models.UniqueConstraint(fields=["scheme", "value"], name="identifier_once"),
        ]

    def to_type(self) -> Identifier:
        return Identifier(IdentifierScheme(self.scheme), self.value)

    def evidenced(self) -> Evidenced:
        content = {"party": self.party_id, "scheme": self.scheme, "value": self.value}
        return Evidenced("parties_identifier", str(self.id), content)


class Licence(models.Model):
    id = IdField()
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    number = models.TextField()
    issuer = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    objects = OfPartyQuerySet.as_manager()

    class Meta:
        db_table = "parties_licence"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("kind", LicenceKind, "licence_kind_known"),
            period_forward("licence_period_forward"),
            models.CheckConstraint(condition=~Q(number="") & ~Q(issuer=""), name="licence_named"),
            models.UniqueConstraint(fields=["id", "party", "kind"], name="licence_with_party"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["valid_to"], name="licence_by_end")]

    def to_type(self) -> LicenceView:
        return LicenceView(
            self.id,
            self.party_id,
            LicenceKind(self.kind),
            self.number,
            self.issuer,
            self.valid_from,
            self.valid_to,
        )

    def evidenced(self) -> Evidenced:
        content = {"party": self.party_id, "kind": self.kind, "number": self.number, "issuer": self.issuer}
        period = {"from": self.valid_from, "to": self.valid_to, "approval": self.approval_id}
        return Evidenced("parties_licence", str(self.id), content | period)


class Role(models.Model):
    """A party's role; in one core enterprise's programme, or (programme null) everywhere."""

    id = IdField()
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    programme = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="+")
    licence = models.ForeignKey(Licence, null=True, on_delete=models.PROTECT, related_name="+")
    licence_kind = models.TextField(null=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    objects = OfPartyQuerySet.as_manager()

    class Meta:
        db_table = "parties_role"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("kind", RoleKind, "role_kind_known"),
            period_forward("role_period_forward"),
            models.CheckConstraint(
                condition=Q(licence__isnull=True, licence_kind__isnull=True)
                | Q(licence__isnull=False, licence_kind__isnull=False),
                name="role_licence_whole",
            ),
            *(
                models.CheckConstraint(
                    condition=~Q(kind=role.value)
                    | Q(licence_kind__isnull=False, licence_kind__in=sorted(k.value for k in kinds)),
                    name=f"role_{role.value}_is_licensed",
                )
                for role, kinds in ROLE_LICENCES.items()
            ),
        ]

    def to_type(self) -> RoleView:
        return RoleView(self.id, self.party_id, RoleKind(self.kind), self.programme_id, self.valid_from, self.valid_to)

    def evidenced(self) -> Evidenced:
        content = {"party": self.party_id, "kind": self.kind, "programme": self.programme_id}
        period = {
            "licence": self.licence_id,
            "licence_kind": self.licence_kind,
            "from": self.valid_from,
            "to": self.valid_to,
        }
        return Evidenced("parties_role", str(self.id), content | period | {"approval": self.approval_id})


class RelationQuerySet(VisibleQuerySet["Relation"]):
    not_found = PartyRecordNotFound

    def visible_to(self, actor: Viewer) -> Self:
        """Relations are the operator's and the regulator's knowledge; others see none."""
        return self.all() if actor.sees_all else self.none()


class Relation(models.Model):
    """Two parties of one group, in the order of their ids, for a time."""

    id = IdField()
    first = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    source = models.TextField()
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    objects = RelationQuerySet.as_manager()

    class Meta:
        db_table = "parties_relation"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("kind", RelationKind, "relation_kind_known"),
            period_forward("relation_period_forward"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="relation_of_two_in_order"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["second", "first"], name="relation_reverse")]

    def evidenced(self) -> Evidenced:
        content = {"first": self.first_id, "second": self.second_id, "kind": self.kind, "source": self.source}
        period = {"from": self.valid_from, "to": self.valid_to, "approval": self.approval_id}
        return Evidenced("parties_relation", str(self.id), content | period)
