"""Teams in the browser, with a small bot in Deskside's place."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.accessibility import violations
from tests.sandbox.bot import Teams, hotline, people
from tests.sandbox.teams_cards import CARD, card, ring, text
from tests.sandbox.tenant import JANA, PIET
from tests.waiting import patient

pytestmark = [pytest.mark.slow, pytest.mark.browser]
NASTY = '<img src=x onerror="document.title=1"><b>bold</b>'


@pytest.fixture
def page(chromium: Browser, teams: Teams) -> Iterator[Page]:
    """A window without a past; a script error or a breach of the page's policy fails the test."""
    window = chromium.new_page(viewport={"width": 1280, "height": 800}, base_url=teams.url)
    wrong: list[str] = []
    window.on("pageerror", lambda error: wrong.append(str(error)))
    window.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    window.set_default_timeout(patient(10_000))
    yield window
    window.close()
    assert wrong == []


def _as(page: Page, who: str) -> None:
    page.goto(f"/_sandbox/teams?as={who}")
    expect(page.get_by_role("heading", level=1, name="Deskside")).to_be_visible()
    expect(page.locator("html[data-line=open]")).to_be_attached()


def _write(page: Page, words: str) -> None:
    box = page.get_by_label("Type a message")
    box.fill(words)
    box.press("Enter")


def test_a_person_is_picked_and_the_pages_lead_to_each_other(page: Page) -> None:
    page.goto("/_sandbox/")
    page.get_by_role("link", name="Open Teams").click()
    jana = page.get_by_role("link", name=re.compile("Jana Wiedekind"))
    expect(jana).to_be_visible()
    assert violations(page) == []
    jana.click()
    expect(page.get_by_text("Danke, das reicht mir.").last).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Hotline"))).to_have_count(0)
    page.get_by_role("link", name="Mail").click()
    expect(page).to_have_url(re.compile(r"/_sandbox/outlook\?as=jana"))
    page.set_viewport_size({"width": 1600, "height": 900})
    page.get_by_role("link", name="Teams", exact=True).click()
    expect(page).to_have_url(re.compile(r"/_sandbox/teams\?as=jana"))


def test_lines_go_both_ways_live(page: Page, teams: Teams) -> None:
    _as(page, JANA)
    _write(page, NASTY)
    log = page.get_by_role("log")
    expect(log.get_by_text(NASTY)).to_be_visible()
    assert teams.bot.next()["text"] == NASTY
    chat = people(teams)[JANA]["conversation"]
    teams.connector("POST", f"/conversations/{chat}/activities", json={"type": "typing"})
    expect(page.get_by_text("Deskside is typing")).to_be_visible()
    key = teams.send(chat, text="Wir **prüfen** es [hier](https://example.com) [nie](javascript:alert(1))")
    expect(page.get_by_text("Deskside is typing")).to_be_hidden()
    line = log.locator(f'[data-id="{key}"]')
    expect(line.locator("strong")).to_have_text("prüfen")
    expect(line.get_by_role("link")).to_have_count(1)
    teams.connector("PUT", f"/conversations/{chat}/activities/{key}", json={"type": "message", "text": "Erledigt"})
    expect(line.get_by_text("Erledigt")).to_be_visible()
    expect(line.get_by_text("Edited")).to_be_visible()
    teams.connector("DELETE", f"/conversations/{chat}/activities/{key}")
    expect(line.get_by_text("This message has been deleted.")).to_be_visible()
    assert page.title() == "Teams, Jana Wiedekind"


def test_own_lines_are_edited_and_deleted(page: Page, teams: Teams) -> None:
    _as(page, JANA)
    _write(page, "Tippfeler")
    teams.bot.next()
    mine = page.get_by_role("article").filter(has_text="Tippfeler")
    mine.get_by_role("button", name="Edit").click()
    page.get_by_label("Type a message").fill("Tippfehler")
    page.get_by_label("Type a message").press("Enter")
    assert teams.bot.next("messageUpdate")["text"] == "Tippfehler"
    changed = page.get_by_role("article").filter(has_text="Tippfehler")
    expect(changed.get_by_text("Edited")).to_be_visible()
    changed.get_by_role("button", name="Delete").click()
    assert teams.bot.next("messageDelete")
    expect(page.get_by_text("This message has been deleted.")).to_be_visible()


def test_a_bot_that_is_not_there_is_said(page: Page, teams: Teams) -> None:
    teams.bot.answer = lambda activity: (404, None)
    _as(page, JANA)
    _write(page, "Hallo?")
    expect(page.get_by_text("Deskside has no bot endpoint").first).to_be_visible()


