"""Reading pain.001.001.09 (customer credit transfer initiation): only what a bank needs to pay."""

from __future__ import annotations

from dataclasses import dataclass

from fourflow_sandbox import amounts
from fourflow_sandbox.iso20022 import xml
from fourflow_sandbox.iso20022.xml import Element, text

MESSAGE = "pain.001.001.09"
_LONGEST_REMITTANCE = 1000


@dataclass(frozen=True)
class Order:
    """One transfer. ``fault`` is the reason code when the order itself cannot be understood, else empty."""

    payment_information_id: str
    instruction_id: str
    end_to_end_id: str
    requested_date: str
    debtor_account: str
    debtor_name: str
    creditor_account: str
    creditor_name: str
    creditor_bank: str
    currency: str
    amount_minor: int
    purpose: str
    remittance: str
    fault: str


@dataclass(frozen=True)
class Initiation:
    """One message. ``fault`` is the reason code when the group as a whole is refused, else empty."""

    message_id: str
    created: str
    orders: tuple[Order, ...]
    fault: str


def _account(element: Element | None) -> str:
    return text(element, "Id/Othr/Id") or text(element, "Id/IBAN")


def _agent(element: Element | None) -> str:
    names = ("ClrSysMmbId/MmbId", "Othr/Id", "BICFI")
    return next((found for n in names if (found := text(element, f"FinInstnId/{n}"))), "")


def _remittance(transfer: Element) -> str:
    places = ("RmtInf/Ustrd", "RmtInf/Strd/RfrdDocInf/Nb", "RmtInf/Strd/CdtrRefInf/Ref")
    lines = [element.text or "" for place in places for element in transfer.findall(place)]
    return " ".join(" ".join(lines).split())[:_LONGEST_REMITTANCE]


def _order(information: Element, transfer: Element) -> Order:
    amount = transfer.find("Amt/InstdAmt")
    currency = "" if amount is None else amount.get("Ccy", "")
    minor = amounts.to_minor(text(transfer, "Amt/InstdAmt"), currency)
    debtor, creditor = _account(information.find("DbtrAcct")), _account(transfer.find("CdtrAcct"))
    fault = ""
    if not 0 < len(debtor) <= 34 or not 0 < len(creditor) <= 34:
        fault = "AC01"
    elif not amounts.is_currency(currency):
        fault = "AM11"
    elif minor is None:
        fault = "AM12"
    elif minor == 0:
        fault = "AM01"
    elif text(information, "PmtMtd") != "TRF":
        fault = "FF03"
    return Order(
        payment_information_id=text(information, "PmtInfId")[:35],
        instruction_id=text(transfer, "PmtId/InstrId")[:35],
        end_to_end_id=text(transfer, "PmtId/EndToEndId"),
        requested_date=(text(information, "ReqdExctnDt/Dt") or text(information, "ReqdExctnDt/DtTm"))[:10],
        debtor_account=debtor,
        debtor_name=text(information, "Dbtr/Nm")[:140],
        creditor_account=creditor,
        creditor_name=text(transfer, "Cdtr/Nm")[:140],
        creditor_bank=_agent(transfer.find("CdtrAgt")),
        currency=currency,
        amount_minor=minor or 0,
        purpose=text(transfer, "Purp/Cd")[:4],
        remittance=_remittance(transfer),
        fault=fault,
    )


def _control_sum_differs(header: Element | None, transfers: list[Element]) -> bool:
    stated = text(header, "CtrlSum")
    if not stated:
        return False
    wanted = amounts.to_minor(stated, "KWD")
    found = [amounts.to_minor(text(t, "Amt/InstdAmt"), "KWD") or 0 for t in transfers]
    return wanted != sum(found)


def _group_fault(header: Element | None, orders: list[Order], transfers: list[Element]) -> str:
    names = [order.end_to_end_id for order in orders]
    if not all(0 < len(n) <= 35 and n != "NOTPROVIDED" for n in names):
        return "FF10"
    if len(set(names)) != len(names):
        return "DU04"
    if text(header, "NbOfTxs") != str(len(orders)) or not orders:
        return "AM18"
    return "AM10" if _control_sum_differs(header, transfers) else ""


def read(body: bytes) -> Initiation:
    """Read a message.

    :raises NotAcceptable: no pain.001.001.09, or one without a message identification to answer to.
    """
    message = xml.parse(body, MESSAGE)
    header = message.find("GrpHdr")
    message_id = text(header, "MsgId")
    if message.tag != "CstmrCdtTrfInitn" or not 0 < len(message_id) <= 35:
        raise xml.NotAcceptable("expected CstmrCdtTrfInitn with GrpHdr/MsgId")
    pairs = [(info, transfer) for info in message.findall("PmtInf") for transfer in info.findall("CdtTrfTxInf")]
    orders = [_order(info, transfer) for info, transfer in pairs]
    fault = _group_fault(header, orders, [transfer for _, transfer in pairs])
    return Initiation(message_id, text(header, "CreDtTm"), tuple(orders), fault)
