"""The studio: draft, edits, clashes, golden messages, examinations."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_draft()
    create_edits()
    create_golden()
    create_runs()


def create_draft() -> None:
    op.create_table(
        "studio_draft",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("review", sa.String(20), nullable=False),
        sa.Column("reviewed", sa.Integer(), nullable=False),
        sa.Column("review_by", sa.String(80), nullable=False),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("changed_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_studio_draft"),
    )
    op.create_table(
        "studio_files",
        sa.Column("path", sa.String(300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("path", name="pk_studio_files"),
    )


def create_edits() -> None:
    op.create_table(
        "studio_edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("entry", sa.String(300), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_studio_edits"),
    )
    op.create_index("ix_studio_edits_entry", "studio_edits", ["entry"])
    op.create_index("ix_studio_edits_open", "studio_edits", ["open"])
    op.create_table(
        "studio_clashes",
        sa.Column("entry", sa.String(300), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("mine", sa.JSON(), nullable=True),
        sa.Column("theirs", sa.JSON(), nullable=True),
        sa.Column("release", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("entry", name="pk_studio_clashes"),
    )


def create_golden() -> None:
    op.create_table(
        "studio_golden",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("intents", sa.JSON(), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_studio_golden"),
        sa.UniqueConstraint("digest", name="uq_studio_golden_digest"),
    )


def create_runs() -> None:
    op.create_table(
        "studio_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("publishing", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        sa.Column("release", sa.Integer(), nullable=True),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_studio_runs"),
    )
    op.create_index("ix_studio_runs_release", "studio_runs", ["release"])


def downgrade() -> None:
    for table in (
        "studio_runs",
        "studio_golden",
        "studio_clashes",
        "studio_edits",
        "studio_files",
        "studio_draft",
    ):
        op.drop_table(table)
