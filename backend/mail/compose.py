"""Mails of the desk as bytes (RFC 5322, MIME): what Exchange takes as a draft and anybody's client reads.

Header lines are written here, not by the standard library: its folding encodes long Message-IDs and
breaks names, and a line break in a value must be an error, not something to be escaped.
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import charset, policy
from email.encoders import encode_base64
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, quote
from typing import Final
from urllib.parse import quote as percent

from backend.mail.parse import Address, Attachment

_UTF8: Final = charset.Charset("utf-8")
_UTF8.body_encoding = charset.QP
_POLICY: Final = policy.compat32.clone(linesep="\r\n", max_line_length=None)
_BREAK: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_ID: Final = re.compile(r"^<[!-;=?-~]{3,900}>$")
_ADDRESS: Final = re.compile(r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$")
_TYPE: Final = re.compile(r"^[A-Za-z0-9!#$&^_.+-]{1,60}/[A-Za-z0-9!#$&^_.+-]{1,80}$")
_LANGUAGE: Final = re.compile(r"^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$")
_AUTOMATIC: Final = frozenset({"auto-replied", "auto-generated", "auto-notified"})
_METHODS: Final = frozenset({"REQUEST", "CANCEL"})
_LINE: Final = 76
MOST_REFERENCES: Final = 20


@dataclass(frozen=True)
class Calendar:
    """An iCalendar object (RFC 5545) and its METHOD: REQUEST or CANCEL."""

    method: str
    content: str


class NotAHeader(ValueError):
    """A value has line breaks or characters that its header line may not have."""


def compose(
    *,
    from_: Address,
    to: Sequence[Address],
    subject: str,
    text: str,
    message_id: str,
    date: datetime,
    installation: str,
    html: str | None = None,
    cc: Sequence[Address] = (),
    reply_to: Address | None = None,
    in_reply_to: str | None = None,
    references: Sequence[str] = (),
    attachments: Sequence[Attachment] = (),
    automatic: str | None = None,
    language: str | None = None,
    calendar: Calendar | None = None,
) -> bytes:
    """A whole mail with CRLF line ends, none longer than 998 octets.

    `html` must be clean already (`sanitise.outgoing`) and shows inline attachments by `cid:` and their
    content id. `references` is the chain before this mail, the parent last (`in_reply_to` is added when
    it is missing). `automatic` is the Auto-Submitted word (RFC 3834): "auto-replied" for an
    acknowledgement, "auto-generated" for a notification, None for what a person wrote. `installation`
    names this Deskside (X-Deskside-Loop). `calendar` is an invitation or its end, which calendar programs show as such.
    Raises NotAHeader when a header value has a line break or an address, id or name is malformed.
    """
    lines = [
        _header("From", [_mailbox(from_)]),
        _header("To", _mailboxes(to)),
        _header("Cc", _mailboxes(cc)) if cc else "",
        _header("Reply-To", [_mailbox(reply_to)]) if reply_to else "",
        _header("Subject", [_phrase(subject, quoted=False)]),
        _header("Date", [format_datetime(date.astimezone(UTC))]),
        _header("Message-ID", [_identity(message_id)]),
        _header("In-Reply-To", [_identity(in_reply_to)]) if in_reply_to else "",
        _header("References", _chain(references, in_reply_to)),
        _header("Content-Language", [_plain(language, _LANGUAGE)]) if language else "",
        *_marks(automatic, installation),
    ]
    body = _body(text, html, attachments, calendar)
    return "".join(lines).encode("ascii") + body.as_bytes(policy=_POLICY)


def _marks(automatic: str | None, installation: str) -> list[str]:
    marks = [_header("X-Deskside-Loop", [_plain(installation, re.compile(r"^[A-Za-z0-9._-]{1,100}$"))])]
    if automatic is not None:
        if automatic not in _AUTOMATIC:
            raise NotAHeader("automatic is one of " + ", ".join(sorted(_AUTOMATIC)))
        marks.append(_header("Auto-Submitted", [automatic]))
        marks.append(_header("X-Auto-Response-Suppress", ["All"]))
    return marks


def _chain(references: Sequence[str], in_reply_to: str | None) -> list[str]:
    """References (RFC 5322, 3.6.4): the first and the last ones when there are many."""
    chain = [one for one in dict.fromkeys(references) if _ID.match(one)]
    if in_reply_to:
        chain = [one for one in chain if one != in_reply_to] + [in_reply_to]
    return chain if len(chain) <= MOST_REFERENCES else chain[:1] + chain[1 - MOST_REFERENCES :]


def _header(name: str, words: Sequence[str]) -> str:
    """One header, folded between `words`; nothing when there are none."""
    if not words:
        return ""
    lines, line = [], f"{name}:"
    for word in (piece for one in words for piece in one.split(" ")):
        if len(line) + 1 + len(word) > _LINE and line.strip() and line != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    if max(len(one) for one in [*lines, line]) > 990:
        raise NotAHeader(f"{name} is too long")
    return "\r\n".join([*lines, line]) + "\r\n"


def _plain(value: str, shape: re.Pattern[str]) -> str:
    if not shape.match(value):
        raise NotAHeader(f"not a header value: {value[:60]!r}")
    return value


def _identity(value: str) -> str:
    return _plain(value, _ID)


def _mailboxes(many: Sequence[Address]) -> list[str]:
    unique = {one.address.lower(): one for one in reversed(many)}
    boxes = [_mailbox(one) for one in reversed(unique.values())]
    return [f"{box}," for box in boxes[:-1]] + boxes[-1:]


def _mailbox(one: Address) -> str:
    local, _, domain = one.address.rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}" if not domain.isascii() else one.address
    except UnicodeError as error:
        raise NotAHeader("the domain cannot be written") from error
    address = _plain(address, _ADDRESS)
    return f"{_phrase(one.name, quoted=True)} <{address}>" if one.name.strip() else address


def _phrase(value: str, *, quoted: bool) -> str:
    """`value` as it stands when it is plain ASCII, else as encoded words (RFC 2047)."""
    if _BREAK.search(value):
        raise NotAHeader("a header value has a line break")
    value = " ".join(value.split())
    if value.isascii() and "=?" not in value and all(len(word) < 900 for word in value.split(" ")):
        return f'"{quote(value)}"' if quoted else value
    return " ".join(_encoded_words(value))


def _encoded_words(value: str) -> list[str]:
    words, piece = [], b""
    for letter in value:
        data = letter.encode("utf-8", "replace")
        if len(piece) + len(data) > 42:
            words.append(piece)
            piece = b""
        piece += data
    words.append(piece)
    return [f"=?utf-8?B?{b64encode(word).decode()}?=" for word in words]


def _body(text: str, html: str | None, attachments: Sequence[Attachment], calendar: Calendar | None) -> Message:
    body: Message = _text(text, "plain")
    inline = [one for one in attachments if one.inline and one.content_id and html]
    if html is not None or calendar is not None:
        alternative = MIMEMultipart("alternative", policy=_POLICY)
        alternative.attach(body)
        if html is not None:
            alternative.attach(_shown(html, inline))
        if calendar is not None:
            alternative.attach(_calendar(calendar))
        body = alternative
    rest = [one for one in attachments if one not in inline]
    if rest:
        mixed = MIMEMultipart("mixed", policy=_POLICY)
        mixed.attach(body)
        for one in rest:
            mixed.attach(_file(one, "attachment"))
        body = mixed
    if "MIME-Version" not in body:
        body["MIME-Version"] = "1.0"
    return body


def _shown(html: str, inline: Sequence[Attachment]) -> Message:
    shown: Message = _text(html, "html")
    if not inline:
        return shown
    related = MIMEMultipart("related", policy=_POLICY, type="text/html")
    related.attach(shown)
    for one in inline:
        related.attach(_file(one, "inline"))
    return related


def _calendar(calendar: Calendar) -> Message:
    """The last alternative, with its method in the header: so programs know it as an invitation (RFC 6047, 2.4)."""
    if calendar.method not in _METHODS:
        raise NotAHeader("method is one of " + ", ".join(sorted(_METHODS)))
    part = MIMEBase("text", "calendar", policy=_POLICY, charset="utf-8", method=calendar.method)
    part.set_payload(calendar.content.encode())
    encode_base64(part)
    return part


def _text(content: str, subtype: str) -> MIMEText:
    content = content.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    part = MIMEText("", subtype, policy=_POLICY)
    del part["Content-Transfer-Encoding"]
    part.set_payload(content, _UTF8)
    return part


def _file(one: Attachment, disposition: str) -> Message:
    kind = one.content_type if _TYPE.match(one.content_type) else "application/octet-stream"
    if kind.startswith(("multipart/", "message/")):
        kind = "application/octet-stream"
    part = MIMEBase(*kind.split("/", 1), policy=_POLICY)
    part.set_payload(one.data)
    encode_base64(part)
    part["Content-Disposition"] = f"{disposition}; {_file_name(one.name)}"
    if one.content_id:
        part["Content-ID"] = f"<{_plain(one.content_id, re.compile(r'^[A-Za-z0-9._%+@=-]{1,200}$'))}>"
    return part


def _file_name(name: str) -> str:
    """The parameter `filename`, beyond ASCII in the form of RFC 2231 (with a plain one for old clients)."""
    if _BREAK.search(name):
        raise NotAHeader("a file name has a line break")
    plain = "".join(letter if letter.isascii() else "_" for letter in name)
    parameter = f'filename="{quote(plain)}"'
    return parameter if name.isascii() else f"{parameter};\r\n filename*=utf-8''{percent(name, safe='')}"
