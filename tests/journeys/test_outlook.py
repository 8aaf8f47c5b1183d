"""A technician opens an e-mail: who wrote, what they ordered, one click to a ticket, answer, and the answer to that."""

import random
import re
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.installation import Installation
from tests.waiting import eventually, patient
from tests.world import JANA, mail

pytestmark = [pytest.mark.slow, pytest.mark.browser]
PIET = "piet.hagenauer@nordlicht-it.example"
SECONDS_TO_APPEAR = 2.0


def _pane(page: Page) -> FrameLocator:
    return page.frame_locator("#pane")


def _choose(page: Page, subject: str) -> None:
    page.locator("#rows a", has_text=subject).first.click()


def _picture(shown: Page | Locator, name: str, folder: Path | None) -> None:
    if folder is not None:
        folder.mkdir(exist_ok=True, parents=True)
        shown.screenshot(animations="disabled", path=folder / f"{name}.png")


def _picture_of_the_desk(page: Page, name: str, folder: Path | None) -> None:
    """In light and in dark: the desk looks as the system does."""
    _picture(page, name, folder)
    if folder is not None:
        page.emulate_media(color_scheme="dark")
        expect(page.locator("html[data-theme=dark]")).to_be_attached()
        _picture(page, f"{name}-dark", folder)
        page.emulate_media(color_scheme="light")
        expect(page.locator("html[data-theme=light]")).to_be_attached()


def _picture_of_the_pane_in_the_dark(installation: Installation, page: Page, folder: Path) -> None:
    """The pane looks as Outlook does."""
    page.goto(f"{installation.sandbox}/_sandbox/outlook?as={PIET}&theme=dark")
    _choose(page, "Etikettendrucker in Halle 2")
    pane = _pane(page)
    expect(pane.locator("html[data-theme=dark] .mailticket [data-write=reply]")).to_be_visible()
    expect(pane.locator(".order[open] .lines td").first).to_be_visible()
    _picture(page.locator("#pane"), "pane-dark", folder)


def _sent_answer_to(installation: Installation, original: str) -> dict[str, object]:
    """The desk's answer to that mail; it can be taken back for some seconds before it is sent."""
    return eventually(lambda: next((m for m in installation.sent() if m["inReplyTo"] == original), None), seconds=20)


@pytest.mark.soak
def test_the_morning_that_the_documentation_shows(
    installation: Installation, outlook: Page, pictures: Path | None
) -> None:
    pane, frame = _pane(outlook), outlook.locator("#pane")
    _choose(outlook, "Etikettendrucker in Halle 2")
    expect(pane.locator("h1")).to_have_text("Jana Wiedekind")
    expect(pane.locator(".order[open] .lines td").first).to_be_visible()
    expect(outlook.locator("main article iframe")).to_be_visible()
    _picture(outlook, "outlook", pictures)

    pane.locator("[data-new-ticket]").click()
    pane.locator(".mailticket form button").click()
    expect(pane.locator(".mailticket")).to_contain_text("Piet Hagenauer")
    expect(pane.locator(".toast")).to_have_count(0, timeout=25_000)
    pane.locator("h1").click()
    _picture(frame, "pane", pictures)

    pane.locator(".mailticket [data-write=reply]").click()
    text = pane.locator("textarea[name=text]")
    text.fill("Guten Tag Frau Wiedekind,\n\nder Druckkopf ist defekt, ich bringe ihn um 14 Uhr mit.\n\nPiet Hagenauer")
    text.press("Control+Enter")
    sent = _sent_answer_to(installation, "<seed.drucker@moebelwerk-tressow.example>")
    words = "das passt gut. Bitte melden Sie sich an der Pforte, ich hole Sie dort ab."
    answer = f"Guten Tag Herr Hagenauer,\n\n{words}\n\nJana Wiedekind"
    subject = f"AW: {sent['subject']}"
    installation.deliver(mail(subject=subject, text=answer, in_reply_to=str(sent["internetMessageId"])))
    expect(pane.locator(".msg", has_text=words)).to_be_in_viewport(ratio=1)
    _picture(outlook, "answer", pictures)
    _picture(frame, "pane-ticket", pictures)

    outlook.goto(f"{installation.web}/tickets?view=all")
    outlook.locator("main .btn-primary").click()
    outlook.get_by_text("Piet Hagenauer").click()
    outlook.wait_for_url(f"{installation.web}/tickets**")
    expect(outlook.locator("tr[data-row]").first).to_contain_text("Etikettendrucker in Halle 2")
    _picture_of_the_desk(outlook, "desk", pictures)
    outlook.locator("tr[data-row] a.subject").first.click()
    expect(outlook.locator("#timer")).to_have_attribute("data-state", "running")
    expect(outlook.locator(".msg", has_text=words)).to_be_visible()
    _picture_of_the_desk(outlook, "ticket", pictures)
    if pictures is not None:
        _picture_of_the_pane_in_the_dark(installation, outlook, pictures)


