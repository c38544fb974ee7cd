"""What part of the worklist is asked for: all of it stands in the page's address.

What belongs here: reading and writing the address. What does not: choosing findings by it (``items``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mbr_pipeline.serve.pages import number_of

SHOWN = {"todo": "To do", "decided": "Decided", "all": "All"}
GROUPS = {"": "no group", "client": "client", "code": "kind of finding", "source": "vendor or system"}
ORDERS = {"money": "most money first", "client": "client", "code": "kind of finding"}
PAGE = 100
NONE = "-"
"""What stands in the address for findings without a client, product or source."""
_LONGEST = 1000


@dataclass(frozen=True)
class Asked:
    """What is shown, in which order.

    Attributes:
        show: One of :data:`SHOWN`.
        by: One of :data:`GROUPS`.
        code: Findings of this code only; empty: of all, as in the others.
        q: Words that the finding names.
        sort: One of :data:`ORDERS`.
        page: From 1.
    """

    show: str = "todo"
    by: str = ""
    code: str = ""
    client: str = ""
    product: str = ""
    source: str = ""
    q: str = ""
    sort: str = "money"
    page: int = 1

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Asked:
        """Read an address's query; what it does not understand is as if it were not there."""
        texts = {name: given.get(name, "").strip()[:_LONGEST] for name in _TEXTS}
        return cls(
            show=_one_of(SHOWN, given.get("show"), "todo"),
            by=_one_of(GROUPS, given.get("by"), ""),
            sort=_one_of(ORDERS, given.get("sort"), "money"),
            page=number_of(given.get("page", "")),
            **texts,
        )

    @classmethod
    def read(cls, query: str) -> Asked:
        """Read a query that a form carried."""
        return cls.of(dict(parse_qsl(query[:40_000])))

    @property
    def query(self) -> str:
        """The address's query; empty for what is shown at first."""
        plain = Asked()
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return urlencode({name: value for name, value in fields.items() if value != getattr(plain, name)})

    def but(self, **changes: Any) -> str:
        """Return the query with something else, from the first page on."""
        return replace(self, **{"page": 1, **changes}).query

    @property
    def is_narrowed(self) -> bool:
        """Whether only some findings are asked for."""
        return any(getattr(self, name) for name in _TEXTS)


_TEXTS = ("code", "client", "product", "source", "q")


def _one_of(known: Mapping[str, str], given: str | None, default: str) -> str:
    return given if given is not None and given in known else default
