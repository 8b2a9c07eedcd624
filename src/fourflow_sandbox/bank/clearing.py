"""Money between two banks: each books its side once; a peer that is down is asked again until it answers."""

from __future__ import annotations

import http.client
import json
import sys
import threading
import traceback
import urllib.error
import urllib.request
from collections.abc import Mapping

from fourflow_sandbox import amounts, fields
from fourflow_sandbox.bank import books, notices, payments
from fourflow_sandbox.bank.books import Bank, Leg
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.store import Row

_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
_IDLE_SECONDS = 60.0
_BATCH = 100


def receive(bank: Bank, body: Mapping[str, object]) -> dict[str, object]:
    """A peer's transfer: credit the account and the peer owes us, or refuse; the first answer is the answer.

    :raises Refusal: 422 for a wrong field or an unknown peer, 409 ``reference.differs``.
    """
    peer = fields.choice(body, "from", tuple(bank.peers))
    reference = fields.text(body, "reference", longest=35)
    currency = fields.text(body, "currency", longest=3)
    amount = fields.whole(body, "amount_minor", 1, 10**15)
    account = fields.text(body, "creditor_account", longest=34)
    names = ("creditor_name", "debtor_name", "debtor_account", "purpose")
    details = {name: fields.text(body, name, default="") for name in names}
    details["remittance"] = fields.text(body, "remittance", longest=2000, default="")
    details |= {"creditor_account": account, "end_to_end_id": reference, "debtor_agent": peer}
    digest = fields.digest([account, currency, amount])
    with bank.store.writing() as connection:
        known = connection.execute(
            "SELECT * FROM clearing_in WHERE peer = ? AND reference = ?", (peer, reference)
        ).fetchone()
        if known is not None:
            if known["digest"] != digest:
                raise Refusal(409, "reference.differs", reference=reference)
            return {"status": known["outcome"], "reason": known["reason"]}
        row = books.find(connection, account)
        reason = payments.creditor_refusal(row, currency, details["creditor_name"])
        journal = None
        if not reason:
            due = books.clearing(connection, bank, peer, currency)
            journal = books.post(
                connection,
                bank,
                kind="clearing_in",
                source=f"{peer}/{reference}",
                legs=[Leg(due, "D", amount), Leg(account, "C", amount)],
                details=details,
            )
            notices.record(connection, bank, journal)
        outcome = "refused" if reason else "booked"
        connection.execute(
            "INSERT INTO clearing_in (peer, reference, digest, outcome, reason, journal_id) VALUES (?, ?, ?, ?, ?, ?)",
            (peer, reference, digest, outcome, reason, journal),
        )
        return {"status": outcome, "reason": reason}


def incoming(bank: Bank, body: Mapping[str, object]) -> dict[str, object]:
    """Sandbox only: money from outside arrives with free text, as a customer's own transfer would.

    :raises Refusal: 404 for an unknown account, 409 for a closed one, 422 for a wrong field or reference reuse (409).
    """
    reference, number = fields.text(body, "reference", longest=35), fields.text(body, "account", longest=34)
    details = {
        "debtor_name": fields.text(body, "payer_name", default=""),
        "debtor_account": fields.text(body, "payer_account", longest=34, default=""),
        "remittance": fields.text(body, "remittance", longest=1000, default=""),
        "creditor_account": number,
    }
    with bank.store.writing() as connection:
        row = books.required(connection, number)
        amount = amounts.required_minor(body.get("amount"), row["currency"], "amount")
        if body.get("currency") != row["currency"] or not amount:
            raise Refusal(422, "field.invalid", field="amount", expected=f"above zero in {row['currency']}")
        digest = fields.digest([number, amount, details])
        known = connection.execute("SELECT * FROM incoming WHERE reference = ?", (reference,)).fetchone()
        if known is not None and known["digest"] != digest:
            raise Refusal(409, "reference.differs", reference=reference)
        if known is None and row["state"] != "open":
            raise Refusal(409, "account.closed", account=number)
        if known is None:
            source = books.cash(connection, bank, row["currency"])
            legs = [Leg(source, "D", amount), Leg(number, "C", amount)]
            details["creditor_name"] = row["owner_name"]
            journal = books.post(connection, bank, kind="incoming", source=reference, legs=legs, details=details)
            notices.record(connection, bank, journal)
            connection.execute("INSERT INTO incoming VALUES (?, ?, ?)", (reference, digest, journal))
        else:
            journal = known["journal_id"]
        booked = connection.execute("SELECT * FROM journal WHERE id = ?", (journal,)).fetchone()
    return {"reference": reference, "bank_reference": booked["bank_reference"] + "C", "booked_on": booked["booked_on"]}