def test_cards_are_pressed(page: Page, teams: Teams) -> None:
    new = card(text("You answer it"))["content"]
    answer: dict[str, Any] = {"statusCode": 200, "type": CARD, "value": new}
    teams.bot.answer = lambda activity: (200, answer if activity["type"] == "invoke" else None)
    chat = people(teams)[PIET]["conversation"]
    teams.send(chat, attachments=[ring()])
    _as(page, PIET)
    expect(page.locator(".tm-facts")).to_contain_text("10234")
    page.get_by_role("button", name="Answer").click()
    expect(page.get_by_text("You answer it")).to_be_visible()
    assert teams.bot.next("invoke")["value"]["action"]["verb"] == "answer"
    field = {"type": "Input.Text", "id": "reply", "label": "Reply", "isRequired": True, "errorMessage": "Say something"}
    columns = {"type": "ColumnSet", "columns": [{"type": "Column", "width": "2", "items": [text("left")]},
               {"type": "Column", "width": "auto", "items": [text("right")]}]}  # fmt: skip
    link = {"type": "Action.OpenUrl", "title": "Open ticket", "url": "http://localhost:8000/tickets/10234"}
    bad = {"type": "Action.OpenUrl", "title": "Bad", "url": "javascript:alert(1)"}
    sends = {"type": "Action.Submit", "title": "Send it", "data": {"note": 5}}
    teams.send(chat, attachments=[card(columns, field, {"type": "ActionSet", "actions": [sends, link, bad]})])
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("Say something")).to_be_visible()
    page.get_by_label("Reply").fill("Mache ich")
    teams.send(chat, text="meanwhile")
    expect(page.get_by_role("log").get_by_text("meanwhile")).to_be_visible()
    page.get_by_role("button", name="Send it").click()
    assert teams.bot.next()["value"] == {"note": 5, "reply": "Mache ich"}
    expect(page.get_by_role("link", name="Open ticket")).to_be_visible()
    expect(page.get_by_role("link", name="Bad")).to_have_count(0)


def test_a_channel_has_threads(page: Page, teams: Teams) -> None:
    _as(page, PIET)
    page.get_by_role("button", name=re.compile("Hotline")).click()
    box = page.get_by_label("Start a new conversation")
    box.fill("wer wartet?")
    box.press("Enter")
    heard = teams.bot.next()
    assert heard["text"] == "<at>Deskside</at> wer wartet?"
    thread = page.get_by_role("region", name="Conversation")
    expect(thread.locator(".mention")).to_have_text("Deskside")
    teams.send(heard["conversation"]["id"], text="Niemand", attachments=[ring()])
    expect(thread.get_by_text("Niemand")).to_be_visible()
    thread.get_by_label("Reply").fill("danke")
    thread.get_by_label("Reply").press("Enter")
    assert teams.bot.next()["conversation"]["id"] == heard["conversation"]["id"]
    page.get_by_role("button", name="@Deskside").click()
    box.fill("nur unter uns")
    box.press("Enter")
    expect(thread).to_have_count(2)
    assert teams.bot.heard.empty()
    assert len(teams.control("GET", f"/conversations/{hotline(teams)}")["threads"]) == 2


def test_blocking_is_a_button(page: Page, teams: Teams) -> None:
    _as(page, JANA)
    expect(page.get_by_label("Type a message")).to_be_enabled()
    page.get_by_role("button", name="Block the bot").click()
    expect(page.get_by_role("button", name="Unblock the bot")).to_be_visible()
    expect(page.get_by_label("Type a message")).to_be_disabled()
    assert people(teams)[JANA]["blocked"]
    page.get_by_role("button", name="Unblock the bot").click()
    expect(page.get_by_label("Type a message")).to_be_enabled()


@pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("light", 360),
        pytest.param("dark", 1280, marks=pytest.mark.soak),
        pytest.param("contrast", 1280, marks=pytest.mark.soak),
    ],
)
def test_it_is_accessible(page: Page, teams: Teams, theme: str, width: int) -> None:
    field = {"type": "Input.Text", "id": "reply", "placeholder": "Reply", "isMultiline": True}
    box = {"type": "Container", "style": "attention", "items": [text("Critical")]}
    teams.send(people(teams)[PIET]["conversation"], text="<at>Piet Hagenauer</at> bitte", attachments=[ring()])
    teams.send(people(teams)[PIET]["conversation"], attachments=[card(box, field)])
    teams.say(PIET, "mache ich")
    teams.say(PIET, "wer?", conversation=hotline(teams))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"/_sandbox/teams?as={PIET}&theme={theme}")
    expect(page.get_by_text("mache ich").last).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name=re.compile("Hotline")).click()
    expect(page.get_by_role("region", name="Conversation")).to_be_visible()
    assert violations(page) == []
