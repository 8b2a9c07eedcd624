"""The bank's own tables. Debits equal credits because the database says so, not because the code is careful.

A journal's legs are inserted first, under a foreign key that is checked at commit; inserting the journal row sums them
and refuses an unbalanced set; afterwards no leg can join. So no unbalanced journal can be committed by any SQL.
"""

from __future__ import annotations

BOOKS = """
CREATE TABLE IF NOT EXISTS account (
  number TEXT PRIMARY KEY,
  owner_identifier TEXT NOT NULL,
  owner_name TEXT NOT NULL,
  currency TEXT NOT NULL CHECK (length(currency) = 3),
  kind TEXT NOT NULL CHECK (kind IN ('current', 'supervised', 'own', 'cash', 'clearing')),
  state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
  client_reference TEXT UNIQUE,
  request_digest TEXT NOT NULL,
  allowed_payees TEXT,
  opened_on TEXT NOT NULL,
  balance_minor INTEGER NOT NULL DEFAULT 0 CHECK (typeof(balance_minor) = 'integer'),
  held_minor INTEGER NOT NULL DEFAULT 0 CHECK (typeof(held_minor) = 'integer' AND held_minor >= 0),
  CHECK (kind IN ('cash', 'clearing') OR balance_minor - held_minor >= 0));

CREATE TABLE IF NOT EXISTS journal (
  id INTEGER PRIMARY KEY,
  bank_reference TEXT NOT NULL UNIQUE,
  booked_on TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('opening', 'incoming', 'transfer', 'clearing_out', 'clearing_in')),
  source TEXT NOT NULL,
  details TEXT NOT NULL,
  UNIQUE (kind, source));

CREATE TABLE IF NOT EXISTS leg (
  id INTEGER PRIMARY KEY,
  journal_id INTEGER NOT NULL REFERENCES journal (id) DEFERRABLE INITIALLY DEFERRED,
  account TEXT NOT NULL REFERENCES account (number),
  side TEXT NOT NULL CHECK (side IN ('D', 'C')),
  amount_minor INTEGER NOT NULL CHECK (typeof(amount_minor) = 'integer' AND amount_minor > 0));
CREATE INDEX IF NOT EXISTS leg_by_journal ON leg (journal_id);
CREATE INDEX IF NOT EXISTS leg_by_account ON leg (account, journal_id);

CREATE TRIGGER IF NOT EXISTS leg_joins_no_booked_journal BEFORE INSERT ON leg
WHEN EXISTS (SELECT 1 FROM journal WHERE id = NEW.journal_id)
BEGIN SELECT RAISE(ABORT, 'journal is booked'); END;

CREATE TRIGGER IF NOT EXISTS leg_moves_balance AFTER INSERT ON leg
BEGIN
  UPDATE account SET balance_minor = balance_minor
    + CASE NEW.side WHEN 'C' THEN NEW.amount_minor ELSE -NEW.amount_minor END
  WHERE number = NEW.account;
END;

CREATE TRIGGER IF NOT EXISTS journal_balances AFTER INSERT ON journal
WHEN (SELECT count(*) FROM leg WHERE journal_id = NEW.id) < 2
  OR EXISTS (
    SELECT 1 FROM leg JOIN account ON account.number = leg.account WHERE leg.journal_id = NEW.id
    GROUP BY account.currency HAVING sum(CASE leg.side WHEN 'D' THEN leg.amount_minor ELSE -leg.amount_minor END) <> 0)
BEGIN SELECT RAISE(ABORT, 'debits differ from credits'); END;

CREATE TRIGGER IF NOT EXISTS leg_stays BEFORE UPDATE ON leg
BEGIN SELECT RAISE(ABORT, 'booked is booked'); END;
CREATE TRIGGER IF NOT EXISTS leg_is_kept BEFORE DELETE ON leg
BEGIN SELECT RAISE(ABORT, 'booked is booked'); END;
CREATE TRIGGER IF NOT EXISTS journal_stays BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'booked is booked'); END;
CREATE TRIGGER IF NOT EXISTS journal_is_kept BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'booked is booked'); END;
CREATE TRIGGER IF NOT EXISTS account_is_kept BEFORE DELETE ON account
BEGIN SELECT RAISE(ABORT, 'accounts are kept'); END;
CREATE TRIGGER IF NOT EXISTS account_keeps_its_identity
BEFORE UPDATE OF number, currency, kind, owner_identifier ON account
BEGIN SELECT RAISE(ABORT, 'an account keeps its identity'); END;
"""

