"""What the README's tour shows with a second window, in each language.

A customer beside the technician, the technician's calendar beside the board, a ticket beside the settings.
"""

import re
import uuid
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.accessibility import violations
from tests.installation import Installation
from tests.journeys.test_tour import GUIDES, Guide, Walk, beside, taken_and_answered
from tests.journeys.test_visits import FOLLOWS, MONDAY, PIET, box_of, pull
from tests.waiting import patient
from tests.world import SERVICE

pytestmark = [pytest.mark.soak, pytest.mark.browser]
OWEN = "Owen Prentice"
HOUR = 16  # pixels of the week's board
DELETED = 30_000  # ms: what is gone from a calendar is looked for twice before it is believed
in_each_language = pytest.mark.parametrize("guide", GUIDES, ids=[guide.language for guide in GUIDES])


@pytest.fixture
def walk(installation: Installation, chromium: Browser, guide: Guide) -> Walk:
    """A walk through the running installation."""
    return Walk(installation, chromium, guide)


def _on_line(page: Page) -> None:
    """The page hears what changes."""
    expect(page.locator("html[data-line=open]")).to_be_attached()


def _chosen(walk: Walk, page: Page, name: str, what: str = "outlook") -> None:
    """Chooses somebody's mailbox or calendar on the start page."""
    page.goto(f"{walk.sandbox}/_sandbox/")
    page.locator(f"a.person[href*='/{what}?']", has_text=name).click()
    page.wait_for_url(re.compile(f"/_sandbox/{what}"))


def _writes(outlook: Page, to: str, subject: str) -> None:
    """A customer's new mail."""
    outlook.locator("[data-do=new]").click()
    outlook.get_by_label("To", exact=True).fill(to)
    outlook.get_by_label("Subject").fill(subject)
    outlook.get_by_role("textbox", name="Message").fill("Good morning, could you have a look at it today?\n\nOwen")
    assert violations(outlook) == []
    outlook.get_by_role("button", name="Send").click()
    expect(outlook.get_by_label("Subject")).to_have_count(0)


def _stays(page: Page) -> None:
    """Marks the page: whoever loads it anew wipes the mark off."""
    page.evaluate("window.stays = true")


def _has_stayed(page: Page) -> None:
    assert page.evaluate("window.stays === true"), f"{page.url} was loaded anew"


@in_each_language
def test_the_customers_answer_appears_on_the_open_ticket(walk: Walk) -> None:
    guide, subject = walk.guide, f"Slipway lamp {uuid.uuid4().hex[:6]}"
    hers, his = walk.window(), walk.window()
    customer, outlook = his.new_page(), hers.new_page()
    _chosen(walk, customer, OWEN)
    _writes(customer, f"{guide.name} <{guide.mailbox}@nordlicht-it.example>", subject)
    _chosen(walk, outlook, guide.name)
    pane = beside(outlook, subject)
    expect(pane.locator("h1")).to_have_text(OWEN)
    expect(pane.locator("html")).to_have_attribute("lang", guide.language)
    taken_and_answered(pane, guide)

    ticket = walk.signed_in(hers, guide.name, "/tickets?view=mine")
    ticket.locator("tr[data-row]", has_text=subject).locator("a.subject").click()
    expect(ticket.locator(".msg-mine", has_text=guide.answer)).to_be_visible()
    _on_line(ticket)
    _stays(ticket)

    answered = customer.locator("#rows a", has_text=guide.answer).filter(has_text=subject)
    answered.click(timeout=patient(30_000))  # it can be taken back for a moment
    customer.locator("[data-do=reply]").click()
    words = f"That was quick, thank you. {uuid.uuid4().hex[:6]}"
    customer.get_by_role("textbox", name="Message").fill(words)
    customer.keyboard.press("Control+Enter")
    expect(ticket.locator(".msg", has_text=words)).to_be_visible()
    expect(pane.locator(".msg", has_text=words)).to_be_visible()
    _has_stayed(ticket)
    walk.seen(ticket)
    (frame,) = [one for one in outlook.frames if "/addin/pane" in one.url]
    assert violations(frame) == []
    assert violations(customer) == []
    for window in (hers, his):
        window.close()
    assert walk.complaints == []


def _says(teams: Page, words: str) -> None:
    teams.get_by_label("Type a message").fill(words)
    teams.get_by_label("Type a message").press("Enter")


