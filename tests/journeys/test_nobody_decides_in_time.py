"""What waits for a second person waits until its last day. Then the worker ends it, and what it held is free again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from tests.builders import clients as machines
from tests.builders import financing as cash
from tests.builders import parties as firms
from tests.builders.financing import Desk
from tests.builders.parties import LAST
from tests.builders.vouchers import sign, usd

from fourflow.capital.claims import queries as claims
from fourflow.capital.financing import operations as financing
from fourflow.capital.financing import queries as financings
from fourflow.capital.financing.types import FinancingId
from fourflow.capital.limits import operations as limits
from fourflow.capital.limits import queries as lines
from fourflow.capital.limits.types import PublicationId
from fourflow.capital.vouchers import queries as register
from fourflow.capital.vouchers.types import VoucherId
from fourflow.config import wiring
from fourflow.foundation.access import operations as access
from fourflow.foundation.access import queries as doors
from fourflow.foundation.approvals import jobs
from fourflow.foundation.approvals import queries as approvals
from fourflow.foundation.approvals.types import ApprovalExpired, ApprovalState, Verdict
from fourflow.foundation.clients import operations as clients
from fourflow.foundation.clients import queries as partners
from fourflow.foundation.parameters import operations as parameters
from fourflow.foundation.parameters import queries as values
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import operations as parties
from fourflow.foundation.parties import queries as people
from fourflow.foundation.parties.types import SYSTEM, Barred, DocumentOf, RestrictionSource, RoleKind, RoleTerms
from fourflow.interfaces.api.routers.approvals import KINDS as API_KINDS
from fourflow.interfaces.web import menu
from fourflow.oversight.monitoring import queries as monitoring
from fourflow.oversight.notices import operations as notices
from fourflow.oversight.notices import queries as told
from fourflow.platform import clock
from fourflow.platform.events import operations as events

pytestmark = pytest.mark.django_db

Asked = UUID | None
"""What was asked for before, where the same thing is asked for again."""


@pytest.fixture
def sweep(founded: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[date], int]:
    """What the worker's sweep ends on a day."""

    def run(on: date) -> int:
        monkeypatch.setattr(clock, "now", lambda: founded.on(on).now)
        return jobs.expire_due(wiring.EXPIRED)

    return run


def draft(here: Desk, before: Asked) -> UUID:
    company = here.company
    if before is None:
        return company.drafted().id
    voucher = register.get(actor=SYSTEM, voucher_id=VoucherId(before))
    return company.drafted(company.request(claims.payable(actor=SYSTEM, payable_id=voucher.payable_id))).id  # type: ignore[arg-type]


def decision(here: Desk, before: Asked) -> UUID:
    asked = FinancingId(before) if before else here.requested().id
    actor = here.company.actor(here.company.funder)
    content = financing.decision_content(asked, approve=True, annual_rate=Decimal("0.045"))
    financing.decide(
        financing_id=asked,
        actor=actor,
        approve=True,
        annual_rate=Decimal("0.045"),
        reasons=(),
        effective_at=here.now,
        signature=sign(actor, content),
    )
    return asked


def line(here: Desk, before: Asked) -> UUID:
    return limits.propose(
        actor=here.company.actor(here.company.funder),
        core_id=here.company.core.id,
        sanctioned=usd("1.00"),
        valid_from=here.day,
        valid_to=None,
        source="credit approval 2014-8",
        effective_at=here.now,
    ).id


def value(here: Desk, before: Asked) -> UUID:
    return parameters.propose(
        key=Key.STATUTORY_DAYS.value,
        value=45,
        valid_from=date(2014, 12, 1),
        source="circular 12",
        actor=here.company.actor(here.company.cast.operator),
        effective_at=here.now,
    ).id


def change(here: Desk, before: Asked) -> UUID:
    return parties.propose_change(
        party_id=here.company.core.id,
        terms=RoleTerms(RoleKind.SUPPLIER, here.day),
        actor=here.company.actor(here.company.cast.operator),
        effective_at=here.now,
        decide_by=values.decide_by(here.now),
    ).id


