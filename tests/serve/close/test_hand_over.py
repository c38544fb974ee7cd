"""Exports, evidence and verifying in a browser (contract §10, §12, §13).

Belongs here: that pages show what commands say, and give only what is listed. Does not: the rules themselves
(tests/release), and closing (``test_close``). The month is that of ``tests.release.months``.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tests.release.months import CREDITED, Month
from tests.serve.browsing import Visitor, served
from tests.serve.close.closing import HERE, LEFT_OUT, close, hidden, published
from tests.support.small import PERIOD


def test_an_export_is_looked_at_made_and_downloaded(month: Month, visitor: Visitor) -> None:
    visitor.get(f"{HERE}/export/csv")
    assert "in the files: 700 JPY" in visitor.text and "held, in no file: C-2" in visitor.text
    assert "The month is open: close it first." in visitor.text
    assert visitor.post(f"{HERE}/export/csv").status_code == 422
    assert "is not closed" in visitor.text and month.kinds() == []
    close(visitor, **LEFT_OUT)
    visitor.get(f"{HERE}/export/csv")
    assert visitor.post(f"{HERE}/export/csv").status_code == 200
    [_, entry] = month.entries()
    folder = month.root / f"exports/acme/{PERIOD}/v1/csv"
    assert f"Exported to CSV, entry {entry.entry_id}" in visitor.text
    for name, kind in (
        ("invoice_lines.csv", "text/csv; charset=utf-8"),
        ("manifest.json", "application/json"),
    ):
        saved = visitor.get(f"{HERE}/download/{entry.entry_id}/{name}")
        assert saved.content == (folder / name).read_bytes()
        assert saved.headers["content-type"] == kind
        assert saved.headers["content-disposition"] == f'attachment; filename="acme-{PERIOD}-v1-{name}"'
        assert saved.headers["x-content-type-options"] == "nosniff"
        assert saved.headers["cache-control"] == "no-store"


def test_it_goes_out_twice_only_if_that_is_said(month: Month, visitor: Visitor) -> None:
    close(visitor, **LEFT_OUT)
    visitor.get(f"{HERE}/export/csv")
    visitor.post(f"{HERE}/export/csv")
    assert visitor.post(f"{HERE}/export/csv").status_code == 422
    assert "importing it twice would bill twice" in visitor.text
    seen = hidden(visitor, "newest")
    assert visitor.post(f"{HERE}/export/csv", {"again": "yes", "newest": seen}).status_code == 200
    # the same form once more, or of somebody who saw less
    assert visitor.post(f"{HERE}/export/csv", {"again": "yes", "newest": seen}).status_code == 409
    assert "Somebody exported to here after this page was opened" in visitor.text
    first, second = month.entries()[1:]
    assert (first.kind, second.kind) == ("export", "export")
    for entry in (first, second):  # the earlier files are kept, and can still be had
        assert visitor.get(f"{HERE}/download/{entry.entry_id}/invoice_lines.csv").status_code == 200


def test_a_version_that_was_not_seen_does_not_go_out(month: Month, visitor: Visitor) -> None:
    close(visitor, **LEFT_OUT)
    visitor.get(f"{HERE}/export/csv")
    form = {"version": hidden(visitor, "version")}
    month.told("reopen", "--reason", "a late credit")
    month.publish(CREDITED)
    month.told("close")
    assert visitor.post(f"{HERE}/export/csv", form).status_code == 409
    assert "The month was closed again after this page was opened" in visitor.text
    assert month.kinds() == ["close", "reopen", "close"]
    assert visitor.post(f"{HERE}/export/csv", {"version": hidden(visitor, "version")}).status_code == 200
    assert month.entries()[-1].body["version"] == "2"


def test_only_what_an_export_lists_is_given(tmp_path: Path) -> None:
    month = published(tmp_path, msp_ids=("acme", "birch"))
    month.told("close", "--except", "C-2", "--reason", "r")
    month.told("export", "--to", "csv")
    entry = month.entries()[-1].entry_id
    folder = tmp_path / f"exports/acme/{PERIOD}/v1/csv"
    (folder / "other.csv").write_text("not listed")
    with served(tmp_path, user="owner1") as (site, address):
        visitor = Visitor.by_link(site, address)
        for path in (
            f"{HERE}/download/{entry}/other.csv",
            f"{HERE}/download/{entry}/..%2f..%2f..%2fmbr.yml",
            f"{HERE}/download/{entry}/%2e%2e",
            f"{HERE}/download/{entry}/.",
            f"{HERE}/download/{'0' * 16}/invoice_lines.csv",
            f"/m/birch/{PERIOD}/download/{entry}/invoice_lines.csv",
            f"/m/acme/2026-09/download/{entry}/invoice_lines.csv",
            f"{HERE}/export/no-such",
            f"{HERE}/evidence/1",
            f"{HERE}/evidence/..%2f1",
        ):
            assert visitor.get(path).status_code == 404, path
        assert visitor.get(f"{HERE}/download/{entry}/invoice_lines.csv").status_code == 200
        with (folder / "invoice_lines.csv").open("ab") as file:
            file.write(b"x")
        assert visitor.get(f"{HERE}/download/{entry}/invoice_lines.csv").status_code == 409
        assert "is not what was exported" in visitor.text
        stranger = Visitor(address)
        assert stranger.get(f"{HERE}/download/{entry}/manifest.json").url == f"{address}/signin"


def test_evidence_is_made_and_downloaded(month: Month, visitor: Visitor) -> None:
    assert visitor.post(f"{HERE}/evidence", {"version": "1"}).status_code == 422
    close(visitor, **LEFT_OUT)
    for version, status in (("x", 404), ("9" * 400, 404), ("2", 422), ("1", 200)):
        visitor.get(f"{HERE}/close")
        assert visitor.post(f"{HERE}/evidence", {"version": version}).status_code == status, version
    saved = visitor.get(f"{HERE}/evidence/1")
    assert saved.headers["content-type"] == "application/zip"
    assert saved.headers["content-disposition"] == f'attachment; filename="acme-{PERIOD}-evidence-v1.zip"'
    with zipfile.ZipFile(io.BytesIO(saved.content)) as pack:
        assert "README.html" in pack.namelist()
    assert month.kinds() == ["close"]


def test_verifying_names_what_is_not_as_recorded(month: Month, visitor: Visitor) -> None:
    close(visitor, **LEFT_OUT)
    assert "All is as recorded" in (visitor.get(f"{HERE}/verify") and visitor.text)
    table = month.root / f"published/acme/{PERIOD}.versions/1/fct_exceptions.parquet"
    table.write_bytes(table.read_bytes()[:-1] + b"x")
    assert "1 thing is not as recorded" in (visitor.get(f"{HERE}/verify") and visitor.text)
    assert "versions/1/fct_exceptions.parquet" in visitor.text
    other = month.root / "exports/acme/2026-09/left.csv"
    other.parent.mkdir(parents=True)
    other.write_text("x")
    assert "1 thing is not as recorded" in (visitor.get(f"{HERE}/verify") and visitor.text)
    assert "2 things are not as recorded" in (visitor.get(f"{HERE}/verify?all=1") and visitor.text)


def test_the_page_is_sent_while_it_is_verified(month: Month, visitor: Visitor) -> None:
    close(visitor, **LEFT_OUT)
    answer = visitor.session.get(f"{visitor.address}{HERE}/verify", stream=True, timeout=60)
    parts = list(answer.raw.stream(decode_content=True))  # as the server sent them
    [place] = [n for n, part in enumerate(parts) if f"published/acme/{PERIOD}".encode() in part]
    [verdict] = [n for n, part in enumerate(parts) if b"All is as recorded" in part]
    assert place < verdict
