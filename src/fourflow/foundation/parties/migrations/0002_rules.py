"""Check characters, periods that do not overlap, rows that only two people make, and who reads what."""

from django.db import migrations

from fourflow.platform.db import rls
from fourflow.platform.db.rls import ORGANISATION, READER, SEES_ALL

# A range over uuid gives EXCLUDE its equality without an extension.
UUID_RANGE = """
do $f$ begin
  create type uuid_range as range (subtype = uuid);
exception when duplicate_object then null;
end $f$
"""

# GB 32100: weights are the powers of 3 modulo 31, the check character has weight 1. LEI: ISO 7064 MOD 97-10.
IDENTIFIER = """
create function parties_identifier_valid(scheme text, value text) returns boolean language sql immutable as $f$
  select case scheme
    when 'uscc' then value ~ '^[0-9A-HJ-NPQRTUWXY]{18}$' and (
      select sum((strpos('0123456789ABCDEFGHJKLMNPQRTUWXY', substr(value, i::int, 1)) - 1) * w) % 31 = 0
      from unnest(array[1,3,9,27,19,26,16,17,20,29,25,13,8,24,10,30,28,1]) with ordinality as t(w, i))
    when 'lei' then value ~ '^[0-9A-Z]{18}[0-9]{2}$' and (
      select string_agg(case when c ~ '[0-9]' then c else (ascii(c) - 55)::text end, '' order by i)::numeric % 97 = 1
      from regexp_split_to_table(value, '') with ordinality as t(c, i))
    else length(value) <= 64 and value ~ '^[0-9A-Z]+(-[0-9A-Z]+)*$'
  end
$f$
"""

SANDBOX_ONLY = """
create function parties_no_sandbox_in_production() returns trigger language plpgsql as $f$
begin
  if new.scheme = 'sandbox' and exists (select 1 from platform_installation where environment = 'production') then
    raise exception 'sandbox identifiers have no place in production'
      using errcode = '23514', constraint = 'identifier_not_sandbox_in_production';
  end if;
  return new;
end $f$
"""

# A row is born with its party (founding or approved application, same transaction), or by an approved change that is not
# applied yet. The arguments name the columns that hold the party.
NEEDS_APPROVAL = """
create function parties_needs_approval() returns trigger language plpgsql as $f$
declare
  born boolean;
  changed boolean;
  owners uuid[];
begin
  select array_agg((to_jsonb(new) ->> name)::uuid) into owners from unnest(tg_argv) as name;
  select exists (
    select 1 from parties_party p
    where p.id = any(owners) and p.recorded_at >= now() and p.approval_id is not distinct from new.approval_id
  ) into born;
  select exists (
    select 1 from parties_change c join approvals_approval a on a.object_id = c.id
    where a.id = new.approval_id and a.kind = 'party.change' and a.state = 'approved'
      and c.state = 'proposed' and c.party_id = any(owners)
  ) into changed;
  if not (born or changed) then
    raise exception '% needs two people', tg_table_name using errcode = '23514', constraint = 'party_row_needs_approval';
  end if;
  return new;
end $f$
"""

PARTY_GUARD = """
create function parties_party_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'INSERT' then
    if new.approval_id is null and not new.founding or not (new.approval_id is null or exists (
      select 1 from approvals_approval a join parties_application p on p.id = a.object_id
      where a.id = new.approval_id and a.kind = 'party.onboard' and a.state = 'approved' and p.state = 'submitted'))
    then
      raise exception 'a party needs two people' using errcode = '23514', constraint = 'party_needs_approval';
    end if;
  elsif (to_jsonb(new) - 'state') <> (to_jsonb(old) - 'state') or old.state = 'closed' then
    raise exception 'a party is never rewritten' using errcode = '23514', constraint = 'party_fixed';
  end if;
  return new;
end $f$
"""

# Of a dated row only the end moves, and only towards the present.
ONLY_END = """
create function parties_only_end() returns trigger language plpgsql as $f$
begin
  if (to_jsonb(new) - 'valid_to') <> (to_jsonb(old) - 'valid_to')
     or new.valid_to is null or new.valid_to > old.valid_to then
    raise exception 'a dated row only ends' using errcode = '23514', constraint = 'dated_row_only_ends';
  end if;
  return new;
end $f$
"""

RESTRICTION_GUARD = """
create function parties_restriction_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'INSERT' then
    if new.lifted_on is not null then
      raise exception 'a restriction begins in force' using errcode = '23514', constraint = 'restriction_begins_in_force';
    end if;
  elsif (to_jsonb(new) - 'lifted_on' - 'lift_approval_id') <> (to_jsonb(old) - 'lifted_on' - 'lift_approval_id')
     or old.lifted_on is not null then
    raise exception 'a restriction is lifted once, and never rewritten'
      using errcode = '23514', constraint = 'restriction_fixed';
  elsif not exists (
      select 1 from approvals_approval a where a.id = new.lift_approval_id
      and a.kind = 'party.lift' and a.state = 'approved' and a.object_id = new.id) then
    raise exception 'lifting needs two people' using errcode = '23514', constraint = 'restriction_lift_by_two';
  end if;
  return new;
end $f$
"""

