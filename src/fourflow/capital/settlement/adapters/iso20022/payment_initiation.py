"""pain.001.001.09: credit transfers for a bank to carry out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby

from lxml import etree

from fourflow.capital.settlement.ports import AccountAtBank, PaymentBatch, PaymentOrder, RawMessage
from fourflow.platform.money import exponent

KIND = "pain.001.001.09"
NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{KIND}"

#: Category purpose SUPP: payment to a supplier. Every purpose of ours that is not listed is one.
_CATEGORY = {"loan_repayment": "LOAN", "platform_fee": "CCHD", "funder_fee": "CCHD"}


def build(batch: PaymentBatch) -> RawMessage:
    """The message for a batch: one payment information block per payer account and day, control sums included."""
    document = etree.Element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    initiation = _add(document, "CstmrCdtTrfInitn")
    header = _add(initiation, "GrpHdr")
    _add(header, "MsgId", batch.message_id)
    _add(header, "CreDtTm", batch.created_at.isoformat(timespec="milliseconds"))
    _add(header, "NbOfTxs", str(len(batch.orders)))
    _add(header, "CtrlSum", _control_sum(batch.orders))
    _add(_add(header, "InitgPty"), "Nm", _name(batch.initiator))
    ordered = sorted(batch.orders, key=_block_key)
    for number, (_, orders) in enumerate(groupby(ordered, key=_block_key), start=1):
        _block(initiation, f"{batch.message_id[:30]}-{number}", list(orders))
    body = etree.tostring(document, xml_declaration=True, encoding="UTF-8")
    return RawMessage(kind=KIND, body=body, message_id=batch.message_id)


def _block_key(order: PaymentOrder) -> tuple[date, str, str, str, str]:
    return order.execution_date, order.payer.bank_code, order.payer.number, order.payer.currency, order.ultimate_payer


def _block(parent: etree._Element, block_id: str, orders: Sequence[PaymentOrder]) -> None:
    block, lead = _add(parent, "PmtInf"), orders[0]
    _add(block, "PmtInfId", block_id)
    _add(block, "PmtMtd", "TRF")
    _add(block, "BtchBookg", "false")
    _add(block, "NbOfTxs", str(len(orders)))
    _add(block, "CtrlSum", _control_sum(orders))
    _add(_add(block, "ReqdExctnDt"), "Dt", lead.execution_date.isoformat())
    _add(_add(block, "Dbtr"), "Nm", _name(lead.payer.holder))
    _account(_add(block, "DbtrAcct"), lead.payer)
    _agent(_add(block, "DbtrAgt"), lead.payer)
    if lead.ultimate_payer:
        _add(_add(block, "UltmtDbtr"), "Nm", _name(lead.ultimate_payer))
    _add(block, "ChrgBr", "SLEV")
    for order in orders:
        _transfer(block, order)


def _transfer(block: etree._Element, order: PaymentOrder) -> None:
    transfer = _add(block, "CdtTrfTxInf")
    ids = _add(transfer, "PmtId")
    _add(ids, "InstrId", order.end_to_end_id)
    _add(ids, "EndToEndId", order.end_to_end_id)
    money = _add(_add(transfer, "Amt"), "InstdAmt", _decimal(order.amount.decimal, order.amount.currency))
    money.set("Ccy", order.amount.currency)
    if order.payee.bank_code or order.payee.bic:
        _agent(_add(transfer, "CdtrAgt"), order.payee)
    _add(_add(transfer, "Cdtr"), "Nm", _name(order.payee.holder))
    _account(_add(transfer, "CdtrAcct"), order.payee)
    _add(_add(transfer, "Purp"), "Cd", _CATEGORY.get(order.purpose.value, "SUPP"))
    if remittance := _plain(order.remittance, 140):
        _add(_add(transfer, "RmtInf"), "Ustrd", remittance)


def _account(parent: etree._Element, account: AccountAtBank) -> None:
    _add(_add(_add(parent, "Id"), "Othr"), "Id", account.number)
    _add(parent, "Ccy", account.currency)


def _agent(parent: etree._Element, account: AccountAtBank) -> None:
    institution = _add(parent, "FinInstnId")
    if account.bic:
        _add(institution, "BICFI", account.bic)
    if account.bank_code:
        _add(_add(institution, "Othr"), "Id", account.bank_code)


def _control_sum(orders: Iterable[PaymentOrder]) -> str:
    """Plain sum of the amounts, whatever their currencies, as the standard defines it."""
    return format(sum((order.amount.decimal for order in orders), Decimal(0)).normalize(), "f")


def _decimal(value: Decimal, currency: str) -> str:
    return f"{value:.{exponent(currency)}f}"


def _name(name: str) -> str:
    return _plain(name, 140)


def _plain(value: str, longest: int) -> str:
    """Without characters that XML forbids or that break a line; cut to the length that the standard allows."""
    return re.sub(r"[\x00-\x1f\x7f\ufffe\uffff\ud800-\udfff]+", " ", value).strip()[:longest]


def _add(parent: etree._Element, name: str, value: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if value is not None:
        child.text = value
    return child


def end_to_end_ids(body: bytes) -> tuple[str, ...]:
    """The end-to-end ids inside a message that :func:`build` made."""
    return tuple(found.text or "" for found in etree.fromstring(body).iter(f"{{{NAMESPACE}}}EndToEndId"))
