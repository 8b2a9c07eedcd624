"""An installation of its own for a test of the command line: a home, a clone of the migrated template, real processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installation:
    """A home in which ``fourflow`` commands and pieces of code run, each as a process of its own."""

    home: Path
    dbname: str
    environment: dict[str, str]

    def fourflow(self, *arguments: str, status: int = 0) -> str:
        """Run a command; gives what it printed, data and talk. It must end with ``status``."""
        return self._run([sys.executable, "-m", "fourflow", *arguments], status)

    def python(self, code: str) -> Any:
        """Run code in the installation; gives what it assigned to ``answer``."""
        start = "import os, json, sys, django; django.setup(); answer = None\n"
        end = "\nprint('\\nanswer:' + json.dumps(answer))"
        told = self._run([sys.executable, "-c", start + code + end], 0)
        return json.loads(told.rpartition("answer:")[2].splitlines()[0])

    def _run(self, command: list[str], status: int) -> str:
        environment = {**os.environ, **self.environment, "DJANGO_SETTINGS_MODULE": "fourflow.config.settings"}
        environment |= {"FOURFLOW_HOME": str(self.home), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "COLUMNS": "200"}
        environment.pop("FOURFLOW_DATABASE_NAME", None)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == status, f"{done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr
