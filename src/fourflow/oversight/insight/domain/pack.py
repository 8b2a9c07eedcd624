"""The manifest of an evidence pack, and the file that carries it. Pure."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence

from fourflow.oversight.insight.types import EvidenceRequest, PackEntry
from fourflow.platform.canonical_json import canonical

MANIFEST, ANSWER, READ_ME = "manifest.json", "answer.tlog-proof", "READ-ME.txt"
_TEXT = """Evidence pack of Fourflow.

manifest.json names every fact with its place in the log and its leaf hash. facts/ holds the proof bundle of each.
answer.tlog-proof proves the operator's answer: it discloses the SHA-256 of manifest.json.

Check each bundle offline with a policy file of your own:

    fourflow evidence verify facts/NAME.tlog-proof --policy POLICY
    fourflow evidence verify answer.tlog-proof --policy POLICY
    sha256sum manifest.json
"""


def manifest(request: EvidenceRequest, entries: Sequence[PackEntry]) -> bytes:
    """What the operator's answer commits to, as canonical JSON."""
    return canonical(
        {
            "request": str(request.id),
            "about": request.about.value,
            "subject": str(request.subject_id),
            "authority": request.authority,
            "facts": [entry.to_body() for entry in entries],
        }
    )


def digest(content: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(content).hexdigest()


def packed(content: bytes, answer: bytes, bundles: Mapping[str, bytes]) -> bytes:
    """The ZIP file: the same pack gives the same bytes, whenever it is made."""
    buffer = io.BytesIO()
    files = {READ_ME: _TEXT.encode(), MANIFEST: content, ANSWER: answer}
    files.update({f"facts/{name}.tlog-proof": bundle for name, bundle in bundles.items()})
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
