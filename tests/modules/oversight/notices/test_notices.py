"""Who is told of what, once; what became of the mail; and that nobody reads another's."""

from __future__ import annotations

import email
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import policy
from pathlib import Path
from uuid import UUID

import pytest
from tests.builders.financing import EARLY, Desk
from tests.builders.parties import Firm
from tests.builders.refusals import refuse
from tests.modules.capital.vouchers.test_issuing import bar

from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as register
from fourflow.capital.vouchers.types import HoldingId, Overlay, VoucherId
from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties.types import SYSTEM, Actor, Barred
from fourflow.interfaces.web.addresses import to
from fourflow.interfaces.web.menu import APPROVALS
from fourflow.oversight.notices import jobs, operations, queries
from fourflow.oversight.notices.adapters.mailbox.mailer import FileMailbox
from fourflow.oversight.notices.ports import Mail, Outcome
from fourflow.oversight.notices.types import Notice, NoticeState, PreferenceInvalid, Topic, When
from fourflow.platform import clock, doing
from fourflow.platform.db.reading import reading
from fourflow.platform.events import operations as events
from fourflow.platform.events import queries as event_queries
from fourflow.platform.ids import new_id
from fourflow.trade.documents import operations as documents
from fourflow.trade.documents.adapters.table import TableSource
from fourflow.trade.documents.types import TABLE_COLUMNS, ImportMode, ImportState

SITE = "https://fourflow.example"
CHECKERS = {kind: one.permissions for kind, one in APPROVALS.items()}


@dataclass
class Post:
    """A mailer that answers what the test says, and keeps what it was given."""

    answer: Outcome = field(default_factory=Outcome)
    sent: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> Outcome:
        self.sent.append(mail)
        return self.answer


@pytest.fixture(autouse=True)
def nothing_before(desk: Desk) -> Iterator[None]:
    """What founded the company is told and gone."""
    tell(desk)
    operations.take(now=clock.machine() + timedelta(days=3), limit=10_000)
    yield


def tell(desk: Desk) -> None:
    events.sequence()
    while operations.tell(now=clock.machine(), today=desk.day, checkers=CHECKERS):
        pass


def send(post: object, at: datetime | None = None) -> int:
    """What the worker does, as if it were that time."""
    letters = operations.take(now=at or clock.machine())
    outcomes = [(one, post.send(jobs.written(one, to, SITE, True))) for one in letters]  # type: ignore[attr-defined]
    operations.record(outcomes=outcomes, now=at or clock.machine())
    return len(letters)


def told(actor: Actor, event: str) -> list[Notice]:
    return [one for one in queries.mine(actor=actor, limit=200) if one.event == event]


def people(desk: Desk, firm: Firm) -> tuple[Actor, Actor]:
    return desk.company.actor(firm), desk.company.actor(firm, "checker")


def test_an_offered_voucher_is_told_to_who_may_accept_it_and_to_nobody_else(desk: Desk) -> None:
    voucher = desk.company.offered()
    tell(desk)
    receiver, core = desk.company.firm_of(voucher.receiver_id), desk.company.core
    for person in people(desk, receiver):
        (one,) = told(person, "voucher.offered")
        assert (one.topic, one.about, one.state) == (Topic.OFFER, ("voucher", voucher.id), NoticeState.PENDING)
        assert one.organisation_id == receiver.id
    for person in (*people(desk, core), *people(desk, desk.company.supplier(4))):
        assert told(person, "voucher.offered") == []


def test_what_waits_for_a_checker_is_told_to_him_and_not_to_the_maker(desk: Desk) -> None:
    desk.company.drafted()
    tell(desk)
    maker, checker = people(desk, desk.company.core)
    assert [one.topic for one in told(checker, "approval.requested")] == [Topic.DECISION]
    assert told(maker, "approval.requested") == []


def test_a_person_is_told_of_a_fact_once_whatever_is_read_again(desk: Desk) -> None:
    voucher = desk.company.offered()
    tell(desk)
    receiver = desk.company.actor(desk.company.firm_of(voucher.receiver_id))
    (fact,) = [one for one in event_queries.of_subject(voucher.id) if one.kind == "voucher.offered"]
    again = (
        "insert into notices_notice (id, person_id, event_id, kind, topic, about_kind, together, state, tries, error, "
    )
    again += "happened_at, due_at) values (gen_random_uuid(), %s, %s, 'voucher.offered', 'offer', '', false, 'pending', 0, '', "
    refuse(f"{again} now(), now())", receiver.person_id, fact.id, constraint="notice_once")
    assert len(told(receiver, "voucher.offered")) == 1


