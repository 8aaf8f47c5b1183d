"""Deleting a ticket: it is gone from everywhere, its mail stays away, and for a month it can be brought back."""

import hashlib
import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from backend import files
from backend.db import session
from backend.deletion.models import DeletedRow, DeletedTicket
from backend.live import LiveEvent
from backend.mail.models import InboundMail, Outcome
from backend.people.models import Person
from backend.tickets.models import Activity, Ticket
from tests.api.conftest import Program
from tests.merging.conftest import Desk, desk
from tests.world import SALES, SERVICE, Browser, mail

pytestmark = pytest.mark.slow
__all__ = ["desk"]
HX = {"HX-Request": "true"}


@pytest.fixture
def admin(desk: Desk) -> Browser:
    """The browser of an administrator."""
    person = desk.world.staff("Wiebke Adler", "administrator")
    with desk.world.rows():
        session.get_one(Person, person.id).language = "en"
    return desk.world.browser(person)


def rows(desk: Desk) -> dict[str, int]:
    """How many rows each table has, but for those that only grow."""
    growing = ("live_events", "sign_ins", "turns", "receipts", "activities", "teams_requests")
    with desk.world.rows():
        names = session.scalars(
            text(
                "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace "
                "and relname not like 'procrastinate%' order by 1"
            )
        ).all()
        return {
            name: session.execute(text(f'select count(*) from "{name}"')).scalar_one()
            for name in names
            if name not in growing
        }


def test_what_is_deleted_is_gone_from_list_search_page_and_api(desk: Desk, admin: Browser) -> None:
    number, other = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    assert desk.browser.post(f"/tickets/{number}/delete", headers=HX).status_code == 403
    assert admin.post(f"/tickets/{number}/delete", headers=HX).headers["HX-Redirect"] == f"/tickets/{number}"
    page = admin.get(f"/tickets/{number}")
    assert page.status_code == 410
    assert "Wiebke Adler deleted it" in page.text
    assert "Bring it back" in page.text
    assert "klemmt" not in page.text
    assert "Bring it back" not in desk.browser.get(f"/tickets/{number}").text
    assert desk.finds("Drucker") == []
    assert "klemmt" not in desk.browser.get("/tickets?view=all&status=any").text
    assert desk.finds("Papierstau") == [other]
    for path in (f"/tickets/{number}/preview", f"/tickets/{number}/about"):
        answer = desk.browser.get(path)
        assert answer.status_code == 404
        assert "was deleted by Wiebke Adler" in answer.text
    # An open page is led to what is left.
    assert desk.browser.get(f"/tickets/{number}", headers=HX).headers["HX-Redirect"] == f"/tickets/{number}"
    program = Program(desk.world, "technician")
    program.headers["Accept-Language"] = "en"
    answer = program.ask("GET", f"/tickets/{number}")
    assert answer.status_code == 404
    assert "was deleted by" in answer.get_json()["title"]
    mails = program.ask("GET", "/inbound").text
    assert "klemmt" not in mails
    assert "Papierstau" in mails
    jana = desk.world.browser(desk.jana)
    assert "deleted" not in jana.get(f"/tickets/{number}").text
    desk.sound()


def test_its_mail_is_not_taken_in_again_and_mail_to_its_number_is_news(desk: Desk, admin: Browser) -> None:
    number = desk.asks("Drucker klemmt", to=f"{SERVICE}, {SALES}")
    admin.post(f"/tickets/{number}/delete", headers=HX)
    raw = desk.world.sandbox  # the same mail again: by the daily reading of the mailbox, and through another mailbox
    assert raw is not None
    with desk.world.rows():
        session.execute(text("update mailboxes set delta_link = '', reconciled_at = null"))
        original = session.scalars(select(InboundMail.original)).one()
    for job in ("mail.sweep", "mail.reconcile"):
        desk.world.run(job)
        desk.world.work()
    from_store = admin.get("/")  # the desk answers
    assert from_store.status_code in (200, 302)
    assert original
    with desk.world.rows():
        assert session.scalar(select(func.count()).select_from(Ticket)) == 0
    desk.arrives(mail(subject=f"AW: Drucker [#{number}]", text="wieder: da", in_reply_to=desk.mails[number]))
    with desk.world.rows():
        new = session.scalars(select(Ticket)).one()
    assert new.number > number
    assert desk.texts(new.number) == ["wieder"]


def test_a_deleted_mail_that_comes_through_another_mailbox_is_known(desk: Desk, admin: Browser) -> None:
    raw = mail(subject="Drucker klemmt", text="hier: bitte", message_id="<one@moebelwerk-tressow.example>")
    desk.arrives(raw)
    with desk.world.rows():
        number = session.scalars(select(Ticket.number)).one()
    admin.post(f"/tickets/{number}/delete", headers=HX)
    desk.world.deliver(raw, to=SALES)
    desk.world.run("mail.sweep")
    desk.world.work()
    with desk.world.rows():
        assert session.scalar(select(func.count()).select_from(Ticket)) == 0
        assert set(session.scalars(select(InboundMail.outcome))) == {Outcome.DELETED}


