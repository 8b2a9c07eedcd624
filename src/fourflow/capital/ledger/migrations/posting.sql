-- What the ledger promises, said to the database. Core SQL, PostgreSQL 15 or later, no extension.
--
-- A row of ledger_transfer moves one amount from one account to another of the same book and currency, so every entry
-- balances by construction. Balances follow from the transfers inside the same statement (trigger ledger_moves_balances);
-- there is no other way to change one, for any role. Only the function ledger_post inserts transfers.

-- 1. Structure ---------------------------------------------------------------------------------------------------

alter table ledger_book
  add constraint ledger_book_code_says_who check (code = kind || ':' || owner_id);

alter table ledger_account
  add constraint ledger_account_currency check (currency ~ '^[A-Z]{3}$'),
  add constraint ledger_account_chart_code check (chart_code ~ '^[a-z][a-z0-9_.]*$'),
  add constraint ledger_account_one_bound check (not (debits_must_not_exceed_credits and credits_must_not_exceed_debits)),
  add constraint ledger_account_identity
    unique (id, book_id, currency, debits_must_not_exceed_credits, credits_must_not_exceed_debits);

-- The bounds are copied from the account so that a CHECK can see them; the foreign key keeps the copy true.
alter table ledger_balance set (fillfactor = 50);
alter table ledger_balance
  add constraint ledger_balance_of_account
    foreign key (account_id, book_id, currency, debits_must_not_exceed_credits, credits_must_not_exceed_debits)
    references ledger_account (id, book_id, currency, debits_must_not_exceed_credits, credits_must_not_exceed_debits),
  add constraint ledger_balance_not_negative
    check (debits_posted >= 0 and credits_posted >= 0 and debits_pending >= 0 and credits_pending >= 0 and entries >= 0),
  add constraint ledger_balance_debits_within_credits
    check (not debits_must_not_exceed_credits or debits_posted + debits_pending <= credits_posted),
  add constraint ledger_balance_credits_within_debits
    check (not credits_must_not_exceed_debits or credits_posted + credits_pending <= debits_posted),
  add constraint ledger_balance_closed_at_zero
    check (not closed or (debits_posted = credits_posted and debits_pending = 0 and credits_pending = 0));

alter table ledger_batch
  add constraint ledger_batch_reference_says_something check (reference <> ''),
  add constraint ledger_batch_size check (size between 1 and 10000),
  add constraint ledger_batch_digest check (octet_length(digest) = 32);

alter table ledger_transfer
  add constraint ledger_transfer_id_within_batch check (id >> 16 = batch_id and id & 65535 > 0),
  add constraint ledger_transfer_two_accounts check (debit_account_id <> credit_account_id),
  add constraint ledger_transfer_amount_positive check (amount > 0),
  add constraint ledger_transfer_refers_by_kind
    check (case kind when 'posted' then refers_to_id is null and released = 0
                     when 'hold' then refers_to_id is null and released = 0
                     when 'post' then refers_to_id is not null and released > 0
                     when 'void' then refers_to_id is not null and released > 0
                     when 'expire' then refers_to_id is not null and released > 0
                     when 'reversal' then refers_to_id is not null and released = 0
                     else false end),
  add constraint ledger_transfer_post_within_hold check (kind <> 'post' or released = 0 or amount <= released),
  add constraint ledger_transfer_release_whole check (kind not in ('void', 'expire') or released = 0 or amount = released),
  add constraint ledger_transfer_expiry check (expires_at is null or (kind = 'hold' and expires_at > effective_at)),
  add constraint ledger_transfer_narrative check (narrative_code <> '');

-- 2. Balances follow transfers -----------------------------------------------------------------------------------

-- What one transfer of a kind adds to the posted and to the pending side of both its accounts.
create function ledger_posted(kind text, amount bigint) returns bigint language sql immutable parallel safe
  return case when kind in ('posted', 'post', 'reversal') then amount else 0 end;
