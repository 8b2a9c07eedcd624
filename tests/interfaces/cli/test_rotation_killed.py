"""``fourflow key rotate`` is killed by the kernel: the same command finishes under the same key, and the log tells it once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import LiteralString

import psycopg
import pytest
from tests.builders.installation import ROOT, Installation
from tests.interfaces.cli.served import PATIENCE
from tests.interfaces.sandbox.party import eventually

SIX_PEOPLE = """
import django; django.setup()
from django.db import transaction
from tests.builders import parties
with transaction.atomic():
    parties.cast(suppliers=0)
"""
TOLD = "import django; django.setup(); from fourflow.platform.models import StoredEvent as E; " + (
    "answer = [e.body['key_id'] for e in E.objects.filter(kind='key.rotated').order_by('id')]"
)
BLOCKED = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def keys(house: Installation) -> str:
    return str(json.loads((house.home / "keys.json").read_text())["current"])


def standing(house: Installation) -> dict[str, int]:
    lines = [line.split("\t") for line in house.fourflow("key", "list").splitlines() if "\t" in line]
    return {name: int(count) for name, count, *_ in lines}


@pytest.mark.requirement("R286")
@pytest.mark.parametrize(
    "held",
    [
        pytest.param("select 1 from parties_person for update", id="after the new key, before any value"),
        pytest.param("lock table platform_event in exclusive mode", id="after the last value, before the fact"),
    ],
)
def test_a_rotation_that_is_killed_is_finished_under_its_key_and_told_once(
    installation: Installation, server: str, held: LiteralString
) -> None:
    installation.python(SIX_PEOPLE)
    people = standing(installation)["k1"]
    environment = {**os.environ, **installation.environment, "FOURFLOW_HOME": str(installation.home)}
    environment |= {"PYTHONPATH": f"{ROOT / 'src'}", "DJANGO_SETTINGS_MODULE": "fourflow.config.settings"}
    environment.pop("FOURFLOW_DATABASE_NAME", None)
    command = [sys.executable, "-m", "fourflow", "key", "rotate"]
    with psycopg.connect(server, dbname=installation.dbname) as holding:
        holding.execute(held)
        victim = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with psycopg.connect(server, dbname=installation.dbname, autocommit=True) as watching:
            eventually(lambda: (watching.execute(BLOCKED).fetchone() or (0,))[0] == 1, PATIENCE)
            assert keys(installation) == "k2"
            victim.send_signal(signal.SIGKILL)
            victim.wait()
    assert installation.python(TOLD) == []
    assert standing(installation) == {"k1": people, "k2": 0}, "what was not told is not done"
    installation.fourflow("key", "rotate")
    assert (standing(installation), keys(installation), installation.python(TOLD)) == ({"k2": people}, "k2", ["k2"])
    installation.fourflow("key", "rotate")
    assert (standing(installation), installation.python(TOLD)) == ({"k3": people}, ["k2", "k3"])
