"""The sections of the page, in one list.

What belongs here: which there are. What does not: their pages.
"""

from __future__ import annotations

from mbr_pipeline.serve.files import views as files
from mbr_pipeline.serve.mapping import views as mapping
from mbr_pipeline.serve.months import views as months
from mbr_pipeline.serve.runs import views as runs
from mbr_pipeline.serve.signin import views as signin

SECTIONS = (signin.ROUTES, months.ROUTES, runs.ROUTES, mapping.ROUTES, files.ROUTES)
