"""The timer in real browsers: it starts on opening, is the same everywhere, and asks after a long absence."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from backend import auth
from backend.people.models import Person
from tests.accessibility import violations
from tests.waiting import patient
from tests.worklog.conftest import Bench

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def _page(bench: Bench, chromium: Browser, person: Person, door: str = "browser", theme: str = "light") -> Page:
    with bench.world.rows():
        token = auth.begin_session(person.id, door)
    context = chromium.new_context(
        base_url=bench.world.settings.url,
        viewport={"width": 1280, "height": 900},
        color_scheme=theme,  # type: ignore[arg-type]
    )
    context.add_cookies(
        [{"name": auth.COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True,
          "sameSite": "None"}]
    )  # fmt: skip
    page = context.new_page()
    page.set_default_timeout(patient(15_000))
    return page


@pytest.fixture
def page(bench: Bench, chromium: Browser) -> Iterator[Page]:
    """Piet's browser; whatever the console complains about fails the test."""
    opened = _page(bench, chromium, bench.piet)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield opened
    opened.context.close()
    assert [line for line in complaints if "422" not in line] == []


def test_two_browsers_follow_each_other(bench: Bench, chromium: Browser, page: Page) -> None:
    other = _page(bench, chromium, bench.piet)
    other.goto("/customers")
    expect(other.locator("html[data-line=open]")).to_be_attached()
    page.goto(f"/tickets/{bench.first.number}")
    expect(page.locator("#timer")).to_have_attribute("data-state", "running")
    expect(page.locator("[data-timer-time]")).to_have_text("00:00:02")
    expect(other.locator("#timer")).to_have_attribute("data-ticket-number", str(bench.first.number))
    other.get_by_role("button", name="Pause the timer").click()
    expect(page.locator("#timer")).to_have_attribute("data-state", "paused")
    page.reload()
    expect(page.locator("#timer")).to_have_attribute("data-state", "paused")
    page.get_by_role("button", name="Go on counting").click()
    expect(other.locator("#timer")).to_have_attribute("data-state", "running")
    other.goto(f"/tickets/{bench.second.number}")
    expect(page.locator("#timer")).to_have_attribute("data-ticket-number", str(bench.second.number))
    page.get_by_role("link", name=f"Back to #{bench.first.number}").click()
    expect(other.locator("#timer")).to_have_attribute("data-ticket-number", str(bench.first.number))
    other.context.close()


def test_the_pane_shows_it_and_starts_it_too(bench: Bench, chromium: Browser, page: Page) -> None:
    page.goto("/customers")
    expect(page.locator("html[data-line=open]")).to_be_attached()
    pane = _page(bench, chromium, bench.piet, door="pane")
    pane.goto("/addin/pane")
    # Outlook signs the pane in; here the cookie is there already.
    pane.evaluate("document.getElementById('timer').dispatchEvent(new CustomEvent('live'))")
    expect(pane.locator("#timer[data-live]")).to_be_attached()
    pane.evaluate(
        "(number) => fetch(`/addin/tickets/${number}`, {headers: {'HX-Request': 'true'}}).then((a) => a.text())"
        ".then((html) => { const view = document.getElementById('ticket-view'); view.innerHTML = html;"
        " view.hidden = false; htmx.process(view); document.dispatchEvent(new CustomEvent('htmx:after:swap',"
        " {detail: {ctx: {sourceElement: view}}})); })",
        bench.second.number,
    )
    expect(pane.locator("#timer")).to_have_attribute("data-state", "running")
    expect(page.locator("#timer")).to_have_attribute("data-ticket-number", str(bench.second.number))
    page.get_by_role("button", name="Pause the timer").click()
    expect(pane.locator("#timer")).to_have_attribute("data-state", "paused")
    pane.context.close()


def test_who_comes_back_is_asked_whether_it_counts(bench: Bench, page: Page) -> None:
    page.goto(f"/tickets/{bench.first.number}")
    expect(page.locator("#timer")).to_have_attribute("data-state", "running")
    bench.pass_minutes(62)
    page.goto("/tickets?view=all")
    ask = page.locator(".timer-ask")
    expect(ask).to_contain_text("No activity for 62 minutes")
    page.mouse.move(200, 200)
    page.mouse.move(210, 210)
    expect(page.locator("[data-timer-time]")).to_contain_text("01:02:")
    assert violations(page) == []
    ask.get_by_role("button", name="Remove").click()
    expect(ask).to_have_count(0)
    expect(page.locator("[data-timer-time]")).to_contain_text("00:00:")


def test_saved_by_keyboard_with_what_was_typed_kept(bench: Bench, page: Page) -> None:
    page.goto(f"/tickets/{bench.first.number}")
    expect(page.locator("#timer")).to_have_attribute("data-state", "running")
    bench.pass_minutes(12)
    page.locator("#rail-time").get_by_role("button", name="Close and save time").focus()
    page.keyboard.press("Enter")
    minutes = page.locator("#time-dialog input[name=minutes]")
    expect(minutes).to_be_focused()
    expect(minutes).to_have_value("12")
    assert violations(page) == []
    page.keyboard.type("0")
    text = page.locator("#time-dialog textarea[name=text]")
    text.fill("Rolle eingelegt")
    save = page.locator("#time-dialog button.btn-primary")
    save.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#time-dialog .field .error")).to_contain_text("From 1 minute to 24 hours")
    expect(text).to_have_value("Rolle eingelegt")
    minutes.fill("12")
    save.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#time-dialog")).to_be_hidden()
    expect(page.locator("#rail-time")).to_contain_text("Rolle eingelegt")
    expect(page.locator("#head .pill")).to_contain_text("Closed")
    assert [entry.minutes for entry in bench.entries()] == [12]


@pytest.mark.parametrize("theme", [pytest.param("light", marks=pytest.mark.soak), "dark"])
def test_axe_finds_nothing(bench: Bench, chromium: Browser, theme: str) -> None:
    page = _page(bench, chromium, bench.piet, theme=theme)
    browser = bench.world.browser(bench.piet)
    browser.post(f"/tickets/{bench.first.number}/items", data={"name": "Rolle", "quantity": "2", "price": "5"})
    form = bench.form(browser, f"/tickets/{bench.first.number}/time/new")
    browser.post(f"/tickets/{bench.first.number}/time", data={**form, "minutes": "25", "text": "Rolle", "rate": "95"})
    page.goto(f"/tickets/{bench.first.number}")
    expect(page.locator("#timer")).to_have_attribute("data-state", "running")
    assert violations(page) == []
    page.locator("#rail-items").get_by_role("button", name="Add item").click()
    expect(page.locator("#time-dialog input[name=name]")).to_be_focused()
    assert violations(page) == []
    page.goto("/time")
    expect(page.locator("[data-sum]")).to_have_text("25 min")
    assert violations(page) == []
    page.context.close()
