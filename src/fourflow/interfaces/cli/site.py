"""The site: granian over our application, which is loaded once and forked, so that a second worker costs nothing."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable
from typing import Any

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from fourflow.platform.db.embedded import die_with_parent


def serve(port: int, workers: int = 2) -> None:
    """Serve at the loopback until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fourflow.config.settings")
    gc.disable()  # half a million objects are made and none of them is let go
    from fourflow.config.patience import WAITING, Patient
    from fourflow.config.wsgi import application

    gc.freeze()
    gc.enable()

    def load(target: str) -> Callable[..., Any]:
        """In each worker: it would go on serving when its main process is killed."""
        die_with_parent(signal.SIGKILL)()
        return Patient(application)

    Server(
        "fourflow.config.wsgi:application",
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=WAITING,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
        log_level=LogLevels.warning,
    ).serve(target_loader=load)
