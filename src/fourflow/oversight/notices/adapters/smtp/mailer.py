"""E-mail by SMTP: one connection a mail, TLS always, whatever goes wrong in the answer."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage

from fourflow.oversight.notices.ports import Mail, Outcome

SECONDS = 15


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """``implicit``: TLS from the first byte (port 465), else STARTTLS, without which nothing is sent.

    ``plain`` leaves TLS out: for a relay on this very machine.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    implicit: bool = True
    plain: bool = False

    def send(self, mail: Mail) -> Outcome:
        """See :class:`fourflow.oversight.notices.ports.Mailer`."""
        try:
            message = compose(mail, self.sender)
            server = self._connect()
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return _refused(error)
        with server:
            try:
                if self.user:
                    server.login(self.user, self.password)
            except (OSError, smtplib.SMTPException) as error:
                return _refused(error)
            try:
                server.send_message(message)
            except smtplib.SMTPServerDisconnected as broken:
                return Outcome(f"broken: {broken}"[:300], unsure=True)
            except (smtplib.SMTPException, ValueError) as error:
                return _refused(error)
            except OSError as broken:  # the line broke or was silent: the server may have the text
                return Outcome(f"broken: {broken}"[:300], unsure=True)
        return Outcome()

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.implicit and not self.plain:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        if not self.plain:
            server.starttls(context=context)
        return server


def _refused(error: Exception) -> Outcome:
    return Outcome(f"{type(error).__name__}: {error}"[:300])


def compose(mail: Mail, sender: str) -> EmailMessage:
    """The message as it crosses the wire; a line break in a header is refused by the library."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to, mail.subject
    message["Message-ID"], message["Auto-Submitted"] = mail.message_id, "auto-generated"
    message.set_content(mail.text)
    return message
