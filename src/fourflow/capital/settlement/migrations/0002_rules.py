"""What Django's schema language cannot say: steps of an instruction, one submission, platform accounts, cash in full."""

from django.db import migrations

from fourflow.platform.db import rls

ACCOUNT_KEYS = [
    "alter table settlement_instruction add constraint instruction_payer_account foreign key "
    "(payer_account_id, bank_id, currency, payer_is_platform, payer_id) references settlement_account "
    "(id, bank_id, currency, is_platform, party_id)",
    "alter table settlement_instruction add constraint instruction_payee_account foreign key "
    "(payee_account_id, currency, payee_is_platform, payee_id) references settlement_account "
    "(id, currency, is_platform, party_id)",
    "alter table settlement_expectation add constraint expectation_payee_account foreign key "
    "(payee_account_id, currency, payee_is_platform, payee_id) references settlement_account "
    "(id, currency, is_platform, party_id)",
    "alter table settlement_match add constraint match_of_entry foreign key (entry_id, account_id, currency) "
    "references settlement_entry (id, account_id, currency)",
    "alter table settlement_match add constraint match_of_expectation foreign key (expectation_id, account_id, currency) "
    "references settlement_expectation (id, payee_account_id, currency)",
    "alter table settlement_return add constraint return_of_entry foreign key (entry_id, account_id, currency) "
    "references settlement_entry (id, account_id, currency)",
    "alter table settlement_message add constraint message_digest check (digest = sha256(body))",
]

REFUSE = """
create function settlement_refuse(what text, said text) returns void language plpgsql as $f$
begin
  raise exception '%', said using errcode = '23514', constraint = what;
end $f$
"""

INSTRUCTION_GUARD = """
create function settlement_instruction_guard() returns trigger language plpgsql as $f$
declare
  moving constant text[] := array['state', 'sent_at', 'finished_at', 'asked', 'not_known', 'ask_after', 'bank_reference',
                                  'reason_code', 'reason', 'maker_person_id'];
begin
  if tg_op = 'INSERT' then
    if new.state not in ('draft', 'instructed') then
      perform settlement_refuse('instruction_begins_unsent', 'an instruction begins unsent');
    end if;
    return new;
  end if;
  if (to_jsonb(new) - moving) <> (to_jsonb(old) - moving) then
    perform settlement_refuse('instruction_fixed', 'who, what and how much of an instruction never change');
  end if;
  if (old.bank_reference <> '' and new.bank_reference <> old.bank_reference) or (old.sent_at <> new.sent_at)
     or (old.sent_at is not null and new.sent_at is null) then
    perform settlement_refuse('instruction_fixed', 'a bank reference and the time of sending are set once');
  end if;
  if new.state <> old.state then
    if (old.state, new.state) not in (
        ('draft', 'instructed'), ('draft', 'rejected'), ('instructed', 'sent'), ('instructed', 'rejected'),
        ('sent', 'in_transit'), ('sent', 'settled'), ('sent', 'rejected'), ('sent', 'unknown'),
        ('unknown', 'in_transit'), ('unknown', 'settled'), ('unknown', 'rejected'),
        ('in_transit', 'settled'), ('in_transit', 'rejected')) then
      perform settlement_refuse('instruction_step', format('no step from %s to %s', old.state, new.state));
    end if;
    if new.state = 'sent' and not exists (select 1 from settlement_submission s where s.instruction_id = new.id) then
      perform settlement_refuse('instruction_sent_by_submission', 'an instruction is sent by its submission');
    end if;
    if new.state = 'settled' and not exists (select 1 from settlement_answer a where a.instruction_id = new.id
        and a.verdict = 'applied' and a.status = 'settled') then
      perform settlement_refuse('instruction_settled_by_bank', 'only a bank''s answer settles an instruction');
    end if;
    if new.state = 'rejected' and old.state not in ('draft', 'instructed') and new.reason_code <> 'NOT_RECEIVED'
       and not exists (select 1 from settlement_answer a where a.instruction_id = new.id
        and a.verdict = 'applied' and a.status = 'rejected') then
      perform settlement_refuse('instruction_rejected_by_bank', 'only a bank''s answer rejects what was sent');
    end if;
    if new.state = 'rejected' and new.reason_code = 'NOT_RECEIVED' and (old.state = 'in_transit' or new.not_known < 3) then
      perform settlement_refuse('instruction_not_received', 'not received: only when the bank said so three times');
    end if;
  end if;
  return new;
end $f$
"""

