"""Mail over a real socket: what is taken, what is certainly refused, and what nobody knows."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy

import pytest

from fourflow.config import mail as configured
from fourflow.oversight.notices.adapters.mailbox.mailer import FileMailbox
from fourflow.oversight.notices.adapters.smtp.mailer import SmtpMailer
from fourflow.oversight.notices.ports import Mail

MAIL = Mail("maker@supplier.example", "收到一张数信", "您好：\nhttps://fourflow.example/x\n", "<1@fourflow.example>")


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    refuse = ""
    hang_up = False
    taken: list[bytes]


class _Session(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one mail needs."""

    def handle(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        self._say("220 here")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"RCPT" and server.refuse:
                self._say(server.refuse)
            elif word == b"DATA":
                self._say("354 go on")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                if server.hang_up:
                    return
                server.taken.append(text)
                self._say("250 taken")
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def listening(refuse: str = "", *, hang_up: bool = False) -> Iterator[tuple[SmtpMailer, list[bytes]]]:
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.refuse, server.hang_up, server.taken = refuse, hang_up, []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        port = server.server_address[1]
        yield SmtpMailer("127.0.0.1", port, "Fourflow <no-reply@fourflow.example>", plain=True), server.taken
        server.shutdown()
        thread.join()


def test_a_mail_arrives_as_it_was_written() -> None:
    with listening() as (mailer, taken):
        assert mailer.send(MAIL).error == ""
    (raw,) = taken
    found = message_from_bytes(raw, policy=policy.default)
    assert (found["to"], found["subject"], found["message-id"]) == (MAIL.to, MAIL.subject, MAIL.message_id)
    assert found.get_content().replace("\r\n", "\n") == MAIL.text
    assert found["auto-submitted"] == "auto-generated"


def test_a_refused_receiver_is_certain_and_a_broken_line_after_the_text_is_not() -> None:
    with listening("550 no such mailbox") as (mailer, _):
        refused = mailer.send(MAIL)
    assert "550" in refused.error and not refused.unsure
    with listening(hang_up=True) as (mailer, taken):
        broken = mailer.send(MAIL)
    assert broken.unsure and taken == []
    assert not mailer.send(MAIL).unsure  # nobody listens any more: it certainly went nowhere


def test_nothing_is_sent_without_tls_unless_the_address_says_so() -> None:
    with listening() as (mailer, taken):
        outcome = SmtpMailer("127.0.0.1", mailer.port, mailer.sender, implicit=False).send(MAIL)
    assert outcome.error and not outcome.unsure and taken == []


def test_a_line_break_in_a_header_is_refused() -> None:
    with listening() as (mailer, taken):
        outcome = mailer.send(Mail(MAIL.to, "x\r\nBcc: stranger@example.com", "text", MAIL.message_id))
    assert outcome.error and taken == []


def test_where_mail_goes_is_said_by_the_environment(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    monkeypatch.delenv("FOURFLOW_SMTP_URL", raising=False)
    assert isinstance(configured.mailer(), FileMailbox)
    settings.SANDBOX = False  # type: ignore[attr-defined]
    assert configured.mailer() is None
    monkeypatch.setenv("FOURFLOW_SMTP_URL", "smtps://desk%40bank@mail.example")
    made = configured.mailer()
    assert isinstance(made, SmtpMailer)
    assert (made.host, made.port, made.user, made.implicit, made.plain) == (
        "mail.example",
        465,
        "desk@bank",
        True,
        False,
    )
    monkeypatch.setenv("FOURFLOW_SMTP_URL", "http://mail.example")
    with pytest.raises(ValueError, match="smtps"):
        configured.mailer()
