"""What `mbr export` prints for people.

What belongs here: the head and the files. What does not: options, and what else is told of an export
(``mbr_pipeline.release.exports.manifest``).
"""

from __future__ import annotations

from connectors.counted import plural
from mbr_pipeline.release.exports.command import Exported
from mbr_pipeline.release.exports.manifest import in_words


def print_done(done: Exported) -> None:
    """Print which files were written, their sums, and what a person must know about them."""
    manifest = done.manifest
    about = f"{manifest['msp_id']} {manifest['period']} version {manifest['version']} to {manifest['target']}"
    if done.state == "finished":
        print(f"{about}: the export that was cut off is finished under its entry {manifest['entry_id']}")
    elif done.state == "dry_run":
        print(f"{about}: dry run, nothing was written")
    else:
        print(f"{about}: exported, entry {manifest['entry_id']}")
    for file in manifest["files"]:
        print(f"  {file['name']:24} {plural(file['rows'], 'row')}")
    for line in in_words(manifest):
        print(f"  {line}")
    if done.folder:
        print(f"  in {done.folder}")
