"""The components as a person and a screen reader get them, on a page that only this test has."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from flask import Blueprint, Flask, render_template
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from backend import auth, config, errors, i18n, web
from backend.ui import views as ui
from backend.ui.jinja import asset

ROOT = Path(__file__).resolve().parents[2]
STATUSES = [SimpleNamespace(key=k, name=k.title(), kind=k) for k in ("open", "pending", "resolved", "closed")]
SETTINGS = {
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "SECRET_KEY": "x" * 32,
    "TENANT_ID": "11111111-aaaa-4aaa-8aaa-000000000001",
    "CLIENT_ID": "22222222-bbbb-4bbb-8bbb-000000000001",
    "CLIENT_SECRET": "none",
}


def _app() -> Flask:
    config.use(config.load(SETTINGS))
    app = web.Application("backend", static_folder="ui/static", static_url_path="/static")
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    i18n.install(app)
    errors.install(app)
    auth.install(app)
    web.install(app)
    app.register_blueprint(ui.blueprint)
    gallery = Blueprint("gallery", __name__, template_folder="templates")

    @gallery.get("/gallery")
    @auth.open_to("a page of this test")
    def show() -> str:
        return render_template("gallery.html", statuses=STATUSES)

    app.register_blueprint(gallery)
    return app


def test_what_people_write_is_escaped_in_every_component() -> None:
    page = BeautifulSoup(_app().test_client().get("/gallery").text, "lxml")
    assert page.select_one("#f-subject")["value"] == "Printer <b>"  # type: ignore[index]
    assert "Protocol <x>.txt" in page.text
    assert not page.select("x, .msg-body b")


def test_no_component_needs_what_the_content_policy_forbids() -> None:
    text = _app().test_client().get("/gallery").text
    assert not re.search(r"\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text)


def test_static_addresses_may_be_kept_for_good_and_change_with_the_files() -> None:
    client = _app().test_client()
    with client.application.app_context():
        address = asset("css/tokens.css")
    fresh = client.get(address)
    assert fresh.status_code == 200
    assert "immutable" in fresh.headers["Cache-Control"]
    assert client.get("/static/v-000000000000/css/tokens.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/v-1/../jinja.py").status_code == 404


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    server = make_server("localhost", 0, _app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}/gallery"
    server.shutdown()


def _open(chromium: Browser, address: str, theme: str) -> Page:
    page = chromium.new_page(
        color_scheme="dark" if theme == "dark" else "light", contrast="more" if theme == "contrast" else None
    )
    page.goto(address)
    assert page.evaluate("document.documentElement.dataset.theme") == theme
    return page


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_axe_finds_nothing_in_any_theme(gallery: str, chromium: Browser, theme: str) -> None:
    page = _open(chromium, gallery, theme)
    page.evaluate((ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found["violations"]] == []
    page.close()


@pytest.mark.slow
@pytest.mark.browser
def test_a_draft_is_there_after_a_reload(gallery: str, chromium: Browser) -> None:
    page = _open(chromium, gallery, "light")
    page.get_by_label("Message", exact=True).fill("Half a sentence")
    page.get_by_text("Draft kept").wait_for()
    page.reload()
    expect(page.get_by_label("Message", exact=True)).to_have_value("Half a sentence")
    page.close()


@pytest.mark.slow
@pytest.mark.browser
def test_menus_work_by_keyboard(gallery: str, chromium: Browser) -> None:
    page = _open(chromium, gallery, "light")
    page.locator("summary[aria-label='Send and set status']").press("Enter")
    expect(page.locator("button[name=status][value=open]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("button[name=status][value=pending]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("summary[aria-label='Send and set status']")).to_be_focused()
    page.close()
