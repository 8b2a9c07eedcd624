"""``fourflow import``: files of orders, invoices and credit lines from the command line."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

import typer

from fourflow.capital.limits import operations as limits
from fourflow.foundation.parties import queries as parties
from fourflow.foundation.parties.types import Actor, RoleKind
from fourflow.interfaces.cli.running import talk
from fourflow.platform import clock
from fourflow.platform.perform import perform
from fourflow.platform.rows import RowsMode, RowsPlan, RowsRefused, problem_file
from fourflow.trade.documents import operations
from fourflow.trade.documents.adapters.scms import ScmsSource
from fourflow.trade.documents.types import ImportMode


class Kind(StrEnum):
    """What stands in the file: the order file of a core enterprise, invoices to one, or credit lines of a funder."""

    ORDERS = "orders"
    INVOICES = "invoices"
    LIMITS = "limits"


def sign_in(email: str, password: str, role: RoleKind = RoleKind.CORE) -> Actor:
    """The person, acting for the first organisation of the role that it belongs to.

    :raises typer.Exit: the sign-in is refused, or acts for no such organisation.
    """
    account = parties.authenticate(email, password)
    if account is None:
        talk.print("[red]sign-in refused[/]")
        raise typer.Exit(1)
    for party in parties.organisations_of(account.id, clock.today()):
        if role in party.roles:
            return parties.actor_for(account.id, party.id, clock.today(), session_id="cli")
    talk.print(f"[red]refused[/]: {email} acts for no organisation with the role {role.value}, whose file this is")
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


def run_rows(
    kind: Kind, file: Path, email: str, password: str, *, dry_run: bool, good_rows: bool, errors: Path | None
) -> int:
    """Show or do the rows of a file of invoices or credit lines; bad rows go to ``errors`` (default: beside the file)."""
    actor = sign_in(email, password, RoleKind.FUNDER if kind is Kind.LIMITS else RoleKind.CORE)
    content, mode = file.read_bytes(), RowsMode.GOOD_ROWS if good_rows else RowsMode.ALL
    plan = _plan(kind, content, actor)
    talk.print(f"{len(plan.rows)} rows to do, {plan.known} known already, {len(plan.problems)} problems")
    for problem in plan.problems[:20]:
        typer.echo(f"row {problem.row} {problem.field}: {problem.code} {problem.value!r}; expected {problem.expected}")
    if plan.problems:
        target = errors or file.with_suffix(".errors.csv")
        target.write_bytes(problem_file(plan.problems))
        talk.print(f"the bad rows with reasons: {target}")
    if dry_run:
        return 0

    def once() -> dict[str, Any]:
        if plan.problems and mode is RowsMode.ALL:
            raise RowsRefused(problems=[problem.to_body() for problem in plan.problems])
        return _do(kind, plan, mode, actor)

    try:
        done = perform(
            scope=f"{actor.organisation_id}:{actor.account_id}",
            key=f"import:{kind.value}:{mode.value}:{sha256(content).hexdigest()}",
            operation=f"{kind.value}.import",
            input={"file": file.name, "mode": mode.value},
            run=once,
        )
    except RowsRefused:
        talk.print("nothing done; --good-rows does the rows without problems")
        return 1
    talk.print(f"{len(done.result['ids'])} rows done" + (" before now; nothing again" if done.replayed else ""))
    return 0


def _plan(kind: Kind, content: bytes, actor: Actor) -> RowsPlan[Any]:
    if kind is Kind.LIMITS:
        return limits.plan_file(content=content, actor=actor)
    return operations.plan_invoices(content=content, actor=actor, today=clock.today())


def _do(kind: Kind, plan: RowsPlan[Any], mode: RowsMode, actor: Actor) -> dict[str, Any]:
    do = limits.propose_rows if kind is Kind.LIMITS else operations.register_invoices
    return do(rows=plan.rows, mode=mode, actor=actor, effective_at=clock.now()).to_body()
