"""Writing pain.002.001.10 (customer payment status report)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from fourflow_sandbox.iso20022.xml import Element, Writer, put, put_if

MESSAGE = "pain.002.001.10"


@dataclass(frozen=True)
class Status:
    """What became of one order: ACCP, ACSC, PDNG or RJCT with a reason code; ``account`` (bank) reference if booked."""

    payment_information_id: str
    instruction_id: str
    end_to_end_id: str
    status: str
    reason: str
    reason_text: str
    accepted_at: str
    bank_reference: str


def _reason(parent: Element, code: str, words: str) -> None:
    reason = put(parent, "StsRsnInf")
    put(reason, "Rsn/Cd", code)
    put_if(reason, "AddtlInf", words[:105])


def _group_status(statuses: Sequence[Status], fault: str) -> str:
    words = {s.status for s in statuses}
    if fault:
        return "RJCT"
    return words.pop() if len(words) == 1 else "PART"


def _transaction(parent: Element, status: Status) -> None:
    part = put(parent, "TxInfAndSts")
    put_if(part, "OrgnlInstrId", status.instruction_id)
    put(part, "OrgnlEndToEndId", status.end_to_end_id)
    put(part, "TxSts", status.status)
    if status.reason:
        _reason(part, status.reason, status.reason_text)
    put_if(part, "AccptncDtTm", status.accepted_at)
    put_if(part, "AcctSvcrRef", status.bank_reference)


def write(
    *,
    message_id: str,
    created: str,
    bank_name: str,
    original_message_id: str,
    statuses: Sequence[Status],
    fault: str = "",
    fault_text: str = "",
) -> bytes:
    """One report on one original message; ``fault`` refuses the group as a whole."""
    writer = Writer(MESSAGE, "CstmrPmtStsRpt")
    header = put(writer.root, "GrpHdr")
    put(header, "MsgId", message_id)
    put(header, "CreDtTm", created)
    put(header, "InitgPty/Nm", bank_name)
    group = put(writer.root, "OrgnlGrpInfAndSts")
    put(group, "OrgnlMsgId", original_message_id)
    put(group, "OrgnlMsgNmId", "pain.001.001.09")
    put(group, "GrpSts", _group_status(statuses, fault))
    if fault:
        _reason(group, fault, fault_text)
    for information_id, members in itertools.groupby(statuses, key=lambda s: s.payment_information_id):
        information = put(writer.root, "OrgnlPmtInfAndSts")
        put(information, "OrgnlPmtInfId", information_id or "NOTPROVIDED")
        for status in members:
            _transaction(information, status)
    return writer.bytes()
