"""The console in a browser: live, by keyboard, and as a screen reader finds it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from backend import auth
from tests.accessibility import violations
from tests.chat.conftest import PIET, Desk
from tests.waiting import patient
from tests.world import JANA

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def opened(desk: Desk, chromium: Browser, **options: Any) -> Page:
    """Piet's browser."""
    with desk.world.rows():
        token = auth.begin_session(desk.piet.id, "browser")
    context = chromium.new_context(
        base_url=desk.world.settings.url, viewport={"width": 1440, "height": 900}, locale="en-GB", **options
    )
    context.add_cookies([
        {"name": auth.COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True,
         "sameSite": "None"},
    ])  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(patient(10_000))
    return page


@pytest.fixture
def page(desk: Desk, chromium: Browser) -> Iterator[Page]:
    made = opened(desk, chromium)
    complaints: list[str] = []
    made.on("pageerror", lambda error: complaints.append(str(error)))
    made.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield made
    made.context.close()
    assert [line for line in complaints if "409" not in line] == []


def on_line(page: Page) -> None:
    """Waits until the page hears what changes."""
    expect(page.locator("html[data-line=open]")).to_be_attached()


def test_a_new_chat_shows_itself_and_is_answered_by_keyboard(desk: Desk, page: Page) -> None:
    page.goto("/chats")
    on_line(page)
    page.locator("[data-sound]").click()
    expect(page.locator("[data-sound]")).to_have_attribute("aria-pressed", "true")
    desk.says(JANA, "Der Drucker druckt nicht")
    expect(page.locator("#queue .q-item")).to_contain_text("Der Drucker druckt nicht", timeout=patient(1_000))
    expect(page).to_have_title("(1) Chat – Deskside")
    expect(page.locator("html")).to_have_attribute("data-rang", "2")  # when it was switched on, and now
    page.locator("#main").focus()
    page.keyboard.press("a")
    page.wait_for_url("**/chats/1")
    expect(page.locator(".chat-head h1")).to_have_text("Jana Wiedekind")
    page.keyboard.press("r")
    page.keyboard.type("Guten Tag, ich sehe nach")
    page.keyboard.press("Enter")
    expect(page.locator(".cm.me")).to_contain_text("Guten Tag, ich sehe nach")
    expect(page.locator("textarea[name=text]")).to_have_value("")
    desk.world.work()
    assert "Guten Tag, ich sehe nach" in desk.texts(JANA)
    expect(page.locator(".cm.me .cm-seen .icon")).to_be_visible()
    expect(page).to_have_title("Jana Wiedekind – Chat – Deskside")


def test_a_line_appears_while_one_types_and_nothing_typed_is_lost(desk: Desk, page: Page) -> None:
    chat = desk.answered()
    page.goto(f"/chats/{chat.id}")
    on_line(page)
    page.locator("textarea[name=text]").fill("Ein halber Satz")
    page.locator("textarea[name=text]").press("End")
    desk.says(JANA, "Sind Sie noch da?")
    expect(page.locator(".chat-log")).to_contain_text("Sind Sie noch da?", timeout=patient(1_000))
    expect(page.locator("textarea[name=text]")).to_have_value("Ein halber Satz")
    expect(page.locator("textarea[name=text]")).to_be_focused()
    page.keyboard.type(", fertig")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("zweite Zeile")
    page.keyboard.press("Enter")
    expect(page.locator(".cm.me").last).to_contain_text("Ein halber Satz, fertig")
    desk.world.work()
    assert "Ein halber Satz, fertig\nzweite Zeile" in desk.texts(JANA)
    log = page.locator(".chat-log")
    assert log.evaluate("it => it.scrollHeight - it.scrollTop - it.clientHeight") < 40


def test_a_note_is_seen_by_nobody_outside(desk: Desk, page: Page) -> None:
    chat = desk.answered()
    page.goto(f"/chats/{chat.id}")
    on_line(page)
    page.locator("#main").focus()
    page.keyboard.press("n")
    page.keyboard.type("Streng vertraulich")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".cm.note")).to_contain_text("Streng vertraulich")
    desk.world.work()
    assert not any("vertraulich" in text for text in desk.texts(JANA))


def test_the_ticket_says_that_a_reply_goes_into_the_chat(desk: Desk, page: Page) -> None:
    number = desk.ticket("Etikettendrucker")
    desk.says(JANA, "Immer noch")
    page.goto(f"/tickets/{number + 1}")
    on_line(page)
    expect(page.locator(".composer-chat")).to_be_visible()
    page.locator("textarea[name=text]").fill("Halb geschrieben")
    desk.press(PIET, desk.cards(PIET)[-1]["activity"], "chat.answer")
    expect(page.locator(".composer-chat")).to_contain_text("not by e-mail")
    expect(page.locator("textarea[name=text]")).to_have_value("Halb geschrieben")
    page.locator("textarea[name=text]").press("Control+Enter")
    expect(page.locator(".msg-mine").last).to_contain_text("Halb geschrieben")
    desk.world.work()
    assert "Halb geschrieben" in desk.texts(JANA)
    assert desk.world.sent() == []


@pytest.mark.parametrize("theme", [pytest.param("light", marks=pytest.mark.soak), "dark"])
def test_axe_finds_nothing(desk: Desk, chromium: Browser, theme: Any) -> None:
    page = opened(desk, chromium, color_scheme=theme)
    page.goto("/chats")
    assert violations(page) == []
    chat = desk.answered()
    desk.says(PIET, "Guten Tag")
    owen = desk.also_known("owen.prentice@harcastle-marine.example", "Owen Prentice")
    desk.says(owen, "Hello")
    for width in (1440, 1040, 700):
        page.set_viewport_size({"width": width, "height": 900})
        for path in (f"/chats/{chat.id}", f"/chats/{desk.chat().id}", "/chats"):
            page.goto(path)
            if path != "/chats":
                expect(page.locator("#beside .props").first).to_be_attached()
            assert violations(page) == [], f"{path} at {width}"
    page.context.close()
