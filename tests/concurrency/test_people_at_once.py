"""One person's wishes at the same moment, on real connections: refused with a word, and counted one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import transaction
from tests.builders import financing as cash
from tests.builders import parties
from tests.builders.refusals import attempt
from tests.scenes import Scenes

from fourflow.foundation.access import operations as access
from fourflow.oversight.reports import operations as reports
from fourflow.oversight.reports.types import Rhythm

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as pool:
        yield pool


@pytest.fixture
def desk(scenes: Scenes, transactional_db: None) -> cash.Desk:
    return scenes.stand(cash.desk)


def test_one_recovery_is_opened_by_helpers_who_ask_at_once_and_the_others_are_told(
    desk: cash.Desk, callers: ThreadPoolExecutor
) -> None:
    def ask() -> object:
        return access.ask_recovery(
            email="maker@core.example",
            reason="lost the telephone",
            half="AAAA-BBBB-CCCC",
            actor=desk.company.cast.operator.maker,
            effective_at=parties.NOON,
        )

    assert sorted(callers.map(attempt, [ask] * 4)) == ["done", *["recovery.state"] * 3]


def test_nobody_has_more_than_twenty_reports_by_asking_for_several_at_once(
    desk: cash.Desk, callers: ThreadPoolExecutor
) -> None:
    def subscribe() -> object:
        return reports.subscribe(
            name="Late ones",
            address="/overdue",
            rhythm=Rhythm.DAILY,
            language="en",
            actor=desk.company.core.maker,
            effective_at=desk.now,
            today=desk.day,
        )

    with transaction.atomic():
        for _ in range(reports.MOST - 1):
            subscribe()
    assert sorted(callers.map(attempt, [subscribe] * 4)) == ["done", *["report.too_many"] * 3]
