"""Raw mail to the parts Graph shows, and back. Reading accepts any bytes."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import Header, decode_header
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.policy import SMTP, compat32
from email.utils import format_datetime, formataddr, getaddresses, parsedate_to_datetime
from typing import Any

Address = dict[str, str]
_ADDRESS = re.compile(r"[^\s<>\"',;]+@[^\s<>\"',;]+")
# Headers that are made anew from a mail's properties; all others are kept as they came.
STRUCTURE = re.compile(
    r"from|sender|to|cc|bcc|reply-to|subject|date|message-id|in-reply-to|references|importance|mime-version|content-.*"
    r"|received|return-path",
    re.IGNORECASE,
)
# Long lines, because the folding of the standard library encodes ids that are longer than a short line.
POLICY = SMTP.clone(max_line_length=900)
_LONGEST_LIST = 50_000  # letters; reading addresses takes the square of it


@dataclass
class Part:
    """An attachment. `kind` is file or item (an attached mail)."""

    name: str
    content_type: str
    content: bytes
    inline: bool = False
    content_id: str | None = None
    kind: str = "file"


@dataclass
class Letter:
    """A mail taken apart."""

    headers: list[tuple[str, str]]
    subject: str
    sender: list[Address]
    author: list[Address]
    to: list[Address]
    cc: list[Address]
    bcc: list[Address]
    reply_to: list[Address]
    date: datetime | None
    message_id: str | None
    in_reply_to: str | None
    references: list[str]
    importance: str = "normal"
    html: str | None = None
    text: str | None = None
    parts: list[Part] = field(default_factory=list)


def _decode(data: bytes, charset: str | None) -> str:
    for name in (charset, "utf-8"):
        try:
            return data.decode(name or "utf-8")
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("latin-1")


def _unknown(value: Any) -> str:
    """A header as text; bytes that nobody declared are read as UTF-8, else Latin-1."""
    if not isinstance(value, Header):
        return str(value)
    parts = decode_header(value)
    return "".join(part if isinstance(part, str) else _decode(part, None) for part, _ in parts)


def _piece(piece: str | bytes, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    if charset is not None:
        return _decode(piece, charset)
    try:
        # So the standard library hands over what stands between encoded words.
        return piece.decode("raw-unicode-escape")
    except UnicodeDecodeError:
        return piece.decode("latin-1")


def words(value: Any) -> str:
    """A header's text: encoded words decoded, folding undone, no line breaks or NUL."""
    if value is None:
        return ""
    text = _unknown(value)
    try:
        text = "".join(_piece(piece, charset) for piece, charset in decode_header(text))
    except Exception:  # any bytes may come in; a header that cannot be decoded is shown as it is
        text = str(text)
    return re.sub(r"[\r\n\0]+[ \t]*", " ", text).strip()


def _raw(value: Any) -> str:
    """A header as it stands, encoded words and all, so that a comma inside a name does not part it."""
    return re.sub(r"[\r\n]+", "", _unknown(value))


def _addresses(message: Message, name: str) -> list[Address]:
    found: list[Address] = []
    for value in message.get_all(name, []):
        text = _raw(value)
        try:
            pairs = [pair for pair in getaddresses([text[:_LONGEST_LIST]]) if "@" in pair[1]]
        except RecursionError:  # groups in groups
            pairs = []
        if not pairs:
            pairs = [("", address) for address in _ADDRESS.findall(text)]
        found += [{"name": words(shown) or address, "address": address} for shown, address in pairs]
    return found


def _ids(message: Message, name: str) -> list[str]:
    return re.findall(r"<[^<>\s]+>", " ".join(words(value) for value in message.get_all(name, [])))


def _date(message: Message) -> datetime | None:
    try:
        moment = parsedate_to_datetime(words(message.get("Date")))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        return None


def _importance(message: Message) -> str:
    said = (words(message.get("Importance")) or words(message.get("X-Priority"))[:1]).lower()
    return {"high": "high", "1": "high", "2": "high", "low": "low", "4": "low", "5": "low"}.get(said, "normal")


def _content(part: Message) -> bytes:
    try:
        content = part.get_payload(decode=True)
    except Exception:  # broken encodings are shown undecoded, as Exchange does
        content = None
    if isinstance(content, bytes):
        return content
    payload = part.get_payload()
    return payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""


def _file_name(part: Message) -> str:
    try:
        name = part.get_filename()
    except Exception:  # a parameter nobody can read
        name = None
    return words(name) if name else ""


def _attached_mail(part: Message) -> Part:
    inner = part.get_payload()
    mail = inner[0] if isinstance(inner, list) and inner else None
    raw = mail.as_bytes() if isinstance(mail, Message) else _content(part)
    subject = words(mail.get("Subject")) if isinstance(mail, Message) else ""
    return Part(_file_name(part) or subject or "message", "message/rfc822", raw, kind="item")


