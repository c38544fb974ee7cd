"""Which ledger this is: an object store belongs to one (docs/decisions/0023)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0005"
down_revision = "v0004"


def upgrade() -> None:
    """Make the table."""
    op.create_table("ledger_identity", sa.Column("ledger_id", sa.String(32), primary_key=True))
