"""What Django's schema language cannot say: append-only facts, roles, row-level security."""

from django.db import migrations

from fourflow.platform.db import rls

REFUSE = """
create function platform_refuse_change() returns trigger language plpgsql as $f$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = '23514', constraint = 'append_only';
end $f$
"""

# A fact may be numbered once and never changed otherwise. The conditions stand in the triggers, not in the function, so that
# numbering calls no function: that was a sixth of its time.
EVENT_GUARD = """
create function platform_event_guard() returns trigger language plpgsql as $f$
begin
  raise exception 'events are append-only: % refused', tg_op using errcode = '23514', constraint = 'event_append_only';
end $f$
"""
EVENT_TRIGGERS = """
do $f$
declare fixed text;
begin
  select string_agg(attname, ', ') into fixed from pg_attribute
   where attrelid = 'platform_event'::regclass and attnum > 0 and attname <> 'position';
  execute 'create trigger fixed before update of ' || fixed || ' or delete on platform_event '
       || 'for each statement execute function platform_event_guard()';
  create trigger numbered_once before update of position on platform_event
    for each row when (old.position is not null or new.position is null) execute function platform_event_guard();
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

# Two sealed values are alike when they are the same, or the new one stands under another key: only a rotation writes that.
SEALED_ALIKE = """
create function platform_sealed_alike(old bytea, new bytea) returns boolean language sql immutable as $f$
  select old = new or substring(old for 1 + get_byte(old, 0)) <> substring(new for 1 + get_byte(new, 0))
$f$
"""


class Migration(migrations.Migration):
    dependencies = [("platform", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                (REFUSE, None),
                (SEALED_ALIKE, None),
                (EVENT_GUARD, None),
                (INSTALLATION_GUARD, None),
                (EVENT_TRIGGERS, None),
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
