"""Mail in and out as the REST API shows it, through the sandbox tenant."""

import pytest

from tests.api.conftest import Program
from tests.world import JANA, SERVICE, World, mail

pytestmark = pytest.mark.slow


def test_a_mail_is_found_by_its_message_id(world: World, admin: Program, tressow: str) -> None:
    raw = mail(subject="Scanner", files=[("plan.pdf", "application/pdf", b"%PDF-1.4")])
    message_id = world.deliver(raw)
    world.run("mail.sweep")
    world.work()
    (row,) = admin.get("/inbound", internet_message_id=message_id)
    assert (row["mailbox"], row["outcome"], row["kind"]) == (SERVICE, "ticket", "normal")
    assert row["from"] == {"name": "Jana Wiedekind", "address": JANA}
    assert row["internet_message_id"] == message_id
    ticket = admin.get(f"/tickets/{row['ticket']}")
    assert (ticket["subject"], ticket["contact"]["key"], ticket["customer"]["key"]) == ("Scanner", "jana", tressow)
    (message,) = admin.get("/messages", internet_message_id=message_id.strip("<>"))
    assert (message["id"], message["ticket"]) == (row["message"], row["ticket"])
    assert message["from"] == {"name": "Jana Wiedekind", "address": JANA}
    assert [each["name"] for each in message["attachments"]] == ["plan.pdf"]
    original = admin.ask("GET", row["original"])
    assert b"Subject: Scanner" in original.data
    assert original.content_type == "application/octet-stream"
    assert admin.get("/inbound", mailbox=SERVICE, outcome="ticket") == [row]
    assert admin.get("/inbound", outcome="failed") == []


@pytest.mark.parametrize("raw", [b"", b"From: x@y.example\n\nOhne Kennung", b"Message-ID: x y\xff\n\nSeltsam"])
def test_a_mail_without_a_usable_message_id_is_found_by_the_one_exchange_gives(
    world: World, admin: Program, raw: bytes
) -> None:
    message_id = world.deliver(raw)
    world.run("mail.sweep")
    world.work()
    (row,) = admin.get("/inbound", internet_message_id=message_id)
    assert row["internet_message_id"] == message_id
    assert admin.ask("GET", row["original"]).data == raw
    assert [each["id"] for each in admin.get("/messages", internet_message_id=message_id)] == [row["message"]]
    other = world.deliver(raw)
    world.run("mail.fetch", mailbox_id=1)
    world.run("mail.read_whole", mailbox_id=1, link="", found=0)
    world.work()
    listed = [each["internet_message_id"] for each in admin.get("/inbound")]
    assert listed == list(dict.fromkeys((other, message_id))), "one for each id, whatever is read again"


def test_a_reply_leaves_in_the_thread_and_the_answer_comes_back_to_it(
    world: World, admin: Program, tressow: str
) -> None:
    asked = world.deliver(mail(subject="Scanner"))
    world.run("mail.sweep")
    world.work()
    number = admin.get("/inbound", internet_message_id=asked)[0]["ticket"]
    reply = admin.post(f"/tickets/{number}/messages", {"kind": "reply", "html": "<p>Wir <b>kommen</b>.</p>"})
    world.work()
    (sent,) = [each for each in world.sent() if each["inReplyTo"] == asked and "kommen" in _text(world, each)]
    (again,) = [each for each in admin.get(f"/tickets/{number}/messages") if each["id"] == reply["id"]]
    assert (again["delivery"], again["internet_message_id"]) == ("sent", sent["internetMessageId"])
    assert admin.get("/messages", internet_message_id=sent["internetMessageId"])[0]["id"] == reply["id"]
    outbound = admin.get("/outbound", state="sent")
    assert {each["purpose"] for each in outbound} == {"reply", "acknowledgement"}
    world.deliver(mail(subject="Re: Scanner", text="Danke!", in_reply_to=sent["internetMessageId"]))
    world.run("mail.sweep")
    world.work()
    assert admin.get(f"/tickets/{number}/messages")[-1]["text"] == "Danke!"


def _text(world: World, sent: dict[str, object]) -> str:
    return world.sent_mime(sent).decode("utf-8", "replace")


def test_what_could_not_be_delivered_is_shown_and_sent_on_request(world: World, admin: Program, tressow: str) -> None:
    world.run("mail.sweep")
    ticket = admin.post("/tickets", {"subject": "A", "text": "B", "contact": "jana"})["number"]
    world.misbehave("POST /v1.0/users/.*", status=403)
    admin.post(f"/tickets/{ticket}/messages", {"kind": "reply", "text": "Guten Tag"})
    world.work()
    (failed,) = admin.get("/outbound", state="failed")
    assert (failed["ticket"], failed["purpose"], failed["to"][0]["address"]) == (ticket, "reply", JANA)
    assert failed["error"]
    assert world.sandbox.delete("/_sandbox/faults").is_success
    again = admin.post(f"/outbound/{failed['id']}/retry", None, 200)
    assert (again["id"], again["state"]) == (failed["id"], "waiting")
    world.work()
    assert admin.get("/outbound", state="failed") == []
    assert [each["to"] for each in world.sent()]
    assert admin.post(f"/outbound/{failed['id']}/retry", None, 409)["code"] == "conflict"


def test_an_unknown_mail_is_not_found(admin: Program) -> None:
    for path in ("/inbound/1/original", "/outbound/1/retry"):
        assert admin.ask("POST" if "retry" in path else "GET", path).status_code == 404
    assert admin.get("/messages", internet_message_id="<none@mail.example>") == []
    assert list(admin.ask("GET", "/messages").get_json()["fields"]) == ["internet_message_id"]
