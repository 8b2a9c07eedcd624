"""The rules of the house hold, and each of them would notice its own breach."""

from __future__ import annotations

import textwrap

import pytest
from tools.lint.rules import RULES
from tools.lint.run import findings, sources
from tools.lint.source import Source
from tools.lint.visible import exceptions, place, unseen

OPERATIONS = "src/fourflow/capital/vouchers/operations/breach.py"


def broken(path: str, text: str) -> set[str]:
    source = Source(path, textwrap.dedent(text))
    return {finding.rule for rule in RULES for finding in rule(source)}


def test_the_house_keeps_its_own_rules() -> None:
    assert [str(finding) for finding in findings()] == []


@pytest.mark.parametrize(
    ("rule", "path", "text"),
    [
        ("clock", OPERATIONS, "at = clock.now()"),
        ("clock", "src/fourflow/platform/money.py", "at = datetime.datetime.now(datetime.UTC)"),
        ("float", OPERATIONS, "fee = 0.015"),
        ("float", OPERATIONS, "def fee(rate: float) -> int: ..."),
        ("float", "src/fourflow/interfaces/web/pages.py", "shown = float(holding.amount)"),
        ("float", "src/fourflow/capital/vouchers/models.py", "x = models.FloatField()"),
        ("lock", OPERATIONS, "def take():\n    return Voucher.objects.visible_to(a).select_for_update()"),
        ("network", OPERATIONS, "import httpx"),
        ("network", "src/fourflow/capital/vouchers/jobs.py", "with transaction.atomic():\n    bank.submit(x)"),
        ("network", "src/fourflow/capital/vouchers/jobs.py", "with transaction.atomic():\n    httpx.post('x')"),
        ("size", OPERATIONS, "x = 1\n" * 401),
        ("size", OPERATIONS, "def long():\n" + "    x = 1\n" * 60),
        ("name", "src/fourflow/capital/vouchers/utils.py", "x = 1"),
        ("print", OPERATIONS, "print(1)"),
        ("delete", OPERATIONS, "Voucher.objects.visible_to(a).delete()"),
        ("visible", OPERATIONS, "rows = models.Unlisted.objects.filter(state='x')"),
        ("visible", OPERATIONS, "rows = models.Unlisted.objects.visible_to(SYSTEM)"),
    ],
)
def test_a_breach_is_found(rule: str, path: str, text: str) -> None:
    assert rule in broken(path, text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/fourflow/capital/vouchers/jobs.py", "at = clock.now()"),
        ("src/fourflow/interfaces/api/x.py", "at = clock.now()\nseconds = 0.5"),
        (OPERATIONS, "row = models.Voucher.objects.visible_to(actor).lock(voucher_id)"),
        (OPERATIONS, "if isinstance(value, (bool, float)): raise ValueError"),
        ("src/fourflow/capital/vouchers/jobs.py", "bank.submit(x)\nwith transaction.atomic():\n    keep(x)"),
        ("src/fourflow/interfaces/cli/x.py", "print(1)"),
    ],
)
def test_what_is_right_is_left_alone(path: str, text: str) -> None:
    assert broken(path, text) == set()


def test_no_exception_outlives_its_need() -> None:
    needed = {(place(source), model) for source in sources() for _, model in unseen(source)}
    assert sorted(set(exceptions()) - needed) == []
