"""Restrictions, consents, and who finds whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.builders import parties as build
from tests.builders.parties import LAST, NOON, TODAY, Firm

from fourflow.foundation.approvals.types import ApprovalPending, PayloadChanged, SamePerson, Verdict
from fourflow.foundation.parties import operations, queries
from fourflow.foundation.parties.types import (
    SYSTEM,
    AlreadyLifted,
    Barred,
    ConsentNumberTaken,
    DeclarationInvalid,
    NotPermitted,
    PartyNotFound,
    PeriodInvalid,
    RestrictionSource,
    RestrictionView,
    RoleKind,
)
from fourflow.platform.events import queries as events
from fourflow.platform.ids import new_id

pytestmark = pytest.mark.django_db

SOON = TODAY + timedelta(days=30)


@pytest.fixture
def op() -> Firm:
    return build.operator()


def restrict(op: Firm, firm: Firm, bars: Barred = Barred.ISSUE, **change: Any) -> RestrictionView:
    asked = {"source": RestrictionSource.OVERDUE, "reference": "V-1", "reason": "unpaid", "actor": op.maker, **change}
    return operations.impose(party_id=firm.id, bars=bars, effective_at=NOON, **asked)


def test_a_restriction_bars_from_its_day_until_two_people_lift_it(op: Firm) -> None:
    firm = build.core(op)
    held = restrict(op, firm)
    assert restrict(op, firm, reason="again", actor=SYSTEM) == held
    assert queries.is_barred(firm.id, Barred.ISSUE, TODAY) == held
    assert queries.is_barred(firm.id, Barred.FINANCE, TODAY) is None
    assert queries.is_barred(firm.id, Barred.ISSUE, TODAY - timedelta(days=1)) is None

    asked = operations.request_lift(
        restriction_id=held.id, reason="paid", actor=op.maker, effective_at=NOON, decide_by=LAST
    )
    with pytest.raises(ApprovalPending):
        operations.request_lift(
            restriction_id=held.id, reason="paid", actor=op.maker, effective_at=NOON, decide_by=LAST
        )
    said = {"restriction_id": held.id, "approval_id": asked.id, "payload_hash": asked.payload_hash}
    with pytest.raises(SamePerson):
        twin = replace(op.checker, person_id=op.maker.person_id)
        operations.decide_lift(actor=twin, verdict=Verdict.APPROVE, effective_at=NOON, **said)
    later = NOON + timedelta(days=2)
    lifted = operations.decide_lift(actor=op.checker, verdict=Verdict.APPROVE, effective_at=later, **said)
    assert lifted.lifted_on == TODAY + timedelta(days=2)
    assert queries.is_barred(firm.id, Barred.ISSUE, TODAY + timedelta(days=1)) is not None
    assert queries.is_barred(firm.id, Barred.ISSUE, TODAY + timedelta(days=2)) is None
    with pytest.raises(AlreadyLifted):
        operations.request_lift(
            restriction_id=held.id, reason="paid", actor=op.maker, effective_at=NOON, decide_by=LAST
        )
    assert [e.kind for e in events.of_subject(held.id)] == ["party.restricted", "party.restriction_lifted"]
    assert queries.is_barred(firm.id, Barred.ISSUE, SOON) is None


def test_a_bar_from_everything_bars_from_each_thing(op: Firm) -> None:
    firm = build.core(op)
    restrict(op, firm, Barred.EVERYTHING, source=RestrictionSource.COURT)
    assert all(queries.is_barred(firm.id, what, TODAY) for what in Barred)


def test_a_rejected_lift_leaves_the_restriction(op: Firm) -> None:
    firm = build.core(op)
    held, other = restrict(op, firm), restrict(op, firm, reference="V-2")
    asked = operations.request_lift(
        restriction_id=held.id, reason="paid", actor=op.maker, effective_at=NOON, decide_by=LAST
    )
    said = {"approval_id": asked.id, "payload_hash": asked.payload_hash, "actor": op.checker, "effective_at": NOON}
    with pytest.raises(PayloadChanged):
        operations.decide_lift(restriction_id=other.id, verdict=Verdict.APPROVE, **said)
    kept = operations.decide_lift(restriction_id=held.id, verdict=Verdict.REJECT, reason="not seen", **said)
    assert kept.lifted_on is None
    assert len(queries.restrictions(op.viewer, party_id=firm.id, in_force_on=SOON)) == 2


def test_only_the_operator_restricts_and_says_why(op: Firm) -> None:
    firm = build.core(op)
    with pytest.raises(NotPermitted):
        restrict(op, firm, actor=firm.maker)
    with pytest.raises(PartyNotFound):
        restrict(op, firm, actor=build.supplier(op).maker)
    with pytest.raises(DeclarationInvalid):
        restrict(op, firm, reason=" ")


@pytest.mark.requirement("R295")
def test_a_consent_is_for_one_party_and_purpose_and_ends(op: Firm) -> None:
    firm, bank = build.supplier(op), build.funder(op)
    given = {"to_party_id": bank.id, "purpose": "credit", "authorisation_number": "A-1", "actor": firm.maker}
    period = {"valid_from": TODAY, "valid_to": SOON, "effective_at": NOON}
    consent = operations.give_consent(**given, **period)
    assert queries.consent_in_force(firm.id, bank.id, "credit", TODAY) == consent
    assert queries.consent_in_force(firm.id, bank.id, "marketing", TODAY) is None
    assert queries.consent_in_force(bank.id, firm.id, "credit", TODAY) is None
    assert queries.consent_in_force(firm.id, bank.id, "credit", SOON) is None
    assert queries.consents(bank.viewer) == [consent] and queries.consents(build.core(op).viewer) == []
    with pytest.raises(ConsentNumberTaken):
        operations.give_consent(**given, **period)
    with pytest.raises(PeriodInvalid):
        operations.give_consent(**given, **{**period, "valid_to": TODAY})
    with pytest.raises(DeclarationInvalid):
        operations.give_consent(**{**given, "to_party_id": firm.id}, **period)
    with pytest.raises(PartyNotFound):
        operations.give_consent(**{**given, "to_party_id": new_id()}, **period)
    with pytest.raises(NotPermitted):
        operations.withdraw_consent(consent_id=consent.id, actor=bank.maker, effective_at=NOON)
    operations.withdraw_consent(consent_id=consent.id, actor=firm.maker, effective_at=NOON)
    assert queries.consent_in_force(firm.id, bank.id, "credit", TODAY) is None
    with pytest.raises(AlreadyLifted):
        operations.withdraw_consent(consent_id=consent.id, actor=firm.maker, effective_at=NOON)


def test_parties_of_one_programme_find_each_other_and_others_do_not(op: Firm) -> None:
    core, other = build.core(op), build.core(op, "other-core")
    firm = build.supplier(op, "steel-works", programme=core.id)
    assert [view.id for view in queries.search(core.viewer, "steel")] == [firm.id]
    assert [view.id for view in queries.search(firm.viewer, role=RoleKind.CORE)] == [core.id]
    assert queries.search(other.viewer, "steel") == []
    assert [view.id for view in queries.search(op.viewer, "STEEL-WORKS")] == [firm.id]
    assert queries.registered_as(f" {firm.view.identifiers[0].value.lower()}", TODAY) == queries.party(
        op.viewer, firm.id
    )
    operations.introduce([(other.id, firm.id)], "voucher")
    assert queries.party(other.viewer, firm.id).id == firm.id
    assert queries.party(firm.viewer, other.id).id == other.id
    with pytest.raises(PartyNotFound):
        build.supplier(op, "lost", programme=firm.id)