def _collect(part: Message, letter: Letter, related: bool) -> None:
    kind = part.get_content_type()
    if kind == "message/rfc822":
        letter.parts.append(_attached_mail(part))
        return
    payload = part.get_payload()
    if isinstance(payload, list) and part.get_content_maintype() == "multipart":
        for child in payload:
            if isinstance(child, Message):
                _collect(child, letter, related or kind == "multipart/related")
        return
    disposition = (part.get_content_disposition() or "").lower()
    name = _file_name(part)
    if kind in ("text/plain", "text/html") and disposition != "attachment" and not name:
        slot = "html" if kind == "text/html" else "text"
        if getattr(letter, slot) is None:
            setattr(letter, slot, _decode(_content(part), part.get_content_charset()).replace("\0", ""))
            return
    content_id = words(part.get("Content-ID")).strip("<> ") or None
    content = _content(part)
    if kind == "message/delivery-status" and isinstance(payload, list):
        content = b"\r\n".join(item.as_bytes() for item in payload if isinstance(item, Message))
    letter.parts.append(
        Part(
            name or _unnamed(kind, len(letter.parts) + 1),
            kind,
            content,
            inline=disposition == "inline" or (related and content_id is not None and disposition != "attachment"),
            content_id=content_id,
        )
    )


def _unnamed(kind: str, number: int) -> str:
    ending = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf", "text/calendar": "ics"}.get(kind)
    return f"ATT{number:05d}.{ending or ('txt' if kind.startswith('text/') else 'dat')}"


def read(raw: bytes) -> Letter:
    """Takes a raw mail apart; whatever is broken is left out or guessed, nothing raises."""
    try:
        message = message_from_bytes(raw, policy=compat32)
        letter = _headed(message)
        _collect(message, letter, related=False)
    # Nested thousands of levels deep, for one: its bytes are kept all the same, and its head can be read.
    except Exception:
        letter = _headed(BytesHeaderParser(policy=compat32).parsebytes(raw))
    return letter


def _headed(message: Message) -> Letter:
    ids = _ids(message, "Message-ID")
    return Letter(
        headers=[(name, words(value)) for name, value in message.items()],
        subject=words(message.get("Subject")),
        sender=_addresses(message, "Sender")[:1],
        author=_addresses(message, "From")[:1],
        to=_addresses(message, "To"),
        cc=_addresses(message, "Cc"),
        bcc=_addresses(message, "Bcc"),
        reply_to=_addresses(message, "Reply-To"),
        date=_date(message),
        message_id=ids[0] if ids else words(message.get("Message-ID")) or None,
        in_reply_to=next(iter(_ids(message, "In-Reply-To")), None),
        references=_ids(message, "References"),
        importance=_importance(message),
    )


def _joined(addresses: list[Address]) -> str:
    shown = []
    for one in addresses:
        name = "" if one.get("name") == one["address"] else one.get("name", "")
        try:
            shown.append(formataddr((name, one["address"])))
        except UnicodeEncodeError:
            shown.append(one["address"])
    return ", ".join(shown)


def write(doc: dict[str, Any], message_id: str, date: datetime, text: str, parts: list[Part]) -> bytes:
    """A raw mail out of a message kept as Graph properties (`doc` as `documents.py` has it); Bcc included."""
    message = EmailMessage(policy=POLICY)
    for name, key in (("From", "from"), ("Sender", "sender"), ("To", "to"), ("Cc", "cc"), ("Bcc", "bcc"),
                      ("Reply-To", "replyTo")):  # fmt: skip
        if doc.get(key) and not (key == "sender" and doc["sender"] == doc.get("from")):
            message[name] = _joined(doc[key])
    message["Subject"] = re.sub(r"[\r\n]+", " ", doc["subject"])
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    if doc.get("inReplyTo"):
        message["In-Reply-To"] = doc["inReplyTo"]
    if doc.get("references"):
        message["References"] = " ".join(doc["references"])
    if doc.get("importance", "normal") != "normal":
        message["Importance"] = doc["importance"]
    for name, value in doc.get("customHeaders", []):
        message[name] = re.sub(r"[\r\n]+", " ", value)
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    inline = [part for part in parts if part.inline and part.content_id]
    if doc["body"]["contentType"] == "html":
        message.add_alternative(doc["body"]["content"], subtype="html", charset="utf-8", cte="quoted-printable")
        related = message.get_payload()
        markup = related[1] if isinstance(related, list) else None
        if isinstance(markup, EmailMessage):
            for part in inline:
                main, _, sub = part.content_type.partition("/")
                markup.add_related(
                    part.content, main, sub or "octet-stream", cid=f"<{part.content_id}>", filename=part.name
                )
    else:
        inline = []
    for part in parts:
        if part not in inline:
            _attach(message, part)
    return message.as_bytes(policy=POLICY)


def _attach(message: EmailMessage, part: Part) -> None:
    if part.kind == "item":
        message.add_attachment(message_from_bytes(part.content, policy=POLICY), filename=part.name)
        return
    main, _, sub = part.content_type.partition("/")
    if main in ("multipart", "message") or not re.fullmatch(r"[\w.+-]+", sub) or not re.fullmatch(r"[\w-]+", main):
        main, sub = "application", "octet-stream"
    message.add_attachment(part.content, main, sub, filename=part.name)
