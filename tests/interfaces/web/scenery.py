"""A year in a company with long names and large sums, in which every page has something to show.

The vouchers of ``seed`` and some trouble about them; a few fall due and are paid late or not at all; and the desks get
what waits for them: cash that fits nothing, drafts of payments, machines, applications, requests for evidence.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, timedelta

from django.db import transaction
from tests.builders import clients as machines
from tests.builders import parties
from tests.builders import settlement as money
from tests.builders.vouchers import Company, sign, usd
from tests.interfaces.web import seed

from fourflow.capital.financing import operations as financing
from fourflow.capital.limits import operations as limits
from fourflow.capital.settlement import operations as settlement
from fourflow.capital.settlement import queries as payments
from fourflow.capital.settlement.types import AccountKind, AnswerStatus, Purpose, Share
from fourflow.capital.vouchers import operations as vouchers
from fourflow.capital.vouchers import queries as voucher_queries
from fourflow.capital.vouchers.types import VoucherState
from fourflow.config import wiring
from fourflow.foundation.access import operations as access
from fourflow.foundation.access.domain import codes
from fourflow.foundation.access.types import Policy
from fourflow.foundation.clients import jobs
from fourflow.foundation.clients import operations as webhooks
from fourflow.foundation.clients.adapters.http_webhook.courier import HttpCourier
from fourflow.foundation.parameters import operations as parameters
from fourflow.foundation.parameters.queries import decide_by
from fourflow.foundation.parameters.types import Key
from fourflow.foundation.parties import operations as party_operations
from fourflow.foundation.parties.types import (
    SYSTEM,
    Barred,
    DocumentOf,
    Function,
    MemberTerms,
    RestrictionSource,
    RoleKind,
)
from fourflow.oversight.insight import operations as insight
from fourflow.oversight.insight.types import About
from fourflow.oversight.reports import operations as reports
from fourflow.oversight.reports.types import Rhythm
from fourflow.platform import clock
from fourflow.platform.events import operations as events
from fourflow.platform.events.types import kinds
from fourflow.trade.documents import operations as documents
from fourflow.trade.documents.types import TABLE_COLUMNS, ImportMode

CALLED = {
    "core": "远航海洋工程装备制造集团股份有限公司",
    "supplier-one": "苏州工业园区精锐紧固件与特种阀门制造有限责任公司",
    "supplier-two": "内蒙古呼伦贝尔草原乳业冷链仓储物流管理股份有限公司",
    "supplier-three": "Northern Mediterranean Pharmaceutical Manufacturing Holdings Ltd",
    "supplier-four": "广州南沙电子有限公司",
    "bank-one": "示范商业银行股份有限公司上海自由贸易试验区分行",
    "bank-two": "示范农村信用合作联社",
    "regulator": "示范市地方金融监督管理局",
    "second-core": "长三角轨道交通车辆与智能装备股份有限公司",
}
#: somebody who works for two firms
OF_TWO = "checker@supplier-three.example"
EARLY = date(2014, 3, 31)
"""What falls due on this day is late on the last; everything else is due in August."""


def year(rows: int = 34) -> Company:
    """The company on its last day."""
    here = seed.filled(seed.founded(CALLED), rows)
    other = _second_core(here)
    here.held("55000000.00")
    _objections(here)
    today = seed.fall_due(replace(here, due=EARLY), days=23)
    _drafts(replace(other, day=today.day))
    with transaction.atomic():
        _money(today)
        _people(today)
        _questions(today)
        _reports(today)
        _file(today)
    _machines(today)
    _answered(today)
    return today


def _second_core(here: Company) -> Company:
    """A core that owes nobody anything late, and so may issue; and somebody of two firms."""
    op, name = here.cast.operator, CALLED["second-core"]
    core = parties.onboard(op, replace(parties.declaration("second-core", RoleKind.CORE), name=name))
    supplier = parties.supplier(op, "supplier-five", programme=core.id)
    other = replace(here, cast=replace(here.cast, core=core, suppliers=(supplier,)), limits=[])
    other.line("60000000.00")
    seed.passwords([core])
    viewer = MemberTerms("checker of supplier-three", OF_TWO, frozenset({Function.VIEWER}), parties.TODAY)
    parties.change(op, here.supplier(4).id, viewer)
    return other


def _drafts(other: Company) -> None:
    """Payables on which a voucher may be issued, and vouchers that wait for the second person."""
    for amount in ("1286400.00", "735000.00", "48250.75", "9120.50", "310000.00"):
        other.payable(amount)
    for amount in ("2450000.00", "860000.00", "127300.40"):
        other.drafted(other.request(other.payable(amount)))


def _money(here: Company) -> None:
    """Cash on an account that is watched: as expected, placed by hand, and of unknown origin; drafts and a contradiction."""
    supplier, core, operator = here.supplier(), here.core, here.cast.operator
    collecting = money.account(supplier.id, "BETA", "B-COLLECT", AccountKind.COLLECTION, supplier.name)
    (own,) = payments.accounts(actor=SYSTEM, party_id=core.id, currency="USD")
    four = money.Money4(*[collecting] * 5)
    wanted = [money.expected(four, amount, f"VCH-{amount}") for amount in (1_250_000_00, 77_050_00, 900_00)]
    for number, (amount, words, payer) in enumerate(
        [
            (1_250_000_00, "货款 PO-2014-7 第三批", "远航海工财务公司"),
            (77_000_00, "for goods, order SO-41", "Somebody Trading FZE"),
            (3_141_592_65, "", "上海某某国际贸易有限公司"),
            (12_000_00, "误付", "Wrong Way Logistics Ltd"),
        ]
    ):
        money.arrives(
            "BETA",
            money.booked(collecting, amount, f"BR-{number}", text=words, payer=payer, payer_account="X-77"),
            at=here.now,
        )
    waiting = payments.unmatched(actor=SYSTEM)
    first = next(one for one in waiting if one.entry.bank_reference == "BR-0")
    share = (Share(wanted[0].id, first.entry.amount),)
    actor, other = here.actor(operator), here.actor(operator, "checker")
    settlement.propose_assignment(actor=actor, entry_id=first.entry_id, shares=share, effective_at=here.now)
    settlement.assign_suspense(actor=other, entry_id=first.entry_id, effective_at=here.now)
    second = next(one for one in waiting if one.entry.bank_reference == "BR-1")
    share = (Share(wanted[1].id, second.entry.amount),)
    settlement.propose_assignment(actor=actor, entry_id=second.entry_id, shares=share, effective_at=here.now)
    strayed = next(one for one in waiting if one.entry.bank_reference == "BR-3")
    settlement.propose_return(
        actor=actor, entry_id=strayed.entry_id, amount=strayed.entry.amount, reason="not ours", effective_at=here.now
    )
    for reference, amount in (("trade:2014-31", 42_000_00), ("trade:2014-32", 1_980_000_00)):
        settlement.draft(
            actor=here.actor(core),
            reference=reference,
            payer_account_id=own.id,
            payee_account_id=collecting.id,
            amount=money.usd(amount),
            purpose=Purpose.TRADE_PAYMENT,
            subject_id=collecting.id,
            mandate="agreement 7",
            execution_date=here.day,
            effective_at=here.now,
        )
    paid = money.sent(replace(four, funder=own), 88_800_00, "trade:2014-30")
    for status, report in ((AnswerStatus.SETTLED, "r1"), (AnswerStatus.REJECTED, "r2")):
        settlement.apply_reply(
            actor=SYSTEM, bank_code="ALFA", reply=money.says(paid, status, report=report), effective_at=here.now
        )
    settlement.reconcile(actor=SYSTEM, bank_code="ALFA", day=here.day, effective_at=here.now)


def _objections(here: Company) -> None:
    """Vouchers frozen, disputed, complained about without an answer, to be cancelled, with a long term; a price asked for."""
    operator, supplier = here.actor(here.cast.operator), here.actor(here.supplier())
    frozen = here.accepted("910000.00")
    vouchers.freeze(
        voucher_id=frozen.id,
        source="(2014) 沪0115 民初 1234 号 court order",
        actor=operator,
        effective_at=here.now,
        today=here.day,
    )
    vouchers.complain(
        voucher_id=frozen.id,
        text="货物已于三月签收，冻结没有依据；请说明理由并尽快解除，以免影响我方向银行融资。",
        actor=supplier,
        effective_at=here.now,
        today=here.day,
    )
    core = here.actor(here.core)
    vouchers.dispute(
        voucher_id=here.accepted("51000.00").id,
        source="(2014) 苏05 民初 77 号 short delivery",
        actor=core,
        effective_at=here.now,
        today=here.day,
    )
    cancelled = here.accepted("12500.00")
    content = vouchers.cancel_content(cancelled)
    vouchers.ask_to_cancel(voucher_id=cancelled.id, actor=core, effective_at=here.now, signature=sign(core, content))
    long = here.request(here.payable("66000.00"), due_on=date(2014, 12, 19), term_reason="seasonal goods")
    here.drafted(long)
    financing.quote(
        holding_id=here.held("480000.00").id,
        funder_id=here.funder.id,
        amount=usd("480000.00"),
        recourse=True,
        actor=supplier,
        effective_at=here.now,
        today=here.day,
    )


def _people(here: Company) -> None:
    """An application in each state, a firm on the stop list, an emergency, somebody locked out, an app for codes."""
    operator, at = here.cast.operator, clock.machine()
    maker = here.actor(operator)
    for slug, name, submitted in (
        ("newcomer", "天津滨海新区智慧能源与环境工程技术服务有限公司", False),
        ("second-newcomer", "Kivu Highlands Coffee Growers' Cooperative Society Ltd", True),
    ):
        declared = replace(parties.declaration(slug, RoleKind.SUPPLIER, since=here.day), name=name)
        drafted = party_operations.apply(declaration=declared, actor=maker, effective_at=here.now)
        content = b"%PDF-1.7 " + name.encode()
        paper = DocumentOf.of("registration", "营业执照-registration.pdf", content)
        party_operations.add_document(
            application_id=drafted.id, document=paper, content=content, actor=maker, effective_at=here.now
        )
        elsewhere = DocumentOf("other", "minutes.pdf", "application/pdf", hashlib.sha256(name.encode()).hexdigest())
        party_operations.add_document(application_id=drafted.id, document=elsewhere, actor=maker, effective_at=here.now)
        if submitted:
            party_operations.submit(
                application_id=drafted.id, actor=maker, effective_at=here.now, decide_by=decide_by(here.now)
            )
    party_operations.impose(
        party_id=here.supplier(4).id,
        bars=Barred.ISSUE,
        source=RestrictionSource.OPERATOR,
        reference="notice 2014-9",
        reason="invoices under investigation",
        actor=maker,
        effective_at=here.now,
    )
    access.break_glass(
        reason="key officer unreachable, payment run stands still",
        actor=maker,
        policy=Policy(10, 5, 20, 15, 12, 24, 60),
        at=at,
        effective_at=here.now,
    )
    access.ask_recovery(
        email=seed.email(here.core, "viewer"),
        reason="came to the desk with his passport",
        half=access.new_half(),
        actor=here.actor(here.core),
        effective_at=here.now,
    )
    parameters.propose(
        key=Key.STATUTORY_DAYS.value,
        value=45,
        valid_from=here.day + timedelta(30),
        source="国务院令第 802 号 circular 12",
        actor=maker,
        effective_at=here.now,
    )
    party_operations.set_password(account_id=here.core.viewer.account_id, password=seed.PASSWORD)
    secret = codes.new_secret()
    code = codes.code_at(secret, codes.step_of(at))
    access.enrol_app(account_id=here.core.viewer.account_id, secret=secret, code=code, at=at, effective_at=here.now)


def _machines(here: Company) -> None:
    """A frozen line; clients admitted and proposed, a webhook that was told in vain and one that is off."""
    core = here.core
    limits.freeze(
        limit_id=here.limits[-1].id,
        actor=here.actor(here.other_funder),
        reason="review of the debtor",
        effective_at=here.now,
    )
    machines.admit(core, "vouchers:read", name="SAP S/4HANA 财务共享中心")
    webhooks.propose(terms=machines.terms(name="Treasury workstation"), actor=core.maker, effective_at=here.now)
    with machines.receiving(500) as receiver:
        quiet = webhooks.register(
            url=f"{receiver.url}/old",
            kinds=["limit.*"],
            known=kinds(),
            actor=core.maker,
            effective_at=here.now,
            loopback=True,
        )
        webhooks.disable(endpoint_id=quiet.id, actor=core.maker, effective_at=here.now)
        webhooks.register(
            url=receiver.url,
            kinds=["client.*"],
            known=kinds(),
            actor=core.maker,
            effective_at=here.now,
            loopback=True,
        )
        machines.admit(core, name="Warehouse scanner")
        events.sequence()
        webhooks.fan_out(actor=SYSTEM, now=clock.machine(), today=clock.today())
        jobs.send_due(HttpCourier(loopback=True), lambda event: b"{}")


def _reports(here: Company) -> None:
    """The core's maker subscribes to lists, one of them is paused."""
    made = [
        reports.subscribe(
            name=name,
            address=address,
            rhythm=rhythm,
            language="zh",
            actor=here.core.maker,
            effective_at=here.now,
            today=here.day,
        )
        for name, address, rhythm in (
            ("应付账款月报 Payables of the Shanghai works", "/payables?sort=due", Rhythm.MONTHLY),
            ("Payables to sign", "/payables?state=proposed&sort=due", Rhythm.DAILY),
        )
    ]
    reports.pause(schedule_id=made[1].id, actor=here.core.maker, effective_at=here.now)


