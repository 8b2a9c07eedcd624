"""What is used follows from the uses, in the database itself, at every level of a chain; who may see what."""

from django.db import migrations

from fourflow.platform.db import rls

REFUSE = "using errcode = '23514', constraint ="

CLAIM_GUARD = f"""
create function claims_claim_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'DELETE' then
    raise exception 'a claim is never deleted' {REFUSE} 'claim_kept';
  end if;
  if tg_op = 'INSERT' then
    if (new.own_use_minor, new.used_minor, new.credited_minor) <> (0, 0, 0) then
      raise exception 'a claim begins unused' {REFUSE} 'claim_begins_unused';
    end if;
    return new;
  end if;
  if (to_jsonb(new) - array['own_use_minor', 'used_minor', 'credited_minor'])
     <> (to_jsonb(old) - array['own_use_minor', 'used_minor', 'credited_minor']) then
    raise exception 'a claim keeps its document, parties and amount' {REFUSE} 'claim_fixed';
  end if;
  if pg_trigger_depth() < 2 then
    raise exception 'what is used follows from the uses' {REFUSE} 'claim_used_from_uses';
  end if;
  return new;
end $f$
"""

USE_GUARD = f"""
create function claims_use_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'DELETE' then
    raise exception 'a use is never deleted' {REFUSE} 'claim_use_kept';
  end if;
  if tg_op = 'INSERT' then
    if new.released_minor <> 0 then
      raise exception 'a use begins whole' {REFUSE} 'claim_use_begins_whole';
    end if;
    return new;
  end if;
  if (to_jsonb(new) - 'released_minor') <> (to_jsonb(old) - 'released_minor') then
    raise exception 'of a use only what is released changes' {REFUSE} 'claim_use_fixed';
  end if;
  if new.released_minor < old.released_minor then
    raise exception 'what is released stays released' {REFUSE} 'claim_use_forward';
  end if;
  return new;
end $f$
"""

# The only writer of what is used; a use weighs on an ancestor as far as the share goes (domain/usage.py says why). Once a statement,
# so that a claim with many uses is written once. Each update takes the row's lock and sees the last committed amounts.
USE_APPLY = f"""
create function claims_use_apply() returns trigger language plpgsql as $f$
declare
  claims uuid[]; payables uuid[]; changes bigint[]; credits bigint[];
  used uuid[]; used_before bigint[]; used_after bigint[]; confirmed bigint;
begin
  if tg_op = 'INSERT' then
    select array_agg(claim_id), array_agg(payable_id), array_agg(amount_minor),
           array_agg(case when kind = 'credit_note' then amount_minor else 0 end)
      into claims, payables, changes, credits from added;
  else
    select array_agg(n.claim_id), array_agg(n.payable_id), array_agg(o.released_minor - n.released_minor),
           array_agg(case when n.kind = 'credit_note' then o.released_minor - n.released_minor else 0 end)
      into claims, payables, changes, credits from was o join added n using (id) where o.released_minor <> n.released_minor;
  end if;
  if claims is null then return null; end if;
  with own as (
    update claims_claim c set
        own_use_minor = c.own_use_minor + u.change, used_minor = c.used_minor + u.change, credited_minor = c.credited_minor + u.credit
      from (select claim, sum(change)::bigint as change, sum(credit)::bigint as credit
              from unnest(claims, changes, credits) as one (claim, change, credit) group by claim order by claim) u
      where c.id = u.claim
      returning c.id, c.own_use_minor - u.change as before, c.own_use_minor as after)
  select array_agg(id), array_agg(before), array_agg(after) into used, used_before, used_after from own;
  update claims_claim c set used_minor = c.used_minor + u.change
    from (select l.ancestor_id, sum(least(after, l.share_minor) - least(before, l.share_minor))::bigint as change
            from unnest(used, used_before, used_after) as own (id, before, after) join claims_link l on l.descendant_id = own.id
           group by l.ancestor_id order by l.ancestor_id) u
    where c.id = u.ancestor_id;
  update claims_payable p set used_minor = p.used_minor + u.change
    from (select payable, sum(change)::bigint as change from unnest(payables, changes) as one (payable, change)
           where payable is not null group by payable order by payable) u
    where p.id = u.payable and p.state = 'confirmed';
  get diagnostics confirmed = row_count;
  if confirmed <> (select count(distinct payable) from unnest(payables) as one (payable)) then
    raise exception 'only a confirmed payable is used' {REFUSE} 'payable_used_when_confirmed';
  end if;
  return null;
end $f$
"""

