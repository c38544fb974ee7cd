"""The close report: one HTML page that answers "is the month right, and can the invoices go?".

What belongs here: turning a gate result and the marts into that page, and nothing else. Deciding whether the
gate passes is the audit's job, computing money is dbt's, and writing the page to
``reports/<msp_id>/<period>/`` is the publish step's.
"""

from __future__ import annotations

from mbr_pipeline.report.render import render_close_report

__all__ = ["render_close_report"]
