"""What Django's schema language cannot say: append-only facts, roles, row-level security."""

from django.db import migrations

from fourflow.platform.db import rls

REFUSE = """
create function platform_refuse_change() returns trigger language plpgsql as $f$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = '23514', constraint = 'append_only';
end $f$
"""

# A fact may be numbered once and never changed otherwise.
EVENT_GUARD = """
create function platform_event_guard() returns trigger language plpgsql as $f$
declare unnumbered platform_event;
begin
  if tg_op = 'UPDATE' and old.position is null and new.position is not null then
    unnumbered := new;
    unnumbered.position := null;
    if unnumbered *= old then  -- byte for byte; half again as fast as comparing JSON
      return new;
    end if;
  end if;
  raise exception 'events are append-only: % refused', tg_op using errcode = '23514', constraint = 'event_append_only';
end $f$
"""

# A sandbox clock only goes forward; a production clock is never moved; a database never changes what it is.
INSTALLATION_GUARD = """
create function platform_installation_guard() returns trigger language plpgsql as $f$
begin
  if new.environment = 'production' and new.clock_offset <> interval '0' then
    raise exception 'a production clock is never moved' using errcode = '23514', constraint = 'clock_production';
  end if;
  if tg_op = 'UPDATE' and new.clock_offset < old.clock_offset then
    raise exception 'the clock is never set back' using errcode = '23514', constraint = 'clock_forward';
  end if;
  if tg_op = 'UPDATE' and new.environment <> old.environment then
    raise exception 'a database never changes its environment' using errcode = '23514', constraint = 'environment_fixed';
  end if;
  return new;
end $f$
"""


class Migration(migrations.Migration):
    dependencies = [("platform", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                (REFUSE, None),
                (EVENT_GUARD, None),
                (INSTALLATION_GUARD, None),
                (
                    "create trigger guard before update or delete on platform_event "
                    "for each row execute function platform_event_guard()",
                    None,
                ),
                (
                    "create trigger guard before insert or update on platform_installation "
                    "for each row execute function platform_installation_guard()",
                    None,
                ),
                *rls.run(
                    rls.append_only("platform_consumed"),
                    rls.append_only("platform_performed"),
                    rls.append_only("platform_visibility"),
                    rls.protect_own("platform_visibility"),
                    rls.public_data("platform_calendar_year"),
                    rls.public_data("platform_calendar_day"),
                    rls.public_data("platform_installation"),
                    rls.allow_delete("platform_parked"),
                    rls.protect("platform_event", column="visible_id"),
                ),
            ]
        )
    ]
