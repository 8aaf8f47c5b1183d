"""Jobs that make calendars and customers agree with our rows, and write down how it went."""

from backend.jobs import job


@job("visits.publish")
def publish(visit_id: int) -> None:
    """Makes the technician's calendar equal to the visit."""


@job("visits.withdraw")
def withdraw(visit_event_id: int) -> None:
    """Takes an event of ours out of a calendar."""


@job("visits.tell_customer")
def tell_customer(visit_id: int) -> None:
    """Tells the customer of the visit as it stands, unless they know already."""
