"""The sign-in under attack: planted sessions, copied cookies, guesses, replayed codes, stale confirmations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from tests.builders import api, parties

from fourflow.foundation.access import operations, queries
from fourflow.foundation.access.domain import codes
from fourflow.foundation.access.models import Emergency, Read, Session
from fourflow.foundation.parties.types import Function, MemberTerms
from fourflow.interfaces.web.addresses import text
from fourflow.platform import clock
from fourflow.platform.models import StoredEvent

PASSWORD = api.PASSWORD
COOKIE = "sessionid"


@dataclass
class Firms:
    cast: parties.Cast

    def email(self, firm: parties.Firm, person: str = "maker") -> str:
        return f"{person}@{firm.view.short_name.lower()}.example"

    def client(self, firm: parties.Firm, person: str = "maker") -> Client:
        client = Client(headers={"accept-language": "en", "user-agent": "Mozilla/5.0 (X11; Linux) Chrome/156.0"})
        answer = sign_in(client, self.email(firm, person))
        assert answer.status_code == 302, answer.content.decode()
        return client


@pytest.fixture
def firms(people: parties.Cast, db: None, settings: Any) -> Firms:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**configured.STORAGES, "staticfiles": plain}
    api.cheap_passwords(settings)
    return Firms(people)


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in", {"email": email, "password": password, **more})


def act(client: Client, what: str, **fields: str) -> Any:
    return client.post("/me", {"act": what, "token": f"{what}{len(fields)}{clock.machine().timestamp()}", **fields})


def enrolled(client: Client) -> tuple[str, list[str]]:
    """An authenticator app, taken into use on the page; its secret and the recovery codes."""
    act(client, "confirm", password=PASSWORD)
    page = client.get("/me/app").content.decode()
    offer = page.split('name="offer" value="')[1].split('"')[0]
    secret = page.split('<p class="id">')[1].split("<")[0]
    code = codes.code_at(secret, codes.step_of(clock.machine()))
    shown = client.post("/me/app", {"offer": offer, "code": code, "token": "app"}).content.decode()
    return secret, [part.split("<")[0] for part in shown.split('<li class="id">')[1:]]


def test_a_mistyped_code_leaves_the_key_that_the_app_has_scanned_already(firms: Firms) -> None:
    client = firms.client(firms.cast.core)
    act(client, "confirm", password=PASSWORD)
    page = client.get("/me/app").content.decode()
    offer, secret = page.split('name="offer" value="')[1].split('"')[0], page.split('<p class="id">')[1].split("<")[0]
    wrong = client.post("/me/app", {"offer": offer, "code": "12345", "token": "mistyped"})
    again = wrong.content.decode()
    assert wrong.status_code == 403 and f'<p class="id">{secret}<' in again
    code = codes.code_at(secret, codes.step_of(clock.machine()))
    offer = again.split('name="offer" value="')[1].split('"')[0]
    assert client.post("/me/app", {"offer": offer, "code": code, "token": "right"}).status_code == 200


def test_a_session_that_somebody_planted_opens_nothing_after_the_sign_in(firms: Firms) -> None:
    victim, attacker = Client(), Client()
    enrolled(firms.client(firms.cast.core))
    sign_in(victim, firms.email(firms.cast.core))  # before the second factor: a session without a person
    planted = victim.cookies[COOKIE].value
    attacker.cookies[COOKIE] = planted
    assert attacker.get("/vouchers").status_code == 302
    codes_again = operations.renew_recovery_codes(
        account_id=firms.cast.core.maker.account_id,  # type: ignore[arg-type]
        at=clock.machine(),
        effective_at=clock.now(),
    )
    assert victim.post("/sign-in/second", {"code": codes_again[0]}).status_code == 302
    assert victim.cookies[COOKIE].value != planted
    assert victim.get("/vouchers").status_code == 200
    assert attacker.get("/vouchers").status_code == 302


def test_a_planted_session_does_not_learn_whose_password_was_right(firms: Firms) -> None:
    for firm in (firms.cast.core, firms.cast.supplier):
        enrolled(firms.client(firm))
    attacker, victim = Client(), Client()
    sign_in(attacker, firms.email(firms.cast.supplier))  # a session that waits for the attacker's own code
    planted = victim.cookies[COOKIE] = attacker.cookies[COOKIE].value
    sign_in(victim, firms.email(firms.cast.core))
    assert victim.cookies[COOKIE].value != planted
    assert victim.get("/sign-in/second").status_code == 200
    assert attacker.get("/sign-in/second")["Location"] == "/sign-in"


def test_who_acts_for_two_firms_chooses_one_and_a_cookie_from_before_the_choice_opens_nothing(firms: Firms) -> None:
    cast, email = firms.cast, firms.email(firms.cast.core, "viewer")
    both = MemberTerms("viewer of core", email, frozenset({Function.VIEWER}), parties.TODAY)
    parties.change(cast.operator, cast.supplier.id, both)
    client, copied = Client(headers={"accept-language": "en"}), Client()
    assert sign_in(client, email, next="/vouchers")["Location"] == "/organisation?next=%2Fvouchers"
    copied.cookies[COOKIE] = client.cookies[COOKIE].value
    asked = client.get("/organisation?next=/vouchers").content.decode()
    offered = dict(re.findall(r'value="(prt_[^"]+)"><b>([^<]+)', asked, re.S))
    assert set(offered.values()) == {cast.core.name, cast.supplier.name}
    other = text("party", cast.funder.id)
    client.post("/organisation", {"organisation": other, "next": "/vouchers"})
    assert client.get("/vouchers")["Location"].startswith("/organisation"), "a firm that is not his"
    wanted = text("party", cast.supplier.id)
    assert client.post("/organisation", {"organisation": wanted, "next": "/vouchers"})["Location"] == "/vouchers"
    assert cast.supplier.name in client.get("/vouchers").content.decode()
    assert copied.get("/vouchers")["Location"].startswith("/sign-in")


def test_a_password_alone_leads_no_further_than_the_second_factor(firms: Firms) -> None:
    enrolled(firms.client(firms.cast.core))
    thief = Client(headers={"accept-language": "en"})
    answer = sign_in(thief, firms.email(firms.cast.core), next="/vouchers")
    assert answer["Location"] == "/sign-in/second?next=%2Fvouchers"
    assert thief.get("/vouchers")["Location"].startswith("/sign-in?")
    asked = thief.get("/sign-in/second").content.decode()
    assert "Code of your app, or a recovery code" in asked
    wrong = thief.post("/sign-in/second", {"code": "000000"})
    assert wrong.status_code == 403 and "used before" in wrong.content.decode()


def test_who_has_no_recovery_code_is_asked_for_none(firms: Firms) -> None:
    _, recovery = enrolled(firms.client(firms.cast.core))
    account = firms.cast.core.maker.account_id
    assert account is not None
    for code in recovery:
        operations.use_code(account_id=account, code=code, at=clock.machine(), effective_at=clock.now())
    client = Client(headers={"accept-language": "en"})
    sign_in(client, firms.email(firms.cast.core))
    asked = client.get("/sign-in/second").content.decode()
    assert "Code of your app</label>" in asked and "ecovery code" not in asked


def test_a_code_that_was_used_at_the_sign_in_is_refused_a_second_time(firms: Firms) -> None:
    _, recovery = enrolled(firms.client(firms.cast.core))
    assert len(recovery) == 10
    for expected in (302, 403):
        client = Client()
        sign_in(client, firms.email(firms.cast.core))
        assert client.post("/sign-in/second", {"code": recovery[0], "next": "/"}).status_code == expected


def test_signing_out_makes_a_copied_cookie_worthless(firms: Firms) -> None:
    client, thief = firms.client(firms.cast.core), Client()
    thief.cookies[COOKIE] = client.cookies[COOKIE].value
    assert thief.get("/vouchers").status_code == 200, "the copy is good while the session is"
    client.post("/sign-out")
    assert thief.get("/vouchers").status_code == 302


def test_who_sent_a_form_after_the_end_comes_back_to_the_form(firms: Firms) -> None:
    client = firms.client(firms.cast.core)
    shown = client.get("/me").content.decode()
    left = re.search(r'data-seconds="(\d+)"', shown)
    assert left is not None and 43_000 < int(left[1]) <= 43_200
    assert 43_000 < client.post("/stay").json()["seconds"] <= 43_200
    assert client.get("/stay").status_code == 405
    client.post("/sign-out")
    for came, back in [("/me?a=b", "%2Fme%3Fa%3Db"), ("http://elsewhere.example/me", "")]:
        referer = f"http://testserver{came}" if came.startswith("/") else came
        answer = client.post("/stay", headers={"referer": referer})
        assert answer["Location"] == (f"/sign-in?next={back}" if back else "/sign-in")


def test_one_session_ends_another_of_the_same_person_and_nobody_elses(firms: Firms) -> None:
    here, there, stranger = (
        firms.client(firms.cast.core),
        firms.client(firms.cast.core),
        firms.client(firms.cast.supplier),
    )
    ids = {str(row.account_id): str(row.id) for row in Session.objects.order_by("began_at")}
    theirs = ids[str(firms.cast.supplier.maker.account_id)]
    assert act(here, "end", session=theirs).status_code == 404
    assert stranger.get("/vouchers").status_code == 200
    assert "Chrome · Linux" in here.get("/me").content.decode()
    assert act(here, "end", session=ids[str(firms.cast.core.maker.account_id)]).status_code == 302
    assert there.get("/vouchers").status_code == 302 and here.get("/vouchers").status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_step_of_the_sign_in_leads_outside(firms: Firms, target: str) -> None:
    _, recovery = enrolled(firms.client(firms.cast.core))
    client = Client()
    assert sign_in(client, firms.email(firms.cast.core), next=target)["Location"] == "/sign-in/second?next=%2F"
    assert client.post("/sign-in/second", {"code": recovery[0], "next": target})["Location"] == "/"


def test_guesses_lock_the_sign_in_with_an_alarm_and_the_words_say_so(firms: Firms) -> None:
    client = Client(headers={"accept-language": "en"})
    answers = [sign_in(client, firms.email(firms.cast.core), "wrong") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert sign_in(client, firms.email(firms.cast.core)).status_code == 429, "the right one neither"
    assert "Too many attempts" in answers[-1].content.decode()
    assert StoredEvent.objects.filter(kind="access.locked").count() == 1


def test_nothing_of_the_sign_in_changes_without_a_confirmation(firms: Firms) -> None:
    client = firms.client(firms.cast.core)
    assert client.get("/me/app").status_code == 302
    for what in ("remove-app", "renew-codes", "password", "remove-passkey"):
        assert act(client, what, new="another long password", again="another long password").status_code == 403
    assert client.post("/passkeys/new", {}, content_type="application/json").status_code == 403
    assert sign_in(Client(), firms.email(firms.cast.core)).status_code == 302, "the old password still opens"


def test_a_new_password_keeps_this_browser_and_ends_every_other(firms: Firms) -> None:
    here, there = firms.client(firms.cast.core), firms.client(firms.cast.core)
    act(here, "confirm", password=PASSWORD)
    assert act(here, "password", new="short", again="short").status_code == 422
    assert act(here, "password", new="another long password", again="a different long one").status_code == 422
    assert act(here, "password", new="another long password", again="another long password").status_code == 302
    assert here.get("/vouchers").status_code == 200 and there.get("/vouchers").status_code == 302
    assert sign_in(Client(), firms.email(firms.cast.core)).status_code == 401


def test_an_answer_for_a_passkey_needs_its_question_and_a_name_of_the_site(firms: Firms) -> None:
    client = Client()
    body = {"answer": {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}}
    for path in ("/passkeys/sign-in/answer", "/passkeys/confirm/answer", "/passkeys/new/answer"):
        answer = client.post(path, body, content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (403, "passkey.refused")
    numeric = client.post("/passkeys/sign-in", {}, content_type="application/json", headers={"host": "127.0.0.1"})
    assert numeric.status_code == 403
    named = client.post("/passkeys/sign-in", {}, content_type="application/json", headers={"host": "localhost"})
    assert named.status_code == 200 and named.json()["rpId"] == "localhost"
    for bad in ("nonsense", "[]", '{"answer": 1}'):
        assert client.post("/passkeys/sign-in/answer", bad, content_type="application/json").status_code == 403


def half(page: str) -> str:
    return page.split('big-code">')[1].split("<")[0]


@pytest.mark.requirement("R291")
def test_two_others_let_somebody_in_and_neither_half_opens_alone(firms: Firms) -> None:
    maker, checker = firms.client(firms.cast.operator), firms.client(firms.cast.operator, "checker")
    lost = firms.email(firms.cast.core)
    inside = firms.client(firms.cast.core)
    enrolled(inside)
    maker.post("/recoveries", {"email": lost, "reason": "lost the telephone, called back", "token": "one"})
    first = half(maker.get("/recoveries").content.decode())
    assert 'big-code">' not in maker.get("/recoveries").content.decode(), "shown once"
    path = checker.get("/recoveries").content.decode().split('href="/inbox/')[1].split('"')[0]
    page = checker.get(f"/inbox/{path}").content.decode()
    assert lost in page and firms.cast.core.name in page, "of two people of one name he sees which"
    fields = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("token", "payload_hash")}
    assert checker.post(f"/inbox/{path}", {**fields, "outcome": "approve"}).status_code == 302
    second = half(checker.get("/recoveries").content.decode())

    new = {"email": lost, "new": "a brand new long password"}
    for one, two in ((first, first), (second, second), (first, "WRONG-HALF-CODE")):
        assert Client().post("/recover", {**new, "first": one, "second": two}).status_code == 403
    assert Client().post("/recover", {**new, "new": "short", "first": first, "second": second}).status_code == 422
    assert Client().post("/recover", {**new, "first": second.lower(), "second": first}).status_code == 200
    assert inside.get("/vouchers").status_code == 302, "every session is over"
    back = Client()
    assert sign_in(back, lost, "a brand new long password")["Location"] == "/", "no second factor is left"
    assert Client().post("/recover", {**new, "first": first, "second": second}).status_code == 403, "good once"


def test_nobody_lets_himself_in_under_whichever_account(firms: Firms) -> None:
    core = firms.client(firms.cast.core)
    own = core.post("/recoveries", {"email": firms.email(firms.cast.core), "reason": "it is myself", "token": "x"})
    assert own.status_code == 403
    stranger = core.post(
        "/recoveries", {"email": firms.email(firms.cast.supplier), "reason": "another firm's", "token": "y"}
    )
    assert stranger.status_code == 404


def test_broken_glass_opens_stopping_for_its_time_and_another_person_reviews_it(firms: Firms) -> None:
    maker, checker = firms.client(firms.cast.operator), firms.client(firms.cast.operator, "checker")
    given = {"act": "break", "reason": "a stolen key is used right now", "token": "break"}
    assert maker.post("/emergencies", given).status_code == 403, "not without a confirmation"
    assert checker.post("/emergencies", {**given, "password": PASSWORD}).status_code == 403, "administrators only"
    assert maker.post("/emergencies", {**given, "password": PASSWORD}).status_code == 302
    row = Emergency.objects.get()
    assert StoredEvent.objects.filter(kind="access.glass_broken").count() == 1
    own = maker.post("/emergencies", {"act": "review", "emergency": row.id, "review": "all was fine", "token": "r"})
    assert own.status_code == 403, "nobody reviews himself"
    asked = checker.get("/emergencies").content.decode()
    assert 'name="review" rows="2" minlength="10"' in asked and "At least ten characters." in asked, (
        "said before it is sent"
    )
    assert "stolen key" in firms.client(firms.cast.regulator, "viewer").get("/emergencies").content.decode()
    inboxes = {
        who: firms.client(firms.cast.operator, who).get("/inbox").content.decode() for who in ("maker", "checker")
    }
    assert "stolen key" in inboxes["checker"] and "stolen key" not in inboxes["maker"], "another person's to review"
    reviewed = {"act": "review", "emergency": row.id, "review": "right: two vouchers frozen", "token": "r"}
    assert checker.post("/emergencies", reviewed).status_code == 302
    assert Emergency.objects.get().reviewed_by == firms.cast.operator.checker.person_id
    assert "stolen key" not in checker.get("/inbox").content.decode()
    assert firms.client(firms.cast.core).get("/emergencies").status_code == 403


def test_emergency_permissions_end_by_themselves(firms: Firms) -> None:
    firms.client(firms.cast.operator)
    actor, at = firms.cast.operator.maker, clock.machine()
    policy = queries.policy(parties.TODAY)
    operations.break_glass(reason="a stolen key is used", actor=actor, policy=policy, at=at, effective_at=clock.now())
    session_id = Session.objects.get(account_id=actor.account_id).id

    def permissions(moment: Any) -> Any:
        session = queries.session(session_id, actor.account_id, moment)  # type: ignore[arg-type]
        return queries.actor_of(session, actor.organisation_id, parties.TODAY).permissions

    more = permissions(at) - actor.permissions
    assert {one.value for one in more} == {"audit.read"}, "what the maker of the builders has not got by itself"
    assert permissions(at + timedelta(minutes=policy.emergency_minutes)) == actor.permissions


@pytest.mark.requirement("R295")
@pytest.mark.requirement("R404")
def test_reading_another_firms_people_leaves_an_entry_before_they_are_shown(firms: Firms) -> None:
    regulator, operator = firms.client(firms.cast.regulator, "viewer"), firms.client(firms.cast.operator)
    core = api.prt(firms.cast.core)
    assert "maker of core" in regulator.get(f"/parties/{core}").content.decode()
    operator.get(f"/parties/{core}")
    firms.client(firms.cast.core).get(f"/parties/{core}")
    found = [(row.reader_person_id, row.purpose, row.what) for row in Read.objects.order_by("id")]
    assert found == [
        (firms.cast.regulator.viewer.person_id, "supervision", "parties"),
        (firms.cast.operator.maker.person_id, "operation", "parties"),
    ], "one's own people are nobody else's business"
    page = operator.get("/reads").content.decode()
    assert "Supervision" in page and "viewer of regulator" in page
    told = firms.client(firms.cast.core).get("/reads").content.decode()
    assert "Supervision" in told and "viewer of regulator" not in told, (
        "the firm is told the organisation, not its person"
    )
    api_session = api.sign_in(firms.cast.operator)
    api_session.get(f"people?organisation_id={core}")
    assert Read.objects.count() == 3
    (admitted,) = [one for one in api_session.get("applications")["data"] if one["party_id"] == core]
    listed = Read.objects.count()
    assert "maker of core" in operator.get(f"/applications/{admitted['id']}").content.decode()
    assert Read.objects.count() == listed + 1