def test_bringing_it_back_brings_everything_back(desk: Desk, admin: Browser) -> None:
    number, merged = desk.asks("Drucker klemmt"), desk.asks("Papierstau", files=[("a.txt", "text/plain", b"abc")])
    desk.browser.post(f"/tickets/{number}/messages", data={"kind": "reply", "text": "Wir kommen."}, headers=HX)
    desk.world.work()
    desk.merge(merged, number)
    before, texts = rows(desk), desk.texts(number)
    with desk.world.rows():
        whole = session.execute(text("select to_jsonb(m) from messages m order by id")).scalars().all()
        mails = session.execute(text("select to_jsonb(m) from inbound_mails m order by id")).scalars().all()
    admin.post(f"/tickets/{number}/delete", headers=HX)
    desk.sound()
    with desk.world.rows():
        assert session.scalar(select(func.count()).select_from(Ticket)) == 0
    assert "deleted together with" in admin.get(f"/tickets/{merged}").text
    assert admin.post(f"/tickets/{merged}/restore", headers=HX).status_code == 204
    assert rows(desk) == before
    assert desk.texts(number) == texts
    with desk.world.rows():
        assert whole == session.execute(text("select to_jsonb(m) from messages m order by id")).scalars().all()
        assert mails == session.execute(text("select to_jsonb(m) from inbound_mails m order by id")).scalars().all()
        assert {"ticket_deleted", "ticket_undeleted"} <= set(session.scalars(select(Activity.verb)))
    assert desk.finds("Papierstau: bitte") == [number]
    assert desk.verbs(number)[-2:] == ["deleted", "undeleted"]
    desk.arrives(mail(subject=f"Nachtrag [#{merged}]", text="weiter: hier"))
    assert desk.texts(number)[-1] == "weiter"


def test_after_a_month_only_number_log_and_receipts_are_left(desk: Desk, admin: Browser) -> None:
    number = desk.asks("Drucker klemmt")
    admin.post(f"/tickets/{number}/delete", headers=HX)
    desk.world.run("deletion.empty")
    with desk.world.rows():
        assert session.scalars(select(DeletedTicket.emptied_at)).one() is None
    desk.world.pass_time(timedelta(days=31))
    desk.world.run("deletion.empty")
    with desk.world.rows():
        kept = session.scalars(select(DeletedRow)).all()
        assert {row.table_name for row in kept} == {"activities", "messages"}
        assert all("before" not in row.row and row.row["verb"] for row in kept if row.table_name == "activities")
        assert all(list(row.row) == ["id"] for row in kept if row.table_name == "messages")
        (receipt,) = session.scalars(select(InboundMail))
        assert (receipt.subject, receipt.from_address, receipt.original) == ("", "", "")
        assert receipt.internet_message_id == desk.mails[number]
    admin = desk.world.browser(desk.world.staff("Noch Eine", "administrator"))
    assert "cannot be brought back" in admin.get(f"/tickets/{number}").text
    assert admin.post(f"/tickets/{number}/restore", headers=HX).status_code == 409
    desk.sound()


def test_what_is_under_way_is_not_deleted(desk: Desk, admin: Browser) -> None:
    number, into = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    desk.browser.post(f"/tickets/{number}/messages", data={"kind": "reply", "text": "Wir kommen."}, headers=HX)
    refused = admin.post(f"/tickets/{number}/delete", headers=HX)
    assert refused.status_code == 422
    assert "about to be sent" in refused.text
    desk.world.work()
    desk.merge(number, into)
    refused = admin.post(f"/tickets/{number}/delete", headers=HX)
    assert refused.status_code == 422
    assert f"This ticket is merged into #{into}." in refused.text
    assert desk.texts(into) == ["Drucker klemmt", "Papierstau", "Wir kommen."]


def _works(desk: Desk, number: int, **given: str) -> None:
    form = {"minutes": "85", "worked_on": "2026-01-05", "kind": "billable", "text": "Kopf getauscht", **given}
    assert desk.browser.post(f"/tickets/{number}/time", data=form, headers=HX).status_code == 200


