"""The tables of alerts: causes, the outbox of messages, and the log of what was tried."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "alert_causes",
        sa.Column("cause_id", sa.String(16), primary_key=True),
        sa.Column("msp_id", sa.Text),
        sa.Column("period", sa.String(7)),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("is_open", sa.Boolean, nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("money", sa.Text, nullable=False),
        sa.Column("first_at", sa.String(27), nullable=False),
        sa.Column("last_at", sa.String(27), nullable=False),
        sa.Column("notified_at", sa.String(27)),
    )
    op.create_table(
        "alert_outbox",
        sa.Column("row_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("cause_id", sa.String(16)),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("created_at", sa.String(27), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", sa.String(27), nullable=False),
        sa.Column("claimed_by", sa.Text),
        sa.Column("claimed_until", sa.String(27)),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("ended_at", sa.String(27)),
        sa.Column("problem", sa.Text),
    )
    op.create_index("alert_outbox_message", "alert_outbox", ["message_id", "target"], unique=True)
    op.create_index("alert_outbox_state", "alert_outbox", ["state", "row_id"])
    op.create_table(
        "alert_deliveries",
        sa.Column("delivery_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("problem", sa.Text),
    )
