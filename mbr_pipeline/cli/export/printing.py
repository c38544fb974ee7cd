"""What `mbr export` prints for people.

What belongs here: words. What does not: options.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mbr_pipeline.release.exports.command import Exported
from mbr_pipeline.safe_text import short


def print_done(done: Exported) -> None:
    """Print which files were written, their sums, and what a person must know about them."""
    manifest = done.manifest
    about = f"{manifest['msp_id']} {manifest['period']} version {manifest['version']} to {manifest['target']}"
    if done.state == "finished":
        print(f"{about}: the export that was cut off is finished under its entry {manifest['entry_id']}")
    elif done.state == "dry_run":
        print(f"{about}: dry run, nothing was written")
    else:
        print(f"{about}: exported, entry {manifest['entry_id']}")
    for file in manifest["files"]:
        print(f"  {file['name']:24} {_counted(file['rows'], 'row')}")
    if not manifest["files"]:
        print("  no file: there is nothing to export")
    if manifest["compared_with"]:
        print(f"  what differs from version {manifest['compared_with']}, which was exported before")
    for currency, amount in manifest["exported"].items():
        print(f"  in the files: {amount} {currency}")
    for currency, total in manifest["totals"].items():
        print(f"  {currency}: landed {total['before']}, ready {total['after']}")
    _print_notes(manifest)
    if done.folder:
        print(f"  in {done.folder}")


def _print_notes(manifest: Mapping[str, Any]) -> None:
    if manifest["tax_mode"]:
        print(f"  amounts are tax {manifest['tax_mode']}: choose so at the import")
    for note in manifest.get("credit_notes", ()):
        client = short(note["client_id"])
        print(f"  credit note: {short(note['invoice'])} of {client}, {note['total']} {note['currency']}")
    for note in manifest.get("renumbered", ()):
        client, number = short(note["client_id"]), short(note["number"])
        print(f"  {short(note['invoice'])} is shared: for {client} it is {number}")
    if manifest.get("held"):
        print(f"  held, in no file: {', '.join(map(short, manifest['held']))}")
    if manifest.get("held_since_exported"):
        print(f"  exported before and held now: {', '.join(map(short, manifest['held_since_exported']))}")


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
