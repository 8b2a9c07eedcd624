"""Files that somebody began to take over and left, or whose process died, are taken over to their end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from fourflow.foundation.parties.types import SYSTEM
from fourflow.platform import clock
from fourflow.platform.jobs import each
from fourflow.trade.documents import operations, queries
from fourflow.trade.documents.ports import DocumentSource
from fourflow.trade.documents.types import ImportState

#: whoever goes on by himself is not interfered with
PATIENCE = timedelta(minutes=10)
#: orders a step: locks are held for a moment only, and what is stored is seen as it grows
STEP = 500


def continue_left(sources: Mapping[str, DocumentSource]) -> int:
    """The next orders of each such file; returns how many went on. What was only received waits for its people."""
    now = clock.now()
    left = {
        one.id: sources[one.source]
        for one in queries.unfinished_imports(now - PATIENCE)
        if one.state is ImportState.STORING and one.source in sources
    }
    return each(
        list(left),
        lambda one: operations.continue_import(
            import_id=one, source=left[one], actor=SYSTEM, effective_at=now, orders=STEP
        ),
    )