@in_each_language
def test_a_waiting_chat_is_answered(walk: Walk) -> None:
    guide, mark = walk.guide, uuid.uuid4().hex[:6]
    hers, his = walk.window(), walk.window()
    teams = his.new_page()
    teams.goto(f"{walk.sandbox}/_sandbox/")
    teams.get_by_role("link", name="Open Teams").click()
    teams.get_by_role("link", name=re.compile(OWEN)).click()
    _on_line(teams)
    desk = walk.signed_in(hers, guide.name, "/chats")
    _on_line(desk)
    _stays(desk)
    _says(teams, f"Is somebody there? {mark}")
    waiting = desk.locator("#queue .q-item", has_text=OWEN)
    expect(waiting).to_contain_text(mark)
    _has_stayed(desk)
    walk.seen(desk)
    waiting.locator("button").click()
    expect(desk.locator(".chat-head h1")).to_have_text(OWEN)
    expect(desk.locator("#conversation")).to_contain_text(mark)
    _on_line(desk)
    _stays(desk)
    words = f"{guide.answer} {mark}"
    desk.locator("textarea[name=text]").fill(words)
    desk.locator("textarea[name=text]").press("Enter")
    expect(teams.get_by_role("log").get_by_text(words)).to_be_visible()
    _says(teams, f"Good, I wait here. {mark}")
    expect(desk.locator("#conversation")).to_contain_text(f"Good, I wait here. {mark}")
    _has_stayed(desk)
    walk.seen(desk)
    assert violations(teams) == []
    desk.locator(".chat-head form[hx-post$='/end'] button").click()
    expect(desk.locator(".chat-under form")).to_have_count(0)
    expect(desk.locator("#queue a[aria-current]")).to_have_count(0)
    walk.seen(desk)
    for window in (hers, his):
        window.close()
    assert walk.complaints == []


def _slot(board: Page, day: object, visit: str = "") -> Locator:
    cell = board.locator(f".b-cell[data-day='{day}'][data-technician-name='Piet Hagenauer']")
    return cell.locator(f".slot[data-visit='{visit}']" if visit else ".slot[data-visit]")


def _event(calendar: Page, subject: str) -> Locator:
    return calendar.locator(".cal-event", has_text=subject)


@in_each_language
def test_a_visit_is_dragged_and_its_event_follows_and_leads(walk: Walk) -> None:
    monday = MONDAY + timedelta(days=7)  # nothing stands there yet
    window = walk.window()
    board = walk.signed_in(window, "Lena Brandis", "/board")
    walk.speaks(board, walk.guide.language)
    board.goto(f"{walk.web}/board?week={monday:%G-W%V}")
    expect(board.locator("html[data-board=placed]")).to_be_attached()
    _on_line(board)
    card = board.locator(".u-card").first
    number, subject = str(card.get_attribute("data-ticket-card")), str(card.locator(".u-open").get_attribute("title"))
    place, day = box_of(board, f"#u{number}"), box_of(board, _cell(monday))
    pull(board, (place["x"] + 80, place["y"] + 30), (day["x"] + day["width"] / 2, day["y"] + 6 + 2.5 * HOUR))
    expect(_slot(board, monday)).to_have_count(1)
    visit = str(_slot(board, monday).get_attribute("data-visit"))
    expect(board.locator(f"#u{number}")).to_have_count(0)
    walk.seen(board)

    calendar = walk.window().new_page()
    _chosen(walk, calendar, "Piet Hagenauer", "calendar")
    calendar.goto(f"{walk.sandbox}/_sandbox/calendar?as={PIET}&week={monday}")
    expect(_event(calendar, subject)).to_contain_text("10:00 – 11:00")

    low = box_of(board, f".slot[data-visit='{visit}']")
    edge = (low["x"] + low["width"] / 3, low["y"] + low["height"])
    pull(board, edge, (edge[0], edge[1] - HOUR / 2))
    expect(_event(calendar, subject)).to_contain_text("10:00 – 10:30")
    slot, tuesday = box_of(board, f".slot[data-visit='{visit}']"), box_of(board, _cell(monday + timedelta(days=1)))
    held = (slot["x"] + slot["width"] / 3, slot["y"] + slot["height"] / 3)
    pull(board, held, (held[0] + tuesday["x"] - day["x"], held[1]))
    expect(_slot(board, monday + timedelta(days=1), visit)).to_be_visible()
    expect(calendar.locator(".cal-day").nth(1).locator(".cal-event", has_text=subject)).to_be_visible()

    _led_by_the_calendar(board, calendar, subject, visit)
    expect(board.locator(f"#u{number}")).to_be_visible(timeout=patient(FOLLOWS))
    walk.seen(board)
    board.locator(f"#u{number} a.u-no").click()
    board.locator("a[href*='tab=activity']").click()
    expect(board.locator(".activity")).to_contain_text("Piet Hagenauer")
    walk.seen(board)
    walk.speaks(board, "de")
    for page in (board, calendar):
        page.context.close()
    assert walk.complaints == []


