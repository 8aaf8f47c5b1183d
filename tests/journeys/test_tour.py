"""The tour of the README, walked in each language: three roles, from the mail to the log of settings."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from tests.accessibility import violations
from tests.installation import Installation

pytestmark = [pytest.mark.soak, pytest.mark.browser]


@dataclass(frozen=True)
class Guide:
    """Who walks: a technician who speaks the language, and the mail that waits for them."""

    language: str
    locale: str
    name: str
    mailbox: str
    subject: str
    customer: str
    answer: str


GUIDES = (
    Guide("en", "en-GB", "Callum Reddish", "callum.reddish", "pontoon", "Owen Prentice", "Morning Owen, I am on it."),
    Guide(
        "fr", "fr-FR", "Maëlle Quintrec", "maelle.quintrec", "four 3", "Camille Bressoud", "Je regarde tout de suite."
    ),
    Guide("es", "es-ES", "Iker Zubeldia", "iker.zubeldia", "balanza", "Nuria Salvatierra", "Lo miro ahora mismo."),
    Guide("it", "it-IT", "Ginevra Altobello", "ginevra.altobello", "microscopio", "Davide Morbegno", "Guardo subito."),
    Guide("de", "de-DE", "Piet Hagenauer", "piet.hagenauer", "Bilanz 2026", "Svea Grootmann", "Ich sehe gleich nach."),
)


class Walk:
    """One walk: every page is in the language, fits its window, and nothing complains."""

    def __init__(self, installation: Installation, browser: Browser, guide: Guide) -> None:
        self.web, self.sandbox, self.guide = installation.web, installation.sandbox, guide
        self.browser = browser
        self.complaints: list[str] = []

    def window(self) -> BrowserContext:
        """A browser of its own, as a private window is."""
        return self.browser.new_context(
            viewport={"width": 1440, "height": 900}, locale=self.guide.locale, timezone_id="Europe/Berlin"
        )

    def signed_in(self, window: BrowserContext, name: str, path: str) -> Page:
        """The desk as `name`, at `path`."""
        page = window.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(f"{self.web}{path}")
        page.locator("main .btn-primary").click()
        page.get_by_text(name).first.click()
        page.wait_for_url(f"{self.web}{path}**")
        return page

    def speaks(self, page: Page, language: str) -> None:
        """Chooses the language below one's picture."""
        page.locator("details:has(button[name=language]) > summary").click()
        page.locator(f"button[name=language][value={language}]").click()
        expect(page.locator("html")).to_have_attribute("lang", language)

    def seen(self, page: Page) -> None:
        """What somebody would see at a glance."""
        expect(page.locator("html")).to_have_attribute("lang", self.guide.language)
        assert violations(page) == []
        wide, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= room, page.url


@pytest.mark.parametrize("guide", GUIDES, ids=[guide.language for guide in GUIDES])
def test_the_tour(installation: Installation, chromium: Browser, guide: Guide) -> None:
    walk = Walk(installation, chromium, guide)
    window = walk.window()
    _in_outlook(walk, window.new_page())
    _at_the_desk(walk, walk.signed_in(window, guide.name, "/tickets?view=mine"))
    window.close()
    window = walk.window()
    _plans(walk, walk.signed_in(window, "Lena Brandis", "/board"))
    window.close()
    window = walk.window()
    _arranges(walk, walk.signed_in(window, "Marek Ostwald", "/settings"))
    window.close()
    assert walk.complaints == []


def _in_outlook(walk: Walk, page: Page) -> None:
    guide = walk.guide
    page.goto(f"{walk.sandbox}/_sandbox/outlook?as={guide.mailbox}@nordlicht-it.example")
    pane = beside(page, guide.subject)
    expect(pane.locator("h1")).to_have_text(guide.customer)
    expect(pane.locator(".order").first).to_be_visible()
    expect(pane.locator(".ticketlist .tk").first).to_be_visible()
    taken_and_answered(pane, guide)


def beside(outlook: Page, subject: str) -> FrameLocator:
    """The pane beside the mail of that subject."""
    outlook.locator("#rows a", has_text=subject).first.click()
    if outlook.locator("[data-do=deskside]").get_attribute("aria-pressed") != "true":
        outlook.locator("[data-do=deskside]").click()
    return outlook.frame_locator("#pane")


def taken_and_answered(pane: FrameLocator, guide: Guide) -> None:
    """One click makes a ticket of the mail, one takes it; the answer is written below."""
    pane.locator("[data-new-ticket]").click()
    pane.locator(".mailticket form button").click()
    expect(pane.locator(".mailticket")).to_contain_text(guide.name)
    pane.locator(".mailticket [data-write=reply]").click()
    pane.locator("textarea[name=text]").fill(guide.answer)
    pane.locator("textarea[name=text]").press("Control+Enter")
    expect(pane.locator(".msg-mine", has_text=guide.answer)).to_be_visible()


def _at_the_desk(walk: Walk, page: Page) -> None:
    walk.seen(page)
    page.locator("tr[data-row]", has_text=walk.guide.subject).first.locator("a.subject").click()
    expect(page.locator("#timer")).to_have_attribute("data-state", "running")
    walk.seen(page)
    page.keyboard.press("r")
    expect(page.locator("form.composer textarea[name=text]")).to_be_focused()
    page.keyboard.press("Control+Space")
    expect(page.locator(".tm-menu [role=option]").first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator("h1").first.click()
    page.keyboard.press("t")
    expect(page.locator("#time-dialog input[name=minutes]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("dialog[open] .kbd").first).to_be_visible()
    page.keyboard.press("Escape")
    page.goto(f"{walk.web}/chats")
    expect(page.locator("[data-q]").first).to_be_visible()
    walk.seen(page)


def _plans(walk: Walk, page: Page) -> None:
    walk.speaks(page, walk.guide.language)
    page.goto(f"{walk.web}/board")
    expect(page.locator(".u-card").first).to_be_visible()
    expect(page.locator(".slot[data-visit]").first).to_be_visible()
    walk.seen(page)
    for path in ("/customers", "/orders"):
        page.goto(f"{walk.web}{path}")
        expect(page.locator("tbody tr").first).to_be_visible()
        walk.seen(page)
    walk.speaks(page, "de")


def _arranges(walk: Walk, page: Page) -> None:
    walk.speaks(page, walk.guide.language)
    for path in ("/settings/mailboxes", "/text-modules", "/settings/roles", "/settings/languages", "/settings/log"):
        page.goto(f"{walk.web}{path}")
        expect(page).to_have_url(re.compile(path))
        walk.seen(page)
    walk.speaks(page, "de")