create function ledger_pending(kind text, amount bigint, released bigint) returns bigint language sql immutable parallel safe
  return case kind when 'hold' then amount else -released end;

-- A busy account has checkpoints: one each time the count of its transfers passes a multiple of 512. A transfer knows of
-- both its accounts whether they were busy before it; only then is it in the index by recorded time. An account that is not
-- has few transfers, all found by the index by effective time.
create function ledger_busy(entries bigint) returns boolean language sql immutable parallel safe return entries >= 512;

-- The sum of amounts in 64 bits: sum() goes through numeric, which took a twentieth of the time of posting.
create aggregate ledger_sum(bigint) (sfunc = int8pl, stype = bigint, initcond = '0', parallel = safe);

-- Refuses an insert for a named reason.
create function ledger_refuse(rule text, reason text, about text) returns void language plpgsql as $f$
begin
  raise exception '%', reason using errcode = '23514', constraint = rule, table = 'ledger_transfer', detail = about;
end $f$;

-- Once per statement that inserts transfers: the transfers are one batch, each between two open accounts of its own book
-- and currency that were last changed before, and refer to what they may; then the balances move. It stands in place of
-- three foreign keys per row, which check the same at a third of the whole time of posting.
--
-- Lookups go by primary key, in order of account, whatever a cached plan would like: see the settings of ledger_post.
create function ledger_move_balances() returns trigger language plpgsql as $f$
declare
  number bigint; effective timestamptz; moment timestamptz; refers boolean; of_batch boolean;
  touched integer; expected integer; late bigint[]; crossed bigint[];
begin
  select m.batch, m.effective_at, m.recorded_at, m.refers, m.is_one and b.id is not null
    into number, effective, moment, refers, of_batch
    from (select min(batch_id) as batch, max(effective_at) as effective_at, max(recorded_at) as recorded_at,
                 bool_or(refers_to_id is not null) as refers, min(batch_id) = max(batch_id)
                 and min(effective_at) = max(effective_at) and min(recorded_at) = max(recorded_at) as is_one
            from moved) m
    left join ledger_batch b on b.id = m.batch and b.effective_at = m.effective_at and b.recorded_at = m.recorded_at;
  if number is null then
    return null;
  end if;
  if not of_batch then
    perform ledger_refuse('ledger_transfer_of_batch', 'transfers of one statement are one batch', number::text);
  end if;
  if refers then
    perform ledger_check_references(array_agg(id), array_agg(refers_to_id), array_agg(debit_account_id),
      array_agg(credit_account_id), array_agg(amount), array_agg(kind), array_agg(released), effective)
      from moved where refers_to_id is not null;
  end if;
  with change as (
    select account_id, book_id, currency, is_busy, ledger_sum(debit_posted) as debit_posted,
           ledger_sum(credit_posted) as credit_posted, ledger_sum(debit_pending) as debit_pending,
           ledger_sum(credit_pending) as credit_pending, count(*) as entries
      from (select debit_account_id as account_id, book_id, currency, debit_is_busy as is_busy,
                   ledger_posted(kind, amount) as debit_posted, 0::bigint as credit_posted,
                   ledger_pending(kind, amount, released) as debit_pending, 0::bigint as credit_pending from moved
            union all
            select credit_account_id, book_id, currency, credit_is_busy, 0, ledger_posted(kind, amount), 0,
                   ledger_pending(kind, amount, released) from moved) side
     group by account_id, book_id, currency, is_busy
     order by account_id),
  changed as (
    update ledger_balance b
       set debits_posted = b.debits_posted + c.debit_posted, credits_posted = b.credits_posted + c.credit_posted,
           debits_pending = b.debits_pending + c.debit_pending, credits_pending = b.credits_pending + c.credit_pending,
           entries = b.entries + c.entries, recorded_at = moment,
           earliest_effective_at = least(b.earliest_effective_at, effective),
           latest_effective_at = greatest(b.latest_effective_at, effective)
      from change c
     where b.account_id = c.account_id and b.book_id = c.book_id and b.currency = c.currency
       and not b.closed and coalesce(b.recorded_at, '-infinity') < moment and c.is_busy = ledger_busy(b.entries)
    returning b.account_id, b.checkpoint_effective_at >= effective as is_late,
              b.entries / 512 <> (b.entries - c.entries) / 512 as is_crossing)
  select count(*), (select count(*) from change), array_agg(account_id) filter (where is_late),
         array_agg(account_id) filter (where is_crossing)
    into touched, expected, late, crossed from changed;
  if touched <> expected then
    perform ledger_explain_refusal(array_agg(debit_account_id || array[credit_account_id]), array_agg(book_id), array_agg(currency::text))
      from moved;
  end if;
  if late is not null then
    update ledger_effective_checkpoint p
       set debits_posted = p.debits_posted + c.debit_posted, credits_posted = p.credits_posted + c.credit_posted,
           debits_pending = p.debits_pending + c.debit_pending, credits_pending = p.credits_pending + c.credit_pending
      from (select account_id, sum(debit_posted)::bigint as debit_posted, sum(credit_posted)::bigint as credit_posted,
                   sum(debit_pending)::bigint as debit_pending, sum(credit_pending)::bigint as credit_pending
              from (select debit_account_id as account_id, ledger_posted(kind, amount) as debit_posted, 0 as credit_posted,
                           ledger_pending(kind, amount, released) as debit_pending, 0 as credit_pending from moved
                    union all
                    select credit_account_id, 0, ledger_posted(kind, amount), 0, ledger_pending(kind, amount, released)
                      from moved) side
             where account_id = any (late) group by account_id) c
     where p.account_id = c.account_id and p.effective_at >= effective;
  end if;
  if crossed is not null then
    perform ledger_add_checkpoints(crossed, effective);
  end if;
  return null;
