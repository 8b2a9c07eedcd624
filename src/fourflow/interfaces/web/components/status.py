"""States as a colour and a word. One table for all pages, so that a state reads the same everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import pgettext_lazy as pg

from fourflow.interfaces.web.components.shell import Words

Tone = Literal["neutral", "info", "ok", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Status:
    """A word and its tone; ``waiting`` draws a hollow dot: someone else has to act."""

    word: Words
    tone: Tone = "neutral"
    waiting: bool = False


VOUCHER = {
    "DRAFT": Status(pg("state", "Draft")),
    "RETURNED": Status(pg("state", "Returned"), "warn"),
    "OFFERED": Status(pg("state", "Offered"), "info", waiting=True),
    "ACTIVE": Status(pg("state", "Active"), "info"),
    "MATURING": Status(pg("state", "Maturing"), "warn"),
    "REDEEMED": Status(pg("state", "Redeemed"), "ok"),
    "PARTLY_PAID": Status(pg("state", "Partly paid"), "warn"),
    "REJECTED": Status(pg("state", "Rejected"), "neutral"),
    "EXPIRED": Status(pg("state", "Expired"), "neutral"),
    "CANCELLED": Status(pg("state", "Cancelled"), "neutral"),
    "OVERDUE": Status(pg("state", "Overdue"), "bad"),
    "DEFAULTED": Status(pg("state", "Defaulted"), "bad"),
    "DISPUTED": Status(pg("state", "Disputed"), "warn"),
    "FROZEN": Status(pg("state", "Frozen"), "warn"),
}
HOLDING = {
    "ACTIVE": Status(pg("state", "Held"), "info"),
    "LOCKED_TRANSFER": Status(pg("state", "Transfer offered"), "info", waiting=True),
    "LOCKED_FINANCE": Status(pg("state", "Financing requested"), "info", waiting=True),
    "FINANCED": Status(pg("state", "Financed"), "warn"),
    "MATURED": Status(pg("state", "Matured"), "warn"),
    "PARTLY_PAID": Status(pg("state", "Partly paid"), "warn"),
    "REDEEMED": Status(pg("state", "Redeemed"), "ok"),
    "OVERDUE": Status(pg("state", "Overdue"), "bad"),
    "WRITTEN_OFF": Status(pg("state", "Written off"), "bad"),
    "SPLIT": Status(pg("state", "Split")),
    "CANCELLED": Status(pg("state", "Cancelled")),
    "DISPUTED": Status(pg("state", "Disputed"), "warn"),
    "FROZEN": Status(pg("state", "Frozen"), "warn"),
}
RETURN = {
    "INSTRUCTED": Status(pg("state", "On its way back"), "info", waiting=True),
    "PAID": Status(pg("state", "Paid back"), "ok"),
    "FAILED": Status(pg("state", "Not paid back"), "bad"),
}
PAYMENT = {
    "DRAFT": Status(pg("state", "Draft")),
    "READY": Status(pg("state", "Ready to send"), "info"),
    "INSTRUCTED": Status(pg("state", "Instructed"), "info"),
    "SENT": Status(pg("state", "Sent"), "info", waiting=True),
    "IN_TRANSIT": Status(pg("state", "In transit"), "info", waiting=True),
    "UNKNOWN": Status(pg("state", "Unknown, asking"), "warn", waiting=True),
    "SETTLED": Status(pg("state", "Settled"), "ok"),
    "REJECTED": Status(pg("state", "Rejected"), "bad"),
    "RETURNED": Status(pg("state", "Returned"), "bad"),
    "CANCELLED": Status(pg("state", "Cancelled")),
}
FINANCING = {
    "REQUESTED": Status(pg("state", "Requested"), "info", waiting=True),
    "APPROVED": Status(pg("state", "Approved"), "info"),
    "REFUSED": Status(pg("state", "Declined"), "neutral"),
    "WITHDRAWN": Status(pg("state", "Withdrawn")),
    "REGISTERED": Status(pg("state", "Registered"), "info"),
    "DISBURSING": Status(pg("state", "Paying out"), "info", waiting=True),
    "FAILED": Status(pg("state", "Not paid out"), "bad"),
    "DISBURSED": Status(pg("state", "Disbursed"), "ok"),
    "REPAID": Status(pg("state", "Repaid"), "ok"),
    "OVERDUE": Status(pg("state", "Overdue"), "bad"),
}
APPROVAL = {
    "OPEN": Status(pg("state", "To decide"), "info", waiting=True),
    "PENDING": Status(pg("state", "To decide"), "info", waiting=True),
    "APPROVED": Status(pg("state", "Approved"), "ok"),
    "REJECTED": Status(pg("state", "Rejected"), "bad"),
    "RETURNED": Status(pg("state", "Returned"), "warn"),
    "WITHDRAWN": Status(pg("state", "Withdrawn")),
    "EXPIRED": Status(pg("state", "Expired")),
}
CHANGE = {
    "PROPOSED": Status(pg("state", "To decide"), "info", waiting=True),
    "APPLIED": Status(pg("state", "Holds"), "ok"),
    "REJECTED": Status(pg("state", "Rejected"), "bad"),
    "WITHDRAWN": Status(pg("state", "Withdrawn")),
    "EXPIRED": Status(pg("state", "Expired")),
}
JOB = {
    "QUEUED": Status(pg("state", "Queued"), waiting=True),
    "RUNNING": Status(pg("state", "Running"), "info"),
    "DONE": Status(pg("state", "Done"), "ok"),
    "FAILED": Status(pg("state", "Failed"), "bad"),
}
KINDS: dict[str, dict[str, Status]] = {
    "voucher": VOUCHER,
    "holding": HOLDING,
    "payment": PAYMENT,
    "return": RETURN,
    "financing": FINANCING,
    "approval": APPROVAL,
    "change": CHANGE,
    "job": JOB,
}


def status(kind: str, state: str) -> Status:
    """The status of a state. A state that the table does not know shows its own name in a neutral tone."""
    known = KINDS.get(kind, {}).get(str(state).upper())
    return known or Status(str(state).replace("_", " ").capitalize())
