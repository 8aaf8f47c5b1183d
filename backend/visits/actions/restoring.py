"""Taking back that a visit was called off."""

from backend import clock
from backend.auth import Who
from backend.db import session
from backend.people.models import Person
from backend.visits.actions.planning import _effects, _record, _said, _want_event, locked
from backend.visits.models import Visit, VisitState


def restore(visit: Visit, actor: Who) -> Visit:
    """The visit takes place after all, as it stood: in the calendar again, and the customer hears of it."""
    visit = locked(visit)
    if visit.state == VisitState.PLANNED:
        return visit
    technician = session.get_one(Person, visit.technician_id)
    visit.state, visit.updated_at = VisitState.PLANNED, clock.now()
    _want_event(visit, technician)
    _record(visit, actor, "visit_restored", after=_said(visit, technician))
    _effects(visit)
    return visit
