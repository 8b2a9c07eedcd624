"""``python -m fourflow_sandbox bank|registry``: start one outside party as its own process."""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import sys
from pathlib import Path

from fourflow_sandbox import clock, faults, process
from fourflow_sandbox.bank import credit, schema
from fourflow_sandbox.bank.app import BankPort
from fourflow_sandbox.bank.books import Bank
from fourflow_sandbox.bank.clearing import Outbox
from fourflow_sandbox.http.server import Application, Route, serve
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.registry import register
from fourflow_sandbox.registry.app import RegistryPort
from fourflow_sandbox.store import Store
from fourflow_sandbox.witness.note import Malformed
from fourflow_sandbox.witness.service import Witness, WitnessLost, open_witness

_CANNOT_START = 2
_CODE = re.compile(r"[A-Z]{3,8}")


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise argparse.ArgumentTypeError("three to eight capital letters")
    return text


def _peer(text: str) -> tuple[str, str]:
    code, separator, url = text.partition("=")
    if not separator or not url.startswith("http://127.0.0.1:"):
        raise argparse.ArgumentTypeError("CODE=http://127.0.0.1:PORT")
    return _code(code), url.rstrip("/")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fourflow_sandbox", description="SANDBOX parties, no real money")
    parties = parser.add_subparsers(dest="party", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 takes a free one")
    common.add_argument("--home", type=Path, required=True, help="directory of this party's own books")
    common.add_argument("--start-date", help="first business date (YYYY-MM-DD), used on the first start only")
    common.add_argument("--die-with-parent", action="store_true", help="end when the starting process ends (Linux)")
    bank = parties.add_parser("bank", parents=[common])
    bank.add_argument("--code", type=_code, required=True)
    bank.add_argument("--name", required=True)
    bank.add_argument("--peer", type=_peer, action="append", default=[], help="CODE=URL of another sandbox bank")
    bank.add_argument("--witness-key-file", type=Path, help="default: HOME/witness.key")
    bank.add_argument("--log-vkey-file", type=Path, help="vkeys of logs to cosign, one a line")
    parties.add_parser("registry", parents=[common])
    return parser


def _announce(party: str, port: int) -> None:
    line = json.dumps({"party": party, "url": f"http://127.0.0.1:{port}", "sandbox": True})
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _cannot_start(why: str) -> int:
    sys.stderr.write(f"SANDBOX: {why}\n")
    return _CANNOT_START


def _witness(arguments: argparse.Namespace, home: Path) -> Witness:
    key_file = arguments.witness_key_file or home / "witness.key"
    name = f"witness.{arguments.code.lower()}.sandbox.example"
    witness = open_witness(key_file, home / "witness.sqlite3", name)
    if arguments.log_vkey_file:
        lines = arguments.log_vkey_file.read_text(encoding="utf-8").splitlines()
        for line in filter(None, (line.strip() for line in lines)):
            witness.trust(line)
    return witness


def _run(store: Store, routes: list[Route], arguments: argparse.Namespace, party: str) -> None:
    application = Application(store, routes)
    serve(application, arguments.port, lambda port: _announce(party, port))
    store.close()


def _run_bank(arguments: argparse.Namespace, home: Path) -> None:
    witness = _witness(arguments, home)
    store = _store(home / "bank.sqlite3", schema.SCHEMA, arguments)
    peers = {code: url for code, url in arguments.peer if code != arguments.code}
    bank = Bank(arguments.code, arguments.name, store, peers)
    outbox = Outbox(bank)
    port = BankPort(bank, credit.load_prices(home / "pricing.json"), outbox)
    outbox.start()
    _run(store, [*port.routes(), *witness.routes()], arguments, arguments.code)
    witness.close()


def _store(path: Path, tables: str, arguments: argparse.Namespace) -> Store:
    store = Store(path, clock.SCHEMA + faults.SCHEMA + tables)
    clock.start(store, clock.parse_date(arguments.start_date) if arguments.start_date else None)
    return store


def _run_registry(arguments: argparse.Namespace, home: Path) -> None:
    store = _store(home / "registry.sqlite3", register.SCHEMA, arguments)
    _run(store, RegistryPort(store).routes(), arguments, "registry")


def main() -> int:
    """Run one party; exit status 2 with a sentence on standard error when it cannot start."""
    arguments = _arguments().parse_args()
    if arguments.die_with_parent:
        process.die_with_parent()
    try:
        lock = process.claim_home(arguments.home)
        with lock:
            (_run_bank if arguments.party == "bank" else _run_registry)(arguments, arguments.home)
    except process.HomeBusy as error:
        return _cannot_start(f"another process serves from {error}")
    except WitnessLost as error:
        return _cannot_start(f"{error}; a lost witness is retired, not reset")
    except (Malformed, Refusal, credit.PricesInvalid, OSError, sqlite3.Error) as error:
        return _cannot_start(f"cannot start: {error}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
