"""The mailbox in the browser, with a small page of another site in the pane's place that notes what Office tells it."""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from flask import Flask, Response, send_file
from playwright.sync_api import Browser, FrameLocator, Page, expect

from backend.sandbox.app import create_sandbox, end
from backend.sandbox.people import API_SCOPE, CLIENT_ID, HOME_TENANT
from backend.ui.assets import NODE_MODULES
from tests.waiting import patient
from tests.world import JANA, SERVICE, Door

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PIET = "piet.hagenauer@nordlicht-it.example"
MSAL = NODE_MODULES / "@azure" / "msal-browser" / "lib" / "msal-browser.min.js"

PANE = """<!doctype html><html lang="en"><title>Pane</title><script src="{sandbox}/_sandbox/office.js"></script>
<script src="/msal.js"></script><script src="/pane.js" defer></script><main><h1>Pane</h1>
<ol id="items"></ol><p id="body"></p><p id="theme"></p><p id="host"></p></main></html>"""

# Notes every item Office names, in order, and what it says about the present one.
PANE_SCRIPT = """
const $ = (id) => document.getElementById(id);
function look() {
  const item = Office.context.mailbox.item;
  const line = document.createElement("li");
  line.textContent = item ? item.subject : "no item";
  $("items").append(line);
  if (item) item.body.getAsync("text", (result) => {
    const still = Office.context.mailbox.item?.itemId === item.itemId;
    if (still) $("body").textContent = result.value || result.error.message;
  });
}
const theme = () => { $("theme").textContent = String(Office.context.officeTheme.isDarkTheme); };
Office.onReady((info) => {
  $("host").textContent = String(info.host);
  if (!info.host) return;
  Office.context.mailbox.addHandlerAsync(Office.EventType.ItemChanged, look);
  Office.context.mailbox.addHandlerAsync(Office.EventType.OfficeThemeChanged, theme);
  look();
  theme();
});
window.office = (method, ...args) => new Promise((done) => Office.context.mailbox.item[method](...args, done));
"""


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Addresses of the sandbox and of the pane's site."""
    sandbox, pane = Door("127.0.0.1"), Door("localhost")
    app = Flask("pane")
    app.add_url_rule("/addin/pane", "pane", lambda: PANE.format(sandbox=sandbox.url))
    app.add_url_rule("/pane.js", "script", lambda: Response(PANE_SCRIPT, mimetype="text/javascript"))
    app.add_url_rule("/msal.js", "msal", lambda: send_file(MSAL) if MSAL.is_file() else ("", 404))
    pane.app = app
    sandbox.app = create_sandbox(tmp_path_factory.mktemp("sandbox"), public_url=sandbox.url, deskside_url=pane.url)
    yield sandbox.url, pane.url
    end(sandbox.app)
    sandbox.close()
    pane.close()


@pytest.fixture
def sandbox(sites: tuple[str, str]) -> Iterator[httpx.Client]:
    """The sandbox as at the start."""
    with httpx.Client(base_url=sites[0], timeout=30) as client:
        client.post("/_sandbox/reset").raise_for_status()
        yield client


@pytest.fixture
def page(chromium: Browser, sandbox: httpx.Client) -> Iterator[Page]:
    """A window without a past; a script error in the page itself fails the test."""
    window = chromium.new_page(viewport={"width": 1440, "height": 900}, base_url=str(sandbox.base_url))
    wrong: list[str] = []
    window.on("pageerror", lambda error: wrong.append(str(error)))
    window.set_default_timeout(patient(10_000))
    yield window
    window.close()
    assert wrong == []


