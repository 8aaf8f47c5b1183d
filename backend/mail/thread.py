"""What ties mails to a ticket: Message-IDs that only we can make, and the number in the subject."""

import hashlib
import hmac
import re
import unicodedata
from base64 import b32encode
from typing import Final

_PURPOSE: Final = re.compile(r"^[a-z]{1,20}$")
_OUTBOUND: Final = re.compile(r"^[a-z0-9-]{1,64}$")
_DOMAIN: Final = re.compile(r"^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$")
_OWN: Final = re.compile(r"^<?ds\.([a-z]{1,20})\.([a-z0-9-]{1,64})\.([a-z2-7]{24})@[^<>@\s]{1,255}>?$")
_TOKEN: Final = re.compile(r"\[#([1-9][0-9]{0,11})\]")
_FORWARDS: Final = "fwd?|wg|tr|rv|i|enc|doorst|vb|vl|pd|ilt|továbbítás|weitergeleitet|inoltro|inoltra"
_REPLIES: Final = "re|aw|antw|antwort|sv|vs|rif|r|réf|ref|rép|res|resp|odp|ynt|bls|vá|回复|答复|回覆|答覆"
# "Re:", "AW :", "Re[5]:", "Re(2):", "Re^3:", "RE*2:"; a few spaces at most, so that it stays linear.
_PREFIX: Final = re.compile(
    rf"^(?:({_FORWARDS})|(?:{_REPLIES}))(?:\[[0-9]{{1,3}}\]|\([0-9]{{1,3}}\)|[\^*][0-9]{{1,3}})? ?[:：] ?",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"^\[(?:ext|extern|external|externe|externo|esterno|extern[a-z -]{0,20})\]:? ?", re.IGNORECASE
)
LONGEST_SUBJECT: Final = 255


def new_message_id(key: bytes, domain: str, purpose: str, outbound_id: int | str) -> str:
    """The Message-ID of a mail we send, e.g. "<ds.reply.4711.…@desk.example>".

    `purpose` is a word (reply, ack, notice), `outbound_id` the row's id: together unique, and the same
    at each attempt. Signed with `key`, so that nobody can guess his way into a ticket.
    Raises ValueError when a part has characters that an id may not have.
    """
    identity, domain = str(outbound_id).lower(), domain.lower()
    if not (_PURPOSE.match(purpose) and _OUTBOUND.match(identity) and _DOMAIN.match(domain)):
        raise ValueError("purpose, outbound id and domain must be plain words")
    return f"<ds.{purpose}.{identity}.{_signature(key, purpose, identity)}@{domain}>"


def verify(key: bytes, message_id: str) -> tuple[str, str] | None:
    """(purpose, outbound id) of a Message-ID that `new_message_id` made with `key`; else None."""
    found = _OWN.match(message_id.strip().lower()) if len(message_id) <= 1_000 else None
    if not found:
        return None
    expected = _signature(key, found[1], found[2])
    return (found[1], found[2]) if hmac.compare_digest(expected, found[3]) else None


def _signature(key: bytes, purpose: str, identity: str) -> str:
    mac = hmac.new(key, f"message-id.{purpose}.{identity}".encode(), hashlib.sha256)
    return b32encode(mac.digest()[:15]).decode().lower()


def with_token(subject: str, number: int) -> str:
    """`subject` with "[#10234]" after its "Re:", other numbers of ours taken out; cut at 255 characters."""
    rest = _one_line(subject)
    prefixes = rest[: len(rest) - len(_unprefixed(rest))]
    bare = _one_line(_TOKEN.sub(" ", rest[len(prefixes) :]))
    whole = f"{prefixes}[#{number}] {bare}".strip()
    return whole if len(whole) <= LONGEST_SUBJECT else whole[: LONGEST_SUBJECT - 1].rstrip() + "…"


def numbers_in(subject: str) -> tuple[int, ...]:
    """The ticket numbers in `subject`, in their order, none twice."""
    return tuple(dict.fromkeys(int(found) for found in _TOKEN.findall(subject[:2_000])))


def without_prefixes(subject: str) -> str:
    """`subject` without Re:, AW:, Fwd:, Re[5]: …, labels like [EXTERN] and our own numbers."""
    rest = _one_line(subject)
    while True:
        shorter = _one_line(_TOKEN.sub(" ", _unprefixed(rest)))
        if shorter == rest:
            return rest
        rest = shorter


def same_subject(one: str, other: str) -> bool:
    """Whether two subjects are the same but for prefixes, numbers, letter case and white space."""
    return _folded(one) == _folded(other)


def is_forward(subject: str) -> bool:
    """Whether the outermost prefix of `subject` says "forwarded"."""
    rest = _LABEL.sub("", _one_line(subject))
    rest = _one_line(_TOKEN.sub(" ", rest)) if rest.startswith("[#") else rest
    found = _PREFIX.match(rest)
    return bool(found and found[1])


def is_reply(subject: str) -> bool:
    """Whether the outermost prefix of `subject` says "answer"."""
    rest = _LABEL.sub("", _one_line(subject))
    rest = _one_line(_TOKEN.sub(" ", rest)) if rest.startswith("[#") else rest
    found = _PREFIX.match(rest)
    return bool(found and not found[1])


def _unprefixed(subject: str) -> str:
    rest = subject
    while True:
        found = _PREFIX.match(rest) or _LABEL.match(rest)
        if not found:
            return rest
        rest = rest[found.end() :]


def _folded(subject: str) -> str:
    return unicodedata.normalize("NFKC", without_prefixes(subject)).casefold().rstrip(" .…")


def _one_line(subject: str) -> str:
    return " ".join(subject[:2_000].split())
