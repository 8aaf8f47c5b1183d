"""Text modules in a real browser: chosen, filled, the gaps jumped through, nothing sent before its time."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from backend.db import session
from backend.tickets.models import Message, Ticket
from tests.accessibility import violations
from tests.desk.conftest import Desk
from tests.textmodules.conftest import desk, rich, selected, signed_in, written

__all__ = ["desk", "rich", "signed_in"]
pytestmark = [pytest.mark.slow, pytest.mark.browser]
TEXT = "Hello {{contact.salutation}},\n\nwe come on {{? day}} and bring {{? what}}. Fax: {{technician.phone}}"


@pytest.fixture
def page(rich: Desk, signed_in: Page) -> Page:
    """Piet's browser; he has a few modules."""
    written(rich.browser, "Visit with <b>gaps</b>", TEXT, shortcut=";visit", category="Visits")
    written(rich.browser, "Thanks", "Thank you, {{contact.first_name}}.", words="gratitude")
    written(rich.browser, "Inside", "Checked by {{me.name}}: {{? result}}", kind="note")
    said = "{{contact.name}} of {{customer.name}} says: {{? what}} in {{? room}}"
    written(rich.browser, "Call", said, kind="new-ticket")
    return signed_in


def _begin(page: Page, text: Locator) -> None:
    """Into the text, as soon as what text modules need is there."""
    with page.expect_response(re.compile("text_marks")):
        text.click()  # waits until it is shown: what is not shown takes no focus


def _messages(desk: Desk) -> list[str]:
    with desk.world.rows():
        return [row.text for row in session.query(Message).filter_by(by_staff=True).order_by(Message.id)]


def test_a_reply_by_keyboard(rich: Desk, page: Page, tmp_path: Path) -> None:
    page.goto(f"/tickets/{rich.ticket}")
    text, picker = page.locator("form.composer textarea"), page.get_by_role("combobox", name="Find a text module")
    _begin(page, text)
    text.press_sequentially("Moin. ")
    page.keyboard.press("Control+Space")
    expect(picker).to_be_focused()
    expect(page.get_by_role("option")).to_have_count(2)
    page.screenshot(path=tmp_path / "picker.png")
    assert violations(page) == []
    picker.press_sequentially("visits")
    expect(page.get_by_role("option")).to_have_count(1)
    expect(page.get_by_role("option")).to_contain_text("Visit with <b>gaps</b>")
    page.keyboard.press("Enter")
    expect(text).to_have_value(re.compile("^Moin. Hello Ms Wiedekind,\n\nwe come on ⟨day⟩ and bring ⟨what⟩. Fax: "))
    expect(text).to_be_focused()
    assert selected(page) == "⟨day⟩"
    expect(page.locator("form.composer .marks .gap")).to_have_count(2)
    expect(page.locator("form.composer .marks .filled")).to_have_count(2)
    page.screenshot(path=tmp_path / "gaps.png")
    page.keyboard.press("Tab")
    assert selected(page) == "⟨what⟩"
    page.keyboard.press("Shift+Tab")
    assert selected(page) == "⟨day⟩"
    page.keyboard.type("Monday")
    before = _messages(rich)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Something is still to be filled in: ⟨what⟩")).to_be_visible()
    expect(text).to_be_focused()
    assert selected(page) == "⟨what⟩"
    assert violations(page) == []
    assert _messages(rich) == before
    page.keyboard.type("a new head")
    expect(page.get_by_text("Something is still to be filled in")).to_be_hidden()
    page.keyboard.press("Tab")
    expect(text).not_to_be_focused()
    text.press("Control+Enter")
    expect(text).to_have_value("")
    expect(page.locator("form.composer .marks")).to_have_count(0)
    assert _messages(rich)[-1] == (
        "Moin. Hello Ms Wiedekind,\n\nwe come on Monday and bring a new head. Fax: +49 40 5550 2017"
    )


def test_a_shortcut_becomes_its_text_and_undo_takes_it_back(rich: Desk, page: Page) -> None:
    page.goto(f"/tickets/{rich.ticket}")
    text = page.locator("form.composer textarea")
    _begin(page, text)
    text.press_sequentially("Hi ;visit ")
    expect(text).to_have_value(re.compile("^Hi Hello Ms Wiedekind"))
    page.keyboard.press("Control+z")
    expect(text).to_have_value("Hi ;visit ")
    text.press("End")  # a browser that takes back what replaced a selection selects it again
    text.press_sequentially("and ;nothing ")
    expect(text).to_have_value("Hi ;visit and ;nothing ")


def test_a_note_has_its_own_and_a_draft_keeps_its_gap(rich: Desk, page: Page) -> None:
    page.goto(f"/tickets/{rich.ticket}")
    composer = page.locator("form.composer")
    composer.locator("label", has_text="Note").click()
    composer.get_by_label("Text module", exact=True).click()
    expect(page.get_by_role("option")).to_have_count(1)
    page.get_by_role("option", name=re.compile("Inside")).click()
    text = composer.locator("textarea")
    expect(text).to_have_value("Checked by Piet Hagenauer: ⟨result⟩")
    expect(page.locator("[data-draft-state]")).to_have_text("Draft kept")
    before = _messages(rich)
    composer.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Something is still to be filled in: ⟨result⟩")).to_be_visible()
    page.goto("/tickets")
    page.goto(f"/tickets/{rich.ticket}")
    expect(text).to_have_value("Checked by Piet Hagenauer: ⟨result⟩")
    expect(composer.locator(".marks .gap")).to_have_count(1)
    composer.get_by_role("button", name="To fill in").click()
    assert selected(page) == "⟨result⟩"
    assert _messages(rich) == before


