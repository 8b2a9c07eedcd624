"""Sessions of the API: one confirmation for several signatures, second factors, the list, locks."""

from __future__ import annotations

from datetime import timedelta

from tests.builders import api
from tests.builders.api import PASSWORD, Session, World, encode

from fourflow.foundation.access import operations, queries
from fourflow.foundation.access.domain import codes
from fourflow.foundation.access.models import Session as Row
from fourflow.foundation.parties import queries as parties
from fourflow.platform import clock


def secret_of(world: World) -> str:
    """The supplier's maker takes an authenticator app into use."""
    account = parties.account(world.cast.supplier.maker.account_id)  # type: ignore[arg-type]
    at = clock.machine()
    offer = queries.offer_app(account, at)
    code = codes.code_at(offer.secret, codes.step_of(at) - 1)
    operations.enrol_app(account_id=account.id, secret=offer.secret, code=code, at=at, effective_at=clock.now())
    return offer.secret


def accept(world: World, session: Session, expect: int = 200, **more: str) -> dict[str, object]:
    path = f"vouchers/{world.offered()['id']}"
    digest = session.get(f"{path}/content")["content_digest"]
    answer: dict[str, object] = session.post(f"{path}/accept", {"content_digest": digest, **more}, expect)
    return answer


def test_one_confirmation_signs_several_times_in_its_session_and_in_no_other(world: World) -> None:
    world.limit()
    mine, other = world.supplier, api.sign_in(world.cast.supplier)
    assert accept(world, mine, 403)["code"] == "session.confirmation_needed"
    given = mine.post("session/confirmation", {"password": PASSWORD}, 201, key=None)
    assert given["strength"] == "password"
    accept(world, mine)
    accept(world, mine)
    assert accept(world, other, 403)["code"] == "session.confirmation_needed"
    past = clock.machine() - timedelta(minutes=10)
    Row.objects.exclude(confirmed_at=None).update(confirmed_at=past - timedelta(seconds=1), confirmed_until=past)
    assert accept(world, mine, 403)["code"] == "session.confirmation_needed"


def test_a_second_factor_is_asked_at_the_sign_in_and_at_the_confirmation(world: World) -> None:
    secret = secret_of(world)
    given = {"email": "maker@supplier-one.example", "password": PASSWORD}
    assert Session().post("tokens", given, 403, key=None)["code"] == "session.second_factor_needed"
    assert Session().post("tokens", {**given, "code": "123"}, 403, key=None)["code"] == "session.code_wrong"
    now = codes.step_of(clock.machine())
    session = Session()
    session.token = session.post("tokens", {**given, "code": codes.code_at(secret, now)}, 201, key=None)["access_token"]
    confirm = {"password": PASSWORD, "code": codes.code_at(secret, now)}
    assert session.post("session/confirmation", confirm, 403, key=None)["code"] == "session.code_wrong", "used before"
    confirm["code"] = codes.code_at(secret, now + 1)
    assert session.post("session/confirmation", confirm, 201, key=None)["strength"] == "password+totp"


def test_the_list_of_sessions_is_ones_own_and_an_ended_one_opens_nothing(world: World) -> None:
    other = api.sign_in(world.cast.supplier)
    rows = other.get("sessions")["data"]
    assert [row["kind"] for row in rows] == ["api", "api"] and [row["current"] for row in rows] == [True, False]
    stranger = encode("ses", Row.objects.get(account_id=world.cast.core.maker.account_id).id)
    assert other.post(f"sessions/{stranger}/end", {}, 404)["code"] == "session.not_found"
    other.post(f"sessions/{rows[1]['id']}/end", {})
    assert world.supplier.get("session", 401)["code"] == "token.invalid"
    world.core.get("session")


def test_guessing_passwords_at_the_api_is_locked_and_says_until_when(world: World) -> None:
    given = {"email": "maker@core.example", "password": "wrong"}
    for _ in range(5):
        Session().post("tokens", given, 401, key=None)
    locked = Session().post("tokens", {**given, "password": PASSWORD}, 429, key=None)
    assert locked["code"] == "session.locked" and "until" in locked["params"]
    world.core.get("session")


def test_a_password_that_is_no_text_is_bad_input(world: World) -> None:
    """Half of a surrogate pair can be written in JSON, and nothing can be computed over it."""
    problem = world.supplier.post("session/confirmation", {"password": "\ud800"}, 422, key=None)
    assert problem["errors"] == [{**problem["errors"][0], "pointer": "/password", "code": "input.control_character"}]
    email = "maker@nobody.example"
    assert world.supplier.post("tokens", {"email": email, "password": "\ud800"}, 422, key=None)["status"] == 422
