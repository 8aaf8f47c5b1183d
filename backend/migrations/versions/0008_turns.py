"""How many turns were taken at each door, for the limits. Not logged: worth nothing after a crash."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "turns",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_turns")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_turns_ends_at"), "turns", ["ends_at"], unique=False)
