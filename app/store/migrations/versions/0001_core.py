"""Releases, models, people, sign-in, settings, audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    create_releases()
    create_people()
    create_sign_in()
    create_notes()


def create_releases() -> None:
    op.create_table(
        "models",
        sa.Column("nlu_digest", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.PrimaryKeyConstraint("nlu_digest", name="pk_models"),
    )
    op.create_table(
        "releases",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("nlu_digest", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_releases"),
        sa.ForeignKeyConstraint(["nlu_digest"], ["models.nlu_digest"], name="fk_releases_nlu_digest_models"),
    )


def create_people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("name", name="uq_people_name"),
    )


def create_sign_in() -> None:
    for table, columns in {
        "login_links": (
            sa.Column("direct", sa.Boolean(), nullable=False),
            sa.Column("created_at", moment, nullable=False),
            sa.Column("expires_at", moment, nullable=False),
            sa.Column("used_at", moment, nullable=True),
        ),
        "sessions": (
            sa.Column("created_at", moment, nullable=False),
            sa.Column("last_seen_at", moment, nullable=False),
            sa.Column("expires_at", moment, nullable=False),
        ),
    }.items():
        op.create_table(
            table,
            sa.Column("token_hash", sa.String(64), nullable=False),
            sa.Column("person_id", sa.Integer(), nullable=False),
            *columns,
            sa.PrimaryKeyConstraint("token_hash", name=f"pk_{table}"),
            sa.ForeignKeyConstraint(
                ["person_id"], ["people.id"], f"fk_{table}_person_id_people", ondelete="CASCADE"
            ),
        )
        op.create_index(f"ix_{table}_person_id", table, ["person_id"])


def create_notes() -> None:
    op.create_table(
        "settings",
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_settings"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("what", sa.String(80), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"])


def downgrade() -> None:
    for table in ("audit", "settings", "sessions", "login_links", "people", "releases", "models"):
        op.drop_table(table)
