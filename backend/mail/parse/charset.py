"""Bytes of a mail to text, though the declared character set may be wrong, unknown or a lie."""

import codecs
import re
from typing import Final

# Only codecs that turn bytes into text in linear time: "zlib", "idna", "punycode" and the like are
# Python codecs too, and a mail may name any of them.
_KNOWN: Final = re.compile(
    r"^(utf|iso|latin|l\d|cp|ibm|windows|koi8|gb|hz|big5|euc|shift|sjis|ms9|mac|tis|johab|ks_c|ksc|uhc|viscii"
    r"|us-ascii|ascii|ansi|unicode-1-1)",
    re.IGNORECASE,
)
# What senders mean when they say the name on the left (the WHATWG Encoding Standard draws the same lines).
_MEANT: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
_CONTROL: Final = {code: None for code in range(32) if code not in (9, 10)} | {127: None, 0xFEFF: None}


def lookup(charset: str | None) -> str | None:
    """The codec to use for the declared `charset`; None when there is none or it names no text encoding."""
    name = (charset or "").strip().strip("\"'").strip()
    if not name or len(name) > 40 or not _KNOWN.match(name):
        return None
    if name.lower() == "ansi" or name.lower().startswith("ks_c"):
        name = "cp1252" if name.lower() == "ansi" else "cp949"
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return _MEANT.get(found, found)


def decode(data: bytes, charset: str | None) -> tuple[str, bool]:
    """`data` as text, and whether it was what `charset` says.

    UTF-8 that is valid and not plain ASCII is believed before a declared single-byte set: such text
    is all but never anything else. Then the declared set, then windows-1252.
    """
    codec = lookup(charset)
    if data.isascii() and codec not in ("iso2022_jp", "iso2022_kr", "hz", "utf-7", "utf-16", "utf-32"):
        return tidy(data.decode("ascii")), True
    single_byte = codec is None or codec.startswith(("cp125", "iso8859", "cp437", "cp850", "mac"))
    if single_byte or codec == "utf-8":
        try:
            return tidy(data.decode("utf-8")), codec in (None, "utf-8")
        except UnicodeDecodeError:
            pass
    if codec and codec != "utf-8":
        try:
            return tidy(data.decode(codec)), True
        except (UnicodeError, ValueError):
            pass
    if codec and not single_byte and _mostly(data, codec):
        return tidy(data.decode(codec, "replace")), False
    return tidy(data.decode("cp1252", "replace")), codec is None or codec == "cp1252"


def _mostly(data: bytes, codec: str) -> bool:
    """Whether `data` is text in `codec` but for a few broken places (cut in the middle of a character)."""
    text = data[:100_000].decode(codec, "replace")
    broken = text.count("\ufffd")
    return sum(1 for letter in text if letter > "\x7f") > 2 * broken


def tidy(text: str) -> str:
    """`text` as database and page can hold it: no control characters, no half surrogates, LF line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL)
    return text.encode("utf-8", "replace").decode("utf-8")
