"""Graph mail: what arrives, what is written, what is sent."""

import base64
import time
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest

from tests.mail import disasters
from tests.sandbox.tenant import IMMUTABLE, JANA, PIET, SERVICE, SVEA, Tenant, letter

S = f"/users/{SERVICE}"
MARK = "String {7f1a2b3c-0000-4000-8000-000000000001} Name DesksideKey"


def _draft(tenant: Tenant, **given: Any) -> dict[str, Any]:
    usual = {
        "subject": "Antwort", "body": {"contentType": "html", "content": "<p>Hallo <b>Jana</b></p>"},
        "toRecipients": [{"emailAddress": {"address": JANA}}],
    }  # fmt: skip
    return tenant.json("POST", f"{S}/messages", json={**usual, **given}, headers=IMMUTABLE)


def _mime_draft(tenant: Tenant, raw: bytes, path: str = f"{S}/messages", want: int = 201) -> dict[str, Any]:
    answer = tenant.graph(
        "POST", path, content=base64.b64encode(raw), headers={**IMMUTABLE, "Content-Type": "text/plain"}, want=want
    )
    found: dict[str, Any] = answer.json() if answer.content else {}
    return found


def test_a_mail_arrives_byte_for_byte(tenant: Tenant) -> None:
    raw = b"From: x@y.example\nSubject: =?utf-8?B?w6TDtsO8?= \xff\nMessage-ID: <1@y>\n\nBody \xe4 \x00 end"
    got = tenant.deliver(raw)
    assert got["internetMessageId"] == "<1@y>"
    found = tenant.json("GET", f"{S}/messages/{got['id']}")
    assert found["subject"].startswith("äöü")
    assert found["isRead"] is False
    assert found["body"]["contentType"] == "html"
    assert tenant.graph("GET", f"{S}/messages/{got['id']}/$value").content == raw


@pytest.mark.parametrize("raw", [b"", b"\x00\xff\xfe", b"\r\n\r\n", b"From:\nTo: ,,,<>\nDate: never\n\n", b"no header"])
def test_any_bytes_are_accepted(tenant: Tenant, raw: bytes) -> None:
    got = tenant.deliver(raw)
    found = tenant.json("GET", f"{S}/messages/{got['id']}?$select=subject,from,internetMessageId,body,toRecipients")
    assert found["internetMessageId"]
    assert tenant.graph("GET", f"{S}/messages/{got['id']}/$value").content == raw


@pytest.mark.parametrize("name", disasters.SMALL)
def test_no_disaster_is_too_much(tenant: Tenant, name: str) -> None:
    raw = disasters.SMALL[name]()
    started = time.thread_time()
    got = tenant.deliver(raw)
    assert time.thread_time() - started < 5
    assert tenant.graph("GET", f"{S}/messages/{got['id']}/$value").content == raw
    tenant.graph("GET", f"{S}/messages/{got['id']}?$expand=attachments")


def test_one_mail_for_several_mailboxes(tenant: Tenant) -> None:
    answer = tenant.control("POST", "/mail", params={"to": [SERVICE, PIET]}, content=letter(Message_ID="<2@y>"))
    assert answer.status_code == 201
    assert [one["mailbox"] for one in answer.json()["delivered"]] == [SERVICE, PIET]
    assert tenant.http.post("/_sandbox/mail?to=nobody@nowhere.example", content=b"x").status_code == 404


def test_html_is_made_harmless_unless_asked_otherwise(tenant: Tenant) -> None:
    markup = '<p onclick="x()">Hi<script>alert(1)</script><a href="javascript:x()">a</a><img src=q onerror=x()></p>'
    got = tenant.deliver(letter(body=markup, Content_Type="text/html; charset=utf-8"))
    path = f"{S}/messages/{got['id']}?$select=body"
    body = tenant.json("GET", path)["body"]["content"]
    assert "Hi" in body
    assert not any(bad in body for bad in ("script", "onclick", "onerror"))
    unsafe = tenant.json("GET", path, headers={"Prefer": "outlook.allow-unsafe-html"})
    assert "alert(1)" in unsafe["body"]["content"]
    text = tenant.json("GET", path, headers={"Prefer": 'outlook.body-content-type="text"'})
    assert text["body"] == {"contentType": "text", "content": "Hia"}


