"""Worked time that is still to be billed is found by its ticket."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.create_index(
        "ix_time_entries_unbilled",
        "time_entries",
        ["ticket_id"],
        postgresql_where=sa.text("billed_at is null and deleted_at is null and kind in ('billable', 'contract')"),
    )


def downgrade() -> None:
    """Takes this step back."""
    op.drop_index("ix_time_entries_unbilled", table_name="time_entries")
