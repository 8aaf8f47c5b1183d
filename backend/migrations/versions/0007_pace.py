"""How fast the bot asks Teams, how long it holds back in a conversation, and why a line went by mail."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "teams_requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams_requests")),
    )
    op.create_index(op.f("ix_teams_requests_at"), "teams_requests", ["at"], unique=False)
    op.create_index(op.f("ix_teams_requests_place_at"), "teams_requests", ["place", "at"], unique=False)
    op.add_column("teams_conversations", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("teams_conversations", sa.Column("turn", sa.Integer(), server_default="0", nullable=False))
    op.add_column("teams_posts", sa.Column("tries", sa.Integer(), server_default="0", nullable=False))
    op.add_column("messages", sa.Column("by_mail_because", sa.String(), server_default="", nullable=False))
