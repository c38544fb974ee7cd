"""The pages of files: what is landed, dropping, landing, replacing, what is refused (contract §2.4).

Belongs here: pages over a month without a run. Does not: new sources and rejected rows
(``test_new_sources``).
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.decide.ledger.chains import appending
from mbr_pipeline.decide.ledger.entries import Draft, Entry
from mbr_pipeline.serve import app as application
from mbr_pipeline.serve.sections import SECTIONS
from mbr_pipeline.storage.database.opening import open_database
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.serve.browsing import Visitor, served
from tests.support.launching import bytes_below
from tests.support.small import LANDED, PERIOD, settings, write, write_msp

HERE = f"/m/acme/{PERIOD}/files"
CHARGES = LANDED["vendor/vendor_charges.csv"]
COUNTS = LANDED["vendor/license_counts.csv"]
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Acme's October without its vendor's seats, of which September's are landed; a second MSP beside it."""
    write(tmp_path / "mbr.yml", settings(["acme", "other"]))
    write_msp(tmp_path, "acme", {"vendor/license_counts.csv": None})
    write(tmp_path / "landing/acme/2026-09/vendor/license_counts.csv", COUNTS.replace("2026-10", "2026-09"))
    write_msp(tmp_path, "other")
    return tmp_path


@pytest.fixture
def visitor(root: Path) -> Iterator[Visitor]:
    with served(root) as (site, address):
        yield Visitor.by_link(site, address)


def drop(visitor: Visitor, *files: tuple[str, bytes | str], here: str = HERE) -> int:
    """Drop files, from the page of files; returns HTTP's status."""
    visitor.get(here)
    sent = [("files", (name, content)) for name, content in files]
    return visitor.post(f"{here}/drop", files=sent).status_code


def ids(visitor: Visitor) -> list[str]:
    """The dropped files of the last page."""
    return list(dict.fromkeys(re.findall(r'name="id" value="([0-9a-f]{32})"', visitor.page)))


def land(visitor: Visitor, **fields: str) -> int:
    """Land what the last page says is ready."""
    ready = re.findall(r'type="checkbox" name="id" value="([0-9a-f]{32})"', visitor.page)
    meant = re.findall(r'name="(as\.[0-9a-f]{32})" value="([^"]+)"', visitor.page)
    sent = [("id", each) for each in ready] + meant + list(fields.items())
    return visitor.post(f"{HERE}/land", sent).status_code


def entries(root: Path) -> list[Entry]:
    """Acme's chain."""
    return chain(WorkspacePaths(root), "acme")


def landed(root: Path) -> dict[str, bytes]:
    """What the landing zone holds."""
    return bytes_below(root / "landing")


def test_it_shows_what_is_there_and_what_is_missing(visitor: Visitor) -> None:
    visitor.get(HERE)
    assert "1 delivery is missing of 7: vendor license_counts" in visitor.text
    assert re.search(r"license counts (late|missing) expected by 2026-11-05", visitor.text)
    assert "clients.csv not run yet 39 B" in visitor.text


def test_a_file_is_dropped_looked_at_and_landed(visitor: Visitor, root: Path) -> None:
    before = landed(root)
    assert drop(visitor, ("license_counts.csv", COUNTS)) == 200
    assert landed(root) == before
    assert "It is license counts of vendor , for 2026-10." in visitor.text
    assert re.search(r"T-1 SKU-1 2026-10-01 10(\.0+)? 10(\.0+)?", visitor.text)  # the first rows, as read
    assert land(visitor) == 200
    assert "license_counts.csv landed as 2026-10/vendor/license_counts.csv (1 row)" in visitor.text
    new = {path: content for path, content in landed(root).items() if path not in before}
    assert list(new.values()) == [COUNTS.encode()]
    [entry] = entries(root)
    assert (entry.kind, entry.actor, entry.body["file"]) == (
        "land",
        "clerk1",
        "2026-10/vendor/license_counts.csv",
    )
    assert not list((root / "warehouse/tmp").rglob("content"))
    visitor.get(f"{HERE}/new")
    assert "No file waits" in visitor.text
    assert drop(visitor, ("seats.csv", COUNTS)) == 200
    assert "is landed already, as 2026-10/vendor/license_counts.csv" in visitor.text


