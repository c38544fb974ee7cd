"""Single files in a store: sent once, read back, and never taken for what they are not.

Belongs here: stores that do not hold what was put. Does not: sound ones (``test_landing``, ``test_months``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import MbrError
from mbr_pipeline.mirror.files import fetch, put
from mbr_pipeline.storage.objects.folder import FolderStore


class Forgetful(FolderStore):
    """Says that it put an object, and puts less of it."""

    def put_new(self, name: str, content: bytes) -> str:
        return super().put_new(name, content[:-1])


def _file(folder: Path, text: str, name: str = "Bill März #1.csv") -> Path:
    (folder / name).write_text(text)
    return folder / name


def test_what_a_store_does_not_hold_as_it_was_put_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MbrError, match="is not what was put there for Bill März #1.csv"):
        put(Forgetful(tmp_path / "store"), "landing/acme", {"a": _file(tmp_path, "text")}, {})


def test_an_object_under_the_name_that_holds_something_else_is_not_taken_for_the_file(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    file = put(store, "landing/acme", {"a": _file(tmp_path, "text")}, {})["a"]
    (tmp_path / "store" / file.object).write_text("changed")
    with pytest.raises(MbrError, match="is not what was put there"):
        put(store, "landing/acme", {"a": _file(tmp_path, "text")}, {})


def test_a_file_comes_back_under_any_name_and_its_object_has_a_plain_one(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    files = put(store, "landing/acme", {"x/Bill März #1.csv": _file(tmp_path, "text")}, {})
    [object_] = [file.object for file in files.values()]
    # SHA-256 of "text", by sha256sum
    digest = "982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1"
    assert object_ == f"landing/acme/{digest}/Bill_M_rz__1.csv"
    fetch(store, files, tmp_path / "mirror")
    assert (tmp_path / "mirror/x/Bill März #1.csv").read_text() == "text"


def test_what_a_pointer_names_already_is_not_sent_again(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "store")
    known = put(store, "landing/acme", {"a": _file(tmp_path, "text")}, {})
    unreachable = FolderStore(tmp_path / "store/landing/acme")  # whatever is put there would show
    assert put(unreachable, "elsewhere", {"b": _file(tmp_path, "text", "b.csv")}, known) == {"b": known["a"]}
    assert not (tmp_path / "store/landing/acme/elsewhere").exists()
