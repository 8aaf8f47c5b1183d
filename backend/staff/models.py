"""Who was told that a ticket is theirs, or their team's, and how."""

from sqlalchemy import BigInteger, ForeignKey, Identity, Select, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Mapped, mapped_column

from backend.mentions.models import Notice
from backend.people.models import Group, GroupTeam, Person, Team, TeamMember


class AssignmentNotice(Notice):
    """One person told of one activity that gave a ticket to them."""

    __tablename__ = "assignment_notices"
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activities.id", ondelete="CASCADE"))
    __table_args__ = (UniqueConstraint("activity_id", "person_id"),)


def teams_with_members() -> Select[tuple[int, str, list[list[object]] | None]]:
    """(id, name, [[id, name] of each member] or None) of every team, by name."""
    pair = func.jsonb_build_array(Person.id, Person.name)
    return (
        select(Team.id, Team.name, func.jsonb_agg(aggregate_order_by(pair, Person.name)).filter(Person.id.is_not(None)))
        .outerjoin(TeamMember, TeamMember.team_id == Team.id)
        .outerjoin(Person, (Person.id == TeamMember.person_id) & Person.active)
        .group_by(Team.id)
        .order_by(func.lower(Team.name))
    )


def groups_with_teams() -> Select[tuple[int, str, list[list[object]] | None]]:
    """(id, name, [[id, name] of each team] or None) of every group, by name."""
    pair = func.jsonb_build_array(Team.id, Team.name)
    return (
        select(Group.id, Group.name, func.jsonb_agg(aggregate_order_by(pair, Team.name)).filter(Team.id.is_not(None)))
        .outerjoin(GroupTeam, GroupTeam.group_id == Group.id)
        .outerjoin(Team, Team.id == GroupTeam.team_id)
        .group_by(Group.id)
        .order_by(func.lower(Group.name))
    )
