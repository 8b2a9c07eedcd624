"""How e-mail leaves an installation: FOURFLOW_SMTP_*, or a folder in a sandbox."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings

from fourflow.oversight.notices.adapters.mailbox.mailer import FileMailbox
from fourflow.oversight.notices.adapters.smtp.mailer import SmtpMailer
from fourflow.oversight.notices.ports import Mailer
from fourflow.platform.crypto.keys import home

#: scheme → (default port, TLS from the first byte, no TLS at all)
SCHEMES = {"smtps": (465, True, False), "smtp": (587, False, False), "smtp+plain": (25, False, True)}


def mailer() -> Mailer | None:
    """``FOURFLOW_SMTP_URL`` (``smtps://user@host:465``), the mailbox folder of a sandbox, or nobody.

    The password stands in the file that ``FOURFLOW_SMTP_PASSWORD_FILE`` names, the sender in ``FOURFLOW_MAIL_FROM``.

    :raises ValueError: the address names no server, or a scheme that is none of smtps, smtp, smtp+plain.
    """
    url = os.environ.get("FOURFLOW_SMTP_URL", "")
    if not url:
        return FileMailbox(home() / "mail") if settings.SANDBOX else None
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ValueError(f"FOURFLOW_SMTP_URL: expected one of {sorted(SCHEMES)} and a host")
    port, implicit, plain = SCHEMES[parts.scheme]
    secret = os.environ.get("FOURFLOW_SMTP_PASSWORD_FILE", "")
    return SmtpMailer(
        host=parts.hostname,
        port=parts.port or port,
        sender=os.environ.get("FOURFLOW_MAIL_FROM", f"no-reply@{parts.hostname}"),
        user=unquote(parts.username or ""),
        password=Path(secret).read_text().strip() if secret else "",
        implicit=implicit,
        plain=plain,
    )
