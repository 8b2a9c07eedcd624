"""A door in front of the database socket: it counts commits, and at a chosen one it lets somebody be killed."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.concurrency.crash.wire import Frames, Statements

Label = tuple[str, ...]
NAME = ".s.PGSQL.5432"


@dataclass
class Trap:
    """Springs once: at the n-th commit of a class, before it reaches the server or before its answer comes back."""

    label: Label
    after: bool
    kill: Callable[[], None]
    nth: int = 1
    seen: int = 0
    sprung: threading.Event = field(default_factory=threading.Event)

    def matches(self, label: Label) -> bool:
        if self.sprung.is_set() or label != self.label:
            return False
        self.seen += 1
        return self.seen == self.nth


class Proxy:
    """Listens on a socket of its own in ``folder`` and passes everything on to the server's socket."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder, self.server = folder, server
        self.commits: list[Label] = []
        self.trap: Trap | None = None
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(folder / NAME))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                server.connect(str(self.server / NAME))
            except OSError:
                client.close()  # the database is down
                continue
            _Line(self, client, server).start()

    def commit(self, label: Label) -> Trap | None:
        """A commit goes by; the trap if it is this one's turn."""
        with self._lock:
            self.commits.append(label)
            return self.trap if self.trap is not None and self.trap.matches(label) else None


class _Line:
    """One connection: two pumps."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self.proxy, self.client, self.server = proxy, client, server
        self.holding: Trap | None = None

    def start(self) -> None:
        for pump in (self._up, self._down):
            threading.Thread(target=self._quietly, args=(pump,), daemon=True).start()

    def _quietly(self, pump: Callable[[], None]) -> None:
        with contextlib.suppress(OSError):
            pump()
        self._hang_up()

    def _hang_up(self) -> None:
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _up(self) -> None:
        frames, statements = Frames(startup=True), Statements()
        while data := self.client.recv(65536):
            onward = bytearray()
            for kind, payload, whole in frames.feed(data):
                label = statements.saw(kind, payload) if kind else None
                trap = self.proxy.commit(label) if label is not None else None
                if trap is not None and not trap.after:
                    self._spring(trap)
                    return
                if trap is not None:
                    self.holding = trap
                onward += whole
            self.server.sendall(onward)

    def _down(self) -> None:
        frames = Frames(startup=False)
        while data := self.server.recv(65536):
            if self.holding is None:
                list(frames.feed(data))
                self.client.sendall(data)
            elif any(kind == b"Z" for kind, _, _ in frames.feed(data)):
                self._spring(self.holding)  # committed, and nobody hears of it
                return

    def _spring(self, trap: Trap) -> None:
        trap.kill()
        self._hang_up()
        trap.sprung.set()
