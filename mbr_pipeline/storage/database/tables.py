"""The tables of the ledger's database, once, for queries.

What belongs here: columns and their meaning. What does not: making the tables (``migrations``; a test holds
both against each other). Times are text ``YYYY-MM-DDTHH:MM:SS.ffffffZ``, which sorts as time does and is the
same in every database; lists and objects are JSON as text.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, MetaData, String, Table, Text

NEWEST = "v0006"
"""The migration after which the tables are as stated here."""

metadata = MetaData()

causes = Table(
    "alert_causes",
    metadata,
    Column("cause_id", String(16), primary_key=True, doc="hash of the four columns after it"),
    Column("msp_id", Text),
    Column("period", String(7)),
    Column("kind", Text, nullable=False),
    Column("subject", Text),
    Column("is_open", Boolean, nullable=False),
    Column("reasons", Text, nullable=False, doc="what a change of is said at once"),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("money", Text, nullable=False),
    Column("first_at", String(27), nullable=False, doc="when it began this time"),
    Column("last_at", String(27), nullable=False, doc="when it was last seen, or ended"),
    Column("notified_at", String(27), doc="its last firing message; empty: none since it began"),
)

outbox = Table(
    "alert_outbox",
    metadata,
    Column("row_id", Integer, primary_key=True, autoincrement=True, doc="the order of delivery"),
    Column("message_id", String(32), nullable=False, doc="one message to one channel"),
    Column("cause_id", String(16), doc="empty: a heartbeat"),
    Column("status", Text, nullable=False, doc="firing, resolved, heartbeat"),
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False, doc="one receiver of the channel"),
    Column("body", Text, nullable=False),
    Column("created_at", String(27), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", String(27), nullable=False, doc="not tried before"),
    Column("claimed_by", Text, doc="the process that is sending it"),
    Column("claimed_until", String(27)),
    Column("state", Text, nullable=False, doc="queued, delivered, given_up"),
    Column("ended_at", String(27), doc="when it was delivered or given up"),
    Column("problem", Text, doc="of the last attempt"),
)

deliveries = Table(
    "alert_deliveries",
    metadata,
    Column("delivery_id", Integer, primary_key=True, autoincrement=True),
    Column("message_id", String(32), nullable=False),
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("at", String(27), nullable=False),
    Column("outcome", Text, nullable=False, doc="delivered, failed, given_up"),
    Column("problem", Text),
)

ledger = Table(
    "ledger_entries",
    metadata,
    Column("msp_id", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False, doc="1, 2, … without a gap"),
    Column("entry_id", String(16), nullable=False, doc="the first digits of the hash"),
    Column("at", String(27), nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("period", String(7)),
    Column("body", Text, nullable=False),
    Column("prev_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, doc="SHA-256 of the other fields but entry_id"),
)

passwords = Table(
    "passwords",
    metadata,
    Column("person", Text, primary_key=True, doc="as in `people` of mbr.yml"),
    Column("hash", Text, nullable=False, doc="argon2id, with its salt and parameters"),
    Column("set_at", String(27), nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True, doc="what is worked on: one MSP's month, one vendor's interface"),
    Column("token", Integer, nullable=False, doc="1, 2, …: one more whenever somebody takes it"),
    Column("holder", Text, doc="the process that has it; empty: given back"),
    Column("run", Text, doc="the run of Dagster that it is held for; empty: none that is known"),
    Column("until", String(27), nullable=False, doc="by the database's clock; then anybody may take it"),
    Column("published", Text, doc="the version that was published last under it"),
    Column("published_token", Integer, doc="the token of whoever published it"),
)

identity = Table(
    "ledger_identity",
    metadata,
    Column("ledger_id", String(32), primary_key=True, doc="one row, made when it is first asked for"),
)