@pytest.mark.requirement("R104")
def test_a_financing_is_told_step_by_step_without_any_amount(desk: Desk, tmp_path: Path) -> None:
    early = desk.on(EARLY)
    financing = early.paid_out(recourse=True)
    early.overdue(financing)
    voucher = register.get(actor=SYSTEM, voucher_id=VoucherId(financing.quote.voucher_id))
    early.company.on(voucher.due_on + timedelta(3)).promised(voucher, 9)
    tell(desk)
    supplier, bank = (desk.company.firm_of(one) for one in (financing.quote.applicant_id, financing.quote.funder_id))
    maker = desk.company.actor(supplier)
    both = ("voucher.overdue", "voucher.promised")
    for event in ("financing.decided", "financing.disbursed", "holding.transfer_offered", *both):
        assert len(told(maker, event)) == 1, event
    for event in ("financing.requested", "financing.overdue", *both):
        assert len(told(desk.company.actor(bank), event)) == 1, event
    while send(FileMailbox(tmp_path)):
        pass
    mails = [email.message_from_bytes(file.read_bytes(), policy=policy.default) for file in tmp_path.glob("*.eml")]
    assert len(mails) > 10
    amounts = {"1,000,000", "1000000", "300,000", "300000", "295,500", "295500", "4,500", "4500.00", "USD", "美元"}
    for mail in mails:
        text = f"{mail['subject']}\n{mail.get_content()}"
        assert SITE in text and not [amount for amount in amounts if amount in text], text
    mine = [one for one in mails if one["to"] == _address(maker)]
    assert any(to("financing", financing.id) in one.get_content() for one in mine)


def _address(actor: Actor) -> str:
    from fourflow.foundation.parties import queries as parties

    (account,) = parties.accounts_of([actor.person_id])[actor.person_id]
    return account.email


@pytest.mark.requirement("R016")
@pytest.mark.requirement("R058")
def test_who_finds_something_wrong_opens_a_case_and_all_whom_it_concerns_are_told(desk: Desk) -> None:
    company = desk.company
    op, checker = people(desk, company.cast.operator)
    part = desk.tier_two()
    every = (company.core, company.funder, company.supplier(1), company.supplier(2))

    def freeze(source: str, holding_id: HoldingId | None = None) -> Overlay:
        case = vouchers.freeze(
            voucher_id=part.voucher_id,
            holding_id=holding_id,
            source=source,
            actor=op,
            effective_at=desk.now,
            today=desk.day,
        )
        tell(desk)
        return case

    freeze("invoice 7 was red-lettered")
    for firm in every:
        (one,) = told(desk.company.actor(firm), "voucher.overlay_opened")
        assert (one.topic, one.about, one.state) == (Topic.RISK, ("voucher", part.voucher_id), NoticeState.PENDING)
    for firm in (company.supplier(3), company.other_funder, company.cast.operator):
        assert told(desk.company.actor(firm), "voucher.overlay_opened") == []

    case = freeze("court paper 9", part.id)
    counts = [len(told(desk.company.actor(firm), "voucher.overlay_opened")) for firm in every]
    assert counts == [2, 2, 1, 2], "another holder's branch is none of a holder's business"
    ended = vouchers.close_overlay(
        overlay_id=case.id, reason="lifted by the court", actor=checker, effective_at=desk.now, today=desk.day
    )
    kept = {one.source: one for one in register.overlays(actor=op, voucher_id=part.voucher_id)}
    assert kept["court paper 9"] == ended and ended.closed_on == desk.day
    assert ended.organisation_id == company.cast.operator.id
    assert kept["invoice 7 was red-lettered"].closed_on is None, "the other case is open"


def test_who_complained_is_told_of_the_answer_and_nobody_else(desk: Desk) -> None:
    company, part = desk.company, desk.tier_two()
    op, _checker = people(desk, company.cast.operator)
    holder = desk.company.actor(company.supplier(2))
    asked = {"effective_at": desk.now, "today": desk.day}
    made = vouchers.complain(voucher_id=part.voucher_id, text="they say they pay late", actor=holder, **asked)
    vouchers.answer_complaint(complaint_id=made, answer="they pay on the day", actor=op, **asked)
    tell(desk)
    (one,) = told(holder, "voucher.complaint_answered")
    assert (one.topic, one.about) == (Topic.RISK, ("voucher", part.voucher_id))
    for firm in (company.core, company.supplier(1), company.cast.operator):
        assert told(desk.company.actor(firm), "voucher.complaint_answered") == []


