"""``fourflow import``: an order file from the command line."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import typer

from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, RoleKind
from fourflow.interfaces.cli.running import talk
from fourflow.platform import clock
from fourflow.platform.perform import perform
from fourflow.trade.documents import operations
from fourflow.trade.documents.adapters.scms import ScmsSource
from fourflow.trade.documents.types import ImportMode


def sign_in(email: str, password: str) -> Actor:
    """The person, acting for the first core enterprise it belongs to.

    :raises typer.Exit: the sign-in is refused.
    """
    account = parties.authenticate(email, password)
    if account is not None:
        for party in parties.organisations_of(account.id, clock.today()):
            if RoleKind.CORE in party.roles:
                return parties.actor_for(account.id, party.id, clock.today(), session_id="cli")
    talk.print("[red]sign-in refused[/], or no core enterprise to act for")
    raise typer.Exit(1)


def run(file: Path, email: str, password: str, *, dry_run: bool, good_rows: bool, errors: Path | None) -> int:
    """Show or take over a file; bad rows go to ``errors`` (default: beside the file)."""
    actor = sign_in(email, password)
    content = file.read_bytes()
    mode = ImportMode.GOOD_ROWS if good_rows else ImportMode.STRICT
    preview = operations.preview_file(content=content, source=ScmsSource(), mode=mode, actor=actor, today=clock.today())
    counts = preview.counts
    talk.print(f"{counts.rows_read} rows, {counts.rows_refused} refused, {counts.warnings} doubtful values")
    for problem in preview.problems[:20]:
        typer.echo(f"row {problem.row} {problem.field}: {problem.code} {problem.value!r}; expected {problem.expected}")
    if preview.rejects:
        target = errors or file.with_suffix(".errors.csv")
        target.write_bytes(preview.rejects)
        talk.print(f"the refused rows with reasons: {target}")
    if dry_run:
        return 0
    kept: list[str] = []

    def once() -> dict[str, str]:
        view = operations.import_file(
            content=content,
            file_name=file.name,
            source=ScmsSource(),
            mode=mode,
            actor=actor,
            effective_at=clock.now(),
            today=clock.today(),
        )
        kept.append(view.state)
        return {"id": str(view.id), "state": str(view.state)}

    done = perform(
        scope=f"{actor.organisation_id}:{actor.account_id}",
        key=f"import:{mode.value}:{sha256(content).hexdigest()}",
        operation="documents.import",
        input={"file": file.name, "mode": mode.value},
        run=once,
    )
    talk.print(f"import {done.result['id']}: {done.result['state']}")
    return 0 if done.result["state"] == "done" else 1
