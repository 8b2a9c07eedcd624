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
     or (old.instruction_id is not null and new.instruction_id is distinct from old.instruction_id)
     or (old.disbursed_on is not null and new.disbursed_on is distinct from old.disbursed_on)
     or (old.state in ('refused', 'withdrawn', 'failed', 'repaid') and new.state <> old.state) then
    raise exception 'what was consented, decided, instructed or ended stays so'
      using errcode = '23514', constraint = 'financing_forward';
  end if;
  return new;
end $f$
"""


class Migration(migrations.Migration):
    dependencies = [("financing", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                (GUARD, None),
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
