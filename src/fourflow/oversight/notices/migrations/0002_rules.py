"""A notice keeps its person and fact, and what was handed over is never pending again unless it was refused for certain."""

from django.db import migrations

from fourflow.platform.db import rls
from fourflow.platform.db.rls import READER

# Whose notices a reader sees: the person behind the account that reads, and nobody else's, whoever oversees the house.
PERSON = """
create function notices_person() returns uuid language sql stable security definer set search_path = public as $f$
  select person_id from parties_account where id = nullif(current_setting('fourflow.account', true), '')::uuid
$f$
"""

NOTICE_GUARD = """
create function notices_notice_guard() returns trigger language plpgsql as $f$
begin
  if (new.id, new.person_id, new.organisation_id, new.event_id, new.kind, new.topic, new.about_kind, new.about_id,
      new.happened_at, new.together)
     is distinct from (old.id, old.person_id, old.organisation_id, old.event_id, old.kind, old.topic, old.about_kind,
      old.about_id, old.happened_at, old.together) or new.tries < old.tries then
    raise exception 'a notice keeps its person and fact' using errcode = '23514', constraint = 'notice_fixed';
  end if;
  if old.state in ('kept', 'sent', 'failed', 'unsure') and new.state <> old.state then
    raise exception 'an ended notice stays ended' using errcode = '23514', constraint = 'notice_ended';
  end if;
  return new;
end $f$
"""

POSITION_GUARD = """
create function notices_position_guard() returns trigger language plpgsql as $f$
begin
  if new.position < old.position then
    raise exception 'events are passed once' using errcode = '23514', constraint = 'notices_position_forward';
  end if;
  return new;
end $f$
"""


def own(table: str) -> list[str]:
    enabled = [statement for statement in rls.public_data(table) if "policy reader" not in statement]
    mine = "person_id = (select notices_person())"
    return [*enabled, f"create policy reader on {table} for select to {READER} using ({mine})"]


def guard(table: str, function: str) -> tuple[str, None]:
    return (f"create trigger guard before update on {table} for each row execute function {function}()", None)


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial"), ("parties", "0002_rules"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                # what happened before this module came is not told any more
                ("insert into notices_position select 1, coalesce(max(position), -1) from platform_event", None),
                (PERSON, None),
                (NOTICE_GUARD, None),
                (POSITION_GUARD, None),
                guard("notices_notice", "notices_notice_guard"),
                guard("notices_position", "notices_position_guard"),
                *rls.run(own("notices_notice"), own("notices_reader"), rls.closed("notices_position")),
            ]
        )
    ]