PAYMENTS = """
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY AUTOINCREMENT, message_id TEXT NOT NULL, received_at TEXT NOT NULL, body BLOB NOT NULL);

CREATE TABLE IF NOT EXISTS payment (
  end_to_end_id TEXT PRIMARY KEY,
  message_id TEXT NOT NULL,
  digest TEXT NOT NULL,
  body TEXT NOT NULL,
  debtor_account TEXT NOT NULL,
  creditor_account TEXT NOT NULL,
  peer TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_minor INTEGER NOT NULL CHECK (typeof(amount_minor) = 'integer' AND amount_minor >= 0),
  execute_on TEXT NOT NULL,
  received_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('scheduled', 'pending', 'booked', 'rejected')),
  reason TEXT NOT NULL DEFAULT '',
  reason_text TEXT NOT NULL DEFAULT '',
  journal_id INTEGER UNIQUE REFERENCES journal (id),
  contradicted INTEGER NOT NULL DEFAULT 0,
  CHECK ((state = 'booked') = (journal_id IS NOT NULL)),
  CHECK ((state = 'rejected') = (reason <> '')));
CREATE INDEX IF NOT EXISTS payment_waiting ON payment (state, execute_on) WHERE state IN ('scheduled', 'pending');
CREATE TRIGGER IF NOT EXISTS payment_ends_once BEFORE UPDATE OF state, journal_id, reason ON payment
WHEN OLD.state IN ('booked', 'rejected')
BEGIN SELECT RAISE(ABORT, 'the payment has its outcome'); END;
CREATE TRIGGER IF NOT EXISTS payment_is_kept BEFORE DELETE ON payment
BEGIN SELECT RAISE(ABORT, 'payments are kept'); END;

CREATE TABLE IF NOT EXISTS clearing_in (
  peer TEXT NOT NULL, reference TEXT NOT NULL, digest TEXT NOT NULL, outcome TEXT NOT NULL, reason TEXT NOT NULL,
  journal_id INTEGER REFERENCES journal (id),
  PRIMARY KEY (peer, reference),
  CHECK ((outcome = 'booked') = (journal_id IS NOT NULL)));

CREATE TABLE IF NOT EXISTS incoming (
  reference TEXT PRIMARY KEY, digest TEXT NOT NULL, journal_id INTEGER NOT NULL REFERENCES journal (id));
"""

NOTICES = """
CREATE TABLE IF NOT EXISTS notice (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  leg_id INTEGER NOT NULL UNIQUE REFERENCES leg (id),
  xml TEXT NOT NULL,
  copies INTEGER NOT NULL CHECK (copies >= 1),
  polls_left INTEGER NOT NULL CHECK (polls_left >= 0));
CREATE INDEX IF NOT EXISTS notice_late ON notice (id) WHERE polls_left > 0;

CREATE TABLE IF NOT EXISTS delivery (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, notice_id INTEGER NOT NULL REFERENCES notice (id));
"""

DECISIONS = """
CREATE TABLE IF NOT EXISTS decision (reference TEXT PRIMARY KEY, digest TEXT NOT NULL, answer TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS decision_stands BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'decided'); END;
CREATE TRIGGER IF NOT EXISTS decision_is_kept BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'decided'); END;
"""

SCHEMA = BOOKS + PAYMENTS + NOTICES + DECISIONS
