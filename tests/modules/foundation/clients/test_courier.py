"""The courier: it calls who it looked at, follows nobody, and does not wait for ever."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest
from tests.builders.clients import receiving

from fourflow.foundation.clients.adapters.http_webhook import courier
from fourflow.foundation.clients.adapters.http_webhook.courier import HttpCourier
from fourflow.foundation.clients.types import AddressForbidden, EndpointInvalid


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """The name server of the test: its answers one after another, then the last for ever."""
    waiting = list(answers)

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        numbers = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("number", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.100.100.200"])
def test_a_public_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    resolving(monkeypatch, [number])
    with pytest.raises(AddressForbidden):
        HttpCourier().require_reachable("https://partner.example/hook")
    assert HttpCourier().post("https://partner.example/hook", b"{}", {}).error == "address forbidden"


def test_one_number_inside_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(AddressForbidden):
        HttpCourier().require_reachable("https://partner.example/hook")


def test_a_name_that_changes_its_mind_after_the_look_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    HttpCourier().require_reachable("https://partner.example/hook")
    assert HttpCourier().post("https://partner.example/hook", b"{}", {}).error == "address forbidden"


def test_the_number_that_was_looked_at_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []

    class Recording(courier.httpcore.SyncBackend):
        def connect_tcp(self, host: str, *rest: Any, **more: Any) -> Any:
            called.append(host)
            raise courier.httpcore.ConnectError

    monkeypatch.setattr(courier.httpcore, "SyncBackend", Recording)
    resolving(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    assert HttpCourier().post("https://partner.example/hook", b"{}", {}).error == "no connection"
    assert called == ["93.184.216.34"]


def test_a_name_that_leads_nowhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def look_up(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(EndpointInvalid):
        HttpCourier().require_reachable("https://nowhere.example/")
    assert HttpCourier().post("https://nowhere.example/", b"{}", {}).error == "name does not resolve"


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with receiving(307, 302) as receiver:
        posted = [HttpCourier(loopback=True).post(receiver.url, b"{}", {}) for _ in range(2)]
        assert [one.status for one in posted] == [307, 302]
        assert len(receiver.got) == 2


def test_a_server_that_drips_is_left_after_its_time() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while not over.wait(0.05):
                try:
                    connection.sendall(b"X-Drip: 1\r\n")
                except OSError:
                    return

    thread = threading.Thread(target=drip)
    thread.start()
    started = time.monotonic()
    posted = HttpCourier(loopback=True, seconds=0.5).post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"{}", {})
    over.set()
    thread.join()
    listener.close()
    assert (posted.status, posted.error) == (None, "timeout")
    assert time.monotonic() - started < 30  # it would never end by itself


def test_a_port_where_nobody_listens_is_told_apart_from_silence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert HttpCourier(loopback=True).post(f"http://127.0.0.1:{port}/", b"{}", {}).error == "no connection"


def test_what_is_no_http_is_a_broken_connection() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"220 mail.example ESMTP\r\n")

    thread = threading.Thread(target=talk)
    thread.start()
    posted = HttpCourier(loopback=True, seconds=5).post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"{}", {})
    thread.join()
    listener.close()
    assert (posted.status, posted.error) == (None, "connection broken")
