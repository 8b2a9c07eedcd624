"""The menus of the five workspaces, by permission, and which requests for approval a person's functions can decide."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fourflow.foundation.parties.types import Actor, Permission, RoleKind
from fourflow.interfaces.web.components.shell import MenuItem, MenuSection, Words, visible_menu

P = Permission


@dataclass(frozen=True, slots=True)
class Waiting:
    """A kind of request in the inbox: what it is called and the permissions one of which decides it."""

    label: Words
    permissions: frozenset[Permission]


#: the approval kinds of the house; the operation behind each stands in pages/decisions.py
APPROVALS: dict[str, Waiting] = {
    "voucher.issue": Waiting(_("Issue a voucher"), frozenset({P.VOUCHER_CHECK})),
    "financing.decide": Waiting(_("Check a financing decision"), frozenset({P.FINANCING_CHECK})),
    "limit.publish": Waiting(_("Publish a credit line"), frozenset({P.LIMIT_CHECK})),
    "parameter.set": Waiting(_("Change a parameter"), frozenset({P.PARAMETER_CHECK})),
    "party.onboard": Waiting(_("Admit a party"), frozenset({P.PARTY_CHECK})),
    "party.change": Waiting(_("Change a party"), frozenset({P.PARTY_CHECK, P.MEMBER_CHECK})),
    "access.recover": Waiting(_("Let somebody in again"), frozenset({P.MEMBER_CHECK})),
    "client.terms": Waiting(_("Admit an API client"), frozenset({P.MEMBER_CHECK})),
    "party.lift": Waiting(_("Lift a restriction"), frozenset({P.RESTRICTION_CHECK})),
}
#: kinds of which several requests may be decided at once: none of them releases money, admits a firm or lets somebody in
TOGETHER = frozenset({"voucher.issue", "limit.publish", "parameter.set"})
ROLES: dict[RoleKind, Words] = {
    RoleKind.OPERATOR: _("Operator"),
    RoleKind.CORE: _("Core enterprise"),
    RoleKind.SUPPLIER: _("Supplier"),
    RoleKind.FUNDER: _("Bank"),
    RoleKind.REGULATOR: _("Regulator"),
    RoleKind.WAREHOUSE: _("Warehouse"),
    RoleKind.CARRIER: _("Carrier"),
    RoleKind.GUARANTOR: _("Guarantor"),
    RoleKind.FUND: _("Fund"),
}
ORDER = (RoleKind.OPERATOR, RoleKind.REGULATOR, RoleKind.FUNDER, RoleKind.CORE, RoleKind.SUPPLIER)


def kinds_of(actor: Actor) -> list[str]:
    """The kinds of requests that the actor's functions decide."""
    return [kind for kind, waiting in APPROVALS.items() if waiting.permissions & actor.permissions]


def main_role(roles: Collection[RoleKind]) -> RoleKind | None:
    """The role that shapes the workspace where an organisation has several."""
    return next((role for role in ORDER if role in roles), next(iter(roles), None))


def role_words(roles: Collection[RoleKind]) -> Words:
    role = main_role(roles)
    return ROLES[role] if role else ""


def for_roles(
    roles: Collection[RoleKind], permissions: Collection[str], path: str, waiting: int
) -> tuple[MenuSection, ...]:
    """The menu of a workspace; ``waiting`` counts the requests in the inbox."""
    return visible_menu(_sections(main_role(roles), waiting), permissions, path)


