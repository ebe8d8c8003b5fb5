"""Products and orders."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_products()
    create_uploads()
    create_ticks()


def create_products() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shop", sa.String(200), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("category", sa.String(80), nullable=False),
        sa.Column("fabric", sa.Text(), nullable=False),
        sa.Column("care", sa.Text(), nullable=False),
        sa.Column("colours", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("sizes", sa.JSON(), nullable=False),
        sa.Column("updated_at", moment, nullable=False),
        sa.Column("updated_by", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
        sa.UniqueConstraint("shop", "code", name="uq_products_code"),
    )
    op.create_table(
        "products_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_products_version"),
    )


def create_uploads() -> None:
    op.create_table(
        "product_uploads",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_product_uploads"),
    )
    op.create_index("ix_product_uploads_at", "product_uploads", ["at"])


def create_ticks() -> None:
    op.create_table(
        "evidence_ticks",
        sa.Column("conversation_id", sa.String(200), nullable=False),
        sa.Column("item", sa.String(90), nullable=False),
        sa.Column("there", sa.Boolean(), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "item", name="pk_evidence_ticks"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            "fk_evidence_ticks_conversation_id_conversations",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    for table in ("evidence_ticks", "product_uploads", "products_version", "products"):
        op.drop_table(table)
