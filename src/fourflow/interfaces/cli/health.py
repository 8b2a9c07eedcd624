"""What ``fourflow doctor`` looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import OperationalError, connection

from fourflow.config import wiring
from fourflow.oversight.monitoring.types import Gauge
from fourflow.platform import clock


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str


def checks() -> list[Check]:
    """All of them; a check that fails to run has failed. Without the database nothing else can be looked at."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        return [Check("database", False, f"does not answer, so nothing else was looked at: {reason}")]
    found = []
    for name, look in LOOKS.items():
        try:
            ok, detail = look()
        except Exception as error:
            ok, detail = False, f"{type(error).__name__}: {error}"
        found.append(Check(name, ok, detail))
    return [*found, *_readings()]


def _readings() -> list[Check]:
    """What ``/metrics`` and the operations page show: one check a gauge, with the worst of its readings."""
    try:
        found = wiring.readings()
    except Exception as error:
        return [Check("readings", False, f"{type(error).__name__}: {error}")]
    checked = []
    for gauge in Gauge:
        worst = max((r for r in found if r.gauge is gauge), key=lambda r: r.value, default=None)
        if worst is not None:
            runbook = f"; docs/operations/runbooks/{gauge}.md" if worst.alarms else ""
            detail = f"{worst.value} of {worst.limit}{f' ({worst.of})' if worst.of else ''}{runbook}"
            checked.append(Check(str(gauge), not worst.alarms, detail))
    return checked


def _database() -> tuple[bool, str]:
    with connection.cursor() as cursor:
        cursor.execute("select current_user, current_setting('server_version'), pg_is_in_recovery()")
        user, version, standby = cursor.fetchone()
        cursor.execute("select rolsuper from pg_roles where rolname = current_user")
        (superuser,) = cursor.fetchone()
    return not superuser and not standby, f"PostgreSQL {version} as {user}"


def _migrations() -> tuple[bool, str]:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return not waiting, f"{len(waiting)} waiting"


def _durability() -> tuple[bool, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')"
        )
        settings = dict(cursor.fetchall())
    return all(value == "on" for value in settings.values()), ", ".join(f"{k}={v}" for k, v in sorted(settings.items()))


def _ledger() -> tuple[bool, str]:
    from fourflow.capital.ledger import queries

    found = queries.verify()
    return found.sound, f"{found.transfers} transfers over {found.accounts} accounts"


def _totals() -> tuple[bool, str]:
    from fourflow.capital.vouchers import queries

    found = queries.miscounted()
    # a total that is wrong stands here twice, as kept and as counted, or once, where only one of them has it
    wrong = {tuple(one[name] for name in queries.TOTAL_KEY) for one in found}
    mend = "; fourflow totals recount" if wrong else ""
    return not wrong, f"{len(wrong)} kept totals of vouchers differ from the register{mend}"


def _banks() -> tuple[bool, str]:
    answers = {code: bank.reachable() for code, bank in wiring.banks().items()}
    return all(answers.values()), ", ".join(
        f"{code} {'up' if up else 'down'}" for code, up in answers.items()
    ) or "none"


def _clock() -> tuple[bool, str]:
    return True, clock.now().isoformat(timespec="seconds")


LOOKS: dict[str, Callable[[], tuple[bool, str]]] = {
    "database": _database,
    "migrations": _migrations,
    "durability": _durability,
    "clock": _clock,
    "ledger": _ledger,
    "totals": _totals,
    "banks": _banks,
}
