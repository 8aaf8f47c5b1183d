"""Forwards and follow-up mails: each a mail of its own, whose answer comes back to the ticket."""

import email
import email.policy
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import clock
from backend.db import session
from backend.fields.models import CustomField
from backend.mentions.models import Mention
from backend.people.models import Person
from backend.tickets.actions import assign, open_ticket
from backend.tickets.models import ActivityStatus, Attachment, Kind, Message, Ticket
from backend.visits.actions import schedule
from tests.world import JANA, SERVICE, World, mail
from tests.writing.conftest import Desk

pytestmark = pytest.mark.slow
OUTSIDE = "technik@druckerhersteller.example"


def sent(world: World) -> list[email.message.EmailMessage]:
    """Every mail that was sent, read."""
    return [email.message_from_bytes(world.sent_mime(one), policy=email.policy.default) for one in world.sent()]


def plain(made: email.message.EmailMessage) -> str:
    """The plain text of a mail."""
    return str(made.get_body(("plain",)).get_content())  # type: ignore[union-attr]


def passed_on(desk: Desk, **data: object) -> int:
    """Piet forwards to somebody outside; the id of the forward."""
    form = {"text": "Bitte ansehen.", "forward_to": f"Hersteller <{OUTSIDE}>", "quote": "all", **data}
    answer = desk.browser.post("/tickets/10001/forward", data=form)
    assert answer.status_code < 300, answer.text
    with desk.world.rows():
        return session.scalars(select(Message.id).where(Message.mailed_as == "forward")).one()


def answer(world: World, sender: str, text: str) -> None:
    """`sender` answers the newest mail of the desk."""
    last = world.sent()[-1]
    raw = mail(sender=sender, subject="Re: " + last["subject"], text=text, in_reply_to=last["internetMessageId"])
    world.deliver(raw, to=SERVICE)
    world.run("mail.sweep")
    world.work()


def test_a_forward_brings_the_conversation_and_chosen_files_but_no_note(world: World, desk: Desk) -> None:
    desk.say("Kunde zahlt nie.", files=(io.BytesIO(b"intern"), "intern.txt"))
    desk.say("Ist es der im Einkauf?", kind="reply", files=(io.BytesIO(b"Plan"), "plan.txt"))
    world.work()
    with world.rows():
        files = {one.name: one.id for one in session.scalars(select(Attachment))}
    form = desk.browser.get("/tickets/10001/forward").text
    assert "plan.txt" in form
    assert "intern.txt" not in form
    forward = passed_on(desk, pass_on=[str(files["plan.txt"]), str(files["intern.txt"])])
    world.work()
    made = sent(world)[-1]
    assert made["To"].addresses[0].addr_spec == OUTSIDE
    assert made["Subject"] == "WG: [#10001] Drucker druckt nicht"
    text = plain(made)
    assert text.index("Bitte ansehen.") < text.index("Ist es der im Einkauf?") < text.index("Er blinkt rot.")
    assert "Kunde zahlt nie" not in made.as_string()
    assert [one.get_filename() for one in made.iter_attachments()] == ["plan.txt"]
    message = desk.message(forward)
    assert message is not None
    assert (message.kind, message.delivery) == (Kind.NOTE, "sent")
    assert [one.after for one in desk.log("forward")] == [OUTSIDE]
    page = desk.browser.get("/tickets/10001").text
    assert f"Forwarded to {OUTSIDE}" in page


def test_the_answer_to_a_forward_stays_between_us(world: World, desk: Desk) -> None:
    passed_on(desk)
    world.work()
    answer(world, f"Hersteller <{OUTSIDE}>", "Die Platine ist hin.")
    newest = desk.newest()
    assert (newest.text, newest.kind, newest.author_mail) == ("Die Platine ist hin.", Kind.NOTE, OUTSIDE)
    assert desk.ticket().activity_status == ActivityStatus.WAITING_TECHNICIAN
    assert f"E-mail from {OUTSIDE}" in desk.browser.get("/tickets/10001").text
    # Nor does a new mail of theirs under the number reach the customer: they know it from the forward alone.
    world.deliver(mail(sender=OUTSIDE, subject="Zu [#10001]", text="Kostet 300 Euro."))
    world.run("mail.sweep")
    world.work()
    assert (desk.newest().text, desk.newest().kind) == ("Kostet 300 Euro.", Kind.NOTE)
    with world.rows():
        assert session.query(Ticket).count() == 1


