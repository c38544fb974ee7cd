"""`mbr verify PACK`: a pack that somebody changed and sealed again is told by its parts.

Belongs here: packs as they may be changed. Does not: what is in one (``test_pack``).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli.verify import command as verify
from mbr_pipeline.release.evidence import sealed_zip
from tests.release.evidence.handmade_version import HandmadeMonth
from tests.release.evidence.looking import PACK, found_in, members
from tests.support.small import PERIOD, write

Members = dict[str, bytes]


def without(name: str) -> Callable[[Members], None]:
    return lambda found: found.__delitem__(name)


def replaced(name: str, old: bytes, new: bytes) -> Callable[[Members], None]:
    def change(found: Members) -> None:
        assert old in found[name]
        found[name] = found[name].replace(old, new, 1)

    return change


def chain_lines(order: Callable[[list[bytes]], list[bytes]]) -> Callable[[Members], None]:
    """Change the chain, and the manifest with it, as somebody does who holds the pack."""

    def change(found: Members) -> None:
        found["chain.jsonl"] = b"".join(order(found["chain.jsonl"].splitlines(keepends=True)))
        relisted(found)

    return change


def relisted(found: Members) -> None:
    """Write the hashes of what is there into the manifest."""
    document = json.loads(found["manifest.json"])
    for each in document["files"]:
        each["sha256"] = hashlib.sha256(found[each["name"]]).hexdigest()
    found["manifest.json"] = json.dumps(document).encode()


def table_and_lists(found: Members) -> None:
    """Change a table, the version's manifest and the pack's manifest: only the entry is left."""
    table = found["tables/dim_sku.parquet"] = found["tables/dim_client.parquet"]
    document = json.loads(found["version.json"])
    document["tables"]["dim_sku"]["sha256"] = hashlib.sha256(table).hexdigest()
    found["version.json"] = json.dumps(document).encode()
    relisted(found)


def file_and_lists(found: Members) -> None:
    """Change an export with both manifests: only its entry is left."""
    found["exports/csv/lines.csv"] = b"client_id,amount\nC-1,79.00\n"
    document = json.loads(found["exports/csv/manifest.json"])
    document["files"][0]["sha256"] = hashlib.sha256(found["exports/csv/lines.csv"]).hexdigest()
    found["exports/csv/manifest.json"] = (json.dumps(document, indent=2) + "\n").encode()
    relisted(found)


def landed_and_list(found: Members) -> None:
    """Change a landed file and the pack's manifest: only the version's manifest is left."""
    found[f"inputs/landing/acme/{PERIOD}/psa/clients.csv"] = b"x"
    relisted(found)


CHANGED: dict[str, tuple[Callable[[Members], None], set[tuple[str, str]]]] = {
    "a file is missing": (without("bridge.csv"), {("pack/bridge.csv", "missing")}),
    "a file is added": (lambda found: found.update(more=b"x"), {("pack/more", "added")}),
    "a file is changed": (replaced("README.html", b"80.00", b"81.00"), {("pack/README.html", "changed")}),
    "the chain is missing": (without("chain.jsonl"), {("pack/chain.jsonl", "missing")}),
    "an entry is changed": (
        chain_lines(lambda lines: [lines[0], lines[1].replace(b"clerk1", b"clerk2"), lines[2]]),
        {("pack/chain.jsonl: entry 2 of acme", "changed")},
    ),
    "an entry is removed": (
        chain_lines(lambda lines: [lines[0], lines[2]]),
        {("pack/chain.jsonl: entry 3 of acme", "order"), ("pack/manifest.json", "changed")},
    ),
    "entries are reordered": (
        chain_lines(lambda lines: [lines[1], lines[0], lines[2]]),
        {("pack/chain.jsonl: entry 1 of acme", "order"), ("pack/chain.jsonl: entry 2 of acme", "order")},
    ),
    "the last entry is cut off": (
        chain_lines(lambda lines: lines[:2]),
        {("pack/manifest.json", "unknown_head"), ("pack/exports/csv/manifest.json", "changed")},
    ),
    "an entry is added": (
        chain_lines(lambda lines: [*lines, lines[2]]),
        {("pack/chain.jsonl: entry 3 of acme", "order")},
    ),
    "a line is written otherwise": (
        chain_lines(lambda lines: [lines[0].replace(b'": ', b'":  ', 1), *lines[1:]]),
        {("pack/chain.jsonl:1", "changed")},
    ),
    "a table is another": (table_and_lists, {("pack/version.json", "changed")}),
    "an export is another": (file_and_lists, {("pack/exports/csv/manifest.json", "changed")}),
    "another version is named": (
        replaced("manifest.json", b'"version": 1', b'"version": 2'),
        {("pack/manifest.json", "changed")},
    ),
    "a landed file is another": (
        landed_and_list,
        {(f"pack/inputs/landing/acme/{PERIOD}/psa/clients.csv", "changed")},
    ),
}


@pytest.mark.parametrize("case", CHANGED)
def test_a_pack_that_was_sealed_again_is_told_by_its_parts(closed: HandmadeMonth, case: str) -> None:
    change, expected = CHANGED[case]
    found = members(closed.root / PACK)
    change(found)
    sealed_zip.write(closed.root / PACK, found)
    told = {(finding.place, finding.kind) for finding in found_in(closed.root / PACK)}
    assert expected <= told, told


def test_no_byte_of_a_small_sealed_zip_can_change(tmp_path: Path) -> None:
    """Headers, times, attributes, compressed data with its padding, and the seal itself."""
    pack, changed = tmp_path / "pack.zip", tmp_path / "changed.zip"
    sealed_zip.write(pack, {"a.csv": b"a,b\n1,2\n" * 9, "ü.txt": b""})
    content = pack.read_bytes()
    assert sealed_zip.is_sealed(pack)
    for offset in range(len(content)):
        changed.write_bytes(content[:offset] + bytes([content[offset] ^ 1]) + content[offset + 1 :])
        assert not sealed_zip.is_sealed(changed), offset
    for other in (content[:-1], content + b"x", content[1:], b""):
        changed.write_bytes(other)
        assert not sealed_zip.is_sealed(changed)


def test_what_is_no_pack_is_one_line(tmp_path: Path) -> None:
    write(tmp_path / "pack.zip", "no zip file" * 20)
    done = CliRunner().invoke(verify, [str(tmp_path / "pack.zip")])
    assert done.exit_code == 1
    assert "it is no whole zip file" in done.output
    assert "\n" not in str(done.exception)
