"""The close pack: one page of A4 on a month, for whoever signs it.

What belongs here: showing it. What does not: what is on it (``mbr_pipeline.report.close_pack``).
"""

from __future__ import annotations

from starlette.responses import Response

from mbr_pipeline.audit.candidate_tables import create_views
from mbr_pipeline.decide.closed import closing_of
from mbr_pipeline.decide.in_force import chain
from mbr_pipeline.release.status import tables_folder
from mbr_pipeline.report import close_pack
from mbr_pipeline.serve.answering import page
from mbr_pipeline.serve.asking import Ask
from mbr_pipeline.serve.months.gate import gate_of
from mbr_pipeline.serve.routes import shows
from mbr_pipeline.storage.warehouse import connected


def _pack(ask: Ask) -> Response:
    entries = chain(ask.workspace.paths, ask.month.msp_id)
    closing = closing_of(entries, ask.month.period.text)
    folder, gate = tables_folder(ask.month, closing), gate_of(ask.month)
    found = None
    if folder is not None and gate is not None:
        with connected(None, ask.workspace.paths.temporary) as connection:
            create_views(connection, folder)
            found = close_pack.close_pack(gate, connection)
    return page(
        ask,
        "close/pack.html.j2",
        section="pack",
        pack=found,
        most=close_pack,
        closing=closing,
        head=entries[-1] if entries else None,
    )


ROUTES = (shows("/m/{msp}/{period}/pack", _pack),)
