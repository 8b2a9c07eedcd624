"""Who reads requests, and that a request is answered once and never rewritten."""

from django.db import migrations

from fourflow.platform.db import rls

GUARD = """
create function insight_request_guard() returns trigger language plpgsql as $f$
begin
  if old.answered_at is not null
     or (to_jsonb(new) - 'answered_by' - 'answered_at' - 'note' - 'manifest' - 'sha256')
        <> (to_jsonb(old) - 'answered_by' - 'answered_at' - 'note' - 'manifest' - 'sha256') then
    raise exception 'a request is answered once and never rewritten'
      using errcode = '23514', constraint = 'request_fixed';
  end if;
  return new;
end $f$
"""


class Migration(migrations.Migration):
    dependencies = [("insight", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                (GUARD, None),
                (
                    "create trigger guard before update on insight_request "
                    "for each row execute function insight_request_guard()",
                    None,
                ),
                *rls.run(rls.overseen("insight_request")),
            ]
        )
    ]
