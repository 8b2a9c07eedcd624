"""Accounts and the bank's own double-entry book.

Seen from the bank: what it owes its customers is a credit, so a customer's balance is credits minus debits.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fourflow_sandbox import amounts, clock, fields
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.store import Connection, Row, Store

CUSTOMER_KINDS = ("current", "supervised", "own")


@dataclass(frozen=True)
class Bank:
    """Who this bank is. ``peers`` maps the codes of other banks to their URLs."""

    code: str
    name: str
    store: Store
    peers: Mapping[str, str]


@dataclass(frozen=True)
class Leg:
    """One side of a journal: ``D`` or ``C``, minor units."""

    account: str
    side: str
    amount_minor: int


def normalised(name: str) -> str:
    """A name for comparison: compatibility forms, case and blanks do not count; at most 140 characters do."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:140]


def check_digits(code: str, number: int) -> str:
    """Account number with two check digits (97 minus the number modulo 97)."""
    return f"{code}{number:08d}{97 - number % 97:02d}"


def find(connection: Connection, number: str) -> Row | None:
    """The account of this number."""
    row: Row | None = connection.execute("SELECT * FROM account WHERE number = ?", (number,)).fetchone()
    return row


def required(connection: Connection, number: str) -> Row:
    """A customer's account.

    :raises Refusal: 404 ``account.unknown``.
    """
    row = find(connection, number)
    if row is None or row["kind"] not in CUSTOMER_KINDS:
        raise Refusal(404, "account.unknown", account=number)
    return row


def shown(row: Row) -> dict[str, object]:
    """An account as answered to its owner; amounts as text in the account's currency and in minor units."""
    payees = row["allowed_payees"]
    return {
        "account": row["number"],
        "owner": {"identifier": row["owner_identifier"], "name": row["owner_name"]},
        "currency": row["currency"],
        "kind": row["kind"],
        "state": row["state"],
        "balance": amounts.to_text(row["balance_minor"], row["currency"]),
        "balance_minor": row["balance_minor"],
        "available_minor": row["balance_minor"] - row["held_minor"],
        "allowed_payees": None if payees is None else json.loads(payees),
    }


def house_account(connection: Connection, bank: Bank, suffix: str, kind: str, currency: str) -> str:
    """An account of the bank itself (cash, clearing with a peer), made when first needed."""
    number = f"{bank.code}-{suffix}-{currency}"
    connection.execute(
        "INSERT OR IGNORE INTO account"
        " (number, owner_identifier, owner_name, currency, kind, request_digest, opened_on)"
        " VALUES (?, ?, ?, ?, ?, '', ?)",
        (number, bank.code, bank.name, currency, kind, clock.today(connection).isoformat()),
    )
    return number


def cash(connection: Connection, bank: Bank, currency: str) -> str:
    """Where money from outside the sandbox enters."""
    return house_account(connection, bank, "CASH", "cash", currency)


def clearing(connection: Connection, bank: Bank, peer: str, currency: str) -> str:
    """What this bank and a peer owe each other: the peer's account here is its mirror with the opposite sign."""
    return house_account(connection, bank, f"CLR-{peer}", "clearing", currency)


def post(
    connection: Connection, bank: Bank, *, kind: str, source: str, legs: Sequence[Leg], details: Mapping[str, str]
) -> int:
    """Book one journal on the business date and return its number. The database refuses one that does not balance."""
    day = clock.today(connection)
    number = int(connection.execute("SELECT coalesce(max(id), 0) + 1 FROM journal").fetchone()[0])
    connection.executemany(
        "INSERT INTO leg (journal_id, account, side, amount_minor) VALUES (?, ?, ?, ?)",
        [(number, leg.account, leg.side, leg.amount_minor) for leg in legs],
    )
    connection.execute(
        "INSERT INTO journal (id, bank_reference, booked_on, kind, source, details) VALUES (?, ?, ?, ?, ?, ?)",
        (
            number,
            f"{bank.code}{day:%Y%m%d}{number:010d}",
            day.isoformat(),
            kind,
            source,
            json.dumps(dict(details), ensure_ascii=False),
        ),
    )
    return number


def _repeat(connection: Connection, reference: str, digest: str) -> Row | None:
    row: Row | None = connection.execute("SELECT * FROM account WHERE client_reference = ?", (reference,)).fetchone()
    if row is not None and row["request_digest"] != digest:
        raise Refusal(409, "reference.differs", client_reference=reference)
    return row


