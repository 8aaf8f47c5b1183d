"""The desk in a real browser: by keyboard, live, with errors, and as a screen reader finds it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from backend import auth
from backend.db import session
from backend.orders.actions import put_order
from backend.people.models import Customer, Person
from backend.ui.assets import NODE_MODULES
from tests.desk.conftest import Desk, desk
from tests.waiting import patient

__all__ = ["desk"]
pytestmark = [pytest.mark.slow, pytest.mark.browser]

AXE = NODE_MODULES / "axe-core" / "axe.min.js"
HEAVIEST = 150_000  # bytes of own and vendored files a page may bring along


def _cookie(desk: Desk, person: Person) -> dict[str, Any]:
    with desk.world.rows():
        token = auth.begin_session(person.id, "browser")
    return {
        "name": auth.COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True,
        "sameSite": "None",
    }  # fmt: skip


def sign_in(desk: Desk, chromium: Browser, person: Person, **options: Any) -> Page:
    """A page of a browser in which `person` is signed in; what it complains about is kept in `page.complaints`."""
    context = chromium.new_context(base_url=desk.world.settings.url, viewport={"width": 1440, "height": 900}, **options)
    context.add_cookies([_cookie(desk, person)])  # type: ignore[list-item]
    page = context.new_page()
    page.set_default_timeout(patient(10_000))
    return page


@pytest.fixture
def page(desk: Desk, chromium: Browser) -> Iterator[Page]:
    """Piet's browser. Whatever the console complains about fails the test."""
    opened = sign_in(desk, chromium, desk.piet)
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield opened
    opened.context.close()
    # What the tests break on purpose; 401: signs of life after the sign-in has ended.
    expected = ("ERR_FAILED", "Failed to fetch", "422", "401", "ERR_INCOMPLETE")
    assert [line for line in complaints if not any(word in line for word in expected)] == []


def on_line(page: Page) -> None:
    """Waits until the page hears what changes."""
    expect(page.locator("html[data-line=open]")).to_be_attached()


def find_violations(page: Page) -> list[tuple[str, list[str]]]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [(v["id"], [n["html"][:200] for n in v["nodes"]][:3]) for v in found["violations"]]


