"""Receivers of alerts on loopback: a real HTTP server and a real mail server, which keep what they get.

Belongs here: receiving, and refusing when told to. Does not: what should arrive.
"""

from __future__ import annotations

import socket
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller


class WebSink:
    """An HTTP server that answers ``status``; ``got`` are the bodies it took, ``asked`` all it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[bytes, dict[str, str]]] = []
        self.asked = 0
        self.headers: dict[str, str] = {}
        self.arrived, self.may_answer = threading.Event(), threading.Event()
        self.may_answer.set()
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.asked += 1
                sink.arrived.set()
                sink.may_answer.wait(20)
                if sink.status == 200:
                    sink.got.append((body, dict(self.headers)))
                self.send_response(sink.status)
                for name, value in sink.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook/T0PSECRET"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class MailSink:
    """A mail server; ``got`` are the mails it took. Receivers in ``refused`` are not known to it."""

    def __init__(self, **options: Any) -> None:
        self.got: list[EmailMessage] = []
        self.refused: set[str] = set()
        with socket.socket() as free:  # the library cannot be asked which port it chose
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        made = message_from_bytes(envelope.content, policy=default)
        assert isinstance(made, EmailMessage)
        self.got.append(made)
        return "250 OK"

    def close(self) -> None:
        self._controller.stop()
