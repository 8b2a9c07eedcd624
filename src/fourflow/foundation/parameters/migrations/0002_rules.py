"""A value is never rewritten; it holds only when two people approved it or it came with the software."""

from django.db import migrations

from fourflow.platform.db import rls
from fourflow.platform.db.rls import ORGANISATION, READER, SEES_ALL

GUARD = """
create function parameters_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'INSERT' then
    if new.seeded and current_user <> 'fourflow_owner' then
      raise exception 'only a migration seeds values' using errcode = '23514', constraint = 'parameter_seeded_by_migration';
    end if;
    if not new.seeded and new.state <> 'proposed' then
      raise exception 'a value begins as proposed' using errcode = '23514', constraint = 'parameter_begins_proposed';
    end if;
    return new;
  end if;
  if old.state <> 'proposed'
     or (to_jsonb(new) - 'state' - 'approval_id') <> (to_jsonb(old) - 'state' - 'approval_id') then
    raise exception 'a value is never rewritten' using errcode = '23514', constraint = 'parameter_fixed';
  end if;
  if new.state = 'approved' and not exists (
      select 1 from approvals_approval a where a.id = new.approval_id and a.kind = 'parameter.set'
      and a.state = 'approved' and a.object_id = new.id) then
    raise exception 'a value needs two people' using errcode = '23514', constraint = 'parameter_approved_by_two';
  end if;
  return new;
end $f$
"""


class Migration(migrations.Migration):
    dependencies = [("parameters", "0001_initial"), ("approvals", "0002_rules"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                (GUARD, None),
                (
                    "create trigger guard before insert or update on parameters_parameter "
                    "for each row execute function parameters_guard()",
                    None,
                ),
                *rls.run(
                    [s for s in rls.public_data("parameters_parameter") if "policy reader" not in s],
                    [
                        f"create policy reader on parameters_parameter for select to {READER} using "
                        f"({SEES_ALL} or organisation_id is null or organisation_id = {ORGANISATION})"
                    ],
                ),
            ]
        )
    ]
