"""A key is renewed while everything goes on: whatever was sealed before opens before, during and after."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from tests.builders import parties

from fourflow.foundation.access import models
from fourflow.foundation.parties.models import Person
from fourflow.platform.crypto import keys, rotation, sealing
from fourflow.platform.events.operations import sequence
from fourflow.platform.models import StoredEvent

AT = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> keys.SealingKeys:
    """Keys of this test alone."""
    monkeypatch.setenv("FOURFLOW_KEYS_FILE", str(tmp_path / "keys.json"))
    return keys.sealing_keys()


@pytest.fixture
def account(own_keys: keys.SealingKeys, db: None) -> UUID:
    actor = parties.cast(suppliers=0).operator.maker
    assert actor.account_id is not None
    return actor.account_id


def sessions(account: UUID, count: int) -> list[UUID]:
    made = [
        models.Session.objects.create(
            account_id=account,
            person_id=account,
            kind="web",
            strength="password",
            origin=f"192.0.2.{number}",
            began_at=AT,
            seen_at=AT,
            expires_at=AT + timedelta(hours=1),
        )
        for number in range(count)
    ]
    return [one.id for one in made]


def names() -> dict[UUID, str]:
    return {person.id: person.name for person in Person.objects.all()}


def read(ids: list[UUID]) -> list[str]:
    found = models.Session.objects.in_bulk(ids)
    return [found[one].origin for one in ids]


@pytest.mark.django_db
@pytest.mark.requirement("R286")
def test_rows_open_before_during_and_after_a_rotation_and_new_ones_take_the_new_key(
    account: UUID, own_keys: keys.SealingKeys
) -> None:
    old = sessions(account, 5)
    was = read(old)
    totp = models.Totp.objects.create(account_id=account, secret="JBSWY3DP", last_step=0, ended_at=AT)
    people = names()
    standing = 6 + len(people)
    assert people and rotation.by_key() == {"k1": standing}
    assert own_keys.renew() == "k2"
    assert read(old) == was == [f"192.0.2.{n}" for n in range(5)]
    new = sessions(account, 1)
    assert rotation.by_key() == {"k1": standing, "k2": 1}
    assert rotation.reseal_all(batch=2) == standing
    assert rotation.by_key() == {"k2": standing + 1}
    assert names() == people
    assert read(old) == was and read(new) == ["192.0.2.0"]
    assert models.Totp.objects.get(pk=totp.pk).secret == "JBSWY3DP"
    assert rotation.reseal_all() == 0


@pytest.mark.django_db(transaction=True)
def test_what_a_kill_leaves_undone_is_finished_by_the_next_run(
    account: UUID, own_keys: keys.SealingKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = sessions(account, 6)
    was, others = read(ids), Person.objects.count()
    own_keys.renew()
    told: Iterator[int] = iter(range(100))

    def dying(text: str, place: str) -> bytes:
        if next(told) == 4:  # in the middle of the third batch of two
            raise SystemExit
        return sealing.seal(text, place)

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "seal", dying)
        with pytest.raises(SystemExit):
            rotation.reseal_all(batch=2)
    assert rotation.by_key() == {"k1": 2 + others, "k2": 4}, "a batch is whole or not at all"
    assert read(ids) == was
    assert rotation.reseal_all(batch=2) == 2 + others
    assert rotation.by_key() == {"k2": 6 + others} and read(ids) == was


@pytest.mark.django_db
@pytest.mark.requirement("R286")
def test_a_finished_rotation_is_a_leaf_of_the_log_that_names_the_key_and_never_holds_it(
    account: UUID, own_keys: keys.SealingKeys
) -> None:
    sessions(account, 2)
    standing = sum(rotation.by_key().values())
    own_keys.renew()  # a run that was broken off here is finished under the key that it made
    assert rotation.rotate(by="fourflow", effective_at=AT).key_id == "k2"
    assert rotation.rotate(by="root", effective_at=AT).key_id == "k3" == own_keys.current()[0]
    numbered = {one.event_id: one.leaf_hash for one in sequence()}
    facts = StoredEvent.objects.filter(kind="key.rotated").order_by("id")
    assert [fact.body for fact in facts] == [
        {"key_id": "k2", "by": "fourflow", "resealed": standing},
        {"key_id": "k3", "by": "root", "resealed": standing},
    ]
    for fact in facts:
        assert numbered[fact.id] == bytes(fact.leaf_hash)
        secret = own_keys.key(fact.body["key_id"])
        leaf = bytes(fact.entry)
        assert not any(form in leaf for form in (secret, base64.b64encode(secret), secret.hex().encode()))


@pytest.mark.django_db
def test_a_value_that_was_tampered_with_stops_the_rotation_and_is_not_sealed_anew(
    account: UUID, own_keys: keys.SealingKeys
) -> None:
    (one,) = sessions(account, 1)
    with connection.cursor() as cursor:
        cursor.execute(
            "update access_session set origin = set_byte(origin, 39, 1 # get_byte(origin, 39)) where id = %s", [one]
        )
    own_keys.renew()
    with pytest.raises(sealing.Tampered):
        rotation.reseal_all()
    assert rotation.by_key()["k1"] == 1


@pytest.mark.django_db
def test_a_name_is_sealed_anew_and_never_changed_otherwise(account: UUID) -> None:
    person = Person.objects.first()
    assert person is not None
    for change in ("name = set_byte(name, 39, 1 # get_byte(name, 39))", "recorded_at = now() + interval '1 day'"):
        with (
            pytest.raises(DatabaseError, match=r"append-only|permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"update parties_person set {change} where id = %s", [person.id])


def test_a_renewed_key_is_seen_by_a_process_that_has_read_the_file_before(own_keys: keys.SealingKeys) -> None:
    sealed = sealing.seal("6217", "t.c:1")
    first = own_keys.current()
    assert own_keys.renew() == "k2" and own_keys.renew() == "k3"
    assert own_keys.current()[0] == "k3" and own_keys.key("k1") == first[1]
    assert sealing.unseal(sealed, "t.c:1") == "6217"
    assert sealing.seal("6217", "t.c:1")[1:3] == b"k3"
    assert keys._file().stat().st_mode & 0o777 == 0o600


class Vault:
    """A KMS with one key."""

    def current(self) -> tuple[str, bytes]:
        return "vault/7", b"v" * 16

    def key(self, key_id: str) -> bytes:
        return {"vault/7": b"v" * 16}[key_id]

    def renew(self) -> str:
        raise NotImplementedError


def test_a_kms_takes_the_place_of_the_file(monkeypatch: pytest.MonkeyPatch, own_keys: keys.SealingKeys) -> None:
    in_file = sealing.seal("6217", "t.c:1")
    monkeypatch.setenv("FOURFLOW_KEYS", f"{__name__}:Vault")
    assert sealing.unseal(sealing.seal("6217", "t.c:1"), "t.c:1") == "6217"
    with pytest.raises(sealing.Tampered):
        sealing.unseal(in_file, "t.c:1")


@pytest.mark.django_db(transaction=True)
def test_the_database_lets_only_a_rotation_change_a_secret(account: UUID, own_keys: keys.SealingKeys) -> None:
    totp = models.Totp.objects.create(account_id=account, secret="JBSWY3DP", last_step=0)
    totp.secret = "ANOTHER"
    with pytest.raises(Exception, match="only ends"):
        totp.save()
