"""What a contract includes and costs, what else is known of a contact, and the log of both."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
_PRICES = ("hourly_rate", "hourly_rate_in_contract", "travel_flat_rate")


def upgrade() -> None:
    """Applies this step."""
    op.add_column("contracts", sa.Column("included_hours", sa.Numeric(8, 2), nullable=True))
    op.add_column("contracts", sa.Column("included_per", sa.String(), nullable=False, server_default="month"))
    for name in _PRICES:
        op.add_column("contracts", sa.Column(name, sa.Numeric(12, 2), nullable=True))
    op.add_column("contracts", sa.Column("currency", sa.String(), nullable=False, server_default="EUR"))
    op.add_column("people", sa.Column("attributes", JSONB(), nullable=False, server_default="{}"))
    op.add_column("people", sa.Column("opt_in", sa.String(), nullable=False, server_default=""))
    op.add_column("people", sa.Column("opt_in_since", sa.Date(), nullable=True))
    op.add_column("people", sa.Column("opt_in_how", sa.String(), nullable=False, server_default=""))
    op.create_index(
        "ix_activities_about", "activities", [sa.text("(data ->> 'about')"), "id"],
        postgresql_where=sa.text("verb = 'changed'"),
    )  # fmt: skip


def downgrade() -> None:
    """Takes this step back."""
    op.drop_index("ix_activities_about", table_name="activities")
    for name in ("opt_in_how", "opt_in_since", "opt_in", "attributes"):
        op.drop_column("people", name)
    for name in ("currency", *reversed(_PRICES), "included_per", "included_hours"):
        op.drop_column("contracts", name)
