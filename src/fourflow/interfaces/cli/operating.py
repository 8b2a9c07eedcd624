"""Commands of an operator: set-up, serving, the two loops, health, imports, the ledger's proof, backups."""

from __future__ import annotations

import getpass
import json
import os
import threading
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from fourflow.interfaces.cli import running, setup
from fourflow.interfaces.cli.running import AsJson, NoInput, talk

key_app = typer.Typer(no_args_is_help=True, help="The keys of sealed fields.")
totals_app = typer.Typer(no_args_is_help=True, help="The sums over vouchers that are kept, not counted.")
ledger_app = typer.Typer(no_args_is_help=True, help="The books.")
backup_app = typer.Typer(no_args_is_help=True, help="Copies of the database that prove what they hold.")


def setup_command() -> None:
    """Create roles, database, schema and static files, without starting anything that stays."""
    with running.open_family() as members:
        setup.prepare(members.database)
        setup.collect_static()
    talk.print("ready")


def serve(port: Annotated[int, running.port_option()] = 8000) -> None:
    """Database, site, worker and sequencer, without any sandbox party; for an installation of one's own."""
    running.choose_ports(port, 1)
    with running.open_family() as members:
        running.prepare(members)
        running.serve(members, port)
        talk.print(f"serving at http://127.0.0.1:{port}; Ctrl-C stops")
        raise typer.Exit(members.watch())


def web(
    port: Annotated[int, running.port_option()] = 8000,
    workers: Annotated[int, typer.Option(min=1, help="processes; each works on three requests at once")] = 2,
) -> None:
    """The site alone, on the loopback; a proxy of one's own stands before it."""
    running.check_set_up()
    from fourflow.interfaces.cli import site

    site.serve(port, workers)


def worker() -> None:
    """The sweeps: banks, registry, funders, due dates, and the consumers of events."""
    running.check_set_up()
    running.start_django()
    from fourflow.config import wiring
    from fourflow.platform.jobs import run_forever

    def run(stop: threading.Event) -> None:
        run_forever([*wiring.sweepers(), *wiring.consumer_sweepers()], stop)

    running.run_until_stopped(run)


def sequencer() -> None:
    """The evidence log: number, sign, have it witnessed."""
    running.check_set_up()
    running.start_django()
    from fourflow.config import wiring
    from fourflow.platform.jobs import run_forever

    running.run_until_stopped(lambda stop: run_forever(wiring.writer().sweepers(), stop))


def doctor(as_json: AsJson = False) -> None:
    """Is everything as it should be? Exit status 1 when something is not."""
    running.check_set_up()
    running.start_django()
    from fourflow.interfaces.cli import health

    checks = health.checks()
    if as_json:
        typer.echo(json.dumps([{"name": c.name, "ok": c.ok, "detail": c.detail} for c in checks], indent=1))
    else:
        table = Table("check", "", "detail", box=None)
        for check in checks:
            table.add_row(check.name, "[green]ok[/]" if check.ok else "[red]NOT OK[/]", check.detail)
        Console(highlight=False).print(table)
    raise typer.Exit(0 if all(check.ok for check in checks) else 1)


def import_orders(
    file: running.ReadableFile,
    email: Annotated[str, typer.Option(help="the sign-in of who imports")],
    kind: Annotated[str, typer.Option(help="orders or invoices of a core enterprise, limits of a funder")] = "orders",
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    good_rows: Annotated[bool, typer.Option("--good-rows", help="take the good rows, give the bad ones back")] = False,
    errors: Annotated[Path | None, typer.Option(help="where the bad rows go")] = None,
    no_input: NoInput = False,
) -> None:
    """Import a file of orders, invoices or credit lines; the password is asked for, or read from FOURFLOW_PASSWORD."""
    with running.database():
        from fourflow.interfaces.cli import importing

        if kind not in set(importing.Kind):
            raise typer.BadParameter(f"one of {', '.join(importing.Kind)}", param_hint="--kind")
        password = os.environ.get("FOURFLOW_PASSWORD", "")
        if not password and not running.is_asked(no_input):
            raise typer.BadParameter("missing, and nobody can be asked", param_hint="FOURFLOW_PASSWORD")
        password = password or typer.prompt("password", hide_input=True, err=True)
        run = partial(importing.run_rows, importing.Kind(kind)) if kind != "orders" else importing.run
        raise typer.Exit(run(file, email, password, dry_run=dry_run, good_rows=good_rows, errors=errors))


