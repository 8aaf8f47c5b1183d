"""The desk as a personal tab in Teams: signed in by the host, framed by Microsoft's pages alone, and left in peace."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import func, select

from backend import auth
from backend.auth import SignIn
from backend.db import session
from tests.accessibility import violations
from tests.world import Browser as Client
from tests.world import World

PIET = "piet.hagenauer@nordlicht-it.example"


def exchange(world: World, browser: Client, door: str) -> str:
    """Signs Piet in at `door`; the cookie's value."""
    answer = browser.post(
        f"/session?door={door}",
        headers={"Authorization": f"Bearer {world.access_token(PIET)}", "X-CSRF-Token": ""},
    )
    assert answer.status_code == 200, answer.text
    cookie = browser.get_cookie(auth.COOKIE, domain="localhost")
    assert cookie is not None
    assert (answer.json or {})["csrf"] == auth.csrf_token(cookie.value)
    return cookie.value


def test_pages_stand_in_teams_only_for_who_came_in_there(world: World) -> None:
    framed, plain = world.browser(), world.browser(world.staff("Piet Hagenauer"))
    exchange(world, framed, "tab")
    assert "https://teams.microsoft.com" in framed.get("/tickets").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in plain.get("/tickets").headers["Content-Security-Policy"]
    assert "https://teams.microsoft.com" in world.browser().get("/tab").headers["Content-Security-Policy"]


def test_microsofts_scripts_run_where_the_host_is_spoken_to_alone(world: World) -> None:
    """A page of the desk in a frame needs the frame, not the scripts of other hosts."""
    framed = world.browser()
    exchange(world, framed, "tab")
    policy = framed.get("/tickets").headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    for page in ("/tab", "/addin/pane"):
        assert "https://*.office.net" in world.browser().get(page).headers["Content-Security-Policy"]


def test_who_is_signed_in_here_goes_on_at_once(world: World) -> None:
    browser = world.browser()
    assert browser.get("/tab").status_code == 200
    exchange(world, browser, "tab")
    assert browser.get("/tab?next=/orders").headers["Location"] == "/orders"
    assert browser.get("/tab?next=//evil.example").headers["Location"] == "/tickets"
    # A session of the browser itself is another jar in Teams; if it is there all the same, its pages may not be framed.
    assert world.browser(world.staff("Aylin Demirsoy")).get("/tab").status_code == 200


def test_a_page_in_a_frame_leads_to_the_tab(world: World) -> None:
    asked = {"Accept": "text/html", "Sec-Fetch-Dest": "iframe"}
    assert world.browser().get("/orders", headers=asked).headers["Location"] == "/tab?next=%2Forders"


def test_pane_and_tab_share_a_session_while_it_is_young(world: World) -> None:
    browser = world.browser()
    first = exchange(world, browser, "tab")
    assert exchange(world, browser, "pane") == first
    world.pass_time(timedelta(hours=7))
    assert exchange(world, browser, "pane") != first
    with world.rows():
        assert session.scalar(select(func.count()).select_from(SignIn).where(SignIn.ended_at.is_(None))) == 1


@pytest.mark.slow
@pytest.mark.browser
def test_the_desk_opens_in_teams_without_a_word(world: World, chromium: Browser) -> None:
    world.staff("Piet Hagenauer")
    page = chromium.new_page(viewport={"width": 1500, "height": 860})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"{world.settings.sandbox_url}/_sandbox/teams?as={PIET}&theme=dark")
    page.get_by_role("button", name=re.compile("Deskside as a personal tab")).click()
    desk = page.frame_locator("iframe.tm-tab")
    expect(desk.get_by_role("link", name="Customers")).to_be_visible()
    expect(desk.locator("html")).to_have_attribute("data-theme", "dark")
    desk.get_by_role("link", name="Customers").click()
    expect(desk.get_by_role("heading", level=1)).to_be_visible()
    assert wrong == []
    page.close()


@pytest.mark.slow
@pytest.mark.browser
def test_outside_of_teams_the_tab_says_so(world: World, chromium: Browser) -> None:
    page = chromium.new_page(viewport={"width": 420, "height": 700})
    page.add_init_script(
        "window.setTimeout = ((real) => (run, ms) => real(run, ms > 9000 ? 50 : ms))(window.setTimeout)"
    )
    page.goto(f"{world.settings.url}/tab")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_focused()
    assert violations(page) == []
    page.close()
