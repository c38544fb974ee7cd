"""Moving files into a source's landing folder and out of it: all of a set, or none, also after a kill.

What belongs here: the order of writes. What does not: which files may land
(``mbr_pipeline.ingest.land_files``).

Files are copied below ``.superseded/.incoming/`` first. Then a journal says what is to be moved; from then on
the set lands, for whoever comes next finishes what the journal says. No month is computed from a folder with
a journal (``mbr_pipeline.ingest.landing.scan``).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mbr_pipeline.ingest.landing import SUPERSEDED_FOLDER, UNFINISHED
from mbr_pipeline.storage.atomic_files import sha256_of, sync, write_json


@dataclass(frozen=True)
class LandingFolder:
    """The folder of one source and period. Hold its lock while any of this is called."""

    path: Path

    @property
    def superseded(self) -> Path:
        """Where replaced files are kept."""
        return self.path / SUPERSEDED_FOLDER

    @property
    def _incoming(self) -> Path:
        return self.superseded / ".incoming"

    @property
    def _journal(self) -> Path:
        return self.path / UNFINISHED

    def recover(self) -> None:
        """Finish a landing that was killed after its journal was written, and forget one that was killed
        before.
        """
        if self._journal.exists():
            self._finish()
        self._clear()

    def stage(self, file: Path, name: str) -> Path:
        """Copy a file next to the landed ones, under folders that are called as it will find them there."""
        place = self._incoming / self.path.parent.name / self.path.name / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)
        sync(place)
        return place

    def move(
        self,
        staged: Sequence[Path],
        replaced: Sequence[str],
        enter: Callable[[Sequence[Path], Mapping[str, str]], None] | None = None,
    ) -> dict[str, str]:
        """Let staged files take their places, and those replaced go; return where each is kept, by name.

        ``enter`` is called with the files and those places before anything moves; its error ends the move.
        """
        kept = {name: self._free_name(name) for name in replaced}
        if enter:
            enter(staged, {name: f"{SUPERSEDED_FOLDER}/{place}" for name, place in kept.items()})
        work = {
            "out": [[name, kept[name], sha256_of(self.path / name)] for name in replaced],
            "in": [[path.relative_to(self.path).as_posix(), path.name] for path in staged],
        }
        written = self._incoming / "journal.json"
        write_json(written, work)
        # the files must be on the disk, with their names, before anything says that they will land
        for place in {folder for path in (*staged, written) for folder in path.parents[:4]}:
            if place.is_relative_to(self.superseded):
                sync(place)
        written.rename(self._journal)
        sync(self.superseded)
        self._finish()
        self._clear()
        return {name: f"{SUPERSEDED_FOLDER}/{place}" for name, place in kept.items()}

    def discard(self) -> None:
        """Take away what was staged and is not to be moved."""
        if not self._journal.exists():
            self._clear()

    def was_replaced(self, name: str) -> bool:
        """Whether a file of this name was replaced once."""
        return (self.superseded / name).is_file()

    def _free_name(self, name: str) -> str:
        names = [name, *(f"{name}.{number}" for number in range(2, 10_000))]
        return next(each for each in names if not (self.superseded / each).exists())

    def _finish(self) -> None:
        work = json.loads(self._journal.read_text(encoding="utf-8"))
        for name, kept, digest in work["out"]:
            place = self.path / name
            # by then the name may be the new file's
            if place.exists() and sha256_of(place) == digest:
                place.rename(self.superseded / kept)
        sync(self.superseded)
        for staged, name in work["in"]:
            if (self.path / staged).exists():
                (self.path / staged).replace(self.path / name)
        sync(self.path)
        self._journal.unlink()
        sync(self.superseded)

    def _clear(self) -> None:
        shutil.rmtree(self._incoming, ignore_errors=True)
        with suppress(OSError):  # it holds replaced files, or is not there
            self.superseded.rmdir()
