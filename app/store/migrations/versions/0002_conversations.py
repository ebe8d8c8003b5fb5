"""Conversations, turns, marks on risks, feedback on scripts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_conversations()
    create_turns()
    create_risk_marks()
    create_feedback()


def create_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("shop", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("closed_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_updated_at", "conversations", ["updated_at"])


def create_turns() -> None:
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(200), nullable=False),
        sa.Column("sent_at", moment, nullable=True),
        sa.Column("stored_at", moment, nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("acts", sa.JSON(), nullable=False),
        sa.Column("script_id", sa.String(100), nullable=True),
        sa.Column("agent", sa.String(80), nullable=False),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("undone_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            "fk_turns_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("conversation_id", "message_id", name="uq_turns_message"),
        sa.UniqueConstraint("conversation_id", "position", name="uq_turns_position"),
    )


def create_risk_marks() -> None:
    op.create_table(
        "risk_marks",
        sa.Column("conversation_id", sa.String(200), nullable=False),
        sa.Column("risk", sa.String(80), nullable=False),
        sa.Column("mark", sa.String(20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "risk", name="pk_risk_marks"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            "fk_risk_marks_conversation_id_conversations",
            ondelete="CASCADE",
        ),
    )


def create_feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("script_id", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("conversation_id", sa.String(200), nullable=True),
        sa.Column("turn_id", sa.Integer(), nullable=True),
        sa.Column("agent", sa.String(80), nullable=False),
        sa.Column("sent_text", sa.Text(), nullable=True),
        sa.Column("diff", sa.JSON(), nullable=False),
        sa.Column("right_intent", sa.String(80), nullable=True),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
    )
    op.create_index("ix_feedback_script_id", "feedback", ["script_id"])


def downgrade() -> None:
    for table in ("feedback", "risk_marks", "turns", "conversations"):
        op.drop_table(table)