def test_work_that_is_not_billed_is_not_lost_unawares(desk: Desk, admin: Browser) -> None:
    number, merged = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    _works(desk, number)
    _works(desk, number, minutes="20", kind="goodwill")
    desk.browser.post(f"/tickets/{number}/items", data={"name": "Rolle", "quantity": "1"}, headers=HX)
    desk.merge(number, merged)
    refused = admin.post(f"/tickets/{merged}/delete", headers=HX)
    assert refused.status_code == 422
    assert "Not billed yet and lost with it: 1 h 25 min, 1 item." in refused.text
    assert 'name="unbilled"' in admin.get(f"/tickets/{merged}").text
    program = Program(desk.world, "admin")
    assert program.ask("DELETE", f"/tickets/{merged}").status_code == 422
    assert "HX-Redirect" in admin.post(f"/tickets/{merged}/delete", data={"unbilled": "1"}, headers=HX).headers
    desk.sound()


def test_what_a_timer_has_counted_is_not_lost_unawares(desk: Desk, admin: Browser) -> None:
    number, other = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    _works(desk, number)
    assert desk.browser.post(f"/tickets/{number}/timer/start", headers=HX).status_code in (200, 204)
    desk.world.pass_time(timedelta(minutes=7))
    admin = desk.world.browser(desk.world.staff("Noch Eine", "administrator"))
    refused = admin.post(f"/tickets/{number}/delete", headers={**HX, "Accept-Language": "en"})
    assert refused.status_code == 422
    assert "1 h 32 min" in refused.text or "1 Std. 32 Min." in refused.text, refused.text

    def told() -> int:
        with desk.world.rows():
            return session.query(LiveEvent).filter_by(topic=f"timer:{desk.piet.id}").count()

    before = told()
    assert "HX-Redirect" in admin.post(f"/tickets/{number}/delete", data={"unbilled": "1"}, headers=HX).headers
    assert told() > before
    piet = desk.world.browser(desk.piet)
    assert "Drucker klemmt" not in piet.get("/timer", headers=HX).text
    # Nothing is counted meanwhile, and what runs now is in nobody's way.
    assert piet.post(f"/tickets/{other}/timer/start", headers=HX).status_code in (200, 204)
    desk.world.pass_time(timedelta(minutes=30))
    before = told()
    admin = desk.world.browser(desk.world.staff("Noch Jemand", "administrator"))
    assert admin.post(f"/tickets/{number}/restore", headers=HX).status_code == 204
    assert told() > before
    refused = admin.post(f"/tickets/{number}/delete", headers=HX)
    assert "1 h 32 min" in refused.text or "1 Std. 32 Min." in refused.text, refused.text
    desk.sound()


@pytest.mark.parametrize("table", ["time_entries", "ticket_items"])
def test_what_was_billed_keeps_its_ticket(desk: Desk, admin: Browser, table: str) -> None:
    number = desk.asks("Drucker klemmt")
    _works(desk, number)
    desk.browser.post(f"/tickets/{number}/items", data={"name": "Rolle", "quantity": "1"}, headers=HX)
    with desk.world.rows():
        session.execute(text(f"update {table} set billed_at = now()"))
    refused = admin.post(f"/tickets/{number}/delete", data={"unbilled": "1"}, headers=HX)
    assert refused.status_code == 422
    assert "has been billed" in refused.text


def test_contents_go_with_the_last_that_names_them(desk: Desk, admin: Browser) -> None:
    number, other, third = desk.asks("Drucker klemmt"), desk.asks("Papierstau"), desk.asks("Toner leer")

    def add(where: int, content: bytes) -> str:
        form = {"kind": "note", "text": "anbei", "files": (io.BytesIO(content), "bild.txt")}
        answer = desk.browser.post(f"/tickets/{where}/messages", data=form, headers=HX)
        assert answer.status_code == 204, answer.text
        return hashlib.sha256(content).hexdigest()

    alone, shared, resting = add(number, b"nur hier"), add(number, b"hier und dort"), add(number, b"auch in Ruhe")
    assert add(other, b"hier und dort") == shared
    add(third, b"auch in Ruhe")
    with desk.world.rows():
        originals = {one.ticket_id: one.original for one in session.scalars(select(InboundMail))}
    mine = originals[desk.row(number).id]
    there = {sha for sha, _size in files.stored()}
    assert {alone, shared, resting, mine} <= there
    admin.post(f"/tickets/{number}/delete", headers=HX)
    desk.world.run("deletion.empty")
    desk.world.work()
    assert {sha for sha, _size in files.stored()} == there  # it can still be brought back
    desk.world.pass_time(timedelta(days=31))
    admin = desk.world.browser(desk.world.staff("Noch Eine", "administrator"))
    admin.post(f"/tickets/{third}/delete", headers=HX)
    for _twice in range(2):
        desk.world.run("deletion.empty")
        desk.world.work()
    assert there - {sha for sha, _size in files.stored()} == {alone, mine}
    assert admin.post(f"/tickets/{third}/restore", headers=HX).status_code == 204
    desk.sound()
