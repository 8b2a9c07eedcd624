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


@dataclass
class Installation:
    """A home in which ``fourflow`` commands and pieces of code run, each as a process of its own (see ``preloaded``)."""

    home: Path
    dbname: str
    environment: dict[str, str]
    _parent: subprocess.Popen[str] | None = None

    def fourflow(self, *arguments: str, status: int = 0) -> str:
        """Run a command; gives what it printed, data and talk. It must end with ``status``."""
        return self._run({"arguments": arguments}, status)

    def python(self, code: str) -> Any:
        """Run code in the installation; gives what it assigned to ``answer``."""
        start, end = "import os, json, sys; answer = None\n", "\nprint('\\nanswer:' + json.dumps(answer))"
        told = self._run({"code": start + code + end}, 0)
        return json.loads(told.rpartition("answer:")[2].splitlines()[0])

    def end(self) -> None:
        if self._parent is not None:
            self._parent.communicate()

    def _run(self, asked: dict[str, Any], status: int) -> str:
        files = {name: str(self.home / f"{name}.txt") for name in ("out", "err")}
        parent = self._parent = self._parent or self._start()
        assert parent.stdin is not None and parent.stdout is not None
        parent.stdin.write(json.dumps({**asked, **files}) + "\n")
        parent.stdin.flush()
        ended = parent.stdout.readline()
        said = "".join(Path(file).read_text() for file in files.values() if Path(file).exists())
        assert ended == f"{status}\n", f"{ended}: {said}"
        return said

    def _start(self) -> subprocess.Popen[str]:
        environment = {**os.environ, **self.environment, "DJANGO_SETTINGS_MODULE": "fourflow.config.settings"}
        environment |= {"FOURFLOW_HOME": str(self.home), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "COLUMNS": "200"}
        environment.pop("FOURFLOW_DATABASE_NAME", None)
        command = [sys.executable, "-m", "tests.builders.preloaded"]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=environment, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
