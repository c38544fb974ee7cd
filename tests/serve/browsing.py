"""The page of a workspace over real HTTP, and a visitor without scripts.

Belongs here: serving and asking. Does not: expectations.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import requests
import uvicorn

from mbr_pipeline.serve.app import app
from mbr_pipeline.serve.site import Site
from mbr_pipeline.workspace.paths import WorkspacePaths

_TOKEN = re.compile(r'name="token" value="([^"]+)"')


@contextmanager
def served(root: Path, user: str = "clerk1", **how: Any) -> Iterator[tuple[Site, str]]:
    """Serve a workspace on loopback, in this process; yields the site and its address."""
    site = Site(WorkspacePaths(root), user, **how)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app(site), log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()  # what connects before it listens waits in the socket's queue
    try:
        yield site, f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


class Visitor:
    """A browser without scripts: cookies, links and forms."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False
        self.page = ""

    @classmethod
    def by_link(cls, site: Site, address: str) -> Visitor:
        """Come by the one-time link."""
        made = cls(address)
        assert made.get(f"/open/{site.link}").status_code == 200
        return made

    @classmethod
    def signed_in(cls, address: str, name: str, password: str) -> Visitor:
        """Sign in with a password."""
        made = cls(address)
        made.get("/signin")
        assert made.post("/signin", {"name": name, "password": password}).status_code == 200
        return made

    @property
    def token(self) -> str:
        """What the forms of the last page hold."""
        found = _TOKEN.search(self.page)
        assert found, self.page
        return found.group(1)

    def get(self, path: str) -> requests.Response:
        """Open a page, following where it leads."""
        return self._kept(self.session.get(self.address + path, timeout=30))

    def post(
        self, path: str, data: Mapping[str, Any] | list[tuple[str, str]] | None = None, **more: Any
    ) -> requests.Response:
        """Send a form of the last page, following where it leads."""
        fields = [("token", self.token), *(data.items() if isinstance(data, Mapping) else data or [])]
        return self._kept(self.session.post(self.address + path, data=fields, timeout=60, **more))

    def _kept(self, answer: requests.Response) -> requests.Response:
        if "text/html" in answer.headers.get("content-type", ""):
            self.page = answer.text
        return answer

    @property
    def text(self) -> str:
        """What the last page says, as one line."""
        return text_of(self.page)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._in += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._in -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._in:
            self.found.append(data)


def text_of(page: str) -> str:
    """Return what a page says, as one line."""
    parser = _Text()
    parser.feed(page)
    return " ".join(" ".join(parser.found).split())
