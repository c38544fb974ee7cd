"""The limits of memory that hold for a process.

Belongs here: ``mbr_pipeline.storage.control_groups``, on files as the kernel writes them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.storage.control_groups import MemoryGroup, memory_groups

UNLIMITED = 9_223_372_036_854_771_712
"""What the older kind says where there is no limit."""


def written(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(f"{text}\n", encoding="ascii")


def newer(limit: str, used: int, inactive: int) -> dict[str, str]:
    counts = f"anon 5\nfile {inactive + 7}\ninactive_file {inactive}\nactive_file 7"
    return {"memory.max": limit, "memory.current": f"{used}", "memory.stat": counts}


def older(limit: int, used: int, inactive: int) -> dict[str, str]:
    counts = f"cache 9\ninactive_file 1\ntotal_inactive_file {inactive}"
    return {"memory.limit_in_bytes": f"{limit}", "memory.usage_in_bytes": f"{used}", "memory.stat": counts}


@pytest.fixture
def mount(tmp_path: Path) -> Path:
    return tmp_path / "mount"


def found(mount: Path, *lines: str) -> list[MemoryGroup]:
    membership = mount.with_name("membership")
    membership.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return memory_groups(membership, mount)


def test_a_service_has_its_own_limit_and_those_of_the_slices_above(mount: Path) -> None:
    written(mount / "billing.slice/mbr.service", newer("4000", 900, 300))
    written(mount / "billing.slice", newer("9000", 5000, 0))
    assert found(mount, "0::/billing.slice/mbr.service") == [MemoryGroup(4000, 600), MemoryGroup(9000, 5000)]


def test_a_group_without_a_limit_says_nothing(mount: Path) -> None:
    written(mount / "mbr.service", newer("max", 900, 300))
    assert found(mount, "0::/mbr.service") == []


@pytest.mark.parametrize("line", ["0::/", "0::/../../docker/4f2a", "0::/docker/4f2a"])
def test_a_container_finds_its_own_group_at_the_root(mount: Path, line: str) -> None:
    written(mount, newer("4000", 900, 300))
    written(mount.parent.parent / "docker/4f2a", newer("1", 1, 0))
    assert found(mount, line) == [MemoryGroup(4000, 600)]


def test_the_older_kind_has_a_folder_for_memory(mount: Path) -> None:
    written(mount / "memory/batch/job:7", older(4000, 900, 300))
    written(mount / "memory/batch", older(UNLIMITED, 2000, 100))
    lines = ["5:devices:/", "4:cpuset,memory:/batch/job:7", "1:name=systemd:/x", "0::/"]
    assert found(mount, *lines) == [MemoryGroup(4000, 600), MemoryGroup(UNLIMITED, 1900)]


def test_where_there_are_no_groups_there_is_no_limit(mount: Path) -> None:
    assert memory_groups(mount / "none", mount) == []
    assert found(mount, "4:memory:/gone", "0::/gone") == []
