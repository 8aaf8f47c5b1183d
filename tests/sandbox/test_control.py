"""The control calls, the pages, and what keeps strangers out."""

import json
from pathlib import Path
from threading import Thread

import httpx
import pytest

from backend.sandbox.people import HOME_TENANT
from tests.sandbox.tenant import JANA, PIET, SERVICE, Tenant, letter, started

pytestmark = pytest.mark.slow

S = f"/users/{SERVICE}"


def test_people_are_those_everybody_relies_on(tenant: Tenant) -> None:
    people = {one["mail"]: one for one in tenant.control("GET", "/people").json()}
    assert people[PIET]["role"] == "technician"
    assert people["marek.ostwald@nordlicht-it.example"]["roles"] == ["technician", "administrator"]
    assert people[SERVICE]["role"] == "mailbox"
    assert people[JANA]["role"] == "customer"
    assert people[JANA]["tenant"] != people[PIET]["tenant"] == HOME_TENANT
    assert {"id", "mail", "name", "role", "tenant", "language"} <= set(people[PIET])


def test_requests_are_written_down_without_secrets(tenant: Tenant) -> None:
    tenant.app_token()
    tenant.deliver(letter("Written down"))
    tenant.json("GET", f"{S}/messages")
    found = tenant.control("GET", "/requests").json()
    assert [one["path"] for one in found[-2:]] == [f"/{HOME_TENANT}/oauth2/v2.0/token", f"/v1.0{S}/messages"]
    assert "Written down" in found[-1]["answer"]
    everything = json.dumps(found)
    assert tenant.token not in everything
    assert "sandbox-secret" not in everything
    newer = tenant.control("GET", "/requests", params={"since": found[-2]["index"]}).json()
    assert [one["index"] for one in newer] == [found[-1]["index"]]


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example"]
)
def test_foreign_host_names_are_refused(tenant: Tenant, host: str) -> None:
    for path in ("/_sandbox/people", "/_sandbox/", f"/v1.0{S}/messages"):
        assert tenant.http.get(path, headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost:8000"},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_pages_of_other_sites_cannot_steer(tenant: Tenant, headers: dict[str, str]) -> None:
    for path in ("/_sandbox/reset", "/_sandbox/token", f"/_sandbox/mail?to={SERVICE}"):
        assert tenant.http.post(path, headers=headers, content=b"{}").status_code == 403
    own = tenant.http.post("/_sandbox/token", headers={"Origin": tenant.url}, json={"app": True})
    assert own.status_code == 200


def test_the_clock_moves_on_and_is_told_in_a_file(tmp_path: Path) -> None:
    with started(tmp_path) as tenant:
        assert (tmp_path / "clock-offset").read_text() == "0"
        tenant.control("POST", "/clock", json={"advance": 3600})
        assert tenant.control("POST", "/clock", json={"advance": 60.5}).json()["offset"] == 3660.5
        assert float((tmp_path / "clock-offset").read_text()) == 3660.5
        assert tenant.http.post("/_sandbox/clock", json={"advance": -1}).status_code == 400
    with started(tmp_path) as tenant:
        assert tenant.control("GET", "/clock").json()["offset"] == 3660.5
        tenant.control("POST", "/reset")
        assert (tmp_path / "clock-offset").read_text() == "0"


def test_a_reset_is_as_at_the_start(tmp_path: Path) -> None:
    with started(tmp_path) as tenant:
        at_first = tenant.json("GET", f"{S}/mailFolders/inbox")["totalItemCount"]
        tenant.deliver(letter())
        tenant.graph("POST", f"{S}/sendMail", json={"message": {"toRecipients": [{"emailAddress": {"address": PIET}}]}})
        tenant.control("POST", "/faults", json={"match": "GET /v1.0/users/.*", "status": 500})
        tenant.control("POST", "/reset")
        assert tenant.sent() == []
        assert tenant.control("GET", "/requests").json() == []
        assert tenant.json("GET", f"{S}/mailFolders/inbox")["totalItemCount"] == at_first > 0


def test_the_first_mails_are_readable(tmp_path: Path) -> None:
    with started(tmp_path) as tenant:
        mails = tenant.json("GET", f"/users/{PIET}/messages?$top=50&$expand=attachments")["value"]
        kinds = {one["contentType"] for mail in mails for one in mail["attachments"]}
        service = tenant.json("GET", f"{S}/messages?$top=50")["value"]
        assert "image/png" in kinds
        assert {mail["from"]["emailAddress"]["address"] for mail in service} >= {JANA, "buero@quastner.example"}
        assert all(mail["bodyPreview"] and mail["subject"] for mail in mails + service)
        threads = [mail["conversationId"] for mail in mails if "Angebot Firewall" in mail["subject"]]
        assert len(threads) == 2
        assert len(set(threads)) == 1


def test_state_survives_a_restart(tmp_path: Path) -> None:
    with started(tmp_path) as tenant:
        got = tenant.deliver(letter("Kept"))
        token = tenant.token
        link = tenant.json("GET", f"{S}/mailFolders/inbox/messages/delta?$filter=isRead eq true")["@odata.deltaLink"]
        path = link.partition("/v1.0")[2]
    with started(tmp_path) as tenant:
        tenant.token = token
        assert tenant.json("GET", f"{S}/messages/{got['id']}")["subject"] == "Kept"
        assert tenant.json("GET", path)["value"] == []


def test_faults_refuse_slow_down_and_drop(tenant: Tenant) -> None:
    tenant.control(
        "POST", "/faults", json={"match": "GET /v1.0/users/[^/]+/messages", "status": 429, "retry_after": 7, "times": 1}
    )
    refused = tenant.graph("GET", f"{S}/messages", want=429)
    assert refused.headers["Retry-After"] == "7"
    assert refused.json()["error"]["code"] == "TooManyRequests"
    assert tenant.graph("GET", f"{S}/messages").status_code == 200
    tenant.control("POST", "/faults", json={"match": "POST /v1.0/.*sendMail", "status": 504, "after_effect": True})
    message = {"toRecipients": [{"emailAddress": {"address": PIET}}]}
    assert tenant.graph("POST", f"{S}/sendMail", json={"message": message}).status_code == 504
    assert len(tenant.sent()) == 1
    tenant.control("DELETE", "/faults")
    tenant.control("POST", "/faults", json={"match": "* /v1.0/.*", "drop": True, "times": 1})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        tenant.graph("GET", f"{S}/messages")
    assert tenant.graph("GET", f"{S}/messages").status_code == 200
    for wrong in ({}, {"match": "nonsense"}, {"match": "GET /x"}, {"match": "GET (", "status": 500}):
        assert tenant.http.post("/_sandbox/faults", json=wrong).status_code == 400


def test_open_pages_hear_of_changes(tenant: Tenant) -> None:
    with tenant.http.stream("GET", "/_sandbox/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 1000"
        sender = Thread(target=tenant.deliver, args=(letter(),))
        sender.start()
        heard = next(json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: "))
        sender.join()
    assert heard == {"mailbox": SERVICE}


def test_the_start_page_leads_everywhere(tenant: Tenant) -> None:
    page = tenant.http.get("/_sandbox/")
    assert page.status_code == 200
    for address in (PIET, SERVICE, JANA):
        assert f'href="/_sandbox/outlook?as={address}"' in page.text
    assert "http://localhost:8000" in page.text
