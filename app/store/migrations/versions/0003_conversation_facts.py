"""What agents know of conversations, alerts to the lead, how often scripts were shown."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("conversations", sa.Column("given", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("conversations", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column("conversations", sa.Column("started_by", sa.String(80), nullable=False, server_default=""))
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(200), nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("seen_by", sa.String(80), nullable=False),
        sa.Column("seen_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("turn_id", name="uq_alerts_turn_id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            "fk_alerts_conversation_id_conversations",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_alerts_conversation_id", "alerts", ["conversation_id"])
    op.create_table(
        "script_views",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("script_id", sa.String(100), nullable=False),
        sa.Column("agent", sa.String(80), nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "script_id", "agent", name="pk_script_views"),
    )


def downgrade() -> None:
    op.drop_table("script_views")
    op.drop_table("alerts")
    for column in ("started_by", "note", "given"):
        op.drop_column("conversations", column)