def deliver(
    sandbox: httpx.Client,
    to: str = PIET,
    subject: str = "Drucker",
    text: str = "Guten Tag,\n\nder Drucker druckt nicht mehr.",
    html: str | None = None,
    files: Iterable[tuple[str, str, bytes]] = (),
) -> str:
    """A mail of Jana's arrives, with files (name, content type, content); returns its internetMessageId."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = f"Jana Wiedekind <{JANA}>", to, subject
    letter["Date"], letter["Message-ID"] = format_datetime(datetime.now(UTC)), make_msgid(domain="mail.example")
    letter.set_content(text)
    if html is not None:
        letter.add_alternative(html, subtype="html")
    for name, content_type, content in files:
        main, _, sub = content_type.partition("/")
        letter.add_attachment(content, maintype=main, subtype=sub, filename=name)
    answer = sandbox.post("/_sandbox/mail", params={"to": to}, content=letter.as_bytes())
    assert answer.status_code == 201, answer.text
    return str(answer.json()["internetMessageId"])


def mailbox(page: Page, person: str = PIET, **settings: str) -> FrameLocator:
    """Opens a mailbox and waits for its list; returns the pane."""
    more = "".join(f"&{name}={quote(value)}" for name, value in settings.items())
    page.goto(f"/_sandbox/outlook?as={person}&latency=0-40{more}")
    expect(page.locator("#rows").locator(".ol-mail, .empty").first).to_be_visible()
    return page.frame_locator("#pane")


def choose(page: Page, subject: str) -> None:
    """Clicks a mail and waits until it is the selected one."""
    row = page.locator(".ol-mail", has_text=subject)
    row.click()
    expect(row).to_have_attribute("aria-current", "true")


def in_pane(page: Page, script: str) -> Any:
    """Runs a script in the pane's page."""
    frame = next(frame for frame in page.frames if "/addin/pane" in frame.url)
    return frame.evaluate(script)


def test_asks_whose_mailbox(page: Page) -> None:
    page.goto("/_sandbox/outlook")
    page.get_by_role("link", name="Jana Wiedekind").click()
    expect(page).to_have_title("Mail, Jana Wiedekind")
    expect(page.get_by_role("button", name="Deskside")).to_be_hidden()


def test_pane_hears_of_each_selected_mail(page: Page, sandbox: httpx.Client) -> None:
    first = deliver(sandbox, subject="Probe Etikettendrucker", text="Er druckt leere Seiten.")
    deliver(sandbox, subject="Probe mit zweiter Frage", text="Und der andere?")
    pane = mailbox(page)
    items = pane.locator("#items li")
    expect(items).to_have_text(["no item"])
    choose(page, "Probe Etikettendrucker")
    expect(items).to_have_text(["no item", "Probe Etikettendrucker"])
    expect(pane.locator("#body")).to_have_text("Er druckt leere Seiten.")
    assert in_pane(page, "Office.context.mailbox.item.internetMessageId") == first
    choose(page, "Probe mit zweiter Frage")
    page.keyboard.press("Escape")
    expect(items).to_have_text(["no item", "Probe Etikettendrucker", "Probe mit zweiter Frage", "no item"])


def test_a_gap_between_two_mails_is_heard_when_asked_for(page: Page, sandbox: httpx.Client) -> None:
    deliver(sandbox, subject="Probe eins")
    deliver(sandbox, subject="Probe zwei")
    pane = mailbox(page, between="null")
    choose(page, "Probe eins")
    choose(page, "Probe zwei")
    expect(pane.locator("#items li")).to_have_text(["no item", "Probe eins", "no item", "Probe zwei"])


def test_item_gives_headers_file_and_attachment(page: Page, sandbox: httpx.Client) -> None:
    known = deliver(
        sandbox, subject="AW: Probe Lieferschein", files=[("Lieferschein.txt", "text/plain", b"12 Notebooks")]
    )
    mailbox(page)
    choose(page, "Probe Lieferschein")
    assert in_pane(page, "Office.context.mailbox.item.normalizedSubject") == "Probe Lieferschein"
    headers = in_pane(page, "office('getAllInternetHeadersAsync')")
    assert f"message-id: {known}".lower() in headers["value"].lower()
    raw = base64.b64decode(in_pane(page, "office('getAsFileAsync')")["value"])
    assert known.encode() in raw
    assert b"Lieferschein.txt" in raw
    name, part = in_pane(page, "(({name, id}) => [name, id])(Office.context.mailbox.item.attachments[0])")
    content = in_pane(page, f"office('getAttachmentContentAsync', {json.dumps(part)})")
    assert name == "Lieferschein.txt"
    assert base64.b64decode(content["value"]["content"]) == b"12 Notebooks"


def test_an_older_host_lacks_newer_methods(page: Page, sandbox: httpx.Client) -> None:
    deliver(sandbox, subject="Probe eins")
    mailbox(page, mailbox="1.7")
    choose(page, "Probe eins")
    assert in_pane(page, "Office.context.requirements.isSetSupported('Mailbox', '1.8')") is False
    assert in_pane(page, "typeof Office.context.mailbox.item.getAsFileAsync") == "undefined"