CONSENT_GUARD = """
create function parties_consent_guard() returns trigger language plpgsql as $f$
begin
  if (to_jsonb(new) - 'withdrawn_at') <> (to_jsonb(old) - 'withdrawn_at') or old.withdrawn_at is not null then
    raise exception 'a consent is withdrawn once, and never rewritten'
      using errcode = '23514', constraint = 'consent_fixed';
  end if;
  return new;
end $f$
"""

ACCOUNT_GUARD = """
create function parties_account_guard() returns trigger language plpgsql as $f$
begin
  if new.id <> old.id or new.person_id <> old.person_id or new.email <> old.email then
    raise exception 'an account never changes its person' using errcode = '23514', constraint = 'account_person_fixed';
  end if;
  return new;
end $f$
"""

APPLICATION_GUARD = """
create function parties_application_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'draft' then
      raise exception 'an application begins as draft' using errcode = '23514', constraint = 'application_begins_draft';
    end if;
    return new;
  end if;
  if not (old.state = new.state and old.state in ('draft', 'returned')
          or (old.state, new.state) in (('draft', 'submitted'), ('returned', 'submitted'), ('submitted', 'active'),
                                        ('draft', 'expired'), ('returned', 'expired'),
                                        ('submitted', 'rejected'), ('submitted', 'returned'))) then
    raise exception 'from % to %', old.state, new.state using errcode = '23514', constraint = 'application_step';
  end if;
  if new.content <> old.content and old.state not in ('draft', 'returned') then
    raise exception 'what was submitted is fixed' using errcode = '23514', constraint = 'application_content_fixed';
  end if;
  if new.state = 'active' and not exists (
      select 1 from approvals_approval a where a.id = new.approval_id and a.kind = 'party.onboard'
      and a.state = 'approved' and a.object_id = new.id) then
    raise exception 'two people admit a party' using errcode = '23514', constraint = 'application_approved_by_two';
  end if;
  return new;
end $f$
"""

DOCUMENT_GUARD = """
create function parties_document_guard() returns trigger language plpgsql as $f$
begin
  if not exists (select 1 from parties_application a where a.id = new.application_id and a.state in ('draft', 'returned'))
  then
    raise exception 'what was submitted is fixed' using errcode = '23514', constraint = 'application_documents_fixed';
  end if;
  return new;
end $f$
"""

# The content of a document is handed in once and removed once. Only a rotation writes it anew, under another key.
FILE_FIXED = (
    "revoke update on parties_application_file from fourflow_writer",
    "grant update (content) on parties_application_file to fourflow_writer",
    "create trigger fixed before update on parties_application_file for each row "
    "when (new.document_id <> old.document_id or new.recorded_at <> old.recorded_at "
    "or not platform_sealed_alike(old.content, new.content)) execute function platform_refuse_change()",
)

CHANGE_GUARD = """
create function parties_change_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'proposed' then
      raise exception 'a change begins as proposed' using errcode = '23514', constraint = 'change_begins_proposed';
    end if;
    return new;
  end if;
  if old.state <> 'proposed'
     or (to_jsonb(new) - 'state' - 'approval_id' - 'row_id') <> (to_jsonb(old) - 'state' - 'approval_id' - 'row_id') then
    raise exception 'a change is decided once, and never rewritten' using errcode = '23514', constraint = 'change_fixed';
  end if;
  if new.state = 'applied' and not exists (
      select 1 from approvals_approval a where a.id = new.approval_id and a.kind = 'party.change'
      and a.state = 'approved' and a.object_id = new.id) then
    raise exception 'two people change a party' using errcode = '23514', constraint = 'change_approved_by_two';
  end if;
  return new;
end $f$
"""

# The name behind an id that the reader already holds (from an object it may see) is no secret.
NAMES = """
create function parties_names(ids uuid[]) returns table (id uuid, name text, short_name text)
language sql stable security definer set search_path = public as $f$
  select p.id, p.name, coalesce(nullif(p.short_name, ''), p.name) from parties_party p where p.id = any(ids)
$f$
"""


def trigger(name: str, when: str, table: str, function: str) -> tuple[str, None]:
    return (f"create trigger {name} {when} on {table} for each row execute function {function}", None)


def apart(table: str, name: str, *columns: str) -> tuple[str, None]:
    """Rows with equal columns have periods that do not overlap."""
    joined = " || '/' || ".join(f"coalesce({column}::text, '')" for column in columns)
    key = f"uuid_range(md5({joined})::uuid, md5({joined})::uuid, '[]')"
    return (
        f"alter table {table} add constraint {name} exclude using gist "
        f"({key} with &&, daterange(valid_from, valid_to) with &&)",
        None,
    )


