"""What each target of an export holds: its files, and what its manifest says of them.

What belongs here: choosing rows and putting a target together. What does not: columns (the modules of the
targets), folders and entries (``placing``, ``command``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.release.exports import tables
from mbr_pipeline.release.exports.claims import claims
from mbr_pipeline.release.exports.content import Content
from mbr_pipeline.release.exports.files import File
from mbr_pipeline.release.exports.focus import charges
from mbr_pipeline.release.exports.invoices.differences import changed
from mbr_pipeline.release.exports.invoices.formats import QUICKBOOKS, XERO, import_files
from mbr_pipeline.release.exports.invoices.lines import Line, grouped, whole
from mbr_pipeline.release.exports.invoices.words import words_for
from mbr_pipeline.release.exports.manifest import written

TARGETS = ("xero", "quickbooks", "csv", "xlsx", "psa", "claims", "focus")
ACCOUNTING = ("xero", "quickbooks")
_OF_READY_LINES = (*ACCOUNTING, "csv", "xlsx")

OPTIONS = {"full": ACCOUNTING, "all": ("psa",)}
"""The options, and the targets that take them."""

_FORMATS = {"xero": XERO, "quickbooks": QUICKBOOKS}


@dataclass(frozen=True)
class Export:
    """What is written.

    Attributes:
        files: The files.
        clients: The clients whose lines are in them; None where it is the vendors' side.
        expected: Σ that the files must have, by currency; None where the tables say nothing about money.
        tax_mode: What must be chosen when an invoice file is imported.
        notes: What the manifest says beside.
    """

    files: list[File]
    clients: frozenset[str] | None = None
    expected: Mapping[str, Decimal] | None = None
    tax_mode: str | None = None
    notes: dict[str, object] = field(default_factory=dict)


def refuse_wrong(target: str, options: Collection[str]) -> None:
    """Refuse what is no target, and options that it does not take.

    Raises:
        ConfigError: It is so.
    """
    if target not in TARGETS:
        raise ConfigError(f"{target!r} is no target: use one of {', '.join(TARGETS)}")
    for option in sorted(options):
        if target not in OPTIONS[option]:
            raise ConfigError(f"--{option} is for {' and '.join(OPTIONS[option])}, not for {target}")


def export_of(content: Content, target: str, earlier: Sequence[Content], is_all: bool) -> Export:
    """Return what a target gets of a month.

    Args:
        content: The month.
        target: One of :data:`TARGETS`.
        earlier: The versions that are in the accounting system, newest first; none where everything is
            written.
        is_all: Of the PSA's changes, those too that nobody approved.

    Raises:
        ConfigError: The accounting system's words for a client or product are missing.
        GateClosed: A landed file is not as it was when the month was closed.
    """
    if target in ACCOUNTING:
        return _accounting(content, target, earlier)
    held: dict[str, object] = {"held": sorted(content.held)}
    if target in _OF_READY_LINES:
        expected = content.ready_totals(content.passing)
        file = tables.ready_lines(content, target)
        return Export([file], content.passing, expected, notes=held)
    if target == "psa":
        return Export([tables.psa_changes(content, is_all)], content.passing, notes=held)
    return Export(claims(content) if target == "claims" else [charges(content)])


def _accounting(content: Content, target: str, earlier: Sequence[Content]) -> Export:
    settings = getattr(content.workspace.settings.exports, target)
    lines: list[Line] = []
    expected: dict[str, Decimal] = defaultdict(Decimal)
    before = {client: _newest_with(earlier, client) for client in sorted(_exported_in(earlier))}
    known = {client: each for client, each in before.items() if each is not None}
    held_now = sorted(known.keys() & content.held)
    fresh = content.passing - known.keys()
    lines += whole(content, fresh)
    _add(expected, content.ready_totals(fresh), 1)
    for client, base in known.items():
        if client not in content.held:
            lines += changed(content, base, client)
            _add(expected, content.ready_totals(frozenset([client])), 1)
            _add(expected, base.ready_totals(frozenset([client])), -1)
    words = words_for(
        content.workspace,
        content.month.msp_id,
        (line.client_id for line in lines),
        (line.product_code for line in lines),
    )
    found = grouped(content, lines, settings)
    notes: dict[str, object] = {
        "credit_notes": [
            {
                "invoice": invoice.number,
                "client_id": invoice.client_id,
                "currency": invoice.currency,
                "total": written(invoice.total, invoice.currency),
            }
            for invoice in found.invoices
            if invoice.total < 0
        ],
        "held": sorted(content.held),
        "held_since_exported": held_now,
        "renumbered": [
            dict(zip(("invoice", "client_id", "currency", "number"), each, strict=True))
            for each in found.renumbered
        ],
    }
    files = import_files(_FORMATS[target], target, found.invoices, words, settings)
    clients = (content.passing | known.keys()) - content.held
    return Export(files, clients, expected, settings.tax_mode, notes)


def _exported_in(earlier: Sequence[Content]) -> set[str]:
    return {client for each in earlier for client in each.passing}


def _newest_with(earlier: Sequence[Content], client: str) -> Content | None:
    return next((each for each in earlier if client in each.passing), None)


def _add(sums: dict[str, Decimal], amounts: Mapping[str, Decimal], sign: int) -> None:
    for currency, amount in amounts.items():
        sums[currency] += sign * amount