def test_a_correction_takes_a_files_place_for_a_reason(visitor: Visitor, root: Path) -> None:
    drop(visitor, ("again.csv", CHARGES.replace("recurring,10,5.00,50.00", "recurring,12,5.00,60.00")))
    assert "does this file replace one of them, or count beside them?" in visitor.text
    assert "leave leaves" not in visitor.text
    [one] = ids(visitor)
    answer = {"id": one, "key": "replaces in 2026-10", "answer": "vendor_charges.csv"}
    visitor.post(f"{HERE}/answer", answer)
    assert "in place of vendor_charges.csv" in visitor.text and "60.00 USD" in visitor.text
    before = landed(root)
    assert land(visitor) == 422
    assert "Say why a landed file is replaced" in visitor.text
    assert (landed(root), entries(root)) == (before, [])
    assert land(visitor, reason=f"two seats were missing {HOSTILE}") == 200
    folder = root / "landing/acme/2026-10/vendor"
    assert (folder / ".superseded/vendor_charges.csv").read_text(encoding="utf-8") == CHARGES
    assert "60.00" in (folder / "vendor_charges.again.csv").read_text(encoding="utf-8")
    [entry] = entries(root)
    assert entry.body["replaces"] == "2026-10/vendor/vendor_charges.csv"
    assert entry.body["reason"] == f"two seats were missing {HOSTILE}"
    visitor.get(HERE)
    assert "replaced, kept: vendor_charges.csv" in visitor.text


def test_a_rejected_cell_is_marked_and_cannot_land(visitor: Visitor, root: Path) -> None:
    drop(visitor, ("license_counts.csv", COUNTS.replace(",10,10", f",{HOSTILE},10")))
    assert "cannot land" in visitor.text
    assert f"2 entitled_quantity {HOSTILE}" in visitor.text
    assert (
        "<mark>&lt;img src=x onerror=alert(1)&gt;</mark>" in visitor.page and "<img src=x" not in visitor.page
    )
    [one] = ids(visitor)
    before = landed(root)
    forged = {"id": one, f"as.{one}": "2026-10/vendor/license_counts/"}
    assert visitor.post(f"{HERE}/land", forged).status_code == 409
    assert (landed(root), entries(root)) == (before, [])


def test_what_is_seen_is_what_lands(visitor: Visitor, root: Path) -> None:
    """Somebody lands another file meanwhile."""
    drop(visitor, ("license_counts.new.csv", COUNTS))
    write(root / "landing/acme/2026-10/vendor/license_counts.csv", COUNTS.replace(",10,10", ",9,9"))
    before = landed(root)
    assert land(visitor) == 409
    assert "What you saw has changed meanwhile, and nothing was landed" in visitor.text
    assert "does this file replace one of them" in visitor.text
    assert (landed(root), entries(root)) == (before, [])


ELSEWHERE = (
    "../../mbr.csv",
    "..\\..\\mbr.csv",
    "/etc/cron.d/x.csv",
    ".hidden.csv",
    "..",
    "a\u202evsc.csv",
    "x" * 130 + ".csv",
    "mbr.yml",
    "run.exe",
)


def test_names_that_lead_elsewhere_are_refused(visitor: Visitor, root: Path) -> None:
    before = bytes_below(root)
    assert drop(visitor, *((name, COUNTS) for name in ELSEWHERE), ("license_counts.csv", COUNTS)) == 200
    assert visitor.text.count("nothing was taken of it") == len(ELSEWHERE) == 9
    assert "1 file taken" in visitor.text
    made = {path: content for path, content in bytes_below(root).items() if path not in before}
    assert {Path(path).name for path in made if "dropped" in path} == {"content", "about.json"}
    assert all(path.startswith("warehouse/") for path in made), made


def test_a_name_may_say_anything_else_and_lands_as_plain_letters(visitor: Visitor, root: Path) -> None:
    drop(visitor, (f"{HOSTILE}=2+3&'.csv", COUNTS))
    assert "<img src=x" not in visitor.page and HOSTILE in visitor.text
    assert land(visitor) == 200
    names = {path.name for path in (root / "landing/acme/2026-10/vendor").glob("license*")}
    assert names == {"license_counts.img-src-x-onerror-alert-1-2-3-.csv"}


