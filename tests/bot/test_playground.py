"""A customer's chat in a Teams client made by Microsoft: what our bot says is what such a client understands."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from backend import app as application
from backend.chat.actions import answer, outbox, speak
from backend.chat.cards import line
from backend.chat.models import Chat, ChatState, Operation, TeamsConversation, TeamsPost
from backend.db import session
from backend.people.models import Identity
from backend.sandbox import people as tenant
from backend.tickets.actions import Said, open_ticket, receive
from backend.tickets.models import Message
from tests.bot.playground import ACCOUNT, Between, fetched, playground
from tests.world import World

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The playground; the test is skipped where npm cannot be reached."""
    found = fetched(tmp_path_factory.mktemp("playground"))
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.fixture
def client(world: World, doors: Any, program: Path, chromium: Browser) -> Iterator[Page]:
    """The playground in a browser, its user a contact with one open ticket."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH")
    alex = world.contact("Alex Wilber", "alex.wilber@moebelwerk-tressow.example", customer)
    with world.rows():
        session.add(Identity(tenant_id=tenant.CUSTOMER_TENANT, object_id=ACCOUNT, person_id=alex.id))
        earlier = open_ticket(alex.who(), "Notebook bestellt", contact=alex, source="mail")
        receive(earlier, alex.who(), Said(text="Wann kommt es?"))
    between = Between(world.settings.sandbox_url, world.settings.url, tenant.CUSTOMER_TENANT)
    doors.web.app = application.create_app(replace(world.settings, sandbox_url=between.url))
    with playground(program, f"{between.url}/api/messages") as address:
        between.playground = address
        page = chromium.new_page(viewport={"width": 1440, "height": 900}, locale="de-DE")
        page.goto(address)
        expect(page.locator("[contenteditable=true]").first).to_be_visible()
        yield page
        page.close()
    between.close()


def says(world: World, page: Page, text: str) -> None:
    """The customer writes, and what follows is done."""
    page.locator("[contenteditable=true]").first.click()
    page.keyboard.type(text)
    page.get_by_role("button", name="Send Message").click()
    world.until(lambda: received(world, text))
    world.work()


def received(world: World, text: str) -> bool:
    with world.rows():
        rows = session.execute(select(Message.id).where(Message.text == text))
        if rows.first():
            return True
    world.work()
    return False


def the_chat(world: World) -> Chat:
    with world.rows():
        return session.scalars(select(Chat)).one()


def test_a_chat_from_the_first_line_to_the_answer(world: World, client: Page, tmp_path: Path) -> None:
    piet = world.staff("Piet Hagenauer")
    bot = client.locator(".fai-OutputCard")
    says(world, client, "Guten Tag, der Drucker druckt nicht")
    expect(bot.filter(has_text="Notebook bestellt")).to_be_visible()
    client.screenshot(path=tmp_path / "greeting.png")
    first = the_chat(world).ticket_id
    client.get_by_role("button", name="Notebook bestellt").click()
    world.until(lambda: the_chat(world).ticket_id != first)
    world.work()
    client.screenshot(path=tmp_path / "chosen.png")
    with world.rows():
        answer(the_chat(world).id, piet)
    with world.rows():
        speak(the_chat(world).id, piet.who(), Said(text="Guten Tag, ich bin Piet & sehe nach."))
    world.work()
    expect(bot.filter(has_text="ich bin Piet & sehe nach.")).to_be_visible()
    client.screenshot(path=tmp_path / "answered.png")
    with world.rows():
        said = session.scalars(select(TeamsPost).where(TeamsPost.purpose == "line")).one()
        there = session.get_one(TeamsConversation, said.conversation_id)
        outbox.post(there, line("Ich sehe gleich nach."), purpose="line", operation=Operation.UPDATE, replaces=said)
    world.work()
    expect(bot.filter(has_text="Ich sehe gleich nach.")).to_be_visible()
    expect(bot.filter(has_text="ich bin Piet")).to_have_count(0)
    client.screenshot(path=tmp_path / "edited.png")
    says(world, client, "Danke!")
    assert the_chat(world).state == ChatState.OPEN
    with world.rows():
        states = set(session.scalars(select(TeamsPost.state)))
        assert states == {"sent"}, states
