"""Sweepers: make notices of new events, send what is due, let go of what nobody can know.

The network is spoken to outside any transaction. Killed anywhere, the next sweep finds what is still due.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

import structlog

from fourflow.oversight.notices import operations
from fourflow.oversight.notices.domain import wording
from fourflow.oversight.notices.operations import Letter
from fourflow.oversight.notices.operations.addressing import Checkers
from fourflow.oversight.notices.ports import Mail, Mailer
from fourflow.platform import clock
from fourflow.platform.jobs import Sweeper

log = structlog.get_logger()
#: the address of an object's page
Link = Callable[[str, UUID], str]


def sweepers(
    mailer: Mailer | None, *, checkers: Checkers, link: Link, site: str, sandbox: bool, every: float = 1.0
) -> list[Sweeper]:
    """What the worker sweeps; wiring hands in who mails, who decides what, and where objects are shown.

    Without a mailer notices are made, stand on their people's pages, and wait.
    """
    found = [Sweeper("notices.tell", every, partial(tell_new, checkers))]
    if mailer is not None:
        send = partial(send_due, mailer, link, site, sandbox)
        found += [Sweeper("notices.send", every, send), Sweeper("notices.let_go", 60.0, let_go)]
    return found


def tell_new(checkers: Checkers) -> int:
    """Notices of what was sequenced since."""
    return operations.tell(now=clock.machine(), today=clock.today(), checkers=checkers)


def send_due(mailer: Mailer, link: Link, site: str, sandbox: bool) -> int:
    """Hand over what is due; returns how many letters that were."""
    letters = operations.take(now=clock.machine())
    if not letters:
        return 0
    outcomes = [(letter, mailer.send(written(letter, link, site, sandbox))) for letter in letters]
    operations.record(outcomes=outcomes, now=clock.machine())
    refused = [outcome.error for _, outcome in outcomes if outcome.error]
    log.info("mail", letters=len(letters), refused=len(refused), error=refused[0] if refused else "")
    return len(letters)


def let_go() -> int:
    """What was under way when its sender died."""
    return operations.let_go(now=clock.machine())


def written(letter: Letter, link: Link, site: str, sandbox: bool) -> Mail:
    """A letter as the e-mail that leaves the house."""
    facts = [(one.event, f"{site}{link(*one.about) if one.about else '/messages'}") for one in letter.notices]
    text = wording.body(
        facts,
        letter.language,
        name=letter.name,
        organisations=letter.organisations,
        settings=f"{site}/messages/settings",
    )
    said = wording.subject([one.event for one in letter.notices], letter.language, sandbox=sandbox)
    return Mail(letter.to, said, text, f"<{letter.notices[0].id.hex}@{_host(site)}>")


def _host(site: str) -> str:
    return site.partition("://")[2].partition("/")[0].partition(":")[0] or "fourflow.invalid"
