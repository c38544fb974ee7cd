"""A real HTTP server on loopback that can also misbehave on the wire.

What belongs here: sockets. What is answered is the application's business (``vendor``, ``hostile``).
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

_MARK = "\ue000"
_MARKED = re.compile(r'"\\ue000([^"]*)\\ue000"')


def json_bytes(content: object) -> bytes:
    """Write JSON in which a Decimal is a number with the very digits it has."""

    def marked(value: object) -> str:
        if not isinstance(value, Decimal):
            raise TypeError(f"no JSON: {value!r}")
        return f"{_MARK}{value:f}{_MARK}"

    return _MARKED.sub(r"\1", json.dumps(content, default=marked)).encode()


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; header names in lower case, ``pairs`` the query with whatever it repeats."""

    method: str
    path: str
    pairs: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def query(self) -> Mapping[str, str]:
        """The query, the last of each name."""
        return dict(self.pairs)

    def form(self) -> dict[str, str]:
        """Return the fields of a form."""
        return dict(parse_qsl(self.body.decode()))


@dataclass
class Reply:
    """An answer, and how it goes over the wire.

    ``wire`` is ``whole``, ``short`` (fewer bytes than announced), ``broken chunk``, ``reset`` (closed without
    a word), ``garbage`` (no HTTP), ``silent`` (never answers), ``drip`` (byte by byte, for ever if need be),
    ``drip head`` or ``drip chunk`` (so its headers, or the length of a chunk, for seconds; then all of it) or
    ``in parts`` (twelve of them, 3 s in all).
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wire: str = "whole"

    @classmethod
    def json(cls, content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        """Return a JSON answer."""
        return cls(status, json_bytes(content), {"Content-Type": "application/json", **(headers or {})})

    @property
    def content(self) -> object:
        """The body as JSON, numbers as Python takes them: for tampering with."""
        return json.loads(self.body)


App = Callable[[Asked], Reply]

_LONG = 150
"""Bytes that drip before an answer goes on, 50 in a second."""


class FakeServer:
    """Serves an application; ``asked`` lists every request that arrived."""

    def __init__(self, app: App) -> None:
        """Listen on a free port of the loopback interface."""
        self.app = app
        self.asked: list[Asked] = []
        self.ending = threading.Event()
        self.failures: list[Exception] = []
        self._http = _Quiet(("127.0.0.1", 0), _handler_of(self))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self.ending.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that leave; what fails in an application is kept in ``failures``."""


@contextmanager
def serving(app: App) -> Iterator[FakeServer]:
    """Serve an application for a while; an error inside it is raised here and not lost in a thread."""
    server = FakeServer(app)
    try:
        yield server
    finally:
        server.close()
        if server.failures:
            raise server.failures[0]


def _handler_of(server: FakeServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(
                self.command, parts.path, parse_qsl(parts.query, keep_blank_values=True), headers, body
            )
            server.asked.append(asked)
            try:
                reply = server.app(asked)
            except Exception as error:  # noqa: BLE001 - kept for the test that owns the server
                server.failures.append(error)
                reply = Reply(500, b"the fake vendor is broken")
            with suppress(OSError):  # the client may have left
                self._send(reply)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _serve

        def _send(self, reply: Reply) -> None:
            self.close_connection = reply.wire != "whole"
            if reply.wire == "silent":
                server.ending.wait(30)
            if reply.wire in ("silent", "reset"):
                return
            if reply.wire == "garbage":
                self.wfile.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
                return
            if reply.wire == "drip head":
                self._drip(b"HTTP/1.1 200 OK\r\nX-RetryPolicy: " + b"z" * _LONG + b"\r\n")
            else:
                self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.wire == "broken chunk":
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n" % len(reply.body) + reply.body[: len(reply.body) // 2])
                return
            if reply.wire == "drip chunk":
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self._drip(b"0" * _LONG)
                self.wfile.write(b"%x\r\n" % len(reply.body) + reply.body + b"\r\n0\r\n\r\n")
                return
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if reply.wire == "drip":
                self._drip(reply.body)
            elif reply.wire == "in parts":
                size = len(reply.body) // 12 + 1
                for start in range(0, len(reply.body), size):
                    self.wfile.write(reply.body[start : start + size])
                    server.ending.wait(0.25)
            else:
                self.wfile.write(reply.body[: len(reply.body) // 2] if reply.wire == "short" else reply.body)

        def _drip(self, body: bytes) -> None:
            for byte in body:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if server.ending.wait(0.02):
                    return

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: tests look at ``asked``."""

    return Handler
