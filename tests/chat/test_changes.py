"""Lines that are changed or deleted, and files: the same on both sides and on the ticket."""

import base64

import pytest
from sqlalchemy import select

from backend.db import session
from backend.tickets.models import Activity, Attachment, Message
from tests.chat.conftest import PIET, Desk
from tests.world import JANA

pytestmark = pytest.mark.slow
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
)


def _page(desk: Desk) -> str:
    return desk.world.browser(desk.piet).get(f"/tickets/{desk.tickets()[0].number}").text


def _log(desk: Desk) -> str:
    return desk.world.browser(desk.piet).get(f"/tickets/{desk.tickets()[0].number}?tab=activity").text


def test_a_customers_line_is_changed_and_deleted(desk: Desk) -> None:
    desk.answered()
    said = desk.says(JANA, "Halle 2 ist gemiend")
    desk.control("PATCH", f"/messages/{said['activity']}", json={"from": JANA, "text": "Halle 3 ist gemeint"})
    desk.world.work()
    assert "Halle 3 ist gemeint" in desk.texts(PIET)
    assert "Halle 2 ist gemiend" not in desk.texts(PIET)
    assert "Halle 3 ist gemeint" in _page(desk)
    assert "Halle 2 ist gemiend" not in _page(desk)
    assert "Halle 2 ist gemiend" in _log(desk)
    desk.control("DELETE", f"/messages/{said['activity']}", json={"from": JANA})
    desk.world.work()
    assert "Halle 3 ist gemeint" not in _page(desk)
    assert "Halle 3 ist gemeint" in _log(desk)
    assert "Halle 3 ist gemeint" not in desk.texts(PIET)
    found = desk.world.browser(desk.piet).get("/tickets?view=all&q=gemeint").text
    assert f"/tickets/{desk.tickets()[0].number}" not in found, "what was deleted is not found"
    with desk.world.rows():
        message = session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert message is not None
        assert (message.text, bool(message.edited_at), bool(message.deleted_at)) == ("", True, True)
        verbs = session.scalars(select(Activity.verb).where(Activity.verb.startswith("message_"))).all()
        assert verbs == ["message_edited", "message_deleted"]


def test_a_technicians_line_is_changed_and_deleted(desk: Desk) -> None:
    desk.answered()
    said = desk.says(PIET, "Bitte um 14 Uhr")
    desk.control("PATCH", f"/messages/{said['activity']}", json={"from": PIET, "text": "Bitte um 15 Uhr"})
    desk.world.work()
    assert "Bitte um 15 Uhr" in desk.texts(JANA)
    assert "Bitte um 14 Uhr" not in desk.texts(JANA)
    desk.control("DELETE", f"/messages/{said['activity']}", json={"from": PIET})
    desk.world.work()
    assert "Bitte um 15 Uhr" not in desk.texts(JANA)
    assert "Bitte um 15 Uhr" not in _page(desk)


def test_nobody_changes_what_another_said(desk: Desk) -> None:
    desk.answered()
    said = desk.says(JANA, "Von Jana")
    desk.control("PATCH", f"/messages/{said['activity']}", 404, json={"from": PIET, "text": "von Piet"})
    assert ("Jana Wiedekind", "Von Jana") in desk.lines()


def test_files_and_pictures_come_and_go(desk: Desk) -> None:
    desk.answered()
    files = [
        {"name": "Protokoll.txt", "contentType": "text/plain", "content": base64.b64encode(b"Zeile").decode()},
        {"name": "Foto.png", "contentType": "image/png", "content": base64.b64encode(PICTURE).decode()},
    ]
    desk.says(JANA, "Anbei", attachments=files)
    with desk.world.rows():
        kept = session.scalars(select(Attachment).order_by(Attachment.id)).all()
        assert {(one.name.rpartition(".")[2], one.size) for one in kept} == {("txt", 5), ("png", len(PICTURE))}
    assert any("Protokoll.txt" in text for text in desk.texts(PIET))
    page = desk.world.browser(desk.piet)
    for one in kept:
        assert page.get(f"/attachments/{one.id}").status_code == 200
    desk.says(PIET, "", attachments=files[1:])
    shown = [
        one for said in desk.talk(JANA) for one in said.get("attachments") or [] if one["contentType"] == "image/png"
    ]
    assert len(shown) == 1
    assert shown[0]["contentUrl"].startswith(f"{desk.world.settings.url}/chats/files/")
