"""A schedule and its files are their person's alone; files are kept as they were made, and removed in time; an ended schedule stays ended."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from fourflow.platform.db import rls

GUARD = """
create function reports_schedule_guard() returns trigger language plpgsql as $f$
begin
  if old.state = 'ended'
     or (new.account_id, new.organisation_id, new.person_id, new.address, new.rhythm)
        is distinct from (old.account_id, old.organisation_id, old.person_id, old.address, old.rhythm) then
    raise exception 'a schedule keeps its person and report, and an ended one stays ended'
      using errcode = '23514', constraint = 'schedule_fixed';
  end if;
  return new;
end $f$
"""


#: a file is made once and removed once; nobody rewrites it
FIXED = [
    "revoke update on reports_file from fourflow_writer",
    "create trigger fixed before update on reports_file for each row execute function platform_refuse_change()",
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reports", "0001_initial"), ("platform", "0002_rules")]
    operations: ClassVar = [
        migrations.RunSQL(
            [
                (GUARD, None),
                (
                    "create trigger guard before update on reports_schedule "
                    "for each row execute function reports_schedule_guard()",
                    None,
                ),
                *rls.run(
                    rls.protect_private("reports_schedule"),
                    rls.protect_private("reports_report"),
                    rls.append_only("reports_report"),
                    rls.protect_private("reports_file"),
                    rls.allow_delete("reports_file"),
                    FIXED,
                ),
            ]
        )
    ]
