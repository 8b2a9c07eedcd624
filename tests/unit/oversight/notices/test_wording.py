"""What e-mails say: every kind of fact in both languages, a link, a name, and never an amount."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from fourflow.config.wiring import notice_sweepers
from fourflow.interfaces.web.menu import APPROVALS
from fourflow.oversight.notices.domain import schedule, wording
from fourflow.oversight.notices.operations.addressing import RULES
from fourflow.oversight.notices.types import ALWAYS, Preferences, Topic, When
from fourflow.platform.events.types import kinds

LINK, SETTINGS = "https://fourflow.example/x", "https://fourflow.example/messages/settings"
#: figures, currency signs and codes, and words of amounts in both languages
AMOUNT = re.compile(
    r"\d|[¥$€£%]|\b(CNY|USD|EUR|RMB)\b|[零壹贰叁肆伍陆柒捌玖拾佰仟]|元|万|亿|\b(hundred|thousand|million)\b", re.I
)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("event", sorted(wording.TEXTS))
def test_no_text_names_an_amount_and_each_leads_to_what_it_is_about(event: str, language: str) -> None:
    subject = wording.subject([event], language, sandbox=True)  # type: ignore[arg-type]
    text = wording.body([(event, LINK)], language, name="Li Na", organisations=["Core Ltd"], settings=SETTINGS)  # type: ignore[arg-type]
    assert LINK in text and SETTINGS in text and "Li Na" in text and "Core Ltd" in text
    for said in (subject, text.replace(LINK, "").replace(SETTINGS, "")):
        assert not AMOUNT.search(said), said
    chinese = bool(re.search("[\u4e00-\u9fff]", subject))
    assert chinese == (language == "zh")


def test_every_fact_that_somebody_is_told_of_exists_and_has_words() -> None:
    notice_sweepers()  # loads every module that publishes
    assert set(RULES) == set(wording.TEXTS)
    assert set(RULES) <= kinds()
    assert all(one.permissions for one in APPROVALS.values())


def test_several_facts_of_a_day_go_in_one_letter_that_names_each() -> None:
    facts = [("voucher.paid", f"{LINK}/1"), ("voucher.overdue", f"{LINK}/2")]
    text = wording.body(facts, "en", name="Li Na", organisations=["A Ltd", ""], settings=SETTINGS)
    assert all(link in text for _, link in facts) and "A Ltd" in text
    assert wording.subject([event for event, _ in facts], "en", sandbox=False) == "Today's notices (2)"


def test_daily_notices_wait_for_the_next_morning_in_shanghai() -> None:
    before, after = datetime(2026, 11, 22, 0, 15, tzinfo=UTC), datetime(2026, 11, 22, 0, 45, tzinfo=UTC)
    assert schedule.first(When.NOW, before) == before
    assert schedule.first(When.DAILY, before) == datetime(2026, 11, 22, 0, 30, tzinfo=UTC)
    assert schedule.first(When.DAILY, after) == datetime(2026, 11, 23, 0, 30, tzinfo=UTC)


def test_refused_mail_is_tried_ever_more_slowly_and_then_given_up() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    waits = [schedule.again(tries, at) for tries in range(1, 8)]
    assert waits[0] == at + timedelta(minutes=1) and waits[-1] is None
    assert [w for w in waits if w] == sorted({w for w in waits if w})


def test_security_is_told_at_once_whatever_is_stored() -> None:
    assert {Topic.SECURITY} == ALWAYS
    assert Preferences("zh", {Topic.SECURITY: When.OFF, Topic.OFFER: When.OFF}).when(Topic.SECURITY) is When.NOW