end $f$;

create function ledger_explain_refusal(p_accounts bigint[], p_book uuid[], p_currency text[]) returns void language plpgsql as $f$
declare
  closed_account bigint;
begin
  select account_id into closed_account from ledger_balance
   where account_id = any (p_accounts) and closed order by account_id limit 1;
  if found then
    perform ledger_refuse('ledger_account_closed', 'account is closed', closed_account::text);
  end if;
  perform ledger_refuse('ledger_transfer_one_book_and_currency',
    'an account is of another book or currency or busier than the transfer says, unknown, or changed later than the batch', '');
end $f$;

-- A hold is resolved by its own two accounts; a reversal swaps those of what it takes back, for the whole amount.
create function ledger_check_references(p_id bigint[], p_refers_to bigint[], p_debit bigint[], p_credit bigint[],
  p_amount bigint[], p_kind text[], p_released bigint[], p_effective_at timestamptz) returns void language plpgsql as $f$
declare
  wrong record;
begin
  select n.id, n.kind, n.refers_to, rule into wrong
    from unnest(p_id, p_refers_to, p_debit, p_credit, p_amount, p_kind, p_released)
           as n (id, refers_to, debit, credit, amount, kind, released)
    left join lateral (select * from ledger_transfer where id = n.refers_to offset 0) h on true
   cross join lateral (select case
      when h.id is null then 'ledger_transfer_refers'
      when n.kind = 'reversal' then case
        when h.kind not in ('posted', 'post') then 'ledger_reversal_of_posting'
        when h.debit_account_id <> n.credit or h.credit_account_id <> n.debit then 'ledger_reversal_swaps_accounts'
        when h.amount <> n.amount then 'ledger_reversal_whole'
        when p_effective_at < h.effective_at then 'ledger_refers_to_the_past' end
      when h.kind <> 'hold' then 'ledger_resolves_hold'
      when h.debit_account_id <> n.debit or h.credit_account_id <> n.credit then 'ledger_hold_same_accounts'
      when h.amount <> n.released then 'ledger_hold_released_whole'
      when n.kind = 'post' and h.expires_at <= p_effective_at then 'ledger_hold_expired'
      when n.kind = 'expire' and (h.expires_at is null or h.expires_at > p_effective_at) then 'ledger_hold_not_due'
      when p_effective_at < h.effective_at then 'ledger_refers_to_the_past' end as rule) r
   where rule is not null order by n.id limit 1;
  if found then
    perform ledger_refuse(wrong.rule, format('transfer %s (%s) may not refer to %s', wrong.id, wrong.kind, wrong.refers_to),
      wrong.refers_to::text);
  end if;
