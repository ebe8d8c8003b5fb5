"""Channels, deliveries and events."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_channels()
    create_channel_conversations()
    create_inbound()
    create_receipts()
    create_deliveries()
    create_events()


def create_channels() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("shop", sa.String(200), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=False),
        sa.Column("old_until", moment, nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("people", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("sends", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=True),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("polled_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
        sa.UniqueConstraint("name", name="uq_channels_name"),
    )


def of_channel(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["channel_id"], ["channels.id"], f"fk_{table}_channel_id_channels", ondelete="CASCADE"
    )


def create_channel_conversations() -> None:
    op.create_table(
        "channel_conversations",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("conversation_id", sa.String(200), nullable=False),
        sa.Column("reply_to", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "external_id", name="pk_channel_conversations"),
        of_channel("channel_conversations"),
    )
    op.create_index("ix_channel_conversations_conversation_id", "channel_conversations", ["conversation_id"])


def create_inbound() -> None:
    op.create_table(
        "channel_inbound",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("conversation_id", sa.String(200), nullable=True),
        sa.Column("turn_id", sa.Integer(), nullable=True),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(40), nullable=False),
        sa.Column("lease_until", moment, nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_channel_inbound"),
        of_channel("channel_inbound"),
        sa.UniqueConstraint("channel_id", "key", name="uq_channel_inbound_key"),
    )
    op.create_index("ix_channel_inbound_state", "channel_inbound", ["state", "id"])
    op.create_index("ix_channel_inbound_turn_id", "channel_inbound", ["turn_id"])
    op.create_index("ix_channel_inbound_received_at", "channel_inbound", ["received_at"])


def create_receipts() -> None:
    op.create_table(
        "channel_receipts",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("reply", sa.JSON(), nullable=False),
        sa.Column("received_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "key", name="pk_channel_receipts"),
        of_channel("channel_receipts"),
    )
    op.create_index("ix_channel_receipts_received_at", "channel_receipts", ["received_at"])


def create_deliveries() -> None:
    op.create_table(
        "channel_deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("conversation_id", sa.String(200), nullable=True),
        sa.Column("turn_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease", sa.String(40), nullable=False),
        sa.Column("lease_until", moment, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_channel_deliveries"),
        of_channel("channel_deliveries"),
        sa.UniqueConstraint("key", name="uq_channel_deliveries_key"),
    )
    op.create_index("ix_channel_deliveries_state", "channel_deliveries", ["state", "due_at"])
    op.create_index("ix_channel_deliveries_channel_id", "channel_deliveries", ["channel_id"])
    op.create_index("ix_channel_deliveries_created_at", "channel_deliveries", ["created_at"])


def create_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=True),
        sa.Column("conversation_id", sa.String(200), nullable=False),
        sa.Column("turn_id", sa.Integer(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_at", "events", ["at"])
    op.create_index("ix_events_conversation_id", "events", ["conversation_id"])


def downgrade() -> None:
    tables = ("events", "channel_deliveries", "channel_receipts", "channel_inbound", "channel_conversations")
    for table in (*tables, "channels"):
        op.drop_table(table)
