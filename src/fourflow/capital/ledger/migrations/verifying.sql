-- Recomputing the ledger from its transfers.

-- What one batch consists of, in words that mean the same in any database: SHA-256 over a line per transfer with the
-- names of its accounts. Bound into the evidence of the events that the batch belongs to. Planned once and by key: asked at
-- each posting, a plan for batches of any size would read all accounts for the few of one.
create function ledger_batch_content(p_batch bigint) returns text language plpgsql stable
  set timezone = 'UTC' set datestyle = 'ISO'
  set plan_cache_mode = force_generic_plan set enable_hashjoin = off set enable_mergejoin = off set enable_seqscan = off
as $f$
begin
  return (
    select encode(sha256(convert_to(string_agg(line, E'\n' order by id), 'UTF8')), 'hex') from (
      select t.id, jsonb_build_array(t.id & 65535, b.code, t.currency, d.chart_code, d.counterparty, c.chart_code, c.counterparty,
          t.amount, t.kind, t.refers_to_id, t.released, t.expires_at::text, t.instrument, t.narrative_code, t.effective_at::text,
          t.recorded_at::text, d.book_id = t.book_id and c.book_id = t.book_id and d.currency = t.currency
            and c.currency = t.currency)::text as line
        from ledger_transfer t
        join ledger_account d on d.id = t.debit_account_id
        join ledger_account c on c.id = t.credit_account_id
        join ledger_book b on b.id = t.book_id
       where t.id between p_batch << 16 and (p_batch << 16) + 65535 and t.batch_id = p_batch) lines);
end
$f$;

-- Every row that does not follow from the transfers: its table, its key, what follows, what is there.
create function ledger_verify() returns table (what text, key text, expected text, found text) language plpgsql stable
  set timezone = 'UTC' set datestyle = 'ISO' set work_mem = '64MB'
