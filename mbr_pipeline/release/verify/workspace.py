"""A whole workspace, or one MSP of it: every check there is.

What belongs here: which checks, and over which MSPs. What does not: the checks.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mbr_pipeline.periods import Period
from mbr_pipeline.release.verify.chain import Chain, hold_head
from mbr_pipeline.release.verify.exports import check_exports
from mbr_pipeline.release.verify.files import Folder
from mbr_pipeline.release.verify.findings import Checked
from mbr_pipeline.release.verify.landed import check_landed
from mbr_pipeline.release.verify.ledger import check_ledger
from mbr_pipeline.release.verify.packs import check_pack
from mbr_pipeline.release.verify.versions import check_published
from mbr_pipeline.workspace.paths import WorkspacePaths
from mbr_pipeline.workspace.workspace import Workspace

_VERSION = re.compile(r"v([1-9][0-9]*)\Z")
_PACK = re.compile(r"evidence-v[1-9][0-9]*\.zip\Z")


def check_workspace(
    workspace: Workspace,
    msp_id: str | None = None,
    environment: Mapping[str, str] = os.environ,
    period: str | None = None,
) -> Checked:
    """Check a workspace's ledger and, of every MSP or of one, what is published, exported and landed, in all
    months or in one.

    Raises:
        ConfigError: The MSP is not in ``mbr.yml``, or the period is no month.
    """
    checked = Checked()
    for _ in checking(checked, workspace, msp_id, environment, period):
        pass
    return checked


def checking(
    checked: Checked,
    workspace: Workspace,
    msp_id: str | None = None,
    environment: Mapping[str, str] = os.environ,
    period: str | None = None,
) -> Iterator[str]:
    """Check as :func:`check_workspace` does, and yield each place before it is looked at. Chains are checked
    whole: a month's entries stand in its MSP's.
    """
    asked = workspace.msp_ids(msp_id)
    only = Period.parse(period).text if period else None
    yield "ledger"
    chains = check_ledger(checked, workspace.paths, environment, msp_id)
    # an MSP that was taken out of mbr.yml keeps its chain
    for each in [*asked, *(name for name in sorted(chains) if not msp_id and name not in asked)]:
        # a ledger that cannot be read says nothing about what is missing
        chain = chains.get(each, Chain(each, is_whole=not checked.faults))
        yield from check_published(checked, workspace.paths, chain, only)
        _check_certificates(checked, workspace.paths, chain, only)
        yield from _check_exported(checked, workspace.paths, chain, only)
        yield from check_landed(checked, workspace.paths, chain, only)


def _check_certificates(checked: Checked, workspace: WorkspacePaths, chain: Chain, only: str | None) -> None:
    """Check the heads that closing entries and the gate's certificates of the months name."""
    for entry in chain.entries:
        if entry.kind == "close" and entry.body.get("chain_head"):
            hold_head(checked, chain, entry.body["chain_head"], f"entry {entry.seq} of {chain.msp_id}")
    folder = workspace.warehouse / chain.msp_id
    for path in sorted(folder.glob(f"{only or '*'}/certificate.json")):
        try:
            document: Any = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue  # it is made anew by a run, and publication refuses one that cannot be read
        if isinstance(document, dict) and document.get("chain_head"):
            place = path.relative_to(workspace.root).as_posix()
            hold_head(checked, chain, document["chain_head"], place)


def _check_exported(
    checked: Checked, workspace: WorkspacePaths, chain: Chain, only: str | None
) -> Iterator[str]:
    folder = workspace.root / "exports" / chain.msp_id
    entered = {e.period for e in chain.entries if e.kind == "export" and e.period}
    periods = entered | {path.name for path in (folder.iterdir() if folder.is_dir() else [])}
    for period in sorted(periods):
        if only not in (None, period):
            continue
        called = f"exports/{chain.msp_id}/{period}"
        if not Period.is_written(period):
            checked.add(called, "added", "nothing of MBR's is called so")
            continue
        yield called
        months = folder / period
        versions = {str(entry.body.get("version")) for entry in chain.of(period, "export")}
        for path in sorted(months.iterdir()) if months.is_dir() else []:
            if _PACK.match(path.name):
                _check_pack(checked, workspace, chain, f"{called}/{path.name}")
            elif path.is_dir() and (found := _VERSION.match(path.name)):
                versions.add(found[1])
            else:
                is_rest = path.name.startswith(".")
                said = (
                    "something was cut off while it was written" if is_rest else "nothing recorded this file"
                )
                checked.add(f"{called}/{path.name}", "added", said, is_warning=is_rest)
        for version in sorted(version for version in versions if version.isdigit()):
            files = Folder(months / f"v{version}", f"{called}/v{version}")
            check_exports(checked, files, chain, period, int(version))


def _check_pack(checked: Checked, workspace: WorkspacePaths, chain: Chain, called: str) -> None:
    manifest = check_pack(checked, workspace.root / called, called)
    head = manifest.get("chain_head")
    if head is not None and chain.is_whole:
        hold_head(checked, chain, head, called)
