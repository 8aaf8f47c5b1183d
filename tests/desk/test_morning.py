"""A technician's morning with the keyboard alone: no mouse, and nothing is focused but by keys."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from backend.checklists.actions import add_checklist
from backend.db import session
from backend.people.models import Person
from backend.statuses.models import RootCause, RootCauseOffer
from backend.tickets.models import Message, Status, Ticket
from backend.worklog.models import TimeEntry
from tests.browser.test_desk import on_line, sign_in
from tests.desk.conftest import Desk
from tests.textmodules.conftest import written

pytestmark = [pytest.mark.slow, pytest.mark.browser]
MODULE = "Hello {{contact.first_name}},\n\nwe look after #{{ticket.number}} {{? when}}, in {{? where}}.\n"


class Keys:
    """Somebody at a keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Presses these keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        """Types into what has the focus."""
        self.page.keyboard.type(text)

    def to(self, target: Locator, key: str = "Tab") -> None:
        """Walks by Tab until `target` has the focus; Shift+Tab goes back."""
        expect(target).to_be_visible()
        for _step in range(200):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{target} cannot be reached by {key}")

    def choose(self, target: Locator) -> None:
        """Walks through an open menu until `target` has the focus, and takes it."""
        self.to(target, "ArrowDown")
        self.press("Enter")

    def pick(self, typed: str, option: str) -> None:
        """Finds by typing in the combobox that has the focus, and takes the option with this name."""
        self.type(typed)
        found = self.page.get_by_role("option", name=re.compile(re.escape(option)))
        expect(found.first).to_be_visible()
        expect(found.first).to_have_attribute("aria-selected", "true")
        self.press("Enter")


@pytest.fixture
def morning(desk: Desk) -> dict[str, int]:
    """An old unassigned ticket with a checklist, its duplicate, and one that may not close without a cause."""
    world = desk.world
    later = desk.open_all(["Label printer again", "Backup reports an error"])
    written(desk.browser, "We look after it", MODULE)
    with world.app.test_request_context(), world.rows():
        oldest = session.scalars(select(Ticket).where(Ticket.number == desk.ticket)).one()
        add_checklist(oldest, desk.piet.who(), name="Printer", items=["Self-test", "Ribbon", "Label size"])
        session.scalars(select(Status).where(Status.key == "closed")).one().root_cause = "required"
        cause = RootCause(name="Tape full", position=1)
        session.add(cause)
        session.flush()
        session.add(RootCauseOffer(offered_for="type:incident", cause_id=cause.id))
        session.get_one(Person, desk.jana.id).language = "en"
    return {"oldest": desk.ticket, "duplicate": later[0], "backup": later[1]}


@pytest.fixture
def page(desk: Desk, morning: dict[str, int], chromium: Browser) -> Iterator[Page]:
    """Piet's browser."""
    opened = sign_in(desk, chromium, desk.piet, locale="en-GB")
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.context.close()
    assert complaints == []


def test_a_morning_by_keyboard_alone(desk: Desk, morning: dict[str, int], page: Page, tmp_path: Path) -> None:
    keys = Keys(page)
    page.goto("/tickets")
    on_line(page)
    _takes_the_oldest(keys, morning["oldest"])
    _answers_with_a_module(keys)
    _notes_for_a_colleague(keys)
    _ticks_two(keys)
    _saves_the_time(keys)
    _merges_and_undoes(keys, morning)
    _gives_a_part_away(keys)
    _closes_with_its_cause(keys, morning["backup"])
    _takes_the_list_along(keys, tmp_path)
    _all_is_kept(desk, morning)


def _takes_the_oldest(keys: Keys, oldest: int) -> None:
    page = keys.page
    keys.to(page.get_by_role("link", name=re.compile("^Unassigned")))
    keys.press("Enter")
    expect(page.locator("tr[data-row]")).to_have_count(3)
    last = page.get_by_role("columnheader", name="Last").get_by_role("link")
    keys.to(last)
    keys.press("Enter")  # the oldest first
    expect(page.get_by_role("columnheader", name="Last")).to_have_attribute("aria-sort", "ascending")
    keys.press("j", "Enter")
    page.wait_for_url(f"**/tickets/{oldest}?**")
    on_line(page)
    keys.press("a")
    keys.pick("Piet", "Piet Hagenauer")
    expect(page.locator("#d-assignee > summary")).to_contain_text("Piet Hagenauer")
    expect(page.locator("#timer")).to_have_attribute("data-state", "running")


def _answers_with_a_module(keys: Keys) -> None:
    page = keys.page
    keys.press("r")
    text = page.get_by_label("Message", exact=True)
    expect(text).to_be_focused()
    keys.press("Control+Space")
    keys.pick("look after", "We look after it")
    expect(text).to_have_value(re.compile(r"Hello Jana,\s+we look after #\d+"))
    expect(text).to_be_focused()
    keys.type("this afternoon")  # the first gap is chosen already
    keys.press("Tab")
    keys.type("hall 2")
    keys.to(page.get_by_label("Send and set status"))
    keys.press("Enter")
    keys.choose(page.locator(".split [role=menuitem][value=pending]"))
    expect(page.locator(".msg-mine", has_text="this afternoon")).to_be_visible()
    expect(page.locator(".ticket-title .pill")).to_have_text("Pending")


