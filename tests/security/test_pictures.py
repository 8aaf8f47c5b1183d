"""Pictures of other servers are loaded when somebody asks, for one mail, in a frame in which nothing else is let in."""

import base64
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, expect

from backend import auth
from backend.db import session
from backend.tickets.models import Message
from tests.world import World, mail

pytestmark = pytest.mark.slow
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
HTML = (
    '<p>Unser <b>Angebot</b>: <a href="https://evil.example/login" title="Ihre Bank">www.bank.example</a></p>'
    '<img src="http://bilder.example/logo.png?u=1" width="200" height="80" alt="Logo">'
    '<img src="https://bilder.example/punkt.gif" width="1" height="1"><script>window.__ran=1</script>'
)


@pytest.fixture
def letter(world: World) -> int:
    """A mail with pictures of another server on ticket 10001: the id of its message."""
    world.deliver(mail(sender="Eve <eve@evil.example>", subject="Angebot", text="Unser Angebot", html=HTML))
    world.run("mail.sweep")
    world.work()
    with world.rows():
        return int(session.scalars(session.query(Message.id).statement).one())


@pytest.mark.parametrize("page", ["/tickets/10001", "/addin/tickets/10001"])
def test_a_page_names_no_picture_of_others_but_offers_them(world: World, letter: int, page: str) -> None:
    shown = world.browser(world.staff("Piet Hagenauer")).get(page)
    soup = BeautifulSoup(shown.data, "lxml")
    assert [one.get("src") for one in soup.select(".msg-html img")] == [None]
    assert soup.select_one(f'[data-pictures="/messages/{letter}/pictures"]') is not None
    assert "https:" not in shown.headers["Content-Security-Policy"].partition("img-src")[2].partition(";")[0]
    assert [one.text for one in soup.select(".msg-html .leads")] == ["leads to evil.example"]
    assert soup.select(".msg-html a")[0]["title"] == "evil.example"


@pytest.mark.parametrize("door", ["browser", "pane"])
def test_only_the_frame_lets_pictures_of_others_in_and_nothing_else(world: World, letter: int, door: str) -> None:
    browser = world.browser(world.staff("Piet Hagenauer"), door)
    answer = browser.get(f"/messages/{letter}/pictures?theme=x%22%3E", headers={"Sec-Fetch-Dest": "iframe"})
    policy: dict[str, Any] = {
        name: rest.split()
        for name, _space, rest in (part.strip().partition(" ") for part in
                                   answer.headers["Content-Security-Policy"].split(";"))
    }  # fmt: skip
    assert policy["default-src"] == ["'none'"]
    assert policy["img-src"] == ["'self'", "data:", "https:"]
    assert "allow-scripts" not in policy["sandbox"]
    assert "'self'" in policy["frame-ancestors"]
    assert ("https://outlook.office.com" in policy["frame-ancestors"]) == (door == "pane")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    soup = BeautifulSoup(answer.data, "lxml")
    assert [one["src"] for one in soup.select("img")] == ["https://bilder.example/logo.png?u=1"]
    assert [one["referrerpolicy"] for one in soup.select("img")] == ["no-referrer"]
    assert not soup.select("script")
    assert soup.html is not None
    assert soup.html["data-theme"] == "light"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Dest": "document"}, {"Sec-Fetch-Dest": "image"}])
def test_a_link_to_the_frame_asks_for_nothing(world: World, letter: int, headers: dict[str, str]) -> None:
    browser = world.browser(world.staff("Piet Hagenauer"))
    assert browser.get(f"/messages/{letter}/pictures", headers=headers).status_code == 404


@pytest.mark.browser
def test_pictures_come_when_they_are_asked_for(world: World, letter: int, chromium: Browser) -> None:
    context = chromium.new_context(locale="en-GB")
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    context.route("https://bilder.example/**", lambda route: route.fulfill(body=PNG, content_type="image/png"))
    piet = world.staff("Piet Hagenauer")
    with world.rows():
        token = auth.begin_session(piet.id, "browser")
    cookie: Any = {"name": auth.COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True}
    context.add_cookies([cookie | {"httpOnly": True, "sameSite": "None"}])
    page = context.new_page()
    page.goto(f"{world.settings.url}/tickets/10001")
    page.get_by_role("button", name="Load pictures").wait_for()
    assert not [url for url in asked if "bilder.example" in url]
    page.get_by_role("button", name="Load pictures").click()
    frame = page.frame_locator(".msg-frame")
    expect(frame.get_by_text("Angebot")).to_be_visible()
    assert frame.get_by_alt_text("Logo").evaluate("image => image.complete && image.naturalWidth") == 1
    assert [url for url in asked if "bilder.example" in url] == ["https://bilder.example/logo.png?u=1"]
    expect(page.locator(".msg-html")).to_have_count(1)
    expect(page.locator(".msg-html")).to_be_hidden()
    tall = frame.locator("html").evaluate("page => page.offsetHeight")
    assert page.locator(".msg-frame").bounding_box()["height"] == pytest.approx(tall, abs=2)  # type: ignore[index]
    context.close()