def test_attachments_and_pictures_come_apart(tenant: Tenant) -> None:
    raw = (
        b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n"
        b"--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n"
        b"--r\r\nContent-Type: text/html\r\n\r\n<img src=cid:p1>\r\n"
        b"--r\r\nContent-Type: image/png\r\nContent-ID: <p1>\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"iVBORw0KGgo=\r\n--r--\r\n"
        b"--m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment;\r\n"
        b" filename*=utf-8''%C3%BCber.pdf\r\n\r\n%PDF\r\n"
        b"--m\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nSubject: Inner\r\n\r\nold\r\n--m--\r\n"
    )
    got = tenant.deliver(raw)
    mail = tenant.json("GET", f"{S}/messages/{got['id']}?$expand=attachments&$select=hasAttachments")
    assert mail["hasAttachments"] is True
    kinds = [(one["@odata.type"].rpartition(".")[2], one["name"], one["isInline"]) for one in mail["attachments"]]
    assert kinds == [
        ("fileAttachment", "ATT00001.png", True), ("fileAttachment", "über.pdf", False),
        ("itemAttachment", "Inner", False),
    ]  # fmt: skip
    listed = tenant.json("GET", f"{S}/messages/{got['id']}/attachments?$select=name,size")["value"]
    assert "contentBytes" not in listed[0]
    inner = tenant.graph("GET", f"{S}/messages/{got['id']}/attachments/{listed[2]['id']}/$value").content
    assert b"Subject: Inner" in inner


def test_a_draft_is_sent_and_found_by_its_immutable_id(tenant: Tenant) -> None:
    draft = _draft(tenant, singleValueExtendedProperties=[{"id": MARK, "value": "k-1"}])
    assert (draft["isDraft"], draft["subject"]) == (True, "Antwort")
    assert tenant.graph("POST", f"{S}/messages/{draft['id']}/send", want=202).content == b""
    copy = tenant.json("GET", f"{S}/messages/{draft['id']}", headers=IMMUTABLE)
    assert copy["isDraft"] is False
    assert copy["internetMessageId"] == draft["internetMessageId"]
    assert copy["parentFolderId"] == tenant.json("GET", f"{S}/mailFolders/sentitems")["id"]
    found = tenant.json(
        "GET",
        f"{S}/messages",
        params={"$filter": f"singleValueExtendedProperties/any(ep: ep/id eq '{MARK}' and ep/value eq 'k-1')"},
        headers=IMMUTABLE,
    )["value"]
    assert [one["id"] for one in found] == [draft["id"]]
    assert [one["internetMessageId"] for one in tenant.sent()] == [draft["internetMessageId"]]
    again = tenant.graph("POST", f"{S}/messages/{draft['id']}/send")
    assert again.status_code == 400
    assert len(tenant.sent()) == 1


def test_the_sent_copy_may_be_another_one(tenant: Tenant) -> None:
    tenant.control("POST", "/switches", json={"sent_copy": "new", "message_id": "replaced"})
    draft = _draft(tenant, singleValueExtendedProperties=[{"id": MARK, "value": "k-2"}])
    tenant.graph("POST", f"{S}/messages/{draft['id']}/send", want=202)
    assert tenant.graph("GET", f"{S}/messages/{draft['id']}").status_code == 404
    by_mark = f"singleValueExtendedProperties/any(ep: ep/id eq '{MARK}' and ep/value eq 'k-2')"
    found = tenant.json("GET", f"{S}/mailFolders/sentitems/messages", params={"$filter": by_mark})["value"]
    assert len(found) == 1
    assert found[0]["internetMessageId"] != draft["internetMessageId"]
    assert tenant.sent()[0]["internetMessageId"] == found[0]["internetMessageId"]


def test_a_mime_draft_keeps_its_headers(tenant: Tenant) -> None:
    raw = letter(
        "AW: Frage [#10001]", "Antwort", From=f"Service <{SERVICE}>", To=JANA, Bcc=SVEA,
        Message_ID="<own-1@desk.example>",
        In_Reply_To="<q1@x>", References="<q0@x> <q1@x>", Auto_Submitted="auto-replied",
    )  # fmt: skip
    draft = _mime_draft(tenant, raw)
    assert draft["internetMessageId"] == "<own-1@desk.example>"
    tenant.graph("POST", f"{S}/messages/{draft['id']}/send", want=202)
    sent = tenant.sent()[0]
    assert (sent["inReplyTo"], sent["to"], sent["bcc"]) == ("<q1@x>", [JANA], [SVEA])
    received = tenant.control("POST", "/token", json={"app": True}).json()["access_token"]
    inbox = tenant.http.get(
        f"/v1.0/users/{JANA}/mailFolders/inbox/messages?$select=internetMessageHeaders",
        headers={"Authorization": f"Bearer {received}"},
    ).json()["value"]
    names = {one["name"]: one["value"] for one in inbox[0]["internetMessageHeaders"]}
    assert names["References"] == "<q0@x> <q1@x>"
    assert names["Auto-Submitted"] == "auto-replied"
    assert "Bcc" not in names


