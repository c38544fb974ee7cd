"""SQLite refuses an entry whose id or place is taken: ``INSERT OR REPLACE`` would remove the older one, for
which SQLite asks no trigger of deletion. PostgreSQL has no such removal: its ``ON CONFLICT`` only updates,
which is refused.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0006"
down_revision = "v0005"


def upgrade() -> None:
    """Make the trigger."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.execute(
        sa.text(
            "create trigger ledger_no_replace before insert on ledger_entries"
            " when exists (select 1 from ledger_entries where msp_id = NEW.msp_id"
            " and (entry_id = NEW.entry_id or seq = NEW.seq))"
            " begin select raise(abort,"
            " 'the ledger is append-only: an entry with this id or number is there'); end"
        )
    )
