"""Mails that claim more than they can prove."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend.db import session
from backend.tickets.models import Message, Ticket
from backend.tickets.views.recipients import MOST
from tests.world import JANA, SERVICE, Browser, World, mail

pytestmark = pytest.mark.slow


@pytest.fixture
def number(world: World) -> int:
    """The number of Jana's ticket, as anybody can guess it."""
    world.customer("tressow", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    return _arrives(world, mail(subject="Drucker"))


@pytest.fixture
def piet(world: World) -> Browser:
    """A technician's browser."""
    return world.browser(world.staff("Piet Hagenauer"))


def _arrives(world: World, raw: bytes) -> int:
    """Takes `raw` in; the number of its ticket."""
    world.deliver(raw)
    world.run("mail.sweep")
    world.work()
    with world.rows():
        newest = select(Ticket.number).join(Message, Message.ticket_id == Ticket.id).order_by(Message.id.desc())
        return session.scalars(newest.limit(1)).one()


@pytest.mark.parametrize(
    "sender", [f"Service <{SERVICE}>", f"{JANA} <eve@evil.example>", "Eve <eve@evil.example>"], ids=str
)
def test_a_guessed_number_opens_no_ticket_to_strangers_nor_to_the_desks_own_address(
    world: World, number: int, sender: str
) -> None:
    assert (
        _arrives(world, mail(sender=sender, subject=f"Re: [#{number}] Drucker", text="Neue Bankverbindung")) != number
    )


def _offered(browser: Browser, number: int) -> dict[str, list[str]]:
    page = BeautifulSoup(browser.get(f"/tickets/{number}").text, "lxml")
    chips = page.select(".composer [data-recipients] input[type=hidden]")
    return {name: [str(chip["value"]) for chip in chips if chip["name"] == name] for name in ("to", "cc")}


def test_a_stranger_in_a_forged_cc_is_not_answered_unless_somebody_adds_them(
    world: World, piet: Browser, number: int
) -> None:
    copied = "Eve <eve@evil.example>, Elif <elif.mertoglu@moebelwerk-tressow.example>"
    assert _arrives(world, mail(subject=f"Re: [#{number}] Drucker", cc=copied)) == number
    offered = _offered(piet, number)
    assert JANA in offered["to"][0]
    assert [one.partition("<")[0].strip() for one in offered["cc"]] == ["Elif"]


def test_whom_we_have_written_to_is_answered_again(world: World, piet: Browser, number: int) -> None:
    supplier = "Hersteller <hotline@maker.example>"
    said = {"kind": "reply", "text": "Der Hersteller liest mit.", "to": JANA, "cc": supplier}
    assert piet.post(f"/tickets/{number}/messages", data=said).status_code == 204
    world.work()
    assert _arrives(world, mail(subject=f"Re: [#{number}] Drucker", cc=supplier)) == number
    assert _offered(piet, number)["cc"] == [supplier]


def test_thousands_of_recipients_do_not_fill_the_answer(world: World, piet: Browser, number: int) -> None:
    many = ", ".join(f"p{one}@moebelwerk-tressow.example" for one in range(1_000))
    assert _arrives(world, mail(subject=f"Re: [#{number}] Drucker", cc=many)) == number
    offered = _offered(piet, number)
    assert 0 < len(offered["to"]) + len(offered["cc"]) <= MOST
