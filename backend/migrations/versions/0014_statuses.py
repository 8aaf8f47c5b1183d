"""Root causes and where they are offered; when a pending ticket comes back, when one was closed, what it follows."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "root_causes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_root_causes")),
        sa.UniqueConstraint("name", name=op.f("uq_root_causes_name")),
    )
    op.create_table(
        "root_cause_offers",
        sa.Column("offered_for", sa.String(), nullable=False),
        sa.Column("cause_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cause_id"], ["root_causes.id"], name=op.f("fk_root_cause_offers_cause_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("offered_for", "cause_id", name=op.f("pk_root_cause_offers")),
    )
    op.create_index(op.f("ix_root_cause_offers_cause_id"), "root_cause_offers", ["cause_id"])
    op.add_column("statuses", sa.Column("root_cause", sa.String(), nullable=False, server_default="free"))
    op.add_column("tickets", sa.Column("source", sa.String(), nullable=False, server_default="desk"))
    op.add_column("tickets", sa.Column("root_cause_id", sa.Integer(), nullable=True))
    op.add_column("tickets", sa.Column("pending_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("follows_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_tickets_root_cause_id"), "tickets", "root_causes", ["root_cause_id"], ["id"])
    op.create_foreign_key(
        op.f("fk_tickets_follows_id"), "tickets", "tickets", ["follows_id"], ["id"], ondelete="SET NULL"
    )
    for name, column in (
        ("ix_tickets_pending", "pending_until"),
        ("ix_tickets_caused", "root_cause_id"),
        ("ix_tickets_following", "follows_id"),
    ):
        op.create_index(name, "tickets", [column], postgresql_where=sa.text(f"{column} is not null"))
    op.execute(
        "update tickets t set source = a.data->>'source' from activities a "
        "where a.ticket_id = t.id and a.verb = 'opened' and a.data->>'source' <> 'desk'"
    )
