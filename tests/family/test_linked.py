"""Many incidents on one problem: linked, answered together and closed together, each customer in their own thread."""

import email
import email.policy
import io

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend import auth
from backend.checklists.models import Checklist
from backend.db import session
from backend.people.models import Person
from backend.textmodules.models import TextModule
from backend.tickets.actions import Said, change, link, open_ticket, receive
from backend.tickets.models import Attachment, Message, Ticket
from tests.family.conftest import Kin
from tests.world import World

pytestmark = pytest.mark.slow
CUSTOMERS = (("Svea Lindhagen", "svea@lindhagen.example"), ("Ole Petersen", "ole@petersen.example"))


@pytest.fixture
def problem(kin: Kin) -> int:
    """The parent is a problem now, with an incident of Svea's and one of Ole's."""
    numbers = []
    for number, (name, address) in enumerate(CUSTOMERS, start=2):
        home = kin.world.customer(f"K{number}", f"{name} GmbH")
        contact = kin.world.contact(name, address, home)
        with kin.world.app.test_request_context(), kin.world.rows():
            ticket = open_ticket(contact.who(), f"Störung bei {name}", contact=contact, source="mail")
            receive(ticket, contact.who(), Said(text="Es geht nicht", author_mail=address))
            numbers.append(ticket.number)
    with kin.world.app.test_request_context(), kin.world.rows():
        cause = session.scalars(select(Ticket).where(Ticket.number == kin.parent)).one()
        change(cause, kin.people["marek"].who(), type="problem")
        for one in session.scalars(select(Ticket).where(Ticket.number.in_(numbers))):
            link(one, kin.people["marek"].who(), cause)
    kin.world.work()
    return kin.parent


def mails(world: World) -> list[tuple[str, str, str]]:
    """(to, subject, text) of the replies sent, by recipient."""
    found = []
    for sent in world.sent():
        made = email.message_from_bytes(world.sent_mime(sent), policy=email.policy.default)
        body = made.get_body(("plain",))
        assert body is not None
        if "Behoben" in body.get_content():
            found.append((str(made["To"]), str(made["Subject"]), body.get_content()))
    return sorted(found)


def test_one_answer_reaches_each_customer_in_their_own_thread(kin: Kin, problem: int) -> None:
    tomma = kin.browser("tomma")
    form = tomma.get(f"/tickets/{problem}/linked/answer").text
    assert "Answer 2 customers" in form
    data = {"text": "Behoben seit zwei Uhr.", "status": "resolved", "token": "t"}
    said = tomma.post(f"/tickets/{problem}/linked/messages", data=data)
    assert "2 customers answered" in said.text
    assert tomma.post(f"/tickets/{problem}/linked/messages", data=data).status_code == 204
    kin.world.work()
    with kin.world.rows():
        incidents = session.scalars(select(Ticket).where(Ticket.problem_id.is_not(None)).order_by(Ticket.number)).all()
        numbers = [one.number for one in incidents]
        assert len({one.status_id for one in incidents}) == 1
        assert session.query(Message).filter_by(text="Behoben seit zwei Uhr.").count() == 2
    got = mails(kin.world)
    assert len(got) == 2
    for (name, address), number, other in zip(CUSTOMERS, numbers, reversed(numbers), strict=True):
        mine = [one for one in got if address in one[0]]
        assert len(mine) == 1, name
        to, subject, text = mine[0]
        assert f"[#{number}]" in subject
        assert str(other) not in subject + text
        assert not any(address2 in to + text for _n, address2 in CUSTOMERS if address2 != address)


TEXT = (
    "{{contact.greeting}},\n\nBehoben. Ihr Ticket {{ticket.number}}; wir rufen unter {{contact.phone}} an, {{? wann}}."
)
HX = {"HX-Request": "true"}


def _phone(address: str, phone: str) -> None:
    found = session.scalars(select(Person).where(Person.mail == address)).one()
    found.phone, found.salutation, found.language = phone, "ms", "de"