def test_typing_on_after_a_key_reaches_what_the_key_opens(desk: Desk, page: Page) -> None:
    """After a, a name typed at once is searched for; after t, 15 is minutes; however slow the line."""
    page.goto(f"/tickets/{desk.ticket}")
    on_line(page)
    page.evaluate("""for (const key of "aPiet")
        if (document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})))
            document.execCommand("insertText", false, key)""")
    expect(page.locator("#d-assignee [role=combobox]")).to_have_value("Piet")
    expect(page.get_by_role("option", name="Piet Hagenauer").first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")

    held: list[Route] = []
    page.route("**/time/new**", lambda route: held.append(route))
    with page.expect_request("**/time/new**"):
        page.keyboard.type("t15")
    page.keyboard.type("n")
    held[0].continue_()
    expect(page.locator("#time-dialog input[name=minutes]")).to_have_value("15n")  # in place of what was counted


@pytest.mark.parametrize("theme", [pytest.param("light", marks=pytest.mark.soak), "dark"])
def test_axe_finds_nothing_on_any_page(desk: Desk, chromium: Browser, theme: Any) -> None:
    with desk.world.rows():
        customer = session.get_one(Customer, desk.customer.id)
        lines = [{"position": 1, "description": "Notebook", "quantity": 2, "price": 5}]
        papers = [{"name": "Bestätigung.pdf", "content_type": "application/pdf", "content": b"%PDF"}]
        put_order("A-1", customer=customer, ordered_on=customer.created_at.date(), lines=lines, documents=papers)
    page = sign_in(desk, chromium, desk.piet, color_scheme=theme)
    found = {}
    for path in (
        "/tickets?view=all", "/tickets?view=all&q=nirgends", "/tickets?view=waiting", f"/tickets/{desk.ticket}",
        f"/tickets/{desk.ticket}?tab=activity", "/tickets/new", "/tickets/99999", "/orders", "/orders/A-1",
        "/customers",
        "/customers/K1", "/customers/K1/edit", "/customers/K1/contacts/new", f"/contacts/{desk.jana.id}",
    ):  # fmt: skip
        page.goto(path)
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        violations = find_violations(page)
        if violations:
            found[path] = violations
    assert found == {}
    page.goto(f"/tickets/{desk.ticket}")
    for menu in ("#d-status summary", ".me summary"):
        page.locator(menu).click()
        assert find_violations(page) == []
        page.keyboard.press("Escape")
    page.context.close()


def test_a_ticket_is_answered_by_keyboard_alone(desk: Desk, page: Page) -> None:
    second = desk.open("Zweites")
    page.goto("/tickets?view=all")
    page.keyboard.press("j")
    expect(page.locator(f"#t{second} a")).to_be_focused()
    page.keyboard.press("j")
    expect(page.locator(f"#t{desk.ticket} a")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Etikettendrucker in Halle 2")
    on_line(page)
    page.keyboard.press("n")
    expect(page.get_by_label("Message", exact=True)).to_be_focused()
    page.keyboard.type("Nur für uns")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".msg-note", has_text="Nur für uns")).to_be_visible()
    expect(page.get_by_label("Message", exact=True)).to_have_value("")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("Wir kommen am Donnerstag.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".msg-mine", has_text="Wir kommen am Donnerstag.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.get_by_role("option").first).to_contain_text("Piet Hagenauer")  # oneself first
    page.keyboard.press("Enter")
    expect(page.locator("#d-assignee summary")).to_contain_text("Piet Hagenauer")
    expect(page.locator("#d-assignee summary")).to_be_focused()
    page.keyboard.press("j")  # the answered one is the newest now, the other stands below it
    expect(page.get_by_role("heading", level=1)).to_have_text("Zweites")
    page.keyboard.press("Escape")
    page.wait_for_url("**/tickets?view=all")
    expect(page.locator("tr.is-here")).to_have_id(f"t{second}")  # who comes back goes on from there
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_what_others_do_appears_while_one_writes(desk: Desk, page: Page) -> None:
    page.goto(f"/tickets/{desk.ticket}")
    on_line(page)
    page.get_by_label("Message", exact=True).fill("Ein halber Satz")
    aylin = desk.world.browser(desk.aylin)
    aylin.post(f"/tickets/{desk.ticket}/messages", data={"kind": "note", "text": "Ich fahre hin"})
    expect(page.locator(".msg-note", has_text="Ich fahre hin")).to_be_visible(timeout=patient(2_000))
    aylin.post(f"/tickets/{desk.ticket}/priority", data={"value": "critical"})
    expect(page.locator("#d-priority summary")).to_contain_text("Critical", timeout=patient(2_000))
    expect(page.get_by_label("Message", exact=True)).to_have_value("Ein halber Satz")


def test_the_list_follows_what_happens(desk: Desk, page: Page) -> None:
    page.goto("/tickets?view=all")
    on_line(page)
    number = desk.open("Gerade gekommen")
    expect(page.locator(f"#t{number}")).to_be_visible(timeout=patient(4_000))


def test_a_draft_survives_reload_and_the_end_of_the_sign_in(desk: Desk, page: Page) -> None:
    page.goto(f"/tickets/{desk.ticket}")
    page.get_by_label("Message", exact=True).fill("Lang und mühsam")
    expect(page.get_by_text("Draft kept")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Message", exact=True)).to_have_value("Lang und mühsam")
    page.locator(".me summary").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/sign-in**")
    page.context.add_cookies([_cookie(desk, desk.piet)])  # type: ignore[list-item]
    page.goto(f"/tickets/{desk.ticket}")
    expect(page.get_by_label("Message", exact=True)).to_have_value("Lang und mühsam")


def test_a_property_is_changed_and_taken_back_by_the_toast(desk: Desk, page: Page) -> None:
    page.goto(f"/tickets/{desk.ticket}")
    page.locator("#d-status summary").click()
    page.get_by_role("menuitemradio", name="Resolved").click()
    expect(page.locator(".ticket-title .pill")).to_have_text("Resolved")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".ticket-title .pill")).to_have_text("Open")
    page.locator("#d-contact summary").click()
    page.get_by_role("combobox", name="Contact").fill("jana")
    page.get_by_role("option", name="Jana Wiedekind").click()
    expect(page.locator("#d-contact summary")).to_contain_text("Jana Wiedekind")