end $f$;

create trigger ledger_moves_balances after insert on ledger_transfer referencing new table as moved
  for each statement execute function ledger_move_balances();

-- Refuses every such statement, even one that meets no row. TG_ARGV[0] names the rule.
create function ledger_refuse_statement() returns trigger language plpgsql as $f$
begin
  raise exception '% on % is refused', tg_op, tg_table_name
    using errcode = '23514', constraint = tg_argv[0], table = tg_table_name;
end $f$;

create trigger ledger_append_only before update or delete or truncate on ledger_transfer
  for each statement execute function ledger_refuse_statement('ledger_append_only');
create trigger ledger_append_only before update or delete or truncate on ledger_batch
  for each statement execute function ledger_refuse_statement('ledger_append_only');
create trigger ledger_append_only before update or delete or truncate on ledger_account
  for each statement execute function ledger_refuse_statement('ledger_append_only');
create trigger ledger_append_only before update or delete or truncate on ledger_book
  for each statement execute function ledger_refuse_statement('ledger_append_only');
create trigger ledger_append_only before delete or truncate on ledger_balance
  for each statement execute function ledger_refuse_statement('ledger_append_only');

-- A balance moves inside the insert of transfers (a trigger within a trigger) and not otherwise; the flag "closed" may.
create trigger ledger_follows_transfers
  before update of account_id, book_id, currency, debits_must_not_exceed_credits, credits_must_not_exceed_debits, debits_posted,
    credits_posted, debits_pending, credits_pending, entries, recorded_at, earliest_effective_at, latest_effective_at, checkpoint_effective_at on ledger_balance
  for each statement when (pg_trigger_depth() = 0) execute function ledger_refuse_statement('ledger_follows_transfers');
create trigger ledger_follows_transfers before insert or update or delete on ledger_effective_checkpoint
  for each statement when (pg_trigger_depth() = 0) execute function ledger_refuse_statement('ledger_follows_transfers');
create trigger ledger_follows_transfers before insert or update or delete on ledger_recorded_checkpoint
  for each statement when (pg_trigger_depth() = 0) execute function ledger_refuse_statement('ledger_follows_transfers');

create function ledger_balance_starts_at_zero() returns trigger language plpgsql as $f$
begin
  if (new.debits_posted, new.credits_posted, new.debits_pending, new.credits_pending, new.entries) <> (0, 0, 0, 0, 0)
     or coalesce(new.recorded_at, new.earliest_effective_at, new.latest_effective_at, new.checkpoint_effective_at) is not null then
    raise exception 'a balance starts at zero'
      using errcode = '23514', constraint = 'ledger_starts_at_zero', table = 'ledger_balance';
  end if;
  return new;
end $f$;
create trigger ledger_starts_at_zero before insert on ledger_balance
  for each row execute function ledger_balance_starts_at_zero();

-- 3. Balances of the past ----------------------------------------------------------------------------------------

create type ledger_totals as (debits_posted bigint, credits_posted bigint, debits_pending bigint, credits_pending bigint);

-- What the transfers of an account add to its totals, for those after one instant and up to another, by either time.
create function ledger_sides_effective(p_account bigint, p_after timestamptz, p_until timestamptz)
  returns table (debit_posted bigint, credit_posted bigint, debit_pending bigint, credit_pending bigint,
                 effective_at timestamptz, recorded_at timestamptz) language sql stable