def application(here: Desk, before: Asked) -> UUID:
    actor, asked = here.company.actor(here.company.cast.operator), before
    if asked is None:
        newcomer = firms.declaration("newcomer", RoleKind.SUPPLIER)
        asked = parties.apply(declaration=newcomer, actor=actor, effective_at=here.now).id
        digest = hashlib.sha256(b"registration").hexdigest()
        paper = DocumentOf("registration", "registration.pdf", "application/pdf", digest)
        parties.add_document(application_id=asked, document=paper, actor=actor, effective_at=here.now)
    until = values.decide_by(here.now)
    return parties.submit(application_id=asked, actor=actor, effective_at=here.now, decide_by=until).id


def lift(here: Desk, before: Asked) -> UUID:
    actor, barred = here.company.actor(here.company.cast.operator), before
    if barred is None:
        barred = parties.impose(
            party_id=here.company.core.id,
            bars=Barred.ISSUE,
            source=RestrictionSource.OPERATOR,
            reference="notice 9",
            reason="under investigation",
            actor=actor,
            effective_at=here.now,
        ).id
    until = values.decide_by(here.now)
    parties.request_lift(restriction_id=barred, reason="cleared", actor=actor, effective_at=here.now, decide_by=until)
    return barred


def recovery(here: Desk, before: Asked) -> UUID:
    return access.ask_recovery(
        email="viewer@core.example",
        reason="came to the desk with his passport",
        half=access.new_half(),
        actor=here.company.actor(here.company.core),
        effective_at=here.now,
    ).id


def client(here: Desk, before: Asked) -> UUID:
    actor = here.company.actor(here.company.core)
    known = {one.id: one.client_id for one in partners.proposals(actor=actor)}
    which = known[before] if before else machines.admit(here.company.core)
    wider = machines.terms("vouchers:read", "limits:read")
    return clients.propose(terms=wider, actor=actor, effective_at=here.now, client_id=which).id


def _client_state(here: Desk, asked: UUID) -> str:
    return next(one.state for one in partners.proposals(actor=here.company.core.maker) if one.id == asked)


def _decision_state(here: Desk, asked: UUID) -> str:
    found = financings.get(actor=SYSTEM, financing_id=FinancingId(asked))
    return f"{found.state}, {'decided' if found.decision else 'undecided'}"


@dataclass(frozen=True)
class Request:
    """How a thing is asked for, and where it stands while it waits and when nobody has decided."""

    ask: Callable[[Desk, Asked], UUID]
    state: Callable[[Desk, UUID], str]
    waits: str
    free: str


REQUESTS = {
    "voucher.issue": Request(
        draft,
        lambda here, asked: register.get(actor=SYSTEM, voucher_id=VoucherId(asked)).state,
        "draft",
        "returned",
    ),
    "financing.decide": Request(decision, _decision_state, "requested, decided", "requested, undecided"),
    "limit.publish": Request(
        line,
        lambda here, asked: lines.publication(actor=SYSTEM, publication_id=PublicationId(asked)).state,
        "proposed",
        "expired",
    ),
    "parameter.set": Request(
        value,
        lambda here, asked: next(one.state for one in values.history(SYSTEM) if one.id == asked),
        "proposed",
        "expired",
    ),
    "party.change": Request(
        change,
        lambda here, asked: next(one.state for one in people.changes(SYSTEM) if one.id == asked),
        "proposed",
        "expired",
    ),
    "party.onboard": Request(
        application, lambda here, asked: people.application(SYSTEM, asked).state, "submitted", "returned"
    ),
    "party.lift": Request(
        lift,
        lambda here, asked: str(next(one.lifted_on for one in people.restrictions(SYSTEM) if one.id == asked)),
        "None",
        "None",
    ),
    "access.recover": Request(
        recovery,
        lambda here, asked: next(one.state for one in doors.recoveries(SYSTEM) if one.id == asked),
        "asked",
        "expired",
    ),
    "client.terms": Request(client, _client_state, "proposed", "expired"),
}