def test_a_text_module_is_filled_for_each_customer_and_files_go_to_all(kin: Kin, problem: int) -> None:
    """The composer keeps the placeholders; each customer gets their own values, and the same files."""
    with kin.world.rows():
        for number, (_name, address) in enumerate(CUSTOMERS):
            _phone(address, f"+49 30 5550 {number}")
        numbers = list(session.scalars(select(Ticket.number).where(Ticket.problem_id.is_not(None)).order_by(Ticket.id)))
    tomma = kin.browser("tomma")
    form = BeautifulSoup(tomma.get(f"/tickets/{problem}/linked/answer").text, "lxml")
    assert form.select_one(f"[data-text-modules='problem={problem}']")
    assert form.select_one("input[type=file][name=files]")
    tomma.post("/text-modules", data={"name": "Behoben", "text": TEXT, "kind": "reply"}, headers=HX)
    with kin.world.rows():
        module = session.scalars(select(TextModule.id)).one()
    put = tomma.get(f"/text-modules/{module}/filled?problem={problem}").get_json()["parts"]
    text = "".join(part["text"] for part in put)
    assert text == TEXT.replace("{{? wann}}", "⟨wann⟩")
    early = tomma.post(f"/tickets/{problem}/linked/messages", data={"text": text})
    assert early.status_code == 422
    assert "⟨wann⟩" in early.text
    said = text.replace("⟨wann⟩", "heute")
    seen = tomma.post(f"/tickets/{problem}/linked/preview", data={"text": said}).text
    assert "Guten Tag Frau Lindhagen" in BeautifulSoup(seen, "lxml").get_text()
    sent = tomma.post(
        f"/tickets/{problem}/linked/messages",
        data={"text": said, "files": (io.BytesIO(b"Bericht"), "Bericht.txt")},
        content_type="multipart/form-data",
    )
    assert "2 customers answered" in sent.text
    kin.world.work()
    got = mails(kin.world)
    for (name, address), number in zip(CUSTOMERS, numbers, strict=True):
        (mine,) = [one[2] for one in got if address in one[0]]
        assert f"Guten Tag Frau {name.split()[1]}," in mine
        assert f"Ihr Ticket {number}; wir rufen unter +49 30 5550 {numbers.index(number)} an, heute." in mine
    with kin.world.rows():
        assert sorted(session.scalars(select(Attachment.name))) == ["Bericht.txt", "Bericht.txt"]


def test_whose_value_is_missing_is_said_before_and_not_answered(kin: Kin, problem: int) -> None:
    with kin.world.rows():
        _phone(CUSTOMERS[0][1], "+49 30 5550 1")
        numbers = list(session.scalars(select(Ticket.number).where(Ticket.problem_id.is_not(None)).order_by(Ticket.id)))
    tomma, data = kin.browser("tomma"), {"text": "Behoben. Wir rufen unter {{contact.phone}} an."}
    seen = BeautifulSoup(tomma.post(f"/tickets/{problem}/linked/preview", data=data).text, "lxml").get_text(" ")
    assert f"#{numbers[1]} Ole Petersen" in seen
    assert "Telephone of the contact missing" in seen
    said = tomma.post(f"/tickets/{problem}/linked/messages", data=data).text
    assert "1 customer answered" in said
    assert f"#{numbers[1]}: Something is still to be filled in: ⟨Telephone of the contact missing⟩" in said
    kin.world.work()
    assert [CUSTOMERS[0][1] in to for to, _subject, _text in mails(kin.world)] == [True]


