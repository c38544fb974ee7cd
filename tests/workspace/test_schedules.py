"""When a month is closed: the common schedule, and what an MSP sets itself.

Belongs here: reading ``schedule``. Does not: the runs that follow (``tests/defs/test_closing_times.py``).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.workspace.settings import load_settings
from tests.support.small import settings, write
from tests.workspace.loading_settings import GOOD, load

COMMON = "schedule: {day: 9, hour: 5, time_zone: Europe/Berlin, early_look: false}\n"


def test_what_an_msp_leaves_out_is_the_common_schedules(tmp_path: Path) -> None:
    text = settings(["acme", "birch"], COMMON).replace("  acme:\n", "  acme:\n    schedule: {day: 8}\n", 1)
    write(tmp_path / "mbr.yml", text)
    loaded = load_settings(tmp_path)
    acme, birch = loaded.schedule_of("acme"), loaded.schedule_of("birch")
    assert (acme.day, acme.hour, acme.time_zone, acme.early_look) == (8, 5, "Europe/Berlin", False)
    assert (birch.day, birch.hour, birch.time_zone, birch.early_look) == (9, 5, "Europe/Berlin", False)


@pytest.mark.parametrize(("word", "meaning"), [("true", True), ("FALSE", False), ("True", True)])
def test_yes_and_no_are_read_in_any_case(word: str, meaning: bool, tmp_path: Path) -> None:
    write(tmp_path / "mbr.yml", GOOD + f"schedule: {{early_look: {word}}}\n")
    assert load_settings(tmp_path).schedule_of("acme").early_look is meaning


def test_what_is_neither_yes_nor_no_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="schedule.early_look: 'maybe' is neither: write true or false"):
        load(tmp_path, GOOD + "schedule: {early_look: maybe}\n")


def test_an_unknown_time_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="schedule.time_zone"):
        load(tmp_path, GOOD + "schedule: {time_zone: Europe/Atlantis}\n")
