"""A mail as bytes (RFC 5322, MIME) to what the desk needs of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import Message
from email.parser import BytesFeedParser, BytesHeaderParser
from typing import Any, Final

from backend.mail import problems
from backend.mail.parse import body as bodies
from backend.mail.parse.body import LONGEST_PARAMETERS, Attachment, Body, Segment
from backend.mail.parse.charset import decode, tidy
from backend.mail.parse.headers import Address, addresses, cut, date, decode_words, ids, raw_text
from backend.mail.parse.limit import Stopwatch

MOST_HEADERS: Final = 1_000
LONGEST_HEADER: Final = 2_000
# Journals and signatures of the way here: long, many, and nobody asks for them.
_LEFT_OUT: Final = ("received", "x-received", "dkim-signature", "arc-", "x-ms-exchange-", "x-google-dkim-")
_KEPT: Final = ("x-ms-exchange-inbox-rules-loop", "x-ms-exchange-generated-message-source")
_POLICY: Final = policy.compat32
_PIECE: Final = 50_000
_MOST_HEADER_LINES: Final = 20_000
_ORIGINAL: Final = "original.eml"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, read. Whatever its bytes, each field is text that pages and database can hold.

    `date` is in UTC; ids have their angle brackets; `text` and `html` are as sent, neither is sanitised;
    `headers` has lower-case names, decoded values, at most 2,000 characters each; `problems` are
    sentences (catalogue keys) on what could not be read; `content_hash` tells two mails apart that
    share a Message-ID.
    """

    internet_message_id: str | None
    in_reply_to: str | None
    references: tuple[str, ...]
    from_: Address | None
    reply_to: tuple[Address, ...]
    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    date: datetime | None
    text: str | None
    html: str | None
    attachments: tuple[Attachment, ...]
    content_type: str
    headers: Mapping[str, tuple[str, ...]] = field(repr=False)
    problems: tuple[str, ...]
    content_hash: str

    def header(self, name: str) -> str | None:
        """The first value of the header `name` (any case); None when the mail has none."""
        values = self.headers.get(name.lower())
        return values[0] if values else None


def parse(raw: bytes) -> Mail:
    """Reads a mail. Never raises, whatever the bytes: what cannot be read is said in `problems`."""
    message, body = _read(raw)
    raw_headers = _raw_headers(message, body)

    def first(name: str) -> str:
        return next((value for value in raw_headers.get(name, ()) if value.strip()), "")

    senders = addresses(first("from"))
    from_ = next((one for one in senders if one.address), senders[0] if senders else None)
    if from_ is None or not from_.address:
        body.problem(problems.BAD_FROM)
    when = date(first("date"))
    if when is None and first("date"):
        body.problem(problems.BAD_DATE)
    subject = cut(decode_words(first("subject")), 500)
    hashed = content_hash(from_, when, subject, body.text() or body.html() or "", body.attachments)
    if problems.INCOMPLETE.intersection(body.problems):
        body.attach(_ORIGINAL, "message/rfc822", raw)
    return Mail(
        internet_message_id=next(iter(ids(first("message-id"))), None),
        in_reply_to=next(iter(ids(first("in-reply-to"))), None),
        references=ids(first("references")),
        from_=from_,
        reply_to=addresses(first("reply-to")),
        sender=next(iter(addresses(first("sender"))), None),
        to=_all_addresses(raw_headers.get("to", [])),
        cc=_all_addresses(raw_headers.get("cc", [])),
        subject=subject,
        date=when,
        text=body.text(),
        html=body.html(),
        attachments=tuple(body.attachments),
        content_type=_content_type(message),
        headers=_shown_headers(raw_headers),
        problems=tuple(body.problems),
        content_hash=hashed,
    )