def test_who_was_answered_is_not_answered_again_with_those_who_were_not(kin: Kin, problem: int) -> None:
    with kin.world.rows():
        _phone(CUSTOMERS[0][1], "+49 30 5550 1")
        numbers = list(session.scalars(select(Ticket.number).where(Ticket.problem_id.is_not(None)).order_by(Ticket.id)))
    tomma, text = kin.browser("tomma"), "Behoben. Wir rufen unter {{contact.phone}} an."
    sent = f"/tickets/{problem}/linked/messages"

    def form() -> dict[str, object]:
        page = BeautifulSoup(tomma.get(f"/tickets/{problem}/linked/answer").text, "lxml")
        ticked = [str(one["value"]) for one in page.select("input[name=incident][checked]")]
        return {"text": text, "chosen": "1", "incident": ticked}

    assert form()["incident"] == [str(one) for one in numbers]
    assert tomma.post(sent, data={**form(), "incident": []}).status_code == 422
    assert "1 customer answered" in tomma.post(sent, data=form()).text
    draft = f"/drafts/linked:{problem}"
    assert tomma.get(draft).get_json()["text"] == text
    assert tomma.post(draft, data={"text": text + " "}).status_code == 204  # it is opened, and typed in
    assert form()["incident"] == [str(numbers[1])]
    with kin.world.rows():
        _phone(CUSTOMERS[1][1], "+49 30 5550 2")
    assert "5550 2" in tomma.post(f"/tickets/{problem}/linked/preview", data=form()).text
    assert "1 customer answered" in tomma.post(sent, data=form()).text
    assert tomma.get(draft).status_code == 204
    kin.world.work()
    assert len(mails(kin.world)) == 2


def test_when_nobody_could_be_answered_the_form_stays_and_says_why(kin: Kin, problem: int) -> None:
    data = {"text": "Behoben, {{visit.date}}."}
    said = kin.browser("tomma").post(f"/tickets/{problem}/linked/messages", data=data)
    assert said.status_code == 422
    assert "Day of the visit missing" in said.text


def test_who_cannot_be_answered_is_named_and_the_others_are(kin: Kin, problem: int) -> None:
    with kin.world.app.test_request_context(), kin.world.rows():
        first = session.scalars(select(Ticket).where(Ticket.problem_id.is_not(None)).order_by(Ticket.id)).first()
        assert first is not None
        change(first, kin.people["marek"].who(), contact=None)
        number = first.number
    said = kin.browser("tomma").post(f"/tickets/{problem}/linked/messages", data={"text": "Behoben."})
    assert "1 customer answered" in said.text
    assert f"#{number}: This ticket has nobody to answer to" in said.text
    empty = kin.browser("tomma").post(f"/tickets/{problem}/linked/messages", data={"text": " "})
    assert empty.status_code == 422


def test_what_could_not_be_closed_was_not_answered_either(kin: Kin, problem: int) -> None:
    with kin.world.rows():
        numbers = list(session.scalars(select(Ticket.number).where(Ticket.problem_id.is_not(None)).order_by(Ticket.id)))
    lena = kin.browser("lena")
    lena.post(f"/tickets/{numbers[0]}/checklists", data={"name": "Abschluss"})
    with kin.world.rows():
        list_id = session.scalars(select(Checklist.id)).one()
    assert lena.post(f"/checklists/{list_id}/items", data={"text": "Kunden anrufen"}).status_code < 300
    data = {"text": "Behoben.", "status": "closed"}
    said = kin.browser("tomma").post(f"/tickets/{problem}/linked/messages", data=data).text
    assert "1 customer answered" in said
    assert f"#{numbers[0]}: 1 item of the checklists is open" in said
    kin.world.work()
    assert [CUSTOMERS[1][1] in to for to, _subject, _text in mails(kin.world)] == [True]
    with kin.world.rows():
        assert session.query(Message).filter_by(text="Behoben.").count() == 1
    first = kin.row(numbers[0])
    assert (first.closed, first.messages_count) == (False, 1)
    assert kin.row(numbers[1]).closed


def test_they_are_closed_together(kin: Kin, problem: int) -> None:
    for number in (kin.piets, kin.aylins):
        kin.browser("tomma").post(f"/tickets/{number}/status", data={"value": "closed"})
    said = kin.browser("tomma").post(f"/tickets/{problem}/linked/close", data={"sure": "1"})
    assert "3 tickets closed" in said.text
    with kin.world.rows():
        assert all(session.scalars(select(Ticket.closed).where(Ticket.problem_id.is_not(None))))
    assert kin.row(problem).closed
    again = kin.browser("tomma").post(f"/tickets/{problem}/linked/messages", data={"text": "Noch etwas"})
    assert again.status_code == 422