@pytest.mark.requirement("R058")
def test_a_firm_that_is_barred_is_told_and_no_other(desk: Desk) -> None:
    firm = desk.company.supplier(2)
    bar(desk.company, firm, Barred.FINANCE)
    tell(desk)
    for person in people(desk, firm):
        (one,) = told(person, "party.restricted")
        assert (one.topic, one.about) == (Topic.RISK, ("party", firm.id))
    assert told(desk.company.actor(desk.company.supplier(1)), "party.restricted") == []


def test_people_choose_language_and_moment_and_those_of_a_day_come_together(desk: Desk) -> None:
    voucher = desk.company.offered()
    maker, checker = people(desk, desk.company.firm_of(voucher.receiver_id))
    choose = {Topic.OFFER: When.DAILY}
    operations.choose(actor=maker, language="en", choices=choose, effective_at=desk.now)
    operations.choose(actor=checker, language="zh", choices={Topic.OFFER: When.OFF}, effective_at=desk.now)
    desk.company.offered()
    tell(desk)
    assert [one.state for one in told(checker, "voucher.offered")] == [NoticeState.KEPT] * 2
    post, late = Post(), Post()
    send(post)
    assert not {mail.to for mail in post.sent} & {_address(maker), _address(checker)}
    assert send(late, clock.machine() + timedelta(days=1)) == 1
    (mail,) = late.sent
    assert mail.subject == "[SANDBOX] Today's notices (2)" and "Dear maker of" in mail.text
    assert [one.state for one in told(maker, "voucher.offered")] == [NoticeState.SENT] * 2


def test_security_cannot_be_switched_off_neither_here_nor_in_the_table(desk: Desk) -> None:
    maker = desk.company.actor(desk.company.core)
    for when in (When.OFF, When.DAILY):
        with pytest.raises(PreferenceInvalid):
            operations.choose(actor=maker, language="zh", choices={Topic.SECURITY: when}, effective_at=desk.now)
    sql = "insert into notices_reader (person_id, language, daily, off) values (%s, 'zh', '{}', '{security}')"
    refuse(sql, maker.person_id, constraint="reader_is_told_of_security")


def test_a_changed_password_is_told_to_its_person_alone(desk: Desk) -> None:
    maker, checker = people(desk, desk.company.core)
    from fourflow.foundation.access.events import PasswordChanged

    assert maker.account_id is not None
    events.publish(PasswordChanged(subject_id=maker.account_id, effective_at=desk.now, how="by oneself"))
    tell(desk)
    assert [one.topic for one in told(maker, "access.password_changed")] == [Topic.SECURITY]
    assert told(checker, "access.password_changed") == []


def test_broken_glass_is_told_to_who_reviews_it_and_to_who_oversees_and_never_to_who_broke_it(desk: Desk) -> None:
    cast = desk.company.cast
    maker, checker = people(desk, cast.operator)
    from fourflow.foundation.access.events import GlassBroken

    assert maker.account_id is not None and maker.person_id is not None
    events.publish(
        GlassBroken(
            subject_id=maker.account_id,
            effective_at=desk.now,
            person_id=maker.person_id,
            reason="a stolen key",
            until=desk.now,
        )
    )
    tell(desk)
    overseer = desk.company.actor(cast.regulator, "viewer")
    assert [len(told(one, "access.glass_broken")) for one in (maker, checker, overseer)] == [0, 1, 1]


def test_refused_mail_is_tried_again_and_given_up_at_last(desk: Desk) -> None:
    voucher = desk.company.offered()
    tell(desk)
    maker = desk.company.actor(desk.company.firm_of(voucher.receiver_id))
    post = Post(Outcome("550 no such mailbox"))
    now, before = clock.machine(), queries.unsent()
    assert send(post, now) and not send(post, now + timedelta(seconds=59))
    assert queries.unsent() > before
    for hours in (1, 5, 15, 60, 120, 240):
        assert send(post, now + timedelta(hours=hours))
    assert [one.state for one in told(maker, "voucher.offered")] == [NoticeState.FAILED]
    assert not send(post, now + timedelta(days=30))
    assert len({mail.message_id for mail in post.sent if mail.to == _address(maker)}) == 1