def test_unpinned_pane_goes_with_its_mail(page: Page, sandbox: httpx.Client) -> None:
    deliver(sandbox, subject="Probe eins")
    deliver(sandbox, subject="Probe zwei")
    mailbox(page)
    choose(page, "Probe eins")
    page.get_by_role("button", name="Pin").click()
    expect(page.locator("#pane")).to_be_visible()
    choose(page, "Probe zwei")
    expect(page.locator("#pane")).to_have_count(0)
    page.get_by_role("button", name="Deskside").click()
    expect(page.frame_locator("#pane").locator("#items li")).to_have_text(["Probe zwei"])


def test_theme_reaches_the_pane(page: Page) -> None:
    pane = mailbox(page, theme="light")
    expect(pane.locator("#theme")).to_have_text("false")
    page.get_by_role("button", name="Settings").click()
    page.get_by_label("Theme").select_option("dark")
    expect(pane.locator("#theme")).to_have_text("true")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_plain_browser_has_no_host_and_no_bridge(page: Page, sites: tuple[str, str]) -> None:
    page.goto(f"{sites[1]}/addin/pane")
    expect(page.locator("#host")).to_have_text("null")
    assert page.evaluate("typeof window.nestedAppAuthBridge") == "undefined"


def test_another_window_around_the_pane_hears_nothing(page: Page, sites: tuple[str, str]) -> None:
    page.goto(f"{sites[1]}/addin/pane")
    page.set_content(f'<iframe src="{sites[1]}/addin/pane"></iframe>')
    page.evaluate("() => { window.heard = []; addEventListener('message', (event) => heard.push(event.data)); }")
    # After three seconds without an answer the page learns that nobody it may speak to is there.
    expect(page.frame_locator("iframe").locator("#host")).to_have_text("null")
    assert page.evaluate("window.heard") == []


def _claims(token: str) -> Any:
    middle = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))


SIGN_IN = """async ([clientId, tenant, scope]) => {
  const auth = { clientId, authority: `https://login.microsoftonline.com/${tenant}` };
  const app = await msal.createNestablePublicClientApplication({ auth });
  const wanted = { scopes: [scope] };
  let refused = null;
  const answer = await app.acquireTokenSilent(wanted).catch((error) => {
    refused = error.name;
    return app.acquireTokenPopup(wanted);
  });
  return { refused, token: answer.accessToken, user: answer.account.username, id: answer.account.homeAccountId };
}"""


@pytest.mark.skipif(not MSAL.is_file(), reason="msal-browser has not been fetched")
def test_msal_gets_a_token_through_the_bridge_alone(page: Page) -> None:
    elsewhere: list[str] = []
    page.on("request", lambda asked: elsewhere.append(asked.url) if "microsoftonline" in asked.url else None)
    pane = mailbox(page)
    expect(pane.locator("#host")).to_have_text("Outlook")
    frame = next(frame for frame in page.frames if "/addin/pane" in frame.url)
    got = frame.evaluate(SIGN_IN, [CLIENT_ID, HOME_TENANT, API_SCOPE])
    claims = _claims(got["token"])
    assert (claims["aud"], claims["scp"], claims["tid"]) == (CLIENT_ID, "access_as_user", HOME_TENANT)
    assert got["refused"] is None
    assert got["user"] == claims["preferred_username"] == PIET
    assert got["id"] == f"{claims['oid']}.{HOME_TENANT}"
    assert elsewhere == []


@pytest.mark.skipif(not MSAL.is_file(), reason="msal-browser has not been fetched")
def test_msal_is_told_when_a_person_must_agree(page: Page) -> None:
    pane = mailbox(page, signin="ask")
    expect(pane.locator("#host")).to_have_text("Outlook")
    frame = next(frame for frame in page.frames if "/addin/pane" in frame.url)
    frame.evaluate(f"(given) => {{ window.signedIn = ({SIGN_IN})(given); }}", [CLIENT_ID, HOME_TENANT, API_SCOPE])
    page.get_by_role("dialog").get_by_role("button", name="Accept").click()
    got = frame.evaluate("window.signedIn")
    assert (got["refused"], got["user"]) == ("InteractionRequiredAuthError", PIET)


