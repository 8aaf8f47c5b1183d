"""A chat from the first line to the last, by control calls of the sandbox as people in Teams would do it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from backend.chat import actions
from backend.chat.actions import end
from backend.chat.models import Chat, ChatState, TeamsPost
from backend.db import session
from backend.people.models import Person
from backend.tickets.models import Activity, Message, Ticket
from tests.chat.conftest import AYLIN, PIET, Desk, heading, verbs_of
from tests.world import JANA

pytestmark = pytest.mark.slow


def test_a_customer_writes_and_it_rings_everywhere(desk: Desk) -> None:
    desk.says(JANA, "Der Drucker druckt nicht\nseit heute")
    chat, ticket = desk.chat(), desk.tickets()[0]
    assert (chat.state, chat.ticket_id, chat.contact_id) == (ChatState.WAITING, ticket.id, desk.jana.id)
    assert (ticket.subject, ticket.contact_id) == ("Der Drucker druckt nicht", desk.jana.id)
    assert desk.lines() == [("Jana Wiedekind", "Der Drucker druckt nicht\nseit heute")]
    assert desk.verbs() == ["opened", "chat_began", "reply"]
    for mail in (PIET, AYLIN):
        card = desk.cards(mail)[-1]
        assert "Jana Wiedekind" in heading(card)
        assert verbs_of(card) == ["chat.answer"]
    greeting = desk.cards(JANA)[-1]
    assert "Jana" in heading(greeting)
    assert verbs_of(greeting) == ["chat.end"]


def test_a_title_holds_no_control_characters(desk: Desk) -> None:
    """They would colour a terminal that shows a log, and hide words in a list."""
    desk.says(JANA, "Der\x1b[31m Drucker\x7f\x9b\x07\tdruckt nicht")
    assert desk.tickets()[0].subject == "Der[31m Drucker druckt nicht"


def test_one_answers_and_everybody_sees_who(desk: Desk) -> None:
    desk.says(JANA, "Hilfe")
    pressed = desk.press(PIET, desk.cards(PIET)[-1]["activity"], "chat.answer")
    assert pressed["shows"] == "card"
    late = desk.press(AYLIN, desk.cards(AYLIN)[-1]["activity"], "chat.answer")
    assert "Piet Hagenauer" in heading(late["card"])
    assert verbs_of(late["card"]) == []
    desk.world.work()
    assert (desk.chat().technician_id, desk.chat().state) == (desk.piet.id, ChatState.OPEN)
    assert [heading(card) for card in desk.cards(AYLIN)] == [heading(late["card"])]
    assert all("chat.answer" not in verbs_of(card) for card in desk.cards(PIET))
    assert "chat.end" in verbs_of(desk.cards(PIET)[-1])
    assert any("Piet Hagenauer" in text for text in desk.texts(JANA))
    assert desk.tickets()[0].assignee_id == desk.piet.id
    assert desk.verbs().count("chat_answered") == 1


def _press(desk: Desk, mail: str, activity: str) -> dict[str, Any] | None:
    """The answer to a press of *Answer*; None when the card lost its button before, by a press of the same person."""
    asked = {"from": mail, "activity": activity, "verb": "chat.answer", "data": {}}
    answer = desk.world.sandbox.request("POST", "/_sandbox/teams/actions", json=asked)
    assert answer.is_success or "no such button" in answer.text, answer.text
    if not answer.is_success:
        return None
    found: dict[str, Any] = answer.json()
    return found


def test_pressing_twice_or_at_once_has_one_winner(desk: Desk) -> None:
    for _round in range(3):
        desk.says(JANA, "Noch etwas")
        rung = [(mail, desk.cards(mail)[-1]["activity"]) for mail in (PIET, AYLIN)] * 5
        with ThreadPoolExecutor(10) as ten:
            answers = [one for one in ten.map(lambda one: _press(desk, *one), rung) if one is not None]
        chat = desk.chat()
        winner = desk.piet if chat.technician_id == desk.piet.id else desk.aylin
        assert chat.technician_id in (desk.piet.id, desk.aylin.id)
        assert len(answers) > 1
        assert {one["shows"] for one in answers} == {"card"}
        assert {heading(one["card"]).startswith(winner.name) for one in answers} == {True}
        with desk.world.rows():
            answered = select(Activity).where(
                Activity.verb == "chat_answered", Activity.data["chat_id"].as_integer() == chat.id
            )
            assert len(session.scalars(answered).all()) == 1
        mail = PIET if winner is desk.piet else AYLIN
        desk.world.work()
        desk.press(mail, desk.cards(mail)[-1]["activity"], "chat.end")
        desk.world.work()
        assert desk.chat().state == ChatState.ENDED


def test_lines_go_both_ways_in_order_and_stand_on_the_ticket(desk: Desk) -> None:
    desk.answered("Erste Zeile")
    mine = [f"von mir {number:02}" for number in range(30)]
    theirs = [f"von ihr {number:02}" for number in range(30)]
    for question, answer in zip(theirs, mine, strict=True):
        desk.write(JANA, question)
        desk.write(PIET, answer)
    desk.world.work(concurrency=4)
    assert [text for text in desk.texts(JANA) if text.startswith("von mir")] == mine
    assert [text for text in desk.texts(PIET) if text.startswith("von ihr")] == theirs
    said = desk.lines()
    assert [text for who, text in said if who == "Piet Hagenauer"] == mine
    assert [text for who, text in said if who == "Jana Wiedekind"] == ["Erste Zeile", *theirs]
    assert len(desk.tickets()) == 1
    with desk.world.rows():
        ticket = session.scalars(select(Ticket)).one()
        assert ticket.messages_count == 61
        assert {m.delivery for m in session.scalars(select(Message).where(Message.by_staff))} == {"sent"}
        assert {m.channel for m in session.scalars(select(Message))} == {"teams"}


def test_either_side_ends_and_a_new_line_begins_a_new_chat_on_the_same_ticket(desk: Desk) -> None:
    first = desk.answered()
    desk.says(JANA, "/ende")
    assert desk.chat().state == ChatState.ENDED
    assert "Jana Wiedekind hat den Chat beendet." in desk.texts(PIET), "the technician hears who ended it"
    assert all(verbs_of(card) == [] for mail in (PIET, AYLIN, JANA) for card in desk.cards(mail))
    assert "/ende" not in [text for _who, text in desk.lines()]
    desk.says(JANA, "Doch noch etwas")
    second = desk.chat()
    assert (second.id != first.id, second.ticket_id, second.state) == (True, first.ticket_id, ChatState.WAITING)
    with desk.world.rows():
        session.get_one(Ticket, first.ticket_id).closed = True
        session.get_one(Chat, second.id).state = ChatState.ENDED
        session.get_one(Chat, second.id).ended_at = second.waiting_since
    desk.says(JANA, "Und etwas anderes")
    assert desk.chat().ticket_id != first.ticket_id


def test_what_a_technician_says_to_nobody_is_answered(desk: Desk) -> None:
    desk.says(PIET, "Hört mich wer?")
    assert len(desk.texts(PIET)) == 2
    assert desk.lines() == []


def test_a_stale_button_acts_on_today(desk: Desk) -> None:
    desk.says(JANA, "Hilfe")
    ring = desk.cards(PIET)[-1]["activity"]
    greeting = desk.cards(JANA)[-1]["activity"]
    assert verbs_of(desk.press(JANA, greeting, "chat.end")["card"]) == []
    answer = desk.press(PIET, ring, "chat.answer")
    assert verbs_of(answer["card"]) == []
    assert desk.chat().technician_id is None


def rung(desk: Desk) -> int:
    """How many chats have rung."""
    with desk.world.rows():
        rings = select(TeamsPost.chat_id).where(TeamsPost.purpose == "ring", TeamsPost.operation == "create")
        return len(set(session.scalars(rings)))


def test_chats_that_somebody_took_do_not_count_against_the_next_one(desk: Desk) -> None:
    for number in range(5):
        desk.answered(f"Hallo {number}")
        desk.says(JANA, "/ende")
    assert rung(desk) == 5
    for number in range(4):
        desk.says(JANA, f"Noch da {number}")
        with desk.world.rows():
            end(desk.chat().id, desk.piet.who())
    assert rung(desk) == 9


def test_who_begins_again_and_again_does_not_ring_each_time(desk: Desk) -> None:
    for number in range(5):
        desk.says(JANA, f"Hallo {number}")
        if number < 4:
            desk.says(JANA, "/ende")
    assert rung(desk) == 3
    assert desk.chat().state == ChatState.WAITING
    assert desk.world.browser(desk.piet).get(f"/chats/{desk.chat().id}").status_code == 200
    desk.says(JANA, "/ende")
    desk.world.pass_time(timedelta(minutes=61))
    desk.says(JANA, "Noch einmal")
    assert rung(desk) == 4


def test_of_several_chats_one_is_spoken_in(desk: Desk) -> None:
    owen = desk.also_known("owen.prentice@harcastle-marine.example", "Owen Prentice")
    first = desk.answered()
    desk.says(owen, "The till does not print")
    desk.press(PIET, desk.cards(PIET)[-1]["activity"], "chat.answer")
    desk.world.work()
    second = desk.chat()
    desk.says(PIET, "For Owen")
    assert desk.texts(PIET)[-1] == "→ Owen Prentice"
    desk.says(JANA, "Für Piet")
    assert desk.texts(PIET)[-1] == "Jana Wiedekind: Für Piet"
    holding = next(card for card in reversed(desk.cards(PIET)) if "chat.continue" in verbs_of(card))
    desk.press(PIET, holding["activity"], "chat.continue", chat=first.id)
    desk.world.work()
    assert desk.texts(PIET)[-1] == "Was Sie hier schreiben, geht jetzt an Jana Wiedekind."
    desk.says(PIET, "Für Jana")
    with desk.world.rows():
        by_ticket = dict(session.execute(select(Message.text, Message.ticket_id).where(Message.by_staff)).all())
    assert by_ticket == {"For Owen": second.ticket_id, "Für Jana": first.ticket_id}
    assert "Für Jana" in desk.texts(JANA)
    assert "Für Jana" not in desk.texts(owen)


def test_a_chat_is_handed_over(desk: Desk) -> None:
    chat = desk.answered()
    answer = desk.world.browser(desk.piet).post(f"/chats/{chat.id}/hand-over", data={"technician": str(desk.aylin.id)})
    assert answer.status_code == 204
    desk.world.work()
    assert desk.chat().technician_id == desk.aylin.id
    assert "chat.end" in verbs_of(desk.cards(AYLIN)[-1])
    desk.says(AYLIN, "Ich übernehme")
    assert "Ich übernehme" in desk.texts(JANA)
    desk.says(PIET, "Und ich?")
    assert "Und ich?" not in desk.texts(JANA)
    with desk.world.rows():
        event = session.scalars(select(Activity).where(Activity.verb == "chat_handed_over")).one()
    assert (event.before, event.after) == ("Piet Hagenauer", "Aylin Demirsoy")


def test_a_chat_that_comes_unasked_does_not_turn_the_line_one_is_typing(desk: Desk) -> None:
    owen = desk.also_known("owen.prentice@harcastle-marine.example", "Owen Prentice")
    first = desk.answered()
    desk.says(owen, "The till does not print")
    second = desk.chat()
    with desk.world.rows():
        actions.answer(second.id, desk.aylin)
    with desk.world.rows():
        actions.hand_over(second.id, desk.aylin.who(), session.get_one(Person, desk.piet.id))
    desk.world.work()
    card = desk.cards(PIET)[-1]
    assert verbs_of(card) == ["chat.continue", "chat.end"]
    desk.says(PIET, "Für Jana")
    desk.press(PIET, card["activity"], "chat.continue")
    desk.world.work()
    desk.says(PIET, "For Owen")
    with desk.world.rows():
        by_ticket = dict(session.execute(select(Message.text, Message.ticket_id).where(Message.by_staff)).all())
    assert by_ticket == {"Für Jana": first.ticket_id, "For Owen": second.ticket_id}


def test_a_customer_says_which_ticket_it_is_about(desk: Desk) -> None:
    old = desk.ticket("Etikettendrucker")
    desk.says(JANA, "Immer noch!")
    desk.says(JANA, "Wann kommt jemand?")
    opened = desk.tickets()[-1].number
    desk.press(JANA, desk.cards(JANA)[-1]["activity"], "chat.ticket", ticket=old)
    desk.world.work()
    assert [ticket.number for ticket in desk.tickets()] == [old], "what the chat alone had opened is gone"
    assert desk.tickets()[0].messages_count == 3
    assert [text for _who, text in desk.lines()][1:] == ["Immer noch!", "Wann kommt jemand?"]
    ring = desk.cards(PIET)[-1]
    assert f"#{old} " in str(ring)
    assert f"#{opened} " not in str(ring)
    page = desk.world.browser(desk.piet).get(f"/tickets/{old}").text
    assert "Immer noch!" in page
    found = desk.world.browser(desk.piet).get("/tickets?view=all&q=Wann").text
    assert f"/tickets/{old}" in found


def test_a_customer_says_that_it_is_something_new(desk: Desk) -> None:
    desk.ticket("Etikettendrucker")
    desk.says(JANA, "Der Scanner steht.")
    number = desk.tickets()[-1].number
    card = desk.cards(JANA)[-1]
    assert f"#{number}" not in str(card["body"]), "it would be gone if another one were chosen"
    desk.press(JANA, card["activity"], "chat.ticket", ticket=number)
    desk.world.work()
    shown = desk.cards(JANA)[-1]
    assert f"#{number} " in str(shown)
    assert "chat.ticket" not in verbs_of(shown)
    assert [ticket.number for ticket in desk.tickets()][-1] == number


def test_a_chosen_ticket_does_not_take_others_words_along(desk: Desk) -> None:
    old = desk.ticket("Etikettendrucker")
    desk.says(JANA, "Immer noch!")
    opened = desk.tickets()[-1]
    answer = desk.world.browser(desk.piet).post(
        f"/tickets/{opened.number}/messages", data={"kind": "note", "text": "Ich schaue"}
    )
    assert answer.status_code == 204
    desk.press(JANA, desk.cards(JANA)[-1]["activity"], "chat.ticket", ticket=old)
    assert [ticket.number for ticket in desk.tickets()] == [old, opened.number], "a note stands there"
    assert [ticket.messages_count for ticket in desk.tickets()] == [2, 1]
    with desk.world.rows():
        assert session.scalars(select(Message.text).where(Message.ticket_id == opened.id)).all() == ["Ich schaue"]


def test_no_post_is_left_over(desk: Desk) -> None:
    desk.answered()
    desk.says(PIET, "Guten Tag")
    desk.says(JANA, "/end")
    with desk.world.rows():
        assert set(session.scalars(select(TeamsPost.state))) == {"sent"}
