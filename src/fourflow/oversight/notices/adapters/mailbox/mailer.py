"""E-mail as files, one a mail: what a sandbox would have sent can be opened and read, and nobody is bothered."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from pathlib import Path

from fourflow.oversight.notices.ports import Mail, Outcome

SENDER = "Fourflow SANDBOX <no-reply@fourflow.invalid>"


@dataclass(frozen=True, slots=True)
class FileMailbox:
    """``<folder>/<message id>.eml``: the same mail again replaces itself."""

    folder: Path

    def send(self, mail: Mail) -> Outcome:
        """See :class:`fourflow.oversight.notices.ports.Mailer`."""
        message = EmailMessage(policy=policy.SMTPUTF8)
        message["From"], message["To"], message["Subject"] = SENDER, mail.to, mail.subject
        message["Message-ID"], message["Auto-Submitted"] = mail.message_id, "auto-generated"
        message.set_content(mail.text)
        file = self.folder / f"{mail.message_id.strip('<>').partition('@')[0]}.eml"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            partial = file.with_suffix(".part")
            partial.write_bytes(message.as_bytes())
            partial.replace(file)
        except OSError as error:
            return Outcome(f"{type(error).__name__}: {error}")
        return Outcome()
