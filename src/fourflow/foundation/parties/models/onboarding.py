"""Applications of parties that want in, and proposed changes to those that are in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q

from fourflow.foundation.parties.domain import terms as domain
from fourflow.foundation.parties.models.organisations import Party, one_of
from fourflow.foundation.parties.models.people import OfOrganisationQuerySet
from fourflow.foundation.parties.types import (
    ApplicationState,
    ApplicationView,
    ChangeKind,
    ChangeState,
    ChangeView,
    DocumentOf,
)
from fourflow.platform.crypto.sealing import SealedBytes
from fourflow.platform.db.fields import IdField, RecordedAtField
from fourflow.platform.events.types import Evidenced


class ApplicationRow(models.Model):
    """`organisation` is the operator who examines; `content` is what the applicant declares.

    `idle_since`: when somebody last went on with it, or it was returned.
    """

    id = IdField()
    organisation = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    maker_person_id = models.UUIDField()
    state = models.TextField(default=ApplicationState.DRAFT.value)
    content = models.JSONField()
    note = models.TextField(default="", blank=True)
    idle_since = models.DateTimeField()
    approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = RecordedAtField()

    objects = OfOrganisationQuerySet.as_manager()

    class Meta:
        db_table = "parties_application"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("state", ApplicationState, "application_state_known"),
            models.CheckConstraint(
                condition=Q(state="active", party__isnull=False, approval__isnull=False)
                | (~Q(state="active") & Q(party__isnull=True)),
                name="application_active_has_party",
            ),
            models.CheckConstraint(
                condition=~Q(state="submitted") | Q(approval__isnull=False), name="application_submitted_has_approval"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["idle_since"], condition=Q(state__in=["draft", "returned"]), name="application_to_expire"
            ),
        ]

    def documents(self) -> list[ApplicationDocument]:
        """What was handed in, the first first."""
        return documents_of([self])[self.id]

    def to_type(self, documents: Sequence[ApplicationDocument] | None = None) -> ApplicationView:
        """With its documents, where somebody has read those of a whole list (:func:`documents_of`) already."""
        return ApplicationView(
            id=self.id,
            state=ApplicationState(self.state),
            declaration=domain.declaration_from_json(self.content),
            documents=tuple(document.to_type() for document in (self.documents() if documents is None else documents)),
            note=self.note,
            approval_id=self.approval_id,
            party_id=self.party_id,
            applied_at=self.recorded_at,
        )

    def evidenced(self) -> Evidenced:
        content: dict[str, Any] = {"organisation": self.organisation_id, "maker": self.maker_person_id}
        rest = {"state": self.state, "approval": self.approval_id, "party": self.party_id, "note": self.note}
        return Evidenced("parties_application", str(self.id), content | rest)


class ApplicationDocument(models.Model):
    id = IdField()
    application = models.ForeignKey(ApplicationRow, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    file_name = models.TextField()
    media_type = models.TextField()
    sha256 = models.TextField()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "parties_application_document"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="application_document_digest"),
            models.UniqueConstraint(fields=["application", "sha256"], name="application_document_once"),
        ]

    def to_type(self) -> DocumentOf:
        kept = bool(vars(self).get("kept"))
        return DocumentOf(self.kind, self.file_name, self.media_type, self.sha256, kept=kept)

    def evidenced(self) -> Evidenced:
        content = {"application": self.application_id, "kind": self.kind, "sha256": self.sha256}
        file = {"file_name": self.file_name, "media_type": self.media_type}
        return Evidenced("parties_application_document", str(self.id), content | file)


class ApplicationFile(models.Model):
    """What a document says, sealed; it goes when its days are over, the document stays and says what it was."""

    document = models.OneToOneField(ApplicationDocument, on_delete=models.PROTECT, primary_key=True, related_name="+")
    content = SealedBytes()
    recorded_at = RecordedAtField()

    class Meta:
        db_table = "parties_application_file"


def documents_of(applications: Iterable[ApplicationRow]) -> dict[UUID, list[ApplicationDocument]]:
    """What was handed in with each, the first first, in one statement; of each whether its content is kept."""
    found: dict[UUID, list[ApplicationDocument]] = {row.id: [] for row in applications}
    kept = Exists(ApplicationFile.objects.filter(document_id=OuterRef("pk")))
    documents = ApplicationDocument.objects.filter(application__in=list(found)).annotate(kept=kept)
    for document in documents.order_by("id"):
        found[document.application_id].append(document)
    return found


class ChangeRow(models.Model):
    """A proposed change of roles, licences, members, mandates or relations; applied when a second person approves."""

    id = IdField()
    organisation = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    kind = models.TextField()
    content = models.JSONField()
    state = models.TextField(default=ChangeState.PROPOSED.value)
    approval = models.ForeignKey("approvals.ApprovalRow", null=True, on_delete=models.PROTECT, related_name="+")
    row_id = models.UUIDField(null=True)
    recorded_at = RecordedAtField()

    objects = OfOrganisationQuerySet.as_manager()

    class Meta:
        db_table = "parties_change"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            one_of("kind", ChangeKind, "change_kind_known"),
            one_of("state", ChangeState, "change_state_known"),
            models.CheckConstraint(
                condition=Q(state="applied", row_id__isnull=False, approval__isnull=False)
                | (~Q(state="applied") & Q(row_id__isnull=True)),
                name="change_applied_has_row",
            ),
        ]

    def to_type(self) -> ChangeView:
        kind = ChangeKind(self.kind)
        return ChangeView(
            id=self.id,
            party_id=self.party_id,
            kind=kind,
            terms=domain.terms_from_json(kind, self.content),
            state=ChangeState(self.state),
            approval_id=self.approval_id,
            row_id=self.row_id,
        )

    def evidenced(self) -> Evidenced:
        content: dict[str, Any] = {"organisation": self.organisation_id, "party": self.party_id, "kind": self.kind}
        rest = {"content": self.content, "state": self.state, "approval": self.approval_id, "row": self.row_id}
        return Evidenced("parties_change", str(self.id), content | rest)
