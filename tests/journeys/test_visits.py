"""A visit from end to end: dragged onto the board, it stands in Outlook; moved in Outlook, every door follows."""

import re
import time
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.accessibility import violations
from tests.installation import Installation
from tests.waiting import eventually, patient
from tests.world import mail

pytestmark = [pytest.mark.slow, pytest.mark.browser]
PIET = "piet.hagenauer@nordlicht-it.example"
TORBEN = "torben.lasch@brauhaus-kettwin.example"
MONDAY = date.today() + timedelta(days=21 - date.today().weekday())  # nothing stands there yet
# s until an event stands in Outlook, ms until our pages follow Outlook: 2 and 3 seconds, and more on a loaded machine.
IN_CALENDAR, FOLLOWS = 6.0, 9_000
TOLD = 30.0  # s: a change settles before the customer hears of it


def _signed_in(page: Page, name: str) -> Page:
    page.goto("/sign-in")
    page.locator("main button").first.click()
    page.get_by_text(name).first.click()
    page.wait_for_url(re.compile(r"localhost"))
    return page


@pytest.fixture
def desk(installation: Installation, chromium: Browser) -> Iterator[Page]:
    """Lena's browser. What it complains about, the content policy included, fails the test."""
    context = chromium.new_context(base_url=installation.web, viewport={"width": 1600, "height": 900}, locale="de-DE")
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    yield _signed_in(page, "Lena Brandis")
    context.close()
    assert wrong == []


def _taken_in(installation: Installation, subject: str) -> None:
    """Torben's mail arrives at the desk and in Piet's own mailbox."""
    sender, to = f"Torben Lasch <{TORBEN}>", f"service@nordlicht-it.example, {PIET}"
    raw = mail(sender=sender, to=to, subject=subject, text="Bitte kommen Sie vorbei.")
    installation.deliver(raw)
    installation.deliver(raw, to=PIET)


def _events(installation: Installation, text: str) -> list[dict[str, Any]]:
    """Piet's events whose subject holds `text`."""
    found = httpx.get(f"{installation.sandbox}/_sandbox/calendars/{PIET}").json()
    return [event for event in found if text in event["subject"]]


def _letters(installation: Installation, subject: str) -> list[dict[str, object]]:
    """What was sent to Torben about the visit, and not the desk's other mails on that ticket."""
    sent = [one for one in installation.sent() if subject in str(one["subject"]) and TORBEN in str(one["to"])]
    mimes = [(one, httpx.get(f"{installation.sandbox}/_sandbox/sent/{one['id']}/mime").text) for one in sent]
    return [one for one, mime in mimes if "text/calendar" in mime]


