"""Makes the folder that ``mbr init`` or ``mbr world`` leaves behind: an empty, explained workspace, three
demo months or a generated world.

What belongs here: the first files of a workspace. What does not: reading them back
(``mbr_pipeline.workspace.settings``, ``mbr_pipeline.ingest.landing``) and every folder that the tool makes
for itself when it runs (contract §2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mbr_pipeline.errors import ConfigError
from mbr_pipeline.scaffold.contents import demo_workspace, empty_workspace
from mbr_pipeline.workspace.paths import refuse_question_mark

if TYPE_CHECKING:
    from mbr_pipeline.scaffold.world import Injection, World


class WorkspaceError(ConfigError):
    """The folder cannot become a workspace; the message is one line that says what to do. Exit code 2."""


def create_workspace(directory: Path, demo: bool) -> list[Path]:
    """Write a new workspace into a folder that is empty or does not exist yet (contract §2).

    Args:
        directory: where the workspace goes; missing parents are made.
        demo: True for the two demo providers with three months of data, False for the empty, commented
            workspace.

    Returns:
        The files written, in path order.

    Raises:
        WorkspaceError: if the folder holds anything already, is a file, or cannot be written.
    """
    with _new_folder(directory):
        contents = demo_workspace() if demo else empty_workspace()
        return [_write(directory / relative, contents[relative]) for relative in sorted(contents)]


def create_world(
    directory: Path, seed: int, clients: int, periods: int, msps: int, inject: Sequence[Injection]
) -> World:
    """Write a generated world and its answer key, ``answers.csv``, into a folder that is empty or
    does not exist yet.

    Args:
        directory: where the workspace goes; missing parents are made.
        seed: the same arguments give the same bytes.
        clients: per MSP; every finding brings one of its own.
        periods: consecutive months; the findings are in the last one.
        msps: 1 or 2; the findings are in the first one.
        inject: what to hide.

    Raises:
        WorkspaceError: if the folder holds anything already, is a file, or cannot be written.
    """
    from mbr_pipeline.scaffold import answer_key  # noqa: PLC0415
    from mbr_pipeline.scaffold.world import make_world  # noqa: PLC0415

    with _new_folder(directory):
        world = make_world(directory, seed, clients, periods, inject, msps)
        _write(
            directory / answer_key.FILE_NAME,
            answer_key.as_csv(answer_key.AnswerKey(world.answers, world.blocked)),
        )
    return world


@contextmanager
def _new_folder(directory: Path) -> Iterator[None]:
    """Allow writing only into an empty or missing folder; an error of the disk is reported
    in one line, too.
    """
    try:
        refuse_question_mark(directory.resolve())
        _refuse_unless_empty(directory)
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise WorkspaceError(
            f"cannot write a workspace to {directory}: {reason}; choose another folder"
        ) from error


def _refuse_unless_empty(directory: Path) -> None:
    if directory.exists() and not directory.is_dir():
        raise WorkspaceError(f"{directory} is a file; name a new or empty folder")
    if directory.is_dir() and any(directory.iterdir()):
        raise WorkspaceError(
            f"{directory} is not empty; name a new or empty folder so that nothing is overwritten"
        )


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
