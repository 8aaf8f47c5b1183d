"""What the ticket says of a mail that could not be read whole, and of one that was held back."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend.db import session
from backend.mail import problems
from backend.mail.models import Delivery, OutboundMail
from backend.people.models import Person
from tests.mail import disasters
from tests.world import World, mail

pytestmark = pytest.mark.slow


def _page(world: World, person: Person, number: int) -> BeautifulSoup:
    answer = world.browser(person).get(f"/tickets/{number}")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "lxml")


def _english(world: World) -> Person:
    piet = world.staff("Piet Harmsen")
    with world.rows():
        session.get_one(Person, piet.id).language = "en"
    return piet


def test_what_could_not_be_read_is_said_beside_the_message_with_the_original(world: World) -> None:
    piet = _english(world)
    raw = disasters.SMALL["60 levels of parts"]()
    world.deliver(raw)
    world.run("mail.sweep")
    world.work()
    page = _page(world, piet, 10001)
    (notice,) = page.select(".msg .notice-warn")
    assert problems.TOO_DEEP in notice.get_text()
    link = notice.select_one("a[href$='/original']")
    assert link is not None
    assert world.browser(piet).get(str(link["href"])).data == raw


def test_a_mail_that_was_held_back_is_sent_by_a_button_once(world: World) -> None:
    piet = _english(world)
    for number in range(6):
        world.deliver(mail(subject=f"Matter {number}"))
    world.run("mail.sweep")
    world.work()
    number = 10006
    button = _page(world, piet, number).select_one("form[hx-post$='/release']")
    assert button is not None
    address, browser = str(button["hx-post"]), world.browser(piet)
    assert browser.post(address).status_code == 200
    assert browser.post(address).status_code == 409
    world.work()
    with world.rows():
        states = list(session.scalars(select(OutboundMail.state).order_by(OutboundMail.id)))
    assert states == [Delivery.SENT] * 6
    assert len(world.sent()) == 6
    assert _page(world, piet, number).select_one("form[hx-post$='/release']") is None
