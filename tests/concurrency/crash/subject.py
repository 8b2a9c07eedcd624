"""The process that is killed: it performs operations as the doors do, sweeps as the worker, numbers as the sequencer.

Commands come as lines of JSON on standard input, answers go out the same way. Nothing is remembered between commands: a fresh
process goes on where a killed one stopped, from the same keys and the tables alone.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

Command = Callable[..., dict[str, Any]]


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "fourflow.config.settings"
    import django

    django.setup()
    from django.db import connection
    from tests.concurrency.crash import acts, checks

    commands: dict[str, Command] = {
        "found": acts.found,
        "number": acts.number,
        "story": acts.story,
        "cash": acts.cash,
        "mature": acts.mature,
        "check": checks.check,
    }
    answers, sys.stdout = sys.stdout, sys.stderr  # logs go elsewhere

    def answer(**body: Any) -> None:
        answers.write(json.dumps(body) + "\n")
        answers.flush()

    answer(ready=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer(ok=commands[asked.pop("do")](**asked))
        except Exception:
            connection.close()
            answer(error=traceback.format_exc())


if __name__ == "__main__":
    main()
