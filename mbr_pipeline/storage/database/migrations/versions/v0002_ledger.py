"""The ledger of decisions: its table, and what the database itself refuses in it (contract §8.1, §8.3).

It refuses to change or remove an entry, an entry that does not follow the last one, and a confirmation by
whoever decided. SQLite's REPLACE removes rows without asking a trigger: ``v0006``.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"

_FINAL = "the ledger is append-only: nothing in it is changed or removed"
_FOLLOWS = "the entry does not follow the last one of its chain"
_FOUR_EYES = "a decision is confirmed by somebody else than its actor, who is named"
_DECISIONS = "('approve', 'waive', 'dispute', 'defer', 'release')"

_GAP = """
    NEW.seq <> coalesce((select max(seq) from ledger_entries where msp_id = NEW.msp_id), 0) + 1
    or NEW.prev_hash <> coalesce(
        (select hash from ledger_entries where msp_id = NEW.msp_id and seq = NEW.seq - 1),
        '0000000000000000000000000000000000000000000000000000000000000000')
    or NEW.at < coalesce((select at from ledger_entries where msp_id = NEW.msp_id and seq = NEW.seq - 1), '')
"""


def _two_persons(entry_id: str, of_actor: str) -> str:
    return f"""
    NEW.kind in ('confirm', 'refuse', 'withdraw') and (
        (NEW.kind = 'confirm' and {of_actor} = NEW.actor)
        or not exists (
            select 1 from ledger_entries d where d.msp_id = NEW.msp_id and d.entry_id = {entry_id}
                and d.kind in {_DECISIONS} and d.actor = {of_actor}))
"""


def upgrade() -> None:
    """Make the table and its triggers."""
    op.create_table(
        "ledger_entries",
        sa.Column("msp_id", sa.Text, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("entry_id", sa.String(16), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("period", sa.String(7)),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("ledger_entries_entry", "ledger_entries", ["msp_id", "entry_id"], unique=True)
    triggers = _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql()
    for statement in triggers:
        op.execute(sa.text(statement.replace(":", r"\:")))


def _sqlite() -> list[str]:
    def refuse(name: str, event: str, when: str, why: str) -> str:
        return (
            f"create trigger ledger_{name} before {event} on ledger_entries {when}"
            f" begin select raise(abort, '{why}'); end"
        )

    pair = _two_persons("json_extract(NEW.body, '$.entry_id')", "json_extract(NEW.body, '$.of_actor')")
    return [
        refuse("no_update", "update", "", _FINAL),
        refuse("no_delete", "delete", "", _FINAL),
        refuse("no_gap", "insert", f"when {_GAP}", _FOLLOWS),
        refuse("four_eyes", "insert", f"when coalesce({pair}, 1)", _FOUR_EYES),
    ]


def _postgresql() -> list[str]:
    pair = _two_persons("(NEW.body::jsonb ->> 'entry_id')", "(NEW.body::jsonb ->> 'of_actor')")
    return [
        f"""
        create function ledger_refuse() returns trigger language plpgsql as $$
        begin raise exception '{_FINAL}'; end $$
        """,
        f"""
        create function ledger_check() returns trigger language plpgsql as $$
        begin
            if {_GAP} then raise exception '{_FOLLOWS}'; end if;
            if coalesce({pair}, true) then raise exception '{_FOUR_EYES}'; end if;
            return NEW;
        end $$
        """,
        "create trigger ledger_final before update or delete on ledger_entries"
        " for each row execute function ledger_refuse()",
        "create trigger ledger_final_table before truncate on ledger_entries"
        " for each statement execute function ledger_refuse()",
        "create trigger ledger_follows before insert on ledger_entries"
        " for each row execute function ledger_check()",
    ]
