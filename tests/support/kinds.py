"""What kind of test each test is, and in which order files start: by where it stands and what it uses.

Belongs here: the markers of ``pyproject.toml``, which no test carries by hand, and the order. Does not:
fixtures (``tests/conftest.py``).
"""

from __future__ import annotations

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
}
"""The kind of the tests below a path; the first that fits counts."""

PIPELINE = frozenset({"transformer", "closed_demo", "closed_october"})
"""Who asks for one of these runs dbt."""

BROWSERS = frozenset({"browsing", "opened", "sync_playwright"})
"""Whose module has one of these names starts a browser."""

STARTS_FIRST = ("tests/e2e/test_months.py", "tests/docs/test_commands.py")
"""The longest files, which a worker must not begin when the others are done. The first makes the closed demo:
whoever else needs it comes when it is made."""

ORDER = ("worlds", "e2e", "slow", "sources", "smoke", "unit")


def kind_of(path: str, fixtures: Iterable[str], names: Iterable[str] = ()) -> str:
    """Return the marker of a test in the file ``path`` (from the root) that uses these fixtures, in a module
    with these names.
    """
    for prefix, kind in KINDS.items():
        if path.startswith(prefix):
            return kind
    return "unit" if PIPELINE.isdisjoint(fixtures) and BROWSERS.isdisjoint(names) else "e2e"


def place(path: str, kind: str) -> tuple[int, int]:
    """Return what to sort tests by, so that workers end together: long files first, short ones last."""
    first = STARTS_FIRST.index(path) if path in STARTS_FIRST else len(STARTS_FIRST)
    return first, ORDER.index(kind)
