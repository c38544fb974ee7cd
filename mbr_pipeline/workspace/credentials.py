"""Credentials of sources, read only from the environment (contract §2).

What belongs here: the names of the variables, and reading them. What does not: what a source needs (its
declaration in ``connectors``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from connectors.http.redaction import Secret
from connectors.spec import SourceSpec
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.settings import Settings


def variable(msp_id: str, source: str, name: str) -> str:
    """Return the environment variable that holds a credential, such as
    ``MBR_NORTHWIND_PAX8_CLIENT_SECRET``.
    """
    return "_".join(re.sub(r"[^A-Z0-9]", "_", part.upper()) for part in ("MBR", msp_id, source, name))


def missing(
    msp_id: str, source: str, spec: SourceSpec, environment: Mapping[str, str] = os.environ
) -> list[str]:
    """Return the variables that must be set and are not, each with what it should hold."""
    needed = [(variable(msp_id, source, credential.name), credential.doc) for credential in spec.credentials]
    return [f"{name} ({doc})" for name, doc in needed if not environment.get(name)]


def read(
    settings: Settings,
    msp_id: str,
    source: str,
    spec: SourceSpec,
    environment: Mapping[str, str] = os.environ,
) -> dict[str, Secret]:
    """Return a source's credentials by name.

    Raises:
        ConfigError: One is not set, or two sources would share their variables.
    """
    same = [
        f"{other} of {msp}"
        for msp, entry in settings.msps.items()
        for other in entry.sources
        if (msp, other) != (msp_id, source) and variable(msp, other, "") == variable(msp_id, source, "")
    ]
    if same:
        raise ConfigError(
            f"source {source} of {msp_id} and {same[0]} would share environment variables: rename one in"
            " mbr.yml"
        )
    absent = missing(msp_id, source, spec, environment)
    if absent:
        raise ConfigError(
            f"source {source} of {msp_id} needs the environment variable {absent[0]}: set it and try again"
        )
    return {
        credential.name: Secret(environment[variable(msp_id, source, credential.name)])
        for credential in spec.credentials
    }