as $f$
  select ledger_posted(kind, amount), 0::bigint, ledger_pending(kind, amount, released), 0::bigint, effective_at, recorded_at
    from ledger_transfer where debit_account_id = p_account and effective_at > p_after and effective_at <= p_until
  union all
  select 0, ledger_posted(kind, amount), 0, ledger_pending(kind, amount, released), effective_at, recorded_at
    from ledger_transfer where credit_account_id = p_account and effective_at > p_after and effective_at <= p_until
$f$;
-- The dates that bound the transfers of an account before it was busy, and when the last of them was recorded.
create function ledger_first_segment(p_account bigint)
  returns table (earliest timestamptz, latest timestamptz, until timestamptz) language sql stable
as $f$
  select coalesce(p.earliest_effective_at, b.earliest_effective_at), coalesce(p.latest_effective_at, b.latest_effective_at),
         coalesce(p.recorded_at, 'infinity')
    from ledger_balance b
    left join lateral (select earliest_effective_at, latest_effective_at, recorded_at from ledger_recorded_checkpoint
                        where account_id = p_account order by recorded_at limit 1) p on true
   where b.account_id = p_account
$f$;

create function ledger_sides_recorded(p_account bigint, p_after timestamptz, p_until timestamptz)
  returns table (debit_posted bigint, credit_posted bigint, debit_pending bigint, credit_pending bigint,
                 effective_at timestamptz, recorded_at timestamptz) language sql stable
as $f$
  select ledger_posted(kind, amount), 0::bigint, ledger_pending(kind, amount, released), 0::bigint, effective_at, recorded_at
    from ledger_transfer
   where debit_account_id = p_account and debit_is_busy and recorded_at > p_after and recorded_at <= p_until
  union all
  select 0, ledger_posted(kind, amount), 0, ledger_pending(kind, amount, released), effective_at, recorded_at
    from ledger_transfer
   where credit_account_id = p_account and credit_is_busy and recorded_at > p_after and recorded_at <= p_until
  union all
  select side.* from ledger_first_segment(p_account) first, lateral (
    select ledger_posted(kind, amount), 0::bigint, ledger_pending(kind, amount, released), 0::bigint, effective_at, recorded_at
      from ledger_transfer where debit_account_id = p_account and not debit_is_busy
       and effective_at >= first.earliest and effective_at <= first.latest and recorded_at > p_after and recorded_at <= p_until
    union all
    select 0, ledger_posted(kind, amount), 0, ledger_pending(kind, amount, released), effective_at, recorded_at
      from ledger_transfer where credit_account_id = p_account and not credit_is_busy
       and effective_at >= first.earliest and effective_at <= first.latest and recorded_at > p_after and recorded_at <= p_until
    ) side
   where p_after < first.until
$f$;

-- Up to and including an instant, by the time at which transfers took effect, as known now: the nearest checkpoint before,
-- plus what lies between.
create function ledger_totals_effective(p_account bigint, p_effective_at timestamptz) returns ledger_totals
  language plpgsql stable set enable_seqscan = off set enable_bitmapscan = off
as $f$
declare
  base ledger_effective_checkpoint; result ledger_totals;
begin
  select * into base from ledger_effective_checkpoint
   where account_id = p_account and effective_at <= p_effective_at order by effective_at desc limit 1;
  select coalesce(sum(debit_posted), 0) + coalesce(base.debits_posted, 0),
         coalesce(sum(credit_posted), 0) + coalesce(base.credits_posted, 0),
         coalesce(sum(debit_pending), 0) + coalesce(base.debits_pending, 0),
         coalesce(sum(credit_pending), 0) + coalesce(base.credits_pending, 0)
    into result from ledger_sides_effective(p_account, coalesce(base.effective_at, '-infinity'), p_effective_at);
  return result;
end $f$;

-- Up to and including an instant, by the time at which the database learnt of transfers, whenever they took effect.
create function ledger_totals_recorded(p_account bigint, p_recorded_at timestamptz) returns ledger_totals
  language plpgsql stable set enable_seqscan = off set enable_bitmapscan = off