SUBMISSION_GUARD = """
create function settlement_submission_guard() returns trigger language plpgsql as $f$
begin
  if not exists (select 1 from settlement_instruction i join settlement_message m on m.id = new.message_id
      where i.id = new.instruction_id and i.state = 'instructed' and m.outgoing and m.bank_id = i.bank_id) then
    perform settlement_refuse('submission_of_instructed', 'only an instructed payment is handed to its own bank');
  end if;
  return new;
end $f$
"""

# All that is paid on one invoice of the platform, by instruction or by expectation, stays within the invoice.
INVOICE_GUARD = """
create function settlement_invoice_guard() returns trigger language plpgsql as $f$
declare
  way text; other uuid; invoice settlement_platform_invoice; used numeric;
begin
  if new.invoice_id is null then
    return new;
  end if;
  way := case new.purpose when 'platform_fee' then 'issued' else 'received' end;
  other := case new.purpose when 'platform_fee' then new.payer_id else new.payee_id end;
  perform pg_advisory_xact_lock(hashtextextended('settlement_invoice ' || new.invoice_id, 0));
  select * into invoice from settlement_platform_invoice p where p.id = new.invoice_id;
  if invoice.direction <> way or invoice.counterparty_id <> other or invoice.currency <> new.currency then
    perform settlement_refuse('platform_own_invoice', 'the invoice is not between these parties in this currency');
  end if;
  select coalesce((select sum(minor) from settlement_instruction where invoice_id = invoice.id and state <> 'rejected'), 0)
       + coalesce((select sum(minor) from settlement_expectation where invoice_id = invoice.id and cancelled_at is null), 0)
    into used;
  if used > invoice.minor then
    perform settlement_refuse('platform_invoice_exceeded', 'more than the invoice');
  end if;
  return new;
end $f$
"""

# What of a credit is matched, or on its way back.
GIVEN = """
create function settlement_given(wanted uuid) returns numeric language sql as $f$
  select coalesce((select sum(m.minor) from settlement_match m where m.entry_id = wanted), 0)
       + coalesce((select sum(r.minor) from settlement_return r where r.entry_id = wanted and r.state <> 'failed'), 0)
$f$
"""

MATCH_GUARD = """
create function settlement_match_guard() returns trigger language plpgsql as $f$
declare
  entry settlement_entry;
begin
  perform pg_advisory_xact_lock(hashtextextended('settlement_entry ' || new.entry_id, 0));
  select * into entry from settlement_entry e where e.id = new.entry_id;
  if entry.direction <> 'credit' or entry.instruction_id is not null then
    perform settlement_refuse('match_of_free_credit', 'only a credit that belongs to no instruction is matched');
  end if;
  if settlement_given(new.entry_id) + new.minor > entry.minor then
    perform settlement_refuse('match_within_entry', 'more given out than the entry holds');
  end if;
  update settlement_expectation x set received = x.received + new.minor
    where x.id = new.expectation_id and x.cancelled_at is null;
  if not found then
    perform settlement_refuse('match_of_open_expectation', 'the expectation is not open');
  end if;
  return new;
end $f$
"""

