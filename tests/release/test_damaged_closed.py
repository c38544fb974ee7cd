"""Damage to the tables of a closed month, which no run may make anew: restored from the closed version, and
no month stands in the way of the others.

Belongs here: damage that meets closed versions. Does not: open months alone (``tests.publish.test_damaged``).
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from mbr_pipeline.cli.doctor import doctor_command
from mbr_pipeline.cli.verify import command as verify
from mbr_pipeline.errors import MonthClosed
from mbr_pipeline.publish.publications import publications
from mbr_pipeline.publish.reading import answered
from mbr_pipeline.publish.versions import switch_to
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.release.months import Month
from tests.support.small import PERIOD

OTHER = "2026-11"
CLIENTS = "select period, count(*) from fct_client_gate group by all order by all"
RESTORED = "were damaged: restored from closed version 1"


@pytest.fixture
def closed(tmp_path: Path) -> Month:
    """The month of two clients, closed; November has the same tables under its own name."""
    month = Month(tmp_path)
    month.told("close", "--except", "C-2", "--reason", "gezählt wird später")
    hashes = {path.stem: sha256_of(path) for path in month.paths.published.glob("*.parquet")}
    switch_to(tmp_path / "published/acme" / OTHER, month.paths.published, hashes)
    assert _asked(month) == [(PERIOD, 4)]  # its rows say October
    return month


def _asked(month: Month) -> list[tuple[str, int]]:
    return answered(WorkspacePaths(month.root), lambda c: c.execute(CLIENTS).fetchall())


def _damage(folder: Path, name: str = "fct_client_gate") -> None:
    path = folder / f"{name}.parquet"
    path.write_bytes(path.read_bytes() + b"x")


def _cut(folder: Path) -> None:
    _damage(folder)


def _flip(folder: Path) -> None:
    path = folder / "dim_client.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _take_away(folder: Path) -> None:
    (folder / "fct_exceptions.parquet").unlink()


def _remove(folder: Path) -> None:
    shutil.rmtree(folder)


def _doctor(month: Month, repair: bool, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    capsys.readouterr()
    code = doctor_command(WorkspacePaths(month.root), repair)
    return code, capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("state", ["closed", "sealed"])
@pytest.mark.parametrize("harm", [_cut, _flip, _take_away, _remove])
def test_the_doctor_restores_a_closed_month_and_everything_is_as_it_was(
    closed: Month, harm: Callable[[Path], None], state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if state == "sealed":
        closed.told("seal")
    place = closed.paths.published
    whole = {path.name: path.read_bytes() for path in place.glob("*.parquet")}
    [before] = [one for one in publications(closed.root / "published") if one.period == PERIOD]
    kept = {path.name: path.read_bytes() for path in (place.parent / f"{PERIOD}.versions/1").iterdir()}
    harm(place.resolve())
    said = f"publication: the tables in {place}"
    code, found = _doctor(closed, False, capsys)
    assert code == 1
    assert found == [f"left    {said} are damaged: `mbr doctor --repair` restores them from closed version 1"]
    assert _doctor(closed, True, capsys) == (0, [f"mended  {said} {RESTORED}"])
    assert _doctor(closed, False, capsys) == (0, ["nothing is wrong"])
    assert {path.name: path.read_bytes() for path in place.glob("*.parquet")} == whole
    assert {p.name: p.read_bytes() for p in (place.parent / f"{PERIOD}.versions/1").iterdir()} == kept
    [after] = [one for one in publications(closed.root / "published") if one.period == PERIOD]
    assert (after.published_at, after.inputs_hash) == (before.published_at, before.inputs_hash)
    done = CliRunner().invoke(verify, ["--workspace", str(closed.root), "--msp", "acme", "--period", PERIOD])
    assert done.exit_code == 0, done.output
    assert _asked(closed) == [(PERIOD, 4)]


def test_whoever_asks_meets_the_damage_mends_it_and_is_answered(
    closed: Month, caplog: pytest.LogCaptureFixture
) -> None:
    _damage(closed.paths.published.resolve())
    assert _asked(closed) == [(PERIOD, 4)]
    assert caplog.messages == [f"the tables in {closed.paths.published} {RESTORED}"]
    caplog.clear()
    assert _asked(closed) == [(PERIOD, 4)]
    assert caplog.messages == []


def test_an_open_month_that_is_damaged_is_left_out_until_it_is_whole(
    closed: Month, caplog: pytest.LogCaptureFixture
) -> None:
    place = closed.root / "published/acme" / OTHER
    table = place.resolve() / "fct_client_gate.parquet"
    whole = table.read_bytes()
    _damage(place.resolve())
    said = (
        f"the tables in {place} are damaged: run `mbr run --period {OTHER} --msp acme`, which makes them anew"
        " from the landed files; until then queries leave them out"
    )
    for _ in range(2):
        assert _asked(closed) == [(PERIOD, 2)]
        assert caplog.messages == [said]
        caplog.clear()
    table.write_bytes(whole)
    assert _asked(closed) == [(PERIOD, 4)]
    assert caplog.messages == []


def test_a_run_of_another_month_publishes_beside_a_damaged_one(closed: Month) -> None:
    closed.told("reopen", "--reason", "crédit tardif")
    _damage((closed.root / "published/acme" / OTHER).resolve())
    closed.publish({"marts.fct_exceptions": []})
    assert closed.sql("select count(*) from fct_exceptions") == [(0,)]


def test_where_no_copy_is_whole_a_backup_is_asked_for_and_then_restored(
    closed: Month, capsys: pytest.CaptureFixture[str]
) -> None:
    version = closed.paths.published.parent / f"{PERIOD}.versions/1"
    backup = shutil.copytree(version, closed.root / "backup")
    _damage(closed.paths.published.resolve())
    _damage(version)
    code, found = _doctor(closed, True, capsys)
    assert code == 1
    assert found == [
        f"left    publication: the tables in {closed.paths.published} are damaged: the month is closed and"
        f" version 1 is damaged too: restore {version} from a backup, then `mbr doctor --repair`",
        f"left    publication: closed version {version} is damaged: restore it from a backup, `mbr verify`"
        " names what differs",
    ]
    with pytest.raises(MonthClosed):
        closed.audit().publish()
    shutil.rmtree(version)
    shutil.copytree(backup, version)
    assert _doctor(closed, True, capsys) == (0, ["nothing is wrong"])  # the catalogue had to follow
    tables = {path.name: path.read_bytes() for path in closed.paths.published.iterdir()}
    assert tables == {path.name: path.read_bytes() for path in version.glob("*.parquet")}
