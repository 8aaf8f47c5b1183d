"""A whole installation as a person starts it, and a browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.installation import Installation, running


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """`deskside demo`, once for all journeys of this process."""
    with running(tmp_path_factory.mktemp("installation")) as there:
        yield there


@pytest.fixture
def outlook(installation: Installation, chromium: Browser) -> Iterator[Page]:
    """Piet's mailbox in the browser, with the pane pinned."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="de-DE", timezone_id="Europe/Berlin")
    page = context.new_page()
    page.goto(f"{installation.sandbox}/_sandbox/outlook?as=piet.hagenauer@nordlicht-it.example")
    page.locator("#rows a").first.wait_for()
    if page.locator("[data-do=deskside]").get_attribute("aria-pressed") != "true":
        page.locator("#rows a").first.click()
        page.locator("[data-do=deskside]").click()
    if page.locator("#pin").get_attribute("aria-pressed") != "true":
        page.locator("#pin").click()
    yield page
    context.close()


@pytest.fixture
def pictures(request: pytest.FixtureRequest) -> Path | None:
    """The folder in which the pictures of the documentation are put (`--pictures`), None when none are wanted."""
    if not request.config.getoption("--pictures", False):
        return None
    return Path(request.config.getoption("--pictures-in") or Path(__file__).parent.parent.parent / "docs" / "pictures")
