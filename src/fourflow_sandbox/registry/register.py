"""The register: filings in order of arrival, changes kept, queries answered with a numbered certificate."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import date

from fourflow_sandbox import clock, faults, fields
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.store import Connection, Row, Store

SCHEMA = """
CREATE TABLE IF NOT EXISTS registration (
  rank INTEGER PRIMARY KEY AUTOINCREMENT,
  registration_no TEXT NOT NULL UNIQUE,
  modify_code TEXT NOT NULL,
  client_reference TEXT UNIQUE,
  digest TEXT NOT NULL,
  kind TEXT NOT NULL,
  secured_party TEXT NOT NULL, secured_party_name TEXT NOT NULL,
  debtor TEXT NOT NULL, debtor_name TEXT NOT NULL,
  collateral TEXT NOT NULL,
  filed_at TEXT NOT NULL,
  expires_on TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'cancelled')));
CREATE INDEX IF NOT EXISTS registration_by_debtor ON registration (debtor);
CREATE TABLE IF NOT EXISTS asset (
  hash TEXT NOT NULL, registration_no TEXT NOT NULL REFERENCES registration (registration_no),
  PRIMARY KEY (hash, registration_no));
CREATE TABLE IF NOT EXISTS change (
  id INTEGER PRIMARY KEY AUTOINCREMENT, registration_no TEXT NOT NULL REFERENCES registration (registration_no),
  kind TEXT NOT NULL CHECK (kind IN ('initial', 'amend', 'extend', 'cancel', 'objection')),
  client_reference TEXT UNIQUE, digest TEXT NOT NULL, filed_at TEXT NOT NULL, content TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS certificate (
  id INTEGER PRIMARY KEY AUTOINCREMENT, certificate_no TEXT NOT NULL UNIQUE, answer TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS rank_stays BEFORE UPDATE OF rank, registration_no, filed_at ON registration
BEGIN SELECT RAISE(ABORT, 'rank is by arrival'); END;
CREATE TRIGGER IF NOT EXISTS filing_is_kept BEFORE DELETE ON registration BEGIN SELECT RAISE(ABORT, 'kept'); END;
CREATE TRIGGER IF NOT EXISTS change_stays BEFORE UPDATE ON change BEGIN SELECT RAISE(ABORT, 'kept'); END;
CREATE TRIGGER IF NOT EXISTS change_is_kept BEFORE DELETE ON change BEGIN SELECT RAISE(ABORT, 'kept'); END;
CREATE TRIGGER IF NOT EXISTS certificate_stays BEFORE UPDATE ON certificate BEGIN SELECT RAISE(ABORT, 'kept'); END;
CREATE TRIGGER IF NOT EXISTS certificate_is_kept BEFORE DELETE ON certificate BEGIN SELECT RAISE(ABORT, 'kept'); END;
"""
KINDS = (
    "receivable_pledge",
    "factoring",
    "inventory_pledge",
    "equipment_pledge",
    "title_retention",
    "financial_lease",
    "other",
)
_SHORTEST_MONTHS, _LONGEST_MONTHS = 1, 360


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise ValueError(day)


def _public(connection: Connection, row: Row) -> dict[str, object]:
    assets = connection.execute(
        "SELECT hash FROM asset WHERE registration_no = ? ORDER BY hash", (row["registration_no"],)
    ).fetchall()
    live = row["state"] == "active" and row["expires_on"] >= clock.today(connection).isoformat()
    return {
        "registration_no": row["registration_no"],
        "rank": row["rank"],
        "kind": row["kind"],
        "secured_party": {"identifier": row["secured_party"], "name": row["secured_party_name"]},
        "debtor": {"identifier": row["debtor"], "name": row["debtor_name"]},
        "collateral": row["collateral"],
        "asset_hashes": [asset["hash"] for asset in assets],
        "filed_at": row["filed_at"],
        "expires_on": row["expires_on"],
        "state": row["state"] if live or row["state"] == "cancelled" else "expired",
    }


def _own(connection: Connection, row: Row) -> dict[str, object]:
    return _public(connection, row) | {
        "modify_code": row["modify_code"],
        "client_reference": row["client_reference"],
    }


def _find(connection: Connection, number: str) -> Row:
    row: Row | None = connection.execute("SELECT * FROM registration WHERE registration_no = ?", (number,)).fetchone()
    if row is None:
        raise Refusal(404, "registration.unknown", registration_no=number)
    return row


def _log(
    connection: Connection, number: str, kind: str, reference: str | None, digest: str, content: Mapping[str, object]
) -> None:
    connection.execute(
        "INSERT INTO change (registration_no, kind, client_reference, digest, filed_at, content)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (number, kind, reference, digest, clock.now(connection), json.dumps(content)),
    )


def _set_assets(connection: Connection, number: str, hashes: Sequence[str]) -> None:
    connection.execute("DELETE FROM asset WHERE registration_no = ?", (number,))
    connection.executemany("INSERT OR IGNORE INTO asset VALUES (?, ?)", [(value, number) for value in hashes])


def _insert(connection: Connection, body: Mapping[str, object], reference: str | None, digest: str) -> Row:
    secured, debtor = fields.part(body, "secured_party"), fields.part(body, "debtor")
    today = clock.today(connection)
    months = fields.whole(body, "term_months", _SHORTEST_MONTHS, _LONGEST_MONTHS)
    rank = connection.execute("SELECT coalesce(max(rank), 0) + 1 FROM registration").fetchone()[0]
    number = f"{today:%Y%m%d}{rank:012d}"
    values = {
        "registration_no": number,
        "modify_code": secrets.token_hex(8),
        "client_reference": reference,
        "digest": digest,
        "kind": fields.choice(body, "kind", KINDS),
        "secured_party": fields.text(secured, "identifier", longest=64),
        "secured_party_name": fields.text(secured, "name"),
        "debtor": fields.text(debtor, "identifier", longest=64),
        "debtor_name": fields.text(debtor, "name"),
        "collateral": fields.text(body, "collateral", longest=4000),
        "filed_at": clock.now(connection),
        "expires_on": add_months(today, months).isoformat(),
        "state": "active",
    }
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO registration ({names}) VALUES ({marks})", tuple(values.values()))
    _set_assets(connection, number, fields.texts(body, "asset_hashes"))
    _log(connection, number, "initial", reference, digest, body)
    return _find(connection, number)


def file(store: Store, body: Mapping[str, object]) -> tuple[dict[str, object], bool]:
    """File a registration; contents are not examined. The same client reference answers with the same registration.

    :raises Refusal: 422 for a wrong field or when told to reject; 409 ``reference.differs``.
    """
    reference = fields.text(body, "client_reference", longest=64)
    digest = fields.digest(body)
    with store.writing() as connection:
        known = connection.execute("SELECT * FROM registration WHERE client_reference = ?", (reference,)).fetchone()
        if known is not None and known["digest"] != digest:
            raise Refusal(409, "reference.differs", client_reference=reference)
        if known is not None:
            return _own(connection, known), False
        told = faults.take_within(connection, "registrations", faults.BUSINESS, [reference])
        if told is None or told.mode != "reject":
            row = _insert(connection, body, reference, digest)
            if told is not None and told.mode == "twice":
                _insert(connection, body, None, digest)
            filed = _own(connection, row)
    if told is not None and told.mode != "twice":
        raise Refusal(422, "registration.refused", reason=told.reason or "told")
    return filed, True


def by_reference(store: Store, reference: str) -> dict[str, object]:
    """The filer's own registration, for asking after a time-out.

    :raises Refusal: 404 ``registration.unknown``.
    """
    with store.reading() as connection:
        row = connection.execute("SELECT * FROM registration WHERE client_reference = ?", (reference,)).fetchone()
        if row is None:
            raise Refusal(404, "registration.unknown", client_reference=reference)
        return _own(connection, row)


def shown(store: Store, number: str) -> dict[str, object]:
    """What anybody may see of a registration, with its changes.

    :raises Refusal: 404 ``registration.unknown``.
    """
    with store.reading() as connection:
        row = _find(connection, number)
        changes = connection.execute(
            "SELECT kind, filed_at FROM change WHERE registration_no = ? ORDER BY id", (number,)
        ).fetchall()
        return _public(connection, row) | {"changes": [dict(change) for change in changes]}


def _apply(connection: Connection, row: Row, kind: str, body: Mapping[str, object]) -> None:
    number = row["registration_no"]
    if kind == "amend":
        collateral = fields.text(body, "collateral", longest=4000, default=row["collateral"])
        connection.execute("UPDATE registration SET collateral = ? WHERE registration_no = ?", (collateral, number))
        if "asset_hashes" in body:
            _set_assets(connection, number, fields.texts(body, "asset_hashes"))
    elif kind == "extend":
        months = fields.whole(body, "term_months", _SHORTEST_MONTHS, _LONGEST_MONTHS)
        expires = add_months(date.fromisoformat(row["expires_on"]), months)
        connection.execute(
            "UPDATE registration SET expires_on = ? WHERE registration_no = ?", (expires.isoformat(), number)
        )
    elif kind == "cancel":
        connection.execute("UPDATE registration SET state = 'cancelled' WHERE registration_no = ?", (number,))
    else:
        fields.text(body, "text", longest=4000)


def change(store: Store, number: str, kind: str, body: Mapping[str, object]) -> dict[str, object]:
    """Amend, extend, cancel (by who holds the modify code) or object (by anybody); once per client reference.

    :raises Refusal: 404, 403 ``modify_code.wrong``, 409 ``registration.not_active`` or ``reference.differs``, 422.
    """
    reference, digest = fields.text(body, "client_reference", longest=64), fields.digest([number, kind, body])
    with store.writing() as connection:
        row = _find(connection, number)
        if kind != "objection" and not secrets.compare_digest(
            str(body.get("modify_code", "")).encode(), row["modify_code"].encode()
        ):
            raise Refusal(403, "modify_code.wrong")
        known = connection.execute("SELECT digest FROM change WHERE client_reference = ?", (reference,)).fetchone()
        if known is not None and known["digest"] != digest:
            raise Refusal(409, "reference.differs", client_reference=reference)
        if known is None:
            if _public(connection, row)["state"] != "active":
                raise Refusal(409, "registration.not_active")
            _apply(connection, row, kind, body)
            content = {key: value for key, value in body.items() if key != "modify_code"}
            _log(connection, number, kind, reference, digest, content)
        return _public(connection, _find(connection, number))


def query(store: Store, assets: Sequence[str], debtor: str) -> dict[str, object]:
    """Live registrations on any of the assets or on the debtor, by rank, under a new certificate number.

    :raises Refusal: 422 without a criterion.
    """
    if not assets and not debtor:
        raise Refusal(422, "field.invalid", field="asset", expected="asset or debtor")
    with store.writing() as connection:
        marks = ",".join("?" * len(assets))
        rows = connection.execute(
            "SELECT * FROM registration WHERE state = 'active' AND expires_on >= ? AND (debtor = ?"
            f" OR registration_no IN (SELECT registration_no FROM asset WHERE hash IN ({marks}))) ORDER BY rank",
            (clock.today(connection).isoformat(), debtor, *assets),
        ).fetchall()
        told = faults.take_within(connection, "query", {"contradict"}, [*assets, debtor])
        hits = [] if told is not None else [_public(connection, row) for row in rows]
        count = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM certificate").fetchone()[0]
        answer: dict[str, object] = {
            "certificate_no": f"Q{clock.today(connection):%Y%m%d}{count:010d}",
            "queried_at": clock.now(connection),
            "criteria": {"assets": list(assets), "debtor": debtor or None},
            "hit_count": len(hits),
            "hits": hits,
        }
        connection.execute(
            "INSERT INTO certificate (certificate_no, answer) VALUES (?, ?)",
            (answer["certificate_no"], json.dumps(answer, ensure_ascii=False)),
        )
        return answer


def certificate(store: Store, number: str) -> dict[str, object]:
    """A query's answer as it was given.

    :raises Refusal: 404 ``certificate.unknown``.
    """
    with store.reading() as connection:
        row = connection.execute("SELECT answer FROM certificate WHERE certificate_no = ?", (number,)).fetchone()
    if row is None:
        raise Refusal(404, "certificate.unknown", certificate_no=number)
    found: dict[str, object] = json.loads(row["answer"])
    return found