def test_the_customer_is_told_with_the_next_visit_where_it_is_ticked(world: World, desk: Desk) -> None:
    with world.rows():
        ticket, piet = session.query(Ticket).one(), session.get_one(Person, desk.piet.id)
        start = (clock.now() + timedelta(days=2)).replace(tzinfo=None, hour=10, minute=0, second=0, microsecond=0)
        end = start + timedelta(hours=1)
        schedule(piet.who(), technician=piet, start=start, end=end, timezone="Europe/Berlin", ticket=ticket)
    form = desk.browser.get("/tickets/10001/forward").text
    offered = re.search(r'name="tell_text"[^>]*>\n(.*?)</textarea>', form, re.S)
    assert offered is not None
    assert "#10001" in offered.group(1)
    assert "10:00" in offered.group(1)
    passed_on(desk, tell_text="Das hat jetzt der Hersteller.")
    world.work()
    told = [one for one in sent(world) if "Hersteller." in one.as_string() and JANA in str(one["To"])]
    assert told == []
    desk.browser.post(
        "/tickets/10001/forward",
        data={"text": "Noch einmal", "forward_to": OUTSIDE, "tell": "1", "tell_text": "Das hat jetzt der Hersteller."},
    )
    world.work()
    told = [one for one in sent(world) if "Das hat jetzt der Hersteller." in one.as_string()]
    assert [JANA in str(one["To"]) for one in told] == [True]


def test_the_same_form_twice_is_one_mail_and_nonsense_is_refused(world: World, desk: Desk) -> None:
    passed_on(desk, token="abc")
    passed_on(desk, token="abc")
    for form in ({"text": "x"}, {"forward_to": OUTSIDE}, {"text": "x", "forward_to": "kein Mensch"}):
        assert desk.browser.post("/tickets/10001/forward", data=form).status_code == 422
    mails: tuple[dict[str, Any], ...] = (
        {"text": "x", "subject": "y"},
        {"text": "x", "subject": "", "mail_to": OUTSIDE},
        {"text": "", "subject": "y", "mail_to": OUTSIDE},
        {"text": "x", "subject": "y", "mail_to": [OUTSIDE, JANA]},
    )
    for data in mails:
        assert desk.browser.post("/tickets/10001/follow-up", data=data).status_code == 422
    world.work()
    assert len(world.sent()) == 1


def test_a_gap_that_is_left_goes_out_by_no_way(world: World, desk: Desk) -> None:
    form = {"text": "Bitte ⟨Teilenummer⟩ liefern.", "subject": "Teil", "forward_to": OUTSIDE, "mail_to": OUTSIDE}
    for way in ("forward", "follow-up"):
        answer = desk.browser.post(f"/tickets/10001/{way}", data=form, headers={"HX-Request": "true"})
        assert (way, answer.status_code) == (way, 422)
        assert "Something is still to be filled in" in answer.text
    world.work()
    assert world.sent() == []


def test_a_follow_up_is_a_mail_of_its_own_and_its_answer_comes_to_the_ticket(world: World, desk: Desk) -> None:
    assert "Jana Wiedekind" in desk.browser.get("/tickets/10001/follow-up").text
    data = {"text": "Sind Sie zufrieden?", "subject": "Wie war es?", "mail_to": f"Ole Brandt <{OUTSIDE}>"}
    assert desk.browser.post("/tickets/10001/follow-up", data=data).status_code == 200
    world.work()
    made = sent(world)[-1]
    assert (made["Subject"], made["In-Reply-To"]) == ("[#10001] Wie war es?", None)
    assert "Er blinkt rot" not in made.as_string()
    answer(world, f"Ole Brandt <{OUTSIDE}>", "Sehr sogar.")
    assert (desk.newest().text, desk.newest().kind, desk.newest().by_staff) == ("Sehr sogar.", Kind.REPLY, False)
    page = desk.browser.get("/tickets/10001").text
    rail = page[page.index('id="rail-mails"') :]
    assert "Wie war es?" in rail
    assert "Ole Brandt" in rail
    # An ordinary reply still goes to who asked, not to whom the follow-up went.
    desk.say("Bis morgen.", kind="reply")
    world.work()
    assert JANA in str(sent(world)[-1]["To"])