# A new link carries at once what the descendant itself uses; a share is no more than either of the two.
LINK_APPLY = f"""
create function claims_link_apply() returns trigger language plpgsql as $f$
declare below claims_claim; above claims_claim;
begin
  select * into below from claims_claim where id = new.descendant_id;
  select * into above from claims_claim where id = new.ancestor_id;
  if new.share_minor > least(below.amount_minor, above.amount_minor) then
    raise exception 'a share is no more than either claim' {REFUSE} 'claim_link_share';
  end if;
  if below.own_use_minor > 0 then
    update claims_claim set used_minor = used_minor + least(below.own_use_minor, new.share_minor)
      where id = new.ancestor_id;
  end if;
  return null;
end $f$
"""

PAYABLE_GUARD = f"""
create function claims_payable_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'DELETE' then
    raise exception 'a payable is never deleted' {REFUSE} 'payable_kept';
  end if;
  if tg_op = 'INSERT' then
    if new.state <> 'proposed' or new.used_minor <> 0 then
      raise exception 'a payable begins proposed and unused' {REFUSE} 'payable_begins_proposed';
    end if;
    if new.amount_minor > (select amount_minor from claims_claim where id = new.claim_id) then
      raise exception 'a payable is no more than its claim' {REFUSE} 'payable_within_claim';
    end if;
    return new;
  end if;
  if (to_jsonb(new) - array['state', 'used_minor', 'confirmed_by', 'confirmed_at', 'signature', 'withdrawn_by', 'reason'])
     <> (to_jsonb(old) - array['state', 'used_minor', 'confirmed_by', 'confirmed_at', 'signature', 'withdrawn_by', 'reason']) then
    raise exception 'a payable keeps what it says' {REFUSE} 'payable_fixed';
  end if;
  if new.used_minor <> old.used_minor and pg_trigger_depth() < 2 then
    raise exception 'what is used follows from the uses' {REFUSE} 'payable_used_from_uses';
  end if;
  if new.state <> old.state and (old.state, new.state) not in
      (('proposed', 'confirmed'), ('proposed', 'withdrawn'), ('proposed', 'expired'), ('confirmed', 'withdrawn')) then
    raise exception 'a payable does not go from % to %', old.state, new.state {REFUSE} 'payable_step';
  end if;
  if old.signature is not null and (new.signature, new.confirmed_by, new.confirmed_at)
      is distinct from (old.signature, old.confirmed_by, old.confirmed_at) then
    raise exception 'a confirmation stands' {REFUSE} 'payable_signature_stays';
  end if;
  return new;
end $f$
"""

REGISTRATION_GUARD = f"""
create function claims_registration_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'DELETE' then
    raise exception 'a registration is never deleted' {REFUSE} 'registration_kept';
  end if;
  if tg_op = 'INSERT' then
    if new.state <> 'opened' then
      raise exception 'a registration begins opened' {REFUSE} 'registration_begins_opened';
    end if;
    return new;
  end if;
  if (new.id, new.kind, new.reference, new.secured_party_id, new.debtor_id, new.currency, new.amount_minor, new.term_months)
     is distinct from
     (old.id, old.kind, old.reference, old.secured_party_id, old.debtor_id, old.currency, old.amount_minor, old.term_months)
     or (old.registration_no <> '' and new.registration_no <> old.registration_no) then
    raise exception 'a registration keeps what it is' {REFUSE} 'registration_fixed';
  end if;
  if new.state <> old.state and (old.state, new.state) not in (
      ('opened', 'found_clean'), ('opened', 'encumbered'), ('opened', 'abandoned'),
      ('found_clean', 'encumbered'), ('found_clean', 'registered'), ('found_clean', 'abandoned'),
      ('encumbered', 'found_clean'), ('encumbered', 'abandoned'),
      ('encumbered', 'clear'), ('encumbered', 'registered'), ('encumbered', 'cancelled'),
      ('registered', 'clear'), ('registered', 'encumbered'), ('registered', 'cancelled'), ('clear', 'registered')) then
    raise exception 'a registration does not go from % to %', old.state, new.state {REFUSE} 'registration_step';
  end if;
  return new;
end $f$
"""

