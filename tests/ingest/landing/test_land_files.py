"""What may land, under which name, and what it replaces (contract §2.4).

Belongs here: ``mbr_pipeline.ingest.land_files`` on real files. Does not: kills (``test_landing_moves``), the
command's output (tests/cli).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.ingest.land_checks import Place
from mbr_pipeline.ingest.land_files import Result, land_files
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace
from tests.support.launching import bytes_below
from tests.support.small import LANDED, settings, write

HEADER = LANDED["vendor/vendor_charges.csv"].splitlines()[0]
LINE = LANDED["vendor/vendor_charges.csv"].splitlines()[1]
COUNTS = LANDED["vendor/license_counts.csv"]


def charges(*lines: str) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


def land(
    root: Path,
    files: dict[str, str],
    *replaced: str,
    dataset: str = "vendor_charges",
    period: str = "2026-10",
) -> Result:
    for name, text in files.items():
        write(root / "desk" / name, text)
    place = Place.of(Workspace.open(WorkspacePaths(root)), "acme", period, "vendor", dataset)
    return land_files(place, [root / "desk" / name for name in files], replaced)


def landed(root: Path, period: str = "2026-10") -> dict[str, str]:
    found = bytes_below(root / "landing/acme" / period / "vendor")
    return {name: content.decode() for name, content in found.items()}


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    write(tmp_path / "mbr.yml", settings(["acme"]))
    return tmp_path


def test_a_file_keeps_its_name_if_that_says_the_dataset_and_is_called_after_it_if_not(empty: Path) -> None:
    names = {
        "vendor_charges.csv": "vendor_charges.csv",
        "vendor_charges.page2.csv": "vendor_charges.page2.csv",
        "Export 2026-10.CSV": "vendor_charges.Export 2026-10.CSV",
        "vendor_charges_3.csv": "vendor_charges.vendor_charges_3.csv",
        "license_counts.csv": "vendor_charges.license_counts.csv",
    }
    for number, (own, name) in enumerate(names.items()):
        text = charges(LINE.replace("1,", f"{number},", 1))
        result = land(empty, {own: text})
        assert [(f.name, f.is_new, f.rows, f.totals) for f in result.files] == [
            (name, True, 1, {"USD": "50.000000000000"})
        ]
        assert landed(empty)[name] == text
    assert len(landed(empty)) == len(names)


REFUSED = {
    "a rejected row": (
        charges(LINE, LINE.replace("50.00", "5O.00")),
        "line 3: amount '5O.00': not a plain number",
    ),
    "a wrong heading": (
        LANDED["vendor/vendor_charges.csv"].replace("quantity", "seats"),
        "required columns missing: quantity",
    ),
    "a repeated heading": (f"{HEADER},amount\n{LINE},1\n", "columns repeated: amount"),
    "no header": ("", "required columns missing"),
    "two contents of one id": (
        charges(LINE, LINE.replace("50.00", "60.00")),
        "line 2: line_id '1': the same identifier",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_with_anything_wrong_is_refused_in_one_line_and_none_of_its_set_lands(
    what: str, empty: Path
) -> None:
    text, said = REFUSED[what]
    write(empty / "landing/README.md", "")
    with pytest.raises(ConfigError) as refusal:
        land(empty, {"good.csv": charges(LINE.replace("1,", "2,", 1)), "bad.csv": text})
    assert said in str(refusal.value) and "\n" not in str(refusal.value)
    assert str(refusal.value).startswith("vendor_charges.bad.csv: ")
    assert str(refusal.value).endswith("; nothing was landed")
    assert list(bytes_below(empty / "landing")) == ["README.md"]
    assert not (empty / "landing/acme").exists()


def test_a_gzip_that_is_cut_off_is_refused(empty: Path) -> None:
    with pytest.raises(ConfigError, match="cut off; fetch or copy the file again; nothing was landed$"):
        land(empty, {"bill.csv.gz": "\x1f"})


def test_equal_bytes_are_landed_already_also_under_another_name(empty: Path) -> None:
    land(empty, {"a.csv": charges(LINE)})
    for name in ("a.csv", "b.csv"):
        result = land(empty, {name: charges(LINE)})
        assert [(f.name, f.is_new) for f in result.files] == [("vendor_charges.a.csv", False)]
    assert list(landed(empty)) == ["vendor_charges.a.csv"]


def test_another_content_under_a_landed_name_is_refused_unless_it_replaces_it(empty: Path) -> None:
    land(empty, {"a.csv": charges(LINE)})
    new = charges(LINE.replace("50.00", "60.00"))
    with pytest.raises(
        ConfigError, match="landed already with other content: add --replaces vendor_charges.a.csv"
    ):
        land(empty, {"a.csv": new})
    assert landed(empty) == {"vendor_charges.a.csv": charges(LINE)}
    after = {"vendor_charges.a.csv": new, ".superseded/vendor_charges.a.csv": charges(LINE)}
    result = land(empty, {"a.csv": new}, "vendor_charges.a.csv")
    assert result.replaced == {"vendor_charges.a.csv": ".superseded/vendor_charges.a.csv"}
    assert landed(empty) == after
    # the same command once more
    again = land(empty, {"a.csv": new}, "vendor_charges.a.csv")
    assert (again.replaced, again.files[0].is_new, landed(empty)) == ({}, False, after)


def test_one_export_replaces_several_and_several_replace_one(empty: Path) -> None:
    pages = {f"{n}.csv": charges(LINE.replace("1,", f"{n},", 1)) for n in (1, 2)}
    land(empty, pages)
    whole = charges(LINE.replace("50.00", "60.00"), LINE.replace("1,", "2,", 1))
    land(empty, {"whole.csv": whole}, "vendor_charges.1.csv", "2026-10/vendor/vendor_charges.2.csv")
    assert [name for name in landed(empty) if "superseded" not in name] == ["vendor_charges.whole.csv"]
    # the pages come back under their own names; what they replaced before does not matter
    land(empty, pages, "vendor_charges.whole.csv")
    assert sorted(landed(empty)) == [
        *(f".superseded/vendor_charges.{name}.csv" for name in ("1", "2", "whole")),
        "vendor_charges.1.csv",
        "vendor_charges.2.csv",
    ]
    again = land(empty, pages, "vendor_charges.whole.csv")
    assert (again.replaced, [f.is_new for f in again.files]) == ({}, [False, False])


def test_a_copied_correction_lets_the_old_file_go(empty: Path) -> None:
    land(empty, {"old.csv": charges(LINE)})
    new = charges(LINE.replace("1,", "2,", 1))
    write(empty / "landing/acme/2026-10/vendor/vendor_charges.new.csv", new)
    result = land(empty, {"new.csv": new}, "vendor_charges.old.csv")
    assert (result.files[0].is_new, list(result.replaced)) == (False, ["vendor_charges.old.csv"])
    assert sorted(landed(empty)) == [".superseded/vendor_charges.old.csv", "vendor_charges.new.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "vendor_charges.x.csv",
        "license_counts.csv",
        "../psa/clients.csv",
        "",
        "../vendor/vendor_charges.a.csv",
    ],
)
def test_what_is_not_landed_as_this_dataset_cannot_be_replaced(name: str, empty: Path) -> None:
    land(empty, {"a.csv": charges(LINE)})
    land(empty, {"license_counts.csv": COUNTS}, dataset="license_counts")
    before = landed(empty)
    for text in (charges(LINE), charges(LINE.replace("1,", "3,", 1))):
        with pytest.raises(ConfigError, match="is called so: use vendor_charges.a.csv; nothing was landed$"):
            land(empty, {"a2.csv": text}, name)
    assert landed(empty) == before


def test_a_record_that_contradicts_a_landed_one_is_refused_and_replacing_that_lets_it_in(empty: Path) -> None:
    land(empty, {"earlier.csv": charges(LINE)}, period="2026-09")
    other = {"new.csv": charges(LINE.replace("50.00", "60.00"))}
    with pytest.raises(ConfigError, match="vendor_charges.new.csv: line 2: line_id '1': the same identifier"):
        land(empty, other)
    land(
        empty,
        {"empty.csv": charges(LINE.replace("1,", "9,", 1))},
        "vendor_charges.earlier.csv",
        period="2026-09",
    )
    assert land(empty, other).files[0].is_new


def test_a_double_landing_is_told_beforehand(empty: Path) -> None:
    land(empty, {"1.csv": COUNTS}, dataset="license_counts")
    more = COUNTS.replace("10,10", "12,10")
    [warning] = land(empty, {"2.csv": more}, dataset="license_counts").warnings
    assert warning.startswith(
        "license_counts.1.csv and license_counts.2.csv both count T-1 SKU-1 on 2026-10-01:"
    )
    assert (
        land(
            empty,
            {"3.csv": COUNTS + "T-2,SKU-1,2026-10-01,1,1\n"},
            *(f"license_counts.{n}.csv" for n in (1, 2)),
            dataset="license_counts",
        ).warnings
        == ()
    )


def test_of_a_source_that_replaces_an_older_name_lands_and_is_said_not_to_count(empty: Path) -> None:
    write(
        empty / "mbr.yml", settings(["acme"]).replace("license_counts]}", "license_counts], files: replace}")
    )
    new, old = charges(LINE), charges(LINE.replace("50.00", "40.00"))
    assert land(empty, {"1101.csv": new}).warnings == ()
    [warning] = land(empty, {"1028.csv": old}).warnings
    assert "vendor_charges.1101.csv counts in its place" in warning
    # the older content again under the newest name: the name decides, so it must lie there
    assert land(empty, {"1102.csv": old}).files[0].is_new
    assert len(landed(empty)) == 3


def test_places_that_are_not_declared_are_named_with_those_that_are(empty: Path) -> None:
    workspace = Workspace.open(WorkspacePaths(empty))
    for place, said in {
        ("cedar", "2026-10", "vendor", "vendor_charges"): "MSP 'cedar' is not in mbr.yml",
        ("acme", "2026-1", "vendor", "vendor_charges"): "is not a month",
        (
            "acme",
            "2026-10",
            "pax8",
            "vendor_charges",
        ): "acme has no source 'pax8' in mbr.yml: use one of vendor, psa",
        ("acme", "2026-10", "vendor", "clients"): "source vendor declares no dataset 'clients' in mbr.yml",
    }.items():
        with pytest.raises(ConfigError, match=said):
            Place.of(workspace, *place)


def test_files_that_cannot_be_files_of_the_dataset_are_refused_before_anything(empty: Path) -> None:
    write(empty / "a/bill.csv", charges(LINE))
    write(empty / "b/bill.csv", charges(LINE))
    place = Place.of(Workspace.open(WorkspacePaths(empty)), "acme", "2026-10", "vendor", "vendor_charges")
    for files, said in {
        ("nowhere.csv",): "no such file",
        ("a",): "no such file",
        ("mbr.yml",): "unknown kind of file: use .csv",
        ("a/bill.csv", "b/bill.csv"): "two of the files would land as vendor_charges.bill.csv",
    }.items():
        with pytest.raises(ConfigError, match=said):
            land_files(place, [empty / name for name in files], [])
    assert not (empty / "landing").exists()
