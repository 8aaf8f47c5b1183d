"""What is done with events: made, changed, cancelled, answered; and what the other calendars and mailboxes see of it.

As Exchange Online does it: a meeting stands as a copy in the calendar of each attendee who has a mailbox here, and
every attendee gets mail. https://learn.microsoft.com/graph/api/resources/event
"""

import copy
from datetime import datetime
from typing import Any

from backend.sandbox import calendar_input, calendar_mail, calendars, mailbox
from backend.sandbox.calendars import NEVER, Event
from backend.sandbox.graph import GraphError
from backend.sandbox.people import Person, by_mail, find
from backend.sandbox.store import Tx, stamp

RESPONSES = {"accept": "accepted", "decline": "declined", "tentativelyAccept": "tentativelyAccepted"}
_CANCELED = "Canceled: "
# What an attendee's copy takes over from the organiser's event.
_SHARED = (
    "subject", "body", "bodyPreview", "importance", "sensitivity", "isAllDay", "start", "end", "zone", "endZone",
    "startCalled", "endCalled", "locations", "responseRequested", "hideAttendees", "allowNewTimeProposals", "organizer",
    "sequence",
)  # fmt: skip
_WHEN = ("start", "end", "zone", "endZone", "isAllDay")
_WHAT = ("subject", "body", "locations", "importance", "hideAttendees", "allowNewTimeProposals", "responseRequested")
Attendee = dict[str, Any]
Proposal = tuple[datetime, datetime] | None


def _refused(message: str) -> GraphError:
    return GraphError(400, "ErrorInvalidRequest", f"Your request can't be completed. {message}")


def _others(event: Event, attendees: list[Attendee]) -> list[Attendee]:
    """Without the organiser, who may have put themselves on the list."""
    own = event.doc["organizer"]["address"].lower()
    return [one for one in attendees if one["address"].lower() != own]


def create(tx: Tx, person: Person, given: dict[str, Any]) -> Event:
    """A new event with invitations; with a transactionId that made one before, that one. Raises GraphError."""
    doc = calendars.empty()
    doc["organizer"] = {"name": person.name, "address": person.mail}
    calendar_input.apply(doc, given)
    transaction = str(given["transactionId"]) if given.get("transactionId") else None
    if transaction and (made := calendars.select(tx, "mailbox = ? AND transaction_id = ?", person.id, transaction)):
        first = made[0].doc.get("first") or []
        if first != _first(doc):
            # https://github.com/alcionai/corso/issues/2490 has the code and the sentence.
            raise GraphError(
                409, "ErrorDuplicateTransactionId", "Your request can't be completed. The TransactionId specified in "
                "the request has already been used to create a different event.",
            )  # fmt: skip
        return made[0]
    doc["first"] = _first(doc)
    event = calendars.add(tx, person, doc, transaction_id=transaction)
    calendars.extend(tx, event, given.get("singleValueExtendedProperties"))
    _invite(tx, person, event, _others(event, doc["attendees"]))
    return event


def _first(doc: dict[str, Any]) -> list[str]:
    """By what a second creation with one transactionId is known to be the same event."""
    return [doc["subject"], doc["start"], doc["zone"], doc["end"], doc["endZone"]]


def _receiver(one: Attendee) -> Person | None:
    return by_mail(one["address"])


def _copied(event: Event, address: str) -> dict[str, Any]:
    doc = {name: copy.deepcopy(event.doc[name]) for name in _SHARED}
    hidden = event.doc["hideAttendees"]
    doc["attendees"] = [
        {**one, "response": "none", "time": NEVER, "proposed": None}
        for one in event.doc["attendees"]
        if not hidden or one["address"].lower() == address.lower()
    ]
    doc["organizerShowAs"] = event.doc["showAs"]
    return doc


def _unanswered(event: Event) -> dict[str, Any]:
    free = event.doc["showAs"] == "free"
    return {"response": "notResponded", "responded": NEVER, "showAs": "free" if free else "tentative"}


def spread(tx: Tx, event: Event, attendees: list[Attendee]) -> None:
    """Puts copies of a meeting into the calendars of those of these attendees who have one here."""
    for one in attendees:
        receiver = _receiver(one)
        if receiver is None:
            continue
        doc = {**calendars.empty(), **_copied(event, one["address"]), **_unanswered(event), "isOrganizer": False}
        calendars.add(tx, receiver, doc, ical_uid=event.ical_uid)


def _invite(tx: Tx, person: Person, event: Event, attendees: list[Attendee]) -> None:
    """Copies, and a REQUEST to all of these attendees."""
    spread(tx, event, attendees)
    if attendees:
        calendar_mail.tell_attendees(tx, person, event, attendees, "REQUEST")


def change(tx: Tx, person: Person, event: Event, given: dict[str, Any]) -> None:
    """A PATCH; the organiser's is told to the attendees. Raises GraphError 400."""
    if "transactionId" in given and given["transactionId"] != event.transaction_id:
        raise _refused("The transactionId of an event cannot be changed.")
    if not event.is_organizer and "attendees" in given:
        raise _refused("You need to be an organizer to change the attendees of a meeting.")
    before = copy.deepcopy(event.doc)
    calendar_input.apply(event.doc, given)
    calendars.extend(tx, event, given.get("singleValueExtendedProperties"))
    if not event.is_organizer:
        calendars.save(tx, event)
        return
    moved = any(before[name] != event.doc[name] for name in _WHEN)
    told = moved or any(before[name] != event.doc[name] for name in _WHAT)
    was = {one["address"].lower(): one for one in _others(event, before["attendees"])}
    now = {one["address"].lower(): one for one in _others(event, event.doc["attendees"])}
    if moved:
        for one in now.values():
            one.update(response="none", time=NEVER, proposed=None)
    if (was or now) and (told or was.keys() != now.keys()):
        event.doc["sequence"] += 1
    calendars.save(tx, event)
    _invite(tx, person, event, [one for key, one in now.items() if key not in was])
    _withdraw(tx, person, event, [one for key, one in was.items() if key not in now])
    stay = [one for key, one in now.items() if key in was]
    if told and stay:
        _update(tx, person, event, stay, moved)


