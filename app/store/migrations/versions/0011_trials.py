"""Trials of two wordings; feedback is asked for by its time."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_index("ix_feedback_at", "feedback", ["at"])
    op.create_table(
        "trials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("script_a", sa.String(100), nullable=False),
        sa.Column("script_b", sa.String(100), nullable=False),
        sa.Column("etag_a", sa.String(16), nullable=False),
        sa.Column("etag_b", sa.String(16), nullable=False),
        sa.Column("title_a", sa.String(200), nullable=False),
        sa.Column("title_b", sa.String(200), nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("started_by", sa.String(80), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("ended_by", sa.String(80), nullable=False),
        sa.Column("ended_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_trials"),
    )
    op.create_index("ix_trials_state", "trials", ["state"])
    op.create_table(
        "trial_scripts",
        sa.Column("script_id", sa.String(100), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("script_id", name="pk_trial_scripts"),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name="fk_trial_scripts_trial_id_trials", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "trial_places",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trial_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(200), nullable=True),
        sa.Column("side", sa.String(20), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("kind", sa.String(20), nullable=True),
        sa.Column("value", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_trial_places"),
        sa.UniqueConstraint("trial_id", "place", name="uq_trial_places_place"),
        sa.ForeignKeyConstraint(
            ["trial_id"], ["trials.id"], name="fk_trial_places_trial_id_trials", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_trial_places_conversation_id", "trial_places", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("trial_places")
    op.drop_table("trial_scripts")
    op.drop_table("trials")
    op.drop_index("ix_feedback_at", "feedback")
