"""What Django's schema language cannot say: tiles and heads only grow, signatures are never taken back."""

from django.db import migrations

from fourflow.platform.db import rls

TILE_GUARD = """
create function evidence_tile_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'UPDATE' and new.level = old.level and new.number = old.number
     and length(new.hashes) > length(old.hashes)
     and substring(new.hashes from 1 for length(old.hashes)) = old.hashes then
    return new;
  end if;
  raise exception 'a tile only grows at its end: % refused', tg_op using errcode = '23514', constraint = 'tile_grows';
end $f$
"""
HEAD_GUARD = """
create function evidence_head_guard() returns trigger language plpgsql as $f$
begin
  if new.size <= coalesce((select max(size) from evidence_head), 0) then
    raise exception 'the log only grows' using errcode = '23514', constraint = 'head_grows';
  end if;
  return new;
end $f$
"""
CHECKPOINT_GUARD = """
create function evidence_checkpoint_guard() returns trigger language plpgsql as $f$
begin
  if new.size <= coalesce((select max(size) from evidence_checkpoint), 0) then
    raise exception 'signed heads only grow' using errcode = '23514', constraint = 'checkpoint_grows';
  end if;
  return new;
end $f$
"""
WITNESS_GUARD = """
create function evidence_witness_guard() returns trigger language plpgsql as $f$
begin
  if new.size < old.size or new.name <> old.name then
    raise exception 'a witness does not forget' using errcode = '23514', constraint = 'witness_grows';
  end if;
  return new;
end $f$
"""


class Migration(migrations.Migration):
    dependencies = [("evidence", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                (TILE_GUARD, None),
                (HEAD_GUARD, None),
                (CHECKPOINT_GUARD, None),
                (WITNESS_GUARD, None),
                (
                    "alter table evidence_tile add constraint tile_shape check (level between 0 and 7 and number >= 0 "
                    "and length(hashes) between 32 and 8192 and length(hashes) % 32 = 0)",
                    None,
                ),
                (
                    "alter table evidence_head add constraint head_shape check (size > 0 and length(root) = 32)",
                    None,
                ),
                (
                    "alter table evidence_cosignature add constraint cosignature_shape "
                    "check (cosigned_at > 0 and key_id between 0 and 4294967295)",
                    None,
                ),
                (
                    "create trigger guard before update or delete on evidence_tile "
                    "for each row execute function evidence_tile_guard()",
                    None,
                ),
                (
                    "create trigger guard_truncate before truncate on evidence_tile "
                    "for each statement execute function platform_refuse_change()",
                    None,
                ),
                (
                    "create trigger guard before insert on evidence_head "
                    "for each row execute function evidence_head_guard()",
                    None,
                ),
                (
                    "create trigger guard before insert on evidence_checkpoint "
                    "for each row execute function evidence_checkpoint_guard()",
                    None,
                ),
                (
                    "create trigger guard before update on evidence_witness "
                    "for each row execute function evidence_witness_guard()",
                    None,
                ),
                *rls.run(
                    rls.append_only("evidence_head"),
                    rls.append_only("evidence_checkpoint"),
                    rls.append_only("evidence_cosignature"),
                    rls.public_data("evidence_tile"),
                    rls.public_data("evidence_head"),
                    rls.public_data("evidence_checkpoint"),
                    rls.public_data("evidence_cosignature"),
                    rls.public_data("evidence_witness"),
                ),
            ]
        )
    ]
