"""What the studio learns from: lessons, how far they are collected."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "lessons",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(200), nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("guesses", sa.JSON(), nullable=False),
        sa.Column("intent", sa.String(80), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("decided_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_lessons"),
        sa.UniqueConstraint("turn_id", name="uq_lessons_turn_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_lessons_conversation_id_conversations",
            ondelete="CASCADE",
        ),
    )
    for column in ("conversation_id", "at", "state"):
        op.create_index(f"ix_lessons_{column}", "lessons", [column])
    op.create_table(
        "lesson_marks",
        sa.Column("name", sa.String(20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lesson_marks"),
    )


def downgrade() -> None:
    op.drop_table("lesson_marks")
    op.drop_table("lessons")
