"""The calendar in the browser: events moved by pointer and by keyboard, shortened, deleted, answered, and kept live."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from backend.sandbox.app import create_sandbox, end
from backend.ui.assets import NODE_MODULES
from tests.waiting import eventually, patient
from tests.world import Door

pytestmark = [pytest.mark.slow, pytest.mark.browser, pytest.mark.soak]

PIET, AYLIN = "piet.hagenauer@nordlicht-it.example", "aylin.demirsoy@nordlicht-it.example"
AXE = NODE_MODULES / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HOUR = 48  # pixels


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A sandbox of its own."""
    door = Door("127.0.0.1")
    door.app = create_sandbox(
        tmp_path_factory.mktemp("sandbox"), public_url=door.url, deskside_url="http://localhost:1"
    )
    yield door.url
    end(door.app)
    door.close()


@pytest.fixture
def sandbox(address: str) -> Iterator[httpx.Client]:
    """The sandbox with empty calendars."""
    with httpx.Client(base_url=address, timeout=30) as client:
        client.post("/_sandbox/reset", json={"mail": False}).raise_for_status()
        token = client.post("/_sandbox/token", json={"app": True}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


@pytest.fixture
def page(chromium: Browser, sandbox: httpx.Client) -> Iterator[Page]:
    """A window far from Berlin: only the mailbox's zone counts. A script error in the page fails the test."""
    window = chromium.new_page(
        viewport={"width": 1440, "height": 900}, base_url=str(sandbox.base_url), timezone_id="America/New_York"
    )
    wrong: list[str] = []
    window.on("pageerror", lambda error: wrong.append(str(error)))
    window.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    window.set_default_timeout(patient(10_000))
    yield window
    window.close()
    assert [line for line in wrong if "412" not in line] == []


def planned(sandbox: httpx.Client, subject: str, start: str, finish: str, **further: Any) -> dict[str, Any]:
    """An event in Piet's calendar, in Berlin's time."""
    times = {name: {"dateTime": at, "timeZone": "Europe/Berlin"} for name, at in (("start", start), ("end", finish))}
    answer = sandbox.post(f"/v1.0/users/{PIET}/events", json={"subject": subject, **times, **further})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def events(sandbox: httpx.Client, mail: str = PIET) -> list[dict[str, Any]]:
    """What stands in a calendar."""
    found: list[dict[str, Any]] = sandbox.get(f"/_sandbox/calendars/{mail}").json()
    return found


def stands(sandbox: httpx.Client, start: str, finish: str) -> Callable[[], bool]:
    """Whether the only event has these times (UTC)."""

    def look() -> bool:
        (event,) = events(sandbox)
        return (event["start"]["dateTime"][:16], event["end"]["dateTime"][:16]) == (start, finish)

    return look


def opened(page: Page, week: str, mail: str = PIET, theme: str = "light") -> None:
    """A week of a calendar."""
    page.goto(f"/_sandbox/calendar?as={mail}&week={week}&theme={theme}")
    expect(page.locator("#week")).to_have_attribute("aria-busy", "false")


def event(page: Page, subject: str) -> Locator:
    """The event's box."""
    return page.locator(".cal-event", has_text=subject)


def drag(page: Page, where: Locator, x: float, y: float, *, at: float = 0.5) -> None:
    """Pulls from a point of the box (part of its height) by so many pixels."""
    expect(where).to_be_visible()
    box = where.bounding_box()
    assert box is not None
    start = (box["x"] + box["width"] / 2, box["y"] + box["height"] * at)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + x / 2, start[1] + y / 2, steps=3)
    page.mouse.move(start[0] + x, start[1] + y, steps=3)
    page.mouse.up()


def test_an_event_is_dragged_to_another_day(page: Page, sandbox: httpx.Client) -> None:
    planned(sandbox, "Vor-Ort-Termin", "2026-12-01T09:00:00", "2026-12-01T10:00:00")
    opened(page, "2026-12-01")
    width = page.locator(".cal-day").first.bounding_box()
    assert width is not None
    drag(page, event(page, "Vor-Ort-Termin"), 2 * width["width"], 1.5 * HOUR)
    eventually(stands(sandbox, "2026-12-03T09:30", "2026-12-03T10:30"))
    expect(page.get_by_role("region", name="Thursday 3 December").locator(".cal-event")).to_contain_text(
        "10:30 – 11:30"
    )


def test_an_event_is_shortened_by_its_edge(page: Page, sandbox: httpx.Client) -> None:
    planned(sandbox, "Lang", "2026-12-01T09:00:00", "2026-12-01T11:00:00")
    opened(page, "2026-12-01")
    drag(page, event(page, "Lang").locator(".cal-grip"), 0, -HOUR)
    eventually(stands(sandbox, "2026-12-01T08:00", "2026-12-01T09:00"))
    expect(event(page, "Lang")).to_contain_text("09:00 – 10:00")


