"""What waits for a second person without a request for approval has a last day too, and ends by itself after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from tests.builders import financing as cash
from tests.builders.financing import Desk
from tests.builders.parties import LAST
from tests.builders.refusals import settle
from tests.builders.vouchers import sign
from tests.scenes import Scenes

from fourflow.capital.claims import jobs as claim_jobs
from fourflow.capital.claims import operations as claims
from fourflow.capital.claims import queries as owed
from fourflow.capital.claims.types import ConfirmedPayable, PayableLate, PayableState, PayableStateWrong
from fourflow.config import wiring
from fourflow.foundation.parties.types import SYSTEM
from fourflow.interfaces.web import menu, waiting
from fourflow.oversight.monitoring import queries as monitoring
from fourflow.oversight.notices import operations as notices
from fourflow.oversight.notices import queries as told
from fourflow.platform import clock
from fourflow.platform.events import operations as stream
from fourflow.platform.events import queries as events

pytestmark = pytest.mark.django_db

AFTER = LAST + timedelta(1)


@pytest.fixture(scope="module")
def founded(scenes: Scenes) -> Iterator[Desk]:
    with scenes.standing(cash.desk) as desk:
        yield desk


@pytest.fixture
def here(founded: Desk, db: None) -> Iterator[Desk]:
    yield founded
    settle()


@pytest.fixture
def sweep(founded: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[date, Callable[[], int]], int]:
    """What a sweep of the worker ends on a day."""

    def run(on: date, job: Callable[[], int]) -> int:
        monkeypatch.setattr(clock, "now", lambda: founded.on(on).now)
        return job()

    return run


Sweep = Callable[[date, Callable[[], int]], int]


def told_of(here: Desk, kind: str) -> dict[str, list[tuple[str, UUID] | None]]:
    """What the core's people are told of a kind of event."""
    stream.sequence()
    checkers = {name: one.permissions for name, one in menu.APPROVALS.items()}
    while notices.tell(now=clock.machine(), today=here.day, checkers=checkers):
        pass
    core = here.company.core
    return {
        who: [one.about for one in told.mine(actor=getattr(core, who), limit=50) if one.event == kind]
        for who in ("maker", "checker", "viewer")
    }


def confirm(here: Desk, payable: ConfirmedPayable) -> ConfirmedPayable:
    actor = here.company.actor(here.company.core, "checker")
    signature = sign(actor, payable.content())
    return claims.confirm(payable_id=payable.id, actor=actor, signature=signature, effective_at=here.now)


def inbox(here: Desk) -> list[UUID]:
    """The payables that the core's second person can confirm."""
    return [one.id for one in waiting.unconfirmed(here.company.actor(here.company.core, "checker"))]


def test_a_payable_that_nobody_confirms_ends_and_its_claim_is_free_for_another(here: Desk, sweep: Sweep) -> None:
    asked, in_time = here.company.proposed(), here.company.proposed()
    assert (asked.decide_by, sweep(LAST, claim_jobs.lapse_payables)) == (LAST, 0)
    last, after = here.on(LAST), here.on(AFTER)
    assert set(inbox(last)) == {asked.id, in_time.id}
    assert confirm(last, in_time).state is PayableState.CONFIRMED

    assert inbox(after) == []
    with pytest.raises(PayableLate) as late:
        confirm(after, asked)
    assert late.value.code == "claim.payable_late"

    assert (sweep(AFTER, claim_jobs.lapse_payables), sweep(AFTER, claim_jobs.lapse_payables)) == (1, 0)
    ended = owed.payable(actor=SYSTEM, payable_id=asked.id)
    assert ended == replace(asked, state=PayableState.EXPIRED)
    assert [one.kind for one in events.of_subject(asked.id)] == ["payable.proposed", "payable.expired"]
    assert told_of(here, "payable.expired") == {"maker": [("payable", asked.id)], "checker": [], "viewer": []}

    maker = here.company.actor(here.company.core)
    with pytest.raises(PayableStateWrong):
        claims.withdraw_payable(payable_id=asked.id, actor=maker, reason="x", effective_at=here.now)
    again = claims.propose_payable(
        claim_id=asked.claim_id,
        amount=asked.amount,
        due_date=asked.due_date,
        actor=after.company.actor(here.company.core),
        effective_at=after.now,
    )
    assert (again.state, again.decide_by) == (PayableState.PROPOSED, AFTER + timedelta(30))
    assert [str(f) for f in monitoring.audit_rows(wiring.EVIDENCED).findings] == []
