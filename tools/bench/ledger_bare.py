"""The least that posting can cost on this server: lock the accounts, insert the transfers, move the balances.

Two tables, two secondary indexes and one function of arrays; no idempotency, no holds, no bounds, no digests, no past. What
our ledger costs beside it is the price of what it promises, and the machine's own speed cancels out.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

_SQL = """
create schema bare;
grant usage on schema bare to fourflow_writer;
create table bare.account (
  id bigint primary key, debits bigint not null default 0 check (debits >= 0),
  credits bigint not null default 0 check (credits >= 0)) with (fillfactor = 50);
create table bare.transfer (
  id bigint generated always as identity primary key, debit bigint not null, credit bigint not null,
  amount bigint not null check (amount > 0), kind text not null, instrument uuid, narrative text not null,
  effective_at timestamptz not null, recorded_at timestamptz not null default now(), check (debit <> credit));
create index on bare.transfer (debit, effective_at);
create index on bare.transfer (credit, effective_at);
create function bare.post(p_effective_at timestamptz, p_debit bigint[], p_credit bigint[], p_amount bigint[], p_kind text[],
  p_instrument uuid[], p_narrative text[]) returns void language plpgsql security definer set search_path = bare, pg_temp as $f$
begin
  perform from account where id = any (p_debit || p_credit) order by id for no key update;
  insert into transfer (debit, credit, amount, kind, instrument, narrative, effective_at)
    select n.*, p_effective_at from unnest(p_debit, p_credit, p_amount, p_kind, p_instrument, p_narrative) n;
  update account a set debits = a.debits + m.debits, credits = a.credits + m.credits
    from (select id, sum(debits)::bigint as debits, sum(credits)::bigint as credits
            from (select d as id, amount as debits, 0 as credits from unnest(p_debit, p_amount) x (d, amount)
                  union all select c, 0, amount from unnest(p_credit, p_amount) x (c, amount)) side
           group by id order by id) m
   where a.id = m.id;
end $f$;
"""
_POST = "select bare.post(now(), %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::uuid[], %s::text[])"


def prepare(owner: psycopg.Connection, accounts: Sequence[int]) -> None:
    """The bare tables with these accounts."""
    owner.execute(_SQL.encode())
    owner.execute("insert into bare.account (id) select unnest(%s::bigint[])", [list(accounts)])
    owner.execute("analyze bare.account")


def post(columns: Sequence[str]) -> None:
    """One batch, of the columns that our own function takes, on Django's connection."""
    from django.db import connection

    debit, credit, amount, kind, _refers_to, _expires_at, instrument, narrative = columns
    with connection.cursor() as cursor:
        cursor.execute(_POST, [debit, credit, amount, kind, instrument, narrative])
