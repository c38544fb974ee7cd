"""Writing an export into a folder beside its place, checking it there, and putting it in place.

What belongs here: folders. What does not: what is exported (``targets``) and the entry (``command``).
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

from mbr_pipeline.errors import MbrError
from mbr_pipeline.release.exports import files
from mbr_pipeline.release.exports.manifest import MANIFEST, manifest_text, sums
from mbr_pipeline.release.exports.targets import Export
from mbr_pipeline.storage.atomic_files import sha256_of, sync, write_text


def build(folder: Path, export: Export) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Write all files into a new folder and read them back.

    Returns:
        Name, SHA-256 and rows of each, and Σ of what they say by currency.

    Raises:
        MbrError: Σ of the files as they were read back is not Σ of the tables.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        return _written(folder, export)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _written(folder: Path, export: Export) -> tuple[list[dict[str, Any]], dict[str, str]]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    facts = []
    for file in export.files:
        for currency, amount in files.write(folder, file).items():
            found[currency] += amount
        path = folder / file.name
        sync(path)
        facts.append({"name": file.name, "sha256": sha256_of(path), "rows": len(file.rows)})
    if export.expected is not None:
        for currency in found.keys() | export.expected.keys():
            wanted = export.expected.get(currency, Decimal(0))
            if found.get(currency, Decimal(0)) != wanted:
                raise MbrError(
                    f"the files say {found.get(currency, Decimal(0)):f} {currency}, the tables {wanted:f}:"
                    " nothing was exported; please report it"
                )
    return facts, sums(found)


def place(building: Path, folder: Path, manifest: Mapping[str, Any]) -> None:
    """Put a folder in its place with its manifest; one that is there already is kept as ``<TARGET>.<k>``."""
    write_text(building / MANIFEST, manifest_text(manifest))
    sync(building)
    if folder.exists():
        folder.rename(_kept(folder))
    building.rename(folder)
    sync(folder.parent)


def _kept(folder: Path) -> Path:
    names = (folder.with_name(f"{folder.name}.{k}") for k in count(1))
    return next(path for path in names if not path.exists())
