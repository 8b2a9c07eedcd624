"""Writing camt.054.001.08 (notification of one booked entry) and camt.053.001.08 (end-of-day statement)."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from fourflow_sandbox.amounts import to_text
from fourflow_sandbox.iso20022.xml import Element, Writer, put, put_if

NOTIFICATION = "camt.054.001.08"
STATEMENT = "camt.053.001.08"


@dataclass(frozen=True)
class Account:
    """The account reported on."""

    number: str
    owner_name: str
    currency: str
    bank_code: str
    bank_name: str


@dataclass(frozen=True)
class Entry:
    """One booked movement: ``credit`` tells the direction as the account's owner sees it; amounts in minor units."""

    account: Account
    bank_reference: str
    credit: bool
    amount_minor: int
    booked_on: str
    end_to_end_id: str
    instruction_id: str
    payment_information_id: str
    message_id: str
    debtor_name: str
    debtor_account: str
    debtor_agent: str
    creditor_name: str
    creditor_account: str
    purpose: str
    remittance: str


def _amount(parent: Element, minor: int, currency: str) -> None:
    put(parent, "Amt", to_text(abs(minor), currency), Ccy=currency)


def _direction(parent: Element, credit: bool) -> None:
    put(parent, "CdtDbtInd", "CRDT" if credit else "DBIT")


def _account(parent: Element, account: Account) -> None:
    part = put(parent, "Acct")
    put(part, "Id/Othr/Id", account.number)
    put(part, "Ccy", account.currency)
    put(part, "Ownr/Nm", account.owner_name[:140])
    institution = put(part, "Svcr/FinInstnId")
    put(institution, "Nm", account.bank_name[:140])
    put(institution, "Othr/Id", account.bank_code)


def _transaction_code(parent: Element, credit: bool) -> None:
    domain = put(parent, "BkTxCd/Domn")
    put(domain, "Cd", "PMNT")
    family = put(domain, "Fmly")
    put(family, "Cd", "RCDT" if credit else "ICDT")
    put(family, "SubFmlyCd", "OTHR")


def _parties(parent: Element, entry: Entry) -> None:
    sides = (("Dbtr", entry.debtor_name, entry.debtor_account), ("Cdtr", entry.creditor_name, entry.creditor_account))
    if not any(name or account for _, name, account in sides):
        return
    part = put(parent, "RltdPties")
    for tag, name, account in sides:
        if name:
            put(part, f"{tag}/Pty/Nm", name[:140])
        if account:
            put(part, f"{tag}Acct/Id/Othr/Id", account[:34])


def _agents(parent: Element, entry: Entry) -> None:
    if entry.credit and entry.debtor_agent:
        put(parent, "RltdAgts/DbtrAgt/FinInstnId/Othr/Id", entry.debtor_agent)


def _details(parent: Element, entry: Entry) -> None:
    details = put(parent, "NtryDtls/TxDtls")
    references = put(details, "Refs")
    put_if(references, "MsgId", entry.message_id)
    put(references, "AcctSvcrRef", entry.bank_reference)
    put_if(references, "PmtInfId", entry.payment_information_id)
    put_if(references, "InstrId", entry.instruction_id)
    put(references, "EndToEndId", entry.end_to_end_id or "NOTPROVIDED")
    _amount(details, entry.amount_minor, entry.account.currency)
    _direction(details, entry.credit)
    _parties(details, entry)
    _agents(details, entry)
    put_if(details, "Purp/Cd", entry.purpose)
    if entry.remittance:
        remittance = put(details, "RmtInf")
        for line in textwrap.wrap(entry.remittance, 140, break_on_hyphens=False):
            put(remittance, "Ustrd", line)


def _entry(parent: Element, entry: Entry) -> None:
    part = put(parent, "Ntry")
    put(part, "NtryRef", entry.bank_reference)
    _amount(part, entry.amount_minor, entry.account.currency)
    _direction(part, entry.credit)
    put(part, "Sts/Cd", "BOOK")
    put(part, "BookgDt/Dt", entry.booked_on)
    put(part, "ValDt/Dt", entry.booked_on)
    put(part, "AcctSvcrRef", entry.bank_reference)
    _transaction_code(part, entry.credit)
    _details(part, entry)


def _header(writer: Writer, message_id: str, created: str) -> None:
    header = put(writer.root, "GrpHdr")
    put(header, "MsgId", message_id)
    put(header, "CreDtTm", created)


def notification(*, message_id: str, created: str, entry: Entry) -> bytes:
    """camt.054 for one entry."""
    writer = Writer(NOTIFICATION, "BkToCstmrDbtCdtNtfctn")
    _header(writer, message_id, created)
    part = put(writer.root, "Ntfctn")
    put(part, "Id", message_id)
    put(part, "CreDtTm", created)
    _account(part, entry.account)
    _entry(part, entry)
    return writer.bytes()


def _balance(parent: Element, code: str, minor: int, currency: str, day: str) -> None:
    part = put(parent, "Bal")
    put(part, "Tp/CdOrPrtry/Cd", code)
    _amount(part, minor, currency)
    _direction(part, minor >= 0)
    put(part, "Dt/Dt", day)


def _totals(parent: Element, entries: Sequence[Entry], currency: str) -> None:
    part = put(parent, "TxsSummry")
    for tag, credit in (("TtlCdtNtries", True), ("TtlDbtNtries", False)):
        chosen = [e.amount_minor for e in entries if e.credit is credit]
        side = put(part, tag)
        put(side, "NbOfNtries", str(len(chosen)))
        put(side, "Sum", to_text(sum(chosen), currency))


def statement(
    *, message_id: str, created: str, account: Account, day: str, opening_minor: int, entries: Sequence[Entry]
) -> bytes:
    """camt.053 for one account and day: opening and closing booked balance, control totals, every entry."""
    writer = Writer(STATEMENT, "BkToCstmrStmt")
    _header(writer, message_id, created)
    part = put(writer.root, "Stmt")
    put(part, "Id", message_id)
    put(part, "CreDtTm", created)
    period = put(part, "FrToDt")
    put(period, "FrDtTm", f"{day}T00:00:00+08:00")
    put(period, "ToDtTm", f"{day}T23:59:59+08:00")
    _account(part, account)
    closing = opening_minor + sum(e.amount_minor if e.credit else -e.amount_minor for e in entries)
    _balance(part, "OPBD", opening_minor, account.currency, day)
    _balance(part, "CLBD", closing, account.currency, day)
    _totals(part, entries, account.currency)
    for entry in entries:
        _entry(part, entry)
    return writer.bytes()