def test_a_closed_month_takes_nothing(visitor: Visitor, root: Path) -> None:
    drop(visitor, ("license_counts.csv", COUNTS))
    page = visitor.page
    with appending(open_database(WorkspacePaths(root).ledger)) as chains:
        chains.append("acme", [Draft("close", PERIOD, {"version": "1"}, "owner1")])
    before = landed(root)
    assert land(visitor) == 409
    assert "acme 2026-10 is closed (version 1, by owner1" in visitor.text and "mbr reopen" in visitor.text
    visitor.page = page
    sent = [("files", ("x.csv", "a,b\n1,2\n"))]
    assert visitor.post(f"{HERE}/drop", files=sent).status_code == 409
    assert landed(root) == before
    assert len(list((root / "warehouse/tmp/dropped").rglob("content"))) == 1
    visitor.get(HERE)
    assert 'type="file"' not in visitor.page and "is closed (version 1" in visitor.text


def test_a_dropped_file_is_of_its_msp_and_month(visitor: Visitor, root: Path) -> None:
    drop(visitor, ("license_counts.csv", COUNTS))
    [one] = ids(visitor)
    for here in (f"/m/other/{PERIOD}/files", "/m/acme/2026-09/files"):
        assert visitor.get(f"{here}/new/{one}").status_code == 404
        visitor.get(f"{here}/new")
        assert visitor.post(f"{here}/throw", {"id": one}).status_code == 404
        assert visitor.post(f"{here}/land", {"id": one, f"as.{one}": "x"}).status_code == 409
    for wrong in ("../" + one, one.upper(), "*", ""):
        assert visitor.post(f"{HERE}/throw", {"id": wrong}).status_code == 404
    assert visitor.get("/m/nobody/2026-10/files").status_code == 404
    visitor.get(f"{HERE}/new")
    assert visitor.post(f"{HERE}/throw", {"id": one}).status_code == 200
    assert "was thrown away" in visitor.text
    assert not list((root / "warehouse/tmp/dropped").rglob("content"))


def test_an_answer_is_one_of_the_question(visitor: Visitor) -> None:
    drop(visitor, ("again.csv", CHARGES.replace("5.00,50.00", "6.00,60.00")))
    [one] = ids(visitor)
    visitor.post(f"{HERE}/answer", {"id": one, "key": "columns.amount", "answer": "x"})
    assert "This is not asked any more" in visitor.text
    visitor.post(f"{HERE}/answer", {"id": one, "key": "source", "answer": f"no/{HOSTILE}"})
    assert "mbr.yml has no no/" in visitor.text and "<img src=x" not in visitor.page
    visitor.post(f"{HERE}/again", {"id": one})
    assert "does this file replace one of them" in visitor.text


def test_archives_that_unpack_without_end_are_refused(visitor: Visitor, root: Path) -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * 20_000_000)
    endless = gzip.compress(b"a" * 6_000_000)
    assert drop(visitor, ("book.xlsx", book.getvalue()), ("line.csv.gz", endless)) == 200
    assert "ready to land" not in visitor.text
    said = []
    for one in ids(visitor):
        visitor.get(f"{HERE}/new/{one}")
        said.append(visitor.text)
    assert "unpacks to more than a workbook should" in said[0]
    assert "Nothing can be proposed for it" in said[1]


def test_too_much_is_refused_in_one_line(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = [
        [replace(view, most_bytes=50_000) if view.path.endswith("/drop") else view for view in section]
        for section in SECTIONS
    ]
    monkeypatch.setattr(application, "SECTIONS", small)
    with served(root) as (site, address):
        visitor = Visitor.by_link(site, address)
        assert drop(visitor, ("license_counts.csv", b"x" * 150_000)) == 413
        assert "This is more than the page takes: nothing was changed." in visitor.text
        assert not (root / "warehouse/tmp/dropped").exists()
        assert drop(visitor, ("license_counts.csv", COUNTS + "\n" * 40_000)) == 200


def test_nobody_who_is_not_signed_in_drops_anything(root: Path) -> None:
    with served(root) as (_, address):
        files = [("files", ("license_counts.csv", COUNTS))]
        answer = requests.post(f"{address}{HERE}/drop", files=files, data={"token": "x"}, timeout=30)
        assert answer.status_code == 403
    assert not (root / "warehouse/tmp/dropped").exists()


def test_old_ones_are_removed(visitor: Visitor, root: Path) -> None:
    drop(visitor, ("license_counts.csv", COUNTS))
    [about] = (root / "warehouse/tmp/dropped").rglob("about.json")
    old = {**json.loads(about.read_text(encoding="utf-8")), "at": "2026-01-01T00:00:00+00:00"}
    about.write_text(json.dumps(old), encoding="utf-8")
    visitor.get(f"{HERE}/new")
    assert "No file waits" in visitor.text
    assert not about.exists()
