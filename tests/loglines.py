"""What a whole installation has written to its logs, held to it that nothing secret and nobody's words are there.

Every installation that tests start is looked at when it ends. Before, it is asked in ways it has to complain about,
each with something secret: a log in which nothing was said would prove nothing.
"""

import email
import email.policy
import re
from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from typing import Any

import httpx

from backend.sandbox.people import CLIENT_SECRET

# Programs whose lines are ours; the sandbox tenant is Microsoft here, and its log is for looking into.
OURS = ("web", "worker", "deskside", "prepare", "migrate")
_LINE = re.compile(r"^(\w+) *\| (.*)$")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
# What secrets look like, whoever's they are.
LOOKS = {
    "an access token": re.compile(r"eyJ[\w-]{8,}\.[\w-]+"),
    "an API token": re.compile(r"dsk_[\w-]{20,}"),
    "a cookie": re.compile(r"__Host-deskside"),
    "a session or a code of sign-in": re.compile(r"(?<![\w-])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{43}(?![\w-])"),
    "a CSRF token, a clientState or the key of a file": re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"),
    "a delta token": re.compile(r"(?:delta|skip)token", re.IGNORECASE),
    "a password in an address": re.compile(r"//[^/\s:@]+:[^/\s@]+@"),
}
SHORTEST = 12  # letters of somebody's line that cannot stand in a log by chance
# Made up, and sent to every door that looks at something of the kind.
JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImxvZyJ9.eyJzdWIiOiJMb2dic3VjaCJ9.c2lnbmF0dXJlLW9mLXRoZS1sb2ctdGVzdA"
API_TOKEN = "dsk_" + "Lg9" * 14
CODE, COOKIE, STATE = "0.AXoALogbuchCode-Lg9", "Lg9" * 14 + "x", "f00d" * 16
WORDS = "Logbuchwort zwischen Tür und Angel"


def provoke(web: str, sandbox: str) -> None:
    """Asks what is refused, with secrets in every place where one can be."""
    bearer = {"Authorization": f"Bearer {JWT}"}
    client = httpx.Client(base_url=web, timeout=30, cookies={"__Host-deskside": COOKIE})
    client.post("/session", headers={**bearer, "Origin": web})
    client.post("/session", headers={"Authorization": f"Bearer {STATE}", "Origin": web})
    client.get("/api/v1/tickets", params={"q": WORDS}, headers={"Authorization": f"Bearer {API_TOKEN}"})
    client.get("/tickets/%00", params={"q": WORDS})
    client.post("/sign-in/callback", data={"code": CODE, "state": STATE, "error": f"{WORDS}"[:11]})
    client.post("/tickets/1/messages", data={"csrf_token": STATE, "text": WORDS})
    activity = {"type": "message", "text": WORDS, "serviceUrl": sandbox, "channelId": "msteams"}
    client.post("/api/messages", json=activity, headers=bearer)
    client.post("/api/messages", json=activity)
    notice = {"subscriptionId": "x", "clientState": STATE, "resourceData": {"id": CODE}}
    for path in ("/microsoft/notifications", "/microsoft/calendar/lifecycle"):
        client.post(path, json={"value": [notice]})
    client.close()


def lines(output: str) -> list[str]:
    """The lines of our own programs in what an installation has said."""
    found = (_LINE.match(_COLOURS.sub("", line)) for line in output.splitlines())
    return [line[2] for line in found if line and line[1] in OURS]


def said_in(raw: bytes) -> Iterator[str]:
    """The subject and the lines of a mail, as far as they are long enough to be known again."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    yield str(message["Subject"] or "")
    body = message.get_body(("plain",))
    if body is not None:
        try:
            yield from str(body.get_content()).splitlines()
        except (LookupError, UnicodeError):
            return


def secrets_of(sandbox: str, key: str, tokens: Iterable[str], mails: Iterable[bytes]) -> set[str]:
    """Everything that was secret or said in this installation, as its tenant knows it."""
    said = [line for raw in mails for line in said_in(raw)]
    with httpx.Client(base_url=sandbox, timeout=60) as tenant:
        sent: list[dict[str, Any]] = tenant.get("/_sandbox/sent").json()
        said += [str(one["subject"]) for one in sent]
        for one in sent[:40]:
            said += said_in(tenant.get(f"/_sandbox/sent/{one['id']}/mime").content)
        for talk in tenant.get("/_sandbox/teams/conversations").json()[:40]:
            there = tenant.get(f"/_sandbox/teams/conversations/{talk['id']}").json()
            said += [str(one.get("text") or "") for one in there.get("activities", [])]
    own = {key, CLIENT_SECRET, JWT, API_TOKEN, CODE, COOKIE, STATE, WORDS, *tokens}
    return own | {line.strip() for line in said if len(line.strip()) >= SHORTEST and " " in line.strip()}


def leaks(written: Iterable[str], secrets: Iterable[str]) -> list[str]:
    """A sentence for each line that tells one of `secrets`, or something that looks like one."""
    known, offences = sorted(secrets), []
    for line in written:
        told = [f"tells {secret!r}" for secret in known if secret in line]
        told += [f"has {name}" for name, look in LOOKS.items() if look.search(line)]
        offences += [f"{one}: {line[:400]}" for one in told]
    return offences
