"""A pack of evidence: what is in it, and that it says the same whenever it is made.

Belongs here: `mbr evidence`, and checking what it wrote. Does not: packs that were changed
(``test_sealed_again``), time stamps (``test_stamp``).
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
from pathlib import Path

from click.testing import CliRunner, Result

from mbr_pipeline.cli.evidence import command as evidence
from mbr_pipeline.cli.verify import command as verify
from mbr_pipeline.release.verify.workspace import check_workspace
from tests.release.evidence.handmade_version import HOSTILE, HandmadeMonth
from tests.release.evidence.looking import PACK, found_in, members
from tests.support.small import PERIOD, write


def made(month: HandmadeMonth, *arguments: str) -> Result:
    """Run `mbr evidence`."""
    asked = ["--workspace", str(month.root), "--msp", "acme", "--period", PERIOD]
    return CliRunner().invoke(evidence, [*asked, *arguments])


def test_the_same_content_is_the_same_bytes_and_nothing_is_entered(closed: HandmadeMonth) -> None:
    first, head = (closed.root / PACK).read_bytes(), closed.head()
    for path in closed.root.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))
    assert made(closed, "--with-files").exit_code == 0
    assert (closed.root / PACK).read_bytes() == first
    assert closed.head() == head


def test_what_a_killed_writer_left_is_a_warning_until_the_pack_is_written(closed: HandmadeMonth) -> None:
    left = closed.root / f"exports/acme/{PERIOD}/.evidence-v1.zip.building"
    left.write_bytes(b"PK")
    checked = check_workspace(closed.workspace)
    assert (checked.faults, [f.kind for f in checked.warnings]) == ([], ["added"])
    assert made(closed, "--with-files").exit_code == 0
    assert check_workspace(closed.workspace).findings == []


def test_what_is_in_a_pack(closed: HandmadeMonth) -> None:
    """15 tables; the seven landed files, two rule files and the settings are recorded inputs."""
    with_files = members(closed.root / PACK)
    assert made(closed).exit_code == 0
    without = members(closed.root / PACK)
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
    assert len([name for name in without if name.startswith("tables/")]) == 15
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
    document = json.loads(members(closed.root / PACK)["settings.json"])
    assert list(document) == ["msp"]
    assert document["msp"]["name"] == "acme"
    assert b"other" not in members(closed.root / PACK)["settings.json"]


def test_rules_that_changed_later_are_known_by_their_hash_alone(closed: HandmadeMonth) -> None:
    write(closed.root / "rules/acme/sku_map.csv", "source,sku_id,product_code\n")
    assert made(closed).exit_code == 0
    inputs = {each["file"]: each for each in json.loads(members(closed.root / PACK)["inputs.json"])}
    assert inputs["rules/acme/sku_map.csv"]["packed"] is None
    assert "changed after the month was closed" in inputs["rules/acme/sku_map.csv"]["note"]
    assert found_in(closed.root / PACK) == []


def test_a_landed_file_that_changed_is_not_packed_as_if_it_were_the_one(closed: HandmadeMonth) -> None:
    before = (closed.root / PACK).read_bytes()
    write(closed.root / "landing/acme" / PERIOD / "psa/clients.csv", "x")
    done = made(closed, "--with-files")
    assert "psa/clients.csv is not the file that was closed" in str(done.exception)
    assert getattr(done.exception, "exit_code", None) == 3
    assert (closed.root / PACK).read_bytes() == before
    assert made(closed).exit_code == 0


def test_a_pack_of_what_is_not_as_recorded_is_said_at_once(closed: HandmadeMonth) -> None:
    """An export that was cut off after its entry, or whose folder was removed."""
    shutil.rmtree(closed.exported / "csv")
    done = made(closed)
    assert getattr(done.exception, "exit_code", None) == 1
    assert "was written and does not hold" in str(done.exception)
    assert "exports/csv: entry" in str(done.exception)


def test_a_month_that_was_never_closed_has_no_evidence(closed: HandmadeMonth) -> None:
    for arguments in (["--version", "2"], ["--period", "2026-09"], ["--msp", "other"]):
        done = made(closed, *arguments)
        assert getattr(done.exception, "exit_code", None) == 2, arguments
        assert "close" in str(done.exception)


def test_the_page_escapes_what_vendors_say_and_loads_nothing(closed: HandmadeMonth) -> None:
    page = members(closed.root / PACK)["README.html"].decode()
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
    rows = list(csv.DictReader(io.StringIO(members(closed.root / PACK)["exceptions.csv"].decode())))
    assert rows[0]["explanation"].startswith("'=1+1")
    assert rows[0]["client_recoverable"] == "8.0000"


def test_a_pack_is_checked_alone_in_an_empty_folder(closed: HandmadeMonth, tmp_path: Path) -> None:
    empty = tmp_path / "auditor"
    empty.mkdir()
    shutil.copyfile(closed.root / PACK, empty / "evidence-v1.zip")
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
    page = members(closed.root / PACK)["README.html"].decode()
    lines = re.findall(r"<pre>(import hashlib.*?)</pre>", page, re.DOTALL)[0]
    with zipfile.ZipFile(closed.root / PACK) as archive:
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


def test_the_json_of_both_commands(closed: HandmadeMonth) -> None:
    written = json.loads(made(closed, "--with-files", "--json").stdout.splitlines()[-1])
    assert written["path"] == PACK
    assert written["sha256"] == hashlib.sha256((closed.root / PACK).read_bytes()).hexdigest()
    assert written["chain_head"] == closed.head()
    told = json.loads(CliRunner().invoke(verify, [str(closed.root / PACK), "--json"]).stdout)
    assert (told["ok"], told["msp_id"], told["period"], told["version"]) == (True, "acme", PERIOD, 1)
    assert told["chain_head"]["hash"] == closed.head()
