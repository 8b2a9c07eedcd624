"""SQL for migrations: who may do what with a table. Row-level security stands behind ``visible_to``.

``fourflow_writer`` runs operations and sees every row. ``fourflow_reader`` runs people's reads: without a grant here it can
read nothing, and with one only rows that the visibility table (or the table's own organisation column) opens to the acting
organisation, which ``reading()`` puts into ``fourflow.organisation``, beside ``fourflow.account``. No setting, no rows.
"""

from __future__ import annotations

from collections.abc import Sequence

WRITER = "fourflow_writer"
READER = "fourflow_reader"
OWNER = "fourflow_owner"

#: Inside ``(select …)`` so that PostgreSQL evaluates them once a query (3 times faster than per row).
ORGANISATION = "(select nullif(current_setting('fourflow.organisation', true), '')::uuid)"
ACCOUNT = "(select nullif(current_setting('fourflow.account', true), '')::uuid)"
SEES_ALL = "(select coalesce(current_setting('fourflow.sees_all', true), '') = 'yes')"


def _enable(table: str) -> list[str]:
    return [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy writer on {table} to {WRITER} using (true) with check (true)",
        f"create policy owner on {table} to {OWNER} using (true) with check (true)",
        f"grant select on {table} to {READER}",
    ]


def protect(table: str, column: str = "id", own: str = "") -> list[str]:
    """Readers see a row when its ``column`` is visible to their organisation, or ``own`` is theirs (or they see all).

    One look into the visibility table a row, and only for rows that a query comes to. As ``exists`` it would be read once
    and whole for who sees very much, which takes seconds where a page of fifty rows is wanted.
    """
    visible = (
        f"coalesce((select true from platform_visibility v where v.object_id = {table}.{column} "
        f"and v.organisation_id = {ORGANISATION}), false)"
    )
    theirs = f"{own} = {ORGANISATION} or " if own else ""
    return [
        *_enable(table),
        f"create policy reader on {table} for select to {READER} using ({SEES_ALL} or {theirs}{visible})",
    ]


def protect_own(table: str, columns: Sequence[str] = ("organisation_id",)) -> list[str]:
    """Readers see a row when one of its organisation columns is their organisation (or they see all)."""
    own = " or ".join(f"{column} = {ORGANISATION}" for column in columns)
    return [*_enable(table), f"create policy reader on {table} for select to {READER} using ({SEES_ALL} or {own})"]


def protect_private(table: str) -> list[str]:
    """Readers see a row when it is their own account's, in the organisation for which they act; nobody sees all."""
    own = f"organisation_id = {ORGANISATION} and account_id = {ACCOUNT}"
    return [*_enable(table), f"create policy reader on {table} for select to {READER} using ({own})"]


def protect_account(table: str) -> list[str]:
    """Readers see the row of their own account, for whichever organisation they act; nobody sees all."""
    return [*_enable(table), f"create policy reader on {table} for select to {READER} using (account_id = {ACCOUNT})"]


def public_data(table: str) -> list[str]:
    """A table without secrets (calendar days, currency catalogue): every signed-in reader may read it all."""
    return [*_enable(table), f"create policy reader on {table} for select to {READER} using (true)"]


def overseen(table: str) -> list[str]:
    """The knowledge of who sees all, the operator and the regulator; no other reader reads a row of it."""
    return [*_enable(table), f"create policy reader on {table} for select to {READER} using ({SEES_ALL})"]


def closed(table: str) -> list[str]:
    """No reader reads it at all: secrets, and what belongs to single people."""
    return [statement for statement in public_data(table) if READER not in statement]


def append_only(table: str, sealed: str = "") -> list[str]:
    """The writer may add rows and nothing else; a trigger refuses UPDATE, DELETE and TRUNCATE even to the owner.

    A ``sealed`` column may be sealed anew under another key: only a rotation does that.
    """
    resealing = (
        [
            f"grant update ({sealed}) on {table} to {WRITER}",
            f"create trigger append_only_sealed before update on {table} for each row "
            f"when (to_jsonb(old) - '{sealed}' <> to_jsonb(new) - '{sealed}' "
            f"or not platform_sealed_alike(old.{sealed}, new.{sealed})) execute function platform_refuse_change()",
        ]
        if sealed
        else []
    )
    return [
        f"revoke all on {table} from {WRITER}",
        f"grant select, insert on {table} to {WRITER}",
        *resealing,
        f"create trigger append_only before {'delete' if sealed else 'update or delete'} on {table} "
        "for each row execute function platform_refuse_change()",
        f"create trigger append_only_truncate before truncate on {table} "
        "for each statement execute function platform_refuse_change()",
    ]


def allow_delete(table: str) -> list[str]:
    """For work tables only (sessions, queues of constraint checks): the writer may delete their rows."""
    return [f"grant delete on {table} to {WRITER}"]


def run(*groups: Sequence[str]) -> list[tuple[str, None]]:
    """Statements in the form that ``migrations.RunSQL`` takes."""
    return [(statement, None) for group in groups for statement in group]
