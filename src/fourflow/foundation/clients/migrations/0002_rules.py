"""A client exists by two people's decision, a revoked one stays revoked; secrets are closed to readers."""

from django.db import migrations

from fourflow.platform.db import rls

# A proposal is decided once and never rewritten; applied means approved by a second person.
PROPOSAL_GUARD = """
create function clients_proposal_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'proposed' then
      raise exception 'a proposal begins as proposed' using errcode = '23514', constraint = 'client_begins_proposed';
    end if;
    return new;
  end if;
  if old.state <> 'proposed'
     or (to_jsonb(new) - 'state' - 'approval_id') <> (to_jsonb(old) - 'state' - 'approval_id') then
    raise exception 'a proposal is decided once' using errcode = '23514', constraint = 'client_proposal_fixed';
  end if;
  if new.state = 'applied' and not exists (
      select 1 from approvals_approval a where a.id = new.approval_id and a.kind = 'client.terms'
      and a.state = 'approved' and a.object_id = new.id) then
    raise exception 'two people admit a client' using errcode = '23514', constraint = 'client_approved_by_two';
  end if;
  return new;
end $f$
"""

CLIENT_GUARD = """
create function clients_client_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'UPDATE' and (old.state = 'revoked'
     or (new.id, new.organisation_id, new.api_version) <> (old.id, old.organisation_id, old.api_version)) then
    raise exception 'a client keeps its version, a revoked one stays revoked' using errcode = '23514', constraint = 'client_fixed';
  end if;
  if not exists (select 1 from clients_proposal p where p.id = new.proposal_id and p.client_id = new.id
                 and p.organisation_id = new.organisation_id and p.state = 'applied') then
    raise exception 'a client holds what was approved' using errcode = '23514', constraint = 'client_terms_approved';
  end if;
  return new;
end $f$
"""

# An endpoint keeps its address and kinds: another address is another endpoint.
ENDPOINT_GUARD = """
create function clients_endpoint_guard() returns trigger language plpgsql as $f$
begin
  if (to_jsonb(new) - 'state' - 'reason' - 'public_key' - 'position')
     <> (to_jsonb(old) - 'state' - 'reason' - 'public_key' - 'position') or new.position < old.position then
    raise exception 'an endpoint keeps its address' using errcode = '23514', constraint = 'endpoint_fixed';
  end if;
  return new;
end $f$
"""

DELIVERY_GUARD = """
create function clients_delivery_guard() returns trigger language plpgsql as $f$
begin
  if (new.id, new.endpoint_id, new.organisation_id, new.event_id, new.kind)
     is distinct from (old.id, old.endpoint_id, old.organisation_id, old.event_id, old.kind)
     or new.attempts < old.attempts then
    raise exception 'a delivery keeps its event' using errcode = '23514', constraint = 'delivery_fixed';
  end if;
  return new;
end $f$
"""


def guard(when: str, table: str, function: str) -> tuple[str, None]:
    return (f"create trigger guard before {when} on {table} for each row execute function {function}", None)


class Migration(migrations.Migration):
    dependencies = [("clients", "0001_initial"), ("approvals", "0002_rules"), ("parties", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                *((function, None) for function in (PROPOSAL_GUARD, CLIENT_GUARD, ENDPOINT_GUARD, DELIVERY_GUARD)),
                guard("insert or update", "clients_proposal", "clients_proposal_guard()"),
                guard("insert or update", "clients_client", "clients_client_guard()"),
                guard("update", "clients_endpoint", "clients_endpoint_guard()"),
                guard("update", "clients_delivery", "clients_delivery_guard()"),
                *rls.run(
                    rls.append_only("clients_attempt"),
                    *(
                        rls.protect_own(table)
                        for table in (
                            "clients_proposal",
                            "clients_client",
                            "clients_endpoint",
                            "clients_delivery",
                            "clients_attempt",
                        )
                    ),
                    # readers hold nothing on tokens, used assertions and seeds; what is over is cleared away
                    rls.allow_delete("clients_used_assertion"),
                    rls.allow_delete("clients_token"),
                ),
            ]
        )
    ]
