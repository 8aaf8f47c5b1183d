"""Where a link of a mail really leads, and whether its words say so."""

import html as escapes
import ipaddress
import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from backend.mail import markup

# What looks like a host in a text: labels, the last one of letters (or of another script).
_NAMED: Final = re.compile(
    r"(?P<scheme>https?://|www\.)?(?:[^\s@/<>()\[\]]*@)?"
    r"(?P<host>(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,24}))\b",
    re.IGNORECASE,
)
# A last label that is a kind of file far more often than a place.
_FILES: Final = frozenset(
    "asc bmp cer csv doc docm docx eml exe gif htm html ics jpeg jpg js json log md msg odp ods odt p7m p7s pdf php png"
    " pps ppt pptx ps rar rtf svg tif tiff txt vcf xls xlsm xlsx xml zip".split()
)
# Letters of our five languages; a host of others may look like one of these.
_KNOWN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.àâäáæçèéêëíìîïñóòôöœßùúûüÿ")
# Microsoft Defender writes all links anew: learn.microsoft.com/defender-office-365/safe-links-about
_SAFE_LINKS: Final = ".safelinks.protection.outlook.com"
_LONGEST: Final = 8_000


def host_of(address: str) -> str:
    """The host that a browser goes to for `address` (http, https), in small letters; "" when there is none.

    A backslash counts as a slash and percent signs are read (https://url.spec.whatwg.org/#host-parsing); what stands
    before an @ is no host.
    """
    scheme, colon, rest = address.strip()[:_LONGEST].partition(":")
    if not colon or scheme.lower() not in ("http", "https"):
        return ""
    try:
        host = urlsplit("https://" + rest.replace("\\", "/").lstrip("/")).hostname or ""
    except ValueError:
        return ""
    return unquote(host).rstrip(".").lower().translate({0x3002: ".", 0xFF0E: ".", 0xFF61: "."})


def target_of(address: str) -> str:
    """`address`, or where it leads on to when Microsoft has written it anew to look at the click first."""
    if host_of(address).endswith(_SAFE_LINKS):
        inner = parse_qs(urlsplit(address).query).get("url", [""])[0]
        if host_of(inner):
            return inner
    return address


def plain(host: str) -> str:
    """`host` in letters that look like nothing else: a name with foreign letters as its xn-- form."""
    spoken = _spoken(host)
    if all(letter in _KNOWN for letter in spoken):
        return spoken
    try:
        return spoken.encode("idna").decode()
    except UnicodeError:
        return ascii(spoken).strip("'")


def _spoken(host: str) -> str:
    try:
        return host.encode("ascii").decode("idna") if "xn--" in host else host
    except UnicodeError:
        return host


def _number(host: str) -> bool:
    """Whether `host` is an address of a machine, also as browsers still read it (one number, octal, hex)."""
    try:
        ipaddress.ip_address(host.strip("[]"))
        return True
    except ValueError:
        return re.fullmatch(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}", host) is not None


def _same(named: str, host: str) -> bool:
    named, host = plain(named).removeprefix("www."), plain(host).removeprefix("www.")
    return named == host or host.endswith(f".{named}") or named.endswith(f".{host}")


def _names(text: str) -> list[str]:
    """The hosts that `text` names. Two words with a full stop between them are none: "3.Quartal", "offer.pdf"."""
    found = []
    for one in _NAMED.finditer(text[:2_000]):
        before, _dot, last = one["host"].rpartition(".")
        one_case = last in (last.lower(), last.upper()) and len(before) > 1
        if one["scheme"] or (one_case and last.lower() not in _FILES):
            found.append(one["host"].lower())
    return found


def warning(text: str, address: str) -> str:
    """The real host, when the link `text` to `address` hides it: it names another one, the host has letters that look
    like others, is a bare number, or is preceded by something that looks like a host. Else "".
    """
    target = target_of(address)
    host = host_of(target)
    if not host:
        return _mail_warning(text, address)
    authority = re.split(r"[/\\?#]", target.partition(":")[2].lstrip("/\\"), maxsplit=1)[0]
    foreign = any(letter not in _KNOWN for letter in _spoken(host))
    if foreign or _number(host) or "@" in authority or "%" in authority:
        return plain(host)
    return plain(host) if any(not _same(named, host) for named in _names(text)) else ""


def _mail_warning(text: str, address: str) -> str:
    scheme, _colon, rest = address.partition(":")
    real = unquote(rest.partition("?")[0]).rpartition("@")[2].strip().lower()
    named = _names(text)
    return plain(real) if scheme.lower() == "mailto" and real and any(not _same(one, real) for one in named) else ""


def shown(html: str, leads_to: str) -> str:
    """Sanitised `html` whose links say their host when pointed at, and beside them when their words hide it.

    `leads_to` is a sentence with the gap %(host)s.
    """
    if "<a " not in html:
        return html
    kept: list[str] = []
    words: list[str] = []
    address = ""
    for token in markup.tokens(html):
        if token.kind == "start" and token.name == "a" and token.get("href"):
            address, words = token.get("href"), []
            host = plain(host_of(target_of(address)))
            pairs = [pair for pair in token.attributes if pair[0] != "title"]
            kept.append(markup.start_tag("a", [*pairs, ("title", host)] if host else pairs))
            continue
        kept.append(token.raw)
        if not address:
            continue
        words.append(token.text or (token.get("alt") if token.name == "img" else ""))
        if token.kind == "end" and token.name == "a":
            hidden = warning("".join(words), address)
            if hidden:
                said = escapes.escape(leads_to % {"host": hidden})
                kept.append(f'<span class="leads">{said}</span>')
            address = ""
    return "".join(kept)
