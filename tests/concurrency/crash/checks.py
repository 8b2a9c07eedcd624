"""What must hold after every crash: nothing lost, nothing twice, every book agrees with every other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
from django.db import connection
from tests.concurrency.crash.acts import BANK, FACE, OPENING, PASSED, number

from fourflow.capital.financing import queries as financing_queries
from fourflow.capital.ledger import queries as ledger
from fourflow.capital.ledger.types import BookKind, BookNotFound, Chart, book_of
from fourflow.capital.settlement import queries as settlement
from fourflow.capital.settlement.types import NOT_RECEIVED, Purpose
from fourflow.capital.vouchers import queries as voucher_queries
from fourflow.capital.vouchers.types import VoucherId
from fourflow.config import outside, wiring
from fourflow.foundation.evidence import queries as evidence
from fourflow.foundation.evidence.adapters.home import LocalKey, read_policy
from fourflow.foundation.parties import queries as party_queries
from fourflow.foundation.parties.types import SYSTEM
from fourflow.oversight.monitoring.queries import audit_rows
from fourflow.platform import clock
from fourflow.platform.crypto.keys import home, secret
from fourflow.platform.events import queries as events
from fourflow.platform.money import Money

#: a sender that dies between marking and sending leaves an instruction that the bank never gets. It is never sent: it ends,
#: and another takes its place; these facts there are once more, and that is taken off before anything is compared
AROUND_A_LOST_ONE = [
    "settlement_instruction",
    "event instruction.given",
    "event instruction.sent",
    "event payment.rejected",
]
REOPENED = ["event financing.payout_not_received", "event financing.disbursement_instructed"]


def check(stories: list[dict[str, str]]) -> dict[str, Any]:
    """Problems found, and what was counted (to be compared with an undisturbed run)."""
    number()
    found = [*_register(stories), *_money(stories), *_sound(), *_instructions()]
    return {"problems": found, "counts": counts()}


def counts() -> dict[str, int]:
    """Facts by kind, and rows of what may never be doubled."""
    with connection.cursor() as cursor:
        cursor.execute("select kind, count(*) from platform_event group by kind")
        facts = {f"event {kind}": count for kind, count in cursor.fetchall()}
        for table in ("ledger_transfer", "settlement_instruction", "vouchers_holding", "vouchers_signedact"):
            cursor.execute(f"select count(*) from {table}")
            facts[table] = cursor.fetchone()[0]
        for table in ("platform_performed", "claims_use", "limits_use", "claims_registration", "financing_quote"):
            cursor.execute(f"select count(*) from {table}")
            facts[table] = cursor.fetchone()[0]
        cursor.execute(
            "select purpose, count(*) from settlement_instruction where reason_code = %s group by 1", [NOT_RECEIVED]
        )
        for purpose, lost in cursor.fetchall():
            for what in AROUND_A_LOST_ONE + REOPENED * (purpose == Purpose.FINANCING_PROCEEDS.value):
                facts[what] = facts.get(what, 0) - lost
    return facts


def _register(stories: list[dict[str, str]]) -> Iterator[str]:
    """The face is conserved over the parts, and every claim was used for one voucher."""
    for story in stories:
        voucher = voucher_queries.get(actor=SYSTEM, voucher_id=VoucherId(UUID(story["voucher"])))
        parts = voucher_queries.parts(actor=SYSTEM, voucher_id=voucher.id)
        leaves = [p for p in parts if p.state.value != "split"]
        if voucher.face != FACE or sum(p.amount.minor for p in leaves) != FACE.minor:
            yield f"{voucher.number}: parts {[str(p.amount) for p in leaves]} of {voucher.face}"
    with connection.cursor() as cursor:
        cursor.execute("select count(*), count(distinct payable_id) from vouchers_voucher")
        vouchers, payables = cursor.fetchone()
    if (vouchers, payables) != (len(stories), len(stories)):
        yield f"{vouchers} vouchers over {payables} payables in {len(stories)} stories"


def _money(stories: list[dict[str, str]]) -> Iterator[str]:
    """The bank's own books hold what the stories say, and the mirror books say the same."""
    firms = {short: party_queries.account_by_email(f"maker@{short}.example") for short in OPENING}
    ids = {s: party_queries.organisations_of(a.id, clock.today())[0].id for s, a in firms.items()}
    books = httpx.get(f"{outside.read().banks[0].url}/books", timeout=30).json()
    if not books["consistent"]:
        yield "the bank's books are not consistent"
    held = {row["account"]: row["balance_minor"] for row in books["accounts"]}
    net = _net(stories)
    redeemed = sum(1 for story in stories if story.get("mature"))
    expected = {
        "core": -FACE.minor * redeemed,
        "supplier-one": net,
        "supplier-two": PASSED.minor * redeemed,
        "bank-one": -net + (FACE.minor - PASSED.minor) * redeemed,
    }
    for short, change in expected.items():
        (account,) = settlement.accounts(actor=SYSTEM, party_id=ids[short], currency="USD")
        opening = Money.parse(OPENING[short], "USD").minor
        if held[account.number] != opening + change:
            yield f"{short} has {held[account.number]} at {BANK}, expected {opening + change}"
        mirror = _mirror(ids[short], Chart.BANK)
        if mirror != change:
            yield f"{short}: mirror book {mirror}, bank {change}"


