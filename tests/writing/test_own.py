"""Own notes and calls are changed, deleted and brought back; what a customer has got stays."""

import io

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend.db import session
from backend.tickets.models import Activity, Message, Ticket, told_to
from backend.tickets.search import matches
from tests.world import JANA, World, mail
from tests.writing.conftest import Desk

pytestmark = pytest.mark.slow


def found(world: World, desk: Desk, word: str) -> bool:
    with world.rows():
        query = select(Ticket.id).where(matches(desk.piet.who(), word))
        return session.scalar(query) is not None


def test_a_note_is_changed_and_its_earlier_text_stays_in_the_log(world: World, desk: Desk) -> None:
    note = desk.say("Toner ist leer, Kartusche liegt im Regal.")
    answer = desk.browser.post(
        f"/messages/{note}/edit", data={"text": "Die Walze ist hin.", "seen": desk.newest().text}
    )
    assert answer.status_code == 200
    assert "Undo" in answer.text
    changed = desk.message(note)
    assert changed is not None
    assert (changed.text, changed.edited_at is not None) == ("Die Walze ist hin.", True)
    assert [(one.before, one.after) for one in desk.log("message_edited")] == [
        ("Toner ist leer, Kartusche liegt im Regal.", "Die Walze ist hin.")
    ]
    assert found(world, desk, "Walze")
    assert not found(world, desk, "Kartusche")
    page = desk.browser.get("/tickets/10001").text
    assert "Die Walze ist hin." in page
    assert "Kartusche" not in page
    assert "Kartusche liegt im Regal" in desk.browser.get("/tickets/10001?tab=activity").text


def test_a_customer_would_read_nothing_of_a_note_in_the_log(world: World, desk: Desk) -> None:
    desk.say("Wir prüfen das.", kind="reply")
    note = desk.say("Kunde zahlt nie.")
    desk.browser.post(f"/messages/{note}/edit", data={"text": "Zahlt doch.", "seen": "Kunde zahlt nie."})
    assert desk.browser.post(f"/messages/{note}/delete").status_code == 200
    desk.browser.post("/tickets/10001/forward", data={"text": "Bitte ansehen.", "forward_to": "a@fremd.example"})
    desk.browser.post("/tickets/10001/time", data={"minutes": "5", "worked_on": "2026-01-02", "text": "Geheimes"})
    desk.browser.post("/tickets/10001/priority", data={"value": "high"})
    logged = select(Activity.verb, Activity.before, Activity.after).order_by(Activity.id)
    with world.rows():
        told = session.execute(logged.where(told_to(desk.jana.who()))).all()
        all_of_it = session.execute(logged.where(told_to(desk.piet.who()))).all()
    assert {"message_edited", "message_deleted", "forward", "time_noted"} <= {one.verb for one in all_of_it}
    assert [one.verb for one in told] == ["opened", "reply", "reply", "priority"]
    assert "zahlt" not in str(told).lower()


def test_undo_takes_the_change_back(desk: Desk) -> None:
    note = desk.say("Zuerst")
    desk.browser.post(f"/messages/{note}/edit", data={"text": "Danach", "seen": "Zuerst"})
    desk.browser.post(f"/messages/{note}/edit", data={"text": "Zuerst", "seen": "Danach"})
    assert desk.newest().text == "Zuerst"


def test_two_windows_do_not_write_over_each_other(desk: Desk) -> None:
    note = desk.say("Zuerst")
    assert desk.browser.post(f"/messages/{note}/edit", data={"text": "Eins", "seen": "Zuerst"}).status_code == 200
    stale = desk.browser.post(f"/messages/{note}/edit", data={"text": "Zwei", "seen": "Zuerst"})
    assert stale.status_code == 409
    assert "changed meanwhile" in stale.text
    assert desk.newest().text == "Eins"


