"""The administrators' page on mailboxes: what it says, what it asks for, and how it looks to a screen reader."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect
from sqlalchemy import select

from backend import auth, clock
from backend.db import session
from backend.mail import trouble
from backend.mail.models import InboundMail, Mailbox, OutboundMail
from backend.pace import Pace
from backend.people.models import Person
from tests.accessibility import violations
from tests.world import SALES, SERVICE, Browser, World, mail

pytestmark = pytest.mark.slow
PAGE = "/settings/mailboxes"


def page(browser: Browser) -> BeautifulSoup:
    answer = browser.get(PAGE)
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "lxml")


def part(world: World, browser: Browser, address: str) -> tuple[int, str]:
    """The mailbox's id, and what the page says of it."""
    with world.rows():
        box_id = session.scalars(select(Mailbox.id).where(Mailbox.address == address)).one()
    found = page(browser).select_one(f"#mailbox-{box_id}")
    assert found is not None
    return box_id, " ".join(found.get_text(" ").split())


@pytest.fixture
def admin(world: World) -> Person:
    person = world.staff("Marek Ostwald")
    with world.rows():
        session.get_one(Person, person.id).language = "en"
    return person


def test_before_any_worker_has_run_it_says_so(world: World, admin: Person) -> None:
    text = page(world.browser(admin)).text
    assert "No worker is running" in text
    assert f"Deskside has not looked into {SERVICE} yet" in text


def test_it_says_how_each_mailbox_fares(world: World, admin: Person) -> None:
    browser = world.browser(admin)
    world.deliver(mail(subject="Drucker"))
    for job in ("mail.sweep", "mail.subscribe", "mail.check_all", "mail.reconcile"):
        world.run(job)
        world.work()
    _, text = part(world, browser, SERVICE)
    for words in ("In order", trouble.READS, trouble.SENDS, trouble.TOLD, trouble.COPY, trouble.SHARED, "in 3 days"):
        assert words in text
    with world.rows():
        now, box = clock.now(), session.scalars(select(Mailbox).where(Mailbox.address == SERVICE)).one()
        unread = InboundMail(mailbox_id=box.id, internet_message_id="<x>", content_hash="x", subject="<b>Gift</b>")
        unread.outcome, unread.kind, unread.received_at, unread.taken_in_at, unread.original = (
            "failed",
            "",
            now,
            now,
            "x",
        )
        session.add(unread)
        rest = Pace(address=SALES, paused_until=now + timedelta(minutes=9), throttled_times=7)
        rest.throttled_on = clock.local(now, world.settings.timezone).date()
        session.merge(rest)
    answer = world.sandbox.post(f"/_sandbox/mailboxes/{SERVICE}", json={"state": "denied"})
    assert answer.is_success
    world.run("mail.fetch", mailbox_id=box.id)
    _, text = part(world, browser, SERVICE)
    for words in ("Does not work", trouble.MAY_NOT_READ, "since", "1 mail <b>Gift</b>"):
        assert words in text
    _, text = part(world, browser, SALES)
    for words in ("Needs a look", "asks for a pause", "7 requests"):
        assert words in text


def test_mails_taken_over_from_elsewhere_are_not_missed_in_sent_items(world: World, admin: Person) -> None:
    world.run("mail.sweep")
    world.work()
    with world.rows():
        box = session.scalars(select(Mailbox).where(Mailbox.address == SERVICE)).one()
        long_ago = clock.now() - timedelta(days=3)
        session.add(
            OutboundMail(
                mailbox_id=box.id, purpose="reply", to=[{"name": "", "address": "a@b.ex"}], subject="Alt", text="x",
                state="sent", created_at=long_ago, sent_at=long_ago,
            )
        )  # fmt: skip
    world.run("mail.check_all")
    world.work()
    _, text = part(world, world.browser(admin), SERVICE)
    assert trouble.NO_COPY not in text
    assert trouble.NOTHING_SENT in text


