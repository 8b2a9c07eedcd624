"""``fourflow demo``: set up, play the story, serve the site, stop everything again."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from fourflow.interfaces.cli import family, running
from fourflow.interfaces.cli.running import talk
from fourflow.platform.crypto.keys import home

STAGES = {"import": "order file", "onboard": "firms", "year": "deliveries of the year"}


def demo(
    port: Annotated[int, running.port_option("the site's port; the next three are the sandbox parties'", 4)] = 8000,
    once: Annotated[bool, typer.Option("--once", help="end after the story")] = False,
    orders: Annotated[Path | None, running.readable_option("another order file of the same layout")] = None,
    assumptions: Annotated[
        Path | None, running.readable_option("another file of assumptions with the same fields")
    ] = None,
) -> None:
    """Play a year of real orders through the platform, then serve the site until Ctrl-C.

    With ``--once`` the exit status is 1 where books, rows or log do not agree at the end.
    """
    running.choose_ports(port)
    try:
        with running.open_stage() as members:
            fresh = running.prepare(members)
            running.start_django()
            from fourflow.interfaces.cli.demo import story

            given, content = story.assumptions(assumptions), story.order_file(orders)
            running.write_prices({bank["code"]: bank["rate"] for bank in given["banks"]}, given["spread"])
            members.start(*running.sandbox_members(port, str(given["start"])))
            running.write_outside(port)
            if fresh:
                (home() / running.STARTED).touch()
                play(given, content)
            else:
                _find_witnesses()
            if once:
                if not fresh:
                    talk.print((home() / "story.txt").read_text())
                raise typer.Exit(0 if told()["agrees"] else 1)
            serve(members, port)
            raise typer.Exit(members.watch())
    except running.AlreadyRunning as error:
        talk.print(f"[red]{error}[/]")
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        talk.print("stopped; what was done is kept, and an unfinished story begins anew")
        raise typer.Exit(130) from None


def serve(members: family.Family, port: int) -> None:
    """The site and what works behind it; the sign-ins are printed."""
    running.serve(members, port)
    talk.print(f"\nThe site is at [bold]http://127.0.0.1:{port}[/] (SANDBOX). Sign in as")
    for line in told()["sign_ins"]:
        talk.print(f"  {line['role']:<24} {line['email']}  password {line['password']}", soft_wrap=True)
    talk.print("Ctrl-C stops everything.")


def told() -> dict[str, Any]:
    """What the story left behind: ``sign_ins``, ``counts`` of operations, ``agrees``."""
    found: dict[str, Any] = json.loads((home() / "story.json").read_text())
    return found


def play(given: dict[str, Any], orders: bytes) -> None:
    """The story with progress bars, and what it prints at its end."""

    from fourflow.foundation.evidence.adapters.home import LocalKey, write_policy
    from fourflow.interfaces.cli.demo import story
    from fourflow.interfaces.cli.demo.stage import Stage
    from fourflow.platform import calendar, clock
    from fourflow.platform.crypto.keys import secret

    began = time.monotonic()
    _print_assumptions(given)
    clock.found("sandbox", clock.instant_of(given["start"]))
    calendar.fill("CN")
    signer = LocalKey(secret("log"))
    write_policy(home=home(), signer=signer, witnesses=_witnesses(signer.vkey))
    stage = Stage(given)
    with Progress(
        TextColumn("{task.description:<26}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=talk
    ) as bars:
        tasks = {key: bars.add_task(text, total=None) for key, text in STAGES.items()}

        def progress(what: str, done: int, total: int) -> None:
            bars.update(tasks[what], completed=done, total=total)

        tale = story.Story(stage, orders, progress)
        outcome = tale.run()
    from fourflow.interfaces.cli.demo import closing

    sign_ins = closing.sign_ins(stage, tale.company, outcome)  # first: these are operations too, and are counted
    page = closing.tell(stage, tale.company, tale.backstage, outcome, time.monotonic() - began)
    talk.print(page.text)
    (home() / "story.txt").write_text(page.text)
    kept = {"sign_ins": sign_ins, "counts": dict(stage.counts), "agrees": page.agrees}
    (home() / "story.json").write_text(json.dumps(kept, indent=1))


def _witnesses(log_vkey: str) -> list[tuple[str, str, str]]:
    """Make the log known to each sandbox bank and learn its witness key."""
    import httpx

    from fourflow.config import outside

    found = []
    for bank in outside.read().banks:
        httpx.post(f"{bank.url}/witness/logs", json={"vkey": log_vkey}, timeout=10).raise_for_status()
        answer = httpx.get(f"{bank.url}/witness/vkey", timeout=10)
        answer.raise_for_status()
        vkey = answer.json()["vkey"] if answer.headers["content-type"].startswith("application/json") else answer.text
        found.append((bank.code.lower(), vkey.strip(), bank.url))
    return found


def _find_witnesses() -> None:
    """Tell the log where its witnesses are: the site may have been given another port since the story."""
    from fourflow.config import outside
    from fourflow.foundation.evidence.adapters.home import move_witnesses

    move_witnesses(home=home(), addresses={bank.code.lower(): bank.url for bank in outside.read().banks})


def _print_assumptions(given: dict[str, Any]) -> None:
    table = Table(title="Assumptions (everything that the order file does not say)", show_header=False, box=None)
    for key, value in given.items():
        if key != "password":
            table.add_row(str(key), json.dumps(value, default=str, ensure_ascii=False))
    talk.print(table)
