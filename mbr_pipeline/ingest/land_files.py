"""Landing files by command: checked as a run will read them, then all of them or none (contract §2.4).

What belongs here: what may land under which name, and what it replaces. What does not: the moves themselves
(``mbr_pipeline.ingest.landing_moves``), reading and typing (``mbr_pipeline.ingest.parse``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from connectors.files.opening import SUFFIXES
from connectors.safe_text import text_problem
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.ingest.land_checks import Place, checked, held_together, remarks
from mbr_pipeline.ingest.landing import LandedFile, scan
from mbr_pipeline.storage.locks import locked


@dataclass(frozen=True)
class Landed:
    """What became of one file: its name in the landing folder, whether it lies there only now, and what is in
    it.
    """

    name: str
    is_new: bool
    sha256: str
    rows: int
    totals: dict[str, str]


@dataclass(frozen=True)
class Result:
    """What was landed; ``replaced``: where each replaced file is kept, by its name."""

    files: tuple[Landed, ...]
    replaced: dict[str, str]
    warnings: tuple[str, ...]


def land_files(
    place: Place,
    files: Sequence[Path],
    replaced: Sequence[str],
    on_wait: Callable[[], None] | None = None,
    enter: Callable[[Sequence[Path], Mapping[str, str]], None] | None = None,
) -> Result:
    """Check files and land all of them, and let those named in ``replaced`` go.

    ``enter`` is called once nothing speaks against it, as by
    :meth:`mbr_pipeline.ingest.landing_moves.LandingFolder.move`.

    Raises:
        ConfigError: One of them may not land as it is; nothing is changed then.
    """
    names = _names(place, files)
    folder = place.folder
    with locked(place.month.landing_lock, on_wait):
        made = [path for path in (folder.path, *folder.path.parents[:2]) if not path.exists()]
        folder.path.mkdir(parents=True, exist_ok=True)
        try:
            folder.recover()
            staged = [
                place.landed_file(folder.stage(file, name)) for file, name in zip(files, names, strict=True)
            ]
            return _landed(place, staged, [bare_name(place, name) for name in replaced], enter)
        finally:
            folder.discard()
            with suppress(OSError):  # something was landed in them
                for path in made:
                    path.rmdir()


def _landed(
    place: Place,
    staged: list[LandedFile],
    replaced: list[str],
    enter: Callable[[Sequence[Path], Mapping[str, str]], None] | None,
) -> Result:
    landing = scan(
        place.workspace.paths,
        place.month.msp_id,
        place.workspace.msp(place.month.msp_id),
        place.month.period,
    )
    there = {file.path.name: file for file in (*landing.current, *(s.file for s in landing.superseded))
             if (file.source, file.dataset) == (place.source, place.dataset)}  # fmt: skip
    new, known = [], {}
    for file in staged:
        twin = _twin(place, file, there, replaced)
        if twin:
            known[file.path.name] = twin
        else:
            new.append(file)
    going = _going(place, replaced, set(known.values()), has_new=bool(new))
    for file in new:
        if (place.folder.path / file.path.name).exists() and file.path.name not in going:
            raise ConfigError(
                f"{file.name} is landed already with other content: add --replaces {file.path.name} if this"
                " file is its correction, or land it under another name; nothing was landed"
            )
    staying = [f for f in there.values() if f.path.name not in going]
    parsed = [checked(place, file) for file in staged]
    others = [
        f
        for f in (*landing.current, *landing.earlier)
        if f.dataset == place.dataset and f not in there.values()
    ]
    warnings = held_together(place, [*staying, *new], others, {file.name for file in new})
    kept = place.folder.move([file.path for file in new], going, enter) if new or going else {}
    found = tuple(
        Landed(
            known.get(p.landed.path.name, p.landed.path.name),
            p.landed in new,
            p.landed.sha256,
            p.rows,
            p.totals,
        )
        for p in parsed
    )
    return Result(
        found, kept, (*(f"{p.landed.name}: {text}" for p in parsed for text in remarks(p)), *warnings)
    )


def _names(place: Place, files: Sequence[Path]) -> list[str]:
    names = []
    for file in files:
        name = place.name_of(file)
        if text_problem(name) or not name.isprintable():
            raise ConfigError(f"{name!r}: its name cannot be landed: rename it to plain letters and digits")
        if not file.is_file():
            raise ConfigError(f"{file}: no such file: name the files to land")
        if not name.lower().removesuffix(".gz").endswith(SUFFIXES):
            raise ConfigError(f"{file}: unknown kind of file: use {', '.join(SUFFIXES)}, also with .gz")
        if name in names:
            raise ConfigError(f"two of the files would land as {name}: rename one of them")
        names.append(name)
    return names


def bare_name(place: Place, name: str) -> str:
    """Take a name also as messages write it, period/source/file."""
    return name.removeprefix(f"{place.month.period.text}/{place.source}/")


def _twin(
    place: Place, file: LandedFile, there: dict[str, LandedFile], replaced: Sequence[str]
) -> str | None:
    """Return the landed file that a file equals, so that it need not land; where the last name counts, only
    one of its own name.
    """
    own = there.get(file.path.name)
    if own and own.sha256 == file.sha256:
        return file.path.name
    # two customers' files may have equal bytes, where the name says whose they are
    same = (name for name, other in there.items() if other.content == file.content and name not in replaced)
    return None if place.replaces or own else next(same, None)


def _going(place: Place, replaced: Sequence[str], known: set[str], *, has_new: bool) -> list[str]:
    """Return the names of landed files that are to go: not those that equal what is landed, nor those that an
    earlier try of the same command replaced.
    """
    going = []
    for name in dict.fromkeys(replaced):
        is_name = name == Path(name).name and place.name_of(Path(name)) == name
        if is_name and (place.folder.path / name).is_file():
            going += [name] * (name not in known)
        elif not is_name or has_new or not place.folder.was_replaced(name):
            there = sorted(p.name for p in place.folder.path.glob(f"{place.dataset}.*") if p.is_file())
            raise ConfigError(
                f"--replaces {name}: no landed {place.dataset} of {place.source} in"
                f" {place.month.period.text} is called so: use"
                f" {' or '.join(there) or 'no --replaces, for none is landed'}; nothing was landed"
            )
    return going