def test_each_mend_asks_for_its_job_and_what_comes_of_it_is_shown(world: World, admin: Person) -> None:
    world.run("mail.sweep")
    world.work()
    browser = world.browser(admin)
    box_id, text = part(world, browser, SERVICE)
    assert "Not checked yet" in text
    world.deliver(mail(subject="Drucker"))
    for what in ("look", "check", "renew", "read", "test", "test"):
        answer = browser.post(f"{PAGE}/{box_id}/{what}")
        assert answer.status_code == 200, what
        assert answer.headers["HX-Trigger"]
    busy = page(browser).select(f"#mailbox-{box_id} button[aria-busy=true]")
    assert [one.text.strip() for one in busy] == [
        "Look now", "Check now", "Renew the subscription", "Read the whole Inbox again",
    ]  # fmt: skip
    world.work()
    assert not page(browser).select(f"#mailbox-{box_id} [aria-busy]")
    _, text = part(world, browser, SERVICE)
    for words in ("In order", trouble.TOLD, "Last mail received today", "Last read in full today"):
        assert words in text
    tests = [one for one in world.sent() if one["subject"].startswith("Test mail from")]
    assert [one["mailbox"] for one in tests] == [SERVICE, SERVICE]
    assert browser.post(f"{PAGE}/{box_id}/nothing").status_code == 404
    assert browser.post(f"{PAGE}/99999/look").status_code == 404


def test_a_mailbox_of_a_persons_own_is_nobodys_to_mend(world: World, admin: Person) -> None:
    with world.rows():
        own = Mailbox(address="piet.hagenauer@nordlicht-it.example", import_mode="hand")
        session.add(own)
    assert world.browser(admin).post(f"{PAGE}/{own.id}/look").status_code == 404
    assert own.address not in page(world.browser(admin)).text


@pytest.mark.browser
def test_many_mailboxes_in_a_browser_by_screen_reader_and_live(world: World, admin: Person, chromium: Chromium) -> None:
    world.run("mail.sweep")
    world.work()
    with world.rows():
        for number in range(12):
            fine = Mailbox(address=f"team{number}@nordlicht-it.example", name=f"Team {number}", import_mode="ticket")
            fine.fetched_at = fine.checked_at = clock.now()
            fine.findings = [{"look": "ok", "says": trouble.READS}]
            session.add(fine)
        token = auth.begin_session(admin.id, "browser")
        box_id = session.scalars(select(Mailbox.id).where(Mailbox.address == SERVICE)).one()
    context = chromium.new_context(base_url=world.settings.url, viewport={"width": 1280, "height": 900})
    context.add_cookies([{
        "name": auth.COOKIE, "value": token, "domain": "localhost", "path": "/", "secure": True, "httpOnly": True,
        "sameSite": "None",
    }])  # fmt: skip
    opened = context.new_page()
    opened.goto(PAGE)
    expect(opened.locator("html[data-line=open]")).to_be_attached()
    expect(opened.locator("details.mailbox")).to_have_count(14)
    expect(opened.locator("details.mailbox[open]")).to_have_count(2)
    assert violations(opened) == []
    opened.locator("details.mailbox").last.locator("summary").press("Enter")
    # The button is busy before the server has heard of it: only after the answer there is something to work on.
    with opened.expect_response(lambda answer: answer.request.method == "POST") as answer:
        opened.locator(f"#mailbox-{box_id}").get_by_role("button", name="Check now").click()
        expect(opened.locator(f"#mailbox-{box_id} button[aria-busy=true]")).to_have_text("Check now")
    assert answer.value.ok
    expect(opened.locator("details.mailbox")).to_have_count(14)
    world.work()
    expect(opened.locator(f"#mailbox-{box_id}")).to_contain_text(trouble.SENDS)
    expect(opened.locator("details.mailbox[open]")).to_have_count(3)
    for scheme, width in (("dark", 320), ("light", 1920)):
        opened.set_viewport_size({"width": width, "height": 900})
        opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        opened.reload()
        assert violations(opened) == []
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
