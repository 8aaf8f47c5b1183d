"""A draft's files follow it to another key, deleted words are found, a merge knows until when its source waited."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
_DRAFT = "fk_draft_files_person_id_key"


def upgrade() -> None:
    """Applies this step."""
    _draft_key(onupdate="CASCADE")
    op.create_index(
        "ix_activities_taken_back", "activities", ["id"], postgresql_where=sa.text("verb = 'message_deleted'")
    )
    op.add_column("ticket_merges", sa.Column("pending_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Takes this step back."""
    op.drop_column("ticket_merges", "pending_until")
    op.drop_index("ix_activities_taken_back", table_name="activities")
    _draft_key(onupdate=None)


def _draft_key(*, onupdate: str | None) -> None:
    op.drop_constraint(_DRAFT, "draft_files", type_="foreignkey")
    op.create_foreign_key(
        _DRAFT, "draft_files", "drafts", ["person_id", "key"], ["person_id", "key"],
        ondelete="CASCADE", onupdate=onupdate,
    )  # fmt: skip