def _update(tx: Tx, person: Person, event: Event, attendees: list[Attendee], moved: bool) -> None:
    for one in attendees:
        receiver = _receiver(one)
        if receiver is None:
            continue
        theirs = calendars.copy_of(tx, receiver, event.ical_uid)
        fresh = _copied(event, one["address"])
        if theirs is None:
            # Who had declined is asked again.
            doc = {**calendars.empty(), **fresh, **_unanswered(event), "isOrganizer": False}
            calendars.add(tx, receiver, doc, ical_uid=event.ical_uid)
            continue
        theirs.doc.update(fresh)
        if moved:
            theirs.doc.update(_unanswered(event))
        calendars.save(tx, theirs)
    calendar_mail.tell_attendees(tx, person, event, attendees, "REQUEST")


def _withdraw(tx: Tx, person: Person, event: Event, attendees: list[Attendee], comment: str = "") -> None:
    """The copies stay as cancelled ones until their owners remove them; everybody gets a CANCEL."""
    for one in attendees:
        receiver = _receiver(one)
        theirs = calendars.copy_of(tx, receiver, event.ical_uid) if receiver else None
        if theirs is None:
            continue
        theirs.doc.update(isCancelled=True, showAs="free", isReminderOn=False, sequence=event.doc["sequence"])
        if not theirs.doc["subject"].startswith(_CANCELED):
            theirs.doc["subject"] = _CANCELED + theirs.doc["subject"]
        calendars.save(tx, theirs)
    if attendees:
        calendar_mail.tell_attendees(tx, person, event, attendees, "CANCEL", comment)


def cancel(tx: Tx, person: Person, event: Event, comment: str = "") -> None:
    """The organiser calls the meeting off. Raises GraphError 400 for anybody else."""
    if not event.is_organizer:
        raise _refused("You need to be an organizer to cancel a meeting.")
    event.doc["sequence"] += 1
    _withdraw(tx, person, event, _others(event, event.doc["attendees"]), comment)
    calendars.remove(tx, event)


def delete(tx: Tx, person: Person, event: Event) -> None:
    """Removes an event; the organiser's meeting is cancelled by it (event-delete), an attendee's copy just goes."""
    if event.is_organizer:
        cancel(tx, person, event)
    else:
        calendars.remove(tx, event)


def respond(
    tx: Tx, person: Person, event: Event, response: str, *, comment: str = "", send: bool = True,
    proposed: Proposal = None,
) -> None:  # fmt: skip
    """An attendee answers in their own calendar. Raises GraphError 400 where there is nothing to answer."""
    if event.is_organizer:
        raise _refused("You can't respond to this meeting because you're the meeting organizer.")
    if event.doc["isCancelled"]:
        raise _refused("The meeting has been canceled.")
    # https://learn.microsoft.com/graph/api/event-decline: both are refused with 400.
    if proposed and not event.doc["allowNewTimeProposals"]:
        raise _refused("The organizer doesn't allow new time proposals.")
    if proposed and not send:
        raise _refused("A new time can be proposed only with a response that is sent.")
    now = stamp(tx.store.now())
    event.doc.update(response=response, responded=now)
    if response == "declined":
        calendars.remove(tx, event)
    else:
        event.doc["showAs"] = "tentative" if response == "tentativelyAccepted" else event.doc["organizerShowAs"]
        calendars.save(tx, event)
    if send:
        mine = {"type": "required", "name": person.name, "address": person.mail, "response": response}
        _note_answer(tx, event, person.mail, response, proposed)
        calendar_mail.tell_organizer(tx, person, event, mine, comment)


def _note_answer(tx: Tx, event: Event, address: str, response: str, proposed: Proposal) -> Attendee | None:
    """Writes an answer into the organiser's event; the attendee as they stand there."""
    organizer = by_mail(event.doc["organizer"]["address"])
    theirs = calendars.copy_of(tx, organizer, event.ical_uid) if organizer else None
    if theirs is None:
        return None
    for one in theirs.doc["attendees"]:
        if one["address"].lower() == address.lower():
            one.update(response=response, time=stamp(tx.store.now()))
            one["proposed"] = [stamp(moment) for moment in proposed] if proposed else None
            calendars.save(tx, theirs)
            return dict(one)
    return None


def answer(tx: Tx, event: Event, address: str, response: str, *, comment: str = "", proposed: Proposal = None) -> None:
    """The attendee with this address answers, from their calendar here or, having none, by mail from outside.

    Raises GraphError 400 for somebody who is not invited.
    """
    person = by_mail(address)
    theirs = calendars.copy_of(tx, person, event.ical_uid) if person else None
    if person and theirs:
        respond(tx, person, theirs, response, comment=comment, proposed=proposed)
        return
    organizer = find(event.mailbox) if event.is_organizer else by_mail(event.doc["organizer"]["address"])
    if proposed and not event.doc["allowNewTimeProposals"]:
        raise _refused("The organizer doesn't allow new time proposals.")
    one = _note_answer(tx, event, address, response, proposed)
    if one is None or organizer is None:
        raise _refused(f"'{address}' is not invited to this meeting.")
    mailbox.receive(tx, organizer, calendar_mail.answer_raw(tx, event, one, comment))
