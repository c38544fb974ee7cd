"""Paging in a query language: ``select``, with the position of the first record wanted in the statement.

What belongs here: composing the statements, and where a walk over their answers ends. What does not: what is
selected (the declarations), ways of paging by parameters (``numbered``).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connectors.http.client import Client
from connectors.http.errors import Inconsistent, Malformed
from connectors.http.json_answers import Answer, Json, said
from connectors.http.paging.base import Page, Request, Visited, listed, number_at, send
from connectors.http.redaction import safe_url


@dataclass(frozen=True)
class Select:
    """Pages of ``select * <what> orderby <order> startposition <n> maxresults <size>``, where ``<what>`` is
    the request's parameter ``param``, such as ``from Invoice where Balance > '0'``.

    Where ``total`` says at which dotted path an answer counts, ``select count(*) <what>`` is asked first, and
    the pages must hold as many. The end is the first empty page: neither the count, which may be too small,
    nor a short page. ``position`` and ``held`` are the paths at which a page says where it begins and how
    many records it holds, where it does.
    """

    size: int
    order: str
    total: str = ""
    position: str = ""
    held: str = ""
    param: str = "query"

    def pages(self, client: Client, request: Request, records: str) -> Iterator[Page]:
        """See ``Paginator``."""
        what = request.params[self.param]
        total = self._count(client, request, what) if self.total else None
        visited, received = Visited(request.url), 0
        before: list[Json] = []
        while True:
            visited.enter(str(received))
            ordered = f"orderby {self.order} startposition {received + 1} maxresults {self.size}"
            answer = send(client, request.with_params(**{self.param: f"select * {what} {ordered}"}), records)
            found = listed(answer, records)
            for stated, true in ((self.position, received + 1), (self.held, len(found))):
                told = number_at(answer, stated)
                if found and told not in (None, true):
                    raise Inconsistent(f"{safe_url(request.url)} says {stated} is {told} where it is {true}")
            if found and found == before:
                raise Inconsistent(
                    f"{safe_url(request.url)} sent the same page again from record {received + 1} on"
                )
            before = found
            received += len(found)
            yield Page(found, total)
            if not found:
                return

    def _count(self, client: Client, request: Request, what: str) -> int | None:
        def expect(answer: Answer) -> None:
            if number_at(answer, self.total) is None:
                raise Malformed(f"{safe_url(answer.url)} answered without {self.total}{said(answer.body)}")

        counting = request.with_params(**{self.param: f"select count(*) {what}"})
        return number_at(counting.sent(client, expect), self.total)
