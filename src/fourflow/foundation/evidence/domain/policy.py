"""C2SP tlog-policy: which logs and witnesses a reader trusts, and how many of them must have cosigned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fourflow.foundation.evidence.domain.notes import Algorithm, VerifierKey
from fourflow.foundation.evidence.types import NoteInvalid, PolicyInvalid

MAX_POLICY_BYTES = 1 << 18
NO_QUORUM = "none"


@dataclass(frozen=True, slots=True)
class Party:
    """A log or a witness of the policy: its key, and where to reach it (may be empty)."""

    name: str
    key: VerifierKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """At least ``threshold`` of the members must have cosigned."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A reader's trust. Keys come from here and from nowhere else."""

    quorum: str
    logs: tuple[Party, ...] = ()
    witnesses: Mapping[str, Party] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)

    def satisfied_by(self, cosigners: Iterable[str], *, rule: str | None = None) -> bool:
        """Whether the witnesses with these policy names make up the quorum."""
        have = frozenset(cosigners)
        rule = self.quorum if rule is None else rule
        if rule == NO_QUORUM:
            return True
        group = self.groups.get(rule)
        if group is None:
            return rule in have
        return sum(self.satisfied_by(have, rule=member) for member in group.members) >= group.threshold


class _Reader:
    """Collects the lines of one policy file."""

    def __init__(self, *, allow_duplicate_keys: bool) -> None:
        self.allow_duplicate_keys = allow_duplicate_keys
        self.logs: list[Party] = []
        self.witnesses: dict[str, Party] = {}
        self.groups: dict[str, Group] = {}
        self.quorum: str | None = None
        self._members: set[str] = set()

    def refuse(self, reason: str, line: int, **more: object) -> PolicyInvalid:
        return PolicyInvalid(reason=reason, row=line, **more)

    def defined(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def key(self, text: str, line: int, known: Iterable[Party]) -> VerifierKey:
        try:
            key = VerifierKey.parse(text)
        except NoteInvalid as error:
            raise self.refuse("key", line) from error
        if not self.allow_duplicate_keys and any(key.public_key == one.key.public_key for one in known):
            raise self.refuse("same key twice", line)
        return key

    def log(self, items: list[str], line: int) -> None:
        if len(items) not in (1, 2):
            raise self.refuse("shape", line)
        key = self.key(items[0], line, self.logs)
        if key.algorithm is Algorithm.ED25519_COSIGNATURE:
            raise self.refuse("key type", line)
        self.logs.append(Party(key.name, key, *items[1:]))

    def name(self, name: str, line: int) -> str:
        if name == NO_QUORUM or self.defined(name):
            raise self.refuse("name taken", line)
        return name

    def witness(self, items: list[str], line: int) -> None:
        if len(items) not in (2, 3):
            raise self.refuse("shape", line)
        name = self.name(items[0], line)
        self.witnesses[name] = Party(name, self.key(items[1], line, self.witnesses.values()), *items[2:])

    def group(self, items: list[str], line: int) -> None:
        if len(items) < 3:
            raise self.refuse("shape", line)
        name, rule, members = self.name(items[0], line), items[1], tuple(items[2:])
        for member in members:
            if not self.defined(member):
                raise self.refuse("unknown member", line)
            if member in self._members:
                raise self.refuse("member twice", line)
            self._members.add(member)
        if rule in ("all", "any"):
            threshold = len(members) if rule == "all" else 1
        elif rule.isascii() and rule.isdigit() and len(rule) < 10:
            threshold = int(rule)
        else:
            raise self.refuse("threshold", line)
        if not 1 <= threshold <= len(members):
            raise self.refuse("threshold", line)
        self.groups[name] = Group(threshold, members)

    def quorum_line(self, items: list[str], line: int) -> None:
        if len(items) != 1 or self.quorum is not None:
            raise self.refuse("quorum", line)
        if items[0] != NO_QUORUM and not self.defined(items[0]):
            raise self.refuse("unknown quorum", line)
        self.quorum = items[0]


def parse_policy(text: str, *, allow_duplicate_keys: bool = False) -> Policy:
    """Read a policy file.

    One public key under two names would count twice, so it is refused; ``allow_duplicate_keys`` exists to read
    other implementations' files.

    :raises PolicyInvalid: with ``row``, the number of the line that is wrong.
    """
    if len(text) > MAX_POLICY_BYTES:
        raise PolicyInvalid(reason="size", row=0)
    reader = _Reader(allow_duplicate_keys=allow_duplicate_keys)
    verbs = {"log": reader.log, "witness": reader.witness, "group": reader.group, "quorum": reader.quorum_line}
    for number, line in enumerate(text.split("\n"), 1):
        if any(c != "\t" and (c < " " or c == "\x7f") for c in line):
            raise PolicyInvalid(reason="characters", row=number)
        items = line.replace("\t", " ").split(" ")
        items = [item for item in items if item]
        comment = next((at for at, item in enumerate(items) if item.startswith("#")), len(items))
        items = items[:comment]
        if items:
            if items[0] not in verbs:
                raise PolicyInvalid(reason="unknown word", row=number)
            verbs[items[0]](items[1:], number)
    if reader.quorum is None:
        raise PolicyInvalid(reason="no quorum line", row=0)
    return Policy(reader.quorum, tuple(reader.logs), reader.witnesses, reader.groups)
