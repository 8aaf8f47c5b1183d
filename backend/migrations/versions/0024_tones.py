"""An installation gives its own statuses a colour."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.add_column("statuses", sa.Column("tone", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    """Takes this step back."""
    op.drop_column("statuses", "tone")
