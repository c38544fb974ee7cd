"""Reading the rules of a folder.

Belongs here: what the tests of rules share. Does not: expectations.
"""

from __future__ import annotations

from pathlib import Path

from mbr_pipeline.workspace.rules import load_rules
from tests.support.small import write


def read(root: Path, name: str, text: str) -> list[dict[str, object]]:
    write(root / f"rules/acme/{name}.csv", text)
    rows: list[dict[str, object]] = load_rules(root, "acme")[name].to_pylist()
    return rows


HEAD = "source,vendor_customer_id,client_id,valid_from,valid_to\n"
