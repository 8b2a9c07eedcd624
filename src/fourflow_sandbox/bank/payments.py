"""Payment orders: accepted or refused once per EndToEndId, whatever is sent how often."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from fourflow_sandbox import clock, faults, fields
from fourflow_sandbox.bank import books, notices
from fourflow_sandbox.bank.books import Bank, Leg
from fourflow_sandbox.iso20022 import pain001, pain002
from fourflow_sandbox.iso20022.xml import NotAcceptable
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.store import Connection, Row

REASONS = {
    "AC01": "account number unknown",
    "AC04": "account closed",
    "AG01": "payee not allowed for this supervised account",
    "AM01": "amount is zero",
    "AM03": "currency of the account differs",
    "AM04": "insufficient funds",
    "AM10": "control sum differs",
    "AM11": "currency invalid",
    "AM12": "amount invalid for the currency",
    "AM18": "number of transactions differs",
    "BE01": "creditor name is not the account owner",
    "DT01": "execution date invalid",
    "DU04": "EndToEndId not unique within the message",
    "FF03": "payment method is not TRF",
    "FF10": "EndToEndId missing or too long",
    "RC01": "creditor bank unknown or differs from the account",
    "MS03": "no reason given",
}
_ANSWERED = {"scheduled": "PDNG", "pending": "PDNG", "rejected": "RJCT", "booked": "ACCP"}


def _came_from(connection: Connection, account: str, currency: str) -> bool:
    """Whether money of the currency once came from an account outside the sandbox: there it may go back."""
    found = connection.execute(
        "SELECT 1 FROM journal JOIN leg ON leg.journal_id = journal.id JOIN account ON account.number = leg.account"
        " WHERE journal.kind = 'incoming' AND json_extract(journal.details, '$.debtor_account') = ?"
        " AND account.currency = ? LIMIT 1",
        (account, currency),
    )
    return found.fetchone() is not None


def _peer_of(bank: Bank, account: str) -> str:
    """The bank an account number belongs to: own code is empty, an unknown one ``?``."""
    code = account.rstrip("0123456789")
    return "" if code == bank.code else code if code in bank.peers else "?"


def creditor_refusal(row: Row | None, currency: str, name: str) -> str:
    """Why an account cannot be credited, as a reason code; empty when it can."""
    if row is None or row["kind"] not in books.CUSTOMER_KINDS:
        return "AC01"
    if row["state"] != "open":
        return "AC04"
    if row["currency"] != currency:
        return "AM03"
    return "BE01" if name and books.normalised(name) != books.normalised(row["owner_name"]) else ""


def _debtor_refusal(row: Row | None, order: pain001.Order) -> str:
    if row is None or row["kind"] not in books.CUSTOMER_KINDS:
        return "AC01"
    if row["state"] != "open":
        return "AC04"
    if row["currency"] != order.currency:
        return "AM03"
    allowed = row["allowed_payees"]
    return "AG01" if allowed is not None and order.creditor_account not in json.loads(allowed) else ""


def _refusal(connection: Connection, bank: Bank, order: pain001.Order, peer: str) -> str:
    """Everything that refuses an order except funds, which are looked at on the day of execution."""
    if order.fault:
        return order.fault
    try:
        clock.parse_date(order.requested_date)
    except Refusal:
        return "DT01"
    debtor_reason = _debtor_refusal(books.find(connection, order.debtor_account), order)
    if debtor_reason:
        return debtor_reason
    if peer == "?":
        if _came_from(connection, order.creditor_account, order.currency):
            return ""
        return "RC01" if order.creditor_account.rstrip("0123456789") else "AC01"
    if order.creditor_bank and order.creditor_bank != (peer or bank.code):
        return "RC01"
    if peer:
        return ""
    return creditor_refusal(books.find(connection, order.creditor_account), order.currency, order.creditor_name)


def _digest(order: pain001.Order) -> str:
    return fields.digest([order.debtor_account, order.creditor_account, order.currency, order.amount_minor])


def _details(row: Row) -> dict[str, str]:
    order = json.loads(row["body"])
    names = ("instruction_id", "payment_information_id", "creditor_name", "creditor_account", "purpose", "remittance")
    details = {name: order[name] for name in names}
    return details | {
        "debtor_agent": row["debtor_account"].rstrip("0123456789"),
        "end_to_end_id": row["end_to_end_id"],
        "message_id": row["message_id"],
        "debtor_name": order["debtor_name"],
        "debtor_account": row["debtor_account"],
    }


def reject(connection: Connection, end_to_end_id: str, reason: str) -> None:
    """End a payment that was not booked."""
    connection.execute(
        "UPDATE payment SET state = 'rejected', reason = ?, reason_text = ? WHERE end_to_end_id = ?",
        (reason, REASONS.get(reason, ""), end_to_end_id),
    )


def settle(connection: Connection, bank: Bank, end_to_end_id: str, credit_account: str, kind: str) -> None:
    """Book debtor against ``credit_account`` and write the notifications."""
    row = connection.execute("SELECT * FROM payment WHERE end_to_end_id = ?", (end_to_end_id,)).fetchone()
    legs = [Leg(row["debtor_account"], "D", row["amount_minor"]), Leg(credit_account, "C", row["amount_minor"])]
    journal = books.post(connection, bank, kind=kind, source=end_to_end_id, legs=legs, details=_details(row))
    connection.execute(
        "UPDATE payment SET state = 'booked', journal_id = ? WHERE end_to_end_id = ?", (journal, end_to_end_id)
    )
    notices.record(connection, bank, journal)


def execute(connection: Connection, bank: Bank, end_to_end_id: str) -> None:
    """Carry out a scheduled payment: book it here, or hold the money until the peer has answered."""
    row = connection.execute("SELECT * FROM payment WHERE end_to_end_id = ?", (end_to_end_id,)).fetchone()
    debtor = books.required(connection, row["debtor_account"])
    if debtor["state"] != "open":
        reject(connection, end_to_end_id, "AC04")
    elif debtor["balance_minor"] - debtor["held_minor"] < row["amount_minor"]:
        reject(connection, end_to_end_id, "AM04")
    elif row["peer"] == "?":
        settle(connection, bank, end_to_end_id, books.cash(connection, bank, row["currency"]), "transfer")
    elif row["peer"]:
        connection.execute("UPDATE payment SET state = 'pending' WHERE end_to_end_id = ?", (end_to_end_id,))
        connection.execute(
            "UPDATE account SET held_minor = held_minor + ? WHERE number = ?",
            (row["amount_minor"], row["debtor_account"]),
        )
    else:
        name = json.loads(row["body"])["creditor_name"]
        creditor = books.find(connection, row["creditor_account"])
        if reason := creditor_refusal(creditor, row["currency"], name):
            reject(connection, end_to_end_id, reason)
        else:
            settle(connection, bank, end_to_end_id, row["creditor_account"], "transfer")


def _accept(connection: Connection, bank: Bank, message_id: str, order: pain001.Order) -> None:
    known = connection.execute("SELECT digest FROM payment WHERE end_to_end_id = ?", (order.end_to_end_id,)).fetchone()
    if known is not None:
        if known["digest"] != _digest(order):
            raise Refusal(409, "end_to_end_id.differs", end_to_end_id=order.end_to_end_id)
        return
    peer = _peer_of(bank, order.creditor_account)
    reason = _refusal(connection, bank, order, peer)
    told = faults.take_within(connection, "pain.001", {"reject"}, [order.end_to_end_id])
    if told is not None:
        reason = told.reason or "AM04"
    contradict = faults.take_within(connection, "pain.001", {"contradict"}, [order.end_to_end_id])
    values = {
        "end_to_end_id": order.end_to_end_id,
        "message_id": message_id,
        "digest": _digest(order),
        "body": json.dumps(asdict(order), ensure_ascii=False),
        "debtor_account": order.debtor_account,
        "creditor_account": order.creditor_account,
        "peer": peer,
        "currency": order.currency,
        "amount_minor": order.amount_minor,
        "execute_on": order.requested_date,
        "received_at": clock.now(connection),
        "state": "rejected" if reason else "scheduled",
        "reason": reason,
        "reason_text": REASONS.get(reason, ""),
        "contradicted": 1 if contradict else 0,
    }
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO payment ({names}) VALUES ({marks})", tuple(values.values()))
    if not reason and date.fromisoformat(order.requested_date) <= clock.today(connection):
        execute(connection, bank, order.end_to_end_id)


def execute_due(connection: Connection, bank: Bank) -> None:
    """Carry out what was ordered for a day that has come, oldest order first."""
    today = clock.today(connection).isoformat()
    due = connection.execute(
        "SELECT end_to_end_id FROM payment WHERE state = 'scheduled' AND execute_on <= ? ORDER BY execute_on, rowid",
        (today,),
    ).fetchall()
    for row in due:
        execute(connection, bank, row["end_to_end_id"])


def _status(connection: Connection, row: Row, word: str) -> pain002.Status:
    order: Mapping[str, str] = json.loads(row["body"])
    booked = row["journal_id"] is not None and word != "RJCT"
    reference = connection.execute("SELECT bank_reference FROM journal WHERE id = ?", (row["journal_id"],)).fetchone()
    reason = (row["reason"] or "MS03") if word == "RJCT" else ""
    return pain002.Status(
        payment_information_id=order["payment_information_id"],
        instruction_id=order["instruction_id"],
        end_to_end_id=row["end_to_end_id"],
        status=word,
        reason=reason,
        reason_text=REASONS.get(reason, ""),
        accepted_at="" if word == "RJCT" else row["received_at"],
        bank_reference=reference["bank_reference"] + "D" if booked else "",
    )


def _report_id(bank: Bank, connection: Connection, subject: str) -> str:
    return f"{bank.code}R{fields.digest([subject, clock.now(connection)])[:24].upper()}"


def submit(bank: Bank, body: bytes) -> bytes:
    """Take a pain.001.001.09 and answer with a pain.002.001.10 (ACCP, PDNG, RJCT per order; PART for a mixed group).

    :raises Refusal: 400 ``message.not_acceptable`` (nothing to answer to); 409 ``end_to_end_id.differs`` when a known
        EndToEndId comes with other accounts or amount: the whole message is left aside.
    """
    try:
        message = pain001.read(body)
    except NotAcceptable as error:
        raise Refusal(400, "message.not_acceptable", why=str(error)) from error
    with bank.store.writing() as connection:
        connection.execute(
            "INSERT INTO message (message_id, received_at, body) VALUES (?, ?, ?)",
            (message.message_id, clock.now(connection), body),
        )
        statuses = []
        for order in () if message.fault else message.orders:
            _accept(connection, bank, message.message_id, order)
            row = connection.execute("SELECT * FROM payment WHERE end_to_end_id = ?", (order.end_to_end_id,)).fetchone()
            statuses.append(_status(connection, row, _ANSWERED[row["state"]]))
        return pain002.write(
            message_id=_report_id(bank, connection, message.message_id),
            created=clock.now(connection),
            bank_name=bank.name,
            original_message_id=message.message_id,
            statuses=statuses,
            fault=message.fault,
            fault_text=REASONS.get(message.fault, ""),
        )


def _told_status(bank: Bank, end_to_end_id: str, row: Row) -> str:
    """The status to tell: the truth, unless a switch wants a contradiction."""
    if row["state"] != "booked":
        return _ANSWERED[row["state"]]
    lie = faults.take(bank.store, "status", {"contradict", "reject"}, [end_to_end_id])
    if lie is not None or row["contradicted"] == 2:
        return "RJCT"
    if row["contradicted"] == 1:
        with bank.store.writing() as connection:
            connection.execute("UPDATE payment SET contradicted = 2 WHERE end_to_end_id = ?", (end_to_end_id,))
    return "ACSC"


def ask(bank: Bank, end_to_end_id: str) -> bytes:
    """pain.002 on one payment: ACSC once booked, PDNG, or RJCT.

    :raises Refusal: 404 ``payment.unknown``: no such order has been taken.
    """
    with bank.store.reading() as connection:
        row = connection.execute("SELECT * FROM payment WHERE end_to_end_id = ?", (end_to_end_id,)).fetchone()
    if row is None:
        raise Refusal(404, "payment.unknown", end_to_end_id=end_to_end_id)
    word = _told_status(bank, end_to_end_id, row)
    with bank.store.reading() as connection:
        return pain002.write(
            message_id=_report_id(bank, connection, end_to_end_id),
            created=clock.now(connection),
            bank_name=bank.name,
            original_message_id=row["message_id"],
            statuses=[_status(connection, row, word)],
        )
