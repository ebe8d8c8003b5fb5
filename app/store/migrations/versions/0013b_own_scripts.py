"""Agents' own scripts and the team's."""

import sqlalchemy as sa
from alembic import op

revision = "0013b"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "own_scripts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("team", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(40), nullable=False),
        sa.Column("bubbles", sa.JSON(), nullable=False),
        sa.Column("intent", sa.String(80), nullable=False),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entry", sa.String(300), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_own_scripts"),
    )
    for column in ("owner_id", "team"):
        op.create_index(f"ix_own_scripts_{column}", "own_scripts", [column])


def downgrade() -> None:
    op.drop_table("own_scripts")
