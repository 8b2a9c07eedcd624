"""The outside parties of an installation: which bank, registry and funder is reached where. One file in the home."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from fourflow.platform.crypto.keys import home


@dataclass(frozen=True, slots=True)
class BankAddress:
    """A bank by its code; ``party_id`` names the funder whose decisions its API answers, if it is one."""

    code: str
    name: str
    url: str
    party_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Outside:
    """Everything that wiring connects to. Empty before set-up."""

    banks: tuple[BankAddress, ...] = ()
    registry: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def path() -> Path:
    return home() / "outside.json"


def read() -> Outside:
    """The file as it is now; empty where there is none."""
    try:
        body = json.loads(path().read_text())
    except FileNotFoundError:
        return Outside()
    banks = tuple(
        BankAddress(b["code"], b["name"], b["url"], UUID(b["party_id"]) if b.get("party_id") else None)
        for b in body["banks"]
    )
    return Outside(banks, body.get("registry", ""), body.get("extra", {}))


def write(outside: Outside) -> None:
    """Replace the file."""
    body = {
        "banks": [
            {"code": b.code, "name": b.name, "url": b.url, "party_id": str(b.party_id) if b.party_id else None}
            for b in outside.banks
        ],
        "registry": outside.registry,
        "extra": outside.extra,
    }
    partial = path().with_suffix(".new")
    partial.write_text(json.dumps(body, indent=1))
    partial.replace(path())
