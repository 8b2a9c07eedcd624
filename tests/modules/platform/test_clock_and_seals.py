"""The clock goes forward only; secrets are bound to their place; signatures to person and content."""

from __future__ import annotations

import datetime
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from fourflow.platform import calendar, clock
from fourflow.platform.crypto import keys, sealing
from fourflow.platform.crypto.signing import SandboxSigner, SignatureWrong, authority, verify
from fourflow.platform.ids import new_id
from fourflow.platform.models import CalendarDay

THEN = datetime.datetime(2014, 1, 2, 1, tzinfo=datetime.UTC)


@pytest.mark.django_db
def test_a_sandbox_may_begin_in_the_past_and_moves_forward_only():
    clock.found("sandbox", THEN)
    assert clock.today() == datetime.date(2014, 1, 2)
    clock.move_to(THEN + datetime.timedelta(days=40))
    assert clock.today() == datetime.date(2014, 2, 11)
    with pytest.raises(clock.ClockNotMovable):
        clock.move_to(THEN)


@pytest.mark.django_db(transaction=True)
def test_the_database_itself_refuses_a_clock_set_back_and_a_moved_production_clock(raw):
    clock.found("sandbox", THEN)
    for sql in (
        "update platform_installation set clock_offset = clock_offset - interval '1 day'",
        "update platform_installation set environment = 'production', clock_offset = '0'",
    ):
        with pytest.raises(Exception, match=r"set back|never changes"):
            raw("writer").execute(sql)
    with pytest.raises(Exception, match="production clock"):
        raw("owner").execute(
            "insert into platform_installation (id, environment, clock_offset) values (1, 'production', '1 day')"
        )


@pytest.mark.django_db
@pytest.mark.requirement("R286")
def test_a_sealed_text_opens_only_in_its_own_place():
    sealed = sealing.seal("6217 0000 1234 8823", "accounts.number:1")
    assert b"8823" not in sealed
    assert sealing.unseal(sealed, "accounts.number:1") == "6217 0000 1234 8823"
    with pytest.raises(sealing.Tampered):
        sealing.unseal(sealed, "accounts.number:2")
    with pytest.raises(sealing.Tampered):
        sealing.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), "accounts.number:1")
    assert sealing.blind_index(" ＡBC ") == sealing.blind_index("abc")


@pytest.mark.django_db
@pytest.mark.requirement("R286")
def test_what_is_sealed_opens_with_sm4_by_its_layout_alone():
    """Length of the key's id, id, nonce, tag, ciphertext: whoever has the key needs no code of ours."""
    sealed = sealing.seal("6217 0000 1234 8823", "accounts.number:1")
    key_id, rest = sealed[1 : 1 + sealed[0]].decode(), sealed[1 + sealed[0] :]
    cipher = Cipher(algorithms.SM4(keys.sealing_keys().key(key_id)), modes.GCM(rest[:12], rest[12:28]))
    opener = cipher.decryptor()
    opener.authenticate_additional_data(b"accounts.number:1")
    assert opener.update(rest[28:]) + opener.finalize() == b"6217 0000 1234 8823"


def test_a_signature_holds_for_its_person_and_content_alone():
    person, content = new_id(), {"amount": "5.00"}
    signature = SandboxSigner().sign(person, content, terms_version="t1")
    verify(signature, content)
    with pytest.raises(SignatureWrong):
        verify(signature, {"amount": "5.01"})
    body = signature.to_body()
    with pytest.raises(SignatureWrong):
        verify(type(signature).from_body({**body, "person_id": str(new_id())}), content)
    with pytest.raises(SignatureWrong):
        verify(type(signature).from_body({**body, "terms_version": "t2"}), content)


def test_openssl_accepts_the_certificate_chain(tmp_path):
    signature = SandboxSigner().sign(new_id(), {"a": 1}, terms_version="t1")
    ca, person = tmp_path / "ca.pem", tmp_path / "person.pem"
    ca.write_bytes(authority()[1].public_bytes(serialization.Encoding.PEM))
    person.write_text(signature.certificate)
    done = subprocess.run(
        ["openssl", "verify", "-CAfile", str(ca), str(person)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_make_up_days_are_working_days_and_unannounced_years_are_provisional():
    calendar.fill("CN", 2025, 2027)
    days = calendar.load("CN")
    assert not days.is_business_day(datetime.date(2026, 10, 1))
    assert days.is_business_day(datetime.date(2026, 2, 14))  # a Saturday worked in for the spring festival
    assert days.next_business_day(datetime.date(2026, 10, 1)) == datetime.date(2026, 10, 8)
    assert days.is_provisional(datetime.date(2027, 5, 3))
    with pytest.raises(calendar.CalendarUnknown):
        days.is_business_day(datetime.date(2031, 1, 1))


@pytest.mark.django_db
def test_a_changed_day_counts_at_the_next_look():
    calendar.fill("CN", 2026, 2026)
    day = datetime.date(2026, 10, 1)
    assert not calendar.load("CN").is_business_day(day)
    CalendarDay.objects.filter(calendar="CN", day=day).update(working=True)
    assert calendar.load("CN").is_business_day(day)
