"""Conservation of face, what may change, and who may read."""

from django.db import migrations

from fourflow.platform.db import rls

# Which vouchers a statement touched; the check itself runs once a transaction, at its end.
ENQUEUE = """
create function vouchers_enqueue_holdings() returns trigger language plpgsql as $f$
begin
  insert into vouchers_conservation_due (voucher_id) select distinct voucher_id from changed order by 1 on conflict do nothing;
  return null;
end $f$
"""
ENQUEUE_VOUCHERS = """
create function vouchers_enqueue_vouchers() returns trigger language plpgsql as $f$
begin
  insert into vouchers_conservation_due (voucher_id) select distinct id from changed order by 1 on conflict do nothing;
  return null;
end $f$
"""
# Σ parts that are not spent = face once the debt exists (0 before); what is paid and cancelled adds up;
# the children of a spent part are that part. The first row of the queue checks them all; the others find themselves gone.
# The settings keep its plans, made while tables are small, from reading whole tables later; the queue itself is read whole.
CHECK = """
create function vouchers_check_conservation() returns trigger language plpgsql set enable_seqscan = off set jit = off as $f$
declare due uuid[]; bad record;
begin
  if not exists (select from vouchers_conservation_due where voucher_id = new.voucher_id) then return null; end if;
  with taken as (delete from vouchers_conservation_due returning voucher_id) select array_agg(voucher_id) into due from taken;
  select v.*, parts.* into bad from vouchers_voucher v cross join lateral (
      select coalesce(sum(amount_minor), 0) as parts_face, coalesce(sum(paid_minor), 0) as parts_paid,
             coalesce(sum(amount_minor) filter (where state = 'cancelled'), 0) as parts_cancelled, count(*) as parts_count,
             coalesce(bool_and(currency = v.currency), true) as same_currency
        from vouchers_holding where voucher_id = v.id and state <> 'split') parts
    where v.id = any (due) and case
      when v.state in ('active', 'maturing', 'redeemed', 'overdue', 'defaulted') or (v.state = 'cancelled' and parts_count > 0)
      then parts_face <> v.face_minor or parts_paid <> v.redeemed_minor or parts_cancelled <> v.cancelled_minor
        or not same_currency
      else parts_count > 0 end
    limit 1;
  if found then
    raise exception 'voucher % is not conserved: %, % parts of %, paid %, cancelled %; face %, redeemed %, cancelled %',
      bad.id, bad.state, bad.parts_count, bad.parts_face, bad.parts_paid, bad.parts_cancelled,
      bad.face_minor, bad.redeemed_minor, bad.cancelled_minor
      using errcode = '23514', constraint = 'voucher_conserved';
  end if;
  select p.id into bad from vouchers_holding p cross join lateral (
      select coalesce(sum(amount_minor), 0) as amount, count(*) as n from vouchers_holding where parent_id = p.id) children
    where p.voucher_id = any (due) and case
      when p.state = 'split' then children.amount <> p.amount_minor else children.n > 0 end
    limit 1;
  if found then
    raise exception 'the children of holding % are not the holding', bad.id
      using errcode = '23514', constraint = 'holding_children_conserved';
  end if;
  return null;
end $f$
"""
TRIGGERS = [
    "create trigger enqueue_insert after insert on vouchers_holding referencing new table as changed "
    "for each statement execute function vouchers_enqueue_holdings()",
    "create trigger enqueue_update after update on vouchers_holding referencing new table as changed "
    "for each statement execute function vouchers_enqueue_holdings()",
    "create trigger enqueue_insert after insert on vouchers_voucher referencing new table as changed "
    "for each statement execute function vouchers_enqueue_vouchers()",
    "create trigger enqueue_update after update on vouchers_voucher referencing new table as changed "
    "for each statement execute function vouchers_enqueue_vouchers()",
    "create constraint trigger voucher_conserved after insert on vouchers_conservation_due "
    "deferrable initially deferred for each row execute function vouchers_check_conservation()",
]
# The obligation is immutable; only its state, what is paid or cancelled, and the funder's word are written again.
FIXED = """
create function vouchers_fixed() returns trigger language plpgsql as $f$
declare free text[] := tg_argv[0]::text[];
begin
  if tg_op = 'DELETE' then
    raise exception '% rows are never deleted', tg_table_name using errcode = '23514', constraint = 'never_deleted';
  end if;
  if (to_jsonb(new) - free) is distinct from (to_jsonb(old) - free) then
    raise exception '% : only % may change', tg_table_name, free using errcode = '23514', constraint = 'fixed_columns';
  end if;
  return new;
end $f$
"""
FREE = {
    "vouchers_voucher": "{state,redeemed_minor,cancelled_minor,term_acknowledged_by,approval_id,offer_expires_on,restricted_on,cancel_by,overdue_on,paid_on}",
    "vouchers_holding": "{state,paid_minor,receiver_id,pledgee_id,limit_reference,trade_basis,expires_on,split_on}",
    "vouchers_overlay": "{closed_on,closing_reason,approval_id}",
    "vouchers_complaint": "{answer,answered_on,answered_by}",
}
# Final is final, and money that is paid is never unpaid.
STEPS = """
create function vouchers_steps() returns trigger language plpgsql as $f$
begin
  if old.state <> new.state and old.state in ('redeemed', 'rejected', 'expired', 'cancelled', 'returned') then
    raise exception 'a % voucher stays so', old.state using errcode = '23514', constraint = 'voucher_final';
  end if;
  if old.overdue_on is distinct from new.overdue_on and old.overdue_on is not null then
    raise exception 'what was overdue was overdue' using errcode = '23514', constraint = 'voucher_overdue_stays';
  end if;
  if new.redeemed_minor < old.redeemed_minor or new.cancelled_minor < old.cancelled_minor then
    raise exception 'what was paid or cancelled is not taken back' using errcode = '23514', constraint = 'voucher_forward';
  end if;
  return new;
end $f$
"""
HOLDING_STEPS = """
create function vouchers_holding_steps() returns trigger language plpgsql as $f$
begin
  if old.state <> new.state and old.state in ('redeemed', 'split', 'cancelled') then
    raise exception 'a % holding stays so', old.state using errcode = '23514', constraint = 'holding_final';
  end if;
  if new.paid_minor < old.paid_minor then
    raise exception 'what was paid is not taken back' using errcode = '23514', constraint = 'holding_forward';
  end if;
  return new;
end $f$
"""
# looked at after the row's own constraints, which say more exactly what is wrong
VOUCHER_STEP = """
create function vouchers_step() returns trigger language plpgsql as $f$
begin
  if (old.state, new.state) not in (
      ('draft', 'offered'), ('draft', 'returned'),
      ('offered', 'active'), ('offered', 'rejected'), ('offered', 'expired'), ('offered', 'cancelled'),
      ('active', 'maturing'), ('active', 'cancelled'),
      ('maturing', 'redeemed'), ('maturing', 'overdue'),
      ('overdue', 'redeemed'), ('overdue', 'defaulted'), ('defaulted', 'redeemed')) then
    raise exception 'a % voucher does not become %', old.state, new.state using errcode = '23514', constraint = 'voucher_step';
  end if;
  return null;
end $f$
"""
HOLDING_STEP = """
create function vouchers_holding_step() returns trigger language plpgsql as $f$
begin
  if (old.state, new.state) not in (
      ('active', 'split'), ('active', 'locked_transfer'), ('active', 'locked_finance'), ('active', 'cancelled'), ('active', 'matured'),
      ('locked_transfer', 'active'), ('locked_transfer', 'split'), ('locked_transfer', 'matured'),
      ('locked_finance', 'active'), ('locked_finance', 'split'), ('locked_finance', 'financed'),
      ('locked_finance', 'matured'), ('locked_finance', 'overdue'),
      ('financed', 'matured'),
      ('matured', 'partly_paid'), ('matured', 'overdue'), ('matured', 'redeemed'),
      ('overdue', 'partly_paid'), ('overdue', 'redeemed'),
      ('partly_paid', 'overdue'), ('partly_paid', 'redeemed')) then
    raise exception 'a % holding does not become %', old.state, new.state using errcode = '23514', constraint = 'holding_step';
  end if;
  return null;
end $f$
"""
# A promise is the issuer's, about a debt that lives, in its currency and for a day after it was due.
PROMISE = """
create function vouchers_check_promise() returns trigger language plpgsql as $f$
declare v vouchers_voucher;
begin
  select * into v from vouchers_voucher where id = new.voucher_id;
  if new.organisation_id <> v.issuer_id then
    raise exception 'only the issuer of % promises to pay it', v.id using errcode = '23514', constraint = 'promise_of_the_issuer';
  end if;
  if new.pays_on <= v.due_on then
    raise exception 'a promise is about a day after the due date' using errcode = '23514', constraint = 'promise_after_due';
  end if;
  if v.state not in ('active', 'maturing', 'overdue', 'defaulted') or new.currency <> v.currency
     or new.amount_minor > v.face_minor - v.redeemed_minor - v.cancelled_minor then
    raise exception 'no more is promised than is owed' using errcode = '23514', constraint = 'promise_of_what_is_owed';
  end if;
  return new;
end $f$
"""


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                *[
                    (sql, None)
                    for sql in (
                        ENQUEUE,
                        ENQUEUE_VOUCHERS,
                        CHECK,
                        FIXED,
                        STEPS,
                        HOLDING_STEPS,
                        VOUCHER_STEP,
                        HOLDING_STEP,
                        PROMISE,
                    )
                ],
                *rls.run(
                    rls.append_only("vouchers_signedact"),
                    rls.append_only("vouchers_promise"),
                    rls.protect("vouchers_voucher"),
                    rls.protect("vouchers_holding"),
                    rls.protect("vouchers_signedact", column="voucher_id"),
                    rls.protect("vouchers_overlay", column="voucher_id"),
                    rls.protect("vouchers_promise", column="voucher_id"),
                    rls.protect_own("vouchers_complaint"),
                    rls.allow_delete("vouchers_conservation_due"),
                    TRIGGERS,
                    [
                        f"create trigger fixed before update or delete on {table} "
                        f"for each row execute function vouchers_fixed('{columns}')"
                        for table, columns in FREE.items()
                    ],
                    [
                        "create trigger promised before insert on vouchers_promise "
                        "for each row execute function vouchers_check_promise()",
                        "create trigger steps before update on vouchers_voucher "
                        "for each row execute function vouchers_steps()",
                        "create trigger steps before update on vouchers_holding "
                        "for each row execute function vouchers_holding_steps()",
                        "create trigger step after update on vouchers_voucher "
                        "for each row when (old.state <> new.state) execute function vouchers_step()",
                        "create trigger step after update on vouchers_holding "
                        "for each row when (old.state <> new.state) execute function vouchers_holding_step()",
                    ],
                ),
            ]
        )
    ]
