"""Files that somebody dropped on the page and that are not landed yet.

What belongs here: keeping them in the workspace's temporary folder, each under a random name, for three days.
What does not: what they are (``recognising``). The name that a browser gives is kept beside a file, and only
if it can be the name of a landed one.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from connectors.files.opening import SUFFIXES
from connectors.safe_text import text_problem
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.safe_text import short
from mbr_pipeline.storage.atomic_files import write_json
from mbr_pipeline.workspace.paths import MonthPaths

_KEPT = timedelta(days=3)
_MOST = 200
_LONGEST_NAME = 120
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_CONTENT, _ABOUT = "content", "about.json"


@dataclass(frozen=True)
class Dropped:
    """One file.

    Attributes:
        id: Its random name.
        path: Where its bytes are.
        name: What it was called.
        size: In bytes.
        sha256: Of its bytes.
        by: Who dropped it.
        at: When.
        answers: What was said about it, by the key of a question.
    """

    id: str
    path: Path
    name: str
    size: int
    sha256: str
    by: str
    at: datetime
    answers: dict[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Its path below a folder of ``linked``."""
        return f"{self.id}/{self.name}"


def keep(month: MonthPaths, name: str, content: IO[bytes], by: str) -> Dropped:
    """Keep a file; one that is there already, of this name and with these bytes, is not kept twice.

    Raises:
        ConfigError: Its name cannot be that of a landed file, or there are too many.
    """
    if problem := name_problem(name):
        raise ConfigError(f"“{short(name)}”: {problem}; nothing was taken of it")
    there = dropped(month)
    if len(there) >= _MOST:
        raise ConfigError(f"{_MOST} files wait here already: land them or throw them away first")
    identifier = secrets.token_hex(16)
    making = _folder(month) / f".{identifier}"
    making.mkdir(parents=True)
    try:
        digest, size = hashlib.sha256(), 0
        with (making / _CONTENT).open("xb") as kept:
            while chunk := content.read(1 << 20):
                digest.update(chunk)
                size += len(chunk)
                kept.write(chunk)
        for other in there:
            if (other.name, other.sha256) == (name, digest.hexdigest()):
                return other
        now = datetime.now(UTC)
        about = {"name": name, "size": size, "sha256": digest.hexdigest(), "by": by, "at": now.isoformat()}
        write_json(making / _ABOUT, {**about, "answers": {}})
        making.rename(_folder(month) / identifier)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return _read(_folder(month) / identifier)


def name_problem(name: str) -> str | None:
    """Say why a name cannot be that of a landed file; nothing if it can."""
    if not name or name.startswith(".") or "/" in name or "\\" in name:
        return "this is no name of a file: rename it"
    if text_problem(name) or not name.isprintable():
        return "its name has characters that cannot be seen: rename it to plain letters and digits"
    if len(name.encode()) > _LONGEST_NAME:
        return f"its name is longer than {_LONGEST_NAME} bytes: rename it"
    if not name.lower().removesuffix(".gz").endswith(SUFFIXES):
        return f"MBR reads {', '.join(SUFFIXES)}, also with .gz: export it as one of these"
    return None


def dropped(month: MonthPaths) -> list[Dropped]:
    """Return the files of a month that are not landed yet, the oldest first; those that are too old are
    removed.
    """
    found = []
    for folder in _folder(month).glob("*"):
        if not _ID.fullmatch(folder.name):
            continue
        try:
            one = _read(folder)
        except (OSError, ValueError, KeyError, TypeError):
            continue  # somebody throws it away now
        if datetime.now(UTC) - one.at > _KEPT:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            found.append(one)
    return sorted(found, key=lambda one: (one.at, one.id))


def find(month: MonthPaths, identifier: str) -> Dropped | None:
    """Return one of them."""
    return next((one for one in dropped(month) if one.id == identifier), None)


def throw_away(one: Dropped) -> None:
    """Remove a file."""
    shutil.rmtree(one.path.parent, ignore_errors=True)


def answer(one: Dropped, answers: dict[str, Any]) -> None:
    """Keep what was said about a file."""
    about = one.path.with_name(_ABOUT)
    write_json(about, {**json.loads(about.read_text(encoding="utf-8")), "answers": answers})


@contextmanager
def linked(month: MonthPaths, files: Sequence[Dropped]) -> Iterator[Path]:
    """Yield a folder in which every file stands under its name, in a folder of its own."""
    month.workspace.temporary.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="dropped-", dir=month.workspace.temporary) as name:
        for one in files:
            link = Path(name).resolve() / one.place
            link.parent.mkdir()
            link.symlink_to(one.path.resolve())
        yield Path(name).resolve()


def _folder(month: MonthPaths) -> Path:
    return month.workspace.temporary / "dropped" / month.msp_id / month.period.text


def _read(folder: Path) -> Dropped:
    about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    return Dropped(
        folder.name,
        folder / _CONTENT,
        about["name"],
        about["size"],
        about["sha256"],
        about["by"],
        datetime.fromisoformat(about["at"]),
        about["answers"],
    )