as $f$
declare
  base ledger_recorded_checkpoint; result ledger_totals;
begin
  select * into base from ledger_recorded_checkpoint
   where account_id = p_account and recorded_at <= p_recorded_at order by recorded_at desc limit 1;
  select coalesce(sum(debit_posted), 0) + coalesce(base.debits_posted, 0),
         coalesce(sum(credit_posted), 0) + coalesce(base.credits_posted, 0),
         coalesce(sum(debit_pending), 0) + coalesce(base.debits_pending, 0),
         coalesce(sum(credit_pending), 0) + coalesce(base.credits_pending, 0)
    into result from ledger_sides_recorded(p_account, coalesce(base.recorded_at, '-infinity'), p_recorded_at);
  return result;
end $f$;

-- What the transfers recorded after one instant and up to another add, as far as they had taken effect by E. Segments between
-- checkpoints that lie wholly before E count by the difference of their totals, those wholly after E not at all; only
-- segments that straddle E are read, and what lies before the first and after the last checkpoint.
create function ledger_totals_between(p_account bigint, p_after timestamptz, p_until timestamptz, p_effective_at timestamptz)
  returns ledger_totals language plpgsql stable set enable_seqscan = off set enable_bitmapscan = off
as $f$
declare
  result ledger_totals;
begin
  with mark as (
    select recorded_at, debits_posted as dp, credits_posted as cp, debits_pending as dn, credits_pending as cn,
           earliest_effective_at as earliest, latest_effective_at as latest
      from ledger_recorded_checkpoint
     where account_id = p_account and recorded_at > p_after and recorded_at <= p_until
    union all
    select '-infinity', 0, 0, 0, 0, null, null where p_after = '-infinity'),
  segment as (
    select lag(recorded_at) over w as since, recorded_at as until, earliest, latest, dp - lag(dp) over w as dp,
           cp - lag(cp) over w as cp, dn - lag(dn) over w as dn, cn - lag(cn) over w as cn
      from mark window w as (order by recorded_at)),
  unread as (
    select since, until from segment where since is not null and earliest <= p_effective_at and latest > p_effective_at
    union all
    select p_after, coalesce((select min(recorded_at) from mark), p_until) where p_after <> '-infinity'
    union all
    select max(recorded_at), p_until from mark having max(recorded_at) is not null),
  part as (
    select dp, cp, dn, cn from segment where since is not null and latest <= p_effective_at
    union all
    select t.debit_posted, t.credit_posted, t.debit_pending, t.credit_pending
      from unread, lateral ledger_sides_recorded(p_account, unread.since, unread.until) t
     where t.effective_at <= p_effective_at)
  select coalesce(sum(dp), 0), coalesce(sum(cp), 0), coalesce(sum(dn), 0), coalesce(sum(cn), 0) into result from part;
  return result;
end $f$;

-- What had taken effect by E, as it was known at R: all that was recorded up to R; or all that is known now, less what was
-- recorded after R: whichever has fewer segments to read.
create function ledger_totals_known(p_account bigint, p_effective_at timestamptz, p_recorded_at timestamptz)
  returns ledger_totals language plpgsql stable
as $f$
declare
  before integer; after integer; now_known ledger_totals; later ledger_totals;
begin
  select count(*) filter (where recorded_at <= p_recorded_at), count(*) filter (where recorded_at > p_recorded_at)
    into before, after from ledger_recorded_checkpoint
   where account_id = p_account and earliest_effective_at <= p_effective_at and latest_effective_at > p_effective_at;
  if before <= after then
    return ledger_totals_between(p_account, '-infinity', p_recorded_at, p_effective_at);
  end if;
  now_known := ledger_totals_effective(p_account, p_effective_at);
  later := ledger_totals_between(p_account, p_recorded_at, 'infinity', p_effective_at);
  return (now_known.debits_posted - later.debits_posted, now_known.credits_posted - later.credits_posted,
          now_known.debits_pending - later.debits_pending, now_known.credits_pending - later.credits_pending);
