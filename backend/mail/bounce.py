"""Reports that a mail was not delivered (RFC 3464 and the shapes from before it): what failed, and why."""

import re
from dataclasses import dataclass
from typing import Final

from backend.mail.parse import Attachment, Mail
from backend.mail.parse.charset import decode
from backend.mail.parse.headers import decode_words, ids

_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_STATUS: Final = re.compile(r"(?<![0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?![0-9.])")
_REPLY_CODE: Final = re.compile(r"(?<![0-9.])([45][0-9]{2})[ -]")
_REPORTS: Final = ("message/delivery-status", "message/feedback-report", "message/global-delivery-status")
_COPIES: Final = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global")
LONGEST: Final = 100_000


@dataclass(frozen=True, slots=True)
class Bounced:
    """What a delivery report says. Empty where it says nothing."""

    recipients: tuple[str, ...] = ()
    original_message_id: str | None = None
    status: str = ""
    action: str = ""
    diagnostic: str = ""

    @property
    def permanent(self) -> bool:
        """Whether it is no use to send again as it is."""
        return self.action == "failed" or self.status.startswith("5") or not (self.status or self.action)


def read(mail: Mail) -> Bounced:
    """What the delivery report `mail` says; fields stay empty when it says nothing."""
    reports = "\n".join(_text(one) for one in mail.attachments if one.content_type in _REPORTS)
    fields = _fields(reports)
    body = (mail.text or "")[:LONGEST]
    recipients = _recipients(fields, mail, body)
    status = next(iter(fields.get("status", ())), "").split(" ")[0]
    found = _STATUS.search(status) or _STATUS.search(body)
    code = _REPLY_CODE.search(body)
    diagnostic = next(iter(fields.get("diagnostic-code", ())), "").partition(";")[2].strip()
    return Bounced(
        recipients=recipients,
        original_message_id=_original_id(mail, body),
        status=found[1] if found else (f"{code[1][0]}.0.0" if code else ""),
        action=next(iter(fields.get("action", ())), "").split(" ")[0].lower()[:20],
        diagnostic=diagnostic[:500],
    )


def has_report(mail: Mail) -> bool:
    """Whether a machine-readable report is in `mail`."""
    return any(one.content_type in _REPORTS for one in mail.attachments)


def _text(one: Attachment) -> str:
    return decode(one.data[:LONGEST], None)[0]


def _fields(text: str) -> dict[str, list[str]]:
    """Header-like lines of a report; its folded lines joined."""
    fields: dict[str, list[str]] = {}
    name = ""
    for line in text.split("\n")[:5_000]:
        if line[:1] in (" ", "\t") and name:
            fields[name][-1] += f" {line.strip()}"
            continue
        head, colon, value = line.partition(":")
        name = head.strip().lower() if colon and " " not in head.strip() else ""
        if name:
            fields.setdefault(name, []).append(decode_words(value))
    return fields


def _recipients(fields: dict[str, list[str]], mail: Mail, body: str) -> tuple[str, ...]:
    named = [
        *fields.get("original-recipient", ()),
        *fields.get("final-recipient", ()),
        *fields.get("original-rcpt-to", ()),
        *(mail.header("x-failed-recipients") or "").split(","),
    ]
    found = [address for value in named for address in _ADDRESS.findall(value)[:1]]
    if not found:
        ours = {one.address for one in (*mail.to, *([mail.from_] if mail.from_ else []))}
        found = [one for one in _ADDRESS.findall(_before_copy(body)) if one.lower() not in ours][:1]
    return tuple(dict.fromkeys(one.lower() for one in found))[:100]


def _before_copy(body: str) -> str:
    """The report's own words, without the copy of the mail that many put below."""
    low = body.lower()
    ends = [low.find(mark) for mark in ("\nreceived:", "\nreturn-path:", "\nmessage-id:", "copy of the message")]
    return body[: min((end for end in ends if end > 0), default=len(body))]


def _original_id(mail: Mail, body: str) -> str | None:
    for one in mail.attachments:
        if one.content_type in _COPIES:
            found = _message_id(_text(one))
            if found:
                return found
    return _message_id(body) or mail.in_reply_to or (mail.references[-1] if mail.references else None)


def _message_id(text: str) -> str | None:
    for line, following in zip(lines := text.split("\n")[:3_000], [*lines[1:], ""], strict=False):
        if line.strip().lower().startswith("message-id:"):
            found = ids(f"{line.partition(':')[2]} {following if following[:1].isspace() else ''}")
            if found:
                return found[0]
    return None
