"""Reads of the log: state, heads, proofs, bundles and their verification (log), and the audit of it all (audit)."""

from fourflow.foundation.evidence.queries.audit import audit_log
from fourflow.foundation.evidence.queries.log import (
    best_head,
    bundle,
    consistency_proof,
    heads,
    inclusion_proof,
    latest_note,
    log_state,
    open_to_parties,
    read_policy,
    size,
    stage,
    tiles,
    tree,
    verify,
)

__all__ = [
    "audit_log",
    "best_head",
    "bundle",
    "consistency_proof",
    "heads",
    "inclusion_proof",
    "latest_note",
    "log_state",
    "open_to_parties",
    "read_policy",
    "size",
    "stage",
    "tiles",
    "tree",
    "verify",
]
