"""An installation of a bench's own: a temporary home, the embedded server with every safety on, a cast, the site.

``FOURFLOW_BENCH_HOME`` names a home to keep and use again, so that a filled database need not be filled anew.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

ROOT = Path(__file__).resolve().parents[2]
for place in (str(ROOT), str(ROOT / "src")):
    if place not in sys.path:
        sys.path.insert(0, place)

if TYPE_CHECKING:
    from fourflow.foundation.parties.types import Actor
    from fourflow.interfaces.cli.family import Family

SAFE = ("fsync", "synchronous_commit", "full_page_writes")
PASSWORD = "a bench has no secrets"
#: written ahead less often than in an installation that does not load a million rows at once
SETTINGS = {"max_wal_size": "8GB", "checkpoint_timeout": "15min"}


def line(name: str, value: float, unit: str, limit: float, *, least: bool = False) -> bool:
    """Print one figure, its limit and the ratio between them; True when the limit is kept."""
    kept = value >= limit if least else value <= limit
    sign, ratio = (">=" if least else "<="), value / limit
    print(
        f"{'ok ' if kept else 'NOT'} {name:<62} {value:>10,.2f} {unit:<8} {sign} {limit:<8,.2f} ratio {ratio:.2f}",
        flush=True,
    )
    return kept


def note(text: str) -> None:
    """A line that is no figure against a limit."""
    print(f"    {text}", flush=True)


def load() -> str:
    """The machine's load averages and how many processors share them: a figure without them says little."""
    return f"load {' '.join(f'{one:.2f}' for one in os.getloadavg())} on {os.cpu_count()} cores"


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least ``share`` of all do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)]


@dataclass(frozen=True)
class Cast:
    """Who takes part: party ids; the people of each are maker@slug, checker@slug and viewer@slug."""

    operator: UUID
    core: UUID
    funders: tuple[UUID, ...]
    suppliers: tuple[UUID, ...]
    limits: tuple[UUID, ...]
    slugs: dict[UUID, str]
    today: date

    @property
    def small(self) -> UUID:
        """The supplier that has a few vouchers only, however many there are."""
        return self.suppliers[0]

    @property
    def large(self) -> UUID:
        return self.suppliers[1]

    def email(self, party: UUID, who: str = "maker") -> str:
        return f"{who}@{self.slugs[party]}.example"

    def actor(self, party: UUID, who: str = "maker") -> Actor:
        from fourflow.foundation.parties import queries

        account = queries.account_by_email(self.email(party, who))
        return queries.actor_for(account.id, party, self.today, session_id="bench")


@dataclass
class Scratch:
    home: Path
    family: Family

    def admin(self, sql: str) -> list[Any]:
        """Run a statement of housekeeping (vacuum, sizes) as the superuser; never a change of data."""
        import psycopg

        assert self.family.database
        with psycopg.connect(self.family.database.dsn("fourflow"), autocommit=True) as connection:
            cursor = connection.execute(sql)  # type: ignore[call-overload]
            return list(cursor.fetchall()) if cursor.description else []

    def vacuum(self) -> None:
        """What autovacuum does by itself, but now, so that a measurement does not meet it half way."""
        self.admin("vacuum (analyze)")
        self.admin("checkpoint")


@contextmanager
def installation() -> Iterator[Scratch]:
    """A migrated database, Django set up as the writer; everything is stopped and removed at the end."""
    kept = os.environ.get("FOURFLOW_BENCH_HOME")
    home = Path(kept).absolute() if kept else Path(tempfile.mkdtemp(prefix="fourflow-bench-"))
    os.environ.pop("FOURFLOW_DATABASE_URL", None)
    os.environ["FOURFLOW_HOME"] = str(home)
    os.environ["FOURFLOW_API_QUOTA"] = "100000000"  # a bench calls as fast as it can, and measures what that costs
    os.environ["DJANGO_SETTINGS_MODULE"] = "fourflow.config.settings"
    from fourflow.interfaces.cli import setup
    from fourflow.interfaces.cli.family import Family

    family = Family()
    assert family.database
    family.database.settings = SETTINGS
    try:
        with family:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            setup.prepare(family.database)
            import django

            django.setup()
            scratch = Scratch(home, family)
            for name in SAFE:
                assert scratch.admin(f"show {name}") == [("on",)], name
            yield scratch
            from django.db import connection

            connection.close()
    finally:
        if not kept:
            shutil.rmtree(home, ignore_errors=True)


