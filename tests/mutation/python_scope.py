"""Which modules decide about money and the gate, and which tests have to notice a fault in each.

Belongs here: the scope and its reasons. Does not: faults (``python_mutants``), running (``python_trial``).

Left out, and why: ``connectors/files`` but for numbers and FOCUS rows (they hand on text, and what a reader loses or invents shows in
the counts and totals of its own conformance tests); ``files``, ``warehouse``, ``workspace_paths``, ``errors`` (locks, swaps and paths: a
fault there is a crash or a lost file, which tests/e2e/test_kill.py provokes by killing); ``transform``, ``dbt_process``,
``column_lineage``, ``defs``, ``cli``, ``workspace`` (wiring, display and demo data; that no wiring gets round the gate is
tests/defs/test_gate_launches.py); ``report`` but for its money formatting (the page shows, it does not decide; it checks itself
against the tables). The arithmetic of the reconciliation is SQL: its mutants are those of the other half of this folder.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A module and the tests that have to notice: ``fast`` ones for every mutant, ``slow`` ones for what is left."""

    module: str
    fast: tuple[str, ...]
    slow: tuple[str, ...] = ()


_DATASETS_PAGE = "tests/docs/test_reference.py::test_datasets_page_lists_exactly_the_canonical_columns"
_IDENTITIES_PAGE = "tests/docs/test_reference.py::test_datasets_page_says_what_identifies_a_record"
_RULES_PAGE = "tests/docs/test_reference.py::test_settings_page_lists_exactly_the_columns_of_a_rule_file"
_POLICIES_PAGE = (
    "tests/docs/test_reference.py::test_settings_page_lists_every_policy_and_schedule_key_with_its_default"
)

_DEFAULT_RUNNER = "tests/audit/test_expectations.py::test_what_the_gate_runs_by_itself_is_great_expectations"
_SWAPS = "tests/publish/test_publication.py::test_a_query_beside_many_swaps_reads_one_publication_and_never_parts_of_two"

TARGETS = (
    # what a text is worth
    Target("mbr_pipeline/values.py", ("tests/test_values.py",)),
    Target("mbr_pipeline/periods.py", ("tests/test_periods.py",)),
    Target("connectors/plain_numbers.py", ("tests/connectors/test_plain_numbers.py",)),
    Target("connectors/focus/rows.py", ("tests/connectors/focus/test_focus.py",)),
    Target("connectors/datasets.py", ("tests/connectors/test_datasets.py", _DATASETS_PAGE, _IDENTITIES_PAGE)),
    Target("mbr_pipeline/ingest/typing_sql.py", ("tests/ingest/test_parse.py",)),
    Target("mbr_pipeline/ingest/parse.py", ("tests/ingest/test_parse.py",)),
    Target("mbr_pipeline/report/text.py", ("tests/report/test_close_report_text.py",)),
    # what the user decided
    Target("mbr_pipeline/workspace/rules.py", ("tests/workspace/test_rules.py", _RULES_PAGE)),
    Target("mbr_pipeline/workspace/settings.py", ("tests/workspace/test_settings.py", _POLICIES_PAGE)),
    # what is counted
    Target("mbr_pipeline/ingest/landing.py", ("tests/ingest/test_landing.py",)),
    Target("mbr_pipeline/ingest/load.py", ("tests/ingest/test_load.py",)),
    Target("mbr_pipeline/transform/table_stats.py", ("tests/transform/test_table_stats.py",)),
    # whether it may go out
    Target("expectations/boundary.py", ("tests/audit/test_expectations.py",)),
    Target("expectations/raw.py", ("tests/audit/test_expectations.py",)),
    Target("expectations/marts.py", ("tests/audit/test_expectations.py",)),
    Target("expectations/invoice_ready.py", ("tests/audit/test_expectations.py",)),
    Target("expectations/runner.py", ("tests/audit/test_expectations.py",)),
    Target("mbr_pipeline/audit/frames.py", ("tests/audit/test_frames.py",)),
    Target("mbr_pipeline/audit/candidate_tables.py", ("tests/audit/test_candidate_tables.py",)),
    Target("mbr_pipeline/audit/gate.py", ("tests/audit/test_gate.py", _DEFAULT_RUNNER)),
    Target("mbr_pipeline/monthly_close.py", ("tests/test_monthly_close.py",)),
    # a reader beside sixty swaps takes seconds: it looks at what the others leave
    Target(
        "mbr_pipeline/publish/publication.py",
        (f"--deselect={_SWAPS}", "tests/publish/test_publication.py"),
        (_SWAPS, "tests/test_monthly_close.py"),
    ),
)
"""The modules in the order of a month."""
