"""Recognising people: locks, second factors that open once, confirmations that end with what they rest on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from tests.builders import parties
from tests.builders.refusals import refuse

from fourflow.foundation.access import operations, queries
from fourflow.foundation.access.domain import codes
from fourflow.foundation.access.types import (
    CodeWrong,
    Confirmation,
    Ending,
    FactorTaken,
    Locked,
    Origin,
    PasswordWrong,
    Policy,
    Refused,
    SecondFactorNeeded,
    SessionKind,
    SessionNotFound,
    SessionView,
    Strength,
)
from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.models import Person as PersonRow
from fourflow.foundation.parties.types import AccountView, Actor, ChangeKind, EndTerms
from fourflow.platform.models import StoredEvent

AT = datetime(2026, 11, 22, 3, tzinfo=UTC)
NOW = parties.NOON
PASSWORD = "correct horse battery staple"
POLICY = Policy(
    step_up_minutes=10,
    account_attempts=3,
    address_attempts=8,
    lock_minutes=15,
    session_hours=12,
    recovery_hours=24,
    emergency_minutes=60,
)


@dataclass
class Person:
    """Somebody with a session, as the doors see it."""

    account: AccountView
    session: SessionView
    organisation: Any

    def actor(self, today: date = parties.TODAY, at: datetime = AT) -> Actor:
        session = queries.session(self.session.id, self.account.id, at)
        return queries.actor_of(session, self.organisation, today)

    def confirm(self, password: str = PASSWORD, code: str = "", at: datetime = AT, address: str = "a") -> Confirmation:
        return operations.confirm(
            actor=self.actor(at=at),
            password=password,
            code=code,
            address=address,
            policy=POLICY,
            at=at,
            effective_at=NOW,
        )

    def held(self, at: datetime = AT, today: date = parties.TODAY) -> Confirmation | None:
        return queries.confirmation(self.actor(today, at), at)


def knock(email: str, password: str = PASSWORD, at: datetime = AT, address: str = "a") -> AccountView:
    return operations.knock(email=email, password=password, address=address, policy=POLICY, at=at, effective_at=NOW)


def enter(actor: Actor, at: datetime = AT, kind: SessionKind = SessionKind.WEB) -> Person:
    assert actor.account_id is not None
    account = party_queries.account(actor.account_id)
    session = operations.begin(
        account=account,
        kind=kind,
        strength=Strength.PASSWORD,
        origin=Origin("192.0.2.7", "test"),
        lifetime=timedelta(hours=12),
        at=at,
        effective_at=NOW,
        organisation_id=actor.organisation_id,
    )
    return Person(account, session, actor.organisation_id)


@pytest.fixture
def cast(people: parties.Cast, db: None, settings: Any) -> parties.Cast:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for firm in (people.core, people.operator):
        for actor in (firm.maker, firm.checker):
            assert actor.account_id is not None
            party_operations.set_password(account_id=actor.account_id, password=PASSWORD)
    return people


@pytest.fixture
def maker(cast: parties.Cast) -> Person:
    return enter(cast.core.maker)


def with_app(person: Person, at: datetime = AT) -> str:
    """An authenticator app in use; its secret."""
    offer = queries.offer_app(person.account, at)
    code = codes.code_at(offer.secret, codes.step_of(at))
    operations.enrol_app(account_id=person.account.id, secret=offer.secret, code=code, at=at, effective_at=NOW)
    return offer.secret


def test_a_confirmation_holds_for_its_minutes_and_not_one_second_more(maker: Person) -> None:
    assert maker.held() is None
    given = maker.confirm()
    assert (given.strength, given.until) == (Strength.PASSWORD, AT + timedelta(minutes=10))
    assert maker.held(AT + timedelta(minutes=10) - timedelta(seconds=1)) == given
    assert maker.held(AT + timedelta(minutes=10)) is None


def test_a_confirmation_belongs_to_its_session_alone(maker: Person, cast: parties.Cast) -> None:
    other = enter(cast.core.maker)
    maker.confirm()
    assert other.held() is None


def test_a_confirmation_ends_with_the_session_the_password_and_a_new_factor(maker: Person, cast: parties.Cast) -> None:
    maker.confirm()
    operations.change_password(
        account=maker.account, password="another long password", keep=maker.session.id, at=AT, effective_at=NOW
    )
    assert maker.held() is None
    maker.confirm("another long password")
    with_app(maker)
    assert maker.held() is None
    operations.end(session_id=maker.session.id, actor=maker.actor(), ending=Ending.SIGNED_OUT, at=AT, effective_at=NOW)
    with pytest.raises(SessionNotFound):
        maker.actor()


def test_a_confirmation_ends_when_a_mandate_ends(maker: Person, cast: parties.Cast) -> None:
    maker.confirm()
    with connection.cursor() as cursor:
        cursor.execute("select id from parties_mandate where person_id = %s limit 1", [cast.core.maker.person_id])
        (row_id,) = cursor.fetchone()
    terms = EndTerms(ChangeKind.MANDATE, row_id, parties.TODAY + timedelta(days=1))
    parties.change(cast.operator, cast.core.id, terms)
    assert maker.held() is None, "what the person may sign is not what it was when confirming"


def test_changing_the_password_ends_every_other_session(maker: Person, cast: parties.Cast) -> None:
    elsewhere = enter(cast.core.maker)
    operations.change_password(
        account=maker.account, password="another long password", keep=maker.session.id, at=AT, effective_at=NOW
    )
    assert maker.actor().account_id == maker.account.id
    with pytest.raises(SessionNotFound):
        elsewhere.actor()


def test_a_session_ends_by_its_time_and_never_comes_back(maker: Person) -> None:
    with pytest.raises(SessionNotFound):
        maker.actor(at=AT + timedelta(hours=12))
    operations.end(session_id=maker.session.id, actor=maker.actor(), ending=Ending.BY_OWNER, at=AT, effective_at=NOW)
    for change, constraint in (
        ("ended_at = null, ending = ''", "session_ends_once"),
        ("began_at = began_at - interval '1 hour'", "session_fixed"),
        ("expires_at = expires_at + interval '1 day'", "session_prolonged"),
    ):
        refuse(f"update access_session set {change} where id = %s", maker.session.id, constraint=constraint)


def test_a_person_who_is_still_there_stays_signed_in_and_not_for_ever(maker: Person, cast: parties.Cast) -> None:
    def stay(at: datetime, who: Person = maker) -> datetime:
        lifetime, mine = timedelta(hours=12), maker.session.id
        return operations.stay(session_id=mine, actor=who.actor(), lifetime=lifetime, at=at, effective_at=NOW)

    assert stay(AT) == AT + timedelta(hours=12)  # nothing to be had yet
    assert stay(AT + timedelta(hours=11)) == AT + timedelta(hours=23)
    assert maker.actor(at=AT + timedelta(hours=22)).account_id == maker.account.id
    assert stay(AT + timedelta(hours=22)) == AT + timedelta(hours=24)
    assert stay(AT + timedelta(hours=23)) == AT + timedelta(hours=24)
    with pytest.raises(SessionNotFound):
        stay(AT + timedelta(hours=24))
    with pytest.raises(SessionNotFound):
        stay(AT, enter(cast.core.checker))
    for sooner_or_for_ever in ("expires_at - interval '1 hour'", "expires_at + interval '144 hours'"):
        change = f"update access_session set expires_at = {sooner_or_for_ever} where id = %s"
        refuse(change, maker.session.id, constraint="session_prolonged")


def test_nobody_ends_the_session_of_another_person(maker: Person, cast: parties.Cast) -> None:
    checker = enter(cast.core.checker)
    with pytest.raises(SessionNotFound):
        operations.end(
            session_id=maker.session.id, actor=checker.actor(), ending=Ending.BY_OWNER, at=AT, effective_at=NOW
        )
    assert [one.id for one in queries.sessions(checker.actor(), AT)] == [checker.session.id]


def test_too_many_wrong_passwords_lock_the_sign_in_and_raise_one_alarm(cast: parties.Cast) -> None:
    email = party_queries.account(cast.core.maker.account_id).email  # type: ignore[arg-type]
    for _ in range(3):
        with pytest.raises(Refused):
            knock(email, "wrong")
    for password in ("wrong", PASSWORD, PASSWORD):
        with pytest.raises(Locked):
            knock(email, password)
    alarms = list(StoredEvent.objects.filter(kind="access.locked"))
    assert [(a.body["by"], a.body["account_id"]) for a in alarms] == [("account", str(cast.core.maker.account_id))]
    assert email not in str(alarms[0].body)
    with pytest.raises(Locked):
        knock(email, at=AT + timedelta(minutes=15) - timedelta(seconds=1))
    assert knock(email, at=AT + timedelta(minutes=15)).email == email


def test_an_address_that_nobody_has_is_locked_just_the_same(cast: parties.Cast) -> None:
    for _ in range(3):
        with pytest.raises(Refused):
            knock("nobody@core.example", "wrong")
    with pytest.raises(Locked):
        knock("nobody@core.example", "wrong")


def test_one_address_that_tries_many_sign_ins_is_locked(cast: parties.Cast) -> None:
    for number in range(8):
        with pytest.raises(Refused):
            knock(f"somebody-{number}@core.example", "wrong", address="198.51.100.9")
    with pytest.raises(Locked):
        knock("maker@core.example", address="198.51.100.9")
    assert knock("maker@core.example", address="192.0.2.1").email == "maker@core.example"


def test_knowing_the_password_gives_no_free_guesses_at_the_code(maker: Person) -> None:
    with_app(maker)
    refused: list[type[Exception]] = []
    for _ in range(4):
        try:
            account = knock(maker.account.email)
            operations.admit(account=account, code="000000", address="a", at=AT, effective_at=NOW)
        except (CodeWrong, Locked) as error:
            refused.append(type(error))
    assert refused == [CodeWrong] * 3 + [Locked]


def test_wrong_passwords_at_step_up_lock_too(maker: Person) -> None:
    for _ in range(3):
        with pytest.raises(PasswordWrong):
            maker.confirm("wrong")
    with pytest.raises(Locked):
        maker.confirm()


def test_a_code_opens_once_and_an_older_one_never_again(maker: Person) -> None:
    secret = with_app(maker)
    later = AT + timedelta(seconds=60)
    step = codes.step_of(later)
    assert maker.confirm(code=codes.code_at(secret, step), at=later).strength is Strength.PASSWORD_CODE
    for replayed in (step, step - 1):
        with pytest.raises(CodeWrong):
            maker.confirm(code=codes.code_at(secret, replayed), at=later)
    refuse("update access_totp set last_step = last_step - 1", constraint="totp_code_once")
    refuse("update access_totp set account_id = gen_random_uuid()", constraint="totp_fixed")


def test_the_code_that_enrolled_the_app_does_not_sign_in(maker: Person) -> None:
    secret = with_app(maker)
    with pytest.raises(CodeWrong):
        maker.confirm(code=codes.code_at(secret, codes.step_of(AT)))


def test_a_password_alone_does_not_confirm_who_has_a_second_factor(maker: Person) -> None:
    with_app(maker)
    with pytest.raises(SecondFactorNeeded):
        maker.confirm()
    with pytest.raises(FactorTaken):
        with_app(maker)


def test_a_recovery_code_opens_once_and_is_typed_as_one_likes(maker: Person) -> None:
    with_app(maker)
    made = operations.renew_recovery_codes(account_id=maker.account.id, at=AT, effective_at=NOW)
    assert len(set(made)) == 10 == queries.factors(maker.account.id).recovery_codes
    typed = made[0].lower().replace("-", " ")
    assert maker.confirm(code=typed).strength is Strength.PASSWORD_RECOVERY
    with pytest.raises(CodeWrong):
        maker.confirm(code=made[0])
    operations.renew_recovery_codes(account_id=maker.account.id, at=AT, effective_at=NOW)
    with pytest.raises(CodeWrong):
        maker.confirm(code=made[1])
    refuse("update access_recovery_code set ended_at = null", constraint="factor_only_ends")


@pytest.mark.requirement("R397")
def test_secrets_stand_sealed_and_codes_as_digests(maker: Person) -> None:
    secret = with_app(maker)
    made = operations.renew_recovery_codes(account_id=maker.account.id, at=AT, effective_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("select secret from access_totp union all select digest from access_recovery_code")
        stored = b"".join(bytes(row[0]) for row in cursor.fetchall())
        cursor.execute("select origin from access_session")
        stored += b"".join(bytes(row[0]) for row in cursor.fetchall())
    for text in (secret, made[0], codes.normal(made[0]), "192.0.2.7"):
        assert text.encode() not in stored


def test_an_offer_of_an_app_is_its_account_s_and_grows_old(maker: Person, cast: parties.Cast) -> None:
    offer = queries.offer_app(maker.account, AT)
    assert queries.offered_app(maker.account, offer.offer, AT).secret == offer.secret
    other = party_queries.account(cast.core.checker.account_id)  # type: ignore[arg-type]
    for account, text, at in (
        (other, offer.offer, AT),
        (maker.account, offer.offer, AT + timedelta(minutes=16)),
        (maker.account, "nonsense", AT),
        (replace(maker.account, id=other.id), offer.offer[:-4], AT),
    ):
        with pytest.raises(CodeWrong):
            queries.offered_app(account, text, at)


def test_the_names_of_people_stand_sealed_and_never_empty(cast: parties.Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select name from parties_person")
        stored = [bytes(row[0]) for row in cursor.fetchall()]
    assert len(stored) > 6 and not any(b"maker" in name for name in stored)
    person = cast.core.maker.person_id
    assert party_queries.person_names([person]) == {person: "maker of core"}
    assert [one.name for one in party_queries.people(cast.core.maker)][:2] == ["checker of core", "maker of core"]
    with pytest.raises(IntegrityError, match="person_has_name"), transaction.atomic():
        PersonRow.objects.create(name="")