def test_every_kind_of_request_has_an_owner_who_lets_it_go() -> None:
    assert set(wiring.EXPIRED) == set(REQUESTS) == set(menu.APPROVALS) == set(API_KINDS)


@pytest.mark.parametrize("kind", REQUESTS)
def test_what_nobody_decides_until_its_last_day_ends_and_may_be_asked_for_again(
    kind: str, here: Desk, sweep: Callable[[date], int]
) -> None:
    request = REQUESTS[kind]
    asked = request.ask(here, None)
    (waiting,) = approvals.history([asked])
    assert (waiting.kind, waiting.decide_by) == (kind, LAST)
    assert (sweep(LAST), request.state(here, asked)) == (0, request.waits)

    after = LAST + timedelta(1)
    assert (sweep(after), request.state(here, asked)) == (1, request.free)
    assert approvals.history([asked])[0].state is ApprovalState.EXPIRED
    assert sweep(after) == 0

    again = request.ask(here.on(after), asked)
    assert approvals.pending_for([again])[again].decide_by == after + timedelta(30)
    assert [str(f) for f in monitoring.audit_rows(wiring.EVIDENCED).findings] == []


def test_after_the_last_day_nobody_decides_even_before_the_worker_has_come(here: Desk) -> None:
    drafted = here.company.drafted()
    with pytest.raises(ApprovalExpired):
        here.company.on(LAST + timedelta(1)).check(drafted)
    assert here.company.on(LAST).check(drafted).state == "offered"


def test_who_asked_is_told_that_a_checker_said_no_or_nobody_decided(here: Desk, sweep: Callable[[date], int]) -> None:
    sent_back, agreed, late = (here.company.drafted() for _ in range(3))
    here.company.check(sent_back, verdict=Verdict.REJECT)
    here.company.check(agreed)
    sweep(LAST + timedelta(1))
    events.sequence()
    checkers = {kind: one.permissions for kind, one in menu.APPROVALS.items()}
    while notices.tell(now=clock.machine(), today=here.day, checkers=checkers):
        pass
    rejected, expired = (approvals.history([one.id])[0].id for one in (sent_back, late))
    core = here.company.core
    found = {
        who: {
            (one.event, one.about)
            for one in told.mine(actor=getattr(core, who), limit=50)
            if one.event in ("approval.decided", "approval.closed")
        }
        for who in ("maker", "checker", "viewer")
    }
    said = {("approval.decided", ("approval", rejected)), ("approval.closed", ("approval", expired))}
    assert found == {"maker": said, "checker": set(), "viewer": set()}


def test_a_changed_number_of_days_holds_for_what_is_asked_from_its_day_on(here: Desk) -> None:
    earlier = here.company.drafted()
    cash.set_value(here.company, Key.APPROVAL_DAYS, "2")
    later = here.company.drafted()
    until = [approvals.history([one.id])[0].decide_by for one in (earlier, later)]
    assert until == [LAST, here.day + timedelta(2)]


def test_a_financing_that_ends_takes_the_decision_that_waited_out_of_the_inbox(
    here: Desk, sweep: Callable[[date], int]
) -> None:
    asked, second = decision(here, None), here.company.actor(here.company.funder, "checker")
    assert [one.approval.object_id for one in approvals.inbox(second)] == [asked]
    applicant = here.company.actor(here.company.supplier(2))
    ended = financing.withdraw(
        financing_id=FinancingId(asked), actor=applicant, effective_at=here.now, reason="not needed"
    )
    assert approvals.inbox(second) == []
    assert (ended.decision, approvals.history([asked])[0].state) == (None, ApprovalState.WITHDRAWN)
    assert sweep(LAST + timedelta(1)) == 0
    assert [str(f) for f in monitoring.audit_rows(wiring.EVIDENCED).findings] == []
