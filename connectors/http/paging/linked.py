"""Paginators that follow what an answer says about the next page: a link, an address, a token.

What belongs here: following, and ending when nothing follows. What does not: pages
that are counted (``numbered``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from connectors.http.client import Client
from connectors.http.errors import Malformed, OutOfBounds
from connectors.http.json_answers import Answer, Json, at, said
from connectors.http.origins import next_address
from connectors.http.paging.base import (
    Counted,
    Page,
    Request,
    Visited,
    expect_home,
    key_at,
    listed,
    number_at,
    send,
)
from connectors.http.paging.link_header import next_link
from connectors.http.redaction import safe_url


@dataclass(frozen=True)
class LinkHeader:
    """Pages by a Link header (RFC 8288) with rel="next"; the last page has none. ``params`` and ``headers``
    start the walk.

    A proxy that removes the header would cut the walk short. So ``count`` is appended to the address to ask
    first how many records there are, in the vendor's words ``{"count": 7}``; a vendor that says so in each
    answer has a ``total`` there.
    """

    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    count: str = ""
    total: str = ""

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""
        visited = Visited(request.url)
        total = self._total(client, request) if self.count else None
        following: Request | None = replace(
            request, params={**request.params, **self.params}, headers={**request.headers, **self.headers}
        )
        while following:
            visited.enter(following.url + str(sorted(following.params.items())))
            answer = send(client, following, records)
            stated = number_at(answer, self.total)
            yield Page(listed(answer, records), total if stated is None else stated)
            following = self._next(answer, following)

    def _total(self, client: Client, request: Request) -> int | None:
        def expect(answer: Answer) -> None:
            if number_at(answer, "count") is None:
                raise Malformed(f"{safe_url(answer.url)} answered without count{said(answer.body)}")

        url = request.url + self.count
        return number_at(replace(request, url=url).sent(client, expect), "count")

    def _next(self, answer: Answer, current: Request) -> Request | None:
        link = next_link(answer)
        return None if link is None else replace(current, url=next_address(current.url, link), params={})


def forward_only(size: int, count: str = "") -> LinkHeader:
    """Return ConnectWise's forward-only paging: asked for by a header, then by the page id
    in each Link header.
    """
    return LinkHeader({"pageSize": str(size)}, {"pagination-type": "forward-only"}, count)


@dataclass(frozen=True)
class Token:
    """Pages by a token or cursor in the body, at the dotted path ``token``; the last page has none,
    or an empty one.

    Where the vendor sends an ``envelope`` with every answer, an object that the token is in, an answer
    without it is not the last page.
    """

    token: str
    token_param: str
    size: int
    size_param: str
    total: str = ""
    envelope: str = ""

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""
        visited = Visited(request.url)
        following = request.with_params(**{self.size_param: str(self.size)})
        while True:
            answer = send(client, following, records)
            yield Page(listed(answer, records), number_at(answer, self.total))
            if self.envelope and not isinstance(at(answer.body, self.envelope), Mapping):
                raise Malformed(
                    f"{safe_url(request.url)} answered without {self.envelope}, so that nobody knows whether"
                    " more follows"
                )
            token = at(answer.body, self.token)
            if token is None or token == "":
                return
            if not isinstance(token, str):
                raise Malformed(f"{safe_url(request.url)} sent a {self.token} that is no text")
            visited.enter(token)
            following = following.with_params(**{self.token_param: token})


@dataclass(frozen=True)
class NextUrl:
    """Pages by the address of the next one in the body; it must stay on the origin. The
    last page has none.
    """

    link: str
    total: str = ""

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""
        visited = Visited(request.url)
        following = request
        while True:
            visited.enter(following.url)
            answer = send(client, following, records)
            yield Page(listed(answer, records), number_at(answer, self.total))
            link = key_at(answer.body, self.link)
            if link is None or link == "":
                return
            if not isinstance(link, str):
                raise Malformed(f"{safe_url(request.url)} sent a next page that is no address")
            following = replace(request, url=next_address(following.url, link), params={})


@dataclass(frozen=True)
class ContinuationToken:
    """Partner Center's paging: a token among the headers of ``links.next``, sent back as
    a header with ``seekOperation=Next``.

    The address in ``links.next.uri`` is not followed: the vendor's own documents show it damaged. It must
    stay on the origin all the same.
    """

    header: str = "MS-ContinuationToken"
    link: str = "links.next"
    total: str = "totalCount"

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""
        visited, counted = Visited(request.url), Counted(records, self.total)
        following = request
        while True:
            answer = send(client, following, records)
            yield counted.page(answer)
            link = at(answer.body, self.link)
            if link is None:
                return
            token = self._token(link, request)
            visited.enter(token)
            following = replace(
                request.with_params(seekOperation="Next"), headers={**request.headers, self.header: token}
            )

    def _token(self, link: Json, request: Request) -> str:
        expect_home(request, at(link, "uri"))
        headers = at(link, "headers")
        for entry in headers if isinstance(headers, list) else ():
            value = at(entry, "value")
            if str(at(entry, "key")).lower() == self.header.lower() and isinstance(value, str) and value:
                if not (value.isascii() and value.isprintable()):
                    raise OutOfBounds(f"{safe_url(request.url)} sent a token that fits no header")
                return value
        raise Malformed(f"{safe_url(request.url)} names a next page without its {self.header}")
