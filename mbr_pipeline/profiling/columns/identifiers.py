"""Ids of a proposed profile: customers, products, lines, and headings of sections.

What belongs here: columns that tell records apart. What does not: categories, numbers, dates.
Two ids that do not go together in every row are a question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from connectors.counted import plural
from connectors.datasets import Dataset
from connectors.mapped.words import TODO
from mbr_pipeline.profiling.by_rows.ids import (
    finest_of,
    id_of_several,
    ids_beside,
    is_of_lines,
    names_more,
    one_with_name,
)
from mbr_pipeline.profiling.headings import Match, folded, score
from mbr_pipeline.profiling.proposal import Proposal, heading_of
from mbr_pipeline.profiling.sample import Sample
from mbr_pipeline.profiling.words.meanings import MEANINGS, STATUSES
from mbr_pipeline.profiling.words.synonyms import HEADINGS

_MADE = ("line_id", "agreement_line_id", "invoice_line_id")

_REFERRED = ("client_id", "product_code")
"""Ids that other exports of the same system refer to: which of two they use is not in this file."""

_IDS = ("vendor_customer_id", "sku_id", "client_id", "product_code")

_CUSTOMERS = ("vendor_customer_id", "client_id")

_WEAK = (
    "account name|account id|account number|project id|project name|billing account id|billing account name|"
    "subscription name|domain|domain name|primary domain"
)
"""Names of what may be a customer, or a part or a group of customers."""

_PARTS = ("id", "name", "site", "site id", "site name", "group", "group id", "group name")
"""Headings of what an account is divided into, each of which may be a customer."""

_NAME_OF = {
    "vendor_customer_id": "vendor_customer_name",
    "sku_id": "sku_name",
    "client_id": "client_name",
    "product_code": "product_name",
}


def identifiers(proposal: Proposal, sample: Sample, dataset: Dataset, matches: Mapping[str, Match]) -> None:
    """Propose ids by their names; two that do not go together in every row are a question."""
    for column in dataset.columns:
        if column.name not in _IDS:
            continue
        heading = heading_of(proposal.columns.get(column.name))
        name = _NAME_OF.get(column.name, "")
        if column.name in proposal.columns and column.name not in matches:
            continue  # told by the rows
        if not heading and column.name not in matches and (named := heading_of(proposal.columns.get(name))):
            rivals = [
                h
                for h in sample.headings
                if h != named and sample.values(h) and score(h, HEADINGS[dataset.name][name])[0] > 97
            ]
            if column.name in _REFERRED and rivals:
                both = " or ".join(f"“{h}”" for h in (named, *rivals))
                proposal.put(column.name, TODO, f"{both}: which do other exports name?", (named, *rivals))
                continue
            if column.name == "vendor_customer_id" and score(named, _WEAK)[0] > 97:
                parts = [h for h in sample.headings if folded(h) in _PARTS and sample.values(h)]
                also = f", or each {' or '.join(f'“{h}”' for h in parts)}" if parts else ""
                options = (named, *parts)
                proposal.put(column.name, TODO, f"“{named}”: is this the customer{also}?", options)
                _name_of_a_part(proposal, sample, name, named, parts)
                continue
            if column.name == "vendor_customer_id" and ids_beside(proposal, sample, column.name, named):
                continue
            proposal.put(column.name, named, f"no id is named: “{named}” is what tells one from another")
            continue
        several = matches[column.name].headings if column.name in matches else ()
        if (
            not heading
            and column.name in _CUSTOMERS
            and (one := one_with_name(sample, dataset, name, several) or id_of_several(sample, several))
        ):
            proposal.put(column.name, *one)
            continue
        if not heading and several and column.name not in _REFERRED:
            proposal.put(column.name, several[0], f"{matches[column.name].why}, and go together in every row")
            heading = several[0]
        if not heading:
            continue
        if column.name in _CUSTOMERS and (
            named := names_more(sample, heading, HEADINGS[dataset.name].get(name, ""))
        ):
            why = f"“{heading}” or “{named}”: one “{heading}” stands with several of the names"
            proposal.put(column.name, TODO, why, (heading, named))
            continue
        is_weak = column.name == "vendor_customer_id" and (
            dataset.name == "vendor_charges" or "domain" in folded(heading).split()
        )
        if is_weak and score(heading, _WEAK)[0] > 97:
            named = heading_of(proposal.columns.get(name))
            if named and named != heading and "domain" in folded(heading).split():
                if not ids_beside(proposal, sample, column.name, named):
                    options = (heading, named)
                    why = f"“{heading}” or “{named}”: which tells your customers apart?"
                    proposal.put(column.name, TODO, why, options)
                continue
            proposal.put(
                column.name, TODO, f"“{heading}”: does one stand for each of your customers?", (heading,)
            )
            continue
        others = [
            other
            for other in sample.headings
            if other != heading
            and score(other, HEADINGS[dataset.name][column.name].split(">")[0])[0] > 97
            and sample.values(other)
            and not is_of_lines(sample, other)
        ]
        if column.name == "sku_id" and (finest := finest_of(sample, [heading, *others])):
            proposal.put(column.name, finest, f"each “{finest}” has one of the others, but not the other way")
            continue
        apart = [other for other in others if not _go_together(sample, heading, other)]
        parts = [h for h in sample.headings if h in (heading, *others)]
        if column.name == "sku_id" and sorted(folded(h) for h in parts) == ["product id", "sku id"]:
            parts = sorted(parts, key=folded)
            joined: dict[str, Any] = {"joined": parts, "by": ":"}
            if any(folded(h) == "availability id" for h in sample.headings):
                proposal.put(
                    column.name, joined, "Microsoft's SKU is a product's: its id alone is not unique"
                )
            else:
                proposal.put(column.name, TODO, "“ProductId” or “SkuId”, or both joined?", (*parts, joined))
        elif apart and column.name == "sku_id":
            joined = {"joined": parts[:2], "by": ":"}
            both = " or ".join(f"“{h}”" for h in parts)
            proposal.put(column.name, TODO, f"{both}: they do not go together", (*parts, joined))
        elif apart:
            both = " or ".join(f"“{h}”" for h in (heading, *apart))
            proposal.put(column.name, TODO, f"{both}: they do not go together", (heading, *apart))


def _name_of_a_part(proposal: Proposal, sample: Sample, column: str, named: str, parts: list[str]) -> None:
    """An account that is the same in every row names no customer; what it is divided into may."""
    called = [h for h in parts if "name" in folded(h).split()]
    if len(sample.rows) > 1 and len(set(sample.values(named))) == 1 and len(called) == 1:
        proposal.put(column, called[0], f"“{named}” is the same in every row")


def name_of_ids(proposal: Proposal, sample: Sample) -> None:
    """A name that is the same in every row names none of several customers: of ids that are answered, the
    only name that goes together with them does.
    """
    ids, named = (
        heading_of(proposal.columns.get(name)) for name in ("vendor_customer_id", "vendor_customer_name")
    )
    if not ids or not named or len(set(sample.values(named))) > 1 or len(set(sample.values(ids))) == 1:
        return
    called = [
        h for h in sample.headings if h and "name" in folded(h).split() and _go_together(sample, ids, h)
    ]
    if len(called) == 1:
        proposal.put("vendor_customer_name", called[0], f"“{named}” is the same in every row")


def _go_together(sample: Sample, one: str, other: str) -> bool:
    """Whether each text of one column stands with one of the other, both ways; one pair shows nothing."""
    pairs = {(row.get(one, ""), row.get(other, "")) for row in sample.rows}
    return 1 < len({a for a, _ in pairs}) == len(pairs) == len({b for _, b in pairs})


def line_id(proposal: Proposal, sample: Sample, dataset: Dataset, matches: Mapping[str, Match]) -> None:
    """An identifier must be different in every row; where none does, it is made of the content."""
    name = next((name for name in dataset.identity if name in _MADE), None)
    if name is None:
        return
    headings = [heading_of(proposal.columns.get(column)) for column in dataset.identity]
    reason = "no heading fits"
    if proposal.columns.get(name, TODO) != TODO:
        rows = Counter(tuple(row.get(heading or "", "") for heading in headings) for row in sample.rows)
        own = heading_of(proposal.columns[name]) or ""
        if max(rows.values()) == 1 and all(row.get(own) for row in sample.rows):
            if dataset.name == "agreements" and "agreement_id" not in proposal.columns:
                proposal.put("agreement_id", own, "no agreement is named: each line is one of its own")
            document = headings[0] or own
            if document != own and len(set(sample.values(own))) < len(sample.rows):
                why = f"“{own}” is there again in each “{document}”: both together are not"
                proposal.put(name, {"joined": [document, own], "by": ":"}, why)
            return
        reason = f"“{own}” is not another in every row"
    elif name in matches:
        return  # several headings fit: a person decides
    proposal.put(name, {"made_of": "content"}, f"{reason}: equal rows of a file are counted")


def sections(proposal: Proposal, sample: Sample) -> None:
    """Ask what rows with nothing but a first cell are headings of."""
    if sample.sections:
        proposal.ask(
            "sections",
            f"{plural(len(sample.sections), 'row has', 'rows have')} only “{sample.sections[0]}” or the like:"
            " what are they the headings of? sections: Customer makes a column of them",
            ("Customer", "Product"),
        )


def status(proposal: Proposal, sample: Sample, dataset: Dataset) -> None:
    """Read only rows that are active by their status; any other text of it is a question."""
    found = [h for h in sample.headings if sample.values(h) and score(h, STATUSES)[0] > 97]
    if dataset.name not in ("license_counts", "agreements") or not found:
        return
    texts = list(dict.fromkeys(row.get(found[0], "") for row in sample.rows))
    active = [text for text in texts if folded(text) in MEANINGS["active"].split("|")]
    only = {"only": {found[0]: active or texts[:1]}}
    if active == texts:
        before = proposal.words.get("where", {})
        proposal.words["where"] = {**before, **only}
        proposal.why["where"] = "rows of another status are passed over"
    else:
        others = ", ".join(text or "nothing" for text in texts if text not in active)
        proposal.ask_rows(f"“{found[0]}” says {others}: do such rows count?", (only,))
