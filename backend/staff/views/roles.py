"""The page on roles: the one table of backend/roles.py, and who has which role."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from backend.auth import PERMISSIONS, requires
from backend.db import session
from backend.people.models import Person, staff
from backend.staff import words
from backend.staff.views.door import blueprint


@blueprint.get("/settings/roles")
@requires("settings.write")
def roles() -> ResponseReturnValue:
    """Each permission with the roles that have it, and each of our people with their roles."""
    people = session.execute(
        select(Person.id, Person.name, Person.mail, Person.roles)
        .where(staff(), Person.active)
        .order_by(Person.name, Person.id)
    )
    return render_template(
        "staff/roles.html",
        roles=[(role.value, words.role_name(role)) for role in words.ROLES],
        permissions=[(name, words.permission_words(name), allowed) for name, allowed in PERMISSIONS.items()],
        people=[(row, [words.role_name(role) for role in words.ROLES if role in row.roles]) for row in people],
    )
