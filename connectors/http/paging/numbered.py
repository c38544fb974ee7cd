"""Paginators that count: which page comes next, which was the last, and whether all were there.

What belongs here: one paginator per way of paging. Each is configured once, in a declaration, and yields
pages. None can loop, and none takes a short answer for the end where the vendor states a total. What does
not: sending (``client``), asynchronous exports (``exports``), what all paginators share (``base``), what a
record is (``connectors.http.walk``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.http.client import Client
from connectors.http.errors import Inconsistent, Malformed
from connectors.http.json_answers import Answer, Json, at, said
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
from connectors.http.redaction import safe_url

_WHOLE = re.compile(r"\d{1,18}", re.ASCII)


@dataclass(frozen=True)
class OnePage:
    """Everything in one answer, as many as its ``total`` says if it has one; a next link in it, if the vendor
    should ever send one, is an error and not passed over. ``whole`` is a field of every good answer: where it
    is there, a list that is null is an empty one.
    """

    more: str = ""
    total: str = ""
    whole: str = ""

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""

        def is_empty(answer: Answer) -> bool:
            is_whole = bool(self.whole) and at(answer.body, self.whole) is not None
            return is_whole and at(answer.body, records) is None

        answer = request.sent(client, lambda answer: is_empty(answer) or listed(answer, records))
        if is_empty(answer):
            yield Page([])
            return
        if self.more and key_at(answer.body, self.more):
            raise Inconsistent(f"{safe_url(request.url)} has more than the one page it is documented to have")
        yield Page(listed(answer, records), number_at(answer, self.total))


@dataclass(frozen=True)
class OneRecord:
    """A single record, which is the answer itself; without the field ``key``, it is an error
    sent with status 200.
    """

    key: str = "id"

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``; ``records`` is the dotted path of the record."""

        def expect(answer: Answer) -> None:
            if at(at(answer.body, records), self.key) is None:
                raise Malformed(f"{safe_url(answer.url)} answered without {self.key}{said(answer.body)}")

        answer = request.sent(client, expect)
        yield Page([at(answer.body, records)])


@dataclass(frozen=True)
class PageNumber:
    """Pages by number. ``total``, ``pages``, ``number`` are the dotted paths of what the answer says of
    itself, where it does.

    The end is the page the vendor's own count names as the last; without any count it is the first
    empty page, never a short one. Where nothing is counted, the same page twice means that the vendor
    does not know the parameter.
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
    """Pages by the number of records to pass over. As long as an answer has a ``link`` to more, or is as long
    as a page can be, more is asked for; links are not followed.

    A stated ``total`` that fits the page counts the page, as in Microsoft's samples; else it counts the walk.
    """

    size: int
    link: str
    total: str = ""
    offset_param: str = "offset"
    size_param: str = "size"

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""
        visited, counted = Visited(request.url), Counted(records, self.total)
        received = 0
        before: list[Json] = []
        while True:
            visited.enter(str(received))
            answer = send(
                client,
                request.with_params(**{self.size_param: str(self.size), self.offset_param: str(received)}),
                records,
            )
            found = listed(answer, records)
            if found and found == before:
                where = safe_url(request.url)
                raise Inconsistent(f"{where} sent the same records for {self.offset_param} {received}")
            yield counted.page(answer)
            received, before = received + len(found), found
            link = at(answer.body, self.link)
            if link:
                expect_home(request, at(link, "uri"))
            elif len(found) < self.size:
                return


@dataclass(frozen=True)
class AfterId:
    """Pages by the id of the last record received; the end is an empty page, for a short one may be anything.

    Ids must be whole numbers that rise: in a list of any other order the vendor would pass records over.
    """

    key: str
    size: int
    after_param: str = "after"
    size_param: str = "pageSize"
    total: str = ""

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
            yield Page(found, number_at(answer, self.total))
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
