"""Sessions end once, codes open once, recovery and emergencies are never rewritten, and who reads what."""

from django.db import migrations

from fourflow.platform.db import rls

# A session never changes its person, and does not come back. It is prolonged, by its person, while it goes on, and not for ever.
SESSION_GUARD = """
create function access_session_guard() returns trigger language plpgsql as $f$
begin
  if new.id <> old.id or new.account_id <> old.account_id or new.person_id <> old.person_id or new.kind <> old.kind
     or new.strength <> old.strength or new.began_at <> old.began_at then
    raise exception 'a session stays its person''s' using errcode = '23514', constraint = 'session_fixed';
  end if;
  if new.expires_at <> old.expires_at and (old.ended_at is not null or new.expires_at < old.expires_at
     or new.expires_at > old.began_at + interval '144 hours') then
    raise exception 'a session is prolonged while it goes on' using errcode = '23514', constraint = 'session_prolonged';
  end if;
  if old.ended_at is not null and (new.ended_at is distinct from old.ended_at or new.ending <> old.ending
     or new.confirmed_at is not null and new.confirmed_at is distinct from old.confirmed_at) then
    raise exception 'a session does not come back' using errcode = '23514', constraint = 'session_ends_once';
  end if;
  return new;
end $f$
"""

TOTP_GUARD = """
create function access_totp_guard() returns trigger language plpgsql as $f$
begin
  if new.account_id <> old.account_id or not platform_sealed_alike(old.secret, new.secret)
     or old.ended_at is not null and (new.ended_at, new.last_step) is distinct from (old.ended_at, old.last_step) then
    raise exception 'an authenticator app only ends' using errcode = '23514', constraint = 'totp_fixed';
  end if;
  if new.last_step < old.last_step then
    raise exception 'a code opens once' using errcode = '23514', constraint = 'totp_code_once';
  end if;
  return new;
end $f$
"""

ONLY_END = """
create function access_only_end() returns trigger language plpgsql as $f$
begin
  if old.ended_at is not null or (to_jsonb(new) - 'ended_at' - 'sign_count' - 'used_at')
     <> (to_jsonb(old) - 'ended_at' - 'sign_count' - 'used_at') then
    raise exception '% only ends', tg_table_name using errcode = '23514', constraint = 'factor_only_ends';
  end if;
  return new;
end $f$
"""

RECOVERY_GUARD = """
create function access_recovery_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'asked' then
      raise exception 'a recovery is asked for first' using errcode = '23514', constraint = 'recovery_begins_asked';
    end if;
    return new;
  end if;
  if (new.account_id, new.person_id, new.organisation_id, new.maker_person_id, new.reason, new.first_half)
     is distinct from
     (old.account_id, old.person_id, old.organisation_id, old.maker_person_id, old.reason, old.first_half)
     or old.second_half is not null and (new.second_half, new.checker_person_id, new.until)
        is distinct from (old.second_half, old.checker_person_id, old.until)
     or not (new.state = old.state
             or (old.state, new.state) in (('asked', 'approved'), ('asked', 'rejected'), ('approved', 'used'),
                                           ('asked', 'expired'), ('approved', 'expired'))) then
    raise exception 'a recovery is never rewritten' using errcode = '23514', constraint = 'recovery_fixed';
  end if;
  if new.state = 'approved' and not exists (
      select 1 from approvals_approval a where a.id = new.approval_id and a.kind = 'access.recover'
      and a.state = 'approved' and a.object_id = new.id) then
    raise exception 'two people let a third one in' using errcode = '23514', constraint = 'recovery_by_two';
  end if;
  return new;
end $f$
"""

EMERGENCY_GUARD = """
create function access_emergency_guard() returns trigger language plpgsql as $f$
begin
  if (to_jsonb(new) - 'ended_at' - 'reviewed_by' - 'review') <> (to_jsonb(old) - 'ended_at' - 'reviewed_by' - 'review')
     or old.ended_at is not null and new.ended_at is distinct from old.ended_at
     or old.reviewed_by is not null then
    raise exception 'an emergency is never rewritten' using errcode = '23514', constraint = 'emergency_fixed';
  end if;
  return new;
end $f$
"""


def trigger(when: str, table: str, function: str) -> tuple[str, None]:
    return (f"create trigger guard {when} on {table} for each row execute function {function}()", None)


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial"), ("approvals", "0002_rules"), ("parties", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                *((sql, None) for sql in (SESSION_GUARD, TOTP_GUARD, ONLY_END, RECOVERY_GUARD, EMERGENCY_GUARD)),
                trigger("before update", "access_session", "access_session_guard"),
                trigger("before update", "access_totp", "access_totp_guard"),
                trigger("before update", "access_recovery_code", "access_only_end"),
                trigger("before update", "access_passkey", "access_only_end"),
                trigger("before update", "access_identity", "access_only_end"),
                trigger("before insert or update", "access_recovery", "access_recovery_guard"),
                trigger("before update", "access_emergency", "access_emergency_guard"),
                *rls.run(
                    rls.append_only("access_read"),
                    *(
                        rls.closed(f"access_{name}")
                        for name in ("session", "guard", "totp", "recovery_code", "passkey", "identity")
                    ),
                    rls.protect_own("access_recovery"),
                    rls.overseen("access_emergency"),
                    rls.protect("access_read", column="visible_id", own="subject_party_id"),
                ),
            ]
        )
    ]
