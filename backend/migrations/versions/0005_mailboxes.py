"""How mailboxes fare: what they allow, when they were read in full, what the last check found."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "mailbox_paces",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("throttled_on", sa.Date(), nullable=True),
        sa.Column("throttled_times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_mailbox_paces")),
    )
    for name in ("failing_since", "subscribed_at", "reconciled_at", "checked_at"):
        op.add_column("mailboxes", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("mailboxes", sa.Column("subscription_error", sa.String(), server_default="", nullable=False))
    op.add_column("mailboxes", sa.Column("reconciled_found", sa.Integer(), server_default="0", nullable=False))
    empty = postgresql.JSONB(astext_type=sa.Text())
    op.add_column("mailboxes", sa.Column("findings", empty, server_default=sa.text("'[]'::jsonb"), nullable=False))
    op.create_index(
        op.f("ix_inbound_mails_mailbox_id_taken_in_at"), "inbound_mails", ["mailbox_id", "taken_in_at"], unique=False
    )
    op.create_index(
        "ix_inbound_mails_failed",
        "inbound_mails",
        ["mailbox_id", "id"],
        unique=False,
        postgresql_where=sa.text("outcome = 'failed'"),
    )
    op.create_index(op.f("ix_outbound_mails_mailbox_id_sent_at"), "outbound_mails", ["mailbox_id", "sent_at"])
