"""The sections of the page, in one list.

What belongs here: which there are. What does not: their pages.
"""

from __future__ import annotations

from mbr_pipeline.serve.clients import views as clients
from mbr_pipeline.serve.close import views as close
from mbr_pipeline.serve.decisions import views as decisions
from mbr_pipeline.serve.files import views as files
from mbr_pipeline.serve.mapping import views as mapping
from mbr_pipeline.serve.months import views as months
from mbr_pipeline.serve.runs import views as runs
from mbr_pipeline.serve.signin import views as signin
from mbr_pipeline.serve.trends import views as trends
from mbr_pipeline.serve.worklist import routes as worklist

SECTIONS = (
    signin.ROUTES,
    months.ROUTES,
    runs.ROUTES,
    worklist.ROUTES,
    decisions.ROUTES,
    mapping.ROUTES,
    files.ROUTES,
    clients.ROUTES,
    close.ROUTES,
    trends.ROUTES,
)