def _sections(role: RoleKind | None, waiting: int) -> Iterable[MenuSection]:
    supplier, oversees = role is RoleKind.SUPPLIER, role in (RoleKind.OPERATOR, RoleKind.REGULATOR)
    home = MenuItem(_("Cash now?") if supplier else _("Overview"), "/", "cash" if supplier else "home", key="o")
    inbox = MenuItem(_("To sign") if supplier else _("Inbox"), "/inbox", "inbox", key="i", count=waiting or None)
    told = MenuItem(_("Messages"), "/messages", "message", None, key="e")
    yield MenuSection("", (home, inbox, told))
    own = []
    if role in (RoleKind.CORE, RoleKind.SUPPLIER):
        own.append(MenuItem(_("Deliveries"), "/deliveries", "doc", P.CLAIM_RECORD.value, key="d"))
        own.append(MenuItem(_("Invoices"), "/invoices", "doc", P.DOCUMENT_VIEW.value))
    own += [
        MenuItem(_("Payables"), "/payables", "payable", P.CLAIM_VIEW.value, key="p"),
        MenuItem(_("Vouchers"), "/vouchers", "voucher", P.VOUCHER_VIEW.value, key="v"),
    ]
    if role is RoleKind.CORE:
        own.append(MenuItem(_("Issue vouchers"), "/issue", "plus", P.VOUCHER_ISSUE.value, key="n"))
    if supplier:
        own.append(MenuItem(_("My holdings"), "/holdings", "split", P.VOUCHER_VIEW.value, key="h"))
    own.append(MenuItem(_("Financing"), "/financing", "bank", P.FINANCING_VIEW.value, key="f"))
    if not supplier:
        own.append(MenuItem(_("Limits"), "/limits", "limit", P.LIMIT_VIEW.value, key="l"))
    yield MenuSection(_("Transactions"), tuple(own))
    settlement = [MenuItem(_("Payments"), "/payments", "payment", P.PAYMENT_VIEW.value, key="y")]
    if role is not RoleKind.REGULATOR:
        settlement.append(MenuItem(_("Books"), "/books", "report", P.LEDGER_READ.value))
    settlement.append(MenuItem(_("Unmatched cash"), "/unmatched", "suspense", P.PAYMENT_VIEW.value, key="u"))
    settlement.append(MenuItem(_("Alerts"), "/alerts", "alert", P.VOUCHER_VIEW.value))
    settlement.append(MenuItem(_("Overdue"), "/overdue", "clock", P.VOUCHER_VIEW.value, key="z"))
    if role in (RoleKind.OPERATOR, RoleKind.REGULATOR, RoleKind.SUPPLIER, RoleKind.FUNDER):
        settlement.append(MenuItem(_("Complaints"), "/complaints", "hand", P.VOUCHER_VIEW.value, key="m"))
    yield MenuSection(pgettext_lazy("menu", "Settlement"), tuple(settlement))
    governance = [MenuItem(_("Firms"), "/parties", "company", P.PARTY_VIEW.value, key="c")]
    governance.append(MenuItem(_("Report schedules"), "/schedules", "clock", None))
    if oversees:
        governance.append(MenuItem(_("Statistics"), "/statistics", "report", P.REPORT_VIEW.value, key="s"))
    if oversees:
        governance.append(MenuItem(_("Applications"), "/applications", "people", P.PARTY_VIEW.value, key="w"))
        governance.append(MenuItem(_("Parameters"), "/parameters", "rule", P.PARAMETER_VIEW.value, key="r"))
    if oversees:
        governance.append(MenuItem(_("Evidence requests"), "/requests", "search", P.REPORT_VIEW.value, key="q"))
    read = _("Data read") if oversees else _("Who looked at our data")
    governance.append(MenuItem(read, "/reads", "eye", P.PARTY_VIEW.value))
    if oversees:
        governance.append(MenuItem(_("Emergencies"), "/emergencies", "alert", None))
    if role is RoleKind.OPERATOR:
        governance.append(MenuItem(_("Operations"), "/operations", "clock", None, also=("/sandbox",)))
    governance.append(MenuItem(_("Team"), "/team", "people", P.PARTY_VIEW.value))
    governance.append(MenuItem(_("Recoveries"), "/recoveries", "key", P.MEMBER_EDIT.value))
    seen = P.PARTY_VIEW if oversees else P.WEBHOOK_EDIT
    beside = ("/webhooks", "/explorer")
    governance.append(MenuItem(_("Developers"), "/clients", "link", seen.value, key="b", also=beside))
    governance.append(MenuItem(_("Evidence"), "/audit", "audit", None, key="a", also=("/events",)))
    yield MenuSection(_("Governance"), tuple(governance))
