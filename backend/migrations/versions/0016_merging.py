"""Tickets merged into others, with what was moved, and deleted tickets, with what can be brought back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.add_column("tickets", sa.Column("merged_into_id", sa.Integer(), nullable=True))
    op.create_foreign_key(
        op.f("fk_tickets_merged_into_id"), "tickets", "tickets", ["merged_into_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(
        "ix_tickets_merged", "tickets", ["merged_into_id"], postgresql_where=sa.text("merged_into_id is not null")
    )
    _merges()
    _deletions()


def _merges() -> None:
    op.create_table(
        "ticket_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status_id", sa.Integer(), nullable=True),
        sa.Column("activity_status", sa.String(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["tickets.id"], name=op.f("fk_ticket_merges_source_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["tickets.id"], name=op.f("fk_ticket_merges_target_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["people.id"], name=op.f("fk_ticket_merges_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["status_id"], ["statuses.id"], name=op.f("fk_ticket_merges_status_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_ticket_merges_order_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_merges")),
    )
    op.create_index(
        "uq_ticket_merges_standing",
        "ticket_merges",
        ["source_id"],
        unique=True,
        postgresql_where=sa.text("undone_at is null"),
    )
    op.create_index(op.f("ix_ticket_merges_source_id"), "ticket_merges", ["source_id"])
    op.create_index(op.f("ix_ticket_merges_target_id"), "ticket_merges", ["target_id"])
    op.create_table(
        "ticket_merge_rows",
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["ticket_merges.id"], name=op.f("fk_ticket_merge_rows_merge_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("merge_id", "table_name", "row_id", name=op.f("pk_ticket_merge_rows")),
    )
    op.create_index(op.f("ix_ticket_merge_rows_table_name_row_id"), "ticket_merge_rows", ["table_name", "row_id"])


def _deletions() -> None:
    op.create_table(
        "deleted_tickets",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("with_number", sa.Integer(), nullable=False),
        sa.Column("deleted_by_id", sa.Integer(), nullable=True),
        sa.Column("deleted_by", sa.String(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("emptied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["deleted_by_id"], ["people.id"], name=op.f("fk_deleted_tickets_deleted_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_deleted_tickets")),
    )
    op.create_index(op.f("ix_deleted_tickets_with_number"), "deleted_tickets", ["with_number"])
    op.create_index(
        "ix_deleted_tickets_kept",
        "deleted_tickets",
        ["deleted_at"],
        postgresql_where=sa.text("emptied_at is null"),
    )
    op.create_table(
        "deleted_rows",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.String(), nullable=False),
        sa.Column("row", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("named_only", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["deleted_tickets.number"], name=op.f("fk_deleted_rows_number"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deleted_rows")),
    )
    op.create_index(op.f("ix_deleted_rows_number_table_name"), "deleted_rows", ["number", "table_name"])
