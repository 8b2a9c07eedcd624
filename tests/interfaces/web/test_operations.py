"""The operator sees how the installation is; nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import translation
from tests.builders import api, parties
from tests.interfaces.sandbox.party import Party, bank, free_ports
from tests.interfaces.web.pressing import problems
from tests.interfaces.web.scene import fields
from tests.statements import CEILING, asked

from fourflow.config import outside, sandbox
from fourflow.interfaces.web.pages.operations import WORDS
from fourflow.oversight.monitoring.types import Gauge
from fourflow.platform.events.operations import consume
from fourflow.platform.events.types import Consumer, RecordedEvent
from fourflow.platform.models import StoredEvent


@pytest.fixture
def cast(db: None, settings: Any) -> Iterator[parties.Cast]:
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**configured.STORAGES, "staticfiles": plain}
    api.cheap_passwords(settings)
    api.begin()
    made = parties.cast(suppliers=1)
    api.open_accounts((made.core, made.supplier, made.operator))
    yield made


def enter(firm: parties.Firm, language: str = "en") -> Client:
    client = Client(headers={"accept-language": language})
    email = f"maker@{firm.view.short_name.lower()}.example"
    assert client.post("/sign-in", {"email": email, "password": api.PASSWORD}).status_code == 302
    return client


def refuse(event: RecordedEvent) -> None:
    raise ArithmeticError


def test_the_operator_reads_every_gauge_and_alarms_come_first(cast: parties.Cast) -> None:
    client = enter(cast.operator)
    answer, statements = asked(lambda: client.get("/operations"))
    calm = answer.content.decode()
    assert len(statements) <= CEILING
    nothing_of = {Gauge.WITNESS_LAG, Gauge.LEDGER_IMBALANCE, Gauge.BANK_MESSAGE_LAG}  # no witness, posting, bank yet
    assert [gauge for gauge in Gauge if f">{gauge}<" not in calm and gauge not in nothing_of] == []
    assert "Alarm</" not in calm

    first = StoredEvent.objects.order_by("id")[0]
    StoredEvent.objects.filter(pk=first.pk).update(position=0)
    consume(Consumer("operations.test", frozenset({first.kind}), refuse))
    alarmed = client.get("/operations").content.decode()
    rows = alarmed.partition("<tbody>")[2].split("<tr>")
    assert str(Gauge.PARKED_EVENTS) in rows[1] and "Alarm</" in rows[1] and "Alarm</" not in rows[2]


def test_the_page_is_in_chinese_too(cast: parties.Cast) -> None:
    shown = enter(cast.operator, "zh-hans").get("/operations").content.decode()
    assert "运行监控" in shown and "未匹配的入账" in shown
    with translation.override("en"):
        assert [text for text in map(str, WORDS.values()) if text in shown] == []


def test_nobody_else_learns_how_much_is_late_or_unmatched(cast: parties.Cast) -> None:
    for firm in (cast.core, cast.supplier):
        client = enter(firm)
        assert client.get("/operations").status_code == 403
        assert "/operations" not in client.get("/").content.decode()
    assert Client().get("/operations").status_code == 302


@pytest.fixture
def alfa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Party]:
    """A sandbox bank and the registry, all that stands outside."""
    party = bank("ALFA", tmp_path, free_ports(1)[0]).start()
    register = Party(["registry"], tmp_path / "registry", free_ports(1)[0]).start()
    known = outside.Outside((outside.BankAddress("ALFA", "Sandbox Bank Alfa", party.url),), register.url)
    monkeypatch.setattr(outside, "read", lambda: known)
    yield party
    party.stop()
    register.stop()


def confirmed(client: Client, path: str, **given: str) -> Any:
    """Form, confirmation and the confirming press twice."""
    shown = client.post(path, given)
    assert shown.status_code == 200, problems(shown)
    press = {**fields(shown), "outcome": "approve"}
    done = [client.post(path, press) for _press in range(2)]
    assert [one.status_code for one in done] == [302, 302]
    return done[0]


def test_the_operator_lets_an_outside_party_fail_from_the_page_once_a_press_and_takes_it_back(
    cast: parties.Cast, alfa: Party
) -> None:
    client = enter(cast.operator)
    page = client.get("/operations").content.decode()
    assert "SANDBOX · Test mode" in page and 'action="/sandbox/clock"' in page and 'action="/sandbox/faults"' in page
    assert 'value="ALFA pain.001"' in page and 'value="registry query"' in page and "registry pain.001" not in page

    given = {"where": "ALFA pain.001", "mode": "down", "times": "2", "match": "pay_7"}
    confirmed(client, "/sandbox/faults", **given)
    (switch,) = sandbox.ask("GET", "ALFA", "/faults")["faults"]
    assert (switch["endpoint"], switch["mode"], switch["remaining"], switch["prefix"]) == (
        "pain.001",
        "down",
        2,
        "pay_7",
    )
    assert "pain.001: Out of service, 2 left" in client.get("/sandbox/faults").content.decode()
    confirmed(client, "/sandbox/faults/clear", party="ALFA")
    assert sandbox.ask("GET", "ALFA", "/faults")["faults"] == []
    assert "none set" in client.get("/sandbox/faults").content.decode()


def test_a_failure_that_there_is_not_in_that_place_is_refused_beside_its_field(cast: parties.Cast, alfa: Party) -> None:
    client = enter(cast.operator)
    for given, field in (
        ({"where": "ALFA balance", "mode": "twice", "times": "1"}, "mode"),
        ({"where": "ALFA pain.001", "mode": "down", "times": "0"}, "times"),
        ({"where": "GAMMA pain.001", "mode": "down", "times": "1"}, "where"),
    ):
        refused = client.post("/sandbox/faults", given)
        assert (refused.status_code, set(problems(refused))) == (422, {field}), given
        assert field != "times" or "(1 to 1,000)" in refused.content.decode()
    assert sandbox.ask("GET", "ALFA", "/faults")["faults"] == []


def test_every_endpoint_that_the_page_offers_is_one_of_the_party(cast: parties.Cast, alfa: Party) -> None:
    for party, endpoint in sandbox.endpoints():
        sandbox.ask("POST", party, "/faults", {"endpoint": endpoint, "mode": "down", "times": 1})
    with pytest.raises(sandbox.PartyRefused):
        sandbox.ask("POST", "ALFA", "/faults", {"endpoint": "query", "mode": "down", "times": 1})


def test_failures_and_the_clock_are_the_operators_in_a_sandbox_only(
    cast: parties.Cast, alfa: Party, settings: Any
) -> None:
    for path in ("/sandbox/faults", "/sandbox/faults/clear"):
        assert enter(cast.core).get(path).status_code == 403
    client = enter(cast.operator)
    assert client.get("/sandbox/faults").status_code == 200
    settings.SANDBOX = False
    assert "Test mode" not in client.get("/operations").content.decode()
    for path in ("/sandbox/faults", "/sandbox/faults/clear"):
        assert client.get(path).status_code == client.post(path, {}).status_code == 403


def test_a_sandbox_without_outside_parties_says_so_and_lets_nothing_fail(
    cast: parties.Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "read", outside.Outside)
    client, words = enter(cast.operator), "No outside party stands behind this sandbox"
    page = client.get("/operations").content.decode()
    assert words in page and 'action="/sandbox/faults"' not in page and 'href="/sandbox/faults"' in page
    shown = client.get("/sandbox/faults")
    assert shown.status_code == 200 and words in shown.content.decode()
    press = {**fields(shown), "outcome": "approve", "where": "ALFA pain.001", "mode": "down", "times": "1"}
    assert client.post("/sandbox/faults", press).status_code == 404
    assert client.post("/sandbox/faults/clear", {"party": "ALFA"}).status_code == 422


def test_a_party_that_does_not_answer_keeps_nobody_from_the_page(cast: parties.Cast, alfa: Party) -> None:
    client = enter(cast.operator)
    alfa.stop()
    assert "does not answer" in client.get("/sandbox/faults").content.decode()
    assert client.get("/operations").status_code == 200