def test_a_mime_draft_keeps_its_headers_when_a_file_is_added(tenant: Tenant) -> None:
    raw = letter(
        From=SERVICE, To=JANA, Message_ID="<own-2@desk.example>", References="<q@x>", Auto_Submitted="auto-replied"
    )
    draft = _mime_draft(tenant, raw)
    file = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "ü.txt", "contentBytes": "aGFsbG8="}
    tenant.graph("POST", f"{S}/messages/{draft['id']}/attachments", json=file, want=201)
    tenant.graph("POST", f"{S}/messages/{draft['id']}/send", want=202)
    mime = message_from_bytes(tenant.sent_mime(tenant.sent()[0]["id"]), policy=default)
    assert [part.get_filename() for part in mime.iter_attachments()] == ["ü.txt"]
    kept = ("Message-ID", "References", "Auto-Submitted")
    assert [mime[name] for name in kept] == ["<own-2@desk.example>", "<q@x>", "auto-replied"]


def test_a_foreign_sender_is_refused(tenant: Tenant) -> None:
    draft = _mime_draft(tenant, letter(From=JANA, To=SVEA))
    answer = tenant.graph("POST", f"{S}/messages/{draft['id']}/send", want=403)
    assert answer.json()["error"]["code"] == "ErrorSendAsDenied"
    assert tenant.sent() == []


def test_send_mail_says_nothing_and_delivers(tenant: Tenant) -> None:
    message = {
        "subject": "Neu", "body": {"contentType": "text", "content": "Zeile\nzwei"},
        "toRecipients": [{"emailAddress": {"address": PIET}}],
        "bccRecipients": [{"emailAddress": {"address": SERVICE}}],
        "internetMessageHeaders": [{"name": "x-desk", "value": "1"}],
    }  # fmt: skip
    answer = tenant.graph("POST", f"{S}/sendMail", json={"message": message, "saveToSentItems": True}, want=202)
    assert answer.content == b""
    for mailbox in (PIET, SERVICE):
        got = tenant.json("GET", f"/users/{mailbox}/mailFolders/inbox/messages")["value"]
        assert [one["subject"] for one in got] == ["Neu"]
    mime = message_from_bytes(tenant.sent_mime(tenant.sent()[0]["id"]), policy=default)
    assert mime["x-desk"] == "1"
    assert mime.get_content().replace("\r\n", "\n") == "Zeile\nzwei\n"
    assert _mime_draft(tenant, letter(From=SERVICE, To=PIET), f"{S}/sendMail", 202) == {}
    assert len(tenant.sent()) == 2


def test_threading_headers_are_not_for_json(tenant: Tenant) -> None:
    given = {"internetMessageHeaders": [{"name": "In-Reply-To", "value": "<a@b>"}]}
    answer = tenant.graph("POST", f"{S}/messages", json=given, want=400)
    assert answer.json()["error"]["code"] == "InvalidInternetMessageHeader"
    linked = [{"id": "String 0x1042", "value": "<a@b>"}, {"id": "String 0x1039", "value": "<o@b> <a@b>"}]
    draft = _draft(tenant, singleValueExtendedProperties=linked)
    tenant.graph("POST", f"{S}/messages/{draft['id']}/send", want=202)
    mime = message_from_bytes(tenant.sent_mime(tenant.sent()[0]["id"]), policy=default)
    assert (mime["In-Reply-To"], mime["References"]) == ("<a@b>", "<o@b> <a@b>")


