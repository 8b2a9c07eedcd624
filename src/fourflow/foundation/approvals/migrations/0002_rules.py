"""A request's content never changes, it closes once, and it counts as approved only with enough approving people."""

from django.db import migrations

from fourflow.platform.db import rls

GUARD = """
create function approvals_guard() returns trigger language plpgsql as $f$
begin
  if tg_op = 'DELETE' then
    raise exception 'approvals are never deleted' using errcode = '23514', constraint = 'approval_kept';
  end if;
  if tg_op = 'INSERT' then
    if new.state <> 'pending' then
      raise exception 'a request begins as pending' using errcode = '23514', constraint = 'approval_begins_pending';
    end if;
    return new;
  end if;
  if (to_jsonb(new) - 'state' - 'closed_at') <> (to_jsonb(old) - 'state' - 'closed_at') then
    raise exception 'the content of a request is fixed' using errcode = '23514', constraint = 'approval_content_fixed';
  end if;
  if old.state <> 'pending' then
    raise exception 'the request is closed' using errcode = '23514', constraint = 'approval_closes_once';
  end if;
  return new;
end $f$
"""

# Deferred: the decision and the state that follows from it are two statements of one transaction.
COUNTED = """
create function approvals_counted() returns trigger language plpgsql as $f$
declare
  request approvals_approval;
  approving integer;
  rejecting integer;
begin
  select * into request from approvals_approval where id = new.id;
  select count(*) filter (where verdict = 'approve'), count(*) filter (where verdict = 'reject')
    into approving, rejecting from approvals_decision where approval_id = new.id;
  if request.state = 'approved' and (approving < request.checks or rejecting > 0) then
    raise exception 'approved by % of % people', approving, request.checks
      using errcode = '23514', constraint = 'approval_enough_people';
  end if;
  if request.state = 'rejected' and rejecting = 0 then
    raise exception 'nobody rejected' using errcode = '23514', constraint = 'approval_rejected_by_somebody';
  end if;
  return null;
end $f$
"""

# A decision is given on an open request, on its very payload, by its organisation.
DECISION = """
create function approvals_decision_fits() returns trigger language plpgsql as $f$
declare
  request approvals_approval;
begin
  select * into request from approvals_approval where id = new.approval_id;
  if request.state <> 'pending' then
    raise exception 'the request is closed' using errcode = '23514', constraint = 'decision_on_open_request';
  end if;
  if request.payload_hash <> new.payload_hash then
    raise exception 'another payload' using errcode = '23514', constraint = 'decision_on_same_payload';
  end if;
  if request.organisation_id <> new.organisation_id then
    raise exception 'another organisation' using errcode = '23514', constraint = 'decision_by_organisation';
  end if;
  return new;
end $f$
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                (GUARD, None),
                (COUNTED, None),
                (DECISION, None),
                (
                    "alter table approvals_approval add constraint approval_decided_later "
                    "check (decide_by >= (requested_at at time zone 'Asia/Shanghai')::date)",
                    None,
                ),
                (
                    "create trigger guard before insert or update or delete on approvals_approval "
                    "for each row execute function approvals_guard()",
                    None,
                ),
                (
                    "create constraint trigger counted after update on approvals_approval "
                    "deferrable initially deferred for each row execute function approvals_counted()",
                    None,
                ),
                (
                    "create trigger fits before insert on approvals_decision "
                    "for each row execute function approvals_decision_fits()",
                    None,
                ),
                (
                    "alter table approvals_decision add constraint decision_names_the_maker "
                    "foreign key (approval_id, maker_person_id) references approvals_approval (id, maker_person_id)",
                    None,
                ),
                *rls.run(
                    rls.protect_own("approvals_approval"),
                    rls.append_only("approvals_decision"),
                    rls.protect_own("approvals_decision"),
                ),
            ]
        )
    ]
