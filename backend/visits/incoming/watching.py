"""Jobs that let Microsoft tell of changes in technicians' calendars."""

from urllib.parse import urlsplit

from sqlalchemy.dialects.postgresql import insert

from backend import clock, config, notices
from backend.db import session
from backend.jobs import job, later
from backend.microsoft import graph, subscriptions
from backend.people.models import Person
from backend.visits.models import CalendarWatch, followed


@job("visits.subscribe")
def subscribe() -> None:
    """Sees to it that Microsoft tells of changes in the calendar of each technician who is on the board."""
    if not _reachable():
        return
    people = list(session.scalars(followed(clock.now())))
    there = subscriptions.all_of_ours() if people else []
    for person in people:
        watch = watch_of(person)
        ours = subscriptions.fitting(there, _wish(watch.mailbox))
        if [one.id for one in ours if one.fresh] != [watch.subscription_id]:
            key = f"visits.subscribe:{person.id}"
            later("visits.subscribe_calendar", once=key, person_id=person.id)


def _reachable() -> bool:
    settings = config.current()
    return urlsplit(settings.url).scheme == "https" or bool(settings.sandbox_url)


def watch_of(person: Person) -> CalendarWatch:
    """How the calendar of `person` is followed; a new one's row is made, another address begins anew."""
    mailbox = (person.mail or "").lower()
    session.execute(
        insert(CalendarWatch)
        .values(person_id=person.id, mailbox=mailbox, subscription_id="", error="")
        .on_conflict_do_nothing()
    )
    watch = session.get_one(CalendarWatch, person.id)
    if watch.mailbox != mailbox:
        watch.mailbox, watch.subscription_id = mailbox, ""
    return watch


def _wish(mailbox: str) -> subscriptions.Wish:
    url = config.current().url
    return subscriptions.Wish(
        resource=subscriptions.calendar_of(mailbox),
        change_type="created,updated,deleted",
        notification_url=f"{url}/microsoft/calendar/notifications",
        lifecycle_url=f"{url}/microsoft/calendar/lifecycle",
        client_state=notices.secret_word(f"calendar:{mailbox}"),
    )


@job("visits.subscribe_calendar")
def subscribe_calendar(person_id: int) -> None:
    """Creates, renews (at half life) or recreates the subscription of one calendar; further equal ones are ended."""
    watch = session.get(CalendarWatch, person_id)
    if watch is None or not _reachable():
        return
    try:
        kept, made = subscriptions.keep(_wish(watch.mailbox), watch.subscription_id)
    except (graph.Forbidden, graph.Missing, graph.GraphRefused) as error:
        watch.error = (str(error) or type(error).__name__)[:500]
        return
    watch.subscription_id, watch.expires_at, watch.error = kept.id, kept.expires_at, ""
    if made:
        # What happened before somebody was told of it.
        later("visits.compare", once=f"visits.compare:{watch.mailbox}", mailbox=watch.mailbox)