class Outbox:
    """A thread that carries pending payments to the peers; what is pending is a state in the table, not in memory."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._wake = threading.Event()

    def start(self) -> None:
        """Begin; payments left by an earlier process are taken up first."""
        threading.Thread(target=self._run, name="outbox", daemon=True).start()

    def wake(self) -> None:
        """There may be something to carry."""
        self._wake.set()

    def _run(self) -> None:
        failures = 0
        while True:
            self._wake.clear()
            if self._quiet_round():
                failures = 0
                self._wake.wait(_IDLE_SECONDS)
            else:
                self._wake.wait(_PAUSES[min(failures, len(_PAUSES) - 1)])
                failures += 1

    def _quiet_round(self) -> bool:
        """A round; what goes wrong in it is printed and tried again, for the thread must not end."""
        try:
            return self._round()
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return False

    def _round(self) -> bool:
        """One pass; true when nothing is left to carry."""
        with self._bank.store.writing() as connection:
            payments.execute_due(connection, self._bank)
        silent: set[str] = set()
        after = 0
        while True:
            with self._bank.store.reading() as connection:
                rows = connection.execute(
                    "SELECT rowid AS place, * FROM payment WHERE state = 'pending' AND rowid > ?"
                    " ORDER BY rowid LIMIT ?",
                    (after, _BATCH),
                ).fetchall()
            if not rows:
                return not silent
            for row in rows:
                after = row["place"]
                if row["peer"] in silent or not self._carry(row):
                    silent.add(row["peer"])

    def _carry(self, row: Row) -> bool:
        """Ask the peer to book; false when there was no usable answer (it is asked again)."""
        result = self._ask_peer(row)
        if result not in ("booked", "refused") and not result.startswith("refused:"):
            return False
        bank, name = self._bank, row["end_to_end_id"]
        with bank.store.writing() as connection:
            connection.execute(
                "UPDATE account SET held_minor = held_minor - ? WHERE number = ?",
                (row["amount_minor"], row["debtor_account"]),
            )
            if result == "booked":
                owed = books.clearing(connection, bank, row["peer"], row["currency"])
                payments.settle(connection, bank, name, owed, "clearing_out")
            else:
                payments.reject(connection, name, result.partition(":")[2] or "MS03")
        return True

    def _ask_peer(self, row: Row) -> str:
        order = json.loads(row["body"])
        names = ("creditor_account", "creditor_name", "debtor_name", "debtor_account", "purpose", "remittance")
        body = {name: order[name] for name in names} | {
            "from": self._bank.code,
            "reference": row["end_to_end_id"],
            "currency": row["currency"],
            "amount_minor": row["amount_minor"],
        }
        request = urllib.request.Request(
            f"{self._bank.peers[row['peer']]}/clearing",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        try:
            with _OPENER.open(request, timeout=5) as response:
                answer = json.loads(response.read(65536))
        except urllib.error.HTTPError as error:
            error.close()
            return "refused:MS03" if error.code in (409, 422) else ""
        except (OSError, ValueError, http.client.HTTPException):
            return ""
        return "booked" if answer.get("status") == "booked" else f"refused:{answer.get('reason', 'MS03')}"


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