def read_where(table: str, condition: str, columns: str = "") -> list[str]:
    enabled = [statement for statement in rls.public_data(table) if "policy reader" not in statement]
    if columns:
        enabled = [s.replace("grant select on", f"grant select ({columns}) on") for s in enabled]
    return [*enabled, f"create policy reader on {table} for select to {READER} using ({SEES_ALL} or {condition})"]


COLLEAGUE = (
    "exists (select 1 from parties_membership m where m.person_id = {} and m.organisation_id = " + ORGANISATION + ")"
)

DATED = {
    "parties_licence": "'party_id'",
    "parties_role": "'party_id'",
    "parties_membership": "'organisation_id'",
    "parties_mandate": "'party_id'",
    "parties_relation": "'first_id', 'second_id'",
}


class Migration(migrations.Migration):
    dependencies = [("parties", "0001_initial"), ("approvals", "0002_rules"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                *(
                    (statement, None)
                    for statement in (
                        *(UUID_RANGE, IDENTIFIER, SANDBOX_ONLY, NEEDS_APPROVAL, PARTY_GUARD, ONLY_END),
                        *(RESTRICTION_GUARD, CONSENT_GUARD, ACCOUNT_GUARD, APPLICATION_GUARD, DOCUMENT_GUARD),
                        *(CHANGE_GUARD, NAMES),
                    )
                ),
                (
                    "alter table parties_identifier add constraint identifier_check_character "
                    "check (parties_identifier_valid(scheme, value))",
                    None,
                ),
                (  # key id, nonce and tag, and at least one byte of the name
                    "alter table parties_person add constraint person_has_name "
                    "check (octet_length(name) > 29 + get_byte(name, 0))",
                    None,
                ),
                (
                    "alter table parties_role add constraint role_licence_of_party foreign key "
                    "(licence_id, party_id, licence_kind) references parties_licence (id, party_id, kind)",
                    None,
                ),
                apart("parties_role", "role_periods_apart", "party_id", "kind", "programme_id"),
                apart("parties_membership", "membership_periods_apart", "person_id", "organisation_id"),
                apart(
                    "parties_mandate",
                    "mandate_periods_apart",
                    *("person_id", "organisation_id", "party_id", "permission", "currency"),
                ),
                apart("parties_relation", "relation_periods_apart", "first_id", "second_id", "kind"),
                *(
                    trigger("approved", "before insert", table, f"parties_needs_approval({columns})")
                    for table, columns in DATED.items()
                ),
                *(trigger("only_end", "before update", table, "parties_only_end()") for table in DATED),
                trigger("sandbox", "before insert", "parties_identifier", "parties_no_sandbox_in_production()"),
                trigger("guard", "before insert or update", "parties_party", "parties_party_guard()"),
                trigger("guard", "before insert or update", "parties_restriction", "parties_restriction_guard()"),
                trigger("guard", "before update", "parties_consent", "parties_consent_guard()"),
                trigger("guard", "before update", "parties_account", "parties_account_guard()"),
                trigger("guard", "before insert or update", "parties_application", "parties_application_guard()"),
                trigger("guard", "before insert", "parties_application_document", "parties_document_guard()"),
                trigger("guard", "before insert or update", "parties_change", "parties_change_guard()"),
                *rls.run(
                    rls.append_only("parties_identifier"),
                    rls.append_only("parties_person", sealed="name"),
                    rls.append_only("parties_application_document"),
                    rls.protect("parties_party"),
                    *(
                        rls.protect(table, column="party_id")
                        for table in ("parties_identifier", "parties_licence", "parties_role", "parties_restriction")
                    ),
                    *(
                        rls.protect_own(table)
                        for table in ("parties_membership", "parties_mandate", "parties_application", "parties_change")
                    ),
                    rls.protect_own("parties_consent", columns=("subject_id", "to_party_id")),
                    read_where("parties_relation", "false"),
                    read_where("parties_person", COLLEAGUE.format("parties_person.id")),
                    read_where(
                        "parties_account",
                        COLLEAGUE.format("parties_account.person_id"),
                        columns="id, email, person_id, is_active, recorded_at",
                    ),
                    read_where(
                        "parties_application_document",
                        "exists (select 1 from parties_application a where a.id = application_id "
                        f"and a.organisation_id = {ORGANISATION})",
                    ),
                    read_where(
                        "parties_application_file",
                        "exists (select 1 from parties_application_document d join parties_application a "
                        f"on a.id = d.application_id where d.id = document_id and a.organisation_id = {ORGANISATION})",
                    ),
                    rls.allow_delete("parties_application_file"),
                    FILE_FIXED,
                ),
            ]
        )
    ]
