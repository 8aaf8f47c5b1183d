"""Invitations to visits as iCalendar objects (RFC 5545, 5546), and what customers' programs answer to them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress, vText

from backend.visits.invitation import Answer, Invitation
from backend.visits.models import Response

_DOMAIN = "deskside.visit"
_ANSWERS = {"ACCEPTED": Response.ACCEPTED, "DECLINED": Response.DECLINED, "TENTATIVE": Response.TENTATIVE}
_MOST = 200_000  # characters of an answer that are read


def uid(key: str) -> str:
    """The UID of the visit with that key."""
    return f"{key}@{_DOMAIN}"


def written(invitation: Invitation) -> str:
    """The iCalendar object, lines ended by CRLF and folded."""
    whole = Calendar()
    whole.add("prodid", "-//Deskside//Visits//EN")
    whole.add("version", "2.0")
    whole.add("method", invitation.method)
    whole.add_component(_zone(invitation.zone, invitation.start, invitation.end))
    event = Event()
    event.add("uid", uid(invitation.key))
    event.add("dtstamp", invitation.stamp.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", invitation.sequence)
    event.add("dtstart", invitation.start, parameters={"TZID": invitation.zone})
    event.add("dtend", invitation.end, parameters={"TZID": invitation.zone})
    event.add("summary", _clean(invitation.summary))
    event.add("status", "CANCELLED" if invitation.method == "CANCEL" else "CONFIRMED")
    if invitation.description:
        event.add("description", _clean(invitation.description))
    if invitation.place:
        event.add("location", _clean(invitation.place))
    event.add("transp", "OPAQUE")
    event.add("organizer", _person(*invitation.organizer), encode=False)
    attendee = _person(*invitation.attendee)
    attendee.params["ROLE"], attendee.params["CUTYPE"] = vText("REQ-PARTICIPANT"), vText("INDIVIDUAL")
    if invitation.method == "REQUEST":
        attendee.params["PARTSTAT"], attendee.params["RSVP"] = vText("NEEDS-ACTION"), vText("TRUE")
    event.add("attendee", attendee, encode=False)
    whole.add_component(event)
    return str(whole.to_ical().decode())


def _clean(text: str) -> str:
    """Without control characters, which iCalendar has no way to write."""
    return "".join(letter for letter in text if letter >= " " or letter in "\n\t")


def _person(name: str, address: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    name = " ".join(_clean(name).replace('"', "'").split())
    if name:
        person.params["CN"] = vText(name)
    return person


def _zone(name: str, start: datetime, end: datetime) -> Timezone:
    """The rules of a zone from the year before the visit to the year after it, each change by itself."""
    zone = ZoneInfo(name)
    at, last = datetime(start.year - 1, 1, 1, tzinfo=UTC), datetime(end.year + 2, 1, 1, tzinfo=UTC)
    whole = Timezone()
    whole.add("tzid", name)
    _observance(whole, at.astimezone(zone), _offset(at, zone))
    while at < last:
        following = at + timedelta(days=1)
        if _offset(following, zone) != _offset(at, zone):
            change = _change(at, following, zone)
            _observance(whole, change.astimezone(zone), _offset(at, zone))
        at = following
    return whole


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment between two at which the offset changes, to the minute."""
    old = _offset(before, zone)
    while after - before > timedelta(minutes=1):
        middle = before + timedelta(minutes=(after - before) // timedelta(minutes=2))
        before, after = (middle, after) if _offset(middle, zone) == old else (before, middle)
    return after


def _observance(whole: Timezone, begins: datetime, before: timedelta) -> None:
    """From `begins` on (aware, with the new offset) this offset counts; its DTSTART is told in the old one."""
    one = TimezoneDaylight() if begins.dst() else TimezoneStandard()
    one.add("dtstart", (begins.astimezone(UTC) + before).replace(tzinfo=None))
    one.add("tzoffsetfrom", before)
    one.add("tzoffsetto", begins.utcoffset() or timedelta())
    one.add("tzname", begins.tzname() or "")
    whole.add_component(one)


def answer(content: str) -> Answer | None:
    """What a METHOD:REPLY says of a visit of ours; None for anything else. What is in it is not trusted further."""
    try:
        whole = Calendar.from_ical(content[:_MOST])
        if str(whole.get("method", "")).upper() != "REPLY":
            return None
        for event in whole.walk("VEVENT"):
            key, at, domain = str(event.get("uid", "")).rpartition("@")
            attendees = event.get("attendee") or []
            attendees = attendees if isinstance(attendees, list) else [attendees]
            if at and domain == _DOMAIN and len(attendees) == 1:
                said = str(getattr(attendees[0], "params", {}).get("PARTSTAT", "")).upper()
                if said in _ANSWERS:
                    return Answer(key, int(event.get("sequence", 0)), _ANSWERS[said])
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None
    return None
