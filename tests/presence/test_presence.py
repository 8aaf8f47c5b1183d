"""Who is on a ticket: what pages say of themselves, and what others are told, through the door."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from backend.db import session
from backend.live import LiveEvent
from backend.people.models import Person
from backend.presence.models import Presence
from tests.desk.conftest import Desk, desk, stranger
from tests.world import Browser

__all__ = ["desk"]
pytestmark = pytest.mark.slow


def beat(desk: Desk, browser: Browser, page: str = "page-one", composing: str = "") -> BeautifulSoup:
    """A sign of life; what the page is told."""
    answer = browser.post(f"/tickets/{desk.ticket}/presence", data={"page": page, "composing": composing})
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "lxml")


def leave(desk: Desk, browser: Browser, page: str = "page-one") -> None:
    assert browser.delete(f"/tickets/{desk.ticket}/presence?page={page}").status_code == 204


def faces(answer: BeautifulSoup) -> list[str]:
    return [str(one["aria-label"]) for one in answer.select("[data-others] > .avatar")]


def told(desk: Desk) -> int:
    """How often pages were told that somebody came, went or writes."""
    with desk.world.rows():
        topics = select(func.count()).where(LiveEvent.topic == "presences")
        return session.scalar(topics) or 0


def test_the_others_are_seen_and_oneself_is_not(desk: Desk) -> None:
    aylin = desk.world.browser(desk.aylin)
    assert faces(beat(desk, desk.browser)) == []
    assert faces(beat(desk, aylin)) == ["Piet Hagenauer"]
    assert faces(beat(desk, desk.browser)) == ["Aylin Demirsoy"]


def test_only_what_changes_is_told(desk: Desk) -> None:
    aylin = desk.world.browser(desk.aylin)
    beat(desk, aylin)
    assert told(desk) == 1
    beat(desk, aylin)
    assert told(desk) == 1
    beat(desk, aylin, composing="reply")
    beat(desk, aylin, composing="reply")
    assert told(desk) == 2
    beat(desk, aylin)
    assert told(desk) == 3
    leave(desk, aylin)
    leave(desk, aylin)
    assert told(desk) == 4


def test_who_writes_stands_first_and_is_named(desk: Desk) -> None:
    aylin, marek = desk.world.browser(desk.aylin), desk.world.browser(desk.world.staff("Marek Ostwald"))
    beat(desk, aylin)
    beat(desk, marek, composing="reply")
    seen = beat(desk, desk.browser)
    assert faces(seen) == ["Marek Ostwald, is writing a reply", "Aylin Demirsoy"]
    assert seen.select("template[data-writing]")[0].text == "Marek Ostwald is writing a reply"
    beat(desk, aylin, composing="note")
    assert beat(desk, desk.browser).select("template[data-writing]")[0].text == (
        "Aylin Demirsoy and Marek Ostwald are writing"
    )


def test_silence_for_half_a_minute_is_absence(desk: Desk) -> None:
    aylin = desk.world.browser(desk.aylin)
    beat(desk, aylin)
    seen = beat(desk, desk.browser)
    assert 29_000 < int(str(seen.select("[data-others]")[0]["data-left"])) <= 30_000
    desk.world.pass_time(timedelta(seconds=29))
    assert faces(beat(desk, desk.browser)) == ["Aylin Demirsoy"]
    desk.world.pass_time(timedelta(seconds=2))
    assert faces(beat(desk, desk.browser)) == []
    before = told(desk)
    beat(desk, aylin)
    assert told(desk) == before + 1  # back again


def test_whoever_closes_the_pane_is_still_on_the_desk(desk: Desk) -> None:
    aylin = desk.world.browser(desk.aylin)
    beat(desk, aylin, "the-desk")
    beat(desk, aylin, "the-pane", composing="reply")
    assert faces(beat(desk, desk.browser)) == ["Aylin Demirsoy, is writing a reply"]
    leave(desk, aylin, "the-pane")
    assert faces(beat(desk, desk.browser)) == ["Aylin Demirsoy"]
    leave(desk, aylin, "the-desk")
    assert faces(beat(desk, desk.browser)) == []


def test_more_than_four_others_stand_in_a_menu(desk: Desk) -> None:
    for number in range(6):
        beat(desk, desk.world.browser(desk.world.staff(f"Kollege {number} Muster")))
    seen = beat(desk, desk.browser)
    assert len(faces(seen)) == 4
    assert seen.select(".watch-more")[0].text == "+2"
    assert [one.text.strip()[-16:] for one in seen.select("[role=menuitem]")] == [
        "Kollege 4 Muster", "Kollege 5 Muster",
    ]  # fmt: skip


def test_the_list_says_who_is_where(desk: Desk) -> None:
    other = desk.open("Ganz anderes")
    beat(desk, desk.world.browser(desk.aylin), composing="note")
    beat(desk, desk.browser)  # oneself is not among them
    page = desk.page("/presences")
    assert [str(one["data-ticket"]) for one in page.select("[data-ticket]")] == [str(desk.ticket)]
    assert page.select_one(".avatar")["aria-label"] == "Aylin Demirsoy, is writing a note"  # type: ignore[index]
    assert desk.page("/tickets?view=all").select_one(f"[data-on-it='{other}']") is not None


def test_a_customer_is_neither_told_nor_seen(desk: Desk) -> None:
    beat(desk, desk.browser)
    for person in (desk.jana, stranger(desk.world)):
        browser = desk.world.browser(person)
        data = {"page": "page-one"}
        assert browser.post(f"/tickets/{desk.ticket}/presence", data=data).status_code == 403
        assert browser.get("/presences").status_code == 403
    with desk.world.rows():
        assert list(session.scalars(select(Presence.person_id))) == [desk.piet.id]


def test_nonsense_is_refused(desk: Desk) -> None:
    for page in ("", "x", "a b c d e f g h", "ä" * 10, "y" * 41):
        assert desk.browser.post(f"/tickets/{desk.ticket}/presence", data={"page": page}).status_code == 422
    assert desk.browser.post("/tickets/99999/presence", data={"page": "page-one"}).status_code == 404
    beat(desk, desk.browser, composing="<b>nonsense</b>")
    with desk.world.rows():
        assert session.scalars(select(Presence.composing)).one() == ""


def test_silent_pages_are_forgotten(desk: Desk) -> None:
    beat(desk, desk.browser)
    desk.world.pass_time(timedelta(minutes=9))
    desk.world.run("presence.forget_gone")
    with desk.world.rows():
        assert session.scalar(select(func.count()).select_from(Presence)) == 1
    desk.world.pass_time(timedelta(minutes=2))
    desk.world.run("presence.forget_gone")
    with desk.world.rows():
        assert session.scalar(select(func.count()).select_from(Presence)) == 0


def test_who_leaves_the_company_is_on_no_ticket(desk: Desk) -> None:
    beat(desk, desk.world.browser(desk.aylin))
    with desk.world.rows():
        session.delete(session.get_one(Person, desk.aylin.id))
    assert faces(beat(desk, desk.browser)) == []
