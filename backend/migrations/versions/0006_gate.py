"""What the brakes for automatic mail count by, and reports of mails that came back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.add_column("outbound_mails", sa.Column("counted_as", sa.String(), server_default="", nullable=False))
    op.add_column("outbound_mails", sa.Column("bounces", postgresql.JSONB(), server_default="[]", nullable=False))
    for name, column in (("automatic", "counted_as"), ("braked", "mailbox_id")):
        op.create_index(
            f"ix_outbound_mails_{name}",
            "outbound_mails",
            [column, "created_at"],
            postgresql_where=sa.text("counted_as <> ''"),
        )