def test_mail_and_answer_travel_between_two_mailboxes(page: Page, chromium: Browser, sandbox: httpx.Client) -> None:
    deliver(sandbox, to=JANA, subject="Probe vorhanden")
    other = chromium.new_page(base_url=str(sandbox.base_url))
    mailbox(other, JANA)
    mailbox(page)
    page.keyboard.press("n")
    page.get_by_label("To", exact=True).fill(f"Jana Wiedekind <{JANA}>")
    page.get_by_label("Subject").fill("Termin am Donnerstag")
    page.get_by_role("textbox", name="Message").fill("Guten Tag,\n\npasst Ihnen 10 Uhr?")
    page.keyboard.press("Control+Enter")
    arrived = other.locator(".ol-mail", has_text="Termin am Donnerstag")
    expect(arrived).to_be_visible()
    choose(other, "Termin am Donnerstag")
    expect(other.frame_locator(".ol-html").locator("body")).to_contain_text("passt Ihnen 10 Uhr?")
    other.keyboard.press("r")
    expect(other.get_by_label("To", exact=True)).to_have_value(f"Piet Hagenauer <{PIET}>")
    other.get_by_role("textbox", name="Message").fill("Ja, gern.")
    other.get_by_role("button", name="Send").click()
    expect(page.locator(".ol-mail", has_text="Ja, gern.")).to_be_visible()
    question, reply = sandbox.get("/_sandbox/sent").json()[-2:]
    assert reply["inReplyTo"] == question["internetMessageId"]
    assert reply["from"] == JANA
    assert b"passt Ihnen 10 Uhr?" in sandbox.get(f"/_sandbox/sent/{reply['id']}/mime").content
    other.close()


def test_pane_opens_a_reply_with_its_words(page: Page, sandbox: httpx.Client) -> None:
    deliver(sandbox, to=PIET, subject="Probe mit Frage")
    mailbox(page)
    choose(page, "Probe mit Frage")
    in_pane(page, "office('displayReplyFormAsync', {htmlBody: '<p>Wir kommen um 14 Uhr.</p>'})")
    expect(page.get_by_role("textbox", name="Message")).to_have_value("Wir kommen um 14 Uhr.")


def test_left_reply_lies_in_drafts_and_goes_on_there(page: Page, sandbox: httpx.Client) -> None:
    deliver(sandbox, to=PIET, subject="Probe mit Frage")
    mailbox(page)
    choose(page, "Probe mit Frage")
    page.keyboard.press("r")
    page.get_by_role("textbox", name="Message").fill("Noch nicht fertig")
    page.keyboard.press("Escape")
    expect(page.get_by_role("textbox", name="Message")).to_have_count(0)
    page.get_by_role("link", name="Drafts").click()
    page.locator(".ol-mail", has_text="Noch nicht fertig").click()
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".ol-mail", has_text="Noch nicht fertig")).to_have_count(0)
    assert [sent["to"] for sent in sandbox.get("/_sandbox/sent").json()] == [[JANA]]


HOSTILE = """<html><body onload="top.hit=1"><p>Guten Tag</p><script>top.hit=1</script><img src=x onerror="top.hit=1">
<svg onload="top.hit=1"></svg><iframe srcdoc="<script>top.hit=1</script>"></iframe>
<a href="javascript:top.hit=1" id="trap">hier</a><form action="/_sandbox/reset"><button>x</button></form></body>
</html>"""


def test_a_hostile_mail_does_nothing(page: Page, sandbox: httpx.Client) -> None:
    deliver(sandbox, subject="<img src=x onerror=window.hit=1>", html=HOSTILE,
            files=[("<b onmouseover=hit=1>.svg", "image/svg+xml", b"<svg onload='top.hit=1'/>")])  # fmt: skip
    mailbox(page)
    choose(page, "<img src=x onerror")
    text = page.frame_locator(".ol-html")
    expect(text.locator("p")).to_have_text("Guten Tag")
    text.locator("#trap").click()
    assert text.locator("script, iframe, form, svg, [onerror], [onload]").count() == 0
    with page.expect_download() as download:
        page.locator(".ol-files .file").click()
    assert download.value.suggested_filename.endswith(".svg")
    assert page.evaluate("window.hit") is None


