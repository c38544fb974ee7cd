"""Which modules decide about money and the gate, and which tests have to notice a fault in each.

Belongs here: the scope and its reasons. Does not: faults (``python_mutants``), running (``python_trial``).

Left out, and why: ``connectors/files`` but for numbers and FOCUS rows (they hand on text, and what a reader loses or invents shows in
the counts and totals of its own conformance tests); ``files``, ``warehouse``, ``workspace_paths``, ``errors`` (locks, swaps and paths: a
fault there is a crash or a lost file, which tests/e2e/test_kill.py provokes by killing); ``transform``, ``dbt_process``,
``column_lineage``, ``defs``, ``cli``, ``workspace`` (wiring, display and demo data; that no wiring gets round the gate is
tests/assets/test_gate_launches.py); ``report`` but for its money formatting (the page shows, it does not decide; it checks itself
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
_POLICIES_PAGE = "tests/docs/test_reference.py::test_settings_page_lists_every_policy_and_schedule_key_with_its_default"

_DEFAULT_RUNNER = "tests/unit/test_expectations.py::test_what_the_gate_runs_by_itself_is_great_expectations"
_SWAPS = "tests/unit/test_publication.py::test_a_query_beside_many_swaps_reads_one_publication_and_never_parts_of_two"

TARGETS = (
    # what a text is worth
    Target("mbr_pipeline/values.py", ("tests/unit/test_values.py",)),
    Target("mbr_pipeline/periods.py", ("tests/unit/test_periods.py",)),
    Target("connectors/files/numbers.py", ("tests/connectors/test_files_numbers.py",)),
    Target("connectors/files/focus_rows.py", ("tests/connectors/test_files_focus.py",)),
    Target("connectors/datasets.py", ("tests/connectors/test_datasets.py", _DATASETS_PAGE, _IDENTITIES_PAGE)),
    Target("mbr_pipeline/typing_sql.py", ("tests/unit/test_parsing.py",)),
    Target("mbr_pipeline/parsing.py", ("tests/unit/test_parsing.py",)),
    Target("mbr_pipeline/report/text.py", ("tests/unit/report/test_close_report_text.py",)),
    # what the user decided
    Target("mbr_pipeline/rules.py", ("tests/unit/test_rules.py", _RULES_PAGE)),
    Target("mbr_pipeline/settings.py", ("tests/unit/test_settings.py", _POLICIES_PAGE)),
    # what is counted
    Target("mbr_pipeline/landing.py", ("tests/unit/test_landing.py",)),
    Target("mbr_pipeline/loading.py", ("tests/unit/test_loading.py",)),
    Target("mbr_pipeline/mart_facts.py", ("tests/unit/test_mart_facts.py",)),
    # whether it may go out
    Target("expectations/boundary.py", ("tests/unit/test_expectations.py",)),
    Target("expectations/raw.py", ("tests/unit/test_expectations.py",)),
    Target("expectations/marts.py", ("tests/unit/test_expectations.py",)),
    Target("expectations/invoice_ready.py", ("tests/unit/test_expectations.py",)),
    Target("expectations/runner.py", ("tests/unit/test_expectations.py",)),
    Target("mbr_pipeline/audit_frames.py", ("tests/unit/test_audit_frames.py",)),
    Target("mbr_pipeline/staging.py", ("tests/unit/test_staging.py",)),
    Target("mbr_pipeline/gate.py", ("tests/unit/test_gate.py", _DEFAULT_RUNNER)),
    Target("mbr_pipeline/month.py", ("tests/unit/test_month.py",)),
    # a reader beside sixty swaps takes seconds: it looks at what the others leave
    Target("mbr_pipeline/publication.py", (f"--deselect={_SWAPS}", "tests/unit/test_publication.py"), (_SWAPS, "tests/unit/test_month.py")),
)
"""The modules in the order of a month."""
