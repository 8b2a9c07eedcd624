"""Functions and mandates are proposed by one person and hold when another one has agreed."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from tests.builders import api, parties

from fourflow.foundation.parties import queries
from fourflow.foundation.parties.types import ChangeState, Permission, RoleKind
from fourflow.interfaces.web.addresses import to


@pytest.fixture
def cast(people: parties.Cast, db: None, settings: Any) -> parties.Cast:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**configured.STORAGES, "staticfiles": plain}
    api.cheap_passwords(settings)
    return people


def enter(firm: parties.Firm, person: str = "maker") -> Client:
    client = Client(headers={"accept-language": "en"})
    email = f"{person}@{firm.view.short_name.lower()}.example"
    assert client.post("/sign-in", {"email": email, "password": api.PASSWORD}).status_code == 302
    return client


def ceilings(cast: parties.Cast) -> list[int | None]:
    found = queries.mandates(cast.core.maker)
    mine = [one for one in found if one.person_id == cast.core.viewer.person_id]
    return [one.max_minor for one in mine if one.permission is Permission.VOUCHER_CHECK]


def asked(client: Client) -> tuple[str, str]:
    """Where the first request is decided, and what its page says."""
    path = client.get("/inbox").content.decode().split('href="/inbox/apr')[1].split('"')[0]
    return path, client.get(f"/inbox/apr{path}").content.decode()


def decide(client: Client, outcome: str) -> Any:
    path, page = asked(client)
    fields = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("token", "payload_hash")}
    return client.post(f"/inbox/apr{path}", {**fields, "outcome": outcome, "opinion": "seen"})


def mandate(cast: parties.Cast, **change: str) -> dict[str, str]:
    terms = {"act": "mandate", "token": "t", "person": str(cast.core.viewer.person_id), "permission": "voucher.check"}
    return {**terms, "currency": "EUR", "ceiling": "5,000.00", "from": parties.TODAY.isoformat(), **change}


@pytest.mark.requirement("R291")
def test_a_mandate_holds_when_a_second_person_has_agreed_and_not_before(cast: parties.Cast) -> None:
    maker, checker = enter(cast.core), enter(cast.core, "checker")
    assert maker.post("/team", mandate(cast)).status_code == 302
    assert "1 proposed change waits" in maker.get("/team").content.decode()
    assert ceilings(cast) == []
    _path, shown = asked(checker)
    name = queries.person_names([cast.core.viewer.person_id])[cast.core.viewer.person_id]
    assert f"<dd>{name}</dd>" in shown or f">{name}<" in shown, "who decides sees whom the mandate is for"
    assert "Check and sign vouchers" in shown and "voucher.check" not in shown
    assert decide(checker, "approve").status_code == 302
    assert ceilings(cast) == [500_000]
    (held,) = [one for one in queries.mandates(cast.core.checker) if one.max_minor == 500_000]
    end = {"act": "end", "what": "mandate", "row": str(held.id), "on": parties.TODAY.isoformat(), "token": "e"}
    assert maker.post("/team", end).status_code == 302
    _path, shown = asked(checker)
    assert f">{name}<" in shown and "Check and sign vouchers" in shown, "and whose mandate is to end"
    assert decide(checker, "reject").status_code == 302
    member = next(one for one in queries.people(cast.core.checker) if one.id == held.person_id)
    leave = {**end, "what": "member", "row": str(member.membership_id), "token": "l"}
    assert maker.post("/team", leave).status_code == 302
    _path, shown = asked(checker)
    assert f">{name}<" in shown and "Viewer" in shown, "and who is to leave"


def test_who_proposed_does_not_decide_and_nobody_proposes_for_another_firm(cast: parties.Cast) -> None:
    maker = enter(cast.core)
    maker.post("/team", mandate(cast))
    assert 'href="/inbox/apr' not in maker.get("/inbox").content.decode()
    (change,) = queries.changes(cast.core.maker, state=ChangeState.PROPOSED)
    assert change.party_id == cast.core.id
    row = str(queries.mandates(cast.core.checker)[0].id)
    stranger = enter(cast.supplier)
    end = {"act": "end", "what": "mandate", "row": row, "on": parties.TODAY.isoformat(), "token": "e"}
    assert stranger.post("/team", end).status_code == 302, "the proposal names a row; deciding looks at whose it is"
    assert decide(enter(cast.supplier, "checker"), "approve").status_code in (404, 409, 422)


@pytest.mark.parametrize(
    "change",
    [{"permission": "voucher.issue"}, {"ceiling": "-1"}, {"currency": "euro"}, {"from": "tomorrow"}, {"act": "rule"}],
)
def test_a_proposal_that_cannot_be_is_refused_in_words(cast: parties.Cast, change: dict[str, str]) -> None:
    answer = enter(cast.core).post("/team", mandate(cast, **change))
    assert answer.status_code == 422 and "Nothing was changed" in answer.content.decode()
    assert queries.changes(cast.core.maker) == []


def act(client: Client, path: str, **given: str) -> Any:
    """Through a form and its confirmation."""
    shown = client.post(path, given).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', shown)
    assert token is not None, shown
    return client.post(path, {**given, "token": token[1], "outcome": "approve"})


def test_a_role_of_a_firm_holds_from_its_day_when_a_second_person_has_agreed(cast: parties.Cast) -> None:
    maker, checker, firm = enter(cast.operator), enter(cast.operator, "checker"), cast.supplier.id
    page, today = to("party", firm), parties.TODAY.isoformat()
    assert f'href="{page}/role"' in maker.get(page).content.decode()
    assert f'href="{page}/role"' not in enter(cast.core).get(page).content.decode()
    assert enter(cast.core).get(f"{page}/role").status_code == 403
    assert checker.get(f"{page}/licence").status_code == 403
    wrong = maker.post(f"{page}/role", {"role": "king", "valid_from": "tomorrow", "valid_to": ""})
    assert wrong.status_code == 422 and wrong.content.decode().count("input.not_a") == 2
    assert act(maker, f"{page}/role", role="carrier", programme="", valid_from=today, valid_to="").status_code == 302
    assert "Carrier" in maker.get(page).content.decode(), "it stands among the proposed changes"
    assert RoleKind.CARRIER not in queries.party(cast.operator.maker, firm).roles
    assert decide(checker, "approve").status_code == 302
    assert RoleKind.CARRIER in queries.party(cast.operator.maker, firm).roles
    role = next(one for one in queries.roles(cast.operator.maker, firm) if one.kind is RoleKind.CARRIER)
    later = (parties.TODAY + timedelta(days=30)).isoformat()
    assert act(maker, f"{page}/end", row=f"role:{role.id}", on=later).status_code == 302
    proposed = re.sub(r"\s+", " ", maker.get(page).content.decode())
    assert ">Carrier<" in asked(checker)[1], "which role ends is read where it is decided"
    assert re.search(r"The end of: Role.{0,120}Carrier", proposed), "which role ends stands beside it"
    assert decide(checker, "approve").status_code == 302
    assert str(next(o for o in queries.roles(cast.operator.maker, firm) if o.id == role.id).valid_to) == later
    twice = maker.post(f"{page}/end", {"row": f"role:{cast.core.id}", "on": later})
    assert twice.status_code == 422 and "input.not_a_choice" in twice.content.decode()


def test_a_licence_is_added_renewed_and_revoked_by_two_people(cast: parties.Cast) -> None:
    maker, checker, firm = enter(cast.operator), enter(cast.operator, "checker"), cast.funder.id
    page, today = to("party", firm), parties.TODAY
    (old,) = queries.licences(cast.operator.maker, party_id=firm)
    renewing = f"{page}/licence?renews={old.id.hex}"
    assert f'href="{renewing}"' in maker.get(page).content.decode()
    assert f'value="{old.issuer}"' in maker.get(renewing).content.decode()
    given = {"kind": "banking", "number": "B-2", "issuer": "NFRA", "valid_from": today.isoformat()}
    backwards = act(maker, f"{page}/licence", **given, valid_to=(today - timedelta(days=1)).isoformat())
    assert backwards.status_code == 422 and "party.period_invalid" in backwards.content.decode()
    until = (today + timedelta(days=365)).isoformat()
    assert act(maker, f"{page}/licence", **given, valid_to=until).status_code == 302
    assert len(queries.licences(cast.operator.maker, party_id=firm)) == 1
    assert 'href="/inbox/apr' not in maker.get("/inbox").content.decode(), "nobody decides on what he proposed"
    assert decide(checker, "approve").status_code == 302
    renewed = next(one for one in queries.licences(cast.operator.maker, party_id=firm) if one.number == "B-2")
    assert (renewed.issuer, str(renewed.valid_to)) == ("NFRA", until)
    revoked = (today + timedelta(days=1)).isoformat()
    assert act(maker, f"{page}/end", row=f"licence:{renewed.id}", on=revoked).status_code == 302
    assert "· B-2" in asked(checker)[1]
    assert decide(checker, "approve").status_code == 302
    held = {one.number: str(one.valid_to) for one in queries.licences(cast.operator.maker, party_id=firm)}
    assert held["B-2"] == revoked and "B-2" in maker.get(page).content.decode()


def test_who_acts_for_another_firm_is_added_by_the_operator_and_by_no_firm(cast: parties.Cast) -> None:
    maker, checker, firm = enter(cast.operator), enter(cast.operator, "checker"), cast.supplier
    page, today = to("party", firm.id), parties.TODAY.isoformat()
    treasurer = cast.core.maker
    email = queries.accounts_of([treasurer.person_id])[treasurer.person_id][0].email
    alone = {"act": "member", "name": "x", "email": email, "functions": "viewer", "from": today, "token": "t"}
    refused = enter(firm).post("/team", alone)
    assert refused.status_code == 403 and "Ask the operator" in refused.content.decode()
    assert f'href="{page}/person"' in maker.get(page).content.decode()
    wrong = maker.post(f"{page}/person", {"name": "x", "email": "nowhere", "valid_from": today, "valid_to": ""})
    assert wrong.status_code == 422 and "input.not_an_address" in wrong.content.decode()
    added = act(maker, f"{page}/person", name="x", email=email, functions="viewer", valid_from=today, valid_to="")
    assert added.status_code == 302
    assert decide(checker, "approve").status_code == 302
    assert treasurer.person_id in {one.id for one in queries.people(firm.viewer)}
