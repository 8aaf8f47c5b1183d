"""What nobody types: NUL, half characters, endless numbers, names of files that lie; never an error of ours."""

import io
import json
import time
from email.utils import formataddr

import pytest
from sqlalchemy import func, select, text

from backend.auth import STRANGERS_BODY, create_api_token
from backend.db import session
from backend.tickets.models import Attachment
from backend.tickets.search import questions
from backend.tickets.views.recipients import parsed
from tests.world import JANA, Browser, World, mail

pytestmark = pytest.mark.slow

PATHS = (
    "/customers/%00",
    "/customers?after=%00|1",
    "/customers?q=%00",
    "/orders/a%00b",
    "/orders?q=%00",
    "/tickets?q=%00&customer=%00",
    "/tickets?after=99999999999999999.1",
    "/tickets?after=1.²",
    "/tickets/99999999999999999999",
    "/tickets/new?customer=%00",
    "/tickets/new?contact=-99999999999999999999",
    "/mails/99999999999999999999/original",
    "/attachments/99999999999999999999",
    "/people/find?q=%00&ticket=99999999999999999999",
    "/addin/item?address=%00&subject=[%23999999999]",
    "/addin/customers?q=%00%25",
    "/live?topic=tickets%00",
)


@pytest.fixture
def piet(world: World) -> Browser:
    """A technician's browser."""
    return world.browser(world.staff("Piet Hagenauer"))


@pytest.mark.parametrize("path", PATHS)
def test_an_odd_address_is_no_error_of_ours(piet: Browser, path: str) -> None:
    answer = piet.get(path)
    assert answer.status_code in (200, 404, 422), f"{path}: {answer.status_code}"


@pytest.mark.parametrize("belongs", ["customer:" + "9" * 5000, "customer:99999999999", "contact:" + "9" * 30, "x:²"])
def test_an_odd_choice_is_no_error_of_ours(piet: Browser, belongs: str) -> None:
    answer = piet.post("/addin/sender", data={"address": "eve@evil.example", "belongs": belongs})
    assert answer.status_code in (404, 422)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"[1]", b"9" * 10_000], ids=len)
def test_json_may_be_as_deep_as_it_likes(piet: Browser, body: bytes) -> None:
    answer = piet.post("/addin/tickets", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)


def test_who_is_not_known_sends_little(world: World, piet: Browser) -> None:
    much = {"next": "/tickets", "text": "x" * (STRANGERS_BODY + 1)}
    assert world.browser().post("/sign-in", data=much).status_code == 413
    assert world.browser().post("/sign-in", data={"next": "/tickets"}).status_code == 303
    assert piet.post("/tickets/1/messages", data=much).status_code == 404


@pytest.mark.parametrize("words", ["-" * 200, "- " * 100, '"' * 199, "(" * 200, "<-> & !", "a:* & b'", "\\", "%"])
def test_no_search_is_too_deep_for_the_database(piet: Browser, words: str) -> None:
    assert piet.get("/tickets", query_string={"q": words}).status_code == 200


def test_a_word_that_must_not_occur_still_counts(world: World) -> None:
    with world.app.test_request_context(), world.rows():
        assert "!'toner'" in " ".join(questions("drucker --toner", "de"))


@pytest.mark.parametrize(
    "notice",
    [
        {"subscriptionId": "a\x00b"},
        {"subscriptionId": "\ud800", "clientState": "\ud800"},
        {"subscriptionId": "x", "clientState": "\udfff", "tenantId": []},
        {"subscriptionId": {"a": 1}, "clientState": 7},
    ],
    ids=str,
)
def test_a_notification_may_hold_anything(world: World, notice: dict[str, object]) -> None:
    answer = world.app.test_client().post("/microsoft/notifications", data=json.dumps({"value": [notice] * 3}))
    assert answer.status_code == 202
    with world.rows():
        assert session.scalar(text("select count(*) from procrastinate_jobs")) == 0


def test_the_handshake_is_text_that_no_browser_runs(world: World) -> None:
    answer = world.app.test_client().post("/microsoft/notifications?validationToken=<script>alert(1)</script>")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


LYING = "../../Rechnung\u202efdp.exe"


def test_file_names_cannot_lie_whoever_sends_them(world: World, piet: Browser) -> None:
    world.customer("tressow", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    world.deliver(mail(subject="Drucker", files=[(LYING, "application/octet-stream", b"MZ")]))
    world.run("mail.sweep")
    world.work()
    upload = {"kind": "note", "text": "Anlage", "files": (io.BytesIO(b"MZ"), LYING)}
    assert piet.post("/tickets/10001/messages", data=upload).status_code == 204
    with world.rows():
        token = create_api_token("test", "admin")
    file = {"name": LYING, "content": "TVo="}
    said = {"kind": "note", "text": "Anlage", "attachments": [file]}
    headers = {"Authorization": f"Bearer {token}"}
    assert piet.post("/api/v1/tickets/10001/messages", json=said, headers=headers).status_code == 201
    with world.rows():
        assert set(session.scalars(select(Attachment.name))) == {"Rechnungfdp.exe"}
        assert session.scalar(select(func.count()).select_from(Attachment)) == 3


NAMES = (
    'Jana", eve@evil.example, "x',
    "eve@evil.example <eve@evil.example>",
    "Group: eve@evil.example;",
    "=?utf-8?q?x=2C_eve=40evil=2Eexample=0D=0ABcc:_eve=40evil.example?=",
    "Jörg Müller",
    "a\u2028Bcc: eve@evil.example",
    "x)eve@evil.example(",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_never_an_address_nor_a_header(name: str) -> None:
    people = parsed([formataddr((name, JANA))], "to")
    assert [one["address"] for one in people] == [JANA]
    assert people[0]["name"].isprintable()
    assert "=?" not in people[0]["name"]


def test_a_recipient_cannot_bring_headers_along(world: World, piet: Browser) -> None:
    customer = world.customer("tressow", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    world.contact("Jörg Wiedekind", JANA, customer)
    world.deliver(mail(subject="=?utf-8?q?Drucker=0D=0AX-Evil:_1?="))
    world.run("mail.sweep")
    world.work()
    to = f'"Jörg\r\nBcc: eve@evil.example" <{JANA}>'
    said = {"kind": "reply", "text": "Guten Tag", "to": to}
    assert piet.post("/tickets/10001/messages", data=said).status_code == 204
    world.work()
    assert len(world.sent()) == 2
    for sent in world.sent():
        head = world.sent_mime(sent).partition(b"\r\n\r\n")[0].lower()
        assert b"\nbcc:" not in head
        assert b"\nx-evil:" not in head
        assert [str(one) for one in sent["to"]] == [JANA]


@pytest.mark.parametrize("to", ["a:b " * 2_000, "x@y.example, " * 100_000], ids=["groups in groups", "very many"])
def test_a_list_of_recipients_cannot_hold_the_desk_up(world: World, piet: Browser, to: str) -> None:
    world.deliver(mail(subject="Drucker"))
    world.run("mail.sweep")
    world.work()
    started = time.thread_time()
    answer = piet.post("/tickets/10001/messages", data={"kind": "reply", "text": "x", "to": to})
    assert answer.status_code == 422, answer.text[:300]
    assert time.thread_time() - started < 1
