"""From page to page: which comes next, which was the last, and whether all were there.

Belongs here: one paginator per way that vendors page. Each is told how once, in a declaration, and yields
pages; none can turn in a circle, and none takes a short answer for the end where the vendor says how many
there are. Does not: sending (``client``), asynchronous exports (``exports``), what the ways have in common
(``pages``), what a record is (``walk``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from connectors.http.client import Client
from connectors.http.errors import Inconsistent, Malformed, OutOfBounds
from connectors.http.json_answers import Answer, Json, at
from connectors.http.link_header import next_link
from connectors.http.origins import next_address
from connectors.http.paginator_base import (
    Page,
    Request,
    Visited,
    counted,
    key_at,
    listed,
    number_at,
    said,
    send,
)
from connectors.http.redaction import safe_url

_WHOLE = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True)
class OnePage:
    """Everything in one answer; a next link in it, if the vendor should ever send one, is an error and not
    passed over.
    """

    more: str = ""

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""
        answer = send(client, request, records)
        if self.more and key_at(answer.body, self.more):
            raise Inconsistent(f"{safe_url(request.url)} has more than the one page it is documented to have")
        yield Page(listed(answer, records))


@dataclass(frozen=True)
class OneRecord:
    """A single record, which is the answer itself; it must have the field ``key``, or it is an error told
    with status 200.
    """

    key: str = "id"

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``; ``records`` is the dotted path of the record."""

        def expect(answer: Answer) -> None:
            if at(at(answer.body, records), self.key) is None:
                raise Malformed(f"{safe_url(answer.url)} answered without {self.key}{said(answer.body)}")

        answer = client.send(
            request.url, params=request.params, headers=request.headers, tenant=request.tenant, expect=expect
        )
        yield Page([at(answer.body, records)])


@dataclass(frozen=True)
class PageNumber:
    """Pages by number. ``total``, ``pages``, ``number`` are the dotted paths of what the answer says of
    itself, where it does.

    The end is the page the vendor's own count names as the last; without any count it is the first empty
    page, never a short one. Where nothing is counted, the same page twice is that of a vendor who does not
    know the parameter.
    """

    size: int
    first: int = 1
    page_param: str = "page"
    size_param: str = "pageSize"
    total: str = ""
    page_count: str = ""
    number: str = ""

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""
        visited = Visited(request.url)
        number, received = self.first, 0
        count: int | None = None
        before: list[Json] = []
        while True:
            visited.enter(str(number))
            answer = send(
                client,
                request.with_params(**{self.page_param: str(number), self.size_param: str(self.size)}),
                records,
            )
            page = Page(listed(answer, records), number_at(answer, self.total))
            stated = number_at(answer, self.number)
            if stated is not None and stated != number:
                raise Inconsistent(
                    f"{safe_url(request.url)} was asked for page {number} and sent page {stated}"
                )
            moved, count = count, number_at(answer, self.page_count)
            if moved not in (None, count):
                raise Inconsistent(f"{safe_url(request.url)} said there are {moved} pages, then {count}")
            if count is None and page.total is None and page.records and page.records == before:
                raise Inconsistent(f"{safe_url(request.url)} sent the same page again as page {number}")
            before = page.records
            received += len(page.records)
            yield page
            number += 1
            if self._is_last(count, page, number - self.first, received):
                return
            if not page.records:
                raise Inconsistent(f"{safe_url(request.url)} sent an empty page before its last one")

    def _is_last(self, count: int | None, page: Page, read: int, received: int) -> bool:
        if count is not None:
            return read >= count
        return received >= page.total if page.total is not None else not page.records


@dataclass(frozen=True)
class Offset:
    """Pages by the number of records to pass over. As long as an answer has a ``link`` to more, more is asked
    for; links are not followed.

    A stated ``total`` that fits the page counts the page, as in Microsoft's samples; else it counts the walk.
    """

    size: int
    link: str
    total: str = ""
    offset_param: str = "offset"
    size_param: str = "size"

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""
        visited = Visited(request.url)
        received = 0
        while True:
            visited.enter(str(received))
            answer = send(
                client,
                request.with_params(**{self.size_param: str(self.size), self.offset_param: str(received)}),
                records,
            )
            yield counted(answer, records, self.total)
            received += len(listed(answer, records))
            link = at(answer.body, self.link)
            if not link:
                return
            _expect_home(request, at(link, "uri"))