def test_a_reply_is_threaded_and_quotes(tenant: Tenant) -> None:
    got = tenant.deliver(letter("Drucker", "Er druckt nicht", Message_ID="<d1@x>", Cc=f"{SVEA}, {PIET}"))
    draft = tenant.json("POST", f"{S}/messages/{got['id']}/createReplyAll", json={"comment": "Wir <sehen> nach"})
    assert draft["subject"] == "RE: Drucker"
    assert [one["emailAddress"]["address"] for one in draft["toRecipients"]] == [JANA]
    assert [one["emailAddress"]["address"] for one in draft["ccRecipients"]] == [SVEA, PIET]
    assert "Wir &lt;sehen&gt; nach" in draft["body"]["content"]
    assert "Er druckt nicht" in draft["body"]["content"]
    original = tenant.json("GET", f"{S}/messages/{got['id']}")
    assert draft["conversationId"] == original["conversationId"]
    assert len(draft["conversationIndex"]) > len(original["conversationIndex"])
    both = {"comment": "a", "message": {"body": {"contentType": "text", "content": "b"}}}
    assert tenant.graph("POST", f"{S}/messages/{got['id']}/createReply", json=both).status_code == 400
    tenant.graph("POST", f"{S}/messages/{got['id']}/reply", json={"comment": "Kurz"}, want=202)
    assert tenant.sent()[0]["inReplyTo"] == "<d1@x>"
    changed = tenant.deliver(letter("Etwas anderes", In_Reply_To="<d1@x>"))
    found = tenant.json("GET", f"{S}/messages/{changed['id']}")
    assert found["conversationId"] != original["conversationId"]


def test_moving_changes_the_id_but_not_the_immutable_one(tenant: Tenant) -> None:
    got = tenant.deliver(letter())
    moved = tenant.json("POST", f"{S}/messages/{got['id']}/move", json={"destinationId": "archive"})
    assert moved["id"] != got["id"]
    assert tenant.graph("GET", f"{S}/messages/{got['id']}").status_code == 404
    assert tenant.json("GET", f"{S}/messages/{got['immutableId']}", headers=IMMUTABLE)["id"] == got["immutableId"]
    tenant.graph("DELETE", f"{S}/messages/{moved['id']}", want=204)
    binned = tenant.json("GET", f"{S}/mailFolders/deleteditems/messages")["value"]
    tenant.graph("DELETE", f"{S}/messages/{binned[0]['id']}", want=204)
    assert tenant.graph("GET", f"{S}/messages/{got['immutableId']}").status_code == 404


def test_patch_changes_what_may_be_changed(tenant: Tenant) -> None:
    got = tenant.deliver(letter())
    before = tenant.json("GET", f"{S}/messages/{got['id']}")
    after = tenant.json("PATCH", f"{S}/messages/{got['id']}", json={"isRead": True, "categories": ["Rot"]})
    assert (after["isRead"], after["categories"]) == (True, ["Rot"])
    assert after["changeKey"] != before["changeKey"]
    assert tenant.graph("PATCH", f"{S}/messages/{got['id']}", json={"subject": "x"}).status_code == 400
    unknown = tenant.graph("PATCH", f"{S}/messages/{got['id']}", json={"colour": "x"}, want=400)
    assert unknown.json()["error"]["code"] == "RequestBodyRead"
    stale = {"If-Match": before["@odata.etag"]}
    assert tenant.graph("PATCH", f"{S}/messages/{got['id']}", json={"isRead": False}, headers=stale).status_code == 412
    draft = _draft(tenant)
    changed = tenant.json("PATCH", f"{S}/messages/{draft['id']}", json={"subject": "Neu", "ccRecipients": []})
    assert changed["subject"] == "Neu"


def test_lists_filter_sort_and_page(tenant: Tenant) -> None:
    for number in range(5):
        tenant.deliver(letter(f"Mail {number}", Message_ID=f"<n{number}@x>"))
    first = tenant.json("GET", f"{S}/messages", params={"$top": "2", "$select": "subject", "$count": "true"})
    assert first["@odata.count"] == 5
    assert set(first["value"][0]) == {"@odata.etag", "id", "subject"}
    seen = [one["subject"] for one in first["value"]]
    while link := first.get("@odata.nextLink"):
        first = tenant.json("GET", link)
        seen += [one["subject"] for one in first["value"]]
    assert seen == ["Mail 4", "Mail 3", "Mail 2", "Mail 1", "Mail 0"]

    def subjects(text: str, **more: str) -> list[str]:
        found = tenant.json("GET", f"{S}/messages", params={"$filter": text, **more})["value"]
        return [one["subject"] for one in found]

    assert subjects("internetMessageId eq '<n3@x>'") == ["Mail 3"]
    assert subjects("isRead eq true") == []
    assert len(subjects("receivedDateTime ge 2020-01-01T00:00:00Z and isRead eq false")) == 5
    assert subjects("subject eq 'mail 1' or startswith(subject, 'Mail 2')") == ["Mail 2", "Mail 1"]
    assert subjects(f"from/emailAddress/address eq '{JANA}' and not contains(subject, '4')") == seen[1:]
    ascending = subjects("subject ge 'Mail 3'", **{"$orderby": "subject"})
    assert ascending == ["Mail 3", "Mail 4"]
    slow = tenant.graph("GET", f"{S}/messages", params={"$filter": "isRead eq false", "$orderby": "subject"}, want=400)
    assert slow.json()["error"]["code"] == "InefficientFilter"
    for wrong in ("subject eq", "colour eq 1", "subject like 'x'", "(isRead eq true"):
        assert tenant.graph("GET", f"{S}/messages", params={"$filter": wrong}).status_code == 400


