"""Reads: the facts of a paper, the paper as a PDF, and whether one that somebody holds is still true."""

from __future__ import annotations

from fourflow.oversight.papers.queries.checking import again, matches
from fourflow.oversight.papers.queries.facts import agreement, certificate, notice
from fourflow.oversight.papers.queries.printing import Language, pdf, unsealed

__all__ = ["Language", "again", "agreement", "certificate", "matches", "notice", "pdf", "unsealed"]