@dataclass(frozen=True)
class LinkHeader:
    """Pages by a Link header (RFC 8288) with rel="next"; the last page has none. ``params`` and ``headers``
    start the walk.

    A proxy that takes the header away would make a short walk of it: ``count`` is what is appended to the
    address to ask first how many records there are, in the vendor's words ``{"count": 7}``.
    """

    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    count: str = ""

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
            yield Page(listed(answer, records), total)
            following = self._next(answer, following)

    def _total(self, client: Client, request: Request) -> int | None:
        def expect(answer: Answer) -> None:
            if number_at(answer, "count") is None:
                raise Malformed(f"{safe_url(answer.url)} answered without count{said(answer.body)}")

        url = request.url + self.count
        return number_at(
            client.send(
                url, params=request.params, headers=request.headers, tenant=request.tenant, expect=expect
            ),
            "count",
        )

    def _next(self, answer: Answer, current: Request) -> Request | None:
        link = next_link(answer)
        return None if link is None else replace(current, url=next_address(current.url, link), params={})


def forward_only(size: int, count: str = "") -> LinkHeader:
    """Return ConnectWise's forward-only paging: asked for by a header, then by the page id in each Link
    header.
    """
    return LinkHeader({"pageSize": str(size)}, {"pagination-type": "forward-only"}, count)


@dataclass(frozen=True)
class AfterId:
    """Pages by the id of the last record received; the end is an empty page, for a short one may be anything.

    Ids must be whole numbers that rise: in a list of any other order the vendor would pass records over.
    """

    key: str
    size: int
    after_param: str = "after"
    size_param: str = "pageSize"

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""
        visited = Visited(request.url)
        following = request.with_params(**{self.size_param: str(self.size)})
        last = -1
        while True:
            answer = send(client, following, records)
            found = listed(answer, records)
            for record in found:
                last = self._risen(record, last, request)
            yield Page(found)
            if not found:
                return
            visited.enter(str(last))
            following = following.with_params(**{self.after_param: str(last)})

    def _risen(self, record: Json, last: int, request: Request) -> int:
        found = at(record, self.key)
        if not isinstance(found, str) or not _WHOLE.fullmatch(found):
            raise Malformed(f"{safe_url(request.url)} sent a record whose {self.key} is no whole number")
        if int(found) <= last:
            raise Inconsistent(
                f"{safe_url(request.url)} is not in the order of {self.key}, so that records may have been"
                " passed over"
            )
        return int(found)


@dataclass(frozen=True)
class Token:
    """Pages by a token or cursor in the body, at the dotted path ``token``; the last page has none, or an
    empty one.

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
    """Pages by the address of the next one in the body; it must stay on the origin. The last page has
    none.
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


def _expect_home(request: Request, uri: Json) -> None:
    """Refuse a link to more that leads to another host, although links are not followed."""
    if isinstance(uri, str) and "://" in uri:
        next_address(request.url, uri)


@dataclass(frozen=True)
class ContinuationToken:
    """Partner Center's paging: a token among the headers of ``links.next``, sent back as a header with
    ``seekOperation=Next``.

    The address in ``links.next.uri`` is not followed: the vendor's own documents show it damaged. It must
    stay on the origin all the same.
    """

    header: str = "MS-ContinuationToken"
    link: str = "links.next"
    total: str = "totalCount"

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""
        visited = Visited(request.url)
        following = request
        while True:
            answer = send(client, following, records)
            yield counted(answer, records, self.total)
            link = at(answer.body, self.link)
            if link is None:
                return
            token = self._token(link, request)
            visited.enter(token)
            following = replace(
                request.with_params(seekOperation="Next"), headers={**request.headers, self.header: token}
            )

    def _token(self, link: Json, request: Request) -> str:
        _expect_home(request, at(link, "uri"))
        headers = at(link, "headers")
        for entry in headers if isinstance(headers, list) else ():
            value = at(entry, "value")
            if str(at(entry, "key")).lower() == self.header.lower() and isinstance(value, str) and value:
                if not (value.isascii() and value.isprintable()):
                    raise OutOfBounds(f"{safe_url(request.url)} sent a token that fits no header")
                return value
        raise Malformed(f"{safe_url(request.url)} names a next page without its {self.header}")