def test_keys_move_through_the_list_and_delete(page: Page, sandbox: httpx.Client) -> None:
    for subject in ("Probe drei", "Probe zwei", "Probe eins"):
        deliver(sandbox, subject=subject)
    mailbox(page)
    page.keyboard.press("j")
    expect(page.locator(".ol-mail[aria-current]")).to_contain_text("Probe eins")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".ol-mail[aria-current]")).to_contain_text("Probe zwei")
    page.keyboard.press("Delete")
    expect(page.locator(".ol-mail[aria-current]")).to_contain_text("Probe drei")
    expect(page.locator(".ol-mail", has_text="Probe zwei")).to_have_count(0)
    page.get_by_role("link", name="Deleted").click()
    expect(page.locator(".ol-mail", has_text="Probe zwei")).to_be_visible()


def test_shared_mailbox_refreshes_by_itself(page: Page, sandbox: httpx.Client) -> None:
    deliver(sandbox, to=SERVICE, subject="Probe vorhanden")
    mailbox(page)
    page.get_by_role("link", name="Service").click()
    expect(page.locator(".ol-mail", has_text="Probe vorhanden")).to_be_visible()
    deliver(sandbox, to=SERVICE, subject="Eben gekommen")
    expect(page.locator(".ol-mail", has_text="Eben gekommen")).to_be_visible()


AXE = NODE_MODULES / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    """What axe finds in the mailbox itself; the pane has tests of its own."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("(tags) => axe.run(document, { iframes: false, runOnly: tags })", RULES)
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found["violations"]]


@pytest.mark.skipif(not AXE.is_file(), reason="axe has not been fetched")
@pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("light", 1024),
        pytest.param("dark", 1440, marks=pytest.mark.soak),
        pytest.param("contrast", 1440, marks=pytest.mark.soak),
    ],
)
def test_everybody_can_use_it(page: Page, sandbox: httpx.Client, theme: str, width: int) -> None:
    deliver(sandbox, subject="Probe eins", files=[("Bild.png", "image/png", b"png")])
    page.set_viewport_size({"width": width, "height": 900})
    mailbox(page, theme=theme)
    assert violations(page) == []
    choose(page, "Probe eins")
    page.keyboard.press("r")
    expect(page.get_by_role("textbox", name="Message")).to_be_focused()
    assert violations(page) == []
    page.get_by_role("button", name="Settings").click()
    assert violations(page) == []


def test_narrow_window_shows_list_or_mail(page: Page, sandbox: httpx.Client) -> None:
    deliver(sandbox, subject="Probe eins")
    page.set_viewport_size({"width": 700, "height": 800})
    mailbox(page)
    row = page.locator(".ol-mail", has_text="Probe eins")
    row.click()
    expect(page.get_by_role("heading", name="Probe eins")).to_be_visible()
    expect(row).to_be_hidden()
    page.get_by_role("button", name="Back to the list").click()
    expect(row).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 700


@pytest.mark.soak
def test_haste_leaves_one_mail_selected_everywhere(page: Page, sandbox: httpx.Client) -> None:
    subjects = [f"Probe {number}" for number in range(1, 7)]
    for subject in subjects:
        deliver(sandbox, subject=subject)
    pane = mailbox(page)
    rows = page.locator(".ol-mail")
    expect(rows.filter(has_text="Probe 6")).to_be_visible()
    for turn in range(30):
        rows.filter(has_text=subjects[turn * 5 % 6]).click()
    last = subjects[29 * 5 % 6]
    expect(page.locator(".ol-mail[aria-current]")).to_contain_text(last)
    expect(page.locator("#read h1")).to_have_text(last)
    expect(pane.locator("#items li").last).to_have_text(last)


def test_pages_are_handed_out_with_care(sandbox: httpx.Client) -> None:
    page = sandbox.get("/_sandbox/outlook", params={"as": PIET})
    assert "script-src 'self';" in page.headers["Content-Security-Policy"]
    assert sandbox.get("/_sandbox/outlook/ui/secret.css").status_code == 404
    script = sandbox.get("/_sandbox/office.js")
    assert script.headers["Content-Type"].startswith("text/javascript")
    moved = sandbox.get("/_sandbox/outlook", params={"as": PIET}, headers={"Host": "localhost:8100"})
    assert moved.headers["Location"] == f"http://127.0.0.1:8100/_sandbox/outlook?as={PIET}"
