"""The published tables that this engine makes as well, and their columns (contract §6).

What belongs here: what identifies a row and which columns both sides have. What does not: prose
(explanations, messages, descriptions, the reason of a change).
"""

from __future__ import annotations

from dataclasses import dataclass

_MONTH = ("msp_id", "period")


@dataclass(frozen=True)
class Compared:
    """One published table: this engine's list of its rows, what identifies a row, and the further columns
    both sides have.
    """

    rows_of: str
    key: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns that are compared."""
        return self.key + self.values


TABLES: dict[str, Compared] = {
    "fct_reconciliation": Compared(
        "reconciliation",
        (*_MONTH, "client_id", "product_code", "currency"),
        (
            "basis",
            "verdict",
            "expected_unit_days",
            "invoiced_unit_days",
            "vendor_unit_days",
            "expected_quantity",
            "invoiced_quantity",
            "agreement_quantity",
            "entitled_quantity",
            "assigned_quantity",
            "expected_amount",
            "invoiced_amount",
            "volume_variance",
            "price_variance",
            "effective_cost",
            "margin_amount",
            "valued_at",
        ),
    ),
    "fct_exceptions": Compared(
        "exceptions",
        (
            *_MONTH,
            "exception_code",
            "client_id",
            "product_code",
            "source",
            "vendor_customer_id",
            "sku_id",
            "invoice_id",
            "line_id",
            "currency",
        ),
        (
            "exception_id",
            "issue_id",
            "client_recoverable",
            "client_refund",
            "vendor_claim",
            "vendor_liability",
            "stranded",
            "priced_at_cost",
            "severity",
            "blocking",
            "status",
            "evidence",
        ),
    ),
    "fct_variance_bridge": Compared(
        "variance_bridge",
        (*_MONTH, "client_id", "currency"),
        ("expected_amount", "invoiced_amount", "classified_variance", "residual"),
    ),
    "fct_line_dispositions": Compared(
        "line_dispositions",
        (*_MONTH, "leg", "source", "invoice_id", "line_id"),
        ("amount", "currency", "disposition", "reason", "client_id", "product_code"),
    ),
    "fct_client_gate": Compared(
        "client_gate",
        (*_MONTH, "client_id", "currency"),
        ("verdict", "open_exceptions", "held_amount"),
    ),
    "fct_margin": Compared(
        "margin",
        (*_MONTH, "client_id", "product_code", "currency"),
        (
            "source",
            "margin_state",
            "billed_unit_days",
            "vendor_unit_days",
            "billed_amount",
            "cost_amount",
            "margin_amount",
            "unmatched_billed",
            "unmatched_cost",
        ),
    ),
    "fct_close_metrics": Compared(
        "close_metrics",
        (*_MONTH, "currency"),
        (
            "exceptions_found",
            "exceptions_open",
            "exceptions_blocking",
            "exceptions_pending",
            "exceptions_decided",
            "exceptions_approved",
            "exceptions_waived",
            "exceptions_disputed",
            "exceptions_deferred",
            "exceptions_auto_cleared",
            "leakage_found",
            "leakage_approved",
            "leakage_recovered",
        ),
    ),
    "fct_decisions": Compared(
        "decisions",
        (*_MONTH, "decision_id", "exception_id"),
        (
            "issue_id",
            "exception_code",
            "client_id",
            "product_code",
            "source",
            "action",
            "state",
            "actor",
            "confirmed_by",
            "reason",
            "until",
            "up_to",
            "currency",
            "impact_seen",
            "impact_now",
        ),
    ),
    "fct_invoice_lines_ready": Compared(
        "invoice_lines_ready",
        (*_MONTH, "source", "invoice_id", "invoice_line_id"),
        (
            "client_id",
            "product_code",
            "quantity",
            "unit_price",
            "amount",
            "currency",
            "service_period_start",
            "service_period_end",
            "change",
            "exception_id",
            "exception_ids",
            "decision_ids",
            "record_id",
        ),
    ),
    "fct_psa_changes": Compared(
        "psa_changes",
        (*_MONTH, "client_id", "product_code"),
        ("agreement_line_id", "current_quantity", "proposed_quantity", "effective_date", "decision"),
    ),
    "fct_control_totals": Compared(
        "control_totals",
        (*_MONTH, "control", "source", "dataset", "scope"),
        ("expected", "actual", "difference", "passed"),
    ),
}
"""The compared tables by name. A blocked month keeps neither ready lines nor changes for the PSA."""
