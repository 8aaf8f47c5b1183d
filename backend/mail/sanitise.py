"""HTML of strangers made fit to stand on our pages, and HTML of technicians fit to be sent.

What is not named here goes. The parser is the one of ammonia (nh3), so that what it saw and what the
browser sees are the same; what it writes is changed afterwards only token by token.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

import nh3

from backend.mail import markup, styles

_SHAPE: Final = {
    "*": {"style", "dir", "lang", "title", "align"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "tr": {"valign", "bgcolor"},
    "td": {"colspan", "rowspan", "valign", "width", "height", "bgcolor", "nowrap"},
    "th": {"colspan", "rowspan", "valign", "width", "height", "bgcolor", "nowrap"},
    "font": {"color", "face", "size"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
}
_SENT_TAGS: Final = frozenset(
    "a b blockquote br code div em h1 h2 h3 h4 hr i img li ol p pre s span strong sub sup table tbody td th thead"
    " tr u ul".split()
)
_LINK: Final = re.compile(r"^(?:https?://[^\s/]|mailto:[^\s]|tel:[+0-9(])", re.IGNORECASE)
_REMOTE: Final = re.compile(r"^https?://[^\s/]", re.IGNORECASE)
_DATA: Final = re.compile(r"^data:image/(?:png|gif|jpe?g|webp|bmp);base64,[A-Za-z0-9+/=\s]+$", re.IGNORECASE)
_SIZE: Final = re.compile(r"^([0-9]{1,4})(?:px)?$|^([0-9]{1,3})%$")
_WORD: Final = re.compile(r"^[#A-Za-z0-9 ,_+-]{1,60}$")
_SIZES: Final = frozenset("width height border cellpadding cellspacing colspan rowspan span start value".split())
_COUNTS: Final = frozenset("colspan rowspan span".split())
_LEADS_AWAY: Final = (("target", "_blank"), ("rel", "noopener noreferrer nofollow"))
_HOLLOW: Final = re.compile(r"[\x00-\x20\x7f\u200b\u2028\u2029\ufeff]+")


@dataclass(frozen=True, slots=True)
class Clean:
    """HTML to show, and how many pictures of other servers it holds back (in `data-remote-src`)."""

    html: str
    remote_images: int


def clean(html: str, *, cid: Mapping[str, str] | None = None, remote: bool = False) -> Clean:
    """`html` of a mail, harmless.

    `cid` maps content ids (without brackets) to addresses of ours; pictures whose id is not in it lose
    their source. Pictures of other servers are held back, unless `remote` says that the person wants
    them; invisible ones (one pixel) are left out altogether. Links open elsewhere and tell nobody from
    where. Takes time in proportion to the length: what a parser would need long for is shown as text.
    """
    known = {key.strip("<>").lower(): url for key, url in (cid or {}).items()}
    kept: list[str] = []
    held_back = 0
    for token in markup.tokens(_nh3(html, markup.TAGS)):
        if token.kind == "start" and token.name == "a" and token.get("href"):
            kept.append(markup.start_tag("a", [*token.attributes, *_LEADS_AWAY]))
        elif token.kind == "start" and token.name == "img":
            tag, is_remote = _picture(token, known, remote)
            held_back += is_remote
            kept.append(tag)
        else:
            kept.append(token.raw)
    return Clean("".join(kept), held_back)


def held_back(shown: str) -> bool:
    """Whether HTML that `clean` made holds back a picture of another server."""
    return " data-remote-src=" in shown


def with_pictures(shown: str) -> str:
    """HTML that `clean` made, with the pictures it held back, by https: no other is ever loaded."""
    kept = []
    for token in markup.tokens(shown):
        source = token.get("data-remote-src")
        if token.name != "img" or not source:
            kept.append(token.raw)
            continue
        attributes = [pair for pair in token.attributes if pair[0] != "data-remote-src"]
        safe = "https:" + source.partition(":")[2]
        kept.append(markup.start_tag("img", [("src", safe), ("referrerpolicy", "no-referrer"), *attributes]))
    return "".join(kept)


def outgoing(html: str) -> str:
    """What a technician wrote, as it may be sent: simple formatting, links, lists, tables, own pictures."""
    kept = []
    for token in markup.tokens(_nh3(html, _SENT_TAGS)):
        source = token.get("src").lower() if token.name == "img" else ""
        if token.name != "img" or source.startswith("cid:"):
            kept.append(token.raw)
    return "".join(kept)


def _nh3(html: str, tags: frozenset[str]) -> str:
    return nh3.clean(
        markup.affordable(html),
        tags=set(tags),
        clean_content_tags=set(markup.GONE_WITH_CONTENT),
        attributes={name: set(values) for name, values in _SHAPE.items() if name in tags or name == "*"},
        attribute_filter=_attribute,
        url_schemes=set(markup.SCHEMES),
        link_rel=None,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "style":
        return styles.filtered(value) or None
    if name == "href":
        address = value.strip() if value.lower().startswith(("mailto:", "tel:")) else _HOLLOW.sub("", value)
        address = f"https:{address}" if address.startswith("//") else address
        return address if _LINK.match(address) and len(address) <= 8_000 else None
    if name == "src":
        address = value.strip()
        address = f"https:{address}" if address.startswith("//") else address
        shown = address.lower().startswith("cid:") or _REMOTE.match(address) or _DATA.match(address)
        return address if shown else None
    if name in _SIZES:
        found = _SIZE.match(value.strip())
        number = int(found[1] or found[2]) if found else -1
        largest = 100 if name in _COUNTS or (found and found[2]) else 2_000
        return value.strip() if 0 <= number <= largest else None
    if name in ("title", "alt"):
        return value[:1_000]
    return value if _WORD.match(value) else None


def _picture(token: markup.Token, known: Mapping[str, str], remote: bool) -> tuple[str, bool]:
    """The tag of a picture, and whether it is held back."""
    attributes = [pair for pair in token.attributes if pair[0] != "src"]
    source = token.get("src")
    if source.lower().startswith("cid:"):
        url = known.get(unquote(source[4:]).strip("<> ").lower())
        return markup.start_tag("img", [("src", url), *attributes] if url else attributes), False
    if not _REMOTE.match(source):
        return token.raw, False
    if token.get("width") in ("0", "1") or token.get("height") in ("0", "1"):
        return "", False
    if remote:
        return markup.start_tag("img", [("src", source), ("referrerpolicy", "no-referrer"), *attributes]), False
    return markup.start_tag("img", [("data-remote-src", source), *attributes]), True
