"""What was read from files is kept while they are the same.

Belongs here: when it is read again.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.storage.kept import Kept


def test_a_file_is_read_once_until_another_takes_its_place(tmp_path: Path) -> None:
    file, reads, kept = tmp_path / "a", list[str](), Kept[str](2)

    def read() -> str:
        reads.append(file.read_text())
        return reads[-1]

    file.write_text("one")
    assert [kept.get([file], read) for _ in range(3)] == ["one", "one", "one"]
    assert reads == ["one"]
    (tmp_path / "b").write_text("two")
    (tmp_path / "b").replace(file)
    assert [kept.get([file], read) for _ in range(2)] == ["two", "two"]
    assert reads == ["one", "two"]


def test_what_was_asked_for_longest_ago_is_read_again(tmp_path: Path) -> None:
    kept, reads = Kept[str](2), list[str]()
    for name in "abc":
        (tmp_path / name).touch()
    for name in "abacab":  # b is forgotten when c comes, c when b comes again
        kept.get([tmp_path / name], lambda name=name: reads.append(name) or name)  # type: ignore[misc, func-returns-value]
    assert reads == ["a", "b", "c", "b"]


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Kept[str](1).get([tmp_path / "a"], lambda: "")
