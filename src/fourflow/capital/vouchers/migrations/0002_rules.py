"""Conservation of face, what may change, and who may read."""

from django.db import migrations

from fourflow.platform.db import rls

# Which vouchers a statement touched; the check itself runs once a voucher, at the end of the transaction.
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
# the children of a spent part are that part.
CHECK = """
create function vouchers_check_conservation() returns trigger language plpgsql as $f$
declare v record; parts record; bad uuid;
begin
  delete from vouchers_conservation_due where voucher_id = new.voucher_id;
  select * into v from vouchers_voucher where id = new.voucher_id;
  if not found then return null; end if;
  select coalesce(sum(amount_minor), 0) as face, coalesce(sum(paid_minor), 0) as paid,
         coalesce(sum(amount_minor) filter (where state = 'cancelled'), 0) as cancelled, count(*) as n,
         bool_and(currency = v.currency) as same_currency
    into parts from vouchers_holding where voucher_id = v.id and state <> 'split';
  if v.state in ('active', 'maturing', 'redeemed', 'overdue', 'defaulted')
     or (v.state = 'cancelled' and parts.n > 0) then
    if parts.face <> v.face_minor or parts.paid <> v.redeemed_minor or parts.cancelled <> v.cancelled_minor
       or not parts.same_currency then
      raise exception 'voucher % is not conserved: parts %, paid %, cancelled %; face %, redeemed %, cancelled %',
        v.id, parts.face, parts.paid, parts.cancelled, v.face_minor, v.redeemed_minor, v.cancelled_minor
        using errcode = '23514', constraint = 'voucher_conserved';
    end if;
  elsif parts.n > 0 then
    raise exception 'voucher % is % and has holdings', v.id, v.state using errcode = '23514', constraint = 'voucher_conserved';
  end if;
  select p.id into bad from vouchers_holding p left join vouchers_holding c on c.parent_id = p.id
    where p.voucher_id = v.id group by p.id, p.state, p.amount_minor
    having (p.state = 'split' and coalesce(sum(c.amount_minor), 0) <> p.amount_minor) or (p.state <> 'split' and count(c.id) > 0)
    limit 1;
  if bad is not null then
    raise exception 'the children of holding % are not the holding', bad
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
    "vouchers_voucher": "{state,redeemed_minor,cancelled_minor,term_acknowledged_by,approval_id,offer_expires_on,restricted_on}",
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


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                *[(sql, None) for sql in (ENQUEUE, ENQUEUE_VOUCHERS, CHECK, FIXED, STEPS, HOLDING_STEPS)],
                *rls.run(
                    rls.append_only("vouchers_signedact"),
                    rls.protect("vouchers_voucher"),
                    rls.protect("vouchers_holding"),
                    rls.protect("vouchers_signedact", column="voucher_id"),
                    rls.protect("vouchers_overlay", column="voucher_id"),
                    rls.protect_own("vouchers_complaint"),
                    rls.allow_delete("vouchers_conservation_due"),
                    TRIGGERS,
                    [
                        f"create trigger fixed before update or delete on {table} "
                        f"for each row execute function vouchers_fixed('{columns}')"
                        for table, columns in FREE.items()
                    ],
                    [
                        "create trigger steps before update on vouchers_voucher "
                        "for each row execute function vouchers_steps()",
                        "create trigger steps before update on vouchers_holding "
                        "for each row execute function vouchers_holding_steps()",
                    ],
                ),
            ]
        )
    ]