@pytest.mark.soak
def test_the_settings_that_the_documentation_shows(
    installation: Installation, outlook: Page, pictures: Path | None
) -> None:
    outlook.goto(f"{installation.web}/settings/statuses")
    outlook.locator("main .btn-primary").click()
    outlook.get_by_text("Marek Ostwald").click()
    outlook.wait_for_url(f"{installation.web}/settings/**")
    expect(outlook.locator(".arranged-row").first).to_be_visible()
    _picture_of_the_desk(outlook, "settings", pictures)


def _came_in(page: Page, address: str, name: str) -> None:
    page.context.clear_cookies()
    page.goto(address)
    page.locator("main .btn-primary").click()
    page.get_by_text(name).first.click()
    page.wait_for_url(f"{address}**")


@pytest.mark.soak
def test_board_and_chat_that_the_documentation_shows(
    installation: Installation, outlook: Page, pictures: Path | None
) -> None:
    """For the pictures alone: both pages have journeys of their own."""
    if pictures is None:
        pytest.skip("no pictures are wanted")
    _came_in(outlook, f"{installation.web}/board", "Lena Brandis")
    expect(outlook.locator("button.ev").first).to_be_visible()
    _picture_of_the_desk(outlook, "board", pictures)
    _came_in(outlook, f"{installation.web}/chats", "Piet Hagenauer")
    outlook.locator("[data-q]").first.click()
    outlook.wait_for_url(re.compile(r"/chats/\d+"))
    expect(outlook.locator("#beside *").first).to_be_attached()
    _picture_of_the_desk(outlook, "chat", pictures)


def test_from_an_email_to_the_customers_answer(installation: Installation, outlook: Page) -> None:
    subject = f"Scanner im Lager {uuid.uuid4().hex[:6]}"
    original = installation.deliver(mail(to=PIET, subject=subject, text="Der Scanner liest keine Etiketten."), PIET)
    pane = _pane(outlook)
    _choose(outlook, subject)
    expect(pane.locator("h1")).to_have_text("Jana Wiedekind")
    expect(pane.locator(".facts")).to_contain_text("Möbelwerk Tressow")
    expect(pane.locator(".order").first).to_be_visible()
    if not pane.locator(".order[open]").count():
        pane.locator(".order summary").first.click()
    expect(pane.locator(".order[open] .lines td").first).to_be_visible()
    expect(pane.locator(".ticketlist .tk").first).to_be_visible()

    pane.locator("[data-new-ticket]").dblclick()
    expect(pane.locator(".mailticket .mt-title")).to_have_text(subject)
    number = pane.locator(".mailticket [data-ticket]").first.get_attribute("data-ticket")
    client = httpx.Client(
        base_url=f"{installation.web}/api/v1", headers={"Authorization": f"Bearer {installation.token()}"}
    )
    found = client.get("/tickets", params={"q": subject.rpartition(" ")[2]}).json()
    assert [str(ticket["number"]) for ticket in _items(found)] == [number]

    pane.locator(".mailticket [data-write=reply]").click()
    text = pane.locator("textarea[name=text]")
    text.fill("Guten Tag Frau Wiedekind,\n\nbitte starten Sie den Scanner neu.\n\nPiet Hagenauer")
    text.press("Control+Enter")
    expect(text).to_have_value("")
    sent = _sent_answer_to(installation, original)
    assert sent["mailbox"] == "service@nordlicht-it.example"
    assert f"[#{number}]" in str(sent["subject"])

    words = f"Jetzt geht es wieder {uuid.uuid4().hex[:6]}"
    answer = mail(subject=f"AW: {sent['subject']}", text=words, in_reply_to=str(sent["internetMessageId"]))
    begun = time.monotonic()
    installation.deliver(answer)
    expect(pane.locator("#ticket-view")).to_contain_text(words, timeout=patient(SECONDS_TO_APPEAR) * 1000)
    assert time.monotonic() - begun < patient(SECONDS_TO_APPEAR + 0.5)
    conversation = _items(client.get(f"/tickets/{number}/messages").json())
    assert [message["author"]["name"] for message in conversation] == [
        "Jana Wiedekind",
        "Piet Hagenauer",
        "Jana Wiedekind",
    ]