def test_the_answer_to_a_follow_up_is_neither_quoted_to_the_customer_nor_answered(world: World, desk: Desk) -> None:
    world.deliver(mail(subject="Zu [#10001]", text="Jetzt blinkt er blau."))
    world.run("mail.sweep")
    world.work()
    data = {"text": "Was kostet die Platine?", "subject": "Platine", "mail_to": OUTSIDE}
    assert desk.browser.post("/tickets/10001/follow-up", data=data).status_code == 200
    world.work()
    answer(world, f"Ole Brandt <{OUTSIDE}>", "Im Einkauf 300 Euro.")
    assert (desk.newest().text, desk.newest().by_staff) == ("Im Einkauf 300 Euro.", False)
    page = desk.browser.get("/tickets/10001").text
    assert f"E-mail from {OUTSIDE}" in page
    composer = page[page.index("data-composer") :]
    assert OUTSIDE not in composer[: composer.index("</form>")]
    desk.say("Wir bestellen sie.", kind="reply")
    world.work()
    made = sent(world)[-1]
    assert JANA in str(made["To"])
    assert OUTSIDE not in made.as_string()
    assert "blinkt er blau" in plain(made)
    assert "300 Euro" not in made.as_string()
    # Nor is a new mail of theirs under the number; what the customer's own people write is.
    world.deliver(mail(sender=OUTSIDE, subject="Zu [#10001]", text="Doch 250 Euro."))
    world.deliver(mail(sender="Ida <ida@moebelwerk-tressow.example>", subject="Zu [#10001]", text="Und piept."))
    world.run("mail.sweep")
    world.work()
    with world.rows():
        found = session.execute(select(Message.text, Message.mailed_as).order_by(Message.id.desc()).limit(2)).all()
    assert {one.text: one.mailed_as for one in found} == {"Doch 250 Euro.": "follow-up", "Und piept.": ""}


def test_a_call_is_noted_and_its_technician_told(world: World, desk: Desk) -> None:
    with world.rows():
        ticket = session.query(Ticket).one()
        assign(ticket, desk.piet.who(), session.get_one(Person, desk.aylin.id))
    desk.say("Frau Wiedekind rief an: brennt jetzt.", kind="call")
    world.work()
    newest = desk.newest()
    assert newest.kind == Kind.CALL
    with world.rows():
        assert session.scalars(select(Mention.person_id)).one() == desk.aylin.id
    told = next(one for one in sent(world) if "brennt jetzt" in plain(one))  # the other says that the ticket is theirs
    assert "noted a call on your ticket 10001" in told["Subject"] or "10001" in told["Subject"]
    assert str(desk.aylin.mail) in str(told["To"])


def test_nobody_is_told_of_an_own_call(world: World, desk: Desk) -> None:
    with world.rows():
        ticket = session.query(Ticket).one()
        assign(ticket, desk.piet.who(), session.get_one(Person, desk.piet.id))
    desk.say("Habe angerufen.", kind="call")
    world.work()
    assert world.sent() == []


def test_a_follow_up_is_offered_to_the_address_the_ticket_tells_of(world: World, desk: Desk) -> None:
    with world.rows():
        field = CustomField(key="melder", name="Melder", kind="text", position=1)
        session.add(field)

    def offered(**properties: Any) -> list[str]:
        with world.app.test_request_context(), world.rows():
            number = open_ticket(desk.piet.who(), "Umfrage", source="api", **properties).number
        found = BeautifulSoup(desk.browser.get(f"/tickets/{number}/follow-up").text, "lxml")
        return [str(one["value"]) for one in found.select("input[name=mail_to][value]") if one["value"]]

    told = {"Ort": "Halle 2", "E-Mail": f"Kontakt: {OUTSIDE}.", "Score": 7}
    assert offered(data=told, summary={"Mail": "andere@anderswo.example"}) == [OUTSIDE]
    assert offered(summary={"Mail": OUTSIDE}, fields={"melder": "andere@anderswo.example"}) == [OUTSIDE]
    assert offered(fields={"melder": f"<{OUTSIDE}>", "weg": "andere@anderswo.example"}) == [OUTSIDE]
    assert offered(fields={"weg": OUTSIDE}, data={"Ort": "a@b"}) == []
    with world.rows():
        jana = session.scalars(select(Person).where(Person.name == "Jana Wiedekind")).one()
    assert offered(contact=jana, data=told) == [f"Jana Wiedekind <{JANA}>"]
