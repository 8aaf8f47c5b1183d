"""What could not be read of a mail stands on its message."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.add_column("messages", sa.Column("problems", postgresql.JSONB(), server_default="[]", nullable=False))
