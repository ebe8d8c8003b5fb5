"""Cases, attachments and registers."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_case_numbers()
    create_cases()
    create_case_events()
    create_attachments()
    create_handovers()
    create_vips()
    create_vip_calls()
    create_quality_marks()


def create_case_numbers() -> None:
    op.create_table(
        "case_numbers",
        sa.Column("year", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_case_numbers"),
    )


def create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("conversation_id", sa.String(200), nullable=True),
        sa.Column("open_for", sa.String(200), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("opened_by", sa.String(80), nullable=False),
        sa.Column("shop", sa.String(200), nullable=False),
        sa.Column("customer", sa.String(200), nullable=False),
        sa.Column("order_number", sa.String(100), nullable=False),
        sa.Column("product", sa.String(200), nullable=False),
        sa.Column("due_at", moment, nullable=True),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("closed_at", moment, nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            "fk_cases_conversation_id_conversations",
            ondelete="SET NULL",
        ),
        sa.UniqueConstraint("number", name="uq_cases_number"),
        sa.UniqueConstraint("open_for", name="uq_cases_open_for"),
    )
    op.create_index("ix_cases_conversation_id", "cases", ["conversation_id"])
    op.create_index("ix_cases_customer", "cases", ["customer"])
    op.create_index("ix_cases_opened_at", "cases", ["opened_at"])
    op.create_index("ix_cases_order_number", "cases", ["order_number"])


def create_case_events() -> None:
    op.create_table(
        "case_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_events"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], "fk_case_events_case_id_cases", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_case_events_case_id", "case_events", ["case_id"])


def create_attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("has_location", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.String(80), nullable=False),
        sa.Column("added_at", moment, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], "fk_attachments_case_id_cases", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("case_id", "sha256", name="uq_attachments_photo"),
    )


def create_handovers() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop", sa.String(200), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("left_by", sa.String(80), nullable=False),
        sa.Column("left_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("taken_by", sa.String(80), nullable=False),
        sa.Column("taken_at", moment, nullable=True),
        sa.Column("done_by", sa.String(80), nullable=False),
        sa.Column("done_at", moment, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_handovers"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], "fk_handovers_case_id_cases", ondelete="SET NULL"),
    )
    op.create_index("ix_handovers_left_at", "handovers", ["left_at"])


def create_vips() -> None:
    op.create_table(
        "vips",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop", sa.String(200), nullable=False),
        sa.Column("customer", sa.String(200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_by", sa.String(80), nullable=False),
        sa.Column("added_at", moment, nullable=False),
        sa.Column("removed_at", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_vips"),
        sa.UniqueConstraint("shop", "customer", name="uq_vips_customer"),
    )


def create_vip_calls() -> None:
    op.create_table(
        "vip_calls",
        sa.Column("vip_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("done_by", sa.String(80), nullable=False),
        sa.Column("done_at", moment, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("vip_id", "month", name="pk_vip_calls"),
        sa.ForeignKeyConstraint(["vip_id"], ["vips.id"], "fk_vip_calls_vip_id_vips", ondelete="CASCADE"),
    )


def create_quality_marks() -> None:
    op.create_table(
        "quality_marks",
        sa.Column("shop", sa.String(200), nullable=False),
        sa.Column("product", sa.String(200), nullable=False),
        sa.Column("category", sa.String(20), nullable=False),
        sa.Column("until_case", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "product", "category", name="pk_quality_marks"),
    )


def downgrade() -> None:
    for table in (
        "quality_marks",
        "vip_calls",
        "vips",
        "handovers",
        "attachments",
        "case_events",
        "cases",
        "case_numbers",
    ):
        op.drop_table(table)
