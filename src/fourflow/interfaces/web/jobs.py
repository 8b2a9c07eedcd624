"""What the pages sweep: drafts that nobody finished in time are forgotten, whether or not their person comes back."""

from __future__ import annotations

from fourflow.interfaces.web import models
from fourflow.platform import clock
from fourflow.platform.jobs import Sweeper


def forget_drafts() -> int:
    """Delete the drafts whose time is over; returns how many."""
    deleted, _by_table = models.Draft.objects.filter(ends_at__lte=clock.machine()).delete()
    return deleted


def sweepers() -> list[Sweeper]:
    return [Sweeper("web.drafts", 30.0, forget_drafts)]