def _file(here: Company) -> None:
    """A table of deliveries was taken over but for a row that could not be read."""
    plain = ("1", "热轧卷板 Hot-rolled coil", "12.5", "t", "8450.00", "USD", CALLED["supplier-three"])
    rows = [(f"PO-2014-{n}", *plain, f"ASN-2014-{n}", f"2014-0{n}-31") for n in (3, 4, 5)]  # April has no 31st
    table, source = "\n".join(",".join(row) for row in (TABLE_COLUMNS, *rows)), wiring.document_sources()["table"]
    received = documents.receive_file(
        content=table.encode(),
        file_name="2014 年第二季度到货 Deliveries of the second quarter.csv",
        source=source,
        mode=ImportMode.GOOD_ROWS,
        actor=here.core.maker,
        effective_at=here.now,
        today=here.day,
    )
    documents.continue_import(import_id=received.id, source=source, actor=here.core.maker, effective_at=here.now)


def _questions(here: Company) -> None:
    """The regulator asks about a firm and about a voucher."""
    regulator = here.actor(here.cast.regulator, "viewer")
    late = next(
        one
        for one in voucher_queries.vouchers(actor=SYSTEM, limit=200).rows
        if one.state in (VoucherState.OVERDUE, VoucherState.DEFAULTED)
    )
    for about, subject in ((About.PARTY, here.supplier().id), (About.VOUCHER, late.id)):
        insight.ask(
            about=about,
            subject_id=subject,
            purpose="核查逾期凭证与中小企业货款支付情况",
            authority="示范金监函〔2014〕88 号",
            answer_by=here.day + timedelta(14),
            actor=regulator,
            effective_at=here.now,
            today=here.day,
        )


def _answered(here: Company) -> None:
    """One more question of the regulator's, and what the operator handed out."""
    events.sequence()
    living = voucher_queries.vouchers(actor=SYSTEM, limit=200).rows
    asked = insight.ask(
        about=About.VOUCHER,
        subject_id=next(one for one in living if one.state is VoucherState.ACTIVE).id,
        purpose="核查核心企业应付账款确权与数信开立的真实性",
        authority="示范金监函〔2014〕71 号",
        answer_by=here.day + timedelta(7),
        actor=here.actor(here.cast.regulator, "viewer"),
        effective_at=here.now,
        today=here.day,
    )
    insight.release(
        request_id=asked.id,
        note="全部已编号的事实，共一份；未编号者随后补充。",
        actor=here.actor(here.cast.operator),
        effective_at=here.now,
    )
