"""Adding a name to a profile in ``mbr.yml``, and leaving every other character of the file as it is.

What belongs here: where the addition goes, and the proof that it is the only change. What does not: who the
name is (``strangers``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.profiling.as_yaml import yaml_text
from mbr_pipeline.setup.strangers import with_renamed
from mbr_pipeline.storage.atomic_files import write_text
from mbr_pipeline.workspace.settings import FILE_NAME

Place = tuple[str, str, str, str]
"""MSP, source, dataset and column of a profile."""


def add_renamed(workspace: Path, place: Place, renamed: Mapping[str, str]) -> None:
    """Add names to ``renamed`` of a column.

    Raises:
        ConfigError: The file is written in a way in which this cannot be done surely; it says what to add.
    """
    path = workspace / FILE_NAME
    text = path.read_text(encoding="utf-8")
    msp_id, source, dataset, column = place
    keys = ("msps", msp_id, "sources", source, "settings", dataset, "columns", column)
    changed = text
    for name, client_id in renamed.items():
        changed = _with(changed, keys, f"{yaml_text(name)}: {yaml_text(client_id)}")
    content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - builds text, lists and mappings only
    wanted = json.loads(json.dumps(content))  # what an alias repeats is not to change with it
    inner = wanted
    for key in keys[:-1]:
        inner = inner[key]
    inner[column] = with_renamed(inner[column], renamed)
    try:
        is_right = yaml.load(changed, Loader=yaml.BaseLoader) == wanted  # noqa: S506 - as above
    except yaml.YAMLError:
        is_right = False
    if not is_right:
        lines = ", ".join(f"{yaml_text(one)}: {yaml_text(other)}" for one, other in renamed.items())
        raise ConfigError(
            f"{path}: {'.'.join(keys)}: add `renamed: {{{lines}}}` there and run this again: the file is"
            " written in a way in which it cannot be added for you"
        )
    write_text(path, changed)


def _with(text: str, keys: tuple[str, ...], entry: str) -> str:
    """Return the text with one entry more under ``renamed`` of the column."""
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for key in keys:
        node = _value(node, key)
    if isinstance(node, yaml.ScalarNode):
        heading = text[node.start_mark.index : node.end_mark.index]
        column = f"{{heading: {heading}, renamed: {{{entry}}}}}"
        return text[: node.start_mark.index] + column + text[node.end_mark.index :]
    table = _value(node, "renamed")
    if table is None:
        return _before_first(text, node, f"renamed: {{{entry}}}")
    return _before_first(text, table, entry)


def _before_first(text: str, mapping: Any, entry: str) -> str:
    first = mapping.value[0][0].start_mark
    between = ", " if mapping.flow_style else "\n" + " " * first.column
    return text[: first.index] + entry + between + text[first.index :]


def _value(node: Any, key: str) -> Any:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for name, value in pairs if name.value == key), None)
