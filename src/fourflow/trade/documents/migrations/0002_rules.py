"""Documents are kept as they came: append-only, a delivery whole at commit, everything of one order to one seller."""

from django.db import migrations

from fourflow.platform.db import rls

# Deferred: a delivery and its lines are two statements of one transaction.
WHOLE = """
create function documents_delivery_whole() returns trigger language plpgsql as $f$
declare
  said documents_delivery;
  found_lines bigint;
  found_minor bigint;
begin
  if tg_table_name = 'documents_delivery' then
    said := new;
  else
    select * into said from documents_delivery where id = new.delivery_id;
  end if;
  select count(*), coalesce(sum(amount_minor), 0) into found_lines, found_minor
    from documents_delivery_line where delivery_id = said.id;
  if found_lines <> said.line_count or found_minor <> said.amount_minor then
    raise exception 'a delivery is the sum of its lines: % lines of % for % lines of %',
      said.line_count, said.amount_minor, found_lines, found_minor
      using errcode = '23514', constraint = 'delivery_whole';
  end if;
  return null;
end $f$
"""

# Only how far an import is may change, and only forward.
IMPORT_GUARD = """
create function documents_import_guard() returns trigger language plpgsql as $f$
declare
  free text[] := array['state', 'orders_total', 'orders_passed', 'counts', 'by_code', 'finished_at'];
begin
  if tg_op = 'DELETE' then
    raise exception 'imports are never deleted' using errcode = '23514', constraint = 'import_kept';
  end if;
  if tg_op = 'INSERT' then
    if new.state <> 'received' then
      raise exception 'an import begins as received' using errcode = '23514', constraint = 'import_begins_received';
    end if;
    return new;
  end if;
  if (to_jsonb(new) - free) <> (to_jsonb(old) - free) then
    raise exception 'what was received is fixed' using errcode = '23514', constraint = 'import_content_fixed';
  end if;
  if old.state in ('done', 'refused') then
    raise exception 'the import is over' using errcode = '23514', constraint = 'import_ends_once';
  end if;
  if new.orders_passed < old.orders_passed or (old.state = 'storing' and new.state = 'received') then
    raise exception 'an import only goes forward' using errcode = '23514', constraint = 'import_forward';
  end if;
  return new;
end $f$
"""

NAME_GUARD = """
create function documents_party_name_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'DELETE' then
    raise exception 'names are never deleted' using errcode = '23514', constraint = 'party_name_kept';
  end if;
  if (to_jsonb(new) - 'party_id') <> (to_jsonb(old) - 'party_id') then
    raise exception 'only the party of a name may change' using errcode = '23514', constraint = 'party_name_fixed';
  end if;
  return new;
end $f$
"""

TRIGGERS = [
    "create constraint trigger whole after insert on documents_delivery "
    "deferrable initially deferred for each row execute function documents_delivery_whole()",
    "create constraint trigger whole after insert on documents_delivery_line "
    "deferrable initially deferred for each row execute function documents_delivery_whole()",
    "create trigger guard before insert or update or delete on documents_import "
    "for each row execute function documents_import_guard()",
    "create trigger guard before update or delete on documents_party_name "
    "for each row execute function documents_party_name_guard()",
    "alter table documents_delivery add constraint delivery_as_ordered "
    "foreign key (order_id, buyer_id, seller, currency) references documents_order (id, buyer_id, seller, currency)",
    "alter table documents_delivery_line add constraint delivery_line_of_its_delivery "
    "foreign key (delivery_id, order_id) references documents_delivery (id, order_id)",
    "alter table documents_delivery_line add constraint delivery_line_was_ordered "
    "foreign key (order_id, order_line) references documents_order_line (order_id, number)",
]

APPEND_ONLY = (
    "documents_import_file",
    "documents_order",
    "documents_order_line",
    "documents_delivery",
    "documents_delivery_line",
    "documents_paper",
    "documents_paper_ref",
    "documents_attachment",
)


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                (WHOLE, None),
                (IMPORT_GUARD, None),
                (NAME_GUARD, None),
                *((statement, None) for statement in TRIGGERS),
                *rls.run(
                    *(rls.append_only(table) for table in APPEND_ONLY),
                    rls.protect("documents_import"),
                    rls.protect("documents_import_file", column="of_import_id"),
                    rls.protect("documents_order"),
                    rls.protect("documents_order_line", column="order_id"),
                    rls.protect("documents_delivery"),
                    rls.protect("documents_delivery_line", column="delivery_id"),
                    rls.protect("documents_paper"),
                    rls.protect("documents_paper_ref", column="paper_id"),
                    rls.protect("documents_attachment", column="document_id"),
                    rls.protect_own("documents_party_name", ["buyer_id", "party_id"]),
                ),
            ]
        )
    ]
