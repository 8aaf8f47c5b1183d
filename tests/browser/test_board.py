"""The board in a real browser: planned by drag and by keys, live, refused, and as a screen reader finds it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from backend import clock
from backend.db import session
from backend.people.models import Person
from backend.visits.models import Visit
from tests.accessibility import violations
from tests.browser.test_desk import on_line, sign_in
from tests.desk.conftest import desk
from tests.visits.planning import HX, MONDAY, TUESDAY, WEEK, Planning, planning
from tests.waiting import patient

__all__ = ["desk", "planning"]
pytestmark = [pytest.mark.slow, pytest.mark.browser]
HOUR = 16  # px of an hour in a week
WEDNESDAY = "2030-03-06"


@pytest.fixture
def page(planning: Planning, chromium: Browser) -> Iterator[Page]:
    """Lena's browser. Whatever the console complains about, the content policy included, fails the test."""
    opened = sign_in(planning.desk, chromium, planning.lena, timezone_id="America/New_York")
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type in ("error", "warning") else None)
    yield opened
    opened.context.close()
    expected = ("409", "422", "ERR_FAILED", "ERR_INCOMPLETE", "Failed to fetch")  # what the tests break on purpose
    assert [line for line in complaints if not any(word in line for word in expected)] == []


def opened(page: Page, query: str = f"week={WEEK}") -> None:
    """The board, drawn and listening."""
    page.goto(f"/board?{query}")
    expect(page.locator("html[data-board=placed]")).to_be_attached()
    on_line(page)


def cell(page: Page, person: Person, day: str) -> Locator:
    """Somebody's day."""
    return page.locator(f".b-cell[data-technician='{person.id}'][data-day='{day}']")


def card(page: Page, name: str = "Möbelwerk Tressow GmbH") -> Locator:
    """The card of a visit."""
    return page.locator(".slot[data-visit] > .ev", has_text=name)


def at(page: Page, person: Person, day: str, hour: float) -> tuple[float, float]:
    """Where that hour of somebody's day lies in the window."""
    box = cell(page, person, day).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + 6 + (hour - 8) * HOUR


def grab(page: Page, what: Locator, part: float = 0.5) -> None:
    """Presses on something, at that part of its height."""
    what.scroll_into_view_if_needed()
    box = what.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + box["height"] * part)
    page.mouse.down()


def take(page: Page, x: float, y: float) -> None:
    """Pulls what was grabbed to a place of the window."""
    page.mouse.move(x - 20, y - 20, steps=3)
    page.mouse.move(x, y, steps=3)


def stands(planning: Planning, start: str, end: str, person: Person) -> bool:
    """Whether the only planned visit is then and of that person."""
    found = [visit for visit in planning.rows() if visit.state == "planned"]
    return [(f"{v.start:%dT%H:%M}", f"{v.end:%dT%H:%M}", v.technician_id) for v in found] == [(start, end, person.id)]


def test_a_ticket_is_dragged_onto_a_day_and_is_planned_there(page: Page, planning: Planning) -> None:
    opened(page)
    piet = planning.desk.piet
    grab(page, page.locator(f"#u{planning.desk.ticket}"))
    take(page, *at(page, piet, TUESDAY, 10.55))
    ghost = cell(page, piet, TUESDAY).locator(".is-ghost")
    expect(ghost).to_contain_text("10:00")
    expect(ghost).to_contain_text("11:00")
    page.mouse.up()
    expect(card(page)).to_be_visible()
    expect(cell(page, piet, TUESDAY).locator(".slot[data-visit]")).to_have_count(1)
    expect(page.locator(f"#u{planning.desk.ticket}")).to_have_count(0)
    expect(page.locator("#toasts")).to_contain_text("Visit planned")
    assert stands(planning, "05T10:00", "05T11:00", piet)
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(f"#u{planning.desk.ticket}")).to_be_visible()
    expect(card(page)).to_have_count(0)


