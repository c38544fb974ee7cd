"""Leases of workers on several machines, with fencing tokens (docs/decisions/0022)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("holder", sa.Text),
        sa.Column("run", sa.Text),
        sa.Column("until", sa.String(27), nullable=False),
        sa.Column("published", sa.Text),
        sa.Column("published_token", sa.Integer),
    )