def _items(answer: Any) -> list[Any]:
    found: list[Any] = answer if isinstance(answer, list) else answer["items"]
    return found


WATCH = """
(marks) => {
  window.wrong = [];
  const look = () => {
    const item = Office.context.mailbox.item;
    const own = item ? marks[item.from.emailAddress] ?? [] : [];
    const shown = document.body.innerText;
    for (const [address, words] of Object.entries(marks)) {
      for (const word of words) {
        if (!own.includes(word) && shown.includes(word)) wrong.push(`${word} beside ${item?.from?.emailAddress}`);
      }
    }
  };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
  const each = () => { look(); requestAnimationFrame(each); };
  each();
}
"""
SENDERS = {
    JANA: ["Jana Wiedekind", "Möbelwerk Tressow"],
    "svea.grootmann@kanzlei-lindhagen.example": ["Svea Grootmann", "Kanzlei Lindhagen"],
    "elif.mertoglu@moebelwerk-tressow.example": ["Elif Mertoglu", "Möbelwerk Tressow"],
    "buero@quastner.example": ["Bernd Quastner"],
}
NAMES = {address: words[0] for address, words in SENDERS.items()}


def _switch_about(installation: Installation, page: Page, runs: int) -> None:
    mark = uuid.uuid4().hex[:6]
    for address, name in NAMES.items():
        installation.deliver(mail(sender=f"{name} <{address}>", to=PIET, subject=f"{mark} von {address[:4]}"), PIET)
    rows = page.locator("#rows a", has_text=mark)
    expect(rows).to_have_count(len(NAMES))
    rows.first.click()
    pane = _pane(page)
    expect(pane.locator("h1")).to_have_text(re.compile("|".join(NAMES.values())))
    frame = next(f for f in page.frames if "/addin/pane" in f.url)
    frame.evaluate(WATCH, SENDERS)
    dice = random.Random(7)
    for _run in range(runs):
        last = ""
        for _switch in range(50):
            last = dice.choice([address for address in NAMES if address != last])
            page.locator("#rows a", has_text=f"{mark} von {last[:4]}").click(no_wait_after=True)
            page.evaluate("(ms) => new Promise((done) => setTimeout(done, ms))", dice.choice([0, 5, 20, 60, 150, 300]))
        expect(pane.locator("h1")).to_have_text(NAMES[last], timeout=patient(1_000))
        assert frame.evaluate("wrong") == []


def test_no_word_of_another_customer_while_mails_are_switched(installation: Installation, outlook: Page) -> None:
    _switch_about(installation, outlook, runs=1)


@pytest.mark.soak
def test_no_word_of_another_customer_in_twenty_runs(installation: Installation, outlook: Page) -> None:
    _switch_about(installation, outlook, runs=20)