def test_a_visit_is_dragged_to_another_day_and_technician(page: Page, planning: Planning) -> None:
    planning.visit()
    opened(page)
    aylin = planning.desk.aylin
    grab(page, card(page))
    take(page, *at(page, aylin, WEDNESDAY, 13.75))
    page.mouse.up()
    expect(cell(page, aylin, WEDNESDAY).locator(".slot[data-visit]")).to_have_count(1)
    assert stands(planning, "06T13:15", "06T14:15", aylin)
    expect(page.locator("dialog[open]")).to_have_count(0)  # the end of a drag opens nothing


def test_a_visit_is_made_longer_by_its_lower_edge(page: Page, planning: Planning) -> None:
    piet = planning.desk.piet
    planning.visit()
    opened(page)
    box = card(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] + HOUR / 2, steps=3)
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] + HOUR * 1.5, steps=3)
    page.mouse.up()
    planning.world.until(lambda: stands(planning, "04T09:00", "04T11:30", piet))


def test_escape_and_the_outside_give_a_drag_up(page: Page, planning: Planning) -> None:
    planning.visit()
    opened(page)
    grab(page, card(page))
    take(page, *at(page, planning.desk.aylin, WEDNESDAY, 13))
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator(".is-ghost")).to_have_count(0)
    grab(page, card(page))
    take(page, 400, 20)
    page.mouse.up()
    assert stands(planning, "04T09:00", "04T10:00", planning.desk.piet)


def test_planned_moved_and_called_off_by_keyboard_alone(page: Page, planning: Planning) -> None:
    piet, aylin = planning.desk.piet, planning.desk.aylin
    opened(page)
    page.get_by_role("button", name="Etikettendrucker in Halle 2").focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog")
    expect(form.get_by_label("Technician")).to_be_focused()
    page.keyboard.type("Piet")
    form.get_by_label("Day").fill(MONDAY)
    form.get_by_label("From").fill("09:00")
    expect(form.get_by_label("Until")).to_have_value("10:00")  # as long as before
    page.keyboard.press("Enter")
    expect(form).to_be_hidden()
    expect(card(page)).to_be_visible()
    card(page).focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("#b-said")).to_have_text("Tuesday, March 5, 2030, 9:30 AM to 10:45 AM, Piet Hagenauer")
    planning.world.until(lambda: stands(planning, "05T09:30", "05T10:45", piet))
    expect(cell(page, piet, TUESDAY).locator(".slot[data-visit] > .ev")).to_be_focused()
    page.keyboard.press("PageUp")
    planning.world.until(lambda: stands(planning, "05T09:30", "05T10:45", aylin))
    expect(cell(page, aylin, TUESDAY).locator(".slot[data-visit] > .ev")).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    page.keyboard.press("ArrowUp")
    planning.world.until(lambda: stands(planning, "04T09:15", "04T10:30", aylin))
    expect(cell(page, aylin, MONDAY).locator(".slot[data-visit] > .ev")).to_be_focused()
    page.keyboard.press("Enter")
    expect(form.get_by_label("From")).to_be_focused()
    page.keyboard.press("Escape")
    expect(card(page)).to_be_focused()
    page.keyboard.press("Delete")
    expect(card(page)).to_have_count(0)
    page.locator("#toasts").get_by_role("button", name="Undo").last.press("Enter")
    expect(card(page)).to_have_count(1)
    planning.world.until(lambda: stands(planning, "04T09:15", "04T10:30", aylin))


def test_keys_do_not_lead_off_the_board(page: Page, planning: Planning) -> None:
    planning.visit()
    opened(page)
    card(page).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".b-refused")).to_contain_text("outside")
    page.keyboard.press("Escape")
    assert stands(planning, "04T09:00", "04T10:00", planning.desk.piet)