EXCHANGE_GUARD = f"""
create function claims_exchange_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'DELETE' then
    raise exception 'a request is never deleted' {REFUSE} 'exchange_kept';
  end if;
  if tg_op = 'INSERT' then
    if new.state <> 'ready' then
      raise exception 'a request begins ready' {REFUSE} 'exchange_begins_ready';
    end if;
    if new.attempt > 1 and not exists (
        select from claims_exchange e where e.client_reference = new.client_reference
          and e.attempt = new.attempt - 1 and e.state = 'not_received' and e.registration_id = new.registration_id) then
      raise exception 'what may have arrived is not sent again' {REFUSE} 'exchange_never_again';
    end if;
    return new;
  end if;
  if (new.id, new.registration_id, new.kind, new.client_reference, new.attempt, new.request)
     is distinct from (old.id, old.registration_id, old.kind, old.client_reference, old.attempt, old.request) then
    raise exception 'a request keeps what it says' {REFUSE} 'exchange_fixed';
  end if;
  if new.state <> old.state and (old.state, new.state) not in (
      ('ready', 'sent'), ('sent', 'answered'), ('sent', 'refused'), ('sent', 'unknown'), ('sent', 'not_received'),
      ('unknown', 'answered'), ('unknown', 'refused'), ('unknown', 'not_received')) then
    raise exception 'a request does not go from % to %', old.state, new.state {REFUSE} 'exchange_step';
  end if;
  return new;
end $f$
"""

FUNCTIONS = [
    CLAIM_GUARD,
    USE_GUARD,
    USE_APPLY,
    LINK_APPLY,
    PAYABLE_GUARD,
    REGISTRATION_GUARD,
    EXCHANGE_GUARD,
]

TRIGGERS = [
    f"create trigger guard before insert or update or delete on claims_{table} "
    f"for each row execute function claims_{table}_guard()"
    for table in ("claim", "use", "payable", "registration", "exchange")
] + [
    "create trigger apply_insert after insert on claims_use referencing new table as added "
    "for each statement execute function claims_use_apply()",
    "create trigger apply_update after update on claims_use referencing old table as was new table as added "
    "for each statement execute function claims_use_apply()",
    "create trigger apply after insert on claims_link for each row execute function claims_link_apply()",
]

SAME_CURRENCY = [
    "alter table claims_use add constraint claim_use_currency foreign key (claim_id, currency) "
    "references claims_claim (id, currency)",
    "alter table claims_use add constraint claim_use_payable foreign key (payable_id, claim_id) "
    "references claims_payable (id, claim_id)",
    "alter table claims_link add constraint claim_link_descendant_currency foreign key (descendant_id, currency) "
    "references claims_claim (id, currency)",
    "alter table claims_link add constraint claim_link_ancestor_currency foreign key (ancestor_id, currency) "
    "references claims_claim (id, currency)",
    "alter table claims_payable add constraint payable_parties foreign key (claim_id, currency, debtor_id, creditor_id) "
    "references claims_claim (id, currency, debtor_id, creditor_id)",
]

LAST_DAY = (
    "alter table claims_payable add constraint payable_decided_later "
    "check (decide_by >= (proposed_at at time zone 'Asia/Shanghai')::date)"
)

# Who takes how much of a claim is for its creditor; a debtor or a later holder sees the claim, not its uses.
USES_FOR_THE_CREDITOR = [
    "alter table claims_use enable row level security",
    "alter table claims_use force row level security",
    f"create policy writer on claims_use to {rls.WRITER} using (true) with check (true)",
    f"create policy owner on claims_use to {rls.OWNER} using (true) with check (true)",
    f"grant select on claims_use to {rls.READER}",
    f"create policy reader on claims_use for select to {rls.READER} using ({rls.SEES_ALL} or exists "
    f"(select from claims_claim c where c.id = claims_use.claim_id and c.creditor_id = {rls.ORGANISATION}))",
]


class Migration(migrations.Migration):
    dependencies = [("claims", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            rls.run(
                FUNCTIONS,
                TRIGGERS,
                SAME_CURRENCY,
                [LAST_DAY],
                rls.append_only("claims_link"),
                rls.append_only("claims_registration_claim"),
                rls.protect("claims_claim"),
                rls.protect("claims_link", column="descendant_id"),
                USES_FOR_THE_CREDITOR,
                rls.protect("claims_payable"),
                rls.protect("claims_registration"),
                rls.protect("claims_registration_claim", column="registration_id"),
                rls.protect("claims_exchange", column="registration_id"),
            )
        )
    ]
