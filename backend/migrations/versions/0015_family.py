"""Sub-tickets, incidents linked to a problem, groups of teams, and who was told that a ticket is theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "team_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_groups")),
        sa.UniqueConstraint("name", name=op.f("uq_team_groups_name")),
    )
    op.create_table(
        "team_group_teams",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["team_groups.id"], name=op.f("fk_team_group_teams_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_team_group_teams_team_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", "team_id", name=op.f("pk_team_group_teams")),
    )
    op.create_index(op.f("ix_team_group_teams_team_id"), "team_group_teams", ["team_id"])
    for name, target in (("group_id", "team_groups"), ("parent_id", "tickets"), ("problem_id", "tickets")):
        op.add_column("tickets", sa.Column(name, sa.Integer(), nullable=True))
        op.create_foreign_key(op.f(f"fk_tickets_{name}"), "tickets", target, [name], ["id"], ondelete="SET NULL")
    for index, columns in (
        (op.f("ix_tickets_group_id_updated_at_id"), ["group_id", "updated_at", "id"]),
        ("ix_tickets_parent", ["parent_id", "assignee_id"]),
        ("ix_tickets_own_subtickets", ["assignee_id", "parent_id"]),
        (op.f("ix_tickets_problem_id"), ["problem_id"]),
    ):
        given = "parent_id" if "parent_id" in columns else columns[0]
        op.create_index(index, "tickets", columns, postgresql_where=sa.text(f"{given} is not null"))
    op.create_table(
        "assignment_notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("activity_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("post_id", sa.BigInteger(), nullable=True),
        sa.Column("outbound_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activities.id"], name=op.f("fk_assignment_notices_activity_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound_mails.id"], name=op.f("fk_assignment_notices_outbound_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_assignment_notices_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["post_id"], ["teams_posts.id"], name=op.f("fk_assignment_notices_post_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_notices")),
        sa.UniqueConstraint("activity_id", "person_id", name=op.f("uq_assignment_notices_activity_id_person_id")),
    )
    for name in ("outbound_id", "person_id", "post_id"):
        op.create_index(op.f(f"ix_assignment_notices_{name}"), "assignment_notices", [name])