def test_what_others_do_appears_but_ends_no_drag(page: Page, planning: Planning) -> None:
    planning.visit()
    other = planning.desk.open("Zweites")
    opened(page)
    grab(page, card(page))
    take(page, *at(page, planning.desk.aylin, WEDNESDAY, 13.5))
    planning.visit(ticket=other, start=f"{TUESDAY}T09:00", end=f"{TUESDAY}T10:00")
    expect(page.locator(f"#u{other}")).to_have_count(0, timeout=patient(3_000))  # the list beside has heard of it
    expect(page.locator(".slot[data-visit]")).to_have_count(1)
    expect(page.locator(".is-ghost")).to_have_count(1)
    page.mouse.up()
    expect(page.locator(".slot[data-visit]")).to_have_count(2)
    expect(cell(page, planning.desk.aylin, WEDNESDAY).locator(".slot[data-visit]")).to_have_count(1)


def test_a_drag_that_is_refused_goes_back_with_a_sentence_beside(page: Page, planning: Planning) -> None:
    number = planning.visit()
    opened(page)
    grab(page, card(page))
    take(page, *at(page, planning.desk.aylin, WEDNESDAY, 13.5))
    moved = {"start": f"{TUESDAY}T08:00", "end": f"{TUESDAY}T09:00"}
    planning.browser.post(f"/visits/{number}/move", data=moved, headers=HX)  # somebody is faster
    page.mouse.up()
    expect(page.locator(".b-refused")).to_contain_text("Somebody has moved this visit meanwhile.")
    expect(page.locator(".is-ghost")).to_have_count(0)
    expect(cell(page, planning.desk.piet, TUESDAY).locator(".slot[data-visit]")).to_have_count(1)
    page.route("**/visits/*/move", lambda route: route.abort())
    grab(page, card(page))
    take(page, *at(page, planning.desk.aylin, WEDNESDAY, 13.5))
    page.mouse.up()
    expect(page.locator(".b-refused")).to_contain_text("No connection.")
    expect(page.locator(".is-ghost")).to_have_count(0)
    assert stands(planning, "05T08:00", "05T09:00", planning.desk.piet)


def test_a_conflict_is_red_with_its_reason_and_a_failed_one_is_tried_again(page: Page, planning: Planning) -> None:
    planning.busy(planning.desk.piet, f"{MONDAY}T08:30", f"{MONDAY}T09:30", "oof")
    number = planning.visit()
    with planning.world.rows():
        visit = session.get_one(Visit, number)
        visit.published, visit.error = "failed", "The mail server could not be reached."
    opened(page)
    page.get_by_role("button", name="1 conflict").click()
    expect(page.locator(".ev-bad")).to_be_focused()
    expect(page.locator(".b-why")).to_contain_text("Away in Outlook, 9:30")
    page.locator(".b-why").get_by_role("button", name="Try again").click()
    expect(page.locator(".b-why", has_text="Not in the calendar")).to_have_count(0)
    assert planning.rows()[0].published == "waiting"


def test_the_form_keeps_what_was_typed_and_says_beside_the_field_what_is_wrong(page: Page, planning: Planning) -> None:
    opened(page)
    page.get_by_role("button", name="Plan a visit", exact=True).click()
    form = page.get_by_role("dialog")
    form.get_by_role("combobox", name="Ticket").fill("Etikett")
    form.locator("[role=option]").first.click()
    form.get_by_label("Technician").select_option(label="Piet Hagenauer")
    form.get_by_label("Day").fill(MONDAY)
    form.get_by_label("From").fill("11:00")
    form.get_by_label("Until").fill("10:00")
    form.get_by_label("Internal note").fill("Leiter mitnehmen")
    form.get_by_role("button", name="Plan visit").click()
    expect(form.get_by_text("The end has to be after the start.")).to_be_visible()
    expect(form.get_by_label("Until")).to_be_focused()
    expect(form.get_by_label("Internal note")).to_have_value("Leiter mitnehmen")
    form.get_by_label("Until").fill("12:30")
    form.get_by_role("button", name="Plan visit").click()
    expect(form).to_be_hidden()
    planning.world.until(lambda: stands(planning, "04T11:00", "04T12:30", planning.desk.piet))
    assert planning.rows()[0].place == "Werk 2, Am Sägegraben 17, Tressow"


