"""What customers get: one mail for each change, in their language, with an invitation that their calendar knows."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from backend.config import LANGUAGES
from backend.db import session
from backend.people.models import Person
from backend.tickets.actions import change
from backend.tickets.models import Ticket
from backend.visits import ical
from backend.visits.invitation import Invitation
from backend.visits.letter import letter
from tests.visits.conftest import Case
from tests.world import JANA, SERVICE, mail

pytestmark = pytest.mark.slow


def test_the_customer_is_invited_on_the_thread_of_the_ticket(case: Case) -> None:
    case.world.deliver(mail(subject="Drucker", message_id="<first@tressow.example>"))
    case.world.run("mail.sweep")
    case.world.work()
    with case.world.rows():
        ticket = session.query(Ticket).filter_by(subject="Drucker").one()
    case.plan(ticket=ticket, note="Leiter mitbringen", customer_note="Bitte Zugang\nzum Serverraum")
    case.settle()
    ((sent, calendar),) = case.letters()
    assert [one.addr_spec for one in (*sent["To"].addresses, *sent["From"].addresses)] == [JANA, SERVICE]
    assert "<first@tressow.example>" in sent["References"]
    assert f"[#{ticket.number}]" in sent["Subject"]
    assert sent["Auto-Submitted"] == "auto-generated"
    part = next(one for one in sent.walk() if one.get_content_type() == "text/calendar")
    assert part.get_param("method") == "REQUEST"
    text = sent.get_body(("plain",))
    assert text is not None
    said = text.get_content().replace("\r\n", "\n")
    for words in ("1. Dezember 2031", "09:00", "11:00", "Halle 2", "Piet Hagenauer", "Zugang\nzum Serverraum"):
        assert words in said, said
    assert "Leiter" not in sent.as_string(), "the internal note"
    event = calendar.walk("VEVENT")[0]
    assert event["dtstart"].dt == datetime(2031, 12, 1, 9, tzinfo=ZoneInfo("Europe/Berlin"))
    assert event["dtend"].dt == datetime(2031, 12, 1, 11, tzinfo=ZoneInfo("Europe/Berlin"))
    assert event["sequence"] == 0
    assert event["organizer"] == f"mailto:{SERVICE}"
    assert event["attendee"] == f"mailto:{JANA}"
    assert case.verbs() == [], "the other ticket is another"


def test_changes_have_one_uid_and_growing_sequences(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    case.move(visit_id, start="2031-12-01T10:00")
    case.settle()
    case.cancel(visit_id)
    case.settle()
    calendars = [calendar for _mail, calendar in case.letters()]
    assert [str(one["method"]) for one in calendars] == ["REQUEST", "REQUEST", "CANCEL"]
    events = [one.walk("VEVENT")[0] for one in calendars]
    assert {str(one["uid"]) for one in events} == {ical.uid(case.visit(visit_id).key)}
    assert [one["sequence"] for one in events] == [0, 1, 2]
    assert [str(one["status"]) for one in events] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


def test_a_drag_that_is_corrected_is_one_mail_and_back_again_none(case: Case) -> None:
    visit_id = case.plan()
    case.move(visit_id, start="2031-12-01T08:00")
    case.move(visit_id, start="2031-12-01T10:00")
    case.settle()
    assert len(case.letters()) == 1
    case.move(visit_id, start="2031-12-01T08:00")
    case.move(visit_id, start="2031-12-01T10:00")
    case.move(visit_id, note="nur für uns")
    case.settle()
    assert len(case.letters()) == 1
    case.move(visit_id, technician=case.aylin)
    case.settle()
    assert "Aylin Demirsoy" in case.letters()[1][0].as_string()


def test_planned_and_called_off_at_once_tells_nothing(case: Case) -> None:
    case.cancel(case.plan())
    case.settle()
    assert case.letters() == []


def test_blocks_past_visits_and_tickets_without_contact_tell_nobody(case: Case) -> None:
    case.plan(kind="block")
    case.plan(ticket=None, kind="block")
    case.plan("2024-03-01T09:00", "2024-03-01T10:00")
    with case.world.rows():
        change(session.get_one(Ticket, case.ticket.id), case.piet.who(), contact=None)
    case.plan("2031-12-02T09:00", "2031-12-02T10:00")
    case.settle()
    assert case.letters() == []
    assert len(case.calendar()) == 4


def test_the_customers_program_answers(case: Case) -> None:
    visit_id = case.plan()
    case.settle()
    ((sent, calendar),) = case.letters()

    def reply(partstat: str, sender: str = JANA) -> None:
        answer: Any = Calendar.from_ical(calendar.to_ical())
        answer["method"] = "REPLY"
        answer.walk("VEVENT")[0]["attendee"].params["PARTSTAT"] = partstat
        raw = mail(
            sender=f"X <{sender}>",
            subject=f"Zugesagt: {sent['Subject']}",
            text="",
            in_reply_to=str(sent["Message-ID"]),
            files=[("invite.ics", "text/calendar", answer.to_ical())],
        )
        case.world.deliver(raw)
        case.world.run("mail.sweep")
        case.world.work()

    reply("ACCEPTED")
    assert case.visit(visit_id).customer_response == "accepted"
    assert case.verbs() == ["visit_planned", "visit_told", "visit_answered"]
    reply("DECLINED", "elif.mertoglu@moebelwerk-tressow.example")
    assert case.visit(visit_id).customer_response == "accepted", "she was not invited"
    case.move(visit_id, start="2031-12-01T10:00")
    case.settle()
    assert case.visit(visit_id).customer_response == ""
    reply("ACCEPTED")
    assert case.visit(visit_id).customer_response == "", "it answered the first invitation"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_when_where_and_who(language: str) -> None:
    told = {
        "start": "2026-10-24T22:00:00", "end": "2026-10-25T06:00:00", "timezone": "Europe/Berlin", "kind": "on-site",
        "place": "Halle 2 <b>", "technician": "Piet Hagenauer", "customer_note": "A\n<script>",
    }  # fmt: skip
    new, moved, off = (letter(a, b, "Drucker", language) for a, b in ((told, {}), (told, told), ({}, told)))
    assert len({new.subject, moved.subject, off.subject}) == 3
    for one in (new, moved, off):
        assert "2026" in one.text
        assert "Piet Hagenauer" in one.text
        assert "<script>" not in one.html
        assert "Halle 2 &lt;b&gt;" in one.html
    if language != "en":
        assert new.text != letter(told, {}, "Drucker", "en").text


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "Europe/Madrid", "Europe/Lisbon", "America/New_York", "Asia/Kolkata"]
)
@pytest.mark.parametrize("day", ["2026-10-25", "2027-03-28", "2026-07-01"])
def test_the_zone_in_an_invitation_tells_the_same_moments_as_the_zone_itself(zone: str, day: str) -> None:
    given: dict[str, Any] = {
        "key": "k", "sequence": 0, "method": "REQUEST", "zone": zone, "summary": "S", "description": "", "place": "",
        "organizer": ("", SERVICE), "attendee": ("", JANA), "stamp": datetime.now(UTC),
    }  # fmt: skip
    start = datetime.fromisoformat(f"{day}T00:15")
    whole: Any = Calendar.from_ical(ical.written(Invitation(start=start, end=start + timedelta(hours=8), **given)))
    (rules,) = whole.walk("VTIMEZONE")
    for hours in range(-24 * 30, 24 * 30):
        at = start.replace(tzinfo=UTC) + timedelta(hours=hours)
        assert _by_rules(rules, at) == at.astimezone(ZoneInfo(zone)).utcoffset(), at


def _by_rules(rules: Any, at: datetime) -> timedelta:
    """The offset at that moment as the VTIMEZONE says it: its latest observance that has begun (RFC 5545, 3.6.5)."""
    begun = [
        ((one["dtstart"].dt - one["tzoffsetfrom"].td).replace(tzinfo=UTC), one["tzoffsetto"].td)
        for one in rules.subcomponents
    ]
    offset: timedelta = max((one for one in begun if one[0] <= at), key=lambda one: one[0])[1]
    return offset


@pytest.mark.parametrize(
    "content", ["", "x", "BEGIN:VCALENDAR", "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR", "\0" * 9]
)
def test_what_is_no_answer_is_none(content: str) -> None:
    assert ical.answer(content) is None


def test_the_language_is_the_customers(case: Case) -> None:
    with case.world.rows():
        session.get_one(Person, case.jana.id).language = "en"
    case.plan()
    case.settle()
    ((sent, _calendar),) = case.letters()
    assert "Monday, 1 December 2031" in sent.as_string() or "Monday, December 1, 2031" in sent.as_string()
    assert sent["Content-Language"] == "en"


def test_a_mail_that_cannot_leave_is_said_on_the_ticket(case: Case) -> None:
    case.world.misbehave(r"POST /v1.0/users/[^/]+/messages", status=403)
    case.plan()
    case.settle()
    assert case.letters() == []
    assert case.verbs() == ["visit_planned", "visit_told", "visit_not_told"]
