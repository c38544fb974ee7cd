"""Adding a name to a profile in ``mbr.yml``, or a source; every other character of the file stays.

What belongs here: where the addition goes, and the proof that it is the only change. What does not: who the
name is (``strangers``), how the source's files are read (``mbr_pipeline.profiling``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import accumulate
from pathlib import Path
from textwrap import dedent
from typing import Any

import yaml

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.profiling.as_yaml import yaml_text
from mbr_pipeline.setup.strangers import with_renamed
from mbr_pipeline.storage.atomic_files import write_text
from mbr_pipeline.storage.locks import locked
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.settings import FILE_NAME, settings_in

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


LONGEST_BLOCK = 64 * 1024
"""Characters of a source's block that are read."""


_DEEPER = {"[": 1, "{": 1, "]": -1, "}": -1}
_DEEPEST = 50
_UNKEPT = re.compile(r"\\u0000|[\ud800-\udfff]")


def source_in(block: str) -> tuple[str, dict[str, Any]]:
    """Return the one source that a block of YAML says: its name, and what stands below it.

    Raises:
        ConfigError: It is no YAML, too long, repeats parts by ``&`` and ``*``, is not one source, or has a
            character that no ledger keeps.
    """
    if len(block) > LONGEST_BLOCK:
        raise ConfigError(f"the source is longer than {LONGEST_BLOCK:,} characters: write it shorter")
    depths = accumulate((_DEEPER.get(character, 0) for character in block), initial=0)
    if max(depths) > _DEEPEST:  # a reader of YAML takes minutes for thousands
        raise ConfigError("the source is nested too deeply: write it like the proposal")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(block, Loader=yaml.SafeLoader)):
            raise ConfigError("the source repeats parts by & and *: write them out")
        content = yaml.load(block, Loader=yaml.BaseLoader)  # noqa: S506 - builds text, lists and mappings only
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError(f"line {line} of the source: {error.problem}: correct the YAML") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError("the source is no YAML that can be read: correct it") from error
    if not isinstance(content, dict) or len(content) != 1:
        raise ConfigError("write one source: its name, a colon, and below it what it is")
    name, value = next(iter(content.items()))
    if not isinstance(name, str) or not isinstance(value, dict):
        raise ConfigError("write one source: its name, a colon, and below it what it is")
    if _UNKEPT.search(json.dumps([name, value], ensure_ascii=False)):
        raise ConfigError("the source has a character that is no text: take it out")
    return name, value


def with_source(text: str, path: Path, msp_id: str, block: str) -> str:
    """Return the text of ``mbr.yml`` with one source more, below the others of the MSP; as it is where the
    source stands there already.

    Raises:
        ConfigError: The block is no source, there is another of its name, or the file is written in a way in
            which this cannot be done surely.
    """
    name, value = source_in(block)
    content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - builds text, lists and mappings only
    wanted = json.loads(json.dumps(content))
    sources = wanted["msps"][msp_id]["sources"]
    if sources.get(name) == value:
        return text
    if name in sources:
        raise ConfigError(f"{msp_id} has a source {name} already: give this one another name")
    sources[name] = value
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    for key in ("msps", msp_id, "sources"):
        node = _value(node, key)
    changed = _after_last(text, node, block)
    try:
        is_right = yaml.load(changed, Loader=yaml.BaseLoader) == wanted  # noqa: S506 - as above
    except yaml.YAMLError:
        is_right = False
    if not is_right:
        raise ConfigError(
            f"{path}: the source cannot be added for you, for the way the file is written: add it below"
            f" msps.{msp_id}.sources with an editor"
        )
    return changed


def add_source(workspace: WorkspacePaths, msp_id: str, block: str) -> tuple[str, dict[str, Any]]:
    """Add a source to ``mbr.yml``, if the file reads well with it; returns its name and what stands below it.

    Raises:
        ConfigError: It does not, or as for ``with_source``; nothing was written.
    """
    path = workspace.root / FILE_NAME
    with locked(workspace.warehouse / "settings.lock"):
        changed = with_source(path.read_text(encoding="utf-8"), path, msp_id, block)
        settings_in(changed, path)
        mode = path.stat().st_mode
        write_text(path, changed)
        path.chmod(mode)
    return source_in(block)


def _after_last(text: str, mapping: Any, block: str) -> str:
    """Return the text with a block below the last entry of a mapping, as far to the right."""
    column = mapping.value[0][0].start_mark.column
    end = text.find("\n", _end(mapping.value[-1][1]))
    end = len(text) if end < 0 else end
    lines = [" " * column + line if line.strip() else "" for line in dedent(block).strip("\n").splitlines()]
    return text[:end] + "\n" + "\n".join(lines) + text[end:]


def _end(node: Any) -> int:
    """Return where a node's last character is, without the space and the comments that follow."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, yaml.MappingNode) else last)
    return int(node.end_mark.index)


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
