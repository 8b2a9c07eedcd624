"""Dated values. What they mean stands in the catalogue; rules beyond Django's language in migrations/0002_rules.py."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from fourflow.foundation.parameters.domain.values import definition_of, from_json
from fourflow.foundation.parameters.types import (
    Key,
    ParameterId,
    ParameterState,
    ParameterUnknown,
    ParameterValue,
)
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.db.visibility import Viewer, VisibleQuerySet
from fourflow.platform.events.types import Evidenced


class ParameterQuerySet(VisibleQuerySet["Parameter"]):
    not_found = ParameterUnknown

    def visible_to(self, actor: Viewer) -> Self:
        """What is about the platform or a product is known to all; what is about a party, to that party."""
        if actor.sees_all:
            return self.all()
        return self.filter(Q(organisation_id__isnull=True) | Q(organisation_id=actor.organisation_id))


class Parameter(models.Model):
    """`organisation_id` repeats the party of the scope, if it has one. `seeded` values came with the software."""

    id = IdField()
    key = models.TextField()
    scope = models.TextField()
    organisation_id = models.UUIDField(null=True)
    value = models.JSONField()
    valid_from = models.DateField()
    state = models.TextField(default=ParameterState.PROPOSED.value)
    source = models.TextField()
    seeded = models.BooleanField(default=False)
    approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    objects = ParameterQuerySet.as_manager()

    class Meta:
        db_table = "parameters_parameter"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in ParameterState]), name="parameter_state_known"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="parameter_has_source"),
            models.UniqueConstraint(
                fields=["key", "scope", "valid_from"], condition=Q(state="approved"), name="parameter_one_value_a_day"
            ),
        ]

    def to_type(self) -> ParameterValue:
        return ParameterValue(
            id=ParameterId(self.id),
            key=Key(self.key),
            scope=self.scope,
            value=from_json(definition_of(self.key), self.value),
            valid_from=self.valid_from,
            state=ParameterState(self.state),
            source=self.source,
            approval_id=self.approval_id,
        )

    def evidenced(self) -> Evidenced:
        content: dict[str, Any] = {"key": self.key, "scope": self.scope, "value": self.value, "from": self.valid_from}
        rest = {"state": self.state, "source": self.source, "approval": self.approval_id}
        return Evidenced("parameters_parameter", str(self.id), content | rest | {"organisation": self.organisation_id})