end $f$;

create function ledger_add_checkpoints(p_accounts bigint[], p_effective_at timestamptz) returns void language plpgsql as $f$
begin
  insert into ledger_recorded_checkpoint (account_id, recorded_at, earliest_effective_at, latest_effective_at, debits_posted,
                                          credits_posted, debits_pending, credits_pending)
    select account_id, recorded_at, earliest_effective_at, latest_effective_at, debits_posted, credits_posted, debits_pending,
           credits_pending
      from ledger_balance where account_id = any (p_accounts);
  insert into ledger_effective_checkpoint (account_id, effective_at, debits_posted, credits_posted, debits_pending, credits_pending)
    select a.id, p_effective_at, t.debits_posted, t.credits_posted, t.debits_pending, t.credits_pending
      from unnest(p_accounts) as a (id), lateral ledger_totals_effective(a.id, p_effective_at) t
    on conflict (account_id, effective_at) do nothing;
  update ledger_balance set checkpoint_effective_at = greatest(checkpoint_effective_at, p_effective_at),
                            earliest_effective_at = null, latest_effective_at = null
   where account_id = any (p_accounts);
end $f$;

-- 4. Posting -----------------------------------------------------------------------------------------------------

-- SHA-256 over what was asked for, in the order asked; needs timezone UTC and datestyle ISO.
create function ledger_digest(p_effective_at timestamptz, p_debit bigint[], p_credit bigint[], p_amount bigint[], p_kind text[],
  p_refers_to bigint[], p_expires_at timestamptz[], p_instrument uuid[], p_narrative text[]) returns bytea language sql stable
  return sha256(convert_to(concat_ws('|', p_effective_at::text, p_debit::text, p_credit::text, p_amount::text, p_kind::text,
    p_refers_to::text, p_expires_at::text, p_instrument::text, p_narrative::text), 'UTF8'));

-- Posts a linked batch: all or none. Outcome: posted; replayed (same reference, same input); input_differs (same reference,
-- other input); unknown_account. Only the first moves anything. Transfer ids are batch << 16 | position, from 1.
--
-- The settings keep plans independent of the sizes that they are first made for: one cached plan, by primary key.
create function ledger_post(p_reference text, p_effective_at timestamptz, p_debit bigint[], p_credit bigint[], p_amount bigint[],
  p_kind text[], p_refers_to bigint[], p_expires_at timestamptz[], p_instrument uuid[], p_narrative text[],
  out batch bigint, out outcome text) language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp set timezone = 'UTC' set datestyle = 'ISO'
  set plan_cache_mode = force_generic_plan set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
  set enable_material = off
as $f$
declare
  wanted integer; known integer; last_moment timestamptz; moment timestamptz; fingerprint bytea; stored bytea; earlier record;
