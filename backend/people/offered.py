"""Colleagues as a field offers them: whoever asks, then those of the ticket's team, and how they are told apart."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select

from backend.auth import Who
from backend.i18n import _
from backend.people.models import Person, members


def likeliest_first(query: Select[Any], who: Who, *, team: int | None = None, group: int | None = None) -> Select[Any]:
    """`query` of people: `who` first, then the members of `team` or `group`, the others by name."""
    order: list[Any] = [(Person.id == who.person_id).desc()]
    if team is not None or group is not None:
        near = members(team=team, group=group).order_by(None).with_only_columns(Person.id)
        order.append(Person.id.in_(near).desc())
    return query.order_by(None).order_by(*order, Person.name, Person.id)


def told_apart(rows: Iterable[Any], who: Who) -> list[tuple[int, str, str]]:
    """(id, name, what stands beside it) of rows with id, name and mail. A name has the room to itself, but for oneself
    and for two of one name.
    """
    found = list(rows)
    count = Counter(row.name for row in found)
    beside = {row.id: row.mail or "" for row in found if count[row.name] > 1}
    return [(row.id, row.name, _("Me") if row.id == who.person_id else beside.get(row.id, "")) for row in found]
