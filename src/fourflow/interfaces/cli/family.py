"""The process family of one installation: database, web, worker, sequencer, sandbox parties; started and ended together."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO

from fourflow.platform.crypto.keys import home
from fourflow.platform.db.embedded import Embedded, die_with_parent


class AlreadyRunning(Exception):
    """Another fourflow works in this home, or its port is taken."""


@dataclass(frozen=True, slots=True)
class Member:
    """A child process; ``ready`` says when it can be used."""

    name: str
    command: list[str]
    ready: Callable[[], bool] = lambda: True
    environment: dict[str, str] = field(default_factory=dict)


def port_is_free(port: int) -> bool:
    """Two granians can share a port without an error and answer in turn: look before."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 0.2).close()
    except OSError:
        return False
    return True


def answering(port: int) -> bool:
    """Whether a worker of the site answers; its main process listens before one is there."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


class Family:
    """Context manager: everything that it starts, it stops, in the reverse order; the database last.

    ``discard`` names files and folders of the home that are removed first, once nobody else works in it.
    """

    def __init__(self, *, database: bool = True, discard: tuple[str, ...] = ()) -> None:
        self.home = home()
        self.discard = discard
        self.home.mkdir(parents=True, exist_ok=True)
        self.database = Embedded(self.home / "db") if database else None
        self.members: dict[str, Member] = {}
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping: list[int] = []
        self.watching = False
        self._lock: IO[str] | None = None

    def __enter__(self) -> Family:
        self._lock = (self.home / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"fourflow already runs from {self.home}") from None
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._told_to_stop)
        for name in self.discard:
            target = self.home / name
            shutil.rmtree(target) if target.is_dir() else target.unlink(missing_ok=True)
        if self.database:
            self.database.start()
        return self

    def _told_to_stop(self, number: int, _: object) -> None:
        """While something runs in this process it is broken off here; after :meth:`keep` it is only noted."""
        self.stopping.append(number)
        if not self.watching and len(self.stopping) == 1:
            raise KeyboardInterrupt

    def __exit__(self, *_: object) -> None:
        for child in self.children.values():
            child.terminate()
        deadline = time.monotonic() + 8
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.05, deadline - time.monotonic()))
            _kill_group(child)
            child.wait()
        if self.database:
            self.database.stop()
        if self._lock:
            self._lock.close()

    def keep(self) -> None:
        """From now on a signal is an orderly end, which :meth:`start` and :meth:`watch` come to by themselves."""
        self.watching = True

    def start(self, *members: Member, patience: float = 120.0) -> None:
        """Start members and wait until each is ready.

        :raises AlreadyRunning: one of them ended or was not ready in time; its log says why.
        """
        for member in members:
            self.members[member.name] = member
            self.children[member.name] = self._spawn(member)
        deadline = time.monotonic() + patience
        for member in members:
            while not member.ready() and not (self.watching and self.stopping):
                if self.children[member.name].poll() is not None or time.monotonic() > deadline:
                    tail = (self.home / f"{member.name}.log").read_text(errors="replace")[-1500:]
                    raise AlreadyRunning(f"{member.name} did not start:\n{tail}")
                time.sleep(0.05)

    def stop_member(self, name: str) -> None:
        self.members.pop(name)
        child = self.children.pop(name)
        child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(8)
        _kill_group(child)

    def _spawn(self, member: Member) -> subprocess.Popen[bytes]:
        with (self.home / f"{member.name}.log").open("ab") as log:
            return subprocess.Popen(
                member.command,
                env={**os.environ, "FOURFLOW_HOME": str(self.home), **member.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def watch(self) -> int:
        """Keep everything alive until a signal asks to stop; returns the exit status."""
        self.keep()
        while not self.stopping:
            time.sleep(0.1)
            self.mend()
        return 129 if self.stopping[0] == signal.SIGHUP else 0

    def mend(self) -> None:
        """Start again what has ended by itself."""
        if self.database and self.database.process and self.database.process.poll() is not None:
            self.database.start()
        for name, child in list(self.children.items()):
            if child.poll() is not None and not self.stopping:
                _kill_group(child)
                time.sleep(0.2)
                self.children[name] = self._spawn(self.members[name])


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def web(port: int) -> Member:
    command = [sys.executable, "-m", "fourflow", "web", "--port", str(port)]
    return Member("web", command, lambda: answering(port), {"FOURFLOW_POOL": "1"})


def worker() -> Member:
    return Member("worker", [sys.executable, "-m", "fourflow", "worker"])


def sequencer() -> Member:
    return Member("sequencer", [sys.executable, "-m", "fourflow", "sequencer"])


def sandbox_bank(code: str, name: str, port: int, peers: dict[str, int], start: str) -> Member:
    command = [sys.executable, "-m", "fourflow_sandbox", "bank", "--code", code, "--name", name, "--port", str(port)]
    command += ["--home", str(home() / "sandbox" / code.lower()), "--start-date", start]
    for peer, peer_port in peers.items():
        command += ["--peer", f"{peer}=http://127.0.0.1:{peer_port}"]
    return Member(f"bank-{code.lower()}", command, lambda: listening(port))


def sandbox_registry(port: int, start: str) -> Member:
    command = [sys.executable, "-m", "fourflow_sandbox", "registry", "--port", str(port)]
    command += ["--home", str(home() / "sandbox" / "registry"), "--start-date", start]
    return Member("registry", command, lambda: listening(port))
