"""Asynchronous exports of Microsoft Graph: asked for, waited for, then downloaded blob by
blob from a manifest.

What belongs here: that conversation, as a paginator. What does not: what the exported records mean. Source:
Microsoft Graph, "partners billing" (operation, manifest, blob).

Each answer is checked as it arrives, so that an error sent with status 200 is retried like any other. The
manifest is read once more after the last blob: another ``eTag`` means another version of the data, and blobs
of two versions do not make one bill.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote

from connectors.http.client import Client
from connectors.http.errors import Inconsistent, Malformed, Unavailable
from connectors.http.json_answers import Answer, Json, at, decoded
from connectors.http.origins import next_address
from connectors.http.paging.base import Page, Request, number_at
from connectors.http.redaction import safe_url
from connectors.http.retries import retry_after

_RECORDS = 5_000
_SHORTEST_PAUSE = 1.0
_PACKED = ("compressedjsonlines", "compressedjson")
_STATES = ("notstarted", "running", "succeeded", "failed")
NO_DATA = "5000"
"""The code of a failed operation that found nothing to export."""


@dataclass(frozen=True)
class Export:
    """A POST that starts an export, polling that waits for it, a manifest, and blobs of packed JSON lines.

    Attributes:
        pause: Seconds between two polls where the vendor names none.
        longest: Seconds after which an export is given up.
    """

    pause: float = 10
    longest: float = 3600

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``; the parameters of the request are what is posted."""
        started = client.send(
            request.url,
            method="POST",
            json=dict(request.params),
            headers=request.headers,
            tenant=request.tenant,
            expect=_operation,
        )
        done = self._wait(
            client, Request(next_address(request.url, _operation(started)), tenant=request.tenant)
        )
        if done is None:
            yield Page([])
            return
        address = next_address(request.url, done)
        manifest = client.send(address, tenant=request.tenant, expect=_blobs)
        yield from _downloaded(client, manifest)
        if _version(client.send(address, tenant=request.tenant, expect=_blobs)) != _version(manifest):
            raise Inconsistent(f"{safe_url(address)} became another version while its blobs were read")

    def _wait(self, client: Client, request: Request) -> str | None:
        """Return where the manifest is, None if there is nothing to export."""
        began = client.clock.monotonic()
        while True:
            answer = client.send(request.url, tenant=request.tenant, expect=_state)
            state = _state(answer)
            if state == "succeeded":
                return _manifest_address(answer)
            if state == "failed":
                _expect_no_data(client, answer)
                return None
            asked = retry_after(answer.headers.get("Retry-After"), client.clock.now()) or self.pause
            pause = max(asked, _SHORTEST_PAUSE)
            if client.clock.monotonic() - began + pause > self.longest:
                raise Unavailable(
                    f"{safe_url(request.url)} was not ready after {self.longest / 60:.0f} minutes"
                )
            client.clock.sleep(pause)


def _operation(started: Answer) -> str:
    operation = started.headers.get("Location")
    if not operation:
        raise Malformed(f"{safe_url(started.url)} started an export without saying where it can be watched")
    return operation


def _state(answer: Answer) -> str:
    state = str(at(answer.body, "status")).lower()
    if state not in _STATES:
        raise Malformed(f"{safe_url(answer.url)} has a status that is not documented: {state[:40]}")
    if state == "succeeded":
        _manifest_address(answer)
    return state


def _manifest_address(answer: Answer) -> str:
    """Return where the manifest is: Microsoft's documents link it, Microsoft's own client finds it inside."""
    body = answer.body
    found = body.get("resourceLocation@odata.navigationLink") if isinstance(body, Mapping) else None
    if isinstance(found, str) and found:
        return found
    inside = at(body, "resourceLocation.id")
    if isinstance(inside, str) and inside:
        return f"{answer.url.rsplit('/operations/', 1)[0]}/manifests/{quote(inside, safe='')}"
    raise Malformed(f"{safe_url(answer.url)} succeeded without saying where the manifest is")


def _expect_no_data(client: Client, answer: Answer) -> None:
    code, message = at(answer.body, "error.code"), at(answer.body, "error.message")
    if code != NO_DATA:
        said = client.redactor.clean(f'"{message}" (code {code})')
        raise Unavailable(f"{safe_url(answer.url)} failed: {said[:240]}")


def _version(manifest: Answer) -> str:
    tag = at(manifest.body, "eTag")
    if not isinstance(tag, str) or not tag:
        raise Malformed(f"{safe_url(manifest.url)} is no manifest: its eTag is missing")
    return tag


def _blobs(manifest: Answer) -> list[str]:
    """Return the names of the blobs, in an order that does not depend on the answer's."""
    where = safe_url(manifest.url)
    _version(manifest)
    blobs, root, signature = (at(manifest.body, name) for name in ("blobs", "rootDirectory", "sasToken"))
    names = [at(blob, "name") for blob in blobs] if isinstance(blobs, list) else [None]
    if not all(isinstance(text, str) and text for text in [root, signature, *names]):
        raise Malformed(f"{where} is no manifest: rootDirectory, sasToken or the names of blobs are missing")
    if any(part in ("", ".", "..") for name in names for part in name.split("/")):
        raise Malformed(f"{where} names a blob outside its directory")
    if len(set(names)) != len(names):
        raise Inconsistent(f"{where} names a blob twice")
    if number_at(manifest, "blobCount") != len(names):
        raise Inconsistent(f"{where} states {at(manifest.body, 'blobCount')} blobs and names {len(names)}")
    if str(at(manifest.body, "dataFormat")).lower() not in _PACKED:
        raise Malformed(
            f"{where} offers a format that is not documented: {str(at(manifest.body, 'dataFormat'))[:40]}"
        )
    return sorted(names)


def _downloaded(client: Client, manifest: Answer) -> Iterator[Page]:
    root, signature = str(at(manifest.body, "rootDirectory")), str(at(manifest.body, "sasToken")).lstrip("?")
    for secret in (signature, *(value for name, value in parse_qsl(signature) if name == "sig")):
        client.redactor.add(secret)
    for name in _blobs(manifest):
        url = f"{root.rstrip('/')}/{quote(name, safe='/')}?{signature}"
        yield from _records(client.lines(url, is_packed=True), url)


def _records(lines: Iterator[bytes], url: str) -> Iterator[Page]:
    found: list[Json] = []
    for line in lines:
        if line.strip():
            found.append(decoded(line, url))
        if len(found) == _RECORDS:
            yield Page(found)
            found = []
    yield Page(found)