@ledger_app.command("verify")
def ledger_verify(as_json: AsJson = False) -> None:
    """Recompute every balance from the transfers; exit status 1 when one differs."""
    with running.database():
        from fourflow.capital.ledger import queries

        found = queries.verify()
    if as_json:
        typer.echo(json.dumps({**asdict(found), "sound": found.sound}, indent=1, default=str))
        raise typer.Exit(0 if found.sound else 1)
    talk.print(
        f"{found.accounts} accounts, {found.batches} batches, {found.transfers} transfers: "
        f"{'sound' if found.sound else 'NOT SOUND'}"
    )
    for difference in found.differences:
        typer.echo(f"{difference.what} {difference.key}: expected {difference.expected}, found {difference.found}")
    typer.echo(found.root)
    raise typer.Exit(0 if found.sound else 1)


@totals_app.command("recount")
def totals_recount(as_json: AsJson = False) -> None:
    """Count the kept totals anew and correct what differs from the register, while everything runs; say what that was."""
    with running.database():
        from fourflow.capital.vouchers import operations
        from fourflow.platform import clock

        fact = operations.recount(by=getpass.getuser(), effective_at=clock.now())
    corrections = fact.corrections if fact else ()
    if as_json:
        typer.echo(json.dumps(corrections, indent=1, default=str))
        return
    for one in corrections:
        typer.echo("\t".join(f"{name}={value}" for name, value in one.items()))
    talk.print(
        f"{len(corrections)} kept totals corrected" if corrections else "every kept total is what the register gives"
    )


@key_app.command("rotate")
def key_rotate(as_json: AsJson = False) -> None:
    """A new key, every sealed field under it, and the fact of it; started again after a kill it finishes what was begun."""
    with running.database():
        from fourflow.platform import clock
        from fourflow.platform.crypto import rotation

        done = rotation.rotate(by=getpass.getuser(), effective_at=clock.now())
    if as_json:
        typer.echo(json.dumps({"key": done.key_id, "resealed": done.resealed}))
    else:
        talk.print(f"{done.resealed} values sealed anew; {done.key_id} is the key now, older ones are kept for backups")


@key_app.command("list")
def key_list(as_json: AsJson = False) -> None:
    """How many sealed values stand under each key."""
    with running.database():
        from fourflow.platform.crypto import keys, rotation

        current, _ = keys.sealing_keys().current()
        counts = sorted({current: 0, **rotation.by_key()}.items())
    if as_json:
        found = [{"key": key_id, "values": count, "is_current": key_id == current} for key_id, count in counts]
        typer.echo(json.dumps(found, indent=1))
        return
    for key_id, count in counts:
        typer.echo("\t".join([key_id, str(count), *["current"] * (key_id == current)]))


@backup_app.command("create")
def backup_create(folder: Path) -> None:
    """A dump with the ledger's hash and the log's head written beside it, while everything runs."""
    with running.database():
        from fourflow.interfaces.cli import backups

        typer.echo(str(backups.create(folder)))


@backup_app.command("verify")
def backup_verify(folder: Path) -> None:
    """Restore into a database of its own and compare ledger hash and log head; then drop it."""
    with running.database():
        from fourflow.interfaces.cli import backups

        typer.echo(json.dumps(backups.verify(folder), indent=1))
        _warn_of_keys(backups.has_its_keys(folder))


def _warn_of_keys(are_its_own: bool) -> None:
    if not are_its_own:
        talk.print(
            "[red]keys.json is another installation's[/]: sealed fields stay closed and the log stays read-only until the "
            "keys.json of the backup's installation lies in this home"
        )


@backup_app.command("restore")
def backup_restore(
    folder: Path,
    yes: Annotated[bool, typer.Option("--yes", help="replace it without asking")] = False,
    no_input: NoInput = False,
) -> None:
    """Put a backup in the place of the present database, which must not run; the old one is kept under another name."""
    if not yes and not running.is_asked(no_input):
        raise typer.BadParameter("missing, and nobody can be asked", param_hint="--yes")
    running.check_set_up()
    if not yes and typer.prompt("type 'restore' to replace the database", err=True) != "restore":
        talk.print("nothing done")
        raise typer.Exit(2)
    with running.open_family():
        running.start_django()
        from fourflow.interfaces.cli import backups

        old = backups.restore(folder)
        _warn_of_keys(backups.has_its_keys(folder))
    talk.print(f"restored; the database before it is kept as {old}")
