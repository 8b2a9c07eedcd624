"""What machines may ask, and who may ask what; every gauge that can alarm has its runbook."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.builders import api
from tests.builders.entries import entry, key
from tests.builders.evidence_log import facts
from tests.builders.ledger import post_one

from fourflow.capital.ledger.types import Chart
from fourflow.capital.vouchers import jobs as vouchers
from fourflow.config import wiring
from fourflow.oversight.monitoring.types import LIMITS, Gauge, Reading
from fourflow.platform import clock
from fourflow.platform.models import StoredEvent

RUNBOOKS = Path(__file__).resolve().parents[3] / "docs" / "operations" / "runbooks"
Connect = Callable[[str], Any]


def gauges(client: Client) -> dict[str, float]:
    """What a scrape reads."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_a_living_process_says_so_without_its_database(client: Client) -> None:
    answer = client.get("/livez")
    assert (answer.status_code, answer.json()) == (200, {"alive": True})


@pytest.mark.django_db
def test_ready_means_that_the_database_answers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").json() == {"ready": True}
    assert client.post("/readyz").status_code == 405
    assert client.get("/version").json()["environment"] == "sandbox"


@pytest.mark.django_db(transaction=True)
def test_without_its_tables_a_process_is_not_ready(client: Client, raw: Connect) -> None:
    owner = raw("owner")
    owner.execute("alter table platform_installation rename to away")
    owner.commit()
    try:
        assert client.get("/readyz").status_code == 503
    finally:
        owner.execute("alter table away rename to platform_installation")
        owner.commit()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "told",
    [
        {"REMOTE_ADDR": "10.0.0.8"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "10.0.0.8"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=10.0.0.8"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "10.0.0.8", "HTTP_AUTHORIZATION": "Bearer wrong-token-of-the-operator"},
        {"REMOTE_ADDR": "10.0.0.8", "HTTP_AUTHORIZATION": "Basic the-token-of-the-operator"},
    ],
)
def test_strangers_are_told_nothing_of_the_metrics(
    client: Client, told: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("the-token-of-the-operator\n")
    monkeypatch.setenv("FOURFLOW_METRICS_TOKEN_FILE", str(tmp_path / "token"))
    answer = client.get("/metrics", **told)  # type: ignore[arg-type]
    assert answer.status_code == 404 and b"fourflow_" not in answer.content


@pytest.mark.django_db
def test_the_operators_token_opens_the_metrics_from_anywhere(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("the-token-of-the-operator\n")
    monkeypatch.setenv("FOURFLOW_METRICS_TOKEN_FILE", str(tmp_path / "token"))
    told = {"REMOTE_ADDR": "10.0.0.8", "HTTP_AUTHORIZATION": "Bearer the-token-of-the-operator"}
    assert client.get("/metrics", **told).status_code == 200  # type: ignore[arg-type]
    (tmp_path / "token").write_text("short")
    told["HTTP_AUTHORIZATION"] = "Bearer short"
    assert client.get("/metrics", **told).status_code == 404  # type: ignore[arg-type]


@pytest.mark.django_db
def test_what_waits_for_its_number_is_counted_and_has_an_age(client: Client) -> None:
    assert gauges(client)["fourflow_unsequenced_leaves"] == 0
    facts(3)
    found = gauges(client)
    assert found["fourflow_unsequenced_leaves"] == 3
    assert found['fourflow_limit{gauge="unsequenced_age_seconds"}'] == 30
    assert any(name.startswith('fourflow_consumer_lag_seconds{consumer="vouchers.redeem"}') for name in found)


@pytest.mark.django_db(transaction=True)
def test_a_consumer_that_has_not_come_by_is_late(client: Client, raw: Connect) -> None:
    facts(1)
    StoredEvent.objects.update(position=0)
    assert [reading for reading in wiring.readings() if reading.alarms] == []
    old = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)
    superuser = raw("superuser")
    superuser.execute("set session_replication_role = replica")
    superuser.execute("update platform_event set recorded_at = %s", [old])
    superuser.commit()
    alarms = {(r.gauge, r.of) for r in wiring.readings() if r.alarms}
    assert (Gauge.CONSUMER_LAG, "vouchers.redeem") in alarms
    assert (Gauge.CHECKPOINT_AGE, "") in alarms, "no head is signed over it"


@pytest.mark.django_db(transaction=True)
def test_a_balance_changed_behind_the_platforms_back_shows_as_imbalance(client: Client, raw: Connect) -> None:
    clock.found("sandbox")
    post_one(entry(key(), key(Chart.BANK), 500))
    assert gauges(client)['fourflow_ledger_imbalance_minor{currency="CNY"}'] == 0
    superuser = raw("superuser")
    superuser.execute("set session_replication_role = replica")
    superuser.execute("update ledger_balance set debits_posted = debits_posted + 7 where debits_posted > 0")
    superuser.commit()
    assert gauges(client)['fourflow_ledger_imbalance_minor{currency="CNY"}'] == 7
    assert [r.gauge for r in wiring.readings() if r.alarms] == [Gauge.LEDGER_IMBALANCE]


@pytest.mark.django_db
def test_a_voucher_that_is_due_and_that_nobody_calls_alarms_after_an_hour(settings: Any) -> None:
    api.cheap_passwords(settings)
    world = api.world()
    world.limit()
    due = datetime.date.fromisoformat(world.accepted("1000.00")["due_on"])
    for instant, seconds in (
        (clock.instant_of(due, 0) - datetime.timedelta(minutes=1), 0),
        (clock.instant_of(due, 2), 7_200),
    ):
        clock.move_to(instant)
        (reading,) = [one for one in wiring.readings() if one.gauge is Gauge.UNCALLED_AGE]
        assert abs(reading.value - seconds) < 60 and reading.alarms is (seconds > 0)
    vouchers.mature_due()
    (reading,) = [one for one in wiring.readings() if one.gauge is Gauge.UNCALLED_AGE]
    assert reading.value == 0


def test_every_gauge_has_a_limit_and_a_runbook() -> None:
    assert set(LIMITS) == set(Gauge)
    assert {file.stem for file in RUNBOOKS.glob("*.md")} == {str(gauge) for gauge in Gauge}
    for gauge in Gauge:
        assert (RUNBOOKS / f"{gauge}.md").read_text().startswith(f"# {gauge}\n")
    assert Reading(Gauge.PARKED_EVENTS, 1).alarms and not Reading(Gauge.PARKED_EVENTS, 0).alarms
