"""What the studio learns from: lessons, how far they are collected, trials of two scripts."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_lessons()
    create_trials()


def create_lessons() -> None:
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


def create_trials() -> None:
    op.create_table(
        "trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first", sa.String(100), nullable=False),
        sa.Column("second", sa.String(100), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("started_by", sa.String(80), nullable=False),
        sa.Column("stopped_at", moment, nullable=True),
        sa.Column("stopped_by", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trials"),
    )
    op.create_index("ix_trials_stopped_at", "trials", ["stopped_at"])
    op.create_table(
        "trial_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(200), nullable=False),
        sa.Column("script_id", sa.String(100), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_trial_views"),
        sa.UniqueConstraint("trial_id", "conversation_id", name="uq_trial_views_conversation"),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name="fk_trial_views_trial_id_trials", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_trial_views_conversation_id_conversations",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_trial_views_conversation_id", "trial_views", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("trial_views")
    op.drop_table("trials")
    op.drop_table("lesson_marks")
    op.drop_table("lessons")
