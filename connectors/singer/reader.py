"""A stream of a Singer tap, read as a canonical dataset: by a profile, or by canonical names.

What belongs here: which stream is for which dataset. What does not: the lines of a tap (``stream``), the
words of a profile (``connectors.mapped``).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from connectors.datasets import DATASETS, Dataset
from connectors.files.records import RecordFile, UnreadableFile
from connectors.mapped.profile import profile_of
from connectors.mapped.reader import MappedFile
from connectors.singer.stream import SingerStream

_STREAM = "stream"


def check_singer(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of a source of a tap's files if every word in them is right.

    Raises:
        ValueError: One is not; the text says which and what to write.
    """
    for name, words in settings.items():
        if name not in DATASETS:
            raise ValueError(f"settings.{name} is no dataset: use any of {', '.join(DATASETS)}")
        if not isinstance(words, Mapping) or not isinstance(words.get(_STREAM), str) or not words[_STREAM]:
            raise ValueError(f"settings.{name}.stream is missing: name the tap's stream for {name}")
        if profile := _profile_words(words):
            profile_of(DATASETS[name], profile)
    return settings


def open_singer(path: Path, dataset: Dataset, settings: Mapping[str, Any]) -> RecordFile:
    """Open the stream that the settings name for a dataset.

    Raises:
        UnreadableFile: They name none, the file is not whole, or a field that the profile names is not there.
    """
    if dataset.name not in settings:
        raise UnreadableFile(path.name, f"settings.{dataset.name}.stream is missing in mbr.yml")
    words = settings[dataset.name]
    if not (profile := _profile_words(words)):
        return SingerStream(path, words[_STREAM], dataset.column_names)
    return MappedFile(path, profile_of(dataset, profile), records=SingerStream(path, words[_STREAM]))


def _profile_words(words: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in words.items() if name != _STREAM}
