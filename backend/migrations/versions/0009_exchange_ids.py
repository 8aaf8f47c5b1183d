"""The Message-ID by which Exchange knows an incoming mail that has none, or none it can use."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.add_column("inbound_mails", sa.Column("exchange_message_id", sa.String(), server_default="", nullable=False))
    op.create_index(
        "ix_inbound_mails_exchange",
        "inbound_mails",
        ["exchange_message_id"],
        unique=False,
        postgresql_where=sa.text("exchange_message_id <> ''"),
    )
