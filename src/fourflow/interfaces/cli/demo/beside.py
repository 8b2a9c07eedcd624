"""A process of the story beside its first one, and the pipe to it."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any


class Failed(RuntimeError):
    """What a process beside the story met with."""


class Beside:
    """Runs ``work`` over one end of a pipe until the other end is closed."""

    def __init__(self, name: str, work: Callable[[Connection[Any, Any]], None]) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(work, theirs), daemon=True, name=name)
        self._process.start()
        theirs.close()

    def tell(self, what: Any) -> None:
        self.pipe.send(what)

    def answer(self) -> Any:
        """What it sends next. :raises Failed: it met with an error."""
        got = self.pipe.recv()
        if isinstance(got, Failed):
            raise got
        return got

    def end(self) -> None:
        """Nothing more will be asked; the process is over when this returns."""
        self.pipe.close()
        self._process.join()


def _run(work: Callable[[Connection[Any, Any]], None], asked: Connection[Any, Any]) -> None:
    try:
        work(asked)
    except EOFError:
        pass
    except Exception:
        asked.send(Failed(traceback.format_exc()))
