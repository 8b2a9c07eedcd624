"""Changes a value of every column of the evidenced tables, as somebody with all rights could, and asks the audit.

Run in an installation (``python -m tests.builders.tampering``, over a database that is up already with ``--up``): prints what
stood there and what the audit missed, as JSON. Everything is undone again. Constraints and triggers are out of force, as they
would be for who owns the server.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
from pathlib import Path
from typing import Any

from fourflow.interfaces.cli import running
from fourflow.platform.crypto.keys import home
from fourflow.platform.db.embedded import SUPERUSER, Embedded

DESCRIBED = Path(__file__).resolve().parents[2] / "docs" / "subsystems" / "evidence.md"
#: beside ``recorded_at``, which the database sets: what docs/subsystems/evidence.md says is not covered, and why
NOT_COVERED = {
    "claims_exchange.asked_at",
    "claims_registration.modify_code",
    "financing_financing.accrued_minor",
    "financing_financing.accrued_on",
    "parties_account.email",
    "parties_account.last_login",
    "parties_account.password",
    "parties_application.content",
    "parties_application.idle_since",
    "parties_party.search_words",
    "parties_party.sort_key",
    "settlement_instruction.ask_after",
    "settlement_instruction.asked",
    "settlement_instruction.not_known",
    "vouchers_voucher.restricted_on",
}
#: checked against leaves, tiles and heads, not by rows
LOG = ("platform_", "evidence_")
#: another value of the same type, also where there was none
SPOILT = """
create function pg_temp.spoilt(v anyelement) returns anyelement language plpgsql as $$
declare t text := v::text; k text := pg_typeof(v)::text; begin
  return case
    when k in ('bigint', 'integer', 'smallint', 'numeric') then (coalesce(t, '0')::numeric + 1)::text
    when k = 'boolean' then (not coalesce(t, 'false')::boolean)::text
    when k = 'uuid' then '0dd00000-0000-7000-8000-0000000000ff'
    when k = 'date' then (coalesce(t, '2014-01-01')::date + 1)::text
    when k = 'timestamp with time zone' then (coalesce(t, '2014-01-01')::timestamptz + interval '1 second')::text
    when k = 'bytea' then case when v is null or length(t) < 4 then '\\x01'
      else set_byte(t::bytea, 0, 255 - get_byte(t::bytea, 0))::text end
    when k = 'jsonb' then case jsonb_typeof(t::jsonb) when 'object' then t::jsonb || '{"spoilt": 1}'
      when 'array' then t::jsonb || '[["a", "b"]]' else '{"spoilt": 1}' end::text
    when k like '%%[]' then case coalesce(t, '{}') when '{}' then '{0dd00000-0000-7000-8000-0000000000ff}' else '{}' end
    when coalesce(t, '') = '' then 'x'
    else overlay(t placing case left(t, 1) when 'X' then 'Y' else 'X' end from 1)
  end;
end $$
"""
COLUMNS = """
select c.table_name, json_agg(column_name order by ordinal_position), min(a.attname)
from information_schema.columns c
join pg_index i on i.indrelid = c.table_name::regclass and i.indisprimary
join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
where c.table_schema = 'public' and c.is_generated = 'NEVER' and c.is_identity = 'NO' group by 1
"""
CONSTRAINTS = """
select format('alter table %%s drop constraint %%I cascade', conrelid::regclass, conname)
from pg_constraint where contype in ('c', 'x', 'u') and conrelid::regclass::text = any(%s)
"""
UNIQUE = """
select format('drop index %%s', indexrelid::regclass)
from pg_index where indisunique and not indisprimary and indrelid::regclass::text = any(%s)
"""


def sql(text: str, *values: Any) -> list[tuple[Any, ...]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else []


def spoil(left: dict[str, list[str]], keys: dict[str, str]) -> dict[tuple[str, str], str]:
    """Of each table as many columns as it has rows, each in another row: the column by table and key of the row."""
    done = {}
    for table, columns in left.items():
        used: list[str] = []
        for column in tuple(columns):
            key = f"{keys[table]}::text"
            row = sql(
                f"select {key} from {table} where {key} <> all(%s) order by {column} is null, 1 desc limit 1", used
            )
            if not row:
                break
            columns.remove(column)
            spoilt = f"update {table} set {column} = pg_temp.spoilt({column}) where {key} = %s returning {key}"
            # under its new key, too, so that no other column is spoilt in a row that is found out anyway
            used += [row[0][0], *sql(spoilt, row[0][0])[0]]
            done[table, row[0][0]] = column
    return done


def unnoticed(left: dict[str, list[str]], keys: dict[str, str], module: str = "") -> tuple[list[str], set[str]]:
    """Spoil what is left as far as the rows go, undo it: what the audit (of one module) missed, and what it could not read."""
    from django.db import transaction

    from fourflow.config import wiring
    from fourflow.oversight.monitoring.queries import audit_rows

    with transaction.atomic():
        changed = spoil(left, keys)
        sources = [one for one in wiring.EVIDENCED if module in ("", one.__module__.split(".")[2])]
        named = {(finding.table, finding.key) for finding in audit_rows(sources).findings}
        transaction.set_rollback(True)
    unread = {name for name, key in named if not key}
    missed = {at: column for at, column in changed.items() if at not in named and at[0].partition("_")[0] not in unread}
    return [f"{table}.{column}" for (table, _), column in missed.items()], unread


def main() -> dict[str, Any]:
    from django.db import transaction

    described = set(re.findall(r"`([a-z]+_[a-z_]+)`", DESCRIBED.read_text(encoding="utf-8")))
    known = {table: (columns, key) for table, columns, key in sql(COLUMNS) if table in described}
    keys = {table: key for table, (_, key) in known.items()}
    filled = [t for t in sorted(known) if not t.startswith(LOG) and sql(f"select exists(select 1 from {t})")[0][0]]
    left = {table: list(known[table][0]) for table in filled}
    missed: list[str] = []
    with transaction.atomic():
        sql("set local session_replication_role = replica")
        sql(SPOILT)
        for found in (CONSTRAINTS, UNIQUE):
            for (command,) in sql(found, filled):
                sql(command)
        while any(left.values()):
            before = {table: list(columns) for table, columns in left.items()}
            noticed, unread = unnoticed(left, keys)
            missed += noticed
            # one value that cannot be read hides others of its module: those once more, each alone
            for table in (table for table in filled if table.partition("_")[0] in unread):
                for column in set(before[table]) - set(left[table]):
                    missed += unnoticed({table: [column]}, keys, table.partition("_")[0])[0]
        transaction.set_rollback(True)
    return {"tables": filled, "columns": sum(len(known[t][0]) for t in filled), "missed": sorted(missed)}


if __name__ == "__main__":
    with running.database() if "--up" not in sys.argv else contextlib.nullcontext(running.start_django()):
        from django.db import connection

        connection.settings_dict.update(USER=SUPERUSER, PASSWORD=Embedded(home() / "db").password)
        connection.close()
        sys.stdout.write(json.dumps(main()))
