"""Where records come from, as a declaration: an endpoint, its lookups, and its tenants.

What belongs here: the vocabulary. What does not: walking (``connectors.http.walk``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.http.paging.base import Paginator
from connectors.http.paging.numbered import OnePage

Record = dict[str, str | bool | None]
"""A record with nested objects made flat (``company.id``), numbers as text, lists as JSON text."""


@dataclass(frozen=True)
class Endpoint:
    """Where records of one kind come from.

    Attributes:
        name: Plural noun for people; the last word of fields that its children keep of it.
        path: Address after the source's base address, or a whole one. ``{name}`` in it is filled in and
            quoted: a setting, a fact of the period (``period``, ``start``, ``end`` exclusive, ``last``,
            ``today``) or, in a child, ``parent.field``.
        records: Dotted path of the list in an answer; empty if the answer is the list. A ``?`` after it: the
            list may be absent, if the object around it is there (``result.items?``).
        key: Fields that identify a record; a record that comes twice with other content is an error. Records
            without them have no identity: equal ones are distinguished by ``_copy``, 0, 1 and so on.
        required: Fields every record must have (the vendor's schema), as flat names.
        params: Parameters, filled in like the path.
        headers: Headers, filled in as well.
        method: ``GET``, or another whose repetition changes nothing.
        body: What is sent as JSON, filled in like the path at any depth; the paginator's parameters then
            stand in it, too, and not in the address.
        paginator: How the vendor pages.
        parent: Records whose fields the path needs: the endpoint is walked once for each.
        alias: What a child calls this record: its fields become ``alias.field`` in the child's records.
        explode: A list inside each record whose items are the records proper; the rest of the record is kept
            as ``alias.field``, an item's place in the list, from 1, as ``_item``. A ``?`` after it: the list
            may be absent.
        keep_empty: Whether a record whose list is empty is kept without an item, for a mapping to say what
            that means.
        left_out: Fields of a record, and of the items taken out of it, that are not kept: keys, people's
            addresses and other things that a vendor sends along and that no month needs.
        tenant: The tenant whose credentials sign, filled in like the path.
        permission: What an administrator must grant, for people.
        wanted: Which of its records have children, for an endpoint that is a parent.
        handed_down: Which of its fields its children get; empty: all of them.
        belongs: Which of its records are of the month (decided by the facts), for a vendor whose interface
            has no filter by month. The others are received, counted against the vendor's total, and passed
            over.
        tally: The number that each record adds to a sum (None: nothing). After the last record of a parent,
            or the last item of an exploded record, comes one more, the parent or the rest of the record with
            the sum as ``_tally``, so that a mapping can compare a document's figure with its lines.
        lookups: The records of other endpoints that each of its records is given.
    """

    name: str
    path: str
    records: str = ""
    key: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: Mapping[str, object] | None = None
    paginator: Paginator = field(default_factory=OnePage)
    parent: Endpoint | Tenants | None = None
    alias: str = ""
    explode: str = ""
    keep_empty: bool = False
    left_out: tuple[str, ...] = ()
    tenant: str = ""
    permission: str = ""
    wanted: Callable[[Record], bool] = lambda record: True
    handed_down: tuple[str, ...] = ()
    belongs: Callable[[Record, Mapping[str, str]], bool] = lambda record, facts: True
    tally: Callable[[Record], str | bool | None] | None = None
    lookups: tuple[Lookup, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a list that may be absent with nothing around it: any error would be an empty answer."""
        if self.records.endswith("?") and "." not in self.records:
            raise ValueError(f"{self.name}: {self.records} needs an object around it that is always there")

    @property
    def root(self) -> Endpoint:
        """The endpoint itself, or the one above it that needs no other record."""
        return self.parent.root if isinstance(self.parent, Endpoint) else self


@dataclass(frozen=True)
class Lookup:
    """Records of another endpoint that are attached to a record: a list as JSON text, empty
    where there are none.

    Attributes:
        name: The field of the record that holds them.
        endpoint: Where they come from, walked once for each address; fields of the record and of its parents
            fill it in. It has no parent.
        same: A field of the record, and the field in which those it is given are equal to it.
        wanted: Which records get the field; the others do not have it.
    """

    name: str
    endpoint: Endpoint
    same: tuple[str, str]
    wanted: Callable[[Record], bool] = lambda record: True


@dataclass(frozen=True)
class Tenants:
    """Parents listed in mbr.yml: one record ``{alias}.id`` for each word of a setting."""

    setting: str
    alias: str = "tenant"


@dataclass
class Count:
    """What was received from one endpoint: answers, records, and records received
    twice with equal content.
    """

    pages: int = 0
    rows: int = 0
    repeated: int = 0
    reported: int | None = None