def test_none_is_closed_over_an_open_subticket(kin: Kin, problem: int) -> None:
    with kin.world.rows():
        numbers = list(session.scalars(select(Ticket.number).where(Ticket.problem_id.is_not(None)).order_by(Ticket.id)))
    tomma = kin.browser("tomma")
    tomma.post(f"/tickets/{numbers[0]}/sub-tickets", data={"subject": "Dose setzen"})
    data = {"text": "Behoben.", "status": "closed"}
    said = tomma.post(f"/tickets/{problem}/linked/messages", data=data).text
    assert "1 customer answered" in said
    assert f"#{numbers[0]}: 1 sub-ticket is still open" in said
    kin.world.work()
    assert len(mails(kin.world)) == 1
    said = tomma.post(f"/tickets/{problem}/linked/close", data={"sure": "1"}).text
    assert f"#{numbers[0]}: 1 sub-ticket is still open" in said
    assert f"#{problem}: 2 sub-tickets are still open" in said
    assert not kin.row(problem).closed


def test_links_are_made_found_and_taken_away(kin: Kin, problem: int) -> None:
    tomma = kin.browser("tomma")
    with kin.world.app.test_request_context(), kin.world.rows():
        loose = open_ticket(kin.jana.who(), "Drucker offline", contact=kin.jana, source="mail").number
    assert f'data-value="{loose}"' in tomma.get("/tickets/find?q=offline").text
    assert f'data-value="{loose}"' in tomma.get(f"/tickets/find?q=%23{loose}").text
    assert f'data-value="{problem}"' in tomma.get("/tickets/find?for=problem&q=Halle").text
    assert f'data-value="{problem}"' not in tomma.get("/tickets/find?q=Halle").text
    assert "Linked to" in tomma.post(f"/tickets/{problem}/linked", data={"value": str(loose)}).text
    page = BeautifulSoup(tomma.get(f"/tickets/{problem}").text, "lxml")
    assert page.select_one(f"#kin-{loose}") is not None
    assert f"#{problem}" in tomma.get(f"/tickets/{loose}").text
    answer = tomma.post(f"/tickets/{loose}/problem", data={"value": ""})
    assert f'value="{problem}"' in answer.text
    assert kin.row(loose).problem_id is None
    for number, value in ((loose, loose), (problem, problem), (loose, kin.piets), (kin.piets, problem)):
        assert tomma.post(f"/tickets/{number}/problem", data={"value": str(value)}).status_code == 422, (number, value)
    assert tomma.post(f"/tickets/{loose}/problem", data={"value": "99999999"}).status_code == 404


def test_by_rest(kin: Kin, problem: int) -> None:
    with kin.world.rows():
        token = auth.create_api_token("test", "technician")
    client, headers = kin.world.app.test_client(), {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}
    address = f"/api/v1/tickets/{problem}/linked"
    numbers = [one["number"] for one in client.get(address, headers=headers).get_json()]
    assert len(numbers) == 2
    assert client.delete(f"{address}/{numbers[0]}", headers=headers).get_json()["problem"] is None
    assert client.delete(f"{address}/{numbers[0]}", headers=headers).status_code == 200
    assert client.post(address, json={"ticket": numbers[0]}, headers=headers).get_json()["problem"] == problem
    assert client.post(address, json={"ticket": 999999}, headers=headers).status_code == 422
    body = {"text": "Behoben.", "status": "pending"}
    first = client.post(f"{address}/messages", json=body, headers=headers)
    assert (first.status_code, first.get_json()) == (201, {"done": numbers, "not_done": []})
    again = client.post(f"{address}/messages", json=body, headers=headers)
    assert again.headers["Idempotency-Replayed"] == "true"
    kin.world.work()
    assert len(mails(kin.world)) == 2