def _cell(day: object) -> str:
    return f".b-cell[data-day='{day}'][data-technician-name='Piet Hagenauer']"


def _led_by_the_calendar(board: Page, calendar: Page, subject: str, visit: str) -> None:
    """Moved and deleted in Outlook: the board follows."""
    _stays(board)
    event, width = _event(calendar, subject), calendar.locator(".cal-day").first.bounding_box()
    event.scroll_into_view_if_needed()
    box = event.bounding_box()
    assert box is not None
    assert width is not None
    start = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    pull(calendar, start, (start[0] + 2 * width["width"], start[1]))
    thursday = MONDAY + timedelta(days=10)
    expect(_slot(board, thursday, visit)).to_be_visible(timeout=patient(FOLLOWS))
    assert violations(calendar) == []
    _event(calendar, subject).click()
    calendar.get_by_role("button", name="Delete").click()
    expect(_event(calendar, subject)).to_have_count(0)
    expect(board.locator(f".slot[data-visit='{visit}']")).to_have_count(0, timeout=patient(DELETED))
    _has_stayed(board)


def _set(page: Page, seconds: int) -> None:
    """Marek chooses how long a reply waits; it is kept as soon as the field is left."""
    field = page.locator("#s-undo_send_seconds")
    field.fill(str(seconds))
    field.press("Tab")
    expect(page.locator("#toasts .toast", has_text=str(seconds)).last).to_be_visible()


@in_each_language
def test_a_setting_takes_effect_and_stands_in_the_log(walk: Walk) -> None:
    window, subject = walk.window(), f"Harbour radio {uuid.uuid4().hex[:6]}"
    customer = walk.window().new_page()
    _chosen(walk, customer, OWEN)
    settings = walk.signed_in(window, "Marek Ostwald", "/tickets?view=all")
    walk.speaks(settings, walk.guide.language)
    desk = window.new_page()
    desk.goto(f"{walk.web}/tickets?view=all")
    _on_line(desk)
    _writes(customer, SERVICE, subject)
    row = desk.locator("tr[data-row]", has_text=subject)
    expect(row).to_be_visible()

    settings.locator("details.me > summary").click()
    settings.locator("details.me a[href='/settings']").click()
    settings.locator("nav.views a[href='/settings/about/writing']").click()
    label = settings.locator("label[for=s-undo_send_seconds]").inner_text()
    _set(settings, 20)
    walk.seen(settings)
    _taken_back(walk, desk, row)
    _set(settings, 5)
    settings.locator("nav.views a[href='/settings/log']").click()
    lines = settings.locator(".sysline", has_text=label)
    expect(lines.nth(0).locator("b")).to_have_text([re.compile("20"), re.compile("5")])
    expect(lines.nth(1).locator("b")).to_have_text([re.compile("5"), re.compile("20")])
    walk.seen(settings)
    walk.speaks(settings, "de")
    for page in (settings, customer):
        page.context.close()
    assert walk.complaints == []


def _taken_back(walk: Walk, desk: Page, row: Locator) -> None:
    """A reply waits as long as was chosen, and is taken back meanwhile."""
    row.locator("a.subject").click()
    text = desk.locator("form.composer textarea[name=text]")
    text.fill("Not yet")
    text.press("Control+Enter")
    toast = desk.locator("#toasts .toast[data-seconds='20']")
    toast.locator("button[type=submit]").click()
    expect(text).to_have_value("Not yet")
    expect(desk.locator(".msg-mine", has_text="Not yet")).to_have_count(0)
    walk.seen(desk)
