"""How lines fare on their way to Teams: never said twice, never lost, and the mail where Teams takes nothing."""

import pytest
from sqlalchemy import select

from backend.db import session
from backend.tickets.models import Message, Ticket
from tests.chat.conftest import PIET, Desk
from tests.world import JANA

pytestmark = pytest.mark.slow
# Messages into Jana's chat alone.
POST = r"POST /v3/conversations/a:[^/]+/activities"


def _delivery(desk: Desk, text: str) -> str:
    with desk.world.rows():
        return session.scalars(select(Message.delivery).where(Message.text == text)).one()


def _desk_says(desk: Desk, text: str) -> None:
    """Piet writes in the console, so that Teams hears of nothing but the line."""
    answer = desk.world.browser(desk.piet).post(
        f"/chats/{desk.chat().id}/messages", data={"text": text, "kind": "reply"}
    )
    assert answer.status_code == 204
    desk.world.work()


@pytest.mark.parametrize("fault", [{"status": 502, "after_effect": True}, {"drop": True, "after_effect": True}])
def test_a_line_that_ends_unclear_is_shown_so_and_not_sent_twice(desk: Desk, fault: dict[str, object]) -> None:
    desk.answered()
    desk.world.misbehave(POST, times=1, **fault)
    _desk_says(desk, "Kommt das an?")
    desk.world.sandbox.request("DELETE", "/_sandbox/faults")
    assert _delivery(desk, "Kommt das an?") == "doubtful"
    assert desk.texts(JANA).count("Kommt das an?") == 1
    browser, number = desk.world.browser(desk.piet), desk.tickets()[0].number
    for path in (f"/chats/{desk.chat().id}", f"/tickets/{number}"):
        assert "Send again" in browser.get(path).text, path
    desk.world.run("chat.sweep")
    desk.world.work()
    assert desk.texts(JANA).count("Kommt das an?") == 1
    with desk.world.rows():
        message = session.scalars(select(Message.id).where(Message.text == "Kommt das an?")).one()
    assert browser.post(f"/chats/messages/{message}/again").status_code == 204
    assert browser.post(f"/chats/messages/{message}/again").status_code == 409
    desk.world.work()
    assert desk.texts(JANA).count("Kommt das an?") == 2, "somebody has decided so"
    assert _delivery(desk, "Kommt das an?") == "sent"


def test_what_surely_did_nothing_is_tried_again(desk: Desk) -> None:
    desk.answered()
    desk.world.misbehave(POST, status=429, retry_after=1, times=2)
    _desk_says(desk, "Eins")
    _desk_says(desk, "Zwei")
    assert [text for text in desk.texts(JANA) if text in ("Eins", "Zwei")] == ["Eins", "Zwei"]
    assert _delivery(desk, "Eins") == _delivery(desk, "Zwei") == "sent"
    asked = [one for one in desk.world.sandbox.get("/_sandbox/requests").json() if one.get("status") == 429]
    assert len(asked) == 2


def test_whoever_blocks_the_bot_gets_a_mail_once(desk: Desk) -> None:
    desk.answered()
    desk.control("POST", f"/people/{JANA}/block")
    desk.says(PIET, "Geht das noch?")
    mails = [one for one in desk.world.sent() if JANA in str(one["to"])]
    assert len(mails) == 1
    assert "Geht das noch?" in desk.world.sent_mime(mails[0]).decode("utf-8", "replace")
    assert _delivery(desk, "Geht das noch?") == "sent"
    assert len(desk.texts(PIET)) >= 2, "the technician hears that it goes by mail"
    desk.says(PIET, "Und das?")
    assert len(desk.world.sent()) == 2
    desk.world.run("chat.sweep")
    desk.world.work()
    assert len(desk.world.sent()) == 2
    assert "Geht das noch?" not in desk.texts(JANA)
    assert "by e-mail" in desk.world.browser(desk.piet).get(f"/chats/{desk.chat().id}").text
    desk.control("POST", f"/people/{JANA}/unblock")
    desk.says(JANA, "Ich bin wieder da")
    desk.says(PIET, "Schön")
    assert "Schön" in desk.texts(JANA)
    assert len(desk.world.sent()) == 2


def test_a_line_that_goes_by_mail_goes_to_whom_it_was_said(desk: Desk) -> None:
    """The ticket may have another contact by now, who has not seen the chat."""
    ticket = desk.answered().ticket_id
    other = desk.world.contact("Elif Mertoglu", "elif.mertoglu@moebelwerk-tressow.example", desk.customer)
    with desk.world.rows():
        session.get_one(Ticket, ticket).contact_id = other.id
    desk.control("POST", f"/people/{JANA}/block")
    for text in ("Ihr Kennwort ist zurückgesetzt", "Und das Konto frei"):  # Teams refuses one; the other is not tried
        desk.says(PIET, text)
    assert [one["to"] for one in desk.world.sent()] == [[JANA], [JANA]]


def test_a_reply_on_the_ticket_goes_into_the_chat_and_not_by_mail(desk: Desk) -> None:
    chat = desk.answered()
    number = desk.tickets()[0].number
    browser = desk.world.browser(desk.piet)
    assert f'name="into" value="{chat.id}"' in browser.get(f"/tickets/{number}").text
    answer = browser.post(
        f"/tickets/{number}/messages", data={"kind": "reply", "text": "Vom Ticket", "into": str(chat.id)}
    )
    assert answer.status_code == 204
    desk.world.work()
    assert "Vom Ticket" in desk.texts(JANA)
    assert desk.world.sent() == []
    other = desk.world.browser(desk.aylin)
    refused = other.post(
        f"/tickets/{number}/messages",
        data={"kind": "reply", "text": "Ich auch", "into": str(chat.id)},
        headers={"HX-Request": "true"},
    )
    assert refused.status_code == 409
    assert "Piet Hagenauer" in refused.text
    browser.post(f"/chats/{chat.id}/end")
    late = browser.post(f"/tickets/{number}/messages", data={"kind": "reply", "text": "Zu spät", "into": str(chat.id)})
    assert late.status_code == 409, "what was meant for the chat never goes by mail unasked"
    desk.world.work()
    assert desk.world.sent() == []
