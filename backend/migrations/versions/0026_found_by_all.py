"""Tickets are found by their properties too: a job puts the words of those there are together anew."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.execute(
        "insert into procrastinate_jobs (queue_name, task_name, priority, args) "
        "select 'default', 'tickets.find_anew', -1, jsonb_build_object('what', 'all', 'of', '[]'::jsonb, 'after', 0) "
        "where exists (select from tickets)"
    )
    op.create_index(
        "ix_tickets_family", "tickets", ["product_family", "updated_at", "id"],
        postgresql_where=sa.text("product_family <> ''"),
    )  # fmt: skip
    op.create_index(
        "ix_tickets_fields", "tickets", ["fields"], postgresql_using="gin", postgresql_ops={"fields": "jsonb_path_ops"},
        postgresql_where=sa.text("fields <> '{}'"),
    )  # fmt: skip


def downgrade() -> None:
    """Takes this step back."""
    op.drop_index("ix_tickets_fields", table_name="tickets")
    op.drop_index("ix_tickets_family", table_name="tickets")
    op.execute("delete from procrastinate_jobs where task_name = 'tickets.find_anew' and status = 'todo'")
