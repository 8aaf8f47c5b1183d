"""The parts of a mail: which are its text, which are attachments, with limits to depth, number and size."""

import html
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Final

from backend.mail import problems
from backend.mail.parse import tnef, uu
from backend.mail.parse.charset import decode
from backend.mail.parse.flat import flat
from backend.mail.parse.flowed import unflow
from backend.mail.parse.headers import decode_words, raw_text
from backend.mail.parse.limit import Stopwatch
from backend.mail.parse.names import safe_name

DEEPEST: Final = 40
MOST_PARTS: Final = 1_000
LONGEST_TEXT: Final = 2_000_000
LONGEST_PARAMETERS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail.

    `name` is safe as a file name and on a page; `content_id` is without angle brackets, None when the
    part has none; `inline` says that the text shows it in its place.
    """

    name: str
    content_type: str
    data: bytes
    inline: bool = False
    content_id: str | None = None


@dataclass(slots=True)
class Segment:
    """One piece of the body: a plain text, an HTML text, or both saying the same."""

    text: str | None = None
    html: str | None = None


@dataclass(slots=True)
class Body:
    """What a walk through the parts gathered."""

    segments: list[Segment] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def problem(self, sentence: str) -> None:
        """Notes `sentence` once."""
        if sentence not in self.problems:
            self.problems.append(sentence)

    def attach(self, name: str | None, kind: str, data: bytes, cid: str | None = None, inline: bool = False) -> None:
        """Adds a file under a safe name."""
        name = safe_name(name, kind, len(self.attachments) + 1)
        self.attachments.append(Attachment(name, kind, data, inline, cid))

    def text(self) -> str | None:
        """All plain text, or None when there is none."""
        texts = [one.text for one in self.segments if one.text is not None]
        return "\n\n".join(text.strip("\n") for text in texts) if texts else None

    def html(self) -> str | None:
        """All HTML, plain pieces between it as paragraphs; None when nothing is HTML."""
        if not any(one.html for one in self.segments):
            return None
        pieces = []
        for one in self.segments:
            if one.html:
                pieces.append(one.html)
            elif one.text and one.text.strip():
                pieces.append(f'<pre style="white-space: pre-wrap">{html.escape(one.text.strip())}</pre>')
        return "\n".join(pieces)


def read(message: Message, watch: Stopwatch) -> Body:
    """Walks through the parts of `message`, the outermost first, without recursion, until `watch` is over."""
    body = Body()
    waiting: list[tuple[Message, int, Segment | None]] = [(message, 0, None)]
    seen = 0
    while waiting:
        part, depth, shared = waiting.pop()
        seen += 1
        if seen > MOST_PARTS:
            body.problem(problems.TOO_MANY_PARTS)
            break
        if watch.over():
            body.problem(problems.TOO_SLOW)
            break
        kind = _prepare(part, body)
        if kind.startswith("multipart/") and part.is_multipart():
            if depth >= DEEPEST:
                body.problem(problems.TOO_DEEP)
                continue
            inner = _inner(part, kind, depth, shared, body)
            waiting.extend(reversed(inner))
        else:
            _leaf(part, kind, shared, body, watch)
    return body


def _inner(
    part: Message, kind: str, depth: int, shared: Segment | None, body: Body
) -> list[tuple[Message, int, Segment | None]]:
    parts = [one for one in part.get_payload() if isinstance(one, Message)]
    if kind == "multipart/alternative":
        shared = Segment()
        body.segments.append(shared)
    elif kind == "multipart/signed":
        parts = parts[:1] + [one for one in parts[1:] if not _is_signature(one)]
    elif kind == "multipart/encrypted":
        body.problem(problems.PGP_ENCRYPTED)
    elif kind != "multipart/related":
        shared = None if depth == 0 else shared
    return [(one, depth + 1, shared) for one in parts]


def _is_signature(part: Message) -> bool:
    return part.get_content_type() in (
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
    )


def _prepare(part: Message, body: Body) -> str:
    """Makes the headers of `part` safe to ask for parameters; gives its content type."""
    raw = {name.lower(): str(value) for name, value in reversed(list(part.raw_items()))}
    for name in ("content-type", "content-disposition", "content-transfer-encoding", "content-id"):
        if name not in raw:
            continue
        text = raw_text(raw[name])
        if len(text) > LONGEST_PARAMETERS:
            body.problem(problems.HEADERS_CUT)
            text = text[:LONGEST_PARAMETERS]
        if name == "content-transfer-encoding":
            text = text.strip().strip(";\"'").split(";")[0].split(" ")[0]
        if text != raw[name]:
            part.replace_header(name, text)
    kind = part.get_content_type()
    if kind.startswith("multipart/") and not part.is_multipart():
        body.problem(problems.BROKEN)
        return "text/plain"
    usable = kind.isascii() and kind.isprintable() and len(kind) <= 100
    return kind if usable else "application/octet-stream"


def _leaf(part: Message, kind: str, shared: Segment | None, body: Body, watch: Stopwatch) -> None:
    name = _file_name(part)
    disposition = str(part.get("content-disposition") or "").split(";")[0].strip().lower()
    cid = str(part.get("content-id") or "").strip().strip("<>").strip()[:300] or None
    if kind.startswith("message/") and part.is_multipart():
        _message(part, kind, name, body)
        return
    data = _content(part)
    if kind in ("text/plain", "text/html") and disposition != "attachment" and not name:
        _text(part, kind, data, shared, body)
    elif kind == "application/ms-tnef" or (name or "").lower() == "winmail.dat":
        _winmail(data, kind, body, watch)
    elif kind == "message/external-body":
        body.problem(problems.ELSEWHERE)
    else:
        if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            body.problem(problems.ENCRYPTED)
            name = name or "smime.p7m"
        if kind == "text/calendar":
            name = name or "invitation.ics"
        if data or name:
            inline = disposition == "inline" or (cid is not None and disposition != "attachment")
            body.attach(name, kind, data, cid, inline)


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    whole = part.get_payload()
    return whole.encode("utf-8", "surrogateescape") if isinstance(whole, str) else b""


def _file_name(part: Message) -> str | None:
    """The name a part gives itself; the form that can say all letters (RFC 2231) before the plain one."""
    names = []
    for wanted, header in (("filename", "content-disposition"), ("name", "content-type")):
        try:
            values = [value for key, value in part.get_params([], header) if key.lower() == wanted]
            values.sort(key=lambda value: isinstance(value, str))
            names += [collapse_rfc2231_value(value) for value in values]
        except (ValueError, LookupError, TypeError, UnicodeError):
            continue
    decoded = (decode_words(raw_text(name)) for name in names)
    return next((name for name in decoded if name.strip()), None)


def _text(part: Message, kind: str, data: bytes, shared: Segment | None, body: Body) -> None:
    try:
        charset = part.get_param("charset")
        charset = collapse_rfc2231_value(charset) if charset is not None else None
        flowed = str(part.get_param("format") or "").lower() == "flowed"
        delete_space = str(part.get_param("delsp") or "").lower() == "yes"
    except (ValueError, LookupError, TypeError, UnicodeError):
        charset, flowed, delete_space = None, False, False
    if len(data) > LONGEST_TEXT * 2:
        body.problem(problems.TOO_LONG)
        body.attach(None, kind, data)
        data = data[: LONGEST_TEXT * 2]
    text, as_declared = decode(data, charset if isinstance(charset, str) else None)
    text = text[:LONGEST_TEXT]
    if not as_declared:
        body.problem(problems.CHARSET)
    if kind == "text/plain":
        text, files = uu.extract(text)
        for name, content in files:
            body.attach(name, "application/octet-stream", content)
        text = unflow(text, delete_space=delete_space) if flowed else text
    _place(text, kind, shared, body)


def _place(text: str, kind: str, shared: Segment | None, body: Body) -> None:
    field_name = "html" if kind == "text/html" else "text"
    if shared is None or getattr(shared, field_name) is not None:
        shared = Segment()
        body.segments.append(shared)
    setattr(shared, field_name, text)


def _message(part: Message, kind: str, name: str | None, body: Body) -> None:
    """A mail inside the mail, or a delivery report: kept as a file, never mixed with this mail's text."""
    inner = [one for one in part.get_payload() if isinstance(one, Message)]
    encoding = str(part.get("content-transfer-encoding") or "").lower()
    try:
        data = b"".join(flat(one) for one in inner)
        if encoding in ("base64", "quoted-printable") and inner and not inner[0].keys():
            inner[0]["Content-Transfer-Encoding"] = encoding
            data = _content(inner[0]) or data
    # What the parser let pass may be nested too deeply, or name a boundary that is none.
    except Exception:
        body.problem(problems.BROKEN)
        data = str(inner[0].get_payload() if inner else "").encode("utf-8", "replace")
    if kind == "message/rfc822" and not name and inner:
        subject = decode_words(raw_text(str(inner[0].get("subject") or "")))
        name = f"{subject[:100]}.eml" if subject else None
    body.attach(name, kind, data)


def _winmail(data: bytes, kind: str, body: Body, watch: Stopwatch) -> None:
    opened = tnef.unwrap(data, watch)
    if opened is None or watch.over():
        body.problem(problems.TNEF if opened is None else problems.TOO_SLOW)
        body.attach("winmail.dat", kind, data)
        return
    has_text = any((one.text or one.html or "").strip() for one in body.segments)
    if not has_text and (opened.text or opened.html):
        body.segments.append(Segment(opened.text, opened.html))
    elif not has_text and opened.rtf:
        body.problem(problems.TNEF_RTF)
        body.attach("winmail.dat", kind, data)
    for name, content in opened.files:
        body.attach(name, "application/octet-stream", content)
