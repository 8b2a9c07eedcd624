"""HTTP on loopback: threads, keep-alive, `X-Sandbox: true` on every answer, and fault switches."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from fourflow_sandbox import faults
from fourflow_sandbox.refusal import Refusal
from fourflow_sandbox.store import Store, crash_before_commit

LARGEST_BODY = 16 * 1024 * 1024
_BAD_JSON = "request.not_json"


@dataclass(frozen=True)
class Request:
    """One request; ``at`` holds the path's named parts."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    at: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> dict[str, object]:
        """The body as a JSON object.

        :raises Refusal: 400 when it is none.
        """
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Refusal(400, _BAD_JSON) from error
        if not isinstance(value, dict):
            raise Refusal(400, _BAD_JSON)
        return value


@dataclass(frozen=True)
class Response:
    """One answer."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(value: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def refused(refusal: Refusal) -> Response:
    """A refusal as JSON: code and parameters, no prose."""
    return answer({"code": refusal.code, "params": refusal.params, "sandbox": True}, refusal.status)


Handler = Callable[[Request], Response]
Subjects = Callable[[Request], Sequence[str]]


def no_subjects(request: Request) -> Sequence[str]:
    """The endpoint's calls are not told apart."""
    return ()


class Route:
    """A method and a path template such as ``/accounts/{number}/balance``; ``endpoint`` names it for switches."""

    def __init__(
        self, method: str, template: str, handler: Handler, endpoint: str = "", subjects: Subjects = no_subjects
    ) -> None:
        self.method = method
        self.endpoint = endpoint
        self.handler = handler
        self.subjects = subjects
        pieces = (f"(?P<{p[1:-1]}>[^/]+)" if p.startswith("{") else re.escape(p) for p in template.split("/"))
        self.pattern = re.compile("/".join(pieces))


class Application:
    """Routes of one party plus its fault switches."""

    def __init__(self, store: Store, routes: Sequence[Route]) -> None:
        self._store = store
        switches = [
            Route("GET", "/faults", self._list_faults),
            Route("POST", "/faults", self._add_fault),
            Route("DELETE", "/faults", self._clear_faults),
        ]
        self._routes = [*routes, *switches]
        self._endpoints = {route.endpoint for route in self._routes if route.endpoint}
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Release held connections."""
        self._stopping.set()

    def _list_faults(self, request: Request) -> Response:
        return answer({"faults": [asdict(f) for f in faults.listed(self._store)]})

    def _add_fault(self, request: Request) -> Response:
        return answer(asdict(faults.add(self._store, request.json(), self._endpoints)), 201)

    def _clear_faults(self, request: Request) -> Response:
        faults.clear(self._store)
        return answer({"faults": []})

    def _route(self, request: Request) -> tuple[Route, Mapping[str, str]]:
        allowed = False
        for route in self._routes:
            match = route.pattern.fullmatch(request.path)
            if match and route.method == request.method:
                return route, {key: unquote(value) for key, value in match.groupdict().items()}
            allowed = allowed or match is not None
        raise Refusal(405 if allowed else 404, "method.not_allowed" if allowed else "path.unknown")

    def handle(self, request: Request) -> Response | None:
        """The answer, or ``None`` when the connection shall drop without one."""
        try:
            route, at = self._route(request)
            request = Request(request.method, request.path, request.query, request.body, at)
            fault = None
            if route.endpoint:
                modes = faults.TRANSPORT - ({"late"} if route.endpoint == "camt.054" else set())
                fault = faults.take(self._store, route.endpoint, modes, route.subjects(request))
            return self._misbehave(fault, route.handler, request) if fault else route.handler(request)
        except Refusal as refusal:
            return refused(refusal)
        except Exception:
            traceback.print_exc(file=sys.stderr)
            return refused(Refusal(500, "internal"))

    def _misbehave(self, fault: faults.Fault, handler: Handler, request: Request) -> Response | None:
        seconds = fault.delay_ms / 1000
        if fault.mode == "down":
            raise Refusal(503, "down")
        if fault.mode == "crash-before":
            crash_before_commit()
        if fault.mode in ("lost", "late"):
            self._stopping.wait(seconds)
        if fault.mode == "lost":
            return None
        result = handler(request)
        if fault.mode == "crash-after":
            os.kill(os.getpid(), signal.SIGKILL)
        if fault.mode == "timeout":
            self._stopping.wait(seconds)
            return None
        return result


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "fourflow-sandbox"
    sys_version = ""
    timeout = 120
    disable_nagle_algorithm = True
    application: Application

    def _body(self) -> bytes | None:
        length = self.headers.get("Content-Length", "0")
        if self.headers.get("Transfer-Encoding") or not length.isascii() or not length.isdigit():
            return None
        if int(length) > LARGEST_BODY:
            return None
        return self.rfile.read(int(length))

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            self._send(refused(Refusal(413, "request.body", largest=LARGEST_BODY)))
            return
        target = urlsplit(self.path)
        query = dict(parse_qsl(target.query, keep_blank_values=True))
        response = self.application.handle(Request(self.command, target.path, query, body))
        if response is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(response)

    def _send(self, response: Response) -> None:
        self.send_response(response.status)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.send_header("X-Sandbox", "true")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'none'")
        self.send_header("Cache-Control", "no-store")
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Requests are not logged: they carry names and accounts."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is no news; anything else is printed."""
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            traceback.print_exc(file=sys.stderr)


def serve(application: Application, port: int, ready: Callable[[int], None]) -> None:
    """Serve on 127.0.0.1 until SIGTERM or SIGINT; ``ready`` gets the port that was bound (0 asks for any)."""
    handler = type("Handler", (_Handler,), {"application": application})
    server = _Server(("127.0.0.1", port), handler)

    def stop(number: int, frame: object) -> None:
        application.stop()
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    ready(server.server_address[1])
    server.serve_forever(poll_interval=0.2)
    server.server_close()
