"""What Django's schema language cannot say: posting, balances that follow from transfers, who may do what."""

from pathlib import Path

from django.db import migrations

from fourflow.platform.db import rls

HERE = Path(__file__).resolve().parent

TABLES = ("account", "balance", "batch", "transfer", "effective_checkpoint", "recorded_checkpoint")
FUNCTIONS = (
    "ledger_post(text, timestamptz, bigint[], bigint[], bigint[], text[], bigint[], timestamptz[], uuid[], text[])",
    "ledger_open_accounts(uuid[], text[], text[], uuid[], boolean[], boolean[])",
    "ledger_set_closed(bigint, boolean)",
)

# What a reader sees follows from the book, which is its owner's.
_ACCOUNT = "exists (select 1 from ledger_account a where a.id = {table}.account_id)"
SEEN = {
    "account": "exists (select 1 from ledger_book b where b.id = ledger_account.book_id)",
    "balance": _ACCOUNT.format(table="ledger_balance"),
    "effective_checkpoint": _ACCOUNT.format(table="ledger_effective_checkpoint"),
    "recorded_checkpoint": _ACCOUNT.format(table="ledger_recorded_checkpoint"),
    "transfer": "exists (select 1 from ledger_book b where b.id = ledger_transfer.book_id)",
    "batch": "exists (select 1 from ledger_transfer t where t.id between ledger_batch.id << 16 and (ledger_batch.id << 16) + 65535)",
}


def rights() -> list[str]:
    """The writer reads everything, opens books, and moves money through functions of the owner alone."""
    statements = [
        "revoke insert, update, delete, truncate on ledger_book from fourflow_writer",
        "grant insert on ledger_book to fourflow_writer",
    ]
    for table in TABLES:
        name = f"ledger_{table}"
        statements += [
            f"revoke all on {name} from fourflow_writer",
            f"grant select on {name} to fourflow_writer, fourflow_reader",
            f"alter table {name} enable row level security",
            f"create policy writer on {name} to fourflow_writer using (true) with check (true)",
            f"create policy reader on {name} for select to fourflow_reader using ({rls.SEES_ALL} or {SEEN[table]})",
        ]
    for function in FUNCTIONS:
        statements += [
            f"revoke all on function {function} from public",
            f"grant execute on function {function} to fourflow_writer",
        ]
    return statements


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial"), ("platform", "0002_rules")]

    operations = [
        migrations.RunSQL((HERE / "posting.sql").read_text(encoding="utf-8")),
        migrations.RunSQL((HERE / "verifying.sql").read_text(encoding="utf-8")),
        migrations.RunSQL(rls.run(rls.protect_own("ledger_book", ["owner_id"]), rights())),
    ]