def content_hash(
    from_: Address | None, when: datetime | None, subject: str, body: str, files: Sequence[Attachment]
) -> str:
    """SHA-256 (hex) over sender, second, subject, words and files of a mail.

    White space and letter case of the address do not count: two ways through the same servers may
    differ in them. Of a mail inside the mail only that it is there: servers write it anew.
    """
    parts = (
        from_.address if from_ else "",
        when.replace(microsecond=0).isoformat() if when else "",
        " ".join(subject.split()),
        " ".join(body.split()),
        *sorted(
            "" if one.content_type.startswith("message/") else hashlib.sha256(one.data).hexdigest() for one in files
        ),
    )
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()


def _read(raw: bytes) -> tuple[Message, Body]:
    if raw.startswith((b"From ", b">From ")):
        raw = raw.partition(b"\n")[2]
    watch = Stopwatch()
    try:
        message, read_all = _fed(raw, watch)
        body = bodies.read(message, watch)
        if not read_all:
            body.problem(problems.TOO_SLOW)
        return message, body
    # The standard library's parser is not made for hostile bytes (RecursionError on deep nesting, and a
    # dozen kinds of ValueError); a mail is never lost for it.
    except Exception:
        return _headers_only(raw)


class _Part(Message):
    """A part whose boundary the parser asks for while it reads, in a way that takes hours for hostile parameters."""

    def get_boundary(self, failobj: object = None) -> Any:
        """The boundary, from as much of the header as any honest one has (one letter more: it will be said)."""
        value = str(self.get("content-type") or "")
        if len(value) > LONGEST_PARAMETERS:
            self.replace_header("content-type", value[: LONGEST_PARAMETERS + 1])
        return super().get_boundary(failobj)


class _Parser(BytesFeedParser):
    """The standard library's parser; of endless headers, also of a part's, it takes the beginning."""

    def _parse_headers(self, lines: list[str]) -> None:
        super()._parse_headers(lines[:_MOST_HEADER_LINES])  # type: ignore[misc]


def _fed(raw: bytes, watch: Stopwatch) -> tuple[Message, bool]:
    """The parts of `raw`, and whether these are all: each open level makes each line slower to read."""
    parser = _Parser(_Part, policy=_POLICY)
    start = 0
    while start < len(raw) and not (start and watch.over()):
        # A piece ends at a line's end: the parser goes through an unfinished line again with the next piece.
        end = raw.find(b"\n", start + _PIECE) + 1 or len(raw)
        parser.feed(raw[start:end])
        start = end
    return parser.close(), start >= len(raw)


def _headers_only(raw: bytes) -> tuple[Message, Body]:
    """A mail whose parts cannot be read: its headers, and the beginning of its body as it came."""
    body = Body()
    body.problem(problems.BROKEN)
    head, _, rest = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    body.segments.append(Segment(text=decode(rest[:100_000], None)[0]))
    try:
        return BytesHeaderParser(policy=_POLICY).parsebytes(head[:1_000_000]), body
    except Exception:
        return Message(), body


def _raw_headers(message: Message, body: Body) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for number, (name, value) in enumerate(message.raw_items()):
        if number >= MOST_HEADERS:
            body.problem(problems.HEADERS_CUT)
            break
        found.setdefault(str(name).strip().lower(), []).append(raw_text(str(value)))
    return found


def _shown_headers(raw_headers: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    shown: dict[str, tuple[str, ...]] = {}
    for name, values in raw_headers.items():
        if name in _KEPT or not name.startswith(_LEFT_OUT):
            shown[tidy(name)[:200]] = tuple(decode_words(value)[:LONGEST_HEADER] for value in values[:20])
    return shown


def _all_addresses(values: list[str]) -> tuple[Address, ...]:
    found = [one for value in values[:20] for one in addresses(value)]
    return tuple({(one.address or one.name): one for one in reversed(found)}.values())[::-1]


def _content_type(message: Message) -> str:
    """The mail's own content type with its report type, as bounces and receipts are told by it."""
    kind = message.get_content_type()
    try:
        report = message.get_param("report-type")
    except (ValueError, TypeError, LookupError):
        report = None
    return tidy(f"{kind}; report-type={report}".lower() if isinstance(report, str) else kind)[:200]