def test_what_was_handed_over_when_the_sender_died_is_never_sent_again(desk: Desk) -> None:
    voucher = desk.company.offered()
    tell(desk)
    maker = desk.company.actor(desk.company.firm_of(voucher.receiver_id))
    now = clock.machine()
    assert operations.take(now=now)
    assert operations.let_go(now=now + timedelta(minutes=9)) == 0
    assert operations.let_go(now=now + timedelta(minutes=11)) > 0
    assert [one.state for one in told(maker, "voucher.offered")] == [NoticeState.UNSURE]
    post = Post()
    assert not send(post, now + timedelta(days=9)) and post.sent == []
    sql = "update notices_notice set state = 'pending', due_at = now() where person_id = %s and state = 'unsure'"
    refuse(sql, maker.person_id, constraint="notice_ended")


def test_a_mail_whose_line_broke_after_the_text_is_in_doubt_and_not_repeated(desk: Desk) -> None:
    voucher = desk.company.offered()
    tell(desk)
    maker = desk.company.actor(desk.company.firm_of(voucher.receiver_id))
    send(Post(Outcome("broken: timed out", unsure=True)))
    assert [one.state for one in told(maker, "voucher.offered")] == [NoticeState.UNSURE]
    assert not send(Post(), clock.machine() + timedelta(days=9))


def test_who_has_no_open_account_is_told_on_the_page_only(desk: Desk) -> None:
    voucher = desk.company.offered()
    tell(desk)
    maker = desk.company.actor(desk.company.firm_of(voucher.receiver_id))
    address = _address(maker)
    assert maker.account_id is not None
    party_operations.close_account(account_id=maker.account_id, actor=maker, effective_at=desk.now)
    post = Post()
    send(post)
    assert [one.state for one in told(maker, "voucher.offered")] == [NoticeState.KEPT]
    assert address not in {mail.to for mail in post.sent} and post.sent


def test_a_person_reads_its_own_notices_only_and_who_oversees_the_house_reads_none_of_them(desk: Desk) -> None:
    from fourflow.oversight.notices import models

    voucher = desk.company.offered()
    tell(desk)
    maker, checker = people(desk, desk.company.firm_of(voucher.receiver_id))
    with reading(maker):
        seen = set(models.Notice.objects.values_list("person_id", flat=True))
    assert seen == {maker.person_id}
    with reading(desk.company.actor(desk.company.cast.operator)):
        everything = models.Notice.objects.filter(person_id__in=[maker.person_id, checker.person_id])
        assert not everything.exists()


def test_whose_file_came_to_its_end_while_he_was_elsewhere_is_told_and_who_ended_it_himself_is_not(desk: Desk) -> None:
    maker, colleague = people(desk, desk.company.core)

    def handed_in(number: int, first: str, last: str) -> UUID:
        """Two orders in two steps; the second is made under this key, or under none: by the sweeper."""
        rows = [f"PO-{number}{n},1,Steel coil,1,t,10.00,USD,Supplier One Ltd,DN-{number}{n},2014-02-20" for n in "ab"]
        content = "\n".join([",".join(TABLE_COLUMNS), *rows]).encode()
        with doing.under(first):
            received = documents.receive_file(
                content=content,
                file_name="deliveries.csv",
                source=TableSource(),
                mode=ImportMode.GOOD_ROWS,
                actor=maker,
                effective_at=desk.company.now,
                today=desk.day,
            )
        for key in (first, last):
            with doing.under(key):
                done = documents.continue_import(
                    import_id=received.id, source=TableSource(), actor=maker, effective_at=desk.company.now, orders=1
                )
        assert done.state is ImportState.DONE
        return received.id

    mine, theirs = (f"{one.organisation_id}:{one.account_id}" for one in (maker, colleague))
    machine = f"{maker.organisation_id}:client:{new_id()}"
    handed_in(1, mine, mine)
    handed_in(2, machine, machine)
    tell(desk)
    assert told(maker, "document.import_progressed") == []
    ended = [handed_in(3, mine, ""), handed_in(4, mine, theirs), handed_in(5, machine, "")]
    tell(desk)
    found = told(maker, "document.import_progressed")
    assert [one.about for one in found] == [("import", import_id) for import_id in reversed(ended)]
    assert {one.topic for one in found} == {Topic.REPORT} and told(colleague, "document.import_progressed") == []
