"""``manifest.json`` of an export: what it says, its one form, and its hash.

What belongs here: the document, and what it says in words. What does not: placing it (``placing``).

The entry has the manifest's hash, and the manifest the entry's id, which comes from the entry's hash: one of
them must be made without the other. The hash is that of the manifest without ``entry_id``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mbr_pipeline.decide.ledger.entries import canonical
from mbr_pipeline.release.exports.cells import money
from mbr_pipeline.safe_text import short

MANIFEST = "manifest.json"


def manifest_hash(manifest: Mapping[str, Any]) -> str:
    """Return what the entry of an export has as ``manifest``: SHA-256, in hex, of the canonical JSON text
    (that of entries) of the manifest without ``entry_id``.
    """
    rest = {name: value for name, value in manifest.items() if name != "entry_id"}
    return hashlib.sha256(canonical(rest).encode()).hexdigest()


def manifest_text(manifest: Mapping[str, Any]) -> str:
    """Return the file's text: with other bytes it is not the file that was placed."""
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def totals(before: Mapping[str, Decimal], after: Mapping[str, Decimal]) -> dict[str, dict[str, str]]:
    """Return Σ landed and Σ ready by currency, as text."""
    return {
        currency: {
            "before": written(before.get(currency, Decimal(0)), currency),
            "after": written(after.get(currency, Decimal(0)), currency),
        }
        for currency in sorted(before.keys() | after.keys())
    }


def sums(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    """Return amounts by currency, as text."""
    return {currency: written(amount, currency) for currency, amount in sorted(amounts.items())}


def written(amount: Decimal, currency: str) -> str:
    """Return an amount as text."""
    return format(money(amount, currency), "f")


def in_words(manifest: Mapping[str, Any]) -> list[str]:
    """Return what a person must know about an export, a line each; ids from outside are cut where long."""
    told = []
    if not manifest["files"]:
        told.append("no file: there is nothing to export")
    if manifest["compared_with"]:
        told.append(f"what differs from version {manifest['compared_with']}, which was exported before")
    told += [f"in the files: {amount} {currency}" for currency, amount in manifest["exported"].items()]
    for currency, total in manifest["totals"].items():
        told.append(f"{currency}: landed {total['before']}, ready {total['after']}")
    if manifest["tax_mode"]:
        told.append(f"amounts are tax {manifest['tax_mode']}: choose so at the import")
    for note in manifest.get("credit_notes", ()):
        client = short(note["client_id"])
        told.append(f"credit note: {short(note['invoice'])} of {client}, {note['total']} {note['currency']}")
    for note in manifest.get("renumbered", ()):
        client, number = short(note["client_id"]), short(note["number"])
        told.append(f"{short(note['invoice'])} is shared: for {client} it is {number}")
    if manifest.get("held"):
        told.append(f"held, in no file: {', '.join(map(short, manifest['held']))}")
    if manifest.get("held_since_exported"):
        told.append(f"exported before and held now: {', '.join(map(short, manifest['held_since_exported']))}")
    return told
