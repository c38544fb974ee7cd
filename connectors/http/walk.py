"""One endpoint from its first page to its last: every record once, and as many as the vendor says there are.

What belongs here: filling in addresses, walking the children of parent records, attaching lookups to records,
counting, and refusing duplicates that differ. What does not: which page comes next (``paging``), what a
record means (the declarations).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal

from connectors.guids import lower_guid
from connectors.http.client import Client
from connectors.http.endpoint import Count, Endpoint, Lookup, Record, Tenants
from connectors.http.errors import FetchError, Inconsistent, Malformed
from connectors.http.json_answers import Json, at
from connectors.http.paging.base import Request
from connectors.http.places import filled, filled_in
from connectors.http.redaction import safe_url
from connectors.plain_numbers import plain_decimal

_LONGEST = 100
_WIDE = Context(prec=250)
"""Sums of numbers up to this many characters are exact."""


@dataclass
class Walk:
    """Walks the endpoints of one source for one period.

    Attributes:
        base_url: What relative paths are appended to.
        facts: Values for the placeholders in addresses.
        counts: Grows while records are read, by endpoint name.
        seen: Called after each page with the endpoint's name and its count.
    """

    client: Client
    base_url: str
    facts: Mapping[str, str]
    seen: Callable[[str, Count], None] = lambda name, count: None
    counts: dict[str, Count] = field(default_factory=dict)
    _given: dict[str, dict[str | bool | None, str]] = field(default_factory=dict, repr=False)

    def records(self, endpoint: Endpoint) -> Iterator[Record]:
        """Yield every record of an endpoint once, those of parents first to last.

        Raises:
            FetchError: Not all records could be had; none of those yielded may be used. It shows no secret,
                whatever a vendor repeated.
        """
        try:
            yield from self._records(endpoint)
            return
        except FetchError as error:
            cleaned = self.client.cleaned(error)
        raise cleaned

    def _records(self, endpoint: Endpoint) -> Iterator[Record]:
        for parent in self._parents(endpoint.parent):
            total = Decimal(0)
            for record in self._children(endpoint, parent):
                if endpoint.tally and not endpoint.explode:
                    total = _WIDE.add(total, _number(endpoint.tally(record), endpoint.name))
                yield record
            if endpoint.tally and not endpoint.explode:
                yield {**parent, "_tally": f"{total:f}"}

    def _children(self, endpoint: Endpoint, parent: Record) -> Iterator[Record]:
        rows = self._walk(endpoint, self._request(endpoint, parent))
        # like parents, a walk that others would interrupt is first read to its end
        for row in list(rows) if endpoint.lookups else rows:
            record = {**parent, **row}
            yield {
                **record,
                **{one.name: self._looked_up(one, record) for one in endpoint.lookups if one.wanted(record)},
            }

    def _looked_up(self, lookup: Lookup, record: Record) -> str:
        own, theirs = lookup.same
        request = self._request(lookup.endpoint, record)
        address = f"{lookup.endpoint.name} by {theirs}: {request}"
        if address not in self._given:
            groups: dict[str | bool | None, list[Record]] = {}
            for each in self._walk(lookup.endpoint, request):
                groups.setdefault(_one_case(each.get(theirs)), []).append(each)
            groups.pop(None, None)
            # kept as text, because it stays in memory until the end of the walk
            self._given[address] = {
                value: json.dumps(group, ensure_ascii=False) for value, group in groups.items()
            }
        return self._given[address].get(_one_case(record.get(own)), "[]")

    def probe(self, endpoint: Endpoint) -> None:
        """Read the first page of an endpoint that needs no other one, for its first tenant, to learn whether
        it may be read at all.
        """
        parent = next(self._parents(endpoint.parent), {}) if isinstance(endpoint.parent, Tenants) else {}
        pages = endpoint.paginator.pages(self.client, self._request(endpoint, parent), endpoint.records)
        self.client.clean(lambda: next(iter(pages), None))

    def _parents(self, parent: Endpoint | Tenants | None) -> Iterator[Record]:
        """Yield parents under the names their children use. They are read to the end first: a walk should not
        wait in the middle.
        """
        if parent is None:
            yield {}
            return
        if isinstance(parent, Tenants):
            for word in dict.fromkeys(self.facts[parent.setting].split()):
                yield {f"{parent.alias}.id": word}
            return
        for record in list(self._records(parent)):
            if parent.wanted(record):
                yield {
                    (
                        name
                        if "." in name and name.split(".")[0] in self._aliases(parent)
                        else f"{parent.alias}.{name}"
                    ): value
                    for name, value in record.items()
                    if not parent.handed_down or name in parent.handed_down
                }

    def _aliases(self, endpoint: Endpoint) -> set[str]:
        above = endpoint.parent
        if isinstance(above, Tenants):
            return {above.alias}
        return {above.alias, *self._aliases(above)} if above else set()

    def _walk(self, endpoint: Endpoint, request: Request) -> Iterator[Record]:
        count = self.counts.setdefault(endpoint.name, Count())
        known: dict[tuple[str, ...], str] = {}
        total: int | None = None
        distinct = 0
        for page in endpoint.paginator.pages(self.client, request, endpoint.records):
            count.pages += 1
            if page.total is not None and total not in (None, page.total):
                raise Inconsistent(
                    f"{safe_url(request.url)} said there are {total} records, then {page.total}"
                )
            total = page.total if page.total is not None else total
            for item in page.records:
                record = self._flat(item, endpoint, request)
                if self._is_repeated(item, record, endpoint, known, request.url):
                    count.repeated += 1
                    continue
                distinct += 1
                if not endpoint.belongs(record, self.facts):
                    continue
                for row in self._exploded(item, record, endpoint, request):
                    count.rows += 1
                    yield row
            self.seen(endpoint.name, count)
        if total is not None:
            count.reported = (count.reported or 0) + total
            if total != distinct:
                raise Inconsistent(
                    f"{safe_url(request.url)} says there are {total} records and sent {distinct} different"
                    " ones"
                )

    def _flat(self, item: Json, endpoint: Endpoint, request: Request) -> Record:
        if not isinstance(item, Mapping):
            raise Malformed(f"{safe_url(request.url)} sent a record that is no object")
        record: Record = {}
        left_out = {endpoint.explode.removesuffix("?"), *endpoint.left_out}
        _flatten("", {name: value for name, value in item.items() if name not in left_out}, record)
        missing = [name for name in endpoint.required if record.get(name) is None]
        if missing:
            raise Malformed(f"{safe_url(request.url)} sent a record without {', '.join(missing)}")
        return record

    def _is_repeated(
        self, item: Json, record: Record, endpoint: Endpoint, known: dict[tuple[str, ...], str], url: str
    ) -> bool:
        """Whether the record came before; one without identity never did, and is distinguished from its
        equals by ``_copy``.
        """
        # a digest, because a month of daily usage has a million records
        content = hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()
        # a vendor may write the same identifier in capitals elsewhere
        key = tuple(
            str(lower_guid(str(record[name]))) for name in endpoint.key if record.get(name) is not None
        )
        if not key or len(key) < len(endpoint.key):
            known[content, ""] = str(int(known.get((content, ""), "-1")) + 1)
            record["_copy"] = known[content, ""]
            return False
        if key not in known:
            known[key] = content
            return False
        if known[key] != content:
            raise Inconsistent(
                f"{safe_url(url)} sent two different records with {', '.join(endpoint.key)} ="
                f" {', '.join(key)[:80]}"
            )
        return True

    def _exploded(self, item: Json, record: Record, endpoint: Endpoint, request: Request) -> Iterator[Record]:
        if not endpoint.explode:
            yield record
            return
        name = endpoint.explode.removesuffix("?")
        inside = at(item, name)
        inside = [] if inside is None and name != endpoint.explode else inside
        if not isinstance(inside, list) or not all(isinstance(each, Mapping) for each in inside):
            raise Malformed(f"{safe_url(request.url)} sent a record without its list {name}")
        whole = {f"{endpoint.alias}.{name}": value for name, value in record.items()}
        if not inside and endpoint.keep_empty:
            yield whole
        total = Decimal(0)
        for place, each in enumerate(inside, 1):
            row: Record = {}
            _flatten("", {name: value for name, value in each.items() if name not in endpoint.left_out}, row)
            row = {**whole, **row, "_item": str(place)}
            if endpoint.tally:
                total = _WIDE.add(total, _number(endpoint.tally(row), endpoint.name))
            yield row
        if endpoint.tally:
            yield {**whole, "_tally": f"{total:f}"}

    def _request(self, endpoint: Endpoint, parent: Record) -> Request:
        path = filled(endpoint.path, self.facts, parent, in_path=True)
        return Request(
            path if path.startswith(("https://", "http://")) else self.base_url.rstrip("/") + path,
            {name: filled(text, self.facts, parent) for name, text in endpoint.params.items()},
            {name: filled(text, self.facts, parent) for name, text in endpoint.headers.items()},
            filled(endpoint.tenant, self.facts, parent),
            endpoint.method,
            None if endpoint.body is None else filled_in(endpoint.body, self.facts, parent),
        )


def _one_case(value: str | bool | None) -> str | bool | None:
    return lower_guid(value) if isinstance(value, str) else value


def _number(value: str | bool | None, name: str) -> Decimal:
    text = plain_decimal(value) if isinstance(value, str) else "0" if value is None else None
    if text is None or len(text) > _LONGEST:
        raise Malformed(f"{name} hold an amount that is no number, or none of any use")
    return Decimal(text)


def _flatten(prefix: str, item: Mapping[str, Json], record: Record) -> None:
    for name, value in item.items():
        path = f"{prefix}{name}"
        if path in record:
            raise Malformed(f"a record has the field {path[:80]} twice")
        if isinstance(value, Mapping) and value:
            _flatten(f"{path}.", value, record)
        elif isinstance(value, (list, Mapping)):
            record[path] = json.dumps(value, ensure_ascii=False)
        else:
            record[path] = value
