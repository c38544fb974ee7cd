"""One opened workspace: its paths and settings in force, with the rules and credentials that belong to them.

What belongs here: opening, and asking for one MSP's part. What does not: how a file is read (``settings``,
``rules``, ``credentials`` in this folder) and anything that works on a month.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from connectors.http.redaction import Secret
from connectors.spec import SourceSpec
from mbr_pipeline.errors import ConfigError
from mbr_pipeline.periods import Period
from mbr_pipeline.workspace import credentials
from mbr_pipeline.workspace.paths import MonthPaths, WorkspacePaths
from mbr_pipeline.workspace.rules import load_rules
from mbr_pipeline.workspace.settings import MspSettings, Settings, load_settings


@dataclass(frozen=True)
class Workspace:
    """Paths and settings, read together once: the settings do not change while it is in use."""

    paths: WorkspacePaths
    settings: Settings

    @classmethod
    def open(cls, paths: WorkspacePaths) -> Workspace:
        """Read ``mbr.yml``.

        Raises:
            ConfigError: It is missing or wrong.
        """
        return cls(paths, load_settings(paths.root))

    def msp(self, msp_id: str) -> MspSettings:
        """Return an MSP's settings.

        Raises:
            ConfigError: It is not in ``mbr.yml``.
        """
        if msp_id not in self.settings.msps:
            raise ConfigError(f"MSP {msp_id!r} is not in mbr.yml: use one of {', '.join(self.settings.msps)}")
        return self.settings.msps[msp_id]

    def msp_ids(self, only: str | None = None) -> list[str]:
        """Return the MSPs asked for: the one named, or all of them in the order of ``mbr.yml``.

        Raises:
            ConfigError: The one named is not in ``mbr.yml``.
        """
        if only is None:
            return list(self.settings.msps)
        self.msp(only)
        return [only]

    def month(self, msp_id: str, period: str) -> MonthPaths:
        """Return the paths of one MSP's month.

        Raises:
            ConfigError: The MSP is not in ``mbr.yml``, or the period is no month.
        """
        self.msp(msp_id)
        return self.paths.month(msp_id, Period.parse(period))

    def rules(self, msp_id: str) -> dict[str, pa.Table]:
        """Return an MSP's rules by file, as they stand now.

        Raises:
            ConfigError: A rule is wrong, or two of a file hold at once.
        """
        return load_rules(self.paths.root, msp_id)

    def credentials(
        self, msp_id: str, source: str, spec: SourceSpec, environment: Mapping[str, str] = os.environ
    ) -> dict[str, Secret]:
        """Return a source's credentials by name.

        Raises:
            ConfigError: One is not set, or two sources would share their variables.
        """
        return credentials.read(self.settings, msp_id, source, spec, environment)
