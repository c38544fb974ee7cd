"""The routes of the worklist."""

from __future__ import annotations

from mbr_pipeline.serve.routes import shows, takes
from mbr_pipeline.serve.worklist import deciding, finding, views

ROUTES = (
    shows("/m/{msp}/{period}/worklist", views.show),
    shows("/m/{msp}/{period}/findings/{id}", finding.show),
    takes("/m/{msp}/{period}/worklist/decide", deciding.decide),
    takes("/m/{msp}/{period}/worklist/undo", deciding.undo),
    takes("/m/{msp}/{period}/worklist/release", deciding.release),
)
