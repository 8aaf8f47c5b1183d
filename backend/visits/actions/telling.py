"""What customers are told of a visit."""

from datetime import timedelta
from typing import Any

from backend import clock
from backend.jobs import in_a_moment, later
from backend.people.models import Person
from backend.visits.models import Visit, VisitKind, VisitState

# A drag that is corrected at once is one change to the customer.
SETTLED = timedelta(seconds=15)


def will_be_told(visit: Visit) -> None:
    """Asks for the customer to be told, in a moment: what is changed once more until then is told once."""
    if visit.ticket_id is None:
        return
    key = f"visits.tell_customer:{visit.id}"
    later("visits.tell_customer", once=key, at=in_a_moment(SETTLED), visit_id=visit.id)


def tellable(visit: Visit, technician: Person) -> dict[str, Any]:
    """What a customer is told of the visit as it stands; {} when there is nothing to tell."""
    if visit.kind == VisitKind.BLOCK or visit.state != VisitState.PLANNED:
        return {}
    return {
        "start": visit.start.isoformat(),
        "end": visit.end.isoformat(),
        "timezone": visit.timezone,
        "kind": visit.kind,
        "place": visit.place,
        "technician": technician.name,
        "customer_note": visit.customer_note,
    }


def over(visit: Visit) -> bool:
    """Whether the visit has ended: nobody is invited to, or uninvited from, what was."""
    return visit.ends_at <= clock.now()