as $f$
begin
  -- balances
  return query
    with side as (
      select debit_account_id as account_id, ledger_posted(kind, amount) as dp, 0::bigint as cp,
             ledger_pending(kind, amount, released) as dn, 0::bigint as cn, recorded_at from ledger_transfer
      union all
      select credit_account_id, 0, ledger_posted(kind, amount), 0, ledger_pending(kind, amount, released), recorded_at
        from ledger_transfer),
    total as (
      select account_id, concat_ws(' ', sum(dp), sum(cp), sum(dn), sum(cn), count(*), max(recorded_at)) as sums
        from side group by account_id)
    select 'balance', coalesce(b.account_id, total.account_id)::text, coalesce(total.sums, '0 0 0 0 0'),
           concat_ws(' ', b.debits_posted, b.credits_posted, b.debits_pending, b.credits_pending, b.entries, b.recorded_at)
      from ledger_balance b full join total on total.account_id = b.account_id
     where coalesce(total.sums, '0 0 0 0 0') is distinct from
           concat_ws(' ', b.debits_posted, b.credits_posted, b.debits_pending, b.credits_pending, b.entries, b.recorded_at);
  -- accounts without balance, or with other bounds
  return query
    select 'account', a.id::text, concat_ws(' ', a.book_id, a.currency, a.debits_must_not_exceed_credits,
             a.credits_must_not_exceed_debits),
           concat_ws(' ', b.book_id, b.currency, b.debits_must_not_exceed_credits, b.credits_must_not_exceed_debits)
      from ledger_account a left join ledger_balance b on b.account_id = a.id
     where (a.book_id, a.currency, a.debits_must_not_exceed_credits, a.credits_must_not_exceed_debits) is distinct from
           (b.book_id, b.currency, b.debits_must_not_exceed_credits, b.credits_must_not_exceed_debits);
  -- checkpoints, both kinds: running totals of the busy accounts
  return query
    with busy as (select distinct account_id from ledger_effective_checkpoint union select account_id from ledger_recorded_checkpoint),
    side as (
      select debit_account_id as account_id, ledger_posted(kind, amount) as dp, 0::bigint as cp,
             ledger_pending(kind, amount, released) as dn, 0::bigint as cn, effective_at, recorded_at
        from ledger_transfer join busy on busy.account_id = debit_account_id
      union all
      select credit_account_id, 0, ledger_posted(kind, amount), 0, ledger_pending(kind, amount, released), effective_at, recorded_at
        from ledger_transfer join busy on busy.account_id = credit_account_id),
    effective as (
      select distinct account_id, effective_at, concat_ws(' ', sum(dp) over w, sum(cp) over w, sum(dn) over w, sum(cn) over w) as sums
        from side window w as (partition by account_id order by effective_at)),
    recorded as (
      select distinct account_id, recorded_at, concat_ws(' ', sum(dp) over w, sum(cp) over w, sum(dn) over w, sum(cn) over w) as sums
        from side window w as (partition by account_id order by recorded_at))
    select 'effective checkpoint', concat_ws(' ', p.account_id, p.effective_at), e.sums,
           concat_ws(' ', p.debits_posted, p.credits_posted, p.debits_pending, p.credits_pending)
      from ledger_effective_checkpoint p left join effective e using (account_id, effective_at)
     where e.sums is distinct from concat_ws(' ', p.debits_posted, p.credits_posted, p.debits_pending, p.credits_pending)
    union all
    select 'recorded checkpoint', concat_ws(' ', p.account_id, p.recorded_at), r.sums,
           concat_ws(' ', p.debits_posted, p.credits_posted, p.debits_pending, p.credits_pending)
      from ledger_recorded_checkpoint p left join recorded r using (account_id, recorded_at)
     where r.sums is distinct from concat_ws(' ', p.debits_posted, p.credits_posted, p.debits_pending, p.credits_pending);
  -- the dates that bound each segment: of checkpoints, and of what follows the last one
  return query
    with segment as (
      select account_id, lag(recorded_at, 1, '-infinity') over w as since, recorded_at as until, earliest_effective_at as earliest,
             latest_effective_at as latest from ledger_recorded_checkpoint window w as (partition by account_id order by recorded_at)
      union all
      select b.account_id, coalesce((select max(p.recorded_at) from ledger_recorded_checkpoint p where p.account_id = b.account_id),
             '-infinity'), 'infinity', b.earliest_effective_at, b.latest_effective_at from ledger_balance b)
    select 'segment', concat_ws(' ', s.account_id, s.until), concat_ws(' ', t.earliest, t.latest), concat_ws(' ', s.earliest, s.latest)
      from segment s,
           lateral (select min(effective_at) as earliest, max(effective_at) as latest from (
                      select effective_at from ledger_sides_recorded(s.account_id, s.since, s.until) where s.since <> '-infinity'
                      union all
                      select effective_at from ledger_sides_effective(s.account_id, '-infinity', 'infinity')
                       where s.since = '-infinity' and recorded_at <= s.until) side) t
     where (t.earliest, t.latest) is distinct from (s.earliest, s.latest);
  -- batches: their size and the digest of what was asked for
  return query
    with content as (
      select batch_id, count(*) as size, min(effective_at) as effective_at, min(recorded_at) as recorded_at,
             encode(ledger_digest(min(effective_at), array_agg(debit_account_id order by id), array_agg(credit_account_id order by id),
               array_agg(amount order by id), array_agg(kind order by id), array_agg(refers_to_id order by id),
               array_agg(expires_at order by id), array_agg(instrument order by id), array_agg(narrative_code order by id)),
               'hex') as digest
        from ledger_transfer group by batch_id)
    select 'batch', coalesce(b.id, c.batch_id)::text, concat_ws(' ', c.size, c.effective_at, c.recorded_at, c.digest),
           concat_ws(' ', b.size, b.effective_at, b.recorded_at, encode(b.digest, 'hex'))
      from ledger_batch b full join content c on c.batch_id = b.id
     where concat_ws(' ', c.size, c.effective_at, c.recorded_at, c.digest) is distinct from
           concat_ws(' ', b.size, b.effective_at, b.recorded_at, encode(b.digest, 'hex'));
  -- transfers: what they say of how busy their accounts were
  return query
    with first as (select account_id, min(recorded_at) as recorded_at from ledger_recorded_checkpoint group by account_id)
    select 'busy', t.id::text, concat_ws(' ', t.recorded_at > d.recorded_at is true, t.recorded_at > c.recorded_at is true),
           concat_ws(' ', t.debit_is_busy, t.credit_is_busy)
      from ledger_transfer t
      left join first d on d.account_id = t.debit_account_id
      left join first c on c.account_id = t.credit_account_id
     where (t.debit_is_busy, t.credit_is_busy) is distinct from
           (t.recorded_at > d.recorded_at is true, t.recorded_at > c.recorded_at is true);
  -- transfers: both accounts of the transfer's own book and currency, references whole and by kind
  return query
    select 'transfer', t.id::text, concat_ws(' ', t.book_id, t.currency), concat_ws(' ', d.book_id, d.currency, c.book_id, c.currency)
      from ledger_transfer t
      left join ledger_account d on d.id = t.debit_account_id
      left join ledger_account c on c.id = t.credit_account_id
     where (d.book_id, d.currency, c.book_id, c.currency) is distinct from (t.book_id, t.currency, t.book_id, t.currency);
  return query
    select 'reference', t.id::text, concat_ws(' ', t.kind, t.refers_to_id, t.released), concat_ws(' ', h.kind, h.amount)
      from ledger_transfer t left join ledger_transfer h on h.id = t.refers_to_id
     where t.refers_to_id is not null and case when t.kind = 'reversal'
       then (h.debit_account_id, h.credit_account_id, h.amount, h.kind in ('posted', 'post'))
              is distinct from (t.credit_account_id, t.debit_account_id, t.amount, true)
       else (h.debit_account_id, h.credit_account_id, h.amount, h.kind)
              is distinct from (t.debit_account_id, t.credit_account_id, t.released, 'hold') end;
end $f$;
