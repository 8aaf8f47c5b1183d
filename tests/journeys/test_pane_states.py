"""The pane in each of its states, themes and widths: nothing for axe to find, nothing wider than the pane."""

import re
import uuid

import pytest
from playwright.sync_api import Browser, Frame, FrameLocator, Page, expect

from tests.accessibility import violations
from tests.installation import Installation
from tests.waiting import patient
from tests.world import JANA, mail

pytestmark = [pytest.mark.slow, pytest.mark.browser]
PIET = "piet.hagenauer@nordlicht-it.example"
STRANGER = "Inge Neumann <inge@nirgendwo.example>"
COLLEAGUE = "Lena Brandis <lena.brandis@nordlicht-it.example>"


def _frame(page: Page) -> Frame:
    return next(frame for frame in page.frames if "/addin/pane" in frame.url)


_CUT_OFF = """[...document.querySelectorAll(".item *")].filter((one) => one.checkVisibility() &&
  one.textContent.trim() && !one.closest(".sr") && (one.closest(".cut") ?? one) === one &&
  one.getBoundingClientRect().right > innerWidth + 1)
  .map((one) => one.textContent.trim().slice(0, 60))"""


def _fits(frame: Frame) -> None:
    wide, room = frame.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= room, f"{wide} px in {room} px"
    cut_off = frame.evaluate(_CUT_OFF)
    assert cut_off == [], "what reaches beyond the pane cannot be read"


def _right(page: Page) -> None:
    frame = _frame(page)
    _fits(frame)
    assert violations(frame) == []


def _open(installation: Installation, browser: Browser, theme: str, pane: int) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="de-DE").new_page()
    page.goto(f"{installation.sandbox}/_sandbox/outlook?as={PIET}&theme={theme}&pinned=1&latency=0")
    page.locator("#rows a").first.wait_for()
    grip = page.locator("#grip")
    grip.focus()
    for _step in range(abs(pane - 340) // 20):
        grip.press("ArrowLeft" if pane > 340 else "ArrowRight")
    return page


@pytest.mark.parametrize(
    ("theme", "width"),
    [
        pytest.param("light", 340, marks=pytest.mark.soak),
        ("dark", 320),
        pytest.param("contrast", 600, marks=pytest.mark.soak),
    ],
)
def test_each_state(installation: Installation, chromium: Browser, theme: str, width: int) -> None:
    mark = uuid.uuid4().hex[:6]
    installation.deliver(mail(to=PIET, subject=f"{mark} known"), PIET)
    installation.deliver(mail(sender=STRANGER, to=PIET, subject=f"{mark} unknown"), PIET)
    installation.deliver(mail(sender=COLLEAGUE, to=PIET, subject=f"{mark} colleague"), PIET)
    page = _open(installation, chromium, theme, width)
    pane = page.frame_locator("#pane")
    root = pane.locator("html")

    page.locator("#rows a", has_text=f"{mark} unknown").click()
    expect(pane.locator("h1")).to_have_text("Inge Neumann")
    expect(root).to_have_attribute("data-theme", theme)
    _right(page)
    search = pane.get_by_role("combobox")
    search.fill("tressow")
    expect(pane.get_by_role("option").first).to_be_visible()
    _right(page)
    search.press("Escape")
    pane.locator(".new-customer summary").click()
    _right(page)

    page.locator("#rows a", has_text=f"{mark} colleague").click()
    expect(pane.locator("h1")).to_have_text("Lena Brandis")
    _right(page)

    page.locator("#rows a", has_text=f"{mark} known").click()
    expect(pane.locator("h1")).to_have_text("Jana Wiedekind")
    _right(page)
    pane.locator("[data-new-ticket]").click()
    pane.locator(".mailticket [data-write=note]").click()
    expect(pane.locator("textarea[name=text]")).to_be_focused()
    _right(page)
    pane.locator("#pt-tab-details").click()
    expect(pane.locator("#pt-details")).to_be_visible()
    _right(page)
    pane.locator("[data-back]").click()
    expect(pane.locator(".mailticket")).to_be_visible()
    page.context.close()


def test_an_unknown_sender_is_remembered(installation: Installation, outlook: Page) -> None:
    address = f"{uuid.uuid4().hex[:8]}@anders.example"
    for number in (1, 2):
        installation.deliver(mail(sender=f"Rolf Anders <{address}>", to=PIET, subject=f"{address} {number}"), PIET)
    pane = outlook.frame_locator("#pane")
    outlook.locator("#rows a", has_text=f"{address} 1").click()
    expect(pane.locator("h1")).to_have_text("Rolf Anders")
    expect(pane.locator(".order")).to_have_count(0)
    pane.get_by_role("combobox").fill("Tressow")
    pane.get_by_role("option").first.click()
    expect(pane.locator(".facts")).to_contain_text("Möbelwerk Tressow")
    expect(pane.locator(".order").first).to_be_visible()
    outlook.locator("#rows a", has_text=f"{address} 2").click()
    expect(pane.locator(".facts")).to_contain_text("Möbelwerk Tressow")


def test_no_item_and_an_empty_moment_between_two(installation: Installation, chromium: Browser) -> None:
    page = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="de-DE").new_page()
    page.goto(f"{installation.sandbox}/_sandbox/outlook?as={PIET}&pinned=1&between=null&latency=100")
    pane = page.frame_locator("#pane")
    expect(pane.locator(".empty")).to_be_visible(timeout=patient(15_000))
    assert violations(_frame(page)) == []
    installation.deliver(mail(to=PIET, subject="zuletzt"), PIET)
    page.locator("#rows a", has_text="zuletzt").first.click()
    expect(pane.locator("h1")).to_have_text("Jana Wiedekind")
    expect(pane.locator(".facts")).to_contain_text("Tressow")
    page.context.close()


