"""Every command and query in the documentation runs, and prints what the page says it prints."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, Block, blocks
from tests.support.demo import Demo, environment

# what a test cannot run: servers, CI's own targets, clones, and what takes minutes or the network
_NOT_RUN = re.compile(
    r"git clone \S+|cd mbr|make (env|demo|check|test|lint|docs|ui)( \S+=\S+)*|export PATH=.*"
    r"|mbr (ui|serve|people passwd)( .*)?"
    r"|python -m (bench\.(run|scale|many\w*)|tests\.(worlds|kills)\.(campaign|machines))( .*)?"
    r"|python -m (tests\.docs\.sources_page|tools\.[\w.]+|pytest)( .*)?"
    r"|(uv|uvx|pipx|docker|mkdir|python3\.11|mbr-env/bin/\w+) .*"  # tests/packaging installs it offline
    # tests/e2e/test_installation does what needs no root and no systemd
    r"|(useradd|usermod|install|ln|runuser|systemctl|systemd-run|htpasswd|nginx|diff|/opt/mbr/bin/pip) .*"
    r"|mbr fetch( .*)?"  # asks a vendor; tests/fetching runs it against fake ones
)
_RUN_PAGES = [page for page in PAGES if any(block.is_run for block in blocks(page))]


def _printed(block: Block, folder: Path) -> str:
    if block.language == "sql":
        command = ["mbr", "sql", block.text, "--workspace", "demo"]
    else:
        command = ["bash", "-euo", "pipefail", "-c", block.text]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == block.exit_code, (
        f"{block.name}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    )
    if block.language == "sql":
        assert "(0 rows)" not in done.stdout, f"{block.name}: an example that finds nothing shows nothing"
    return done.stdout


def _expect_lines(block: Block, printed: str) -> None:
    """The page's lines are printed in this order; a … stands for what a page leaves out."""
    real = iter([" ".join(line.split()) for line in printed.splitlines()])
    for line in block.text.splitlines():
        wanted = " ".join(line.split())
        form = re.compile(".+".join(re.escape(part) for part in wanted.split("…")))
        if wanted and wanted != "…":
            found = any(form.fullmatch(line) for line in real)
            assert found, f"{block.name}: the page shows {wanted!r}, printed is:\n{printed}"


@pytest.mark.parametrize("page", _RUN_PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page_run_one_after_another_and_print_what_it_shows(
    page: Path, closed_october: Demo, workplace: Callable[[], Path]
) -> None:
    folder = workplace()
    printed = ""
    for block in blocks(page):
        if block.is_run:
            printed = _printed(block, folder)
        elif block.marker == "output":
            _expect_lines(block, printed)
        elif block.marker == "output of the demo run":
            _expect_lines(block, closed_october.printed)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_only_servers_clones_and_ci_targets_are_left_out(page: Path) -> None:
    for block in blocks(page):
        is_elsewhere = block.marker == "not run: a test of an installation runs it"
        if block.language in ("sh", "sql") and not block.is_run and not is_elsewhere:
            commands = [line.split("  #")[0].strip() for line in block.text.splitlines() if line.strip()]
            unknown = [command for command in commands if not _NOT_RUN.fullmatch(command)]
            assert not unknown, f"{block.name}: must be run, not marked: {unknown}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_fence_names_its_language_and_every_marker_is_known(page: Path) -> None:
    for block in blocks(page):
        # python: test_sources holds it to the code that runs
        assert block.language in (
            "sh",
            "sql",
            "text",
            "yaml",
            "csv",
            "json",
            "python",
        ), f"{block.name}: {block.language!r}"
        known = re.fullmatch(
            r"(not run: .+|file .+|exit code \d|output|output of the demo run)?", block.marker
        )
        assert known, f"{block.name}: marker {block.marker!r}"