def test_a_broken_line_loses_no_text_and_sends_nothing_twice(desk: Desk, page: Page) -> None:
    page.goto(f"/tickets/{desk.ticket}")
    page.route("**/messages", lambda route: route.abort())
    page.get_by_label("Message", exact=True).fill("Wichtig")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".composer [data-error]")).to_contain_text("No connection")
    expect(page.get_by_label("Message", exact=True)).to_have_value("Wichtig")
    page.unroute("**/messages")
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.locator(".msg-mine", has_text="Wichtig")).to_have_count(1)
    expect(page.locator(".composer [data-error]")).to_be_hidden()


def test_a_recipient_is_typed_faster_than_the_list_follows(desk: Desk, page: Page) -> None:
    page.goto(f"/tickets/{desk.ticket}")
    cc = page.get_by_role("combobox", name="Add Cc")
    cc.focus()
    expect(page.get_by_role("option").first).to_be_visible()
    cc.press_sequentially("lager@anderswo.example")
    cc.press("Enter")
    expect(page.locator("[data-recipients=cc] .chip").last).to_have_text("lager@anderswo.example")
    cc.press_sequentially("Aylin")
    cc.press("Enter")
    expect(page.locator("[data-recipients=cc] .chip").last).to_have_text("Aylin Demirsoy")


def test_a_form_says_at_each_field_what_is_wrong(desk: Desk, page: Page) -> None:
    page.goto("/tickets/new")
    page.get_by_label("Title").fill("Anruf")
    page.get_by_label("Category").fill("Hardware")
    page.get_by_label("What is it about?").fill("Die Maus klemmt.")
    page.get_by_role("button", name="Create ticket").click()
    expect(page.get_by_text("Choose the customer.")).to_be_visible()
    expect(page.get_by_role("combobox", name="Customer")).to_be_focused()
    page.get_by_role("combobox", name="Customer").fill("tress")
    page.get_by_role("option", name="Möbelwerk Tressow GmbH").click()
    page.get_by_role("combobox", name="Contact").press("ArrowDown")
    page.get_by_role("option", name="Jana Wiedekind").click()
    page.get_by_role("button", name="Create ticket").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anruf")


def test_resting_on_a_title_shows_its_newest_message(desk: Desk, page: Page) -> None:
    page.goto("/tickets?view=all")
    page.locator(f"#t{desk.ticket} a").hover()
    expect(page.locator("#preview")).to_contain_text("Kopf prüfen")
    page.keyboard.press("Escape")
    expect(page.locator("#preview")).to_be_hidden()


def test_pages_are_light_and_nothing_jumps(desk: Desk, page: Page) -> None:
    weights: dict[str, int] = {}
    page.on(
        "response",
        lambda answer: weights.update({answer.url: len(answer.body())}) if "/static/" in answer.url else None,
    )
    page.add_init_script(
        "window.shifts = 0;"
        "new PerformanceObserver((list) => { for (const shift of list.getEntries()) window.shifts += shift.value; })"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    for path in ("/tickets?view=all", f"/tickets/{desk.ticket}", "/customers/K1", "/chats", "/board"):
        weights.clear()
        page.goto("about:blank")
        page.goto(path, wait_until="load")
        assert page.evaluate("window.shifts") < 0.01, path
        assert 0 < sum(weights.values()) <= HEAVIEST, path
