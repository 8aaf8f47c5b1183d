"""Microsoft forgets, takes away and throttles: ids, delta tokens, subscriptions, mailboxes."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from tests.sandbox.bot import Teams, hotline, people
from tests.sandbox.tenant import IMMUTABLE, JANA, PIET, SERVICE, Receiver, Tenant, letter

S, P = f"/users/{SERVICE}", f"/users/{PIET}"
INBOX = f"{S}/mailFolders/inbox/messages"
WINDOW = "startDateTime=2026-11-30T00:00:00Z&endDateTime=2026-12-07T00:00:00Z"


def _code(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def _subscribe(tenant: Tenant, hook: Receiver, **given: Any) -> str:
    wish = {
        "changeType": "created", "notificationUrl": hook.url, "resource": f"users/{SERVICE}/messages",
        "expirationDateTime": (datetime.now(UTC) + timedelta(hours=2)).isoformat(), **given,
    }  # fmt: skip
    return str(tenant.json("POST", "/subscriptions", json=wish, headers=IMMUTABLE)["id"])


def _delta(tenant: Tenant, link: str) -> tuple[dict[str, bool], str]:
    """(id → whether it is there, the next link) of a round that fits one page."""
    page = tenant.json("GET", link, headers=IMMUTABLE)
    return {one["id"]: "@removed" not in one for one in page["value"]}, page["@odata.deltaLink"]


def test_a_fifth_call_at_once_to_one_mailbox_is_throttled(tenant: Tenant) -> None:
    tenant.control("POST", "/faults", json={"match": "GET /v1.0/users/.*", "delay": 0.4})
    with ThreadPoolExecutor(6) as together:
        answers = list(together.map(partial(tenant.graph, "GET"), [INBOX] * 5 + [f"{P}/messages"]))
    tenant.control("DELETE", "/faults")
    assert sorted(one.status_code for one in answers) == [200] * 5 + [429]
    refused = next(one for one in answers if one.status_code == 429)
    assert _code(refused) == "ApplicationThrottled"
    assert refused.json()["error"]["message"] == "Application is over its MailboxConcurrency limit."
    assert refused.headers["Retry-After"] == "1"
    tenant.graph("GET", INBOX, want=200)


def test_more_than_150_mb_in_five_minutes_are_refused(tenant: Tenant) -> None:
    def upload() -> httpx.Response:
        return tenant.graph("PATCH", f"{S}/messages/none", content=b"x" * 4_100_000)

    answers = [upload() for _ in range(39)]
    assert [one.status_code for one in answers] == [404] * 38 + [429]
    assert "IncomingBytes" in answers[-1].text
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 300
    tenant.control("POST", "/clock", json={"advance": 301})
    assert upload().status_code == 404


@pytest.mark.parametrize(("size", "session"), [(2_900_000, 400), (3_100_000, 201), (200_000_000, 413)])
def test_a_session_takes_neither_less_than_3_mb_nor_more_than_150(tenant: Tenant, size: int, session: int) -> None:
    parts = f"{S}/messages/{tenant.json('POST', f'{S}/messages', json={})['id']}/attachments"
    item = {"AttachmentItem": {"attachmentType": "file", "name": "b", "size": size}}
    tenant.graph("POST", f"{parts}/createUploadSession", json=item, want=session)


@pytest.mark.parametrize("path", [f"{INBOX}/delta", f"{P}/calendarView/delta?{WINDOW}"], ids=["mail", "calendar"])
def test_delta_tokens_expire_on_order(tenant: Tenant, path: str) -> None:
    _, link = _delta(tenant, path)
    mailbox = SERVICE if "mailFolders" in path else PIET
    tenant.control("POST", "/delta/expire", json={"mailbox": JANA})
    _, link = _delta(tenant, link)
    tenant.control("POST", "/delta/expire", json={"mailbox": mailbox})
    assert _code(tenant.graph("GET", link, want=410)) == "SyncStateNotFound"
    _, link = _delta(tenant, path)
    _delta(tenant, link)
    tenant.control("POST", "/delta/expire")
    tenant.graph("GET", link, want=410)


def test_subscriptions_die_without_a_word_and_two_equal_ones_are_taken(tenant: Tenant, hook: Receiver) -> None:
    first, second = _subscribe(tenant, hook, lifecycleNotificationUrl=hook.url), _subscribe(tenant, hook)
    assert [one["id"] for one in tenant.json("GET", "/subscriptions")["value"]] == [first, second]
    assert tenant.control("POST", "/subscriptions/end", json={"subscription": first}).json() == {"ended": [first]}
    tenant.deliver(letter())
    assert hook.next()["subscriptionId"] == second
    assert hook.got.empty()
    assert tenant.control("POST", "/subscriptions/end", json={"mailbox": PIET}).json() == {"ended": []}
    assert tenant.control("POST", "/subscriptions/end", json={"mailbox": SERVICE}).json() == {"ended": [second]}


def test_lifecycle_events_can_be_sent_to_one_mailbox(tenant: Tenant, hook: Receiver) -> None:
    _subscribe(tenant, hook, lifecycleNotificationUrl=hook.url)
    for mailbox, told in ((PIET, 0), (SERVICE, 1)):
        order = {"event": "reauthorizationRequired", "mailbox": mailbox}
        assert tenant.control("POST", "/lifecycle", json=order).json() == {"told": told}
    assert hook.next()["lifecycleEvent"] == "reauthorizationRequired"


@pytest.mark.parametrize(
    ("state", "status", "code"),
    [
        ("gone", 404, "ErrorInvalidUser"),
        ("disabled", 404, "MailboxNotEnabledForRESTAPI"),
        ("denied", 403, "ErrorAccessDenied"),
    ],
)
def test_a_mailbox_is_taken_away_and_given_back(
    tenant: Tenant, hook: Receiver, state: str, status: int, code: str
) -> None:
    _subscribe(tenant, hook)
    tenant.control("POST", f"/mailboxes/{SERVICE}", json={"state": state})
    assert tenant.control("GET", "/mailboxes").json()[SERVICE] == state
    missed = tenant.deliver(letter())
    for path in (INBOX, f"{S}/events", f"{INBOX}/delta"):
        assert _code(tenant.graph("GET", path, want=status)) == code
    tenant.graph("GET", f"{P}/messages", want=200)
    tenant.control("POST", f"/mailboxes/{SERVICE}", json={"state": "there"})
    assert [one["id"] for one in tenant.json("GET", INBOX)["value"]] == [missed["id"]]
    seen = tenant.deliver(letter())
    assert hook.next()["resourceData"]["id"] == seen["immutableId"], "of what was missed nobody is told"


def test_a_person_moves_a_mail_and_on_order_even_its_immutable_id_is_another(tenant: Tenant) -> None:
    got = tenant.deliver(letter(Message_ID="<moved@x>"))
    order = {"mailbox": SERVICE, "internetMessageId": "<moved@x>", "to": "archive"}
    (kept,) = tenant.control("POST", "/move", json=order).json()["moved"]
    assert kept["immutableId"] == got["immutableId"]
    assert kept["id"] != got["id"]
    (lost,) = tenant.control("POST", "/move", json={**order, "to": "inbox", "new_ids": True}).json()["moved"]
    tenant.graph("GET", f"{S}/messages/{got['immutableId']}", want=404)
    assert tenant.json("GET", f"{S}/messages/{lost['immutableId']}")["internetMessageId"] == "<moved@x>"


def test_moved_out_and_back_delta_says_removed_and_never_again(tenant: Tenant) -> None:
    tenant.control("POST", "/switches", json={"delta_return": "lost"})
    got = tenant.deliver(letter(Message_ID="<there@x>"))["immutableId"]
    _, link = _delta(tenant, f"{INBOX}/delta")
    for folder in ("archive", "inbox"):
        order = {"mailbox": SERVICE, "internetMessageId": "<there@x>", "to": folder}
        tenant.control("POST", "/move", json=order)
    told, link = _delta(tenant, link)
    assert told == {got: False}
    assert _delta(tenant, link)[0] == {}
    assert tenant.json("GET", INBOX, headers=IMMUTABLE)["value"][0]["id"] == got


def test_the_first_notification_of_a_sent_mail_points_nowhere(tenant: Tenant, hook: Receiver) -> None:
    tenant.control("POST", "/switches", json={"sent_notification": "outbox"})
    _subscribe(tenant, hook, resource=f"users/{SERVICE}/mailFolders('sentitems')/messages")
    message = {"subject": "s", "toRecipients": [{"emailAddress": {"address": JANA}}]}
    tenant.graph("POST", f"{S}/sendMail", json={"message": message}, want=202)
    first, second = hook.next()["resourceData"]["id"], hook.next()["resourceData"]["id"]
    tenant.graph("GET", f"{S}/messages/{first}", want=404)
    assert tenant.json("GET", f"{S}/messages/{second}")["subject"] == "s"


def test_wrong_orders_are_refused(tenant: Tenant) -> None:
    for path, order, status in (
        ("/mailboxes/nobody@x.example", {"state": "gone"}, 404),
        (f"/mailboxes/{SERVICE}", {"state": "away"}, 400),
        ("/delta/expire", {"mailbox": "nobody@x.example"}, 404),
        ("/move", {"mailbox": SERVICE, "id": "none", "to": "inbox"}, 404),
        ("/move", {"mailbox": SERVICE, "id": "none", "to": "attic"}, 400),
        ("/subscriptions/end", [], 400),
    ):
        assert tenant.http.post(f"/_sandbox{path}", content=json.dumps(order)).status_code == status


def test_the_eighth_line_in_a_second_in_one_chat_is_refused(teams: Teams) -> None:
    chats = [str(people(teams)[who]["conversation"]) for who in (PIET, JANA)]

    def say(chat: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {teams.token}"}
        line = {"type": "message", "text": "x"}
        return teams.http.post(f"/v3/conversations/{chat}/activities", headers=headers, json=line)

    said = 0
    while (answer := say(chats[0])).status_code == 201:
        said += 1
        assert said < 100
    assert said >= 7
    assert (answer.status_code, _code(answer), answer.headers["Retry-After"]) == (429, "Throttled", "1")
    assert say(chats[1]).status_code == 201


def test_a_bot_that_asks_more_than_fifty_times_in_a_second_is_refused(teams: Teams) -> None:
    path, headers = f"/v3/teams/{hotline(teams)}", {"Authorization": f"Bearer {teams.token}"}
    with ThreadPoolExecutor(4) as together:
        statuses = list(together.map(lambda _n: teams.http.get(path, headers=headers).status_code, range(150)))
    assert statuses[:40] == [200] * 40
    assert 429 in statuses