def pull(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drags from one place of the window to another."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
    page.mouse.move(*end, steps=4)
    page.mouse.up()


def box_of(page: Page, selector: str) -> dict[str, float]:
    """Where the first such element lies in the window, scrolled into it."""
    page.locator(selector).first.scroll_into_view_if_needed()
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def _dropped(desk: Page, subject: str, hour: int) -> str:
    """Drags the ticket to Piet's Monday at that hour; returns its number."""
    desk.goto(f"/board?week={MONDAY.isocalendar()[0]}-W{MONDAY.isocalendar()[1]:02}")
    desk.get_by_role("searchbox").nth(1).fill(subject)
    card = desk.locator(".u-card", has_text=subject)
    expect(card).to_have_count(1)
    number = str(card.get_attribute("data-ticket-card"))
    day = box_of(desk, f".b-cell[data-day='{MONDAY}'][data-technician-name='Piet Hagenauer']")
    from_card = box_of(desk, f"#u{number}")
    at = (day["x"] + day["width"] / 2, day["y"] + 6 + (hour - 8 + 0.5) * 16)
    pull(desk, (from_card["x"] + 80, from_card["y"] + 30), at)
    return number


def _pane_of(outlook: Page, subject: str, number: str) -> FrameLocator:
    """The ticket inside the pane, its details open."""
    outlook.locator("#rows a", has_text=subject).first.click()
    pane = outlook.frame_locator("#pane")
    pane.locator(f".mt-title[data-ticket='{number}']").click()
    pane.locator("#pt-tab-details").click()
    return pane


def test_planned_by_drag_and_moved_in_outlook(installation: Installation, desk: Page, outlook: Page) -> None:
    subject = f"Kassendrucker {uuid.uuid4().hex[:8]}"
    _taken_in(installation, subject)
    number = _dropped(desk, subject, 10)
    began = time.monotonic()
    (planned,) = eventually(lambda: _events(installation, subject), seconds=IN_CALENDAR)
    print(f"planned by drag, in the calendar after {(time.monotonic() - began) * 1000:.0f} ms")
    assert planned["start"]["dateTime"][:10] == f"{MONDAY}"
    expect(desk.locator(".slot[data-visit]", has_text="Brauhaus Kettwin")).to_be_visible()
    eventually(lambda: len(_letters(installation, subject)) == 1, seconds=TOLD)

    ticket = desk.context.new_page()
    ticket.goto(f"/tickets/{number}")
    expect(ticket.locator("#rail-visits .datebox b")).to_have_text(str(MONDAY.day))
    pane = _pane_of(outlook, subject, number)
    expect(pane.locator("#rail-visits .datebox b")).to_have_text(str(MONDAY.day))

    calendar = desk.context.new_page()
    calendar.goto(f"{installation.sandbox}/_sandbox/calendar?as={PIET}&week={MONDAY}")
    expect(calendar.locator("#week")).to_have_attribute("aria-busy", "false")
    event = calendar.locator(".cal-event", has_text=subject)
    event.scroll_into_view_if_needed()
    box, width = event.bounding_box(), calendar.locator(".cal-day").first.bounding_box()
    assert box is not None
    assert width is not None
    start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    pull(calendar, start, (start[0] + 2 * width["width"], start[1]))
    wednesday, began = MONDAY + timedelta(days=2), time.monotonic()
    expect(desk.locator(f".b-cell[data-day='{wednesday}'] .slot[data-visit]", has_text="Brauhaus")).to_be_visible(
        timeout=patient(FOLLOWS)
    )
    expect(ticket.locator("#rail-visits .datebox b")).to_have_text(str(wednesday.day), timeout=patient(FOLLOWS))
    expect(pane.locator("#rail-visits .datebox b")).to_have_text(str(wednesday.day), timeout=patient(FOLLOWS))
    print(f"dragged in Outlook, board, ticket and pane after {(time.monotonic() - began) * 1000:.0f} ms")
    eventually(lambda: len(_letters(installation, subject)) == 2, seconds=TOLD)
    assert [event["start"]["dateTime"][:10] for event in _events(installation, subject)] == [f"{wednesday}"]
    ticket.goto(f"/tickets/{number}?tab=activity")
    expect(ticket.locator(".activity")).to_contain_text("Piet Hagenauer")
    assert len(_letters(installation, subject)) == 2


def test_the_pane_plans_a_visit_and_everybody_can_use_it(installation: Installation, outlook: Page) -> None:
    subject = f"Waage {uuid.uuid4().hex[:8]}"
    _taken_in(installation, subject)
    outlook.locator("#rows a", has_text=subject).first.click()
    pane = outlook.frame_locator("#pane")
    pane.locator(".mailticket .mt-title").wait_for()
    section = pane.locator("section[aria-labelledby=vi]")
    section.get_by_role("button").first.click()
    form = section.locator("form")
    expect(form).to_be_visible()
    (frame,) = [one for one in outlook.frames if "/addin/pane" in one.url]
    assert violations(frame) == []
    narrow = frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert narrow, "nothing stands out of the pane"
    form.locator("[name=technician]").select_option(label="Piet Hagenauer")
    form.locator("[name=date]").fill(f"{MONDAY + timedelta(days=1)}")
    form.locator("[name=start]").fill("15:00")
    form.locator("[name=end]").fill("14:00")
    form.locator("[name=note]").fill("Leiter mitnehmen")
    form.locator("[type=submit]").click()
    expect(form.locator(".error")).to_be_visible()
    expect(form.locator("[name=note]")).to_have_value("Leiter mitnehmen")
    form.locator("[name=end]").fill("16:30")
    form.locator("[type=submit]").click()
    expect(form).to_have_count(0)
    eventually(lambda: _events(installation, subject), seconds=10)
    assert "Leiter mitnehmen" in str(_events(installation, subject)[0])
    pane.locator(".mailticket .mt-title").click()
    pane.locator("#pt-tab-details").click()
    expect(pane.locator("#rail-visits .visit")).to_be_visible()
    pane.locator("#rail-visits .visit-open").click()
    expect(pane.locator("#rail-visits form [name=note]")).to_have_value("Leiter mitnehmen")
    assert violations(frame) == []


def test_nothing_of_other_appointments_is_on_the_board(installation: Installation, desk: Page) -> None:
    foreign = httpx.get(f"{installation.sandbox}/_sandbox/calendars/{PIET}").json()
    today = date.today()
    secrets = {
        text
        for event in foreign
        if "Deskside" not in str(event.get("categories"))
        for text in (event["subject"], (event.get("location") or {}).get("displayName"))
        if text and len(text) > 3 and text != "Remote"  # a word of the board itself
    }
    assert secrets
    for day in (today, today + timedelta(days=7)):
        desk.goto(f"/board?day={day}")
        desk.goto(f"/board?week={day.isocalendar()[0]}-W{day.isocalendar()[1]:02}")
        expect(desk.locator(".slot.is-busy").first).to_be_visible()
        whole = desk.content()
        assert [text for text in secrets if text in whole] == []