def _mirror(party_id: UUID, *charts: Chart) -> int:
    """What a party's mirror book holds on some accounts; nothing as long as it has no book."""
    try:
        lines = ledger.trial_balance(actor=SYSTEM, book=book_of(BookKind.MIRROR, party_id))
    except BookNotFound:
        return 0
    return sum(line.balance.net().minor for line in lines if line.account.chart_code in charts)


def _net(stories: list[dict[str, str]]) -> int:
    wanted = {UUID(story["financing"]) for story in stories if story.get("cash")}
    found = [f for f in financing_queries.financings(actor=SYSTEM, limit=10_000) if f.id in wanted]
    return sum(f.quote.net.minor for f in found)


def _sound() -> Iterator[str]:
    """Ledger, log and every evidenced row recomputed; register = ledger; nothing parked, nothing unnumbered."""
    verified = ledger.verify()
    yield from (f"ledger: {difference}" for difference in verified.differences)
    log = evidence.audit_log(policy=read_policy(home()), log_vkey=LocalKey(secret("log")).vkey)
    rows = audit_rows(wiring.EVIDENCED)
    yield from (f"log: {finding}" for finding in log.findings)
    yield from (f"row: {finding}" for finding in rows.findings)
    if left := events.unsequenced():
        yield f"{left} events without a position"
    with connection.cursor() as cursor:
        cursor.execute("select consumer, left(error, 400) from platform_parked where resolved_at is null")
        yield from (f"parked at {consumer}: {error}" for consumer, error in cursor.fetchall())
    for (holder, currency), minor in voucher_queries.positions().items():
        claims = _mirror(holder, Chart.AR_VOUCHER, Chart.FACTORING_ASSET)
        if claims != minor:
            yield f"{holder}: register {minor} {currency}, ledger {claims}"
    yield from (f"totals: {difference}" for difference in voucher_queries.miscounted())


def _instructions() -> Iterator[str]:
    """One payment per purpose and subject, settled and booked once by the bank; besides it only what never got there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select state, count(*) from settlement_instruction where reason_code <> %s group by state", [NOT_RECEIVED]
        )
        states = Counter(dict(cursor.fetchall()))
        if set(states) - {"settled"}:
            yield f"payments not settled: {dict(states)}"
        cursor.execute(
            "select purpose, subject_id from settlement_instruction group by 1, 2 "
            "having count(*) filter (where state = 'settled') <> 1"
        )
        yield from (f"not paid exactly once: {row}" for row in cursor.fetchall())
        cursor.execute("select bank_reference, count(*) from settlement_entry group by 1 having count(*) > 1")
        yield from (f"taken in twice: {row}" for row in cursor.fetchall())
