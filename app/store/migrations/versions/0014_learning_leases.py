"""Who is learning a model, so that no other process does the same."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("models", sa.Column("lease", sa.String(32), nullable=False, server_default=""))
    op.add_column("models", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("models", "lease_until")
    op.drop_column("models", "lease")
