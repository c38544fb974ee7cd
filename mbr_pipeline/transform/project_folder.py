"""Where the dbt project and its compiled output are, in a checkout and in an installed package.

What belongs here: finding the two folders. What does not: compiling
(``mbr_pipeline.transform.compiled_project``) and running dbt
(``mbr_pipeline.transform.dbt_server``). An installed package may be read-only and shared by many
users, so nothing is ever written next to an installed project.
"""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

CACHE_VARIABLE = "MBR_CACHE_DIR"
_PACKAGE = Path(__file__).resolve().parents[1]
_INSTALLED = _PACKAGE / "dbt_project"
_CHECKOUT = _PACKAGE.parent / "dbt_project"

PROJECT = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
"""The dbt project: inside the package if installed from a wheel, next to it in a checkout."""


def compiled_folder(fingerprint: str) -> Path:
    """Return the folder for everything compiled from the project with this fingerprint.

    Installed: a folder of its own per fingerprint in the user's cache, so that two versions of MBR never
    write into each other's. In a checkout: ``target/`` of the project, made anew when the project changes.
    MBR_CACHE_DIR names another cache in both cases.
    """
    cache = os.environ.get(CACHE_VARIABLE)
    if not cache and PROJECT == _CHECKOUT:
        return PROJECT / "target" / "mbr"
    folder = Path(cache).expanduser().resolve() if cache else user_cache_path("mbr")
    return folder / "dbt" / fingerprint[:16]
