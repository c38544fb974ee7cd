"""What kind of test each test is, and in which order files start: by where it stands and what it uses.

Belongs here: the markers of ``pyproject.toml``, which no test carries by hand, and the order. Does not:
fixtures (``tests/conftest.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

KINDS = {
    "tests/e2e/test_small_month.py": "smoke",
    "tests/e2e/": "e2e",
    "tests/kills/": "e2e",
    "tests/docs/test_commands.py": "e2e",
    "tests/publish/test_interrupted.py": "e2e",
    "tests/storage/objects/": "e2e",
    "tests/mirror/": "e2e",
    "tests/worlds/": "worlds",
    "tests/field/test_months.py": "worlds",
    "tests/connectors/sources/": "sources",
    "tests/ingest/fetch/": "sources",
    "tests/bench/": "slow",
    "tests/tools/test_python_mutants.py": "slow",
    "tests/tools/test_sql_campaign.py": "slow",
    "tests/packaging/": "slow",
    "tests/docs/test_site.py": "slow",
    "tests/dbt/test_unit_tests.py": "slow",
    "tests/alerts/": "integration",
    "tests/cli/warm/": "integration",
    "tests/cli/world/": "integration",
    "tests/decide/ledger/": "integration",
    "tests/decide/test_deciding.py": "integration",
    "tests/decide/test_policies.py": "integration",
    "tests/decide/test_policy_entries.py": "integration",
    "tests/defs/": "integration",
    "tests/ingest/test_history.py": "integration",
    "tests/mapping_help/test_accept.py": "integration",
    "tests/mapping_help/test_accept_table.py": "integration",
    "tests/mapping_help/test_table.py": "integration",
    "tests/monthly_close/": "integration",
    "tests/profiling/test_exports_from_documentation.py": "integration",
    "tests/publish/": "integration",
    "tests/release/": "integration",
    "tests/serve/": "integration",
    "tests/storage/database/": "integration",
    "tests/transform/": "integration",
    "tests/upkeep/": "integration",
}
"""The kind of the tests below a path; the first that fits counts."""

PIPELINE = frozenset({"transformer", "closed_demo", "closed_october"})
"""Who asks for one of these runs dbt."""

BROWSERS = frozenset({"browsing", "opened", "sync_playwright"})
"""Whose module has one of these names starts a browser."""

STARTS_FIRST = (
    "tests/e2e/machines/test_machines.py",
    "tests/e2e/test_months.py",
    "tests/docs/test_commands.py",
)
"""The longest files, which no worker must begin when the others are done. The second makes the closed demo:
whoever else needs it comes when it is made."""

ORDER = ("worlds", "e2e", "slow", "sources", "smoke", "integration", "unit")


def kind_of(path: str, fixtures: Iterable[str], names: Iterable[str] = ()) -> str:
    """Return the marker of a test in the file ``path`` (from the root) that uses these fixtures, in a module
    with these names.
    """
    kind = next((kind for prefix, kind in KINDS.items() if path.startswith(prefix)), "unit")
    runs = not (PIPELINE.isdisjoint(fixtures) and BROWSERS.isdisjoint(names))
    return "e2e" if runs and kind in ("unit", "integration") else kind


def is_left_out(path: str, expression: str) -> bool:
    """Whether no test of a file can be meant by ``-m EXPRESSION``: it need not even be read."""
    wanted = set(re.findall(r"\w+", expression))
    if not wanted or not wanted <= {*ORDER, "or"}:
        return False
    kind = kind_of(path, ())
    return wanted.isdisjoint({kind, "e2e"} if kind in ("unit", "integration") else {kind})


def place(path: str, kind: str) -> tuple[int, int]:
    """Return what to sort tests by, so that workers end together: long files first, short ones last."""
    first = STARTS_FIRST.index(path) if path in STARTS_FIRST else len(STARTS_FIRST)
    return first, ORDER.index(kind)
