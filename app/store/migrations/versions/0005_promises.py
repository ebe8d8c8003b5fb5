"""Promises, clocks, and where each conversation stands for the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_promises()
    create_clocks()
    create_desk()


def create_promises() -> None:
    op.create_table(
        "promises",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(200), nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("what", sa.String(60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(60), nullable=True),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("condition", sa.String(100), nullable=True),
        sa.Column("term", sa.JSON(), nullable=True),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("first_due_at", moment, nullable=True),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.Column("decided_at", moment, nullable=True),
        sa.Column("decided_by", sa.String(80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_turn_id", sa.Integer(), nullable=True),
        sa.Column("replaced_by", sa.Integer(), nullable=True),
        sa.Column("withdrawn_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_promises"),
        _of_conversation("promises"),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], "fk_promises_turn_id_turns", ondelete="CASCADE"),
        sa.UniqueConstraint("turn_id", "ordinal", name="uq_promises_place"),
    )
    op.create_index("ix_promises_due_at", "promises", ["outcome", "due_at"])
    op.create_index("ix_promises_conversation_id", "promises", ["conversation_id"])
    op.create_index("ix_promises_agent", "promises", ["agent"])


def create_clocks() -> None:
    op.create_table(
        "clocks",
        sa.Column("conversation_id", sa.String(200), nullable=False),
        sa.Column("clock", sa.String(80), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("sure", sa.Boolean(), nullable=False),
        sa.Column("stopped_at", moment, nullable=True),
        sa.Column("who", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "clock", name="pk_clocks"),
        _of_conversation("clocks"),
    )


def create_desk() -> None:
    op.create_table(
        "desk",
        sa.Column("conversation_id", sa.String(200), nullable=False),
        sa.Column("agent", sa.String(80), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("waiting_since", moment, nullable=True),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("last_turn_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("emotion", sa.Integer(), nullable=False),
        sa.Column("trend", sa.String(20), nullable=False),
        sa.Column("risks", sa.JSON(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_desk"),
        _of_conversation("desk"),
    )
    op.create_index("ix_desk_agent", "desk", ["agent"])


def _of_conversation(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["conversation_id"],
        ["conversations.id"],
        f"fk_{table}_conversation_id_conversations",
        ondelete="CASCADE",
    )


def downgrade() -> None:
    for table in ("desk", "clocks", "promises"):
        op.drop_table(table)