def cast(scratch: Scratch, suppliers: int = 200) -> Cast:
    """Operator, one core enterprise, suppliers of its programme, two banks with a line each; through the operations."""
    file = scratch.home / "cast.json"
    if file.exists():
        return _read(file)
    from tests.builders import parties

    from fourflow.foundation.parties.types import RoleKind
    from fourflow.platform import calendar, clock

    begun, today = time.perf_counter(), clock.today()
    calendar.fill(first=today.year - 3, last=today.year + 2)
    operator = parties.operator()
    core = parties.core(operator)
    banks = [parties.funder(operator, f"bank-{number}") for number in (1, 2)]
    firms = [
        parties.onboard(operator, parties.declaration(f"supplier-{n}", RoleKind.SUPPLIER, programme=core.id))
        for n in range(1, suppliers + 1)
    ]
    everybody = [operator, core, *banks, *firms]
    made = Cast(
        operator.id,
        core.id,
        tuple(bank.id for bank in banks),
        tuple(firm.id for firm in firms),
        (),
        {firm.id: firm.view.short_name for firm in everybody},
        today,
    )
    lines = tuple(_line(made, bank.id) for bank in banks)
    made = Cast(**{**made.__dict__, "limits": lines})
    for party in (made.operator, made.core, *made.funders, made.small, made.large):
        _passwords(made, party)
    _write(file, made)
    note(f"{len(everybody)} parties through the operations in {time.perf_counter() - begun:.0f} s")
    return made


def sign_in(client: http.client.HTTPConnection, email: str) -> dict[str, str]:
    """The headers of a person who has signed in at the API."""
    body = json.dumps({"email": email, "password": PASSWORD})
    client.request("POST", "/v1/tokens", body, {"Content-Type": "application/json"})
    answer = client.getresponse()
    found = json.loads(answer.read())
    assert answer.status == 201, found
    return {"Authorization": f"Bearer {found['access_token']}", "Content-Type": "application/json"}


def _line(made: Cast, bank: UUID) -> UUID:
    from fourflow.capital.limits import operations
    from fourflow.foundation.approvals.types import Verdict
    from fourflow.platform.money import Money

    at = datetime(made.today.year, made.today.month, made.today.day, tzinfo=UTC)
    proposed = operations.propose(
        actor=made.actor(bank),
        core_id=made.core,
        sanctioned=Money(50_000_000_000_000, "USD"),
        valid_from=date(2014, 1, 1),
        valid_to=None,
        source="credit approval of a bench",
        effective_at=at,
    )
    checker = made.actor(bank, "checker")
    decided = operations.decide(publication_id=proposed.id, actor=checker, verdict=Verdict.APPROVE, effective_at=at)
    assert decided.limit_id is not None
    return decided.limit_id


def _passwords(made: Cast, party: UUID) -> None:
    from fourflow.foundation.parties import operations, queries

    for who in ("maker", "checker"):
        account = queries.account_by_email(made.email(party, who))
        operations.set_password(account_id=account.id, password=PASSWORD)


def _write(file: Path, made: Cast) -> None:
    file.write_text(
        json.dumps(
            {
                "operator": str(made.operator),
                "core": str(made.core),
                "funders": [str(one) for one in made.funders],
                "suppliers": [str(one) for one in made.suppliers],
                "limits": [str(one) for one in made.limits],
                "slugs": {str(one): slug for one, slug in made.slugs.items()},
                "today": made.today.isoformat(),
            }
        )
    )


def _read(file: Path) -> Cast:
    found = json.loads(file.read_text())
    return Cast(
        UUID(found["operator"]),
        UUID(found["core"]),
        tuple(map(UUID, found["funders"])),
        tuple(map(UUID, found["suppliers"])),
        tuple(map(UUID, found["limits"])),
        {UUID(one): slug for one, slug in found["slugs"].items()},
        date.fromisoformat(found["today"]),
    )
