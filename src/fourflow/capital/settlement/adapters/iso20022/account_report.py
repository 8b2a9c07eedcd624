"""camt.054 notifications and camt.053 statements: what a bank booked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lxml import etree

from fourflow.capital.settlement.adapters.iso20022.reading import (
    Element,
    all_at,
    amount,
    day,
    first,
    needed,
    parse,
    text,
)
from fourflow.capital.settlement.ports import RawMessage, Statement, StatementLine
from fourflow.capital.settlement.types import BankEntry, Direction, MessageRefused
from fourflow.platform.money import Money


def read_notification(body: bytes) -> tuple[RawMessage, tuple[BankEntry, ...]]:
    """The booked entries of a camt.054, in the order of the bank; pending ones are left for when they are booked.

    :raises MessageRefused: not a readable camt.054.
    """
    message = parse(body, "camt.054")
    entries = tuple(entry for one in all_at(message, "Ntfctn") for entry in _entries(one))
    return _raw(message, body), entries


def read_statements(body: bytes) -> tuple[Statement, ...]:
    """Every statement of a camt.053.

    :raises MessageRefused: not a readable camt.053, or a statement without opening and closing balance.
    """
    message = parse(body, "camt.053")
    raw = _raw(message, body)
    return tuple(_statement(raw, one) for one in all_at(message, "Stmt"))


def _raw(message: Element, body: bytes) -> RawMessage:
    kind = (etree.QName(message).namespace or "").rpartition(":")[2]
    return RawMessage(kind, body, needed(message, "GrpHdr/MsgId"))


def _statement(raw: RawMessage, statement: Element) -> Statement:
    opening, closing = _balance(statement, "OPBD", "PRCD"), _balance(statement, "CLBD")
    lines = tuple(StatementLine(i, entry) for i, entry in enumerate(_entries(statement), start=1))
    return Statement(
        message=raw,
        statement_id=needed(statement, "Id"),
        account_number=_account_number(statement),
        currency=closing.currency,
        day=_day_of(statement),
        opening=opening,
        closing=closing,
        lines=lines,
    )


def _day_of(statement: Element) -> date:
    for balance in all_at(statement, "Bal"):
        if text(balance, "Tp/CdOrPrtry/Cd") == "CLBD":
            return day(balance, "Dt")
    return day(statement, "FrToDt/ToDtTm", "CreDtTm")


def _balance(statement: Element, *codes: str) -> Money:
    for code in codes:
        for balance in all_at(statement, "Bal"):
            if text(balance, "Tp/CdOrPrtry/Cd") == code:
                value = amount(first(balance, "Amt"))
                return value if _direction(balance) is Direction.CREDIT else -value
    raise MessageRefused(field="Bal", reason="missing", expected=list(codes))


def _account_number(parent: Element) -> str:
    return needed(parent, "Acct/Id/Othr/Id", "Acct/Id/IBAN")


def _direction(parent: Element) -> Direction:
    code = needed(parent, "CdtDbtInd")
    if code not in ("CRDT", "DBIT"):
        raise MessageRefused(field="CdtDbtInd", value=code[:40], expected=["CRDT", "DBIT"])
    return Direction.CREDIT if code == "CRDT" else Direction.DEBIT


@dataclass(frozen=True)
class _Booking:
    """What is said once per entry, shared by the transactions inside it."""

    number: str
    element: Element
    money: Money

    def entry(self, details: Element | None, reference: str, money: Money) -> BankEntry:
        entry, direction = self.element, _direction(self.element)
        side = "Dbtr" if direction is Direction.CREDIT else "Cdtr"
        parties = first(details, "RltdPties")
        return BankEntry(
            account_number=self.number,
            currency=money.currency,
            bank_reference=reference,
            direction=direction,
            amount=money,
            booked_on=day(entry, "BookgDt", "ValDt"),
            value_on=day(entry, "ValDt", "BookgDt"),
            end_to_end_id=_given(text(details, "Refs/EndToEndId")),
            remittance=_remittance(details) or text(entry, "AddtlNtryInf"),
            counterparty=text(parties, f"{side}/Pty/Nm", f"{side}/Nm"),
            counterparty_bank=_agent(details, side),
            counterparty_account=text(parties, f"{side}Acct/Id/Othr/Id", f"{side}Acct/Id/IBAN"),
            is_reversal=text(entry, "RvslInd") in ("true", "1"),
        )


def _agent(details: Element | None, side: str) -> str:
    """The other side's bank: by the code it goes by, or its BIC."""
    bank = f"RltdAgts/{side}Agt/FinInstnId"
    return text(details, f"{bank}/Othr/Id", f"{bank}/ClrSysMmbId/MmbId", f"{bank}/BICFI", f"{bank}/BIC")


def _given(reference: str) -> str:
    """An end-to-end id unless it is the standard's word for none."""
    return "" if reference == "NOTPROVIDED" else reference


def _remittance(details: Element | None) -> str:
    parts = [*all_at(details, "RmtInf/Ustrd"), *all_at(details, "RmtInf/Strd/CdtrRefInf/Ref")]
    parts += all_at(details, "RmtInf/Strd/RfrdDocInf/Nb")
    return " ".join((part.text or "").strip() for part in parts)[:500]


def _entries(report: Element) -> Iterator[BankEntry]:
    number = _account_number(report)
    for element in all_at(report, "Ntry"):
        if text(element, "Sts/Cd", "Sts/Prtry", "Sts") != "BOOK":
            continue
        booking = _Booking(number, element, amount(first(element, "Amt")))
        yield from _transactions(booking, all_at(element, "NtryDtls/TxDtls"))


def _transactions(booking: _Booking, details: list[Element]) -> Iterator[BankEntry]:
    """One entry per transaction where the amounts inside a batch add up to its total; else the batch as one entry."""
    own = text(booking.element, "AcctSvcrRef")
    if len(details) > 1:
        parts = [first(one, "Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt") for one in details]
        amounts = [amount(part) for part in parts if part is not None]
        same = all(m.currency == booking.money.currency for m in amounts)
        if len(amounts) == len(details) and same and sum(m.minor for m in amounts) == booking.money.minor:
            for i, (one, money) in enumerate(zip(details, amounts, strict=True), start=1):
                yield booking.entry(one, text(one, "Refs/AcctSvcrRef") or f"{_fallback(booking)}/{i}", money)
            return
    only = details[0] if len(details) == 1 else None
    yield booking.entry(only, own or text(only, "Refs/AcctSvcrRef") or _fallback(booking), booking.money)


def _fallback(booking: _Booking) -> str:
    """Without a reference the bank's own entry number identifies the line; without either it cannot be kept apart."""
    return text(booking.element, "AcctSvcrRef") or needed(booking.element, "NtryRef")
