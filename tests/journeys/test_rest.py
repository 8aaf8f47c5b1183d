"""Another system and the mail server against a whole installation: everything once, however often it is said."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.installation import Installation
from tests.waiting import eventually, patient
from tests.world import SERVICE, mail

pytestmark = pytest.mark.slow
SECONDS_TO_A_TICKET = 3.0


@pytest.fixture
def api(installation: Installation) -> Iterator[httpx.Client]:
    """The REST API with an administrator's token."""
    headers = {"Authorization": f"Bearer {installation.token()}"}
    with httpx.Client(base_url=f"{installation.web}/api/v1", headers=headers, timeout=30) as client:
        yield client


def _inbound(api: httpx.Client, message_id: str, count: int = 1) -> list[Any]:
    def ask() -> list[Any] | None:
        items: list[Any] = _items(api.get("/inbound", params={"internet_message_id": message_id}).json())
        return items if len(items) >= count else None

    return eventually(ask, seconds=SECONDS_TO_A_TICKET + 2)


def _items(answer: Any) -> list[Any]:
    found: list[Any] = answer if isinstance(answer, list) else answer["items"]
    return found


def test_customer_contact_and_order_twice_are_one_each(api: httpx.Client) -> None:
    mark = uuid.uuid4().hex[:8]
    customer = {"name": f"Werft {mark}", "domains": [f"werft-{mark}.example"]}
    contact = {"customer": f"K{mark}", "name": "Ole Jensen", "email": f"ole@werft-{mark}.example"}
    line = {"position": 1, "sku": "N1", "description": "Notebook", "quantity": "3", "unit": "Stk", "price": "999.50"}
    order: dict[str, Any] = {
        "customer": f"K{mark}",
        "date": "2026-11-02",
        "status": "open",
        "currency": "EUR",
        "lines": [line],
    }
    for expected in (201, 200):
        assert api.put(f"/customers/K{mark}", json=customer).status_code == expected
        assert api.put(f"/contacts/P{mark}", json=contact).status_code == expected
        assert api.put(f"/orders/A-{mark}", json=order).status_code == expected
    assert len(_items(api.get("/orders", params={"customer": f"K{mark}"}).json())) == 1
    broken = {**order, "lines": [{**line, "quantity": "viele"}]}
    answer = api.put(f"/orders/A-{mark}", json=broken)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert list(answer.json()["fields"]) == ["lines.0.quantity"]
    assert api.get(f"/orders/A-{mark}").json()["lines"][0]["quantity"] in ("3", "3.000", 3)


def test_a_mail_said_many_times_is_one_ticket_one_message_one_acknowledgement(
    installation: Installation, api: httpx.Client
) -> None:
    mark = uuid.uuid4().hex[:8]
    sender = f"Ole Jensen <ole@{mark}.example>"
    raw = mail(sender=sender, subject=f"Kasse {mark}", text="Die Kasse druckt nicht.")
    begun = datetime.now(UTC)
    original = installation.deliver(raw)
    first = _inbound(api, original)[0]
    assert (datetime.now(UTC) - begun).total_seconds() <= patient(SECONDS_TO_A_TICKET)
    installation.deliver(raw)
    installation.deliver(raw)
    notified = httpx.post(f"{installation.sandbox}/_sandbox/notify", json={"mailbox": SERVICE, "times": 5})
    assert notified.is_success, notified.text

    other = mail(sender=sender, subject=f"Kasse {mark}", text="Etwas ganz anderes.", message_id=original)
    installation.deliver(other)
    rows = _inbound(api, original, count=2)
    assert len({row["message"] for row in rows}) == 2, "a different mail with the same Message-ID is kept too"
    number = first["ticket"]
    messages = _items(api.get(f"/tickets/{number}/messages").json())
    assert [m["text"] for m in messages].count("Die Kasse druckt nicht.") == 1
    tickets = _items(api.get("/tickets", params={"q": mark}).json())

    def all_sent() -> list[dict[str, Any]] | None:
        there = _to(installation, f"ole@{mark}.example")
        return there if len(there) >= len(tickets) else None

    acknowledged = eventually(all_sent, seconds=30)
    assert len(acknowledged) == len(tickets), "one acknowledgement per new ticket"
    assert any(m["inReplyTo"] == original for m in acknowledged)


def _to(installation: Installation, address: str) -> list[dict[str, Any]]:
    return [sent for sent in installation.sent() if address in str(sent["to"])]


def test_reply_and_answer_stay_in_the_thread(installation: Installation, api: httpx.Client) -> None:
    mark = uuid.uuid4().hex[:8]
    address = f"ole@{mark}.example"
    original = installation.deliver(mail(sender=f"Ole Jensen <{address}>", subject=f"Waage {mark}"))
    number = _inbound(api, original)[0]["ticket"]
    key = {"Idempotency-Key": uuid.uuid4().hex}
    for _time in range(2):
        said = api.post(f"/tickets/{number}/messages", json={"kind": "reply", "text": "Bitte eichen."}, headers=key)
        assert said.status_code in (200, 201), said.text
    replies = eventually(
        lambda: [m for m in _to(installation, address) if "Bitte eichen." in _mime(installation, m)] or None,
        seconds=30,
    )
    assert len(replies) == 1
    assert replies[0]["inReplyTo"] == original
    answer = mail(
        sender=f"Ole Jensen <{address}>",
        subject=f"AW: {replies[0]['subject']}",
        text="Ist geeicht.",
        in_reply_to=str(replies[0]["internetMessageId"]),
    )
    row = _inbound(api, installation.deliver(answer))[0]
    assert row["ticket"] == number
    assert row["outcome"] == "message"


def _mime(installation: Installation, sent: dict[str, Any]) -> str:
    return httpx.get(f"{installation.sandbox}/_sandbox/sent/{sent['id']}/mime").text