def test_a_note_is_deleted_and_brought_back(world: World, desk: Desk) -> None:
    note = desk.say("Passwort steht unter der Tastatur.")
    desk.browser.post(f"/messages/{note}/delete")
    assert not found(world, desk, "Tastatur")
    assert "Tastatur" not in desk.browser.get("/tickets/10001").text
    desk.browser.post(f"/messages/{note}/delete")
    assert len(desk.log("message_deleted")) == 1
    desk.browser.post(f"/messages/{note}/restore")
    desk.browser.post(f"/messages/{note}/restore")
    assert len(desk.log("message_restored")) == 1
    assert found(world, desk, "Tastatur")
    assert "Tastatur" in desk.browser.get("/tickets/10001").text


def test_files_of_a_deleted_note_are_not_handed_out(desk: Desk) -> None:
    note = desk.say("Siehe Bild", files=(io.BytesIO(b"geheim"), "plan.txt"))
    page = desk.browser.get("/tickets/10001").text
    address = page[page.index("/attachments/") :].split('"')[0]
    assert desk.browser.get(address).data == b"geheim"
    desk.browser.post(f"/messages/{note}/delete")
    assert desk.browser.get(address).status_code == 404


def test_only_the_author_changes_and_only_administrators_delete_beside_them(world: World, desk: Desk) -> None:
    note = desk.say("Nur von Piet")
    other = world.browser(desk.aylin)
    assert other.get(f"/messages/{note}/edit").status_code == 422
    assert other.post(f"/messages/{note}/edit", data={"text": "Von Aylin"}).status_code == 422
    assert other.post(f"/messages/{note}/delete").status_code == 422
    assert f"/messages/{note}/delete" not in other.get("/tickets/10001").text
    boss = world.browser(world.staff("Renate Sattelkamp", "administrator"))
    assert boss.post(f"/messages/{note}/edit", data={"text": "Von Renate"}).status_code == 422
    assert boss.post(f"/messages/{note}/delete").status_code == 200
    assert other.post(f"/messages/{note}/restore").status_code == 422


def test_what_was_mailed_or_came_by_mail_stays(world: World, desk: Desk) -> None:
    reply = desk.say("Wir kommen morgen.", kind="reply")
    world.work()
    refused = desk.browser.post(f"/messages/{reply}/edit", data={"text": "Wir kommen nicht."})
    assert refused.status_code == 422
    assert "has this message already" in refused.text
    assert desk.browser.post(f"/messages/{reply}/delete").status_code == 422
    page = desk.browser.get("/tickets/10001").text
    assert f"/messages/{reply}/edit" not in page
    shown = BeautifulSoup(page, "lxml").select("[role=menuitem][aria-disabled=true]")
    assert [" ".join(one.get_text(" ").split()) for one in shown] == ["Edit no longer: it has been sent"]
    assert "has been sent" not in world.browser(desk.aylin).get("/tickets/10001").text, "of another's there is no talk"
    world.deliver(mail(sender=f"Jana <{JANA}>", subject="Re: [#10001] Drucker druckt nicht", text="Danke!"))
    world.run("mail.sweep")
    world.work()
    assert desk.newest().author_mail == JANA
    assert desk.browser.post(f"/messages/{desk.newest().id}/edit", data={"text": "x"}).status_code == 422
    with world.rows():
        assert "Danke!" in session.scalars(select(Message.text).order_by(Message.id.desc()).limit(1)).one()


def test_nonsense_is_refused(desk: Desk) -> None:
    note = desk.say("Zuerst")
    assert desk.browser.post(f"/messages/{note}/edit", data={"text": "  "}).status_code == 422
    assert desk.browser.post(f"/messages/{note}/edit", data={"text": "x" * 70_000}).status_code == 422
    assert desk.browser.post("/messages/9999/edit", data={"text": "x"}).status_code == 404
    assert desk.browser.get("/messages/9999/edit").status_code == 404
    assert desk.newest().text == "Zuerst"