def _notes_for_a_colleague(keys: Keys) -> None:
    page = keys.page
    keys.press("n")
    text = page.get_by_label("Message", exact=True)
    expect(text).to_be_focused()
    keys.type("Spare head is here ")
    keys.press("@")
    keys.pick("Ayl", "Aylin Demirsoy")
    expect(page.locator("[data-recipients=mentions] .chip")).to_contain_text("Aylin Demirsoy")
    keys.to(text, "Shift+Tab")
    keys.press("Control+Enter")
    expect(page.locator(".msg-note", has_text="Spare head is here")).to_be_visible()
    keys.press("Escape")


def _ticks_two(keys: Keys) -> None:
    for name in ("Self-test", "Ribbon"):
        box = keys.page.get_by_role("checkbox", name=name)
        keys.to(box)
        keys.press("Space")
        expect(box).to_be_checked()
    expect(keys.page.locator(".checklist-head .n")).to_have_text("2/3")


def _saves_the_time(keys: Keys) -> None:
    page = keys.page
    keys.press("t")
    expect(page.locator("#time-dialog input[name=minutes]")).to_be_focused()
    keys.type("12")
    keys.to(page.locator("#time-dialog textarea[name=text]"))
    keys.type("Head checked")
    keys.to(page.get_by_role("button", name="Save and stop"))
    keys.press("Enter")
    expect(page.locator("#time-dialog")).to_be_hidden()
    expect(page.locator("#rail-time")).to_contain_text("Head checked")
    expect(page.locator("#timer")).not_to_have_attribute("data-state", "running")


def _merges_and_undoes(keys: Keys, morning: dict[str, int]) -> None:
    page = keys.page
    page.goto(f"/tickets/{morning['duplicate']}")
    on_line(page)
    keys.press("m")
    keys.choose(page.get_by_role("menuitem", name="Merge into…"))
    keys.to(page.get_by_role("dialog").get_by_role("combobox"))
    keys.pick(str(morning["oldest"]), "Etikettendrucker")
    keys.to(page.get_by_role("dialog").get_by_role("button", name="Merge", exact=True))
    keys.press("Enter")
    page.wait_for_url(f"**/tickets/{morning['oldest']}?merged=*")
    on_line(page)
    expect(page.locator(".msg", has_text="Label printer again: bitte ansehen")).to_have_count(1)
    undo = page.locator(".ticket > .notice").get_by_role("button", name="Undo")
    keys.to(undo)
    keys.press("Enter")
    expect(page.get_by_text(f"#{morning['duplicate']} is a ticket of its own again.")).to_be_visible()
    expect(page.locator(".msg", has_text="Label printer again: bitte ansehen")).to_have_count(0)


def _gives_a_part_away(keys: Keys) -> None:
    page = keys.page
    keys.to(page.get_by_role("button", name="New sub-ticket"))
    keys.press("Enter")
    expect(page.locator("#subticket-slot").get_by_label("Title")).to_be_focused()
    keys.type("Order a spare head")
    keys.to(page.locator("#f-subticket-assignee"))
    keys.pick("Ayl", "Aylin Demirsoy")
    keys.to(page.get_by_role("button", name="Make sub-ticket"))
    keys.press("Enter")
    expect(page.locator("#rail-subtickets")).to_contain_text("Order a spare head")


def _closes_with_its_cause(keys: Keys, number: int) -> None:
    page = keys.page
    page.goto(f"/tickets/{number}")
    on_line(page)
    keys.press("s")
    keys.choose(page.locator("#d-status [role=menuitemradio][value=closed]"))
    refused = page.locator("dd", has=page.locator("#d-status")).locator("[data-error]")
    expect(refused).to_contain_text("root cause", ignore_case=True)
    expect(page.locator(".ticket-title .pill")).not_to_have_text("Closed")
    keys.to(page.locator("#d-root_cause > summary"))
    keys.press("Enter")
    keys.choose(page.locator("#d-root_cause").get_by_text("Tape full"))
    expect(page.locator("#d-root_cause > summary")).to_contain_text("Tape full")
    keys.press("s")
    keys.choose(page.locator("#d-status [role=menuitemradio][value=closed]"))
    expect(page.locator(".ticket-title .pill")).to_have_text("Closed")


def _takes_the_list_along(keys: Keys, folder: Path) -> None:
    page = keys.page
    keys.press("Escape")
    page.wait_for_url("**/tickets?**")
    on_line(page)
    keys.to(page.get_by_label("Download", exact=True).first)
    keys.press("Enter")
    with page.expect_download() as coming:
        keys.choose(page.get_by_role("menuitem", name="As XLSX"))
    coming.value.save_as(folder / "list.xlsx")
    assert (folder / "list.xlsx").read_bytes()[:2] == b"PK"


def _all_is_kept(desk: Desk, morning: dict[str, int]) -> None:
    with desk.world.rows():
        tickets = {one.number: one for one in session.scalars(select(Ticket))}
        oldest = tickets[morning["oldest"]]
        assert oldest.assignee_id == desk.piet.id
        assert [one.minutes for one in session.scalars(select(TimeEntry))] == [12]
        assert tickets[morning["backup"]].closed
        assert not tickets[morning["duplicate"]].closed
        part = next(one for one in tickets.values() if one.parent_id == oldest.id)
        assert (part.subject, part.assignee_id) == ("Order a spare head", desk.aylin.id)
        said = session.scalars(select(Message).where(Message.ticket_id == oldest.id, Message.by_staff)).all()
        assert any("this afternoon" in one.text for one in said)
        assert any(one.text.startswith("Spare head is here @Aylin") for one in said)
