"""The identity providers of an installation: ``identity.json`` in the home, secrets in files of their own."""

from __future__ import annotations

import json
from pathlib import Path

from fourflow.foundation.access.adapters.oidc.client import OpenIdProvider
from fourflow.platform.crypto.keys import home


def providers() -> dict[str, OpenIdProvider]:
    """By name; empty where there is no file. Each names ``name``, ``label``, ``issuer``, ``client_id`` and
    ``client_secret_file``."""
    try:
        rows = json.loads((home() / "identity.json").read_text())["providers"]
    except FileNotFoundError:
        return {}
    return {
        row["name"]: OpenIdProvider(
            name=row["name"],
            label=row["label"],
            issuer=row["issuer"],
            client_id=row["client_id"],
            client_secret=Path(row["client_secret_file"]).read_text().strip(),
        )
        for row in rows
    }
