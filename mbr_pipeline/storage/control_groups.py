"""What memory the control groups of this process leave it: of a container, a service of systemd, a job.

What belongs here: finding the groups, of both kinds that Linux has, their limit and what they use. What does
not: what DuckDB is given of it (``mbr_pipeline.storage.memory``).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_MEMBERSHIP = Path("/proc/self/cgroup")
_MOUNT = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class MemoryGroup:
    """A group with a limit, in bytes; ``used`` leaves out pages of files that the kernel can take back."""

    limit: int
    used: int


def memory_groups(membership: Path = _MEMBERSHIP, mount: Path = _MOUNT) -> list[MemoryGroup]:
    """Return the groups with a limit that this process is in, the innermost first: a group's limit holds for
    all below it. Within a container its own group stands at the root, whatever it is called outside.
    """
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            found += _along(mount, path, "memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
            found += _along(mount / "memory", path, *names)
    return found


def _along(root: Path, path: str, limit: str, usage: str, reclaimable: str) -> list[MemoryGroup]:
    inside = PurePosixPath(path.removeprefix("/"))
    folders = [root / each for each in (inside, *inside.parents) if ".." not in each.parts]
    groups = (_group(folder, limit, usage, reclaimable) for folder in dict.fromkeys(folders))
    return [group for group in groups if group is not None]


def _group(folder: Path, limit: str, usage: str, reclaimable: str) -> MemoryGroup | None:
    try:
        written = (folder / limit).read_text(encoding="ascii").strip()
        used = int((folder / usage).read_text(encoding="ascii"))
        counts = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    back = sum(int(line.split()[1]) for line in counts if line.split()[0] == reclaimable)
    return None if written == "max" else MemoryGroup(int(written), max(0, used - back))
