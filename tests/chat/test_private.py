"""A customer reads and enters no other chat, by whichever door and with whichever id."""

import io

import pytest
from sqlalchemy import select

from backend.chat.links import link
from backend.chat.models import Chat, ChatState
from backend.db import session
from backend.tickets.models import Attachment, Message
from tests.chat.conftest import PIET, Desk, verbs_of
from tests.world import JANA

pytestmark = pytest.mark.slow
OWEN = "owen.prentice@harcastle-marine.example"
SECRET = "Unser Tresor klemmt"


@pytest.fixture
def two(desk: Desk) -> tuple[int, int]:
    """Jana's chat, which Piet has, and Owen's, which waits: their ids."""
    desk.also_known(OWEN, "Owen Prentice")
    first = desk.answered(SECRET)
    desk.says(OWEN, "Hello")
    return first.id, desk.chat().id


def test_foreign_ids_on_a_card_open_nothing(desk: Desk, two: tuple[int, int]) -> None:
    asked = {"from": OWEN, "activity": desk.cards(OWEN)[-1]["activity"], "verb": "chat.end"}
    for verb in ("chat.answer", "chat.end", "chat.continue", "chat.ticket"):
        for chat in (str(two[0]), "0", "-1", "1 or 1=1", "99999999999", "null", "1.0", ""):
            # The card's own verb is the button's; what it sends along is forged.
            forged = {**asked, "data": {"chat": chat, "ticket": 10001, "verb": verb}}
            answer = desk.control("POST", "/actions", json=forged)
            assert answer["shows"] != "card", forged
            assert SECRET not in str(answer)
            desk.world.work()
            with desk.world.rows():
                assert session.get_one(Chat, two[0]).state == ChatState.OPEN, forged
                assert session.get_one(Chat, two[0]).technician_id == desk.piet.id
                assert session.get_one(Chat, two[1]).state == ChatState.WAITING, forged


def test_a_customer_takes_no_foreign_ticket(desk: Desk) -> None:
    desk.also_known(OWEN, "Owen Prentice")
    foreign = desk.ticket(SECRET)
    desk.ticket("The till", of=OWEN)
    desk.says(OWEN, "Hello")
    mine = desk.chat().ticket_id
    greeting = desk.cards(OWEN)[-1]
    assert "chat.ticket" in verbs_of(greeting)
    assert SECRET not in str(greeting)
    for ticket in (foreign, 99999, "", None, f"{foreign} --", -1):
        answer = desk.press(OWEN, greeting["activity"], "chat.ticket", chat=desk.chat().id, ticket=ticket)
        assert answer["shows"] != "card"
        assert SECRET not in str(answer)
    assert desk.chat().ticket_id == mine


def test_the_console_is_for_staff(desk: Desk, two: tuple[int, int]) -> None:
    browser = desk.world.browser(desk.jana)
    for path in ("/chats", f"/chats/{two[0]}", "/chats/queue", "/chats/waiting", f"/chats/{two[0]}/colleagues"):
        answer = browser.get(path)
        assert answer.status_code == 403, path
        assert SECRET not in answer.text
    for path in ("answer", "messages", "end", "hand-over", "typing"):
        answer = browser.post(f"/chats/{two[1]}/{path}", data={"text": "x", "technician": str(desk.piet.id)})
        assert answer.status_code == 403, path
    assert browser.get("/api/v1/chats").status_code == 401
    assert desk.chat().state == ChatState.WAITING


def test_a_sent_file_opens_by_its_own_link_alone(desk: Desk) -> None:
    chat = desk.answered()
    piet = desk.world.browser(desk.piet)
    data = {"text": "Anleitung", "kind": "reply", "files": (io.BytesIO(b"geheim"), "Anleitung.txt")}
    assert piet.post(f"/chats/{chat.id}/messages", data=data).status_code == 204
    desk.world.work()
    with desk.world.rows():
        number = session.scalars(select(Attachment.id)).one()
        address = link(number)
    assert any("/chats/files/" in text for text in desk.texts(JANA))
    nobody = desk.world.browser()
    path = address.removeprefix(desk.world.settings.url)
    assert nobody.get(path).data == b"geheim"
    assert nobody.get(path[:-1] + ("0" if path[-1] != "0" else "1")).status_code == 404
    assert nobody.get(path.replace(f"/files/{number}/", f"/files/{number + 1}/")).status_code == 404
    with desk.world.rows():
        session.scalars(select(Message).where(Message.by_staff)).one().kind = "note"
    assert nobody.get(path).status_code == 404


def test_who_is_not_staff_any_more_answers_nothing(desk: Desk) -> None:
    desk.says(JANA, "Hilfe")
    with desk.world.rows():
        session.merge(desk.piet).active = False
    answer = desk.press(PIET, desk.cards(PIET)[-1]["activity"], "chat.answer")
    assert answer["shows"] != "card" or desk.chat().technician_id is None
    assert desk.chat().state == ChatState.WAITING