# A return goes from the account where the money lies to the account that it came from, and ends as its payment does.
RETURN_GUARD = """
create function settlement_return_guard() returns trigger language plpgsql as $f$
declare
  entry settlement_entry; payment settlement_instruction;
begin
  perform pg_advisory_xact_lock(hashtextextended('settlement_entry ' || new.entry_id, 0));
  select * into entry from settlement_entry e where e.id = new.entry_id;
  select * into payment from settlement_instruction i where i.id = new.instruction_id;
  if tg_op = 'INSERT' then
    if new.state <> 'instructed' or payment.purpose <> 'return' or payment.minor <> new.minor
       or payment.payer_account_id <> entry.account_id or payment.currency <> entry.currency
       or payment.payee_number <> entry.counterparty_account or payment.payee_number = ''
       or payment.subject_id <> entry.id or new.party_id <> entry.party_id then
      perform settlement_refuse('return_to_its_payer', 'money goes back from where it lies to where it came from');
    end if;
    if entry.direction <> 'credit' or entry.instruction_id is not null or entry.is_reversal then
      perform settlement_refuse('return_of_free_credit', 'only a credit that belongs to nobody is returned');
    end if;
    if settlement_given(new.entry_id) + new.minor > entry.minor then
      perform settlement_refuse('return_within_entry', 'more given out than the entry holds');
    end if;
    return new;
  end if;
  if (to_jsonb(new) - array['state', 'finished_at']) <> (to_jsonb(old) - array['state', 'finished_at'])
     or old.state <> 'instructed' then
    perform settlement_refuse('return_fixed', 'a return ends once, and nothing else of it changes');
  end if;
  if payment.state <> (case new.state when 'paid' then 'settled' else 'rejected' end) then
    perform settlement_refuse('return_ends_as_its_payment', 'a return ends as its payment does');
  end if;
  return new;
end $f$
"""

RETURN_HAS_ENTRY = """
create function settlement_return_has_entry() returns trigger language plpgsql as $f$
begin
  if new.purpose = 'return' and not exists (select 1 from settlement_return r where r.instruction_id = new.id) then
    perform settlement_refuse('return_has_entry', 'a payment back belongs to unmatched money of two people''s decision');
  end if;
  return null;
end $f$
"""

EXPECTATION_GUARD = """
create function settlement_expectation_guard() returns trigger language plpgsql as $f$
declare
  moving constant text[] := array['received', 'cancelled_at'];
begin
  if (to_jsonb(new) - moving) <> (to_jsonb(old) - moving) or (old.cancelled_at is not null and new <> old) then
    perform settlement_refuse('expectation_fixed', 'an expectation does not change but by what arrives');
  end if;
  return new;
end $f$
"""

EXPECTATION_SUM = """
create function settlement_expectation_sum() returns trigger language plpgsql as $f$
begin
  if exists (select 1 from settlement_expectation x where x.id = new.id and x.received <>
      coalesce((select sum(m.minor) from settlement_match m where m.expectation_id = x.id), 0)) then
    perform settlement_refuse('expectation_follows_matches', 'received differs from the matches');
  end if;
  return null;
end $f$
"""

# A credit belongs to an instruction, or is matched, or goes back, or lies in suspense: to the cent, at every commit.
CASH_IN_FULL = """
create function settlement_cash_in_full(wanted uuid) returns void language plpgsql as $f$
begin
  if exists (select 1 from settlement_entry e where e.id = wanted and e.direction = 'credit' and e.instruction_id is null
      and e.minor <> settlement_given(e.id) + coalesce((select s.rest from settlement_suspense s where s.entry_id = e.id), 0)) then
    perform settlement_refuse('cash_in_full', 'a credit is neither placed nor in suspense in full');
  end if;
end $f$
"""
CASH_OF_ENTRY = """
create function settlement_cash_of_entry() returns trigger language plpgsql as $f$
begin perform settlement_cash_in_full(new.id); return null; end $f$
"""
CASH_OF_PART = """
create function settlement_cash_of_part() returns trigger language plpgsql as $f$
begin perform settlement_cash_in_full(new.entry_id); return null; end $f$
"""

SUSPENSE_GUARD = """
create function settlement_suspense_guard() returns trigger language plpgsql as $f$
begin
  if new.entry_id <> old.entry_id or new.party_id <> old.party_id or new.currency <> old.currency
     or new.opened_at <> old.opened_at or ((new.rest > old.rest or old.closed_at is not null) and not exists
       (select 1 from settlement_return r where r.entry_id = new.entry_id and r.state = 'failed')) then
    perform settlement_refuse('suspense_only_shrinks', 'suspense only shrinks, and a closed item stays closed, unless a return failed');
  end if;
  return new;
end $f$
"""

ACCOUNT_GUARD = """
create function settlement_account_guard() returns trigger language plpgsql as $f$
declare
  moving constant text[] := array['watched', 'owner_checked_at', 'closed_on'];
begin
  if (to_jsonb(new) - moving) <> (to_jsonb(old) - moving) then
    perform settlement_refuse('account_fixed', 'whose account it is, where and what for never changes');
  end if;
  return new;
end $f$
"""

