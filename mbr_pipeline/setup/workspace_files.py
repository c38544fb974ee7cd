"""Writing what was planned: ``mbr.yml`` with the reason of every line, empty rule files, and the landed
files.

What belongs here: the bytes, and that a folder has all of them or none. What does not: deciding (``plan``).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.profiling.as_yaml import dataset_as_yaml, yaml_text
from mbr_pipeline.scaffold.contents import EXAMPLE_MSP, empty_workspace
from mbr_pipeline.setup.plan import Plan, Source
from mbr_pipeline.workspace.paths import refuse_question_mark
from mbr_pipeline.workspace.settings import FILE_NAME

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def settings_text(plan: Plan, msp_id: str, msp_name: str) -> str:
    """Return ``mbr.yml`` for the plan."""
    lines = [
        "# Made by `mbr setup` from a folder of exports: correct what is not right, and run the month again.",
        "# Secrets never go in here: connectors read them from environment variables.",
        "msps:",
        f"  {yaml_text(msp_id)}:",
        f"    name: {yaml_text(msp_name)}",
        "    sources:",
    ]
    for source in plan.sources:
        lines += _source(source)
    return "\n".join(lines) + "\n"


def _source(source: Source) -> Iterator[str]:
    yield f"      {yaml_text(source.name)}:  # {', '.join(_plain(export.name) for export in source.files)}"
    if source.connector != "canonical":
        yield f"        connector: {source.connector}"
    yield f"        datasets: [{', '.join(source.datasets)}]"
    if not source.settings:
        return
    yield "        settings:"
    for dataset in source.datasets:
        export = next(each for each in source.files if each.dataset == dataset)
        if export.proposal is not None:
            yield dataset_as_yaml(export.proposal, dataset).rstrip("\n")


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def landed_name(path: Path, dataset: str, taken: set[str]) -> str:
    """Return the name that a file lands under: its dataset, and its own name, made safe; none of those
    ``taken``, to which it is added.
    """
    own = _UNSAFE.sub("-", path.name).strip("-.") or "file.csv"
    name = own if own.startswith(f"{dataset}.") else f"{dataset}.{own}"
    stem, number = name, 1
    while name in taken:
        number += 1
        name = f"{dataset}.{number}.{stem.removeprefix(f'{dataset}.')}"
    taken.add(name)
    return name


def write_workspace(directory: Path, plan: Plan, msp_id: str, msp_name: str) -> int:
    """Make the workspace with the files landed, all of it or nothing; returns how many files were landed.

    Raises:
        ConfigError: The folder has something in it, or cannot be written.
    """
    refuse_question_mark(directory.resolve())
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise ConfigError(
            f"{directory} is not empty: name a new or empty folder so that nothing is overwritten"
        )
    directory.parent.mkdir(parents=True, exist_ok=True)
    making = directory.parent / f".{directory.name}.{os.getpid()}.setup"
    try:
        shutil.rmtree(making, ignore_errors=True)
        for relative, content in empty_workspace().items():
            if relative != FILE_NAME:
                _write(making / relative.replace(f"rules/{EXAMPLE_MSP}/", f"rules/{msp_id}/"), content)
        _write(making / FILE_NAME, settings_text(plan, msp_id, msp_name).encode())
        landed = 0
        for source in plan.sources:
            taken: set[str] = set()
            folder = making / "landing" / msp_id / plan.period / source.name
            folder.mkdir(parents=True, exist_ok=True)
            for export in source.files:
                shutil.copyfile(export.path, folder / landed_name(export.path, export.dataset, taken))
                landed += 1
        if directory.exists():
            directory.rmdir()
        making.replace(directory)
        return landed
    except OSError as error:
        raise ConfigError(
            f"cannot write a workspace to {directory}: {error.strerror}; choose another folder"
        ) from error
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
