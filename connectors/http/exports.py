"""Asynchronous exports of Microsoft Graph: asked for, waited for, then downloaded blob by blob from a manifest.

Belongs here: that conversation, as a paginator. Source: Microsoft Graph, "partners billing" (operation, manifest, blob).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from connectors.http.answers import Answer, Json, at, decoded
from connectors.http.client import Client
from connectors.http.errors import Inconsistent, Malformed, RequestRefused, Unavailable
from connectors.http.origins import next_address
from connectors.http.paging import Page, Request, number_at
from connectors.http.redaction import safe_url
from connectors.http.retries import retry_after

_RECORDS = 5_000
_PACKED = ("compressedjsonlines", "compressedjson")
NO_DATA = "5000"
"""The code of a failed operation that found nothing to export."""


@dataclass(frozen=True)
class Export:
    """A POST that starts an export, polling that waits for it, a manifest, and blobs of packed JSON lines.

    Attributes:
        pause: Seconds between two looks where the vendor names none.
        longest: Seconds after which an export is given up.
    """

    pause: float = 10
    longest: float = 3600

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``; the parameters of the request are what is posted."""
        started = client.send(request.url, method="POST", json=dict(request.params), headers=request.headers, realm=request.realm)
        operation = started.headers.get("Location")
        if not operation:
            raise Malformed(f"{safe_url(request.url)} started an export without saying where it can be watched")
        done = self._wait(client, Request(next_address(request.url, operation), realm=request.realm))
        if done is None:
            yield Page([])
            return
        manifest = client.send(next_address(request.url, done), realm=request.realm)
        yield from self._blobs(client, manifest)

    def _wait(self, client: Client, request: Request) -> str | None:
        """Return where the manifest is, None if there is nothing to export."""
        began = client.clock.monotonic()
        while True:
            answer = client.send(request.url, realm=request.realm)
            status = str(at(answer.body, "status")).lower()
            if status == "succeeded":
                return self._manifest_address(answer)
            if status == "failed":
                self._expect_no_data(answer)
                return None
            if status not in ("running", "notstarted"):
                raise Malformed(f"{safe_url(request.url)} has a status that is not documented: {status[:40]}")
            pause = retry_after(answer.headers.get("Retry-After"), client.clock.now()) or self.pause
            if client.clock.monotonic() - began + pause > self.longest:
                raise Unavailable(f"{safe_url(request.url)} was not ready after {self.longest / 60:.0f} minutes")
            client.clock.sleep(pause)

    def _manifest_address(self, answer: Answer) -> str:
        for name in ("resourceLocation@odata.navigationLink", "resourceLocation@odata.bind"):
            if isinstance(answer.body, Mapping) and isinstance(found := answer.body.get(name), str) and found:
                return found
        inside = at(answer.body, "resourceLocation.id")
        if isinstance(inside, str) and inside:
            return f"{answer.url.rsplit('/operations/', 1)[0]}/manifests/{quote(inside, safe='')}"
        raise Malformed(f"{safe_url(answer.url)} succeeded without saying where the manifest is")

    def _expect_no_data(self, answer: Answer) -> None:
        code, message = at(answer.body, "error.code"), at(answer.body, "error.message")
        if code == NO_DATA:
            return
        raise RequestRefused(f'{safe_url(answer.url)} failed: "{str(message)[:200]}" (code {str(code)[:40]})')

    def _blobs(self, client: Client, manifest: Answer) -> Iterator[Page]:
        blobs, root, signature = (at(manifest.body, name) for name in ("blobs", "rootDirectory", "sasToken"))
        names = [at(blob, "name") for blob in blobs] if isinstance(blobs, list) else [None]
        if not all(isinstance(name, str) and name for name in [root, signature, *names]):
            raise Malformed(f"{safe_url(manifest.url)} is no manifest: rootDirectory, sasToken or the names of blobs are missing")
        client.redactor.add(signature)
        if number_at(manifest, "blobCount") != len(names) or len(set(names)) != len(names):
            raise Inconsistent(f"{safe_url(manifest.url)} states {at(manifest.body, 'blobCount')} blobs and names {len(names)}")
        if str(at(manifest.body, "dataFormat")).lower() not in _PACKED:
            raise Malformed(f"{safe_url(manifest.url)} offers a format that is not documented")
        for name in names:
            url = f"{root.rstrip('/')}/{quote(name, safe='/')}?{signature.lstrip('?')}"
            yield from self._records(client.lines(url, is_packed=True), url)

    def _records(self, lines: Iterator[bytes], url: str) -> Iterator[Page]:
        found: list[Json] = []
        for line in lines:
            if line.strip():
                found.append(decoded(line, url))
            if len(found) == _RECORDS:
                yield Page(found)
                found = []
        yield Page(found)

