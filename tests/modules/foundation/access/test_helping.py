"""Behind the code's back: recovery, emergencies and the log of reads hold their rules in the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from tests.builders import parties
from tests.builders.refusals import copy_of, refuse

from fourflow.foundation.access import jobs, models, operations, queries
from fourflow.foundation.access.types import (
    DataClass,
    Look,
    ReadPurpose,
    ReasonMissing,
    RecoveryElsewhere,
    RecoveryOwn,
    RecoveryState,
    RecoveryStateWrong,
    RecoveryView,
)
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import SamePerson, Verdict
from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties.types import AccountNotFound, Actor, Function, MemberTerms, NotPermitted

AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
NOW = parties.NOON


@pytest.fixture
def cast(people: parties.Cast, db: None) -> parties.Cast:
    return people


def ask(cast: parties.Cast) -> models.Recovery:
    asked = operations.ask_recovery(
        email="maker@core.example",
        reason="lost the telephone",
        half="AAAA-BBBB-CCCC",
        actor=cast.operator.maker,
        effective_at=NOW,
    )
    return models.Recovery.objects.get(pk=asked.id)


def decide(cast: parties.Cast, row: models.Recovery, actor: Any) -> Any:
    return operations.decide_recovery(
        recovery_id=row.id,
        actor=actor,
        payload_hash=approvals.get(actor, row.approval_id).approval.payload_hash,
        verdict=Verdict.APPROVE,
        half="DDDD-EEEE-FFFF",
        policy=queries.policy(parties.TODAY),
        at=AT,
        effective_at=NOW,
    )


def test_a_recovery_is_approved_only_by_two_people_and_never_rewritten(cast: parties.Cast) -> None:
    row = ask(cast)
    approved = copy_of("access_recovery", row.id, state="approved")
    refuse(*approved, constraint="recovery_begins_asked")
    approve = (
        "update access_recovery set state = 'approved', checker_person_id = %s, second_half = first_half, "
        "until = now() where id = %s"
    )
    refuse(approve, cast.operator.checker.person_id, row.id, constraint="recovery_by_two")
    for change in ("account_id = (select id from parties_account where id <> account_id limit 1)", "state = 'used'"):
        refuse(f"update access_recovery set {change} where id = %s", row.id, constraint="recovery_fixed")
    for one in (cast.operator.maker.person_id, row.person_id):
        by = "update access_recovery set checker_person_id = %s where id = %s"
        refuse(by, one, row.id, constraint="recovery_by_two_others")
    with pytest.raises((SamePerson, NotPermitted)):
        decide(cast, row, cast.operator.maker)
    assert decide(cast, row, cast.operator.checker).until == AT + timedelta(hours=24)
    longer = "update access_recovery set until = until + interval '1 day' where id = %s"
    refuse(longer, row.id, constraint="recovery_fixed")


def test_one_recovery_of_an_account_is_open_at_a_time_with_a_reason_and_by_others(cast: parties.Cast) -> None:
    ask(cast)
    with pytest.raises(RecoveryStateWrong):
        ask(cast)
    given = {"half": "A", "effective_at": NOW}
    with pytest.raises(ReasonMissing):
        operations.ask_recovery(email="viewer@core.example", reason="  lost", actor=cast.operator.maker, **given)
    with pytest.raises(RecoveryOwn):
        operations.ask_recovery(email="maker@core.example", reason="it is my own one", actor=cast.core.maker, **given)


def ask_for(email: str, actor: Actor) -> RecoveryView:
    return operations.ask_recovery(
        email=email, reason="lost the telephone", half="AAAA-BBBB-CCCC", actor=actor, effective_at=NOW
    )


def join(cast: parties.Cast, firm: parties.Firm, email: str) -> None:
    """The operator makes somebody a firm's member by the address with which he signs in elsewhere."""
    parties.change(cast.operator, firm.id, MemberTerms("treasurer", email, frozenset({Function.VIEWER}), parties.SINCE))


def test_nobody_reaches_another_firm_by_letting_its_people_in(cast: parties.Cast) -> None:
    treasurer, supplier = "maker@core.example", cast.suppliers[0]
    for stranger in (supplier, cast.regulator):
        with pytest.raises(AccountNotFound):
            ask_for(treasurer, stranger.maker)
    join(cast, supplier, treasurer)
    with pytest.raises(RecoveryElsewhere):
        ask_for(treasurer, supplier.maker)
    own = ask_for("viewer@core.example", cast.core.maker)
    join(cast, supplier, "viewer@core.example")
    with pytest.raises(RecoveryElsewhere):
        decide(cast, models.Recovery.objects.get(pk=own.id), cast.core.checker)
    assert ask_for(treasurer, cast.operator.maker).state is RecoveryState.ASKED


def test_halves_that_nobody_uses_in_their_hours_end_and_recovery_is_asked_for_again(
    cast: parties.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ask(cast)
    decide(cast, row, cast.operator.checker)
    monkeypatch.setattr(jobs.clock, "machine", lambda: AT + timedelta(hours=24, seconds=-1))
    assert jobs.lapse_recoveries() == 0
    with pytest.raises(RecoveryStateWrong):
        ask(cast)
    monkeypatch.setattr(jobs.clock, "machine", lambda: AT + timedelta(hours=24))
    assert (jobs.lapse_recoveries(), jobs.lapse_recoveries()) == (1, 0)
    row.refresh_from_db()
    assert row.state == RecoveryState.EXPIRED
    assert ask(cast).state == RecoveryState.ASKED


def test_who_broke_the_glass_does_not_review_it_and_nothing_of_it_is_rewritten(cast: parties.Cast) -> None:
    actor = cast.operator.maker
    broken = operations.break_glass(
        reason="a stolen key is used", actor=actor, policy=queries.policy(parties.TODAY), at=AT, effective_at=NOW
    )
    review = "update access_emergency set reviewed_by = %s, review = 'fine' where id = %s"
    refuse(review, actor.person_id, broken.id, constraint="emergency_reviewed_by_another")
    longer = "update access_emergency set until = until + interval '1 hour' where id = %s"
    refuse(longer, broken.id, constraint="emergency_fixed")
    with pytest.raises(NotPermitted):
        operations.break_glass(
            reason="not an operator at all",
            actor=cast.core.maker,
            policy=queries.policy(parties.TODAY),
            at=AT,
            effective_at=NOW,
        )


def test_a_bank_reads_only_by_consent_and_its_number_stands_in_the_log(cast: parties.Cast) -> None:
    bank, supplier = cast.funder, cast.supplier
    people = Look(DataClass.CORE, "people", subject_party_id=supplier.id)
    read = {"look": people, "actor": bank.maker, "effective_at": NOW}
    with pytest.raises(NotPermitted):
        operations.record_read(**read)
    party_operations.give_consent(
        to_party_id=bank.id,
        purpose="people",
        authorisation_number="A-2014-7",
        valid_from=parties.TODAY,
        valid_to=parties.TODAY + timedelta(days=30),
        actor=supplier.checker,
        effective_at=NOW,
    )
    entry = operations.record_read(**read)
    assert entry is not None
    assert (entry.purpose, entry.authorisation_number) == (ReadPurpose.CONSENT, "A-2014-7")
    assert queries.reads(cast.regulator.viewer)[0] == entry and queries.reads(bank.maker) == []
    for statement in ("update access_read set purpose = 'operation'", "delete from access_read"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
