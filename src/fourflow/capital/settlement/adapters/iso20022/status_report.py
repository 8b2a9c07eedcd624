"""pain.002: what a bank says about payments handed to it."""

from __future__ import annotations

from lxml import etree

from fourflow.capital.settlement.adapters.iso20022.reading import all_at, amount, first, needed, parse, text
from fourflow.capital.settlement.ports import RawMessage, Reply
from fourflow.capital.settlement.types import Answer, AnswerStatus, MessageRefused

#: External status codes. ACSC: settled on the payer's account; ACCC: on the payee's; the other acceptances promise
#: nothing yet.
STATUS = {
    "ACSC": AnswerStatus.SETTLED,
    "ACCC": AnswerStatus.SETTLED,
    "RJCT": AnswerStatus.REJECTED,
    "PDNG": AnswerStatus.PENDING,
    "RCVD": AnswerStatus.PENDING,
    "ACTC": AnswerStatus.ACCEPTED,
    "ACCP": AnswerStatus.ACCEPTED,
    "ACSP": AnswerStatus.ACCEPTED,
    "ACWC": AnswerStatus.ACCEPTED,
    "ACFC": AnswerStatus.ACCEPTED,
}


def read(body: bytes, sent_ids: tuple[str, ...] = ()) -> Reply:
    """Every answer in a report.

    A report that judges the group or a block and names no transaction speaks of all of ``sent_ids``.

    :raises MessageRefused: not a readable pain.002, or a status code that nobody defined.
    """
    report = parse(body, "pain.002")
    answers: list[Answer] = []
    for block in all_at(report, "OrgnlPmtInfAndSts"):
        answers.extend(_answer(transaction, block) for transaction in all_at(block, "TxInfAndSts"))
    if not answers:
        group = first(report, "OrgnlGrpInfAndSts")
        block_status = text(first(report, "OrgnlPmtInfAndSts"), "PmtInfSts")
        status = text(group, "GrpSts") or block_status
        if status:
            code, reason = _reason(first(report, "OrgnlPmtInfAndSts") if block_status else group)
            answers = [Answer(sent, _status(status), "", code, reason) for sent in sent_ids]
    kind = (etree.QName(report).namespace or "").rpartition(":")[2]
    return Reply(RawMessage(kind, body, needed(report, "GrpHdr/MsgId")), tuple(answers))


def _answer(transaction: etree._Element, block: etree._Element) -> Answer:
    code, reason = _reason(transaction)
    if not code:
        code, reason = _reason(block)
    money = first(transaction, "OrgnlTxRef/Amt/InstdAmt", "OrgnlTxRef/IntrBkSttlmAmt")
    return Answer(
        end_to_end_id=needed(transaction, "OrgnlEndToEndId", "OrgnlInstrId"),
        status=_status(text(transaction, "TxSts") or text(block, "PmtInfSts")),
        bank_reference=text(transaction, "AcctSvcrRef", "ClrSysRef"),
        reason_code=code,
        reason=reason,
        amount=amount(money) if money is not None else None,
    )


def _status(code: str) -> AnswerStatus:
    try:
        return STATUS[code]
    except KeyError:
        raise MessageRefused(field="TxSts", value=code[:40], expected=sorted(STATUS)) from None


def _reason(parent: etree._Element | None) -> tuple[str, str]:
    information = first(parent, "StsRsnInf")
    additional = " ".join((e.text or "").strip() for e in all_at(information, "AddtlInf"))
    return text(information, "Rsn/Cd", "Rsn/Prtry"), additional
