"""A publication that a full disk, a kill or a bad sector met: the good catalogue stays, what can be made anew
is, and the rest is one line with the cure.

Belongs here: damage to what is published. Does not: kills at every moment (``test_interrupted``).
"""

from __future__ import annotations

import os
import resource
import shutil
from pathlib import Path

import duckdb
import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.publish.catalogue import catch_up, refresh_catalogue
from mbr_pipeline.publish.damage import damaged_months
from mbr_pipeline.publish.reading import answered, reading
from mbr_pipeline.publish.versions import switch_to
from mbr_pipeline.storage.atomic_files import sha256_of
from mbr_pipeline.workspace.paths import WorkspacePaths
from tests.publish.kill_at import publish_folder
from tests.publish.tables import (
    MONTH,
    TABLES,
    by_path,
    by_view,
    by_view_as_it_is,
    publish_named,
    write_tables,
)


def _publish_with_little_room(root: Path, candidate: Path, room: int) -> int:
    """Publish in a process that may write files of ``room`` bytes only, and return its exit code."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
            publish_folder(root, candidate)
            code = 0
        except MbrError as error:
            code = 7 if "make room" in str(error) else 1
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("room", [4096, 12288, 49152, 135168, 266240])
def test_a_disk_that_fills_up_while_the_catalogue_is_made_leaves_the_good_one(
    room: int, tmp_path: Path
) -> None:
    publish_named(tmp_path, "old")
    candidate = write_tables(tmp_path / "candidate/newer", "newer")
    assert _publish_with_little_room(tmp_path, candidate, room) == 7
    assert by_view_as_it_is(tmp_path) == ["old", "old"]
    assert sorted(path.name for path in (tmp_path / "published").iterdir()) == ["acme", "mbr.duckdb"]
    assert by_view(tmp_path) == by_path(tmp_path) == ["newer", "newer"]


def _switch_only(root: Path, name: str) -> None:
    candidate = write_tables(root / "candidate" / name, name)
    hashes = {table: sha256_of(candidate / f"{table}.parquet") for table in TABLES}
    switch_to(root / MONTH, candidate, hashes)


def test_a_catalogue_behind_the_tables_is_mended_by_whoever_reads_next(tmp_path: Path) -> None:
    publish_named(tmp_path, "old")
    _switch_only(tmp_path, "newer")
    assert by_view_as_it_is(tmp_path) == ["old", "old"]
    assert by_view(tmp_path) == ["newer", "newer"]
    assert by_view_as_it_is(tmp_path) == ["newer", "newer"]


@pytest.mark.parametrize("content", [None, b"", b"no database" * 500])
def test_a_damaged_or_missing_catalogue_is_made_anew(
    content: bytes | None, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish_named(tmp_path, "old")
    catalogue = tmp_path / "published/mbr.duckdb"
    catalogue.unlink()
    if content is not None:
        catalogue.write_bytes(content)
    catch_up(WorkspacePaths(tmp_path))
    assert by_view_as_it_is(tmp_path) == ["old", "old"]
    said = [f"{catalogue} was damaged and is made anew"] if content is not None else []
    assert [record.getMessage() for record in caplog.records] == said


@pytest.mark.parametrize("content", [b"", b"PAR1 no table PAR1"])
def test_a_damaged_table_is_named_with_the_cure_when_it_is_read_and_then_left_out(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish_named(tmp_path, "old")
    assert damaged_months(WorkspacePaths(tmp_path)) == []
    (tmp_path / MONTH / "dim_sku.parquet").write_bytes(content)
    said = (
        f"the tables in {tmp_path / MONTH} are damaged: run `mbr run --period 2026-10 --msp acme`, which"
        " makes them anew from the landed files"
    )
    with pytest.raises(duckdb.BinderException), reading(WorkspacePaths(tmp_path)) as connection:
        connection.execute("select nothing from dim_client")
    assert caplog.messages == []
    with pytest.raises(MbrError) as refused:
        answered(WorkspacePaths(tmp_path), lambda c: c.execute("select * from dim_sku").fetchall())
    assert str(refused.value) == said
    assert caplog.messages == [f"{said}; until then queries leave them out"]
    refresh_catalogue(WorkspacePaths(tmp_path))
    with pytest.raises(duckdb.CatalogException), reading(WorkspacePaths(tmp_path)) as connection:
        connection.execute("select * from dim_sku")
    assert caplog.messages[1:] == [f"{said}; until then queries leave them out"]  # by whoever reads it
    # a run of the month makes a version of its own, and all is well
    publish_named(tmp_path, "old")
    assert by_view(tmp_path) == ["old", "old"]


def test_one_changed_byte_is_found_although_the_table_can_be_read(tmp_path: Path) -> None:
    publish_named(tmp_path, "old")
    path = tmp_path / MONTH / "dim_sku.parquet"
    content = path.read_bytes()
    path.write_bytes(content.replace(b"old", b"odd", 1))
    assert path.read_bytes() != content
    assert [month.published for month in damaged_months(WorkspacePaths(tmp_path))] == [tmp_path / MONTH]


def test_a_publication_whose_folder_is_gone_is_published_again(tmp_path: Path) -> None:
    publish_named(tmp_path, "old")
    shutil.rmtree((tmp_path / MONTH).resolve())
    assert [month.published for month in damaged_months(WorkspacePaths(tmp_path))] == [tmp_path / MONTH]
    publish_named(tmp_path, "old")
    assert by_view(tmp_path) == by_path(tmp_path) == ["old", "old"]
