"""Starting Django and the outside parties for commands; what ``demo`` and ``serve`` share."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from fourflow.config import outside
from fourflow.interfaces.cli import family, setup
from fourflow.interfaces.cli.family import AlreadyRunning, Family
from fourflow.platform.crypto.keys import home
from fourflow.platform.db import location

talk = Console(stderr=True, highlight=False)
STARTED = "story.started"
#: the static files as they were built, before they are hashed and compressed
BUILT = Path(__file__).parents[1] / "web" / "static"
SANDBOX_BANKS = (("ALFA", "Sandbox Bank Alfa", 1), ("BETA", "Sandbox Bank Beta", 2))


#: a file that must be there to be read; another path is a wrong call (exit status 2)
ReadableFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


def readable_option(help: str) -> Any:
    """The same of an option."""
    return typer.Option(help=help, exists=True, dir_okay=False, readable=True)


def port_option(help: str | None = None, ports: int = 1) -> Any:
    """The first of so many ports in a row."""
    return typer.Option(help=help, min=1, max=65536 - ports)


#: data as JSON on standard output, for a program
AsJson = Annotated[bool, typer.Option("--json", help="as JSON, for a program")]
#: nothing is asked, even on a terminal: what is missing is a wrong call
NoInput = Annotated[bool, typer.Option("--no-input", help="ask nothing; what is missing is refused")]


def is_asked(no_input: bool) -> bool:
    """Whether a person is there who can be asked."""
    return not no_input and sys.stdin.isatty()


def start_django() -> None:
    """Make models and settings usable in this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fourflow.config.settings")
    import django

    gc.disable()  # as in the site's processes: what is loaded here stays for good and need not be looked through again
    django.setup()
    import_module("fourflow.config.wiring")
    gc.freeze()
    gc.enable()


def sandbox_members(port: int, start: str) -> list[family.Member]:
    """The two sandbox banks and the registry, on the ports after the site's."""
    ports = {code: port + offset for code, _, offset in SANDBOX_BANKS}
    members = []
    for code, name, offset in SANDBOX_BANKS:
        peers = {other: number for other, number in ports.items() if other != code}
        members.append(family.sandbox_bank(code, name, port + offset, peers, start))
    return [*members, family.sandbox_registry(port + 3, start)]


def write_prices(rates: Mapping[str, str], spread: Mapping[str, str]) -> None:
    """Give each sandbox bank its own price list before its first start: one rate whatever the obligor and the tenor, and
    what comes on top of it with and without recourse."""
    for code, rate in rates.items():
        folder = home() / "sandbox" / code.lower()
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / "pricing.json"
        if not target.exists():
            target.write_text(json.dumps(price_list(rate, spread), indent=1))


def price_list(rate: str, spread: Mapping[str, str]) -> dict[str, object]:
    """A sandbox bank's price list (docs/operations/sandbox.md)."""
    return {
        "base_rate": {"default": rate},
        "spread": dict(spread),
        "tenor_spread_per_90_days": "0",
        "largest_amount": {"default": "100000000.00"},
        "longest_tenor_days": 365,
        "refused_obligors": [],
        "officer": "credit desk (sandbox)",
        "model_version": "sandbox-rule-1",
    }


def write_outside(port: int) -> None:
    """Say where the sandbox parties are, keeping which funder is which bank."""
    known = {bank.code: bank.party_id for bank in outside.read().banks}
    outside.write(
        outside.Outside(
            banks=tuple(
                outside.BankAddress(code, name, f"http://127.0.0.1:{port + offset}", known.get(code))
                for code, name, offset in SANDBOX_BANKS
            ),
            registry=f"http://127.0.0.1:{port + 3}",
        )
    )


def choose_ports(port: int, ports: int = 4) -> None:
    """Refuse early when one of the ports is taken; from here on letters link to the first.

    :raises typer.Exit: with the port's number.
    """
    for number in range(port, port + ports):
        if not family.port_is_free(number):
            how = "others with PORT=… (four in a row are needed)" if ports > 1 else "another with --port"
            talk.print(f"[red]port {number} is in use[/]; choose {how}")
            raise typer.Exit(2)
    os.environ["FOURFLOW_PORT"] = str(port)


def check_set_up() -> None:
    """:raises NotSetUp: the home holds no installation."""
    if location.read() is None:
        raise location.NotSetUp(home=str(home()), expected="a home where `fourflow setup` or `make demo` has run")


@contextlib.contextmanager
def database() -> Iterator[None]:
    """The installation's database for the time of a command: the running family's, or started for it alone.

    :raises NotSetUp: there is none.
    """
    check_set_up()
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(AlreadyRunning):
            stack.enter_context(open_family())
        start_django()
        yield


def open_family() -> Family:
    """The family over the embedded database, or over the one that FOURFLOW_DATABASE_URL names."""
    return Family(database=not os.environ.get("FOURFLOW_DATABASE_URL"))


#: what a story has made when it is broken off; keys stay
STORY_LEFTOVERS = ("db", "sandbox", "evidence", "outside.json", "database.json", STARTED)


def open_stage() -> Family:
    """The family for the story: one that was broken off half-way begins anew on an empty sandbox.

    :raises AlreadyRunning: it was broken off in a database of the user's own, which is not ours to empty.
    """
    broken_off = (home() / STARTED).exists() and not (home() / "story.json").exists()
    own_database = bool(os.environ.get("FOURFLOW_DATABASE_URL"))
    if broken_off and own_database:
        raise AlreadyRunning("an earlier story was broken off in this database: empty it, or name another one")
    return Family(database=not own_database, discard=STORY_LEFTOVERS if broken_off else ())


def prepare(members: Family) -> bool:
    """Schema and static files; True when the database is new."""
    fresh = not (home() / "story.json").exists()
    os.environ["FOURFLOW_HOME"] = str(home())
    setup.prepare(members.database)
    return fresh


def serve(members: Family, port: int) -> None:
    """Static files, web, worker and sequencer. A signal is an orderly end from the moment somebody may find the site."""
    if not collected(static_stamp(), BUILT):
        setup.collect_static()
    os.environ["FOURFLOW_PORT"] = str(port)
    members.keep()
    members.start(family.web(port))  # first: somebody waits for it
    members.start(family.worker(), family.sequencer())


def run_until_stopped(run: object) -> None:
    """Run a loop in threads until SIGINT or SIGTERM."""
    import signal

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    run(stop)  # type: ignore[operator]


def static_stamp() -> Path:
    return home() / "static" / "staticfiles.json"


def collected(stamp: Path, built: Path) -> bool:
    """Whether the static files were collected after the newest of those that were built: an upgrade brings others."""
    newest = max((one.stat().st_mtime for one in built.rglob("*") if one.is_file()), default=0.0)
    return stamp.exists() and stamp.stat().st_mtime >= newest


__all__ = [
    "STARTED",
    "AlreadyRunning",
    "choose_ports",
    "database",
    "open_family",
    "open_stage",
    "prepare",
    "run_until_stopped",
    "serve",
    "sandbox_members",
    "start_django",
    "static_stamp",
    "talk",
    "write_outside",
    "write_prices",
]
