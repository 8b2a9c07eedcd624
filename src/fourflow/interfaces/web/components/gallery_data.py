"""Invented data for the gallery of components. No page uses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from django.utils.translation import gettext as _

from fourflow.interfaces.web.components import listing as lists
from fourflow.interfaces.web.components.parts import Bar, Bars, Part, PartsBar
from fourflow.interfaces.web.components.records import (
    Banner,
    Change,
    Check,
    Decision,
    Due,
    Empty,
    Ident,
    Kpi,
    Link,
    Problem,
    Receipt,
    ReceiptLine,
    Step,
)
from fourflow.interfaces.web.components.shell import MenuItem, MenuSection
from fourflow.interfaces.web.components.status import KINDS, Status, status
from fourflow.interfaces.web.components.voucher_tree import Node
from fourflow.platform.money import Money


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def menu() -> list[MenuSection]:
    return [
        MenuSection(
            "",
            (
                MenuItem(_("Overview"), "/", "home", key="o"),
                MenuItem(_("Inbox"), "/inbox", "inbox", key="i", count=7, due=True),
            ),
        ),
        MenuSection(
            _("Transactions"),
            (
                MenuItem(_("Payables"), "/payables", "payable", key="p", count=24),
                MenuItem(_("Vouchers"), "/vouchers", "voucher", key="v"),
                MenuItem(_("Financing"), "/financing", "cash", key="f"),
                MenuItem(_("Limits"), "/limits", "limit", key="l"),
            ),
        ),
        MenuSection(
            _("Settlement"),
            (
                MenuItem(_("Payments"), "/payments", "payment", key="y"),
                MenuItem(_("Unmatched cash"), "/unmatched", "suspense", key="u", count=1),
            ),
        ),
        MenuSection(
            _("Governance"),
            (
                MenuItem(_("Audit"), "/audit", "audit", key="a"),
                MenuItem(_("Members"), "/members", "company", key="m", permission="nobody"),
                MenuItem(_("Team and approvals"), "/team", "people", key="t"),
            ),
        ),
    ]


def kpis() -> list[Kpi]:
    return [
        Kpi(_("Vouchers outstanding"), usd(5_128_400_000), "/vouchers?status=ACTIVE", _("312 vouchers")),
        Kpi(_("Due within 30 days"), usd(462_110_050), "/vouchers?view=due", _("next on 2014-07-03"), "warn"),
        Kpi(_("Overdue"), usd(18_240_000), "/vouchers?status=OVERDUE", _("1 voucher"), "bad"),
        Kpi(_("Limit available"), usd(1_250_000_000), "/limits", _("of USD 60.00m sanctioned")),
        Kpi(_("To decide"), 7, "/inbox", _("oldest 2 days")),
    ]


COLUMNS = (
    lists.Column("holder", "Holder", lead=True),
    lists.Column("voucher", "Voucher", kind="id"),
    lists.Column("amount", "Amount", kind="money", unit="USD"),
    lists.Column("due", "Due", kind="date"),
    lists.Column("status", "State", kind="status", corner=True),
    lists.Column("waiting", "Waiting for", sortable=False),
    lists.Column("tier", "Tier", kind="number", shown=False),
)
FIRMS = (
    ("Aurobindo Pharma Limited", "Unit III, India"),
    ("CIPLA LIMITED", "Goa, India"),
    ("Hetero Labs", "Unit V, Jadcherla"),
    ("STRIDES ARCOLAB", "Bangalore"),
    ("Orasure Technologies", "Bethlehem PA"),
    ("Trinity Biotech, Plc", "Bray"),
    ("上海复星长征医学科学有限公司", "上海"),
    ("Merck Sharp & Dohme", "Haarlem"),
)
STATES = ("ACTIVE", "LOCKED_FINANCE", "FINANCED", "OVERDUE", "REDEEMED", "ACTIVE", "LOCKED_TRANSFER", "DISPUTED")


def listing(path: str, query: Mapping[str, Sequence[str]], today: date) -> lists.Listing:
    labels = {
        "holder": _("Holder"),
        "voucher": _("Voucher"),
        "amount": _("Amount"),
        "due": _("Due"),
        "status": _("State"),
        "waiting": _("Waiting for"),
        "tier": _("Tier"),
    }
    columns = tuple(
        lists.Column(c.key, labels[c.key], c.kind, c.sortable, c.shown, c.unit, c.lead, c.corner) for c in COLUMNS
    )
    choices = tuple(lists.Choice(key, value.word) for key, value in KINDS["holding"].items())
    filters = (lists.Filter("status", _("State"), choices=choices), lists.Filter("due[lte]", _("Due until"), "date"))
    state = lists.ListState.parse(path, query, columns=columns, filters=filters, default_sort="due")
    rows = [
        lists.Row(
            id=f"hld_01J{n:02d}ABCDEFGHJKMNPQRSTV8F3{n}",
            href="/dev/components",
            amount=usd(12_345_678 * (n + 1) // (1 + n % 3)),
            cells={
                "holder": Link(name, sub=place),
                "voucher": Ident(f"vch_01J8ABCDEFGHJKMNPQRST{n}8F3K"),
                "amount": usd(12_345_678 * (n + 1) // (1 + n % 3)),
                "due": Due(today + timedelta(days=5 * n - 3), today, settled=STATES[n] == "REDEEMED"),
                "status": status("holding", STATES[n]),
                "waiting": "Ping An Bank" if "LOCKED" in STATES[n] else None,
                "tier": 1 + n % 3,
            },
        )
        for n, (name, place) in enumerate(FIRMS)
    ]
    if state.sort.removeprefix("-") == "amount":
        rows.sort(key=lambda row: row.amount.minor if row.amount else 0, reverse=state.sort.startswith("-"))
    if "status" in state.filters:
        rows = [row for row in rows if row.cells["status"] == status("holding", state.filters["status"])]
    total = sum(row.amount.minor for row in rows if row.amount)
    return lists.Listing(
        id="holdings",
        caption=_("Holdings"),
        columns=columns,
        rows=tuple(rows),
        state=state,
        pager=lists.Pager(next_cursor="eyJhIjoxfQ", total=509),
        filters=filters,
        views=(
            lists.SavedView(_("All"), path, current=True, count=509),
            lists.SavedView(_("Due within 30 days"), path + "?view=due", count=41),
            lists.SavedView(_("Waiting for us"), path + "?view=mine", count=3),
        ),
        search=_("Number or firm"),
        bulk_url="/dev/components",
        keeps=True,
        bulk=(lists.BulkAction("export", _("Export")), lists.BulkAction("finance", _("Ask for quotes"), primary=True)),
        totals={"amount": (usd(total),)},
        empty=Empty("filtered", _("No holding matches"), action=Link(_("Clear filters"), path)),
        actions=(Link(_("Issue"), "/vouchers/new"),),
    )


def empty_listing(path: str) -> lists.Listing:
    state = lists.ListState.parse(path, {}, columns=COLUMNS)
    action = Link(_("Confirm a payable"), "/payables")
    return lists.Listing(
        id="none",
        caption=_("Drafts"),
        columns=COLUMNS,
        rows=(),
        state=state,
        export=False,
        empty=Empty("first", _("No draft yet"), _("A voucher starts from a payable that you have confirmed."), action),
    )


def tree() -> Node:
    held, financed, late = status("holding", "ACTIVE"), status("holding", "FINANCED"), status("holding", "OVERDUE")
    return Node(
        "Global Health Programme",
        usd(100_000_000),
        status("voucher", "ACTIVE"),
        children=(
            Node(
                "Aurobindo Pharma Limited",
                usd(100_000_000),
                held,
                "2014-02-11",
                "/dev/components",
                kept=38_000_000,
                passed=42_000_000,
                financed=20_000_000,
                here=True,
                children=(
                    Node(
                        "Aurobindo Unit III, India",
                        usd(30_000_000),
                        financed,
                        "2014-03-02",
                        "/dev/components",
                        passed=12_000_000,
                        financed=18_000_000,
                        children=(
                            Node(
                                "浙江华海药业股份有限公司",
                                usd(12_000_000),
                                held,
                                "2014-03-20",
                                "/dev/components",
                                kept=12_000_000,
                            ),
                        ),
                    ),
                    Node(
                        "MSN Laboratories Pvt. Ltd.",
                        usd(8_500_000),
                        late,
                        "2014-03-04",
                        "/dev/components",
                        kept=8_500_000,
                    ),
                    Node(
                        "Ping An Bank (pledgee)",
                        usd(3_500_000),
                        status("holding", "REDEEMED"),
                        "2014-03-09",
                        "/dev/components",
                        redeemed=3_500_000,
                    ),
                ),
            ),
        ),
    )


def three_parts() -> PartsBar:
    return PartsBar(
        _("Where the face of the voucher is"),
        (
            Part(_("Kept"), usd(38_000_000), "kept"),
            Part(_("Passed down"), usd(42_000_000), "passed"),
            Part(_("Financed"), usd(20_000_000), "financed", "/financing"),
        ),
    )


def limit() -> PartsBar:
    return PartsBar(
        _("Use of the limit"),
        (
            Part(_("Utilised"), usd(3_610_000_000), "used"),
            Part(_("Blocked"), usd(640_000_000), "blocked"),
            Part(_("Available"), usd(1_750_000_000), "free"),
        ),
    )


def ladder() -> Bars:
    amounts = (320, 410, 180, 0, 760, 540, 220, 90, 330, 610, 140, 60)
    bars = tuple(
        Bar(f"{n % 12 + 1:02d}", usd(amount * 1_000_000), "bad" if n == 0 else "info", f"/vouchers?due={n}")
        for n, amount in enumerate(amounts, start=6)
    )
    return Bars(_("Maturities by month"), bars, as_of="2014-06-30", source="USD")


def ageing() -> Bars:
    bars = (
        Bar(_("not due"), usd(5_100_000_000), "info", "/vouchers"),
        Bar(_("1–30 days"), usd(212_000_000), "warn"),
        Bar(_("31–60 days"), usd(40_000_000), "warn"),
        Bar(_("over 60 days"), usd(18_240_000), "bad"),
    )
    return Bars(_("Ageing"), bars, across=True)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2014, 6, day, hour, minute, tzinfo=UTC)


def timeline() -> list[Step]:
    return [
        Step(_("Payable confirmed"), at(2, 2, 14), "Amara Okafor", _("PO SCMS-199289, ASN-28515")),
        Step(_("Issue checked by a second person"), at(2, 6, 40), "Joseph Mwangi"),
        Step(_("Offered to Aurobindo Pharma Limited"), at(2, 6, 41), "Fourflow"),
        Step(_("Accepted and signed"), at(4, 3, 5), "Priya Natarajan", tone="ok"),
        Step(
            _("Payment of USD 182,400.00 timed out; the bank is being asked"),
            at(20, 1, 2),
            "Bank of Sandbox A",
            tone="warn",
        ),
        Step(_("Due"), at(30, 1), body=_("The programme pays; holders are paid in proportion."), tone="next"),
    ]


def receipts() -> list[Receipt]:
    return [
        Receipt(
            _("Net cash"),
            usd(29_550_000),
            (
                ReceiptLine(_("Face financed"), usd(30_000_000)),
                ReceiptLine(_("Interest"), usd(-450_000), "300,000.00 × 4.50% × 120 / 360"),
            ),
            _("Quote of Bank of Sandbox A, valid until 18:00"),
            open=True,
        ),
        Receipt(_("Platform fee"), usd(15_000), (ReceiptLine(_("0.05% of the face"), usd(15_000)),)),
    ]


def banners() -> list[Banner]:
    problem = Problem(
        _("The due date lies 2 days after the statutory one."),
        "supply_contract",
        _("Attach the contract clause that allows it"),
        "/dev/components",
    )
    return [
        Banner(_("12 vouchers were issued."), _("Receivers have been notified; 3 wait for a second signature."), "ok"),
        Banner(_("The bank has not answered yet."), _("We ask again every minute and never send twice."), "warn"),
        Banner(_("This voucher cannot be issued."), "", "bad", (problem,), "req_01J8F3K2Q"),
    ]


def empties() -> list[Empty]:
    return [
        Empty("done", _("Inbox empty"), _("Next deadline: today 18:00.")),
        Empty("waiting", _("Waiting for Ping An Bank"), _("Asked 2 hours ago."), Link(_("Remind"), "#")),
        Empty("forbidden", _("Limits are not shown to you"), _("Joseph Mwangi can grant this.")),
    ]


def decision() -> Decision:
    return Decision(
        action="/dev/components",
        amount=usd(18_240_000),
        label=_("Voucher to Aurobindo Pharma Limited, due 2014-12-01"),
        approve=_("Sign and issue"),
        reject=_("Reject"),
        changes=(
            Change(_("Due date"), date(2014, 11, 28), date(2014, 12, 1)),
            Change(_("Amount"), usd(18_000_000), usd(18_240_000)),
        ),
        since=at(12, 7, 30),
        checks=(
            Check(_("Trade documents: order and delivery"), "pass", "PO + ASN"),
            Check(_("Payable remainder covers the amount"), "pass", "USD 182,400.00"),
            Check(_("Limit of Bank of Sandbox A"), "warn", "14:02", _("93.1% used after this issue")),
            Check(_("Related parties"), "wait", "14:02"),
        ),
        consequence=_("The voucher is offered to the receiver. It binds once the receiver has accepted."),
    )


def facts() -> list[tuple[str, object]]:
    return [
        (_("Voucher"), Ident("vch_01J8ABCDEFGHJKMNPQRSTV8F3K")),
        (_("Face"), usd(100_000_000)),
        (_("Due date"), date(2014, 12, 1)),
        (_("Accepted"), at(4, 3, 5)),
        (_("State"), status("voucher", "ACTIVE")),
    ]


def states() -> dict[str, list[Status]]:
    return {kind: list(table.values()) for kind, table in KINDS.items()}


def chart() -> dict[str, object]:
    days = [(date(2014, 1, 6) + timedelta(days=7 * n)).isoformat() for n in range(26)]
    return {
        "xAxis": {"type": "category", "data": days},
        "yAxis": {"type": "value", "name": "USD m"},
        "series": [{"type": "line", "showSymbol": False, "data": [30 + (n * n * 7 % 23) for n in range(26)]}],
    }
