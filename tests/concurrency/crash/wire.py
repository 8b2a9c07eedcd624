"""As much of the PostgreSQL wire protocol as it takes to see commits go by."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

# not the locks (for update of …), not the other half of an insert (do update set …)
WRITES = re.compile(r'(insert\s+into|(?<!for )(?<!key )(?<!do )update|delete\s+from)\s+"?([a-z_]+)"?', re.IGNORECASE)
CALLS = re.compile(r"(?:select|from)\s+(ledger_post[a-z_]*)\s*\(", re.IGNORECASE)
#: done only by the first that needs it
ONCE = {"ledger_book", "ledger_account"}
STEP = re.compile(r"'[^' ]+ ([a-z]+\.[a-z_]+)'")
SSL, GSS, CANCEL = 80877103, 80877104, 80877102


@dataclass
class Frames:
    """Splits one direction of a connection into messages; the first frontend message has no type byte."""

    startup: bool
    buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
        """(type, payload, the message as it came) of each message that is complete."""
        self.buffer += data
        while True:
            head = 0 if self.startup else 1
            if len(self.buffer) < head + 4:
                return
            (length,) = struct.unpack_from(">I", self.buffer, head)
            if len(self.buffer) < head + length:
                return
            whole = bytes(self.buffer[: head + length])
            del self.buffer[: head + length]
            kind, payload = whole[:head], whole[head + 4 :]
            if self.startup and struct.unpack_from(">I", payload)[0] not in (SSL, GSS, CANCEL):
                self.startup = False
            yield kind, payload, whole


@dataclass
class Statements:
    """What a connection executes, followed closely enough to name the commit that comes."""

    prepared: dict[bytes, str] = field(default_factory=dict)
    in_transaction: bool = False
    written: list[str] = field(default_factory=list)
    step: str = ""

    def saw(self, kind: bytes, payload: bytes) -> tuple[str, ...] | None:
        """The class of the commit that this message asks for; None when it asks for none."""
        if kind == b"Q":
            return self._executed(payload.rstrip(b"\0").decode(errors="replace"))
        if kind == b"P":
            name, text = payload.split(b"\0")[:2]
            self.prepared[name] = text.decode(errors="replace")
        elif kind == b"B":
            return self._executed(self.prepared.get(payload.split(b"\0")[1], ""))
        return None

    def _executed(self, text: str) -> tuple[str, ...] | None:
        verb = text.lstrip("( \n").split(None, 1)[0].rstrip(";").lower() if text.strip() else ""
        if verb == "begin":
            self.in_transaction, self.written, self.step = True, [], ""
        elif verb == "rollback" and " to " not in text.lower():
            self.in_transaction, self.written = False, []
        elif verb in ("commit", "end"):
            self.in_transaction = False
            return self._label()
        else:
            self._note(text)
            if not self.in_transaction and verb in ("insert", "update", "delete"):
                return self._label()  # commits by itself
            if not self.in_transaction:
                self.written = []
        return None

    def _note(self, text: str) -> None:
        self.written += [table.lower() for _, table in WRITES.findall(text)] + [f.lower() for f in CALLS.findall(text)]
        if "platform_performed" in text and (found := STEP.search(text)):
            self.step = found.group(1)

    def _label(self) -> tuple[str, ...] | None:
        tables = sorted(set(self.written) - ONCE)
        step, self.written, self.step = self.step, [], ""
        if not tables:
            return None
        return (step, *tables) if step else tuple(tables)
