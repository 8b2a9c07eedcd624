"""``fourflow evidence …``: verify a bundle offline, audit the whole installation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from fourflow.interfaces.cli import running
from fourflow.interfaces.cli.running import AsJson, ReadableFile, readable_option, talk

app = typer.Typer(no_args_is_help=True, help="Facts that nobody can rewrite.")


@app.command("verify")
def verify(file: ReadableFile, policy: Annotated[Path, readable_option("the reader's own tlog-policy file")]) -> None:
    """Check a proof bundle offline. Exit status 0 witnessed, 1 rejected, 2 bad policy, 3 operator's word only, 4 no quorum."""
    running.start_django()
    from fourflow.foundation.evidence import queries
    from fourflow.foundation.evidence.types import EXIT_CODES, PolicyInvalid

    try:
        trusted = queries.read_policy(policy.read_text(encoding="utf-8"))
    except (PolicyInvalid, UnicodeDecodeError) as error:
        talk.print(str(error) if isinstance(error, PolicyInvalid) else f"{policy}: not text in UTF-8")
        raise typer.Exit(2) from None
    verdict = queries.verify(file.read_bytes(), trusted)
    typer.echo(json.dumps(verdict.to_body(), indent=1, default=str))
    raise typer.Exit(EXIT_CODES[verdict.result])


@app.command("audit")
def audit(as_json: AsJson = False) -> None:
    """Recompute every leaf, tile, head and evidenced row; exit status 1 when anything differs."""
    with running.database():
        from django.db import connection, transaction

        from fourflow.config import wiring
        from fourflow.foundation.evidence import queries
        from fourflow.foundation.evidence.adapters.home import LocalKey, read_policy
        from fourflow.oversight.monitoring.queries import audit_rows
        from fourflow.platform.crypto.keys import home, secret

        # of one moment, so that what is recorded meanwhile is no difference
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            cursor.execute("set local idle_in_transaction_session_timeout = 0")
            log = queries.audit_log(policy=read_policy(home()), log_vkey=LocalKey(secret("log")).vkey)
            rows = audit_rows(wiring.EVIDENCED)
    findings, is_sound = [str(finding) for finding in (*log.findings, *rows.findings)], log.sound and rows.sound
    if as_json:
        found = {"sound": is_sound, "leaves": log.leaves, "rows": rows.checked, "findings": findings}
        typer.echo(json.dumps(found, indent=1))
        raise typer.Exit(0 if is_sound else 1)
    talk.print(f"{log.leaves} leaves, {rows.checked} rows: {'sound' if is_sound else 'NOT SOUND'}")
    for finding in findings:
        typer.echo(finding)
    raise typer.Exit(0 if is_sound else 1)


@app.command("export")
def export(event_id: str, file: Path) -> None:
    """Write the proof bundle of one event, evt_…, as pages show it (for the operator; others take it from site or API)."""
    with running.database():
        from fourflow.foundation.evidence import queries
        from fourflow.foundation.parties.types import SYSTEM
        from fourflow.platform.ids import decode

        file.write_bytes(queries.bundle(decode("evt", event_id), SYSTEM))
    talk.print(f"written: {file}")