def test_what_was_typed_for_one_mail_is_there_when_one_comes_back(installation: Installation, outlook: Page) -> None:
    mark = uuid.uuid4().hex[:6]
    for name, sender in (("eins", f"Jana Wiedekind <{JANA}>"), ("zwei", COLLEAGUE)):
        installation.deliver(mail(sender=sender, to=PIET, subject=f"{mark} {name}"), PIET)
    pane = outlook.frame_locator("#pane")
    outlook.locator("#rows a", has_text=f"{mark} eins").click()
    pane.locator("[data-new-ticket]").click()
    pane.locator("[data-write=reply]").click()
    pane.locator("textarea[name=text]").fill("Angefangen")
    outlook.locator("#rows a", has_text=f"{mark} zwei").click()
    expect(pane.locator("h1").first).to_have_text("Lena Brandis")  # the ticket before has a heading too
    outlook.locator("#rows a", has_text=f"{mark} eins").click()
    pane.locator("[data-write=reply]").click()
    expect(pane.locator("textarea[name=text]")).to_have_value("Angefangen")


def _ticket_of(installation: Installation, page: Page, subject: str) -> FrameLocator:
    installation.deliver(mail(to=PIET, subject=subject, text="Zeile\n\n" * 30), PIET)
    page.locator("#rows a", has_text=subject).click()
    pane = page.frame_locator("#pane")
    pane.locator("[data-new-ticket]").click()
    expect(pane.locator(".mailticket .mt-title")).to_have_text(subject)
    return pane


def test_what_was_begun_as_a_reply_comes_back_as_a_note_where_a_note_was_asked_for(
    installation: Installation, outlook: Page
) -> None:
    pane = _ticket_of(installation, outlook, f"Notiz {uuid.uuid4().hex[:6]}")
    text, kept = pane.locator("textarea[name=text]"), pane.locator("[data-draft-state]")
    pane.locator("[data-write=reply]").click()
    text.fill("Für den Kunden")
    expect(kept).not_to_be_empty()
    pane.locator("[data-back]").click()
    pane.locator("[data-write=note]").click()
    expect(text).to_have_value("Für den Kunden")
    expect(pane.locator("input[name=kind][value=note]")).to_be_checked()
    text.fill("Nur für uns")
    text.press("Control+Enter")
    expect(pane.locator(".msg-note", has_text="Nur für uns")).to_be_visible()
    expect(pane.locator(".msg-mine")).to_have_count(0)