EXCEPTION_GUARD = """
create function settlement_exception_guard() returns trigger language plpgsql as $f$
declare
  moving constant text[] := array['resolved_at', 'resolved_by', 'resolution'];
begin
  if old.resolved_at is not null or (to_jsonb(new) - moving) <> (to_jsonb(old) - moving) then
    perform settlement_refuse('exception_resolved_once', 'an exception is resolved once and not rewritten');
  end if;
  return new;
end $f$
"""


def trigger(name: str, when: str, table: str, function: str) -> str:
    return f"create trigger {name} {when} on settlement_{table} for each row execute function {function}()"


def at_commit(name: str, when: str, table: str, function: str) -> str:
    return (
        f"create constraint trigger {name} after {when} on settlement_{table} deferrable initially deferred "
        f"for each row execute function settlement_{function}()"
    )


TRIGGERS = [
    trigger("guard", "before insert or update", "instruction", "settlement_instruction_guard"),
    trigger("guard", "before insert", "submission", "settlement_submission_guard"),
    trigger("invoice", "after insert or update", "instruction", "settlement_invoice_guard"),
    trigger("invoice", "after insert", "expectation", "settlement_invoice_guard"),
    trigger("guard", "before insert", "match", "settlement_match_guard"),
    trigger("guard", "before insert or update", "return", "settlement_return_guard"),
    trigger("guard", "before update", "expectation", "settlement_expectation_guard"),
    trigger("guard", "before update", "suspense", "settlement_suspense_guard"),
    trigger("guard", "before update", "account", "settlement_account_guard"),
    trigger("guard", "before update", "exception", "settlement_exception_guard"),
    at_commit("follows_matches", "insert or update", "expectation", "expectation_sum"),
    at_commit("in_full", "insert", "entry", "cash_of_entry"),
    at_commit("in_full", "insert", "match", "cash_of_part"),
    at_commit("in_full", "insert or update", "return", "cash_of_part"),
    at_commit("return_has_entry", "insert", "instruction", "return_has_entry"),
    at_commit("in_full", "insert or update", "suspense", "cash_of_part"),
    *[
        trigger("keep", "before delete", table, "platform_refuse_change")
        for table in ("instruction", "expectation", "suspense", "return", "account", "exception", "bank")
    ],
]

FACTS = (
    "platform_invoice",
    "message",
    "submission",
    "answer",
    "entry",
    "match",
    "statement",
    "statement_line",
    "reconciliation",
)


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL(
            rls.run(
                ACCOUNT_KEYS,
                [REFUSE, INSTRUCTION_GUARD, SUBMISSION_GUARD, INVOICE_GUARD, GIVEN, MATCH_GUARD],
                [RETURN_GUARD, RETURN_HAS_ENTRY],
                [EXPECTATION_GUARD, EXPECTATION_SUM, CASH_IN_FULL, CASH_OF_ENTRY, CASH_OF_PART],
                [SUSPENSE_GUARD, ACCOUNT_GUARD, EXCEPTION_GUARD],
                TRIGGERS,
                *[rls.append_only(f"settlement_{table}") for table in FACTS],
                rls.public_data("settlement_bank"),
                rls.protect_own("settlement_account", ["party_id"]),
                rls.protect_own("settlement_platform_invoice", ["counterparty_id"]),
                rls.protect("settlement_instruction"),
                rls.protect("settlement_submission", column="instruction_id"),
                rls.protect("settlement_answer", column="instruction_id"),
                rls.protect("settlement_message"),
                rls.protect("settlement_exception"),
                rls.protect_own("settlement_entry", ["party_id"]),
                rls.protect("settlement_expectation"),
                rls.protect("settlement_match", column="expectation_id"),
                rls.protect_own("settlement_suspense", ["party_id"]),
                rls.protect_own("settlement_return", ["party_id"]),
                rls.protect_own("settlement_statement", ["party_id"]),
                rls.protect("settlement_statement_line", column="statement_id"),
                rls.protect("settlement_reconciliation"),
            )
        )
    ]
