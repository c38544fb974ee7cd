"""What all paginators share: requests, pages, their lists and counts, and the check that no page comes twice.

What belongs here: what the paginators share. What does not: the ways of paging (``numbered``, ``linked``,
``connectors.http.paging.exports``), sending (``connectors.http.client``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from connectors.http.client import Client
from connectors.http.errors import Inconsistent, Malformed
from connectors.http.json_answers import Answer, Json, at, said
from connectors.http.origins import next_address
from connectors.http.redaction import safe_url

MOST_PAGES = 100_000


@dataclass(frozen=True)
class Request:
    """One request of a walk; ``tenant`` names the tenant whose credentials sign it."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    tenant: str = ""
    method: str = "GET"
    body: Mapping[str, object] | None = None

    def with_params(self, **params: str) -> Request:
        """Return the request with more parameters: in its body, if it has one."""
        if self.body is not None:
            return replace(self, body={**self.body, **params})
        return replace(self, params={**self.params, **params})

    def sent(self, client: Client, expect: Callable[[Answer], object]) -> Answer:
        """Send it; see ``Client.send``."""
        return client.send(
            self.url,
            method=self.method,
            params=self.params,
            headers=self.headers,
            json=self.body,
            tenant=self.tenant,
            expect=expect,
        )


@dataclass(frozen=True)
class Page:
    """The records of one answer, and how many the vendor says there are in all, where it says so."""

    records: list[Json]
    total: int | None = None


class Paginator(Protocol):
    """A vendor's way of paging."""

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """Yield the pages of a request; ``records`` is the dotted path of the list in an answer, empty if the
        answer is the list.

        Raises:
            FetchError: Its subclasses say what to do.
        """


def send(client: Client, request: Request, records: str) -> Answer:
    """Send one request of a walk whose answer must hold the list of records."""

    def expect(answer: Answer) -> None:
        listed(answer, records)

    return request.sent(client, expect)


def listed(answer: Answer, records: str) -> list[Json]:
    """Return the list of records in an answer.

    Raises:
        Malformed: There is none: it is an error sent with status 200, or another document.
    """
    path = records.removesuffix("?")
    found = at(answer.body, path)
    if found is None and path != records and isinstance(at(answer.body, path.rpartition(".")[0]), Mapping):
        return []
    if not isinstance(found, list):
        raise Malformed(
            f"{safe_url(answer.url)} answered without the list {records or 'of records'}{said(answer.body)}"
        )
    return found


def number_at(answer: Answer, path: str) -> int | None:
    """Return a count that an answer states at a dotted path; None if it states none.

    Raises:
        Malformed: The value there is not a count.
    """
    found = at(answer.body, path) if path else None
    if found is None:
        return None
    if not isinstance(found, str) or not found.isascii() or not found.isdigit():
        raise Malformed(f"{safe_url(answer.url)} states {path} as something that is no count")
    return int(found)


class Visited:
    """Refuses a page that the walk has read before."""

    def __init__(self, where: str) -> None:
        """Begin a walk; ``where`` is its address, for people."""
        self._where = where
        self._seen: set[str] = set()

    def enter(self, token: str) -> None:
        """Note a page by what leads to it.

        Raises:
            Inconsistent: It was read before, or there are too many.
        """
        if token in self._seen:
            raise Inconsistent(f"{safe_url(self._where)} points back to a page that was read already")
        if len(self._seen) >= MOST_PAGES:
            raise Inconsistent(f"{safe_url(self._where)} has more than {MOST_PAGES} pages")
        self._seen.add(token)


def key_at(body: Json, name: str) -> Json:
    """Return a value by its whole name if there is one (``@odata.nextLink`` has a dot in it),
    else by dotted path.
    """
    return body[name] if isinstance(body, Mapping) and name in body else at(body, name)


class Counted:
    """Takes a stated total as that of the page while it fits the pages, as in Microsoft's samples; from the
    first page that it does not fit, as that of the walk.
    """

    def __init__(self, records: str, total: str) -> None:
        """Begin a walk; both are dotted paths in its answers."""
        self._records, self._total = records, total
        self._is_of_walk = False

    def page(self, answer: Answer) -> Page:
        """Return an answer as a page."""
        found = listed(answer, self._records)
        stated = number_at(answer, self._total)
        self._is_of_walk = self._is_of_walk or stated not in (None, len(found))
        return Page(found, stated if self._is_of_walk else None)


def expect_home(request: Request, uri: Json) -> None:
    """Refuse a link to more that leads to another host, although links are not followed."""
    if isinstance(uri, str) and "://" in uri:
        next_address(request.url, uri)
