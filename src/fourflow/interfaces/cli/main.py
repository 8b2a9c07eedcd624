"""``fourflow …``: the command line. Data goes to standard output, talk to standard error."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import psycopg
import typer
from django.db import OperationalError

from fourflow.interfaces.cli import demo_command, evidence_commands, operating
from fourflow.interfaces.cli.family import AlreadyRunning
from fourflow.platform.db.embedded import ServerFailed
from fourflow.platform.errors import FourflowError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Supply-chain finance where the four flows are one.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(version("fourflow"))
        raise typer.Exit()


@app.callback()
def _main(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="say it and end")
    ] = False,
) -> None:
    pass


app.command("demo")(demo_command.demo)
app.command("setup")(operating.setup_command)
app.command("serve")(operating.serve)
app.command("web")(operating.web)
app.command("worker")(operating.worker)
app.command("sequencer")(operating.sequencer)
app.command("doctor")(operating.doctor)
app.command("import")(operating.import_orders)
app.add_typer(evidence_commands.app, name="evidence")
app.add_typer(operating.key_app, name="key")
app.add_typer(operating.ledger_app, name="ledger")
app.add_typer(operating.totals_app, name="totals")
app.add_typer(operating.backup_app, name="backup")


def main() -> None:
    """Entry point; a refusal is one line and exit status 1."""
    try:
        app()
    except (FourflowError, AlreadyRunning, ServerFailed) as error:
        typer.echo(str(error), err=True)
        raise SystemExit(1) from None
    except (psycopg.OperationalError, OperationalError) as error:
        typer.echo(f"the database does not answer: {error}", err=True)
        raise SystemExit(1) from None
    except OSError as error:
        if error.filename is None:  # no file or folder of the caller's
            raise
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
