"""Quotes never change; the gate of the payout is a CHECK; who may read."""

from django.db import migrations

from fourflow.platform.db import rls

# decided and instructed once: neither the funder's word nor the payment is ever exchanged for another
GUARD = """
create function financing_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'DELETE' then
    raise exception 'financings are never deleted' using errcode = '23514', constraint = 'financing_never_deleted';
  end if;
  if old.quote_id <> new.quote_id or old.consent <> new.consent or old.holding_id <> new.holding_id
     or (old.approved is not null and (new.approved is distinct from old.approved or new.decision <> old.decision))
     or (old.instruction_id is not null and new.instruction_id is distinct from old.instruction_id
         and not (old.state = 'disbursing' and new.state = 'registered' and new.instruction_id is null))
     or (old.registration_id is not null and new.registration_id is distinct from old.registration_id)
     or (old.disbursed_on is not null and new.disbursed_on is distinct from old.disbursed_on)
     or (old.held_id is not null and new.held_id is distinct from old.held_id)
     or new.applicant_id <> old.applicant_id or new.funder_id <> old.funder_id or new.own_limit <> old.own_limit
     or new.collected_minor < old.collected_minor or new.accrued_minor < old.accrued_minor
     or (old.state in ('refused', 'withdrawn', 'failed', 'repaid') and new.state <> old.state) then
    raise exception 'what was consented, decided, instructed or ended stays so'
      using errcode = '23514', constraint = 'financing_forward';
  end if;
  return new;
end $f$
"""


# the parties are the quote's, and no more is collected than was financed
QUOTED = """
create function financing_of_quote() returns trigger language plpgsql as $f$
declare quoted record;
begin
  select applicant_id, funder_id, amount_minor into quoted from financing_quote where id = new.quote_id;
  if new.applicant_id <> quoted.applicant_id or new.funder_id <> quoted.funder_id then
    raise exception 'the parties of a financing are those of its quote'
      using errcode = '23514', constraint = 'financing_parties_quoted';
  end if;
  if new.collected_minor > quoted.amount_minor then
    raise exception 'more is collected than was financed' using errcode = '23514', constraint = 'financing_within_amount';
  end if;
  if new.state = 'repaid' and new.collected_minor <> quoted.amount_minor then
    raise exception 'repaid means wholly collected' using errcode = '23514', constraint = 'financing_repaid_means_all';
  end if;
  return new;
end $f$
"""
# looked at after the row's own constraints, which say more exactly what is wrong
STEP = """
create function financing_step() returns trigger language plpgsql as $f$
begin
  if (old.state, new.state) not in (
      ('requested', 'approved'), ('requested', 'refused'), ('requested', 'withdrawn'), ('requested', 'failed'),
      ('approved', 'registered'), ('approved', 'withdrawn'), ('approved', 'failed'),
      ('registered', 'disbursing'), ('registered', 'failed'),
      ('disbursing', 'disbursed'), ('disbursing', 'overdue'), ('disbursing', 'registered'), ('disbursing', 'failed'),
      ('disbursed', 'repaid'), ('disbursed', 'overdue'), ('overdue', 'repaid')) then
    raise exception 'a % financing does not become %', old.state, new.state
      using errcode = '23514', constraint = 'financing_step';
  end if;
  return null;
end $f$
"""


class Migration(migrations.Migration):
    dependencies = [("financing", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                (GUARD, None),
                (QUOTED, None),
                (STEP, None),
                (
                    "create trigger step after update on financing_financing "
                    "for each row when (old.state <> new.state) execute function financing_step()",
                    None,
                ),
                (
                    "create trigger of_quote before insert or update on financing_financing "
                    "for each row execute function financing_of_quote()",
                    None,
                ),
                (
                    "create trigger guard before update or delete on financing_financing "
                    "for each row execute function financing_guard()",
                    None,
                ),
                *rls.run(
                    rls.append_only("financing_quote"),
                    rls.protect("financing_quote"),
                    rls.protect("financing_financing"),
                ),
            ]
        )
    ]
