# Made by tools/sync_client.py of fourflow_client/aio/resources/__init__.py; change that one.
"""One namespace a kind of thing; ``client.get``, ``client.post`` and ``client.pages`` reach any address all the same."""

from fourflow_client.resources.access import Access, Clients, Emergencies, Recoveries, Sandbox, Webhooks
from fourflow_client.resources.capital import BankAccounts, Cash, Financings, Ledger, Limits, Papers, Payments
from fourflow_client.resources.oversight import (
    Approvals,
    Events,
    EvidenceRequests,
    Notices,
    Oversight,
    Parameters,
    Schedules,
)
from fourflow_client.resources.parties import Applications, Changes, Consents, Parties, Restrictions
from fourflow_client.resources.register import Claims, Holdings, Objections, Payables, Vouchers
from fourflow_client.resources.trade import Deliveries, Documents, Imports, Invoices, Orders

__all__ = [
    "Access",
    "Applications",
    "Approvals",
    "BankAccounts",
    "Cash",
    "Changes",
    "Claims",
    "Clients",
    "Consents",
    "Deliveries",
    "Documents",
    "Emergencies",
    "Events",
    "EvidenceRequests",
    "Financings",
    "Holdings",
    "Imports",
    "Invoices",
    "Ledger",
    "Limits",
    "Notices",
    "Objections",
    "Orders",
    "Oversight",
    "Papers",
    "Parameters",
    "Parties",
    "Payables",
    "Payments",
    "Recoveries",
    "Restrictions",
    "Sandbox",
    "Schedules",
    "Vouchers",
    "Webhooks",
]
