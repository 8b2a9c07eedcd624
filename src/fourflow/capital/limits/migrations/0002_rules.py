"""The amounts of a line follow from its uses, in the database itself; who may see what."""

from django.db import migrations

from fourflow.platform.db import rls

# A use keeps its line, reference and amount; parts only go blocked -> utilised -> released.
USE_GUARD = """
create function limits_use_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'DELETE' then
    raise exception 'a use of a line is never deleted' using errcode = '23514', constraint = 'limit_use_kept';
  end if;
  if tg_op = 'INSERT' then
    if new.blocked_minor <> new.amount_minor then
      raise exception 'a use begins blocked' using errcode = '23514', constraint = 'limit_use_begins_blocked';
    end if;
    return new;
  end if;
  if (new.id, new.limit_id, new.currency, new.reference, new.amount_minor, new.opened_at)
     is distinct from (old.id, old.limit_id, old.currency, old.reference, old.amount_minor, old.opened_at) then
    raise exception 'a use keeps its line, reference and amount' using errcode = '23514', constraint = 'limit_use_fixed';
  end if;
  if new.blocked_minor > old.blocked_minor or new.released_minor < old.released_minor then
    raise exception 'a use only goes blocked, utilised, released' using errcode = '23514', constraint = 'limit_use_forward';
  end if;
  return new;
end $f$
"""

# The only writer of blocked and utilised, once a statement. The update takes the line's lock and sees the last committed amounts,
# so that two callers at once cannot block more than is available even if neither had locked the line.
USE_APPLY = """
create function limits_use_apply() returns trigger language plpgsql as $f$
declare blocked bigint;
begin
  if tg_op = 'INSERT' then
    update limits_limit l set blocked_minor = l.blocked_minor + u.blocked
      from (select limit_id, sum(blocked_minor)::bigint as blocked from added group by limit_id order by limit_id) u
      where l.id = u.limit_id and not l.frozen
        and l.sanctioned_minor - l.blocked_minor - l.utilised_minor >= u.blocked;
    get diagnostics blocked = row_count;
    if blocked <> (select count(distinct limit_id) from added) then
      raise exception 'the line has less available, or is frozen' using errcode = '23514', constraint = 'limit_available';
    end if;
  else
    update limits_limit l set blocked_minor = l.blocked_minor + u.blocked, utilised_minor = l.utilised_minor + u.utilised
      from (select n.limit_id, sum(n.blocked_minor - o.blocked_minor)::bigint as blocked,
                   sum(n.utilised_minor - o.utilised_minor)::bigint as utilised
              from was o join added n using (id)
             where (n.blocked_minor, n.utilised_minor) <> (o.blocked_minor, o.utilised_minor)
             group by n.limit_id order by n.limit_id) u
      where l.id = u.limit_id;
  end if;
  return null;
end $f$
"""

LIMIT_GUARD = """
create function limits_limit_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'DELETE' then
    raise exception 'a line is never deleted' using errcode = '23514', constraint = 'limit_kept';
  end if;
  if tg_op = 'INSERT' then
    if new.blocked_minor <> 0 or new.utilised_minor <> 0 then
      raise exception 'a line begins unused' using errcode = '23514', constraint = 'limit_begins_unused';
    end if;
    return new;
  end if;
  if (new.id, new.funder_id, new.core_id, new.currency) is distinct from (old.id, old.funder_id, old.core_id, old.currency) then
    raise exception 'a line keeps its parties and currency' using errcode = '23514', constraint = 'limit_fixed';
  end if;
  if (new.blocked_minor, new.utilised_minor) <> (old.blocked_minor, old.utilised_minor) and pg_trigger_depth() < 2 then
    raise exception 'what is in use follows from the uses' using errcode = '23514', constraint = 'limit_amounts_from_uses';
  end if;
  return new;
end $f$
"""

PUBLICATION_GUARD = """
create function limits_publication_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'DELETE' then
    raise exception 'an announcement is never deleted' using errcode = '23514', constraint = 'publication_kept';
  end if;
  if old.state <> 'proposed' then
    raise exception 'an announcement is decided once' using errcode = '23514', constraint = 'publication_decided_once';
  end if;
  if (to_jsonb(new) - array['state', 'limit_id', 'decided_by', 'decided_at'])
     <> (to_jsonb(old) - array['state', 'limit_id', 'decided_by', 'decided_at']) then
    raise exception 'an announcement keeps what it says' using errcode = '23514', constraint = 'publication_fixed';
  end if;
  return new;
end $f$
"""

TRIGGERS = [
    "create trigger guard before insert or update or delete on limits_use for each row execute function limits_use_guard()",
    "create trigger apply_insert after insert on limits_use referencing new table as added "
    "for each statement execute function limits_use_apply()",
    "create trigger apply_update after update on limits_use referencing old table as was new table as added "
    "for each statement execute function limits_use_apply()",
    "create trigger guard before insert or update or delete on limits_limit "
    "for each row execute function limits_limit_guard()",
    "create trigger guard before update or delete on limits_publication "
    "for each row execute function limits_publication_guard()",
    "alter table limits_use add constraint limit_use_currency foreign key (limit_id, currency) "
    "references limits_limit (id, currency)",
]


class Migration(migrations.Migration):
    dependencies = [("limits", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            rls.run(
                [USE_GUARD, USE_APPLY, LIMIT_GUARD, PUBLICATION_GUARD],
                TRIGGERS,
                rls.protect("limits_limit"),
                rls.protect("limits_use", column="limit_id"),
                rls.protect("limits_publication"),
            )
        )
    ]
