"""What the bank tells its customers: one camt.054 per booked entry, one camt.053 per account and finished day."""

from __future__ import annotations

import json
from datetime import date

from fourflow_sandbox import clock, faults
from fourflow_sandbox.bank import books
from fourflow_sandbox.bank.books import Bank
from fourflow_sandbox.iso20022 import camt
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.store import Connection, Row

_ENTRIES = (
    "SELECT leg.id AS leg_id, leg.side, leg.amount_minor, journal.bank_reference, journal.booked_on, journal.details,"
    " account.number, account.owner_name, account.currency, account.kind"
    " FROM leg JOIN journal ON journal.id = leg.journal_id JOIN account ON account.number = leg.account"
)


def _account(bank: Bank, row: Row) -> camt.Account:
    return camt.Account(row["number"], row["owner_name"], row["currency"], bank.code, bank.name)


def _entry(bank: Bank, row: Row) -> camt.Entry:
    details = json.loads(row["details"])
    words = (
        "end_to_end_id",
        "instruction_id",
        "payment_information_id",
        "message_id",
        "debtor_name",
        "debtor_account",
        "debtor_agent",
        "creditor_name",
        "creditor_account",
        "purpose",
        "remittance",
    )
    credit = row["side"] == "C"
    own_instruction = {} if credit else details
    return camt.Entry(
        account=_account(bank, row),
        bank_reference=row["bank_reference"] + ("C" if credit else "D"),
        credit=credit,
        amount_minor=row["amount_minor"],
        booked_on=row["booked_on"],
        **{w: (own_instruction if w.endswith(("ion_id", "age_id")) else details).get(w, "") for w in words},
    )


def record(connection: Connection, bank: Bank, journal_id: int) -> None:
    """Write the notifications of a journal; switches make them late or double, under the same bank reference."""
    rows = connection.execute(
        _ENTRIES + " WHERE leg.journal_id = ? AND account.kind IN ('current', 'supervised', 'own') ORDER BY leg.id",
        (journal_id,),
    ).fetchall()
    if not rows:
        return
    subject = str(json.loads(rows[0]["details"]).get("end_to_end_id", ""))
    fault = faults.take_within(connection, "camt.054", faults.NOTICE, [subject])
    copies = 2 if fault is not None and fault.mode == "twice" else 1
    polls = fault.polls if fault is not None and fault.mode == "late" else 0
    for row in rows:
        entry = _entry(bank, row)
        xml = camt.notification(
            message_id=f"{bank.code}N{row['leg_id']:010d}", created=clock.now(connection), entry=entry
        )
        cursor = connection.execute(
            "INSERT INTO notice (leg_id, xml, copies, polls_left) VALUES (?, ?, ?, ?)",
            (row["leg_id"], xml.decode(), copies, polls),
        )
        if not polls:
            _deliver(connection, cursor.lastrowid or 0, copies)


def _deliver(connection: Connection, notice_id: int, copies: int) -> None:
    connection.executemany("INSERT INTO delivery (notice_id) VALUES (?)", [(notice_id,)] * copies)


def _count_poll(bank: Bank) -> None:
    with bank.store.reading() as connection:
        if connection.execute("SELECT 1 FROM notice WHERE polls_left > 0 LIMIT 1").fetchone() is None:
            return
    with bank.store.writing() as connection:
        due = connection.execute("SELECT id, copies FROM notice WHERE polls_left = 1 ORDER BY id").fetchall()
        connection.execute("UPDATE notice SET polls_left = polls_left - 1 WHERE polls_left > 0")
        for row in due:
            _deliver(connection, row["id"], row["copies"])


def poll(bank: Bank, after: int, account: str, limit: int) -> dict[str, object]:
    """Notifications above ``after``; numbers are given at delivery, so a late one is not skipped by a cursor."""
    with bank.store.reading() as connection:
        rows = connection.execute(
            "SELECT delivery.sequence, notice.xml FROM delivery JOIN notice ON notice.id = delivery.notice_id"
            " JOIN leg ON leg.id = notice.leg_id WHERE delivery.sequence > ? AND (? = '' OR leg.account = ?)"
            " ORDER BY delivery.sequence LIMIT ?",
            (after, account, account, limit),
        ).fetchall()
    _count_poll(bank)
    found = [{"sequence": row["sequence"], "xml": row["xml"]} for row in rows]
    return {"notifications": found, "last": rows[-1]["sequence"] if rows else after}


def statement(bank: Bank, number: str, day: date) -> bytes:
    """camt.053 of a finished day.

    :raises Refusal: 404 ``account.unknown``; 409 ``statement.day_not_over`` on the bank's own clock.
    """
    with bank.store.reading() as connection:
        row = books.required(connection, number)
        if day >= clock.today(connection):
            raise Refusal(409, "statement.day_not_over", today=clock.today(connection).isoformat())
        opening = connection.execute(
            "SELECT coalesce(sum(CASE leg.side WHEN 'C' THEN leg.amount_minor ELSE -leg.amount_minor END), 0) FROM leg"
            " JOIN journal ON journal.id = leg.journal_id WHERE leg.account = ? AND journal.booked_on < ?",
            (number, day.isoformat()),
        ).fetchone()[0]
        rows = connection.execute(
            _ENTRIES + " WHERE leg.account = ? AND journal.booked_on = ? ORDER BY leg.id", (number, day.isoformat())
        ).fetchall()
        created = clock.now(connection)
    return camt.statement(
        message_id=f"{number}-{day:%Y%m%d}",
        created=created,
        account=_account(bank, row),
        day=day.isoformat(),
        opening_minor=opening,
        entries=[_entry(bank, r) for r in rows],
    )
