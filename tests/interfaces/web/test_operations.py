"""The operator sees how the installation is; nobody else does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import translation
from tests.builders import api, parties
from tests.statements import CEILING, asked

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
