"""One installation with a real server, a sandbox bank and a registry, in which processes are killed and started again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from tests.concurrency.crash.proxy import Label, Proxy, Trap
from tests.interfaces.sandbox import party

from fourflow.config import outside
from fourflow.interfaces.cli import setup
from fourflow.platform.db import location
from fourflow.platform.db.embedded import Embedded

ROOT = Path(__file__).resolve().parents[3]
#: a killed process loses nothing that the kernel has; what is tried here is not a power cut
SERVER = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "40",
    "shared_buffers": "64MB",
}
PRICES = {
    "base_rate": {"default": "0.0100"},
    "spread": {"with_recourse": "0", "without_recourse": "0"},
    "tenor_spread_per_90_days": "0",
}


#: what people do; what worker and sequencer do after it; what they do on the due day
ACTS = ("story", "cash", "mature")


class Died(Exception):
    """The subject was killed before it could answer."""


class Failed(Exception):
    """The subject answered with a traceback."""


class Subject:
    """A process of ours; it is told what to do and answers, unless it dies."""

    def __init__(self, home: Path) -> None:
        environment = {**os.environ, "FOURFLOW_HOME": str(home), "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        environment.pop("FOURFLOW_DATABASE_NAME", None)
        with (home / "subject.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.concurrency.crash.subject"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._ready = False

    def tell(self, do: str, **body: Any) -> Any:
        """:raises Died: it was killed. :raises Failed: it could not do it."""
        assert self.process.stdin is not None
        if not self._ready:  # it starts while others work
            self._ready = bool(self._answer() is None)
        try:
            self.process.stdin.write(json.dumps({"do": do, **body}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Died from None
        return self._answer()

    def _answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise Died
        body = json.loads(line)
        if "error" in body:
            raise Failed(body["error"])
        return body.get("ok")

    def kill(self) -> None:
        self.process.kill()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class World:
    """Everything that runs. ``commits`` names the classes of commits of each act, found by an undisturbed story."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.database = Embedded(home / "db", SERVER)
        self.stories: dict[str, dict[str, str]] = {}
        self.base: dict[str, int] = {}
        self.commits: dict[str, list[Label]] = {}
        self.usual: dict[str, dict[str, int]] = {}

    def open(self) -> None:
        self.database.start()
        with _home_is(self.home):
            setup.prepare(self.database)
            known = location.read()
            assert known is not None
            short = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]  # a socket's path must be short
            self.proxy = Proxy(Path(tempfile.gettempdir()) / f"ff-crash-{short}", self.database.socket)
            location.write(str(self.proxy.folder), "", known["dbname"], known["passwords"])
            self._open_outside()
        self.subject, self.spare = Subject(self.home), Subject(self.home)
        self.subject.tell("found")
        self._learn()

    def _open_outside(self) -> None:
        alfa, registry = party.free_ports(2)
        self.bank = party.bank("ALFA", self.home, alfa)
        self.bank.home.mkdir(parents=True)
        (self.bank.home / "pricing.json").write_text(json.dumps(PRICES))
        self.registry = party.Party(["registry"], self.home / "registry", registry)
        for one in (self.bank, self.registry):
            one.start()
            one.move_to("2014-03-03")
        address = outside.BankAddress("ALFA", "Alfa", self.bank.url)
        outside.write(outside.Outside((address,), self.registry.url))

    def close(self) -> None:
        for subject in (self.subject, self.spare):
            subject.end()
        self.proxy.close()
        for one in (self.bank, self.registry):
            if one.process is not None:
                one.stop()
        self.database.stop(signal.SIGQUIT)

    def _learn(self) -> None:
        """An undisturbed story: which commits there are in each act, and what an act counts."""
        self.base = before = self.check()
        for act in ACTS:
            self.proxy.commits.clear()
            self.act(act, "undisturbed")
            self.commits[act] = list(dict.fromkeys(self.proxy.commits))
            after = self.check()
            self.usual[act] = {what: count - before.get(what, 0) for what, count in after.items()}
            before = after

    def act(self, act: str, name: str) -> None:
        """One act by whatever subject lives; a repeat of an act that was cut off goes on where it stopped."""
        if act == "story":
            told = self.subject.tell("story", name=name)
            self.stories[name] = {**told, "story": "yes"}
            return
        waiting = [story for story in self.stories.values() if not story.get(act)]
        told = self.subject.tell(act, stories=waiting)
        assert "unfinished" not in told, self.tail()
        for story in waiting:
            story[act] = "yes"

    def check(self) -> dict[str, int]:
        """Assert that every book is sound and agrees; returns what was counted."""
        told = self.subject.tell("check", stories=list(self.stories.values()))
        assert told["problems"] == [], told["problems"]
        return dict(told["counts"])

    def differences(self) -> dict[str, tuple[int, int]]:
        """What was counted and what undisturbed stories would have left, where the two differ."""
        found = self.check()
        expected = Counter(self.base)
        for story in self.stories.values():
            for act in ACTS:
                if story.get(act):
                    expected.update(self.usual[act])
        return {what: (found[what], expected[what]) for what in found if found[what] != expected[what]}

    def tail(self) -> str:
        return (self.home / "subject.log").read_text(errors="replace")[-3000:]

    def crash(self, act: str, name: str, label: Label, victim: str, *, after: bool) -> None:
        """One act with a death in it, then everything started again and the same act again."""
        self.proxy.trap = trap = Trap(label, after, self._killer(victim))
        try:
            self.act(act, name)
        except (Died, Failed):
            if not trap.sprung.wait(60):
                raise
        self.proxy.trap = None
        assert trap.sprung.is_set(), f"no commit {label} came by"
        self.again(victim)
        self.act(act, name)

    def crash_outside(self, act: str, name: str, who: str, endpoint: str, mode: str) -> None:
        """One act in which an outside party kills itself around its own commit; it is started again meanwhile."""
        one = self.bank if who == "bank" else self.registry
        one.fault(endpoint, mode)
        with ThreadPoolExecutor(1) as pool:
            acting = pool.submit(self.act, act, name)
            deaths = 0
            while not acting.done():
                if one.process is not None and one.process.poll() is not None:
                    one.gone()
                    one.start()  # from this thread: a sandbox party ends with the thread that started it
                    deaths += 1
                wait([acting], timeout=0.05)
            acting.result()
        assert deaths == 1, f"{who} died {deaths} times"

    def _killer(self, victim: str) -> Callable[[], None]:
        if victim == "database":
            assert self.database.process is not None
            return self.database.process.kill
        return self.subject.kill

    def again(self, victim: str) -> None:
        """Start again what was killed."""
        if victim == "database":
            assert self.database.process is not None
            self.database.process.wait()
            self.database.start()
        else:
            self.subject.end()
            self.subject, self.spare = self.spare, Subject(self.home)


@contextlib.contextmanager
def _home_is(home: Path) -> Iterator[None]:
    before = os.environ.get("FOURFLOW_HOME")
    os.environ["FOURFLOW_HOME"] = str(home)
    try:
        yield
    finally:
        os.environ.pop("FOURFLOW_HOME")
        if before is not None:
            os.environ["FOURFLOW_HOME"] = before
