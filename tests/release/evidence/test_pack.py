"""A pack of evidence: what is in it, that it says the same whenever it is made, and that it is checked alone.

Belongs here: `mbr evidence`, and `mbr verify PACK`. Does not: checks that packs share with a workspace
(``test_verify``), time stamps.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mbr_pipeline.cli.evidence import command as evidence
from mbr_pipeline.cli.verify import command as verify
from mbr_pipeline.release.evidence import sealed_zip
from mbr_pipeline.release.verify.findings import Checked, Finding
from mbr_pipeline.release.verify.packs import check_pack
from mbr_pipeline.release.verify.workspace import check_workspace
from tests.release.evidence.handmade_version import HOSTILE, HandmadeMonth
from tests.support.small import PERIOD, write

_PACK = f"exports/acme/{PERIOD}/evidence-v1.zip"
Members = dict[str, bytes]


def made(month: HandmadeMonth, *arguments: str) -> Result:
    """Run `mbr evidence`."""
    asked = ["--workspace", str(month.root), "--msp", "acme", "--period", PERIOD]
    return CliRunner().invoke(evidence, [*asked, *arguments])


def members(pack: Path) -> Members:
    """Return what is in a pack."""
    with zipfile.ZipFile(pack) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def found_in(pack: Path) -> list[Finding]:
    """Return what is wrong with a pack."""
    checked = Checked()
    check_pack(checked, pack, "pack")
    return checked.faults


def test_the_same_content_is_the_same_bytes_and_nothing_is_entered(closed: HandmadeMonth) -> None:
    first, head = (closed.root / _PACK).read_bytes(), closed.head()
    for path in closed.root.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))
    assert made(closed, "--with-files").exit_code == 0
    assert (closed.root / _PACK).read_bytes() == first
    assert closed.head() == head


def test_what_a_killed_writer_left_is_a_warning_until_the_pack_is_written(closed: HandmadeMonth) -> None:
    left = closed.root / f"exports/acme/{PERIOD}/.evidence-v1.zip.building"
    left.write_bytes(b"PK")
    checked = check_workspace(closed.workspace)
    assert (checked.faults, [f.kind for f in checked.warnings]) == ([], ["added"])
    assert made(closed, "--with-files").exit_code == 0
    assert check_workspace(closed.workspace).findings == []


def test_what_is_in_a_pack(closed: HandmadeMonth) -> None:
    """13 tables; the seven landed files, two rule files and the settings are recorded inputs."""
    with_files = members(closed.root / _PACK)
    assert made(closed).exit_code == 0
    without = members(closed.root / _PACK)
    assert sorted(with_files.keys() - without.keys()) == sorted(
        f"inputs/landing/acme/{PERIOD}/{name}"
        for name in (
            "psa/agreements.csv", "psa/clients.csv", "psa/invoice_lines.csv", "psa/products.csv",
            "vendor/license_counts.csv", "vendor/vendor_charges.csv", "vendor/vendor_invoices.csv",
        )
    )  # fmt: skip
    assert {name for name in without if "/" not in name} == {
        "README.html", "bridge.csv", "chain.jsonl", "clients.csv", "controls.csv", "decisions.csv",
        "exceptions.csv", "inputs.json", "manifest.json", "ready_lines.csv", "settings.json", "software.json",
        "suites.json", "version.json",
    }  # fmt: skip
    assert len([name for name in without if name.startswith("tables/")]) == 13
    assert {"exports/csv/lines.csv", "exports/csv/manifest.json"} <= without.keys()
    assert {"inputs/rules/acme/client_map.csv", "inputs/rules/acme/sku_map.csv"} <= without.keys()
    assert len(json.loads(without["inputs.json"])) == 10
    suites = json.loads(without["suites.json"])
    assert all(len(suite["expectations"]) == suite["evaluated"] > 0 for suite in suites)
    listed = {each["name"]: each["sha256"] for each in json.loads(without["manifest.json"])["files"]}
    assert listed == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in without.items()
        if name != "manifest.json"
    }


def test_what_a_pack_says_of_other_msps_is_nothing(closed: HandmadeMonth) -> None:
    document = json.loads(members(closed.root / _PACK)["settings.json"])
    assert list(document) == ["msp"]
    assert document["msp"]["name"] == "acme"
    assert b"other" not in members(closed.root / _PACK)["settings.json"]


def test_rules_that_changed_later_are_known_by_their_hash_alone(closed: HandmadeMonth) -> None:
    write(closed.root / "rules/acme/sku_map.csv", "source,sku_id,product_code\n")
    assert made(closed).exit_code == 0
    inputs = {each["file"]: each for each in json.loads(members(closed.root / _PACK)["inputs.json"])}
    assert inputs["rules/acme/sku_map.csv"]["packed"] is None
    assert "changed after the month was closed" in inputs["rules/acme/sku_map.csv"]["note"]
    assert found_in(closed.root / _PACK) == []


def test_a_landed_file_that_changed_is_not_packed_as_if_it_were_the_one(closed: HandmadeMonth) -> None:
    before = (closed.root / _PACK).read_bytes()
    write(closed.root / "landing/acme" / PERIOD / "psa/clients.csv", "x")
    done = made(closed, "--with-files")
    assert "psa/clients.csv is not the file that was closed" in str(done.exception)
    assert getattr(done.exception, "exit_code", None) == 3
    assert (closed.root / _PACK).read_bytes() == before
    assert made(closed).exit_code == 0


def test_a_month_that_was_never_closed_has_no_evidence(closed: HandmadeMonth) -> None:
    for arguments in (["--version", "2"], ["--period", "2026-09"], ["--msp", "other"]):
        done = made(closed, *arguments)
        assert getattr(done.exception, "exit_code", None) == 2, arguments
        assert "close" in str(done.exception)


def test_the_page_escapes_what_vendors_say_and_loads_nothing(closed: HandmadeMonth) -> None:
    page = members(closed.root / _PACK)["README.html"].decode()
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"(?!#|data:,\")", page) == []
    assert "default-src 'none'" in page
    assert "http:" not in page and "https:" not in page
    for told in (
        "UNDERBILLED_QUANTITY",
        "Called the vendor, they agree.",
        "The client disputes it.",
        "80.00",
    ):
        assert told in page
    assert closed.head() in page


def test_text_that_a_spreadsheet_would_run_begins_with_an_apostrophe(closed: HandmadeMonth) -> None:
    rows = list(csv.DictReader(io.StringIO(members(closed.root / _PACK)["exceptions.csv"].decode())))
    assert rows[0]["explanation"].startswith("'=1+1")
    assert rows[0]["client_recoverable"] == "8.0000"


def test_a_pack_is_checked_alone_in_an_empty_folder(closed: HandmadeMonth, tmp_path: Path) -> None:
    empty = tmp_path / "auditor"
    empty.mkdir()
    shutil.copyfile(closed.root / _PACK, empty / "evidence-v1.zip")
    shutil.rmtree(closed.root)
    done = subprocess.run(
        [sys.executable, "-c", "from mbr_pipeline.cli import main; main()", "verify", "evidence-v1.zip"],
        cwd=empty,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"acme {PERIOD} version 1; the chain in the pack ends with ")
    assert [path.name for path in empty.iterdir()] == ["evidence-v1.zip"]


def test_the_python_lines_of_the_page_check_a_pack_without_mbr(closed: HandmadeMonth, tmp_path: Path) -> None:
    page = members(closed.root / _PACK)["README.html"].decode()
    lines = re.findall(r"<pre>(import hashlib.*?)</pre>", page, re.DOTALL)[0]
    with zipfile.ZipFile(closed.root / _PACK) as archive:
        archive.extractall(tmp_path / "unpacked")
    done = subprocess.run(
        [sys.executable, "-c", lines],
        cwd=tmp_path / "unpacked",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == f"all files and 3 entries agree; the head is {closed.head()}\n"


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
    found = members(closed.root / _PACK)
    change(found)
    sealed_zip.write(closed.root / _PACK, found)
    told = {(finding.place, finding.kind) for finding in found_in(closed.root / _PACK)}
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


def test_the_json_of_both_commands(closed: HandmadeMonth) -> None:
    written = json.loads(made(closed, "--with-files", "--json").stdout.splitlines()[-1])
    assert written["path"] == _PACK
    assert written["sha256"] == hashlib.sha256((closed.root / _PACK).read_bytes()).hexdigest()
    assert written["chain_head"] == closed.head()
    told = json.loads(CliRunner().invoke(verify, [str(closed.root / _PACK), "--json"]).stdout)
    assert (told["ok"], told["msp_id"], told["period"], told["version"]) == (True, "acme", PERIOD, 1)
    assert told["chain_head"]["hash"] == closed.head()