def test_on_a_phone_the_hint_leads_from_gap_to_gap(rich: Desk, page: Page, tmp_path: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"/tickets/{rich.ticket}")
    composer = page.locator("form.composer")
    composer.get_by_label("Text module", exact=True).click()
    page.get_by_role("option", name=re.compile("Visit")).wait_for()
    page.screenshot(path=tmp_path / "phone-picker.png")
    page.get_by_role("option", name=re.compile("Visit")).click()
    expect(composer.locator("textarea")).to_have_value(re.compile("⟨day⟩"))
    page.screenshot(path=tmp_path / "phone.png")
    assert composer.evaluate("form => form.scrollWidth <= form.clientWidth")
    left = composer.get_by_role("button", name="To fill in")
    for gap in ("⟨what⟩", "⟨day⟩"):
        left.click()
        assert selected(page) == gap
    assert violations(page) == []


def test_a_new_ticket_during_a_call(rich: Desk, page: Page, tmp_path: Path) -> None:
    page.goto("/tickets/new")
    contact = page.get_by_role("combobox", name="Contact")
    expect(contact).to_be_focused()
    contact.press_sequentially("jana")
    expect(page.get_by_role("option", name=re.compile("Jana"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Customer")).to_have_value("Möbelwerk Tressow GmbH")
    page.get_by_label("Title").fill("Printer again")
    page.get_by_label("Category").fill("Printers")
    text = page.get_by_label("What is it about?")
    text.press("Control+Space")
    page.get_by_role("option", name=re.compile("Call")).click()
    expect(text).to_have_value("Jana Wiedekind of Möbelwerk Tressow GmbH says: ⟨what⟩ in ⟨room⟩")
    page.keyboard.type("it blinks")
    page.keyboard.press("Tab")
    assert selected(page) == "⟨room⟩"
    page.screenshot(path=tmp_path / "new.png", full_page=True)
    assert violations(page) == []
    page.locator("label", has_text="Mail to the customer").click()
    text.press("Control+Enter")
    expect(page.get_by_text("before this goes out as a mail: ⟨room⟩")).to_be_visible()
    page.locator("label", has_text="Call").first.click()
    text.press("Control+Enter")
    page.wait_for_url(re.compile(r"/tickets/1\d+$"))
    assert _messages(rich)[-1] == "Jana Wiedekind of Möbelwerk Tressow GmbH says: it blinks in ⟨room⟩"


def test_somebody_new_is_written_down_on_the_spot(rich: Desk, page: Page) -> None:
    page.goto("/tickets/new")
    page.get_by_role("combobox", name="Contact").press_sequentially("Torben Lasch")
    page.get_by_text("Press Enter to add somebody new.").wait_for()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", name="Customer")).to_be_focused()
    name = page.get_by_label("Name", exact=True)
    expect(name).to_have_value("Torben Lasch")
    page.get_by_label("Telephone").fill("+49 30 5550 1299")
    customer = page.get_by_role("combobox", name="Customer")
    customer.press_sequentially("Tressow")
    page.get_by_role("option", name=re.compile("Tressow")).click()
    page.get_by_label("Title").fill("First call")
    page.get_by_label("Category").fill("Printers")
    page.get_by_label("What is it about?").fill("Blinks")
    page.get_by_role("button", name="Create ticket").click()
    page.wait_for_url(re.compile(r"/tickets/1\d+$"))
    with rich.world.rows():
        newest = session.query(Ticket).order_by(Ticket.id.desc()).first()
        assert newest is not None
        assert newest.contact_id is not None
    expect(page.locator("#rail-contact")).to_contain_text("Torben Lasch")


@pytest.mark.parametrize("theme", [pytest.param("light", marks=pytest.mark.soak), "dark"])
def test_the_page_of_modules(rich: Desk, page: Page, tmp_path: Path, theme: str) -> None:
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    page.goto("/text-modules")
    expect(page.locator(".tm-row")).to_have_count(4)
    page.screenshot(path=tmp_path / "list.png")
    assert violations(page) == []
    page.get_by_role("link", name="New text module").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("On our way")
    text = page.get_by_role("textbox", name="Text", exact=True)
    text.fill("Hello ")
    page.get_by_role("button", name="Salutation and name").click()
    expect(text).to_have_value("Hello {{contact.salutation}}")
    expect(page.locator(".tm-preview .filled")).to_have_text("Ms Wiedekind")
    text.press("End")
    page.get_by_role("button", name="to be filled in", exact=True).click()
    page.keyboard.type("when")
    expect(text).to_have_value("Hello {{contact.salutation}}{{? when}}")
    expect(page.locator(".tm-preview .gap")).to_have_text("⟨when⟩")
    page.screenshot(path=tmp_path / "form.png", full_page=True)
    assert violations(page) == []
    text.press("End")
    text.press_sequentially("{{fax}}")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("There is no placeholder {{fax}}.")).to_be_visible()
    text.fill("On our way")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".tm-row")).to_have_count(5)
    page.get_by_role("button", name="Delete On our way").click()
    expect(page.locator(".tm-row")).to_have_count(4)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".tm-row")).to_have_count(5)
    page.get_by_role("searchbox", name="Find a text module").fill("gratitude")
    page.keyboard.press("Enter")
    expect(page.locator(".tm-row")).to_have_count(1)