def test_threading_properties_can_be_expanded(tenant: Tenant) -> None:
    got = tenant.deliver(letter(In_Reply_To="<p@x>", X_Own="yes"))
    expand = "singleValueExtendedProperties($filter=id eq 'String 0x1042' or id eq 'String 0x007D')"
    found = tenant.json("GET", f"{S}/messages/{got['id']}", params={"$select": "id", "$expand": expand})
    values = {one["id"]: one["value"] for one in found["singleValueExtendedProperties"]}
    assert values["String 0x1042"] == "<p@x>"
    assert "X-Own: yes" in values["String 0x007D"]


def test_small_and_large_attachments(tenant: Tenant) -> None:
    draft = _draft(tenant)
    path = f"{S}/messages/{draft['id']}/attachments"
    small = {"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentBytes": "aGFsbG8="}
    tenant.graph("POST", path, json=small, want=201)
    content = bytes(range(256)) * 12_000
    item = {"AttachmentItem": {"attachmentType": "file", "name": "big.bin", "size": len(content)}}
    session = tenant.json("POST", f"{path}/createUploadSession", json=item)

    def put(start: int, end: int, **headers: str) -> Any:
        ranged = {"Content-Range": f"bytes {start}-{end - 1}/{len(content)}", **headers}
        return tenant.http.put(session["uploadUrl"], content=content[start:end], headers=ranged)

    assert put(0, 1_000_000, Authorization=f"Bearer {tenant.token}").status_code == 401
    assert put(100, 1_000_000).status_code == 416
    assert put(0, 1_000_000).json()["nextExpectedRanges"] == ["1000000"]
    last = put(1_000_000, len(content))
    assert last.status_code == 201
    key = last.headers["Location"].rpartition("/")[2]
    assert tenant.graph("GET", f"{path}/{key}/$value").content == content
    tenant.graph("POST", f"{S}/messages/{draft['id']}/send", want=202)
    mime = message_from_bytes(tenant.sent_mime(tenant.sent()[0]["id"]), policy=default)
    assert [part.get_filename() for part in mime.iter_attachments()] == ["a.txt", "big.bin"]


def test_too_large_and_unknown_is_refused_as_graph_does(tenant: Tenant) -> None:
    too_large = tenant.graph("POST", f"{S}/messages", json={"subject": "x" * (4 * 1024 * 1024)}, want=413)
    assert too_large.json()["error"]["innerError"]["request-id"] == too_large.headers["request-id"]
    assert tenant.graph("GET", "/users/nobody@nordlicht-it.example/messages").status_code == 404
    assert tenant.graph("GET", f"/users/{JANA}/messages").status_code == 404
    missing = tenant.graph("GET", f"{S}/messages/AAMkAGIx=", want=404)
    assert missing.json()["error"]["code"] == "ErrorItemNotFound"
    nobody = tenant.graph("POST", f"{S}/sendMail", json={"message": {"subject": "x"}}, want=400)
    assert nobody.json()["error"]["code"] == "ErrorInvalidRecipients"


def test_what_is_not_there_is_refused_in_the_same_shape(tenant: Tenant) -> None:
    me = tenant.graph("GET", "/me/messages", want=400)
    assert "delegated" in me.json()["error"]["message"]
    for method, path in (("GET", "/groups"), ("PUT", f"{S}/messages"), ("POST", "/$batch")):
        assert tenant.graph(method, path, want=404).json()["error"]["code"] == "ResourceNotFound"


def test_people_are_found(tenant: Tenant) -> None:
    one = tenant.json("GET", f"/users/{PIET}?$select=id,displayName,mail")
    assert one["displayName"] == "Piet Hagenauer"
    assert tenant.json("GET", f"/users/{one['id']}")["userPrincipalName"] == PIET
    found = tenant.json("GET", "/users", params={"$filter": f"mail eq '{SERVICE}'"})["value"]
    assert [person["mail"] for person in found] == [SERVICE]
    assert tenant.graph("GET", f"/users/{JANA}").status_code == 404