def open_account(bank: Bank, body: Mapping[str, object]) -> tuple[dict[str, object], bool]:
    """Open an account; the same client reference answers with the same account. Second part: newly opened.

    :raises Refusal: 422 for a wrong field, 409 ``reference.differs``.
    """
    owner = fields.part(body, "owner")
    identifier, name = fields.text(owner, "identifier", longest=64), fields.text(owner, "name")
    kind, currency = fields.choice(body, "kind", CUSTOMER_KINDS), fields.text(body, "currency", longest=3)
    reference = fields.text(body, "client_reference", longest=64)
    if not amounts.is_currency(currency):
        raise Refusal(422, "field.invalid", field="currency", expected="three capital letters")
    opening = amounts.required_minor(body.get("opening_balance", "0"), currency, "opening_balance")
    payees = None if body.get("allowed_payees") is None else fields.texts(body, "allowed_payees", longest=34)
    digest = fields.digest([identifier, name, kind, currency, opening, payees])
    with bank.store.writing() as connection:
        if row := _repeat(connection, reference, digest):
            return shown(row), False
        count = connection.execute("SELECT count(*) FROM account WHERE client_reference IS NOT NULL").fetchone()[0]
        number = check_digits(bank.code, count + 1)
        allowed = None if payees is None else json.dumps(payees)
        opened_on = clock.today(connection).isoformat()
        connection.execute(
            "INSERT INTO account (number, owner_identifier, owner_name, currency, kind, client_reference,"
            " request_digest, allowed_payees, opened_on) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, identifier, name, currency, kind, reference, digest, allowed, opened_on),
        )
        if opening:
            source = cash(connection, bank, currency)
            legs = [Leg(source, "D", opening), Leg(number, "C", opening)]
            post(connection, bank, kind="opening", source=number, legs=legs, details={"remittance": "opening balance"})
        return shown(required(connection, number)), True


def close_account(bank: Bank, number: str) -> dict[str, object]:
    """Close an empty account; closing twice is the same as once.

    :raises Refusal: 404, or 409 ``account.not_empty``.
    """
    with bank.store.writing() as connection:
        row = required(connection, number)
        if row["balance_minor"] or row["held_minor"]:
            raise Refusal(409, "account.not_empty", balance_minor=row["balance_minor"], held_minor=row["held_minor"])
        connection.execute("UPDATE account SET state = 'closed' WHERE number = ?", (number,))
        return shown(required(connection, number))


def owner_check(bank: Bank, number: str, name: str, identifier: str) -> dict[str, object]:
    """Does the account belong to this name and identifier? Tells match or not, never the stored values.

    :raises Refusal: 404 ``account.unknown``.
    """
    with bank.store.reading() as connection:
        row = required(connection, number)
    same_name = normalised(name) == normalised(row["owner_name"])
    same_identifier = identifier == row["owner_identifier"]
    both = "match" if same_name and same_identifier else "partial" if same_name or same_identifier else "no_match"
    return {
        "account": number,
        "result": both,
        "name": "match" if same_name else "no_match",
        "identifier": "match" if same_identifier else "no_match",
        "currency": row["currency"],
        "kind": row["kind"],
        "state": row["state"],
    }


def trial_balance(bank: Bank) -> dict[str, object]:
    """The bank's own books: each account, totals per currency, money under way, and whether all of it agrees."""
    with bank.store.reading() as connection:
        accounts = connection.execute("SELECT * FROM account ORDER BY number").fetchall()
        sums = connection.execute(
            "SELECT account, sum(CASE side WHEN 'C' THEN amount_minor ELSE 0 END) AS credits,"
            " sum(CASE side WHEN 'D' THEN amount_minor ELSE 0 END) AS debits FROM leg GROUP BY account"
        ).fetchall()
        held = connection.execute(
            "SELECT debtor_account, sum(amount_minor) FROM payment WHERE state = 'pending' GROUP BY debtor_account"
        ).fetchall()
        waiting = connection.execute(
            "SELECT end_to_end_id, peer, currency, amount_minor FROM payment WHERE state = 'pending' ORDER BY rowid"
        ).fetchall()
        day = clock.today(connection).isoformat()
    moved = {row["account"]: (row["credits"], row["debits"]) for row in sums}
    holds = {row[0]: row[1] for row in held}
    totals: dict[str, list[int]] = {}
    agrees = True
    lines = []
    for row in accounts:
        credits, debits = moved.get(row["number"], (0, 0))
        total = totals.setdefault(row["currency"], [0, 0])
        total[0], total[1] = total[0] + debits, total[1] + credits
        expected = (credits - debits, holds.get(row["number"], 0))
        agrees = agrees and (row["balance_minor"], row["held_minor"]) == expected
        lines.append(shown(row) | {"held_minor": row["held_minor"], "debits_minor": debits, "credits_minor": credits})
    agrees = agrees and all(debits == credits for debits, credits in totals.values())
    return {
        "bank": bank.code,
        "date": day,
        "accounts": lines,
        "totals": [{"currency": c, "debits_minor": d, "credits_minor": k} for c, (d, k) in sorted(totals.items())],
        "in_transit": [dict(row) for row in waiting],
        "consistent": agrees,
    }
