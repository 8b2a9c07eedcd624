"""Identifiers in addresses: the API's prefixes, a converter for each, and the links that pages draw."""

from __future__ import annotations

from uuid import UUID

from django.urls import register_converter

from fourflow.interfaces.web.components.records import Ident, Link
from fourflow.platform.errors import FourflowError
from fourflow.platform.ids import decode, encode

#: the same prefixes as the API's
PREFIXES = {
    "approval": "apr",
    "voucher": "vch",
    "holding": "hld",
    "payable": "pay",
    "financing": "fin",
    "limit": "lim",
    "instruction": "ins",
    "entry": "ent",
    "event": "evt",
    "message": "msg",
    "party": "prt",
    "claim": "clm",
    "client": "cli",
    "client_proposal": "cpr",
    "batch": "bat",
    "delivery": "dlv",
    "document": "doc",
    "notice": "ntc",
    "quote": "quo",
    "webhook": "whk",
    "webhook_delivery": "whd",
    "application": "app",
    "overlay": "ovl",
    "complaint": "cmp",
    "promise": "prm",
    "parameter": "par",
    "exception": "exc",
    "request": "req",
    "view": "viw",
    "import": "imp",
    "account": "acc",
    "bank_account": "bac",
    "change": "chg",
    "consent": "con",
    "expectation": "exp",
    "publication": "pub",
    "read": "rea",
    "reconciliation": "rcn",
    "record": "rec",
    "registration": "reg",
    "report": "rpt",
    "restriction": "rst",
    "schedule": "sch",
}
_FOLDERS = {
    "approval": "/inbox",
    "voucher": "/vouchers",
    "holding": "/holdings",
    "payable": "/payables",
    "financing": "/financing",
    "limit": "/limits",
    "instruction": "/payments",
    "party": "/parties",
    "webhook_delivery": "/webhooks/log",
    "webhook": "/webhooks",
    "client": "/clients",
    "delivery": "/deliveries",
    "import": "/imports",
    "application": "/applications",
    "complaint": "/complaints",
    "parameter": "/parameters",
    "reconciliation": "/reconciliations",
    "request": "/requests",
    "schedule": "/schedules",
}
#: kinds that have acts and no page of their own: the list of that one row shows them
_ROWS = frozenset({"complaint", "parameter"})
#: kinds without a page of their own, and where they lie while somebody has to do something about them
_LISTS = {"entry": "/unmatched"}


class _Converter:
    regex = "[a-z]{3}_[0-9A-Za-z]{26}"
    prefix = ""

    def to_python(self, value: str) -> UUID:
        try:
            return decode(self.prefix, value)
        except FourflowError:
            raise ValueError(value) from None

    def to_url(self, value: UUID) -> str:
        return encode(self.prefix, value)


def register() -> None:
    """Make ``<voucher:voucher_id>`` and the others usable in addresses. What does not decode matches nothing: 404."""
    for kind, prefix in PREFIXES.items():
        register_converter(type(f"{kind.capitalize()}Converter", (_Converter,), {"prefix": prefix}), kind)


def text(kind: str, value: UUID) -> str:
    """``vch_01J…``"""
    return encode(PREFIXES[kind], value)


def to(kind: str, value: UUID, tail: str = "") -> str:
    """The address of an object's page, or of the list where it lies."""
    if kind in _LISTS:
        return f"{_LISTS[kind]}?id={text(kind, value)}"
    if kind in _ROWS and not tail:
        return f"{_FOLDERS[kind]}?id={text(kind, value)}"
    return f"{_FOLDERS[kind]}/{text(kind, value)}{tail}"


def is_page(kind: str) -> bool:
    """Whether objects of a kind are shown by an address of their own."""
    return kind in _FOLDERS


def link(kind: str, value: UUID, words: str, sub: str = "") -> Link:
    return Link(words, to(kind, value), sub)


def ident(kind: str, value: UUID) -> Ident:
    return Ident(text(kind, value), to(kind, value) if is_page(kind) else "")


def read(kind: str, value: str) -> UUID | None:
    """An id that a form or query gave; None when it is none."""
    try:
        return decode(PREFIXES[kind], value.strip())
    except FourflowError:
        return None


def is_id(text: str) -> bool:
    """Whether a cursor of an address is a key as pages give it."""
    try:
        UUID(text)
    except ValueError:
        return False
    return True
