"""How lines fare on their way to Teams: never said twice, never lost, and the mail where Teams takes nothing."""

from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import select

from backend.chat.models import TeamsActivity
from backend.db import session
from backend.tickets.actions import take_back
from backend.tickets.models import Message, Ticket
from tests.chat.conftest import AYLIN, PIET, Desk
from tests.world import JANA

pytestmark = pytest.mark.slow
# Messages into Jana's chat alone.
POST = r"POST /v3/conversations/a:[^/]+/activities"


def _delivery(desk: Desk, text: str) -> str:
    with desk.world.rows():
        return session.scalars(select(Message.delivery).where(Message.text == text)).one()


def _posts(desk: Desk) -> list[dict[str, Any]]:
    """Posts into Jana's chat with the bot that Teams was asked for."""
    asked = desk.world.sandbox.get("/_sandbox/requests").json()
    place = desk.people[JANA]["conversation"]
    return [one for one in asked if one["method"] == "POST" and place in unquote(one["path"])]


def _desk_says(desk: Desk, text: str) -> None:
    """Piet writes in the console, so that Teams hears of nothing but the line."""
    answer = desk.world.browser(desk.piet).post(
        f"/chats/{desk.chat().id}/messages", data={"text": text, "kind": "reply"}
    )
    assert answer.status_code == 204
    desk.world.work()


@pytest.mark.parametrize("fault", [{"status": 502, "after_effect": True}, {"drop": True, "after_effect": True}])
def test_a_line_that_teams_took_before_it_failed_is_shown_as_doubtful_and_not_sent_twice(
    desk: Desk, fault: dict[str, object]
) -> None:
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


def test_a_customers_line_that_was_perhaps_not_shown_to_the_technician_says_so_and_is_shown_again(desk: Desk) -> None:
    desk.answered()
    desk.world.misbehave(POST, times=1, drop=True)
    desk.says(JANA, "Sehen Sie das?")
    desk.world.sandbox.request("DELETE", "/_sandbox/faults")
    assert (_delivery(desk, "Sehen Sie das?"), desk.texts(PIET).count("Sehen Sie das?")) == ("doubtful", 0)
    with desk.world.rows():
        message = session.scalars(select(Message.id).where(Message.text == "Sehen Sie das?")).one()
    browser, number = desk.world.browser(desk.piet), desk.tickets()[0].number
    for path in (f"/chats/{desk.chat().id}", f"/tickets/{number}"):
        assert "Perhaps not shown to the technician in Teams" in browser.get(path).text, path
    assert browser.post(f"/chats/messages/{message}/again").status_code == 204
    desk.world.work()
    assert (_delivery(desk, "Sehen Sie das?"), desk.texts(PIET).count("Sehen Sie das?")) == ("", 1)


def test_a_file_that_teams_does_not_take_goes_by_mail_though_its_words_arrived(desk: Desk) -> None:
    desk.answered()
    file = {"name": "plan.txt", "contentType": "text/plain", "content": "SGFsbG8="}
    desk.write(PIET, "Hier ist er", attachments=[file])
    desk.world.run("chat.take_in", activity_id=_newest_activity(desk))
    with desk.world.rows():
        conversation = desk.chat().conversation_id
    desk.world.run("chat.post", conversation_id=conversation)
    assert "Hier ist er" in desk.texts(JANA)
    desk.control("POST", f"/people/{JANA}/block")
    desk.world.work()
    (mail,) = desk.world.sent()
    assert "plan.txt" in desk.world.sent_mime(mail).decode("utf-8", "replace")


def _newest_activity(desk: Desk) -> int:
    with desk.world.rows():
        return session.scalars(select(TeamsActivity.id).order_by(TeamsActivity.id.desc()).limit(1)).one()


def test_what_was_taken_back_before_teams_refused_it_is_not_mailed(desk: Desk) -> None:
    desk.answered()
    said = desk.write(PIET, "Das war für jemand anderen")
    desk.world.run("chat.take_in", activity_id=_newest_activity(desk))
    with desk.world.rows():
        message = session.scalars(select(Message).where(Message.text == "Das war für jemand anderen")).one()
        take_back(message, desk.piet.who())
    assert said
    desk.control("POST", f"/people/{JANA}/block")
    desk.world.work()
    assert desk.world.sent() == []


def test_whoever_blocks_the_bot_is_reached_by_mail_and_nobody_is_told_twice(desk: Desk) -> None:
    desk.answered()
    desk.control("POST", f"/people/{JANA}/block")
    desk.says(PIET, "Geht das noch?")
    told = len(desk.texts(PIET))
    number = desk.tickets()[0].number
    for path in (f"/chats/{desk.chat().id}", f"/tickets/{number}"):
        said = desk.world.browser(desk.piet).get(path).text
        assert "Reached by e-mail, because the customer has blocked the bot" in said, path
    mails = [one for one in desk.world.sent() if JANA in str(one["to"])]
    assert len(mails) == 1
    assert "Geht das noch?" in desk.world.sent_mime(mails[0]).decode("utf-8", "replace")
    assert _delivery(desk, "Geht das noch?") == "sent"
    assert told >= 2, "the technician hears that it goes by mail"
    asked = len(_posts(desk))
    desk.says(PIET, "Und das?")
    assert len(desk.world.sent()) == 2
    assert len(_posts(desk)) == asked, "nothing more is tried there"
    assert len(desk.texts(PIET)) == told + 1, "the technician's own line, and no second sentence of the bot's"
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


def test_a_technician_who_blocked_the_bot_is_named_and_it_rings_with_the_others(desk: Desk) -> None:
    desk.control("POST", f"/people/{PIET}/block")
    desk.says(JANA, "Ist jemand da?")
    desk.world.work()
    assert desk.cards(AYLIN), "it rings with her"
    page = desk.world.browser(desk.aylin).get("/chats").text
    assert "blocked or removed the bot: Piet Hagenauer." in page
    desk.control("POST", f"/people/{PIET}/unblock")
    desk.says(PIET, "Hallo")
    assert "blocked or removed the bot" not in desk.world.browser(desk.aylin).get("/chats").text
