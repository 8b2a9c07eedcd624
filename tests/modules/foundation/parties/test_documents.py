"""What is handed in with an application is kept sealed, opened by who decides, and removed when its days are over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from tests.builders import parties as build
from tests.builders.parties import NOON, Firm

from fourflow.config import wiring
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import Verdict
from fourflow.foundation.parameters import queries as parameters
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import models, operations, queries
from fourflow.foundation.parties.types import (
    MAX_DOCUMENT,
    ApplicationStateWrong,
    ApplicationView,
    DeclarationInvalid,
    DocumentAltered,
    DocumentOf,
    NotADocument,
    PartyRecordNotFound,
    RoleKind,
)
from fourflow.oversight.notices.operations.addressing import RULES
from fourflow.platform import clock
from fourflow.platform.crypto import keys, rotation
from fourflow.platform.crypto.sealing import seal
from fourflow.platform.db.reading import reading
from fourflow.platform.events import queries as events

pytestmark = pytest.mark.django_db

CONTENT = b"%PDF-1.7 the licence of the firm, by its own number"
PAPER = DocumentOf.of("registration", "../etc/执照\n.pdf", CONTENT)


@pytest.fixture
def op() -> Firm:
    return build.operator()


def handed_in(op: Firm, slug: str = "acme") -> ApplicationView:
    view = operations.apply(declaration=build.declaration(slug, RoleKind.SUPPLIER), actor=op.maker, effective_at=NOON)
    return operations.add_document(
        application_id=view.id, document=PAPER, content=CONTENT, actor=op.maker, effective_at=NOON
    )


def refused(op: Firm, slug: str, at: datetime) -> ApplicationView:
    """The second person rejects it for good at that moment."""
    view = handed_in(op, slug)
    put = operations.submit(
        application_id=view.id, actor=op.maker, effective_at=at, decide_by=at.date() + timedelta(days=30)
    )
    assert put.approval_id is not None
    return operations.decide_application(
        application_id=view.id,
        actor=op.checker,
        payload_hash=approvals.get(op.checker, put.approval_id).approval.payload_hash,
        verdict=Verdict.REJECT,
        reason="shell company",
        effective_at=at,
    )


def stored() -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("select content from parties_application_file")
        ((content,),) = cursor.fetchall()
    return bytes(content)


@pytest.mark.requirement("R286")
def test_a_content_stands_sealed_and_is_read_back_as_it_was_handed_in(op: Firm) -> None:
    view = handed_in(op)
    assert PAPER.file_name == "执照.pdf" and PAPER.media_type == "application/pdf"
    assert view.documents == (PAPER,) and view.documents[0].kept
    assert CONTENT not in stored() and b"licence" not in stored()
    with reading(op.checker):
        found, content = queries.document(op.checker, view.id, PAPER.sha256)
    assert (found, content) == (PAPER, CONTENT)
    stranger = build.supplier(op, "b-firm").maker
    with reading(stranger):
        assert not models.ApplicationFile.objects.exists(), "row-level security stands behind"
        with pytest.raises(PartyRecordNotFound):
            queries.document(stranger, view.id, PAPER.sha256)


def test_a_digest_alone_is_recorded_and_has_no_content(op: Firm) -> None:
    view = handed_in(op)
    elsewhere = DocumentOf("licence", "l.pdf", "application/pdf", "ab" * 32)
    later = operations.add_document(application_id=view.id, document=elsewhere, actor=op.maker, effective_at=NOON)
    assert [one.kept for one in later.documents] == [True, False]
    for digest in (elsewhere.sha256, "cd" * 32, "nonsense"):
        with pytest.raises(PartyRecordNotFound):
            queries.document(op.checker, view.id, digest)


def test_what_is_no_document_or_another_than_it_says_is_refused_and_leaves_nothing(op: Firm) -> None:
    view = operations.apply(declaration=build.declaration("acme", RoleKind.SUPPLIER), actor=op.maker, effective_at=NOON)
    for content in (b"", b"MZ no paper", b"%PDF-" + bytes(MAX_DOCUMENT)):
        with pytest.raises(NotADocument):
            DocumentOf.of("registration", "r.pdf", content)
    for other in (replace(PAPER, sha256="ab" * 32), replace(PAPER, media_type="image/png")):
        with pytest.raises(DeclarationInvalid):
            operations.add_document(
                application_id=view.id, document=other, content=CONTENT, actor=op.maker, effective_at=NOON
            )
    assert queries.application(op.maker, view.id).documents == ()
    assert not models.ApplicationFile.objects.exists()


def test_the_database_itself_lets_nobody_change_what_was_handed_in(op: Firm) -> None:
    handed_in(op)
    (kept,) = models.ApplicationFile.objects.all()
    kept.content = b"%PDF-1.7 another"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        kept.save(update_fields=["content"])


@pytest.mark.parametrize("broken", [True, False])
def test_a_content_that_is_not_what_was_handed_in_is_not_shown(op: Firm, broken: bool) -> None:
    """Whoever gets round the guard is found out: by the seal, or with its key by the digest."""
    view = handed_in(op)
    (kept,) = models.ApplicationFile.objects.all()
    other = seal(b"%PDF-1.7 another", f"parties_application_file.content:{'elsewhere' if broken else kept.pk}")
    with connection.cursor() as cursor:
        cursor.execute("delete from parties_application_file")
        cursor.execute("insert into parties_application_file (document_id, content) values (%s, %s)", [kept.pk, other])
    with pytest.raises(DocumentAltered):
        queries.document(op.checker, view.id, PAPER.sha256)


def test_a_rotation_seals_contents_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOURFLOW_KEYS_FILE", str(tmp_path / "keys.json"))
    op = build.operator()
    view = handed_in(op)
    before = stored()
    assert keys.sealing_keys().renew() == "k2"
    assert rotation.reseal_all() == 1 + models.Person.objects.count()
    after = stored()
    assert (before[1:3], after[1:3]) == (b"k1", b"k2") and CONTENT not in after
    assert queries.document(op.checker, view.id, PAPER.sha256) == (PAPER, CONTENT)


def test_an_application_that_nobody_goes_on_with_ends_with_the_contents_of_its_documents(
    op: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, worked_on, submitted = (handed_in(op, slug) for slug in ("draft", "worked-on", "submitted"))
    half, days = NOON + timedelta(days=45), parameters.integer(Key.ONBOARDING_IDLE_DAYS, NOON.date())
    declaration = build.declaration("worked-on", RoleKind.SUPPLIER)
    operations.revise(application_id=worked_on.id, declaration=declaration, actor=op.maker, effective_at=half)
    put = operations.submit(
        application_id=submitted.id, actor=op.maker, effective_at=NOON, decide_by=NOON.date() + timedelta(days=200)
    )
    assert put.approval_id is not None

    def state_at(at: datetime) -> list[tuple[str, bool]]:
        monkeypatch.setattr(clock, "now", lambda: at)
        wiring.lapse_applications()
        found = [queries.application(op.maker, one.id) for one in (draft, worked_on, submitted)]
        return [(one.state.value, one.documents[0].kept) for one in found]

    over = NOON + timedelta(days=days)
    assert state_at(over) == [("draft", True), ("draft", True), ("submitted", True)]
    later = over + timedelta(minutes=1)
    assert state_at(later) == [("expired", False), ("draft", True), ("submitted", True)]
    ended = events.of_subject(draft.id)[-1]
    assert ended.body["state"] == "expired"
    (told,) = RULES[ended.kind](ended, {}, later.date())
    assert (told.person_id, told.about) == (op.maker.person_id, ("application", draft.id))
    assert list(RULES[ended.kind](events.of_subject(submitted.id)[-1], {}, later.date())) == [], "it is only submitted"
    assert queries.application(op.maker, draft.id).documents == (PAPER,), "name, type and digest stay"
    with pytest.raises(PartyRecordNotFound):
        queries.document(op.checker, draft.id, PAPER.sha256)
    with pytest.raises(ApplicationStateWrong):
        operations.revise(application_id=draft.id, declaration=declaration, actor=op.maker, effective_at=later)

    operations.decide_application(
        application_id=submitted.id,
        actor=op.checker,
        payload_hash=approvals.get(op.checker, put.approval_id).approval.payload_hash,
        verdict=Verdict.REJECT,
        send_back=True,
        reason="the licence is too old",
        effective_at=later,
    )
    over = later + timedelta(days=days)
    assert state_at(over)[1:] == [("expired", False), ("returned", True)], "its days begin when it comes back"
    assert state_at(over + timedelta(minutes=1))[2] == ("expired", False)


def test_contents_of_a_refused_application_go_when_their_days_are_over_and_digests_stay(op: Firm) -> None:
    over = clock.now() - timedelta(days=parameters.integer(Key.REFUSED_KEEP_DAYS, clock.today()))
    old = refused(op, "old", over - timedelta(minutes=5))
    kept = [handed_in(op, "open"), refused(op, "late", over + timedelta(minutes=5))]
    assert [wiring.forget_documents(), wiring.forget_documents()] == [1, 0]
    (document,) = queries.application(op.maker, old.id).documents
    assert document == PAPER and not document.kept
    with pytest.raises(PartyRecordNotFound):
        queries.document(op.checker, old.id, PAPER.sha256)
    assert {queries.document(op.checker, one.id, PAPER.sha256)[1] for one in kept} == {CONTENT}
