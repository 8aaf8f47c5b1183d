"""Signing in with a real browser: cookies, redirects and content policies have to fit together."""

import pytest
from playwright.sync_api import Browser, Page

from tests.world import World


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name="Sign in with Microsoft").click()
    page.wait_for_url("**/oauth2/v2.0/authorize**")
    page.get_by_text(name).first.click()


@pytest.mark.slow
@pytest.mark.browser
def test_in_and_out_and_in_again(world: World, chromium: Browser) -> None:
    context = chromium.new_context(locale="en-GB")
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{world.settings.url}/tickets?view=mine")
    assert "/sign-in?next=" in page.url
    choose(page, "Marek Ostwald")
    page.wait_for_url(f"{world.settings.url}/tickets?view=mine")
    assert errors == []
    page.get_by_label("Profile of Marek Ostwald").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/sign-in?out**")
    page.goto(f"{world.settings.url}/tickets")
    assert "/sign-in?next=" in page.url
    choose(page, "Lena Brandis")
    page.wait_for_url(f"{world.settings.url}/tickets")
    assert page.get_by_label("Profile of Lena Brandis").is_visible()
    context.close()
