"""The timer while the server is killed: what it counts is kept, and it is started again by nobody."""

import os
import signal

import httpx
from playwright.sync_api import Browser, expect

from tests.installation import Installation, programs
from tests.waiting import eventually

SERVER = "backend.serve"


def test_the_timer_outlives_the_server(installation: Installation, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="de-DE")
    page = context.new_page()
    page.goto(f"{installation.web}/tickets?view=all")
    page.locator("main .btn-primary").click()
    page.get_by_text("Tomma Kielhorn").click()
    page.wait_for_url(f"{installation.web}/tickets**")
    page.locator("tr[data-row] a.subject").first.click()
    bar = page.locator("#timer")
    expect(bar).to_have_attribute("data-state", "running")
    timer = str(bar.get_attribute("data-timer"))
    expect(page.locator("[data-timer-time]")).to_have_text("00:00:02")

    killed = programs(installation, SERVER)
    assert killed
    for process in killed:
        os.kill(process, signal.SIGKILL)
    eventually(
        lambda: set(programs(installation, SERVER)).isdisjoint(killed) and programs(installation, SERVER), seconds=60
    )
    eventually(lambda: _answers(f"{installation.web}/readyz"), seconds=60)

    token = installation.token()
    state = httpx.get(
        f"{installation.web}/api/v1/timers",
        params={"person": "tomma.kielhorn@nordlicht-it.example"},
        headers={"Authorization": f"Bearer {token}"},
    ).json()
    assert [one["running"] for one in state] == [True]
    page.goto(f"{installation.web}/customers")
    expect(bar).to_have_attribute("data-timer", timer)
    expect(bar).to_have_attribute("data-state", "running")
    shown = int(str(bar.get_attribute("data-seconds")))
    assert state[0]["seconds"] <= shown <= state[0]["seconds"] + 60
    page.get_by_role("button", name="Pause the timer").or_(page.get_by_role("button", name="Zeit anhalten")).click()
    expect(bar).to_have_attribute("data-state", "paused")
    context.close()


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
