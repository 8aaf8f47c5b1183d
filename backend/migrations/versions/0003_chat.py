"""Tables of chats in Teams and of mentions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "teams_conversations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("service_url", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_teams_conversations_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams_conversations")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_teams_conversations_conversation_id")),
    )
    op.create_index(op.f("ix_teams_conversations_person_id"), "teams_conversations", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_teams_conversations_tenant_id_object_id"),
        "teams_conversations",
        ["tenant_id", "object_id"],
        unique=False,
    )
    op.create_table(
        "teams_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["teams_conversations.id"],
            name=op.f("fk_teams_codes_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_teams_codes_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams_codes")),
    )
    op.create_index(op.f("ix_teams_codes_address_created_at"), "teams_codes", ["address", "created_at"], unique=False)
    op.create_index(op.f("ix_teams_codes_conversation_id_id"), "teams_codes", ["conversation_id", "id"], unique=False)
    op.create_table(
        "chats",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("waiting_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.Column("matter_known", sa.Boolean(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["contact_id"], ["people.id"], name=op.f("fk_chats_contact_id")),
        sa.ForeignKeyConstraint(["conversation_id"], ["teams_conversations.id"], name=op.f("fk_chats_conversation_id")),
        sa.ForeignKeyConstraint(["ended_by_id"], ["people.id"], name=op.f("fk_chats_ended_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["technician_id"], ["people.id"], name=op.f("fk_chats_technician_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_chats_ticket_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chats")),
    )
    op.create_index(op.f("ix_chats_contact_id"), "chats", ["contact_id"], unique=False)
    op.create_index(
        "ix_chats_held", "chats", ["technician_id", "held_at"], unique=False, postgresql_where=sa.text("state = 'open'")
    )
    op.create_index(op.f("ix_chats_state_waiting_since"), "chats", ["state", "waiting_since"], unique=False)
    op.create_index(op.f("ix_chats_ticket_id"), "chats", ["ticket_id"], unique=False)
    op.create_index(
        "uq_chats_running", "chats", ["conversation_id"], unique=True, postgresql_where=sa.text("state <> 'ended'")
    )
    op.create_table(
        "teams_activities",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.String(), nullable=False),
        sa.Column("activity_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_teams_activities_message_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams_activities")),
        sa.UniqueConstraint(
            "conversation_id", "fingerprint", name=op.f("uq_teams_activities_conversation_id_fingerprint")
        ),
        sa.UniqueConstraint("conversation_id", "key", name=op.f("uq_teams_activities_conversation_id_key")),
    )
    op.create_index(
        op.f("ix_teams_activities_conversation_id_activity_id"),
        "teams_activities",
        ["conversation_id", "activity_id"],
        unique=False,
    )
    op.create_index(op.f("ix_teams_activities_message_id"), "teams_activities", ["message_id"], unique=False)
    op.create_index(op.f("ix_teams_activities_received_at"), "teams_activities", ["received_at"], unique=False)
    op.create_table(
        "teams_posts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("operation", sa.String(), nullable=False),
        sa.Column("chat_id", sa.Integer(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("replaces_id", sa.BigInteger(), nullable=True),
        sa.Column("activity", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("activity_id", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_teams_posts_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["teams_conversations.id"],
            name=op.f("fk_teams_posts_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_teams_posts_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["teams_posts.id"], name=op.f("fk_teams_posts_replaces_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams_posts")),
    )
    op.create_index(op.f("ix_teams_posts_chat_id"), "teams_posts", ["chat_id"], unique=False)
    op.create_index(op.f("ix_teams_posts_message_id"), "teams_posts", ["message_id"], unique=False)
    op.create_index(op.f("ix_teams_posts_place_activity_id"), "teams_posts", ["place", "activity_id"], unique=False)
    op.create_index(
        op.f("ix_teams_posts_state_id"),
        "teams_posts",
        ["state", "id"],
        unique=False,
        postgresql_where=sa.text("state in ('failed', 'doubtful')"),
    )
    op.create_index(
        "ix_teams_posts_waiting",
        "teams_posts",
        ["conversation_id", "id"],
        unique=False,
        postgresql_where=sa.text("state in ('waiting', 'sending')"),
    )
    op.create_table(
        "mentions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("outbound_id", sa.BigInteger(), nullable=True),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_mentions_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound_mails.id"], name=op.f("fk_mentions_outbound_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mentions_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["post_id"], ["teams_posts.id"], name=op.f("fk_mentions_post_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
        sa.UniqueConstraint("message_id", "person_id", name=op.f("uq_mentions_message_id_person_id")),
    )
    op.create_index(op.f("ix_mentions_outbound_id"), "mentions", ["outbound_id"], unique=False)
    op.create_index(op.f("ix_mentions_person_id"), "mentions", ["person_id"], unique=False)
    op.create_index(op.f("ix_mentions_post_id"), "mentions", ["post_id"], unique=False)
    op.add_column("messages", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