def test_escape_gives_a_drag_up(page: Page, sandbox: httpx.Client) -> None:
    planned(sandbox, "Bleibt", "2026-12-01T09:00:00", "2026-12-01T10:00:00")
    opened(page, "2026-12-01")
    event(page, "Bleibt").hover()
    page.mouse.down()
    page.mouse.move(700, 600, steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(event(page, "Bleibt")).to_contain_text("09:00 – 10:00")
    assert stands(sandbox, "2026-12-01T08:00", "2026-12-01T09:00")()


def test_the_keyboard_moves_shortens_and_deletes(page: Page, sandbox: httpx.Client) -> None:
    planned(sandbox, "Tasten", "2026-12-01T09:00:00", "2026-12-01T10:00:00")
    opened(page, "2026-12-01")
    event(page, "Tasten").focus()
    for keys in ("Control+ArrowDown", "Control+ArrowDown", "Control+ArrowRight", "Control+Shift+ArrowUp"):
        page.keyboard.press(keys)
    eventually(stands(sandbox, "2026-12-02T08:30", "2026-12-02T09:15"))
    expect(event(page, "Tasten")).to_be_focused()
    page.keyboard.press("Control+ArrowUp")
    eventually(stands(sandbox, "2026-12-02T08:15", "2026-12-02T09:00"))
    page.keyboard.press("Delete")
    expect(event(page, "Tasten")).to_have_count(0)
    assert events(sandbox) == []


@pytest.mark.parametrize(
    ("week", "before", "after", "start", "finish"),
    [
        ("2026-10-25", "2026-10-24", 1, "2026-10-25T08:00", "2026-10-25T09:00"),
        ("2027-03-28", "2027-03-27", 1, "2027-03-28T07:00", "2027-03-28T08:00"),
    ],
)
def test_a_clock_change_keeps_the_wall_time(
    page: Page, sandbox: httpx.Client, week: str, before: str, after: int, start: str, finish: str
) -> None:
    planned(sandbox, "Wechsel", f"{before}T09:00:00", f"{before}T10:00:00")
    opened(page, week)
    event(page, "Wechsel").focus()
    for _ in range(after):
        page.keyboard.press("Control+ArrowRight")
    eventually(stands(sandbox, start, finish))
    expect(event(page, "Wechsel")).to_contain_text("09:00 – 10:00")


def test_a_meeting_is_answered_and_cancelled(page: Page, sandbox: httpx.Client) -> None:
    attendees = [{"emailAddress": {"address": AYLIN}}]
    planned(sandbox, "Abnahme", "2026-12-01T09:00:00", "2026-12-01T10:00:00", attendees=attendees)
    opened(page, "2026-12-01", AYLIN)
    event(page, "Abnahme").click()
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#detail")).to_contain_text("accepted")
    assert events(sandbox)[0]["attendees"][0]["status"]["response"] == "accepted"
    opened(page, "2026-12-01")
    event(page, "Abnahme").click()
    expect(page.locator("#detail")).to_contain_text("Aylin Demirsoy: accepted")
    page.get_by_role("button", name="Cancel meeting").click()
    expect(event(page, "Abnahme")).to_have_count(0)
    assert events(sandbox, AYLIN)[0]["isCancelled"]


def test_times_are_typed(page: Page, sandbox: httpx.Client) -> None:
    planned(sandbox, "Getippt", "2026-12-01T09:00:00", "2026-12-01T10:00:00")
    opened(page, "2026-12-01")
    event(page, "Getippt").click()
    page.get_by_label("Starts").fill("2026-12-01T13:05")
    page.get_by_label("Ends").fill("2026-12-01T13:50")
    page.get_by_role("button", name="Save times").click()
    eventually(stands(sandbox, "2026-12-01T12:05", "2026-12-01T12:50"))


def test_changes_elsewhere_are_seen_at_once(page: Page, sandbox: httpx.Client) -> None:
    opened(page, "2026-12-01")
    made = planned(sandbox, "Neu", "2026-12-01T09:00:00", "2026-12-01T10:00:00")
    expect(event(page, "Neu")).to_contain_text("09:00 – 10:00")
    path = f"/_sandbox/calendars/{PIET}/events/{made['id']}"
    sandbox.patch(path, json={"start": "2026-12-01T14:00:00", "end": "2026-12-01T15:00:00"}).raise_for_status()
    expect(event(page, "Neu")).to_contain_text("14:00 – 15:00")
    sandbox.delete(path).raise_for_status()
    expect(event(page, "Neu")).to_have_count(0)


def test_weeks_people_and_ways_between_the_pages(page: Page, sandbox: httpx.Client) -> None:
    sandbox.post("/_sandbox/reset").raise_for_status()
    page.goto("/_sandbox/")
    page.locator("a[href='/_sandbox/calendar?as=" + PIET + "']").click()
    expect(page.locator(".cal-event").first).to_be_visible()
    expect(page.locator(".cal-head.today")).to_have_count(1)
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    later = now - timedelta(days=now.weekday()) + timedelta(days=7)
    page.get_by_role("button", name="Week after").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Mon {later.day} ")
    page.get_by_label("Calendar of").select_option(label="Aylin Demirsoy")
    expect(event(page, "Urlaub").first).to_be_visible()
    page.get_by_role("link", name="Mail").click()
    expect(page.locator("#mailbox")).to_be_visible()
    page.get_by_role("link", name="Calendar").click()
    expect(page).to_have_url(re.compile(r"/_sandbox/calendar\?as=aylin"))


@pytest.mark.skipif(not AXE.is_file(), reason="axe has not been fetched")
@pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("light", 900),
        pytest.param("dark", 1440, marks=pytest.mark.soak),
        pytest.param("contrast", 1440, marks=pytest.mark.soak),
    ],
)
def test_everybody_can_use_it(page: Page, sandbox: httpx.Client, theme: str, width: int) -> None:
    sandbox.post("/_sandbox/reset").raise_for_status()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"/_sandbox/calendar?as={PIET}&theme={theme}")
    meeting = event(page, "Technikrunde").first
    meeting.click()
    expect(page.get_by_role("button", name="Accept")).to_be_visible()
    page.evaluate(AXE.read_text())
    found = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", RULES)
    assert [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]] == []
