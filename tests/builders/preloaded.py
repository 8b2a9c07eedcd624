"""A process with everything imported that forks for each command: what runs is a process of its own, without the wait.

Lines of JSON come in on standard input: ``arguments`` of ``fourflow``, or ``code`` to execute, and the files for its ``out``
and ``err``; an exit status goes out for each. How the real program starts is tried in tests/interfaces/cli/test_story.py.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from typing import Any

PATIENCE = 120


def run(asked: dict[str, Any]) -> int:
    """The exit status of the command or the code, in the child."""
    signal.alarm(PATIENCE)
    try:
        if "code" in asked:
            exec(asked["code"], {"__name__": "__main__"})
        else:
            from fourflow.interfaces.cli.main import main

            sys.argv = ["fourflow", *asked["arguments"]]
            main()
    except SystemExit as ended:
        return int(ended.code or 0)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def redirect(file: str, descriptor: int) -> None:
    opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
    os.dup2(opened, descriptor)
    os.close(opened)


def serve() -> None:
    import django

    django.setup()
    import fourflow.interfaces.cli.main  # noqa: F401  # loaded once, for the children

    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            for file, descriptor in ((os.devnull, 0), (asked["out"], 1), (asked["err"], 2)):
                redirect(file, descriptor)
            status = run(asked)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        _, how = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(how)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    serve()