def test_a_visit_is_planned_and_called_off_on_the_ticket(page: Page, planning: Planning) -> None:
    page.goto(f"/tickets/{planning.desk.ticket}")
    on_line(page)
    rail = page.locator("#rail-visits")
    rail.get_by_role("button", name="Plan a visit").click()
    rail.get_by_label("Technician").select_option(label="Aylin Demirsoy")
    rail.get_by_label("Day").fill(MONDAY)
    planning.browser.post(f"/tickets/{planning.desk.ticket}/priority", data={"value": "high"}, headers=HX)
    expect(page.locator("#d-priority summary")).to_contain_text("High")  # the page was drawn anew meanwhile
    rail.get_by_label("From").fill("14:00")
    rail.get_by_role("button", name="Plan visit").click()
    expect(rail.locator(".visit")).to_contain_text("2:00–3:00")
    expect(rail.get_by_role("button", name="Plan a visit")).to_be_focused()
    rail.locator(".visit-open").click()
    rail.get_by_role("button", name="Cancel the visit").click()
    expect(rail.get_by_text("Nothing planned.")).to_be_visible()
    page.locator("#toasts").get_by_role("button", name="Undo").last.click()
    expect(rail.locator(".visit")).to_contain_text("2:00–3:00")
    planning.world.until(lambda: stands(planning, "04T14:00", "04T15:00", planning.desk.aylin))


def test_a_finger_scrolls_and_taps(planning: Planning, chromium: Browser) -> None:
    planning.visit()
    page = sign_in(planning.desk, chromium, planning.lena, has_touch=True)
    opened(page)
    card(page).tap()
    expect(page.get_by_role("dialog").get_by_label("From")).to_be_visible()
    assert stands(planning, "04T09:00", "04T10:00", planning.desk.piet)
    page.context.close()


def _crowded(planning: Planning) -> None:
    """Today and that week with everything that can lie on them."""
    today = clock.now().date().isoformat()
    for day in (MONDAY, today):
        planning.busy(planning.desk.piet, f"{day}T08:30", f"{day}T09:30")
        planning.busy(planning.desk.piet, f"{day}T12:00", f"{day}T13:00", "tentative")
        planning.busy(planning.desk.aylin, f"{day}T05:00", f"{day}T18:00", "oof")
        planning.visit(f"{day}T09:00", f"{day}T10:00")
        planning.visit(f"{day}T09:30", f"{day}T12:00", ticket=planning.desk.open("Zweites"))
        planning.visit(f"{day}T14:00", f"{day}T14:15", ticket=planning.desk.open("Kurz"))
    with planning.world.rows():
        visit = session.get_one(Visit, planning.rows()[0].id)
        visit.published, visit.error, visit.timezone = (
            "failed",
            "The mail server could not be reached.",
            "Europe/London",
        )
        visit.start, visit.end = visit.start - timedelta(hours=1), visit.end - timedelta(hours=1)
    planning.desk.open("Noch ungeplant", priority="critical")


@pytest.mark.parametrize(
    "theme", [pytest.param("light", marks=pytest.mark.soak), "dark", pytest.param("contrast", marks=pytest.mark.soak)]
)
def test_everybody_can_use_it(planning: Planning, chromium: Browser, theme: Any) -> None:
    _crowded(planning)
    with planning.world.rows():
        session.get_one(Person, planning.lena.id).theme = theme
    page = sign_in(planning.desk, chromium, planning.lena)
    for width, query in ((1024, f"week={WEEK}"), (1280, f"day={MONDAY}"), (1600, "")):
        page.set_viewport_size({"width": width, "height": 900})
        opened(page, query)
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        assert violations(page) == [], (theme, width, query)
    page.locator(".slot[data-visit] > .ev").first.focus()
    assert violations(page) == []
    page.locator(".slot[data-visit] > .ev").first.press("Enter")
    expect(page.get_by_role("dialog").get_by_label("From")).to_be_visible()
    assert violations(page) == []
    page.goto(f"/tickets/{planning.desk.ticket}")
    page.locator("#rail-visits").get_by_role("button", name="Plan a visit").click()
    expect(page.locator("#rail-visits").get_by_label("From")).to_be_visible()
    assert violations(page) == []
    page.context.close()
