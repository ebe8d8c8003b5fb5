"""From here on the secrets of channels may be encrypted; the columns stay as they are.

Programs of before cannot read them: `huashu downgrade` writes them readable again on the way back.
"""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing: they are encrypted at the next start, by who has the key."""


def downgrade() -> None:
    """Nothing: see above."""