def test_own_words_come_into_view_and_the_way_back_stays(installation: Installation, outlook: Page) -> None:
    pane = _ticket_of(installation, outlook, f"Lang {uuid.uuid4().hex[:6]}")
    pane.locator("[data-write=note]").click()
    expect(pane.locator("[data-back]")).to_be_in_viewport(ratio=1)
    pane.locator("textarea[name=text]").fill("Ganz unten")
    pane.locator("textarea[name=text]").press("Control+Enter")
    expect(pane.locator(".msg-note .msg-body", has_text="Ganz unten")).to_be_in_viewport(ratio=1)
    pane.locator("[data-back]").click()
    expect(pane.locator(".mailticket .mt-title")).to_be_focused()


def test_the_details_stay_open_while_properties_are_changed(installation: Installation, outlook: Page) -> None:
    pane = _ticket_of(installation, outlook, f"Felder {uuid.uuid4().hex[:6]}")
    pane.locator(".mt-title").click()
    pane.locator("#pt-tab-details").click()
    for name in ("priority", "impact"):
        pane.locator(f"#d-{name} summary").click()
        pane.locator(f"#d-{name} [aria-checked=false]").first.click()
        expect(pane.locator(f"#d-{name} [aria-checked=true]")).to_have_attribute("value", re.compile("critical|group"))
        expect(pane.locator("#pt-details")).to_be_visible()
        expect(pane.locator("#pt-talk")).to_be_hidden()


def test_a_ticket_is_taken_with_one_click(installation: Installation, outlook: Page) -> None:
    pane = _ticket_of(installation, outlook, f"Meins {uuid.uuid4().hex[:6]}")
    pane.locator(".mailticket form button").click()
    expect(pane.locator(".mailticket")).to_contain_text("Piet Hagenauer")
    expect(pane.locator(".mailticket form")).to_have_count(0)


def test_the_wrong_customer_is_put_right(installation: Installation, outlook: Page) -> None:
    address = f"{uuid.uuid4().hex[:8]}@moebelwerk-tressow.example"
    installation.deliver(mail(sender=f"Ida Fichte <{address}>", to=PIET, subject=f"{address} 1"), PIET)
    outlook.locator("#rows a", has_text=address).click()
    pane = outlook.frame_locator("#pane")
    pane.locator(".suggestion").click()
    expect(pane.locator(".facts")).to_contain_text("Möbelwerk Tressow")
    pane.locator(".pane-who summary").click()
    expect(pane.get_by_role("menuitem").last).to_be_in_viewport(ratio=1)
    pane.get_by_role("menuitem").last.click()
    expect(pane.get_by_role("option")).to_have_count(6)  # whom to choose stands there before anything is typed
    pane.get_by_role("combobox").fill("Lindhagen")
    pane.get_by_role("combobox").press("Enter")  # before the list has followed the words
    expect(pane.locator(".facts")).to_contain_text("Kanzlei Lindhagen")


def test_when_the_line_is_back_the_pane_fills_by_itself(installation: Installation, outlook: Page) -> None:
    mark = uuid.uuid4().hex[:6]
    installation.deliver(mail(to=PIET, subject=f"{mark} weg"), PIET)
    outlook.route("**/addin/item?**", lambda route: route.abort())
    outlook.locator("#rows a", has_text=f"{mark} weg").click()
    pane = outlook.frame_locator("#pane")
    expect(pane.locator("[data-again]")).to_be_visible()
    outlook.unroute("**/addin/item?**")
    expect(pane.locator("h1")).to_have_text("Jana Wiedekind", timeout=patient(10_000))
