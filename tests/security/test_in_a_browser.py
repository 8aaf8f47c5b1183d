"""A hostile mail, its files and its names in a real browser, on the desk: nothing of it runs, loads or moves."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Error, Page

from backend import auth
from backend.db import session
from backend.tickets.models import Attachment
from tests.world import World, mail

RUN = "window.__ran=1"
NAME = f"<img src=x onerror={RUN}>"
SCRIPT = f"<script>{RUN}</script>".encode()
FILES = (
    ("bild.svg", "image/svg+xml", f'<svg xmlns="http://www.w3.org/2000/svg"><script>{RUN}</script></svg>'.encode()),
    ("seite.html", "text/html", SCRIPT),
    ("seite.xhtml", "application/xhtml+xml", b'<html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT + b"</html>"),
    ("falsch.png", "image/png", SCRIPT),
    (f'"><svg onload={RUN}>.txt', "text/plain", SCRIPT),
)
BODY = f"""<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/">
<style>*{{display:none}}</style><script>{RUN}</script>
<svg onload="{RUN}"><use href="dAta:image/s	vg+xml;base64,AA"></svg>
<p id="toasts" class="toasts" data-key="x" data-ticket="1" data-opens="help" data-live="tickets"
data-back hx-get="/tickets" hx-trigger="load, mouseover"
hx-on:click="{RUN}" hx-on::load="{RUN}" hx-vals="js:{RUN}" onclick="{RUN}"
style="position:fixed;inset:0;z-index:9999;background:url(https://evil.example/a)"><b>cover</b></p>
<form action="https://evil.example/"><button>send</button></form><iframe srcdoc="{RUN}"></iframe>
<img src=x onerror="{RUN}"><img src="https://evil.example/b.png" width="40" srcset="https://evil.example/c.png 2x">
<a href="jav&#x09;ascript:{RUN}">one</a> <a href="data:text/html,x">two</a> <a href="/tickets/1">three</a>
<math><mtext><table><mglyph><style><!--</style>
<img title="--&gt;&lt;img src=1 onerror={RUN}&gt;"></mglyph></table></math>
<b title='x style="' lang='" onmouseover={RUN} x="'>quote</b><noscript><p title="</noscript><img src=x onerror={RUN}>">
<hx-partial hx-target="#toasts"><img src=x onerror={RUN}></hx-partial>"""


def _hostile(world: World) -> list[int]:
    """Ticket 10001, made of a hostile mail; the ids of its files."""
    sender = f'"{NAME}" <eve@evil.example>'
    world.deliver(mail(sender=sender, subject=f"Rechnung {NAME}", text="cover", html=BODY, files=FILES))
    world.run("mail.sweep")
    world.work()
    with world.rows():
        return list(session.scalars(session.query(Attachment.id).statement))


def _signed_in(world: World, context: Any) -> Page:
    piet = world.staff("Piet Hagenauer")
    with world.rows():
        token = auth.begin_session(piet.id, "browser")
    cookie = {"name": auth.COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True}
    context.add_cookies([{**cookie, "httpOnly": True, "sameSite": "None"}])
    page: Page = context.new_page()
    return page


@pytest.mark.slow
@pytest.mark.browser
def test_a_hostile_mail_does_nothing(world: World, chromium: Browser) -> None:
    attachments = _hostile(world)
    context = chromium.new_context(locale="en-GB")
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = _signed_in(world, context)
    for path in (
        "/tickets/10001",
        "/tickets/10001?tab=activity",
        f"/tickets?view=all&q={NAME}",
        "/tickets?view=all",
    ):
        page.goto(f"{world.settings.url}{path}")
        page.locator("html[data-line=open]").wait_for()
        assert page.evaluate("window.__ran") is None, path
    page.goto(f"{world.settings.url}/tickets/10001")
    for words in ("cover", "one", "two", "three", "quote"):
        page.locator(".msg-html").get_by_text(words, exact=True).click()
    page.keyboard.press("x")
    assert page.url == f"{world.settings.url}/tickets/10001"
    assert page.evaluate("window.__ran") is None
    assert page.locator(".msg-html").locator("form, iframe, script, style, svg, base, [id], [class]").count() == 0
    assert page.locator("#toasts").count() == 1
    for number in attachments:
        assert _does_nothing(context.new_page(), f"{world.settings.url}/attachments/{number}")
    context.close()
    elsewhere = {urlsplit(url).netloc for url in asked} - {urlsplit(world.settings.url).netloc, ""}
    assert elsewhere == set()


def _does_nothing(page: Page, address: str) -> bool:
    """Opens a file by its address: it is saved, or shown without running."""
    try:
        page.goto(address)
    except Error as error:
        return "Download is starting" in error.message
    return page.evaluate("window.__ran") is None