begin
  fingerprint := ledger_digest(p_effective_at, p_debit, p_credit, p_amount, p_kind, p_refers_to, p_expires_at, p_instrument,
    p_narrative);
  select count(*), max(recorded_at), (select count(distinct a) from unnest(p_debit || p_credit) a)
    into known, last_moment, wanted
    from (select recorded_at from ledger_balance where account_id = any (p_debit || p_credit)
           order by account_id for no key update) locked;
  if known <> wanted then
    outcome := 'unknown_account';
    return;
  end if;
  -- Later than every balance touched: the order of recording is the order of the locks, whatever the machine's clock does.
  moment := greatest(clock_timestamp(), last_moment + interval '1 microsecond');
  insert into ledger_batch (reference, digest, size, effective_at, recorded_at)
    values (p_reference, fingerprint, cardinality(p_debit), p_effective_at, moment)
    on conflict (reference) do nothing returning id into batch;
  if not found then
    select id, digest into batch, stored from ledger_batch where reference = p_reference;
    outcome := case when stored = fingerprint then 'replayed' else 'input_differs' end;
    return;
  end if;
  if array_remove(p_refers_to, null) <> '{}' then
    select t.refers_to_id, t.kind into earlier from unnest(p_refers_to) as r (id), ledger_transfer t
     where r.id is not null and t.refers_to_id = r.id limit 1;
    if found then
      perform ledger_refuse('ledger_transfer_referred_once', 'resolved or reversed before',
        earlier.refers_to_id || ' ' || earlier.kind);
    end if;
  end if;
  insert into ledger_transfer (id, batch_id, book_id, currency, debit_account_id, credit_account_id, amount, kind,
                               refers_to_id, released, expires_at, instrument, narrative_code, effective_at, recorded_at,
                               debit_is_busy, credit_is_busy)
    select batch << 16 | n.position, batch, d.book_id, d.currency, n.debit, n.credit, n.amount, n.kind, n.refers_to,
           case when n.kind in ('post', 'void', 'expire')
             then coalesce((select h.amount from ledger_transfer h where h.id = n.refers_to), 0) else 0 end,
           n.expires_at, n.instrument, n.narrative, p_effective_at, moment, ledger_busy(d.entries), ledger_busy(c.entries)
      from unnest(p_debit, p_credit, p_amount, p_kind, p_refers_to, p_expires_at, p_instrument, p_narrative)
             with ordinality as n (debit, credit, amount, kind, refers_to, expires_at, instrument, narrative, position)
      cross join lateral (select book_id, currency, entries from ledger_balance where account_id = n.debit offset 0) d
      cross join lateral (select entries from ledger_balance where account_id = n.credit offset 0) c
     order by n.debit;  -- neighbours in the indexes by debit account
  outcome := 'posted';
end $f$;

-- 5. Accounts ----------------------------------------------------------------------------------------------------

-- Opens the accounts that are missing (their books exist) and answers the ids of all, in the order asked.
create function ledger_open_accounts(p_book uuid[], p_chart_code text[], p_currency text[], p_counterparty uuid[],
  p_debits_within boolean[], p_credits_within boolean[]) returns bigint[] language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp
as $f$
declare
  ids bigint[];
begin
  with opened as (
    insert into ledger_account (book_id, chart_code, currency, counterparty, debits_must_not_exceed_credits,
                                credits_must_not_exceed_debits)
      select distinct on (book, chart_code, currency, counterparty) book, chart_code, currency, counterparty, dw, cw
        from unnest(p_book, p_chart_code, p_currency, p_counterparty, p_debits_within, p_credits_within)
          as n (book, chart_code, currency, counterparty, dw, cw)
       where not exists (select from ledger_account a where a.book_id = n.book and a.chart_code = n.chart_code
                            and a.currency = n.currency and a.counterparty = n.counterparty)
       order by book, chart_code, currency, counterparty
      on conflict do nothing
      returning id, book_id, currency, debits_must_not_exceed_credits, credits_must_not_exceed_debits)
  insert into ledger_balance (account_id, book_id, currency, debits_must_not_exceed_credits, credits_must_not_exceed_debits)
    select * from opened;
  select array_agg(id order by position) into ids
    from unnest(p_book, p_chart_code, p_currency, p_counterparty) with ordinality
      as n (book, chart_code, currency, counterparty, position)
    cross join lateral (
      select a.id from ledger_account a where a.book_id = n.book and a.chart_code = n.chart_code and a.currency = n.currency
         and a.counterparty = n.counterparty
      union all
      select a.id from ledger_account a where n.counterparty is null and a.book_id = n.book and a.chart_code = n.chart_code
         and a.currency = n.currency and a.counterparty is null) found;
  return ids;
end $f$;

-- Closes an account at zero for further transfers, or opens it again. Answers whether the account exists.
create function ledger_set_closed(p_account bigint, p_closed boolean) returns boolean language plpgsql security definer
  set search_path = pg_catalog, public, pg_temp
as $f$
begin
  update ledger_balance set closed = p_closed where account_id = p_account;
  return found;
end $f$;
