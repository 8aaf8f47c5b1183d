"""HTML of a mail as lines of plain text, each knowing where in the HTML it begins."""

import re
from dataclasses import dataclass, field
from typing import Final

from backend.mail.markup import VOID, Token

_BLOCKS: Final = frozenset(
    "address article aside blockquote center dd div dl dt figure figcaption footer h1 h2 h3 h4 h5 h6 header hr li"
    " main ol p pre section table tbody tfoot thead tr ul caption".split()
)
_SPACED: Final = frozenset("p h1 h2 h3 h4 h5 h6 blockquote ul ol table pre dl".split())
_NO_MARGIN: Final = re.compile(r"margin(?:-top|-bottom)?: ?0(?:[a-z.0-9 ]{0,30};|[a-z.0-9 ]{0,30}$)")
_HIDDEN: Final = re.compile(r"display: ?none|mso-hide: ?all|visibility: ?hidden|font-size: ?0(?:px|pt)?(?:;|$)")
_FILE: Final = re.compile(r"^\S+\.(?:png|jpe?g|gif|bmp|webp)$|^(?:image|bild|logo|picture)\b", re.IGNORECASE)
_QUOTE_CLASSES: Final = frozenset(
    {"gmail_quote", "yahoo_quoted", "protonmail_quote", "zmail_extra", "outlookmessageheader", "tutanota_quote"}
    | {"gmail_quote_container", "front-blockquote", "moz-email-headers-table"}
)
_QUOTE_IDS: Final = ("divrplyfwdmsg", "appendonsend", "replysplit", "mail-editor-reference-message-container")
_QUOTE_NAMES: Final = frozenset({"quote", "messagereplysection"})
_SIGNATURE_CLASSES: Final = frozenset({"gmail_signature", "moz-signature", "protonmail_signature_block"})
_SIGNATURE_IDS: Final = frozenset({"signature", "x_signature", "ms-outlook-mobile-signature", "applemailsignature"})
RULE: Final = "_" * 20


@dataclass(slots=True)
class Line:
    """A line of text. `first` and `after` bound its tokens; `mark` is quote, forward or signature.

    A line that is only a picture has no text, but `picture`.
    """

    text: str
    first: int = 0
    after: int = 0
    mark: str = ""
    picture: bool = False

    @property
    def shows(self) -> bool:
        """Whether there is anything to see in it."""
        return self.picture or bool(self.text.strip())


def to_lines(tokens: list[Token]) -> list[Line]:
    """The lines of a canonical HTML text."""
    writer = _Writer()
    for index, token in enumerate(tokens):
        writer.index = index
        if token.kind == "text":
            writer.words(token.text)
        elif token.kind == "start":
            writer.start(token)
        else:
            writer.end(token.name)
    writer.flush()
    while writer.lines and not writer.lines[-1].shows and not writer.lines[-1].mark:
        writer.lines.pop()
    return writer.lines


@dataclass(slots=True)
class _Open:
    name: str
    quotes: bool = False
    hides: bool = False
    margin: bool = True
    href: str = ""
    number: int | None = None
    words_before: int = 0


@dataclass(slots=True)
class _Writer:
    lines: list[Line] = field(default_factory=list)
    index: int = 0
    pieces: list[str] = field(default_factory=list)
    first: int = -1
    after: int = 0
    stack: list[_Open] = field(default_factory=list)
    lists: list[_Open] = field(default_factory=list)
    depth: int = 0
    hidden: int = 0
    pre: int = 0
    blank: bool = False
    touched: bool = False
    picture: bool = False
    mark: str = ""

    def words(self, text: str) -> None:
        if self.hidden:
            return
        if self.pre:
            for number, line in enumerate(text.split("\n")):
                if number:
                    self.flush(force=True)
                if line:
                    self._put(line)
            return
        shown = " ".join(text.split())
        if not shown:
            self.touched = self.touched or "\xa0" in text
            if text and self.pieces:
                self.pieces.append(" ")
            return
        leading = " " if text[0].isspace() and self.pieces else ""
        self._put(f"{leading}{shown}{' ' if text[-1].isspace() else ''}")

    def _put(self, text: str) -> None:
        if self.first < 0:
            self.first = self.index
        self.after = self.index + 1
        self.pieces.append(text)

    def flush(self, *, force: bool = False) -> None:
        """Ends the line; an empty one counts when it was asked for (<br>, a lone no-break space)."""
        text = "".join(self.pieces)
        text = text.rstrip() if self.pre else re.sub(r" {2,9}", " ", text).strip()
        if text or force or self.touched or self.picture:
            if text and self.blank and self.lines and self.lines[-1].text.strip("> "):
                inside = self.depth and self.lines[-1].text.startswith(">")
                self.lines.append(Line(">" if inside else "", self.index, self.index))
            prefix = "> " * self.depth
            if text or self.picture or not self.lines or self.lines[-1].text.strip("> ") or self.pre:
                first = self.first if self.first >= 0 else self.index
                line = Line((prefix + text).rstrip(), first, max(self.after, first), self.mark, self.picture)
                self.lines.append(line)
                self.mark = ""
            self.blank = False
        self.pieces, self.first, self.touched, self.picture = [], -1, False, False

    def start(self, token: Token) -> None:
        name = token.name
        if name == "br":
            self.flush(force=True)
            return
        if name == "img":
            self._image(token)
            return
        if name in _BLOCKS:
            self.flush()
        mark = _mark(token)
        if mark and not self.mark and not self.hidden:
            self.flush()
            self.mark = mark
        if name == "hr":
            if not self.hidden:
                self._put(RULE)
                self.flush()
            return
        if name in VOID:
            return
        self._open(token)
        if name in ("td", "th") and self.pieces and not self.hidden:
            self.pieces.append(" | ")

    def _open(self, token: Token) -> None:
        style = token.get("style").lower()
        opened = _Open(token.name)
        opened.hides = bool(style) and _HIDDEN.search(style) is not None
        opened.margin = "mso" not in token.get("class").lower() and not (style and _NO_MARGIN.search(style))
        if token.name == "blockquote":
            opened.quotes = self._is_quote(token, style)
        elif token.name == "a":
            opened.href, opened.words_before = token.get("href"), len(self.pieces)
        elif token.name == "ol":
            opened.number = 0
        if token.name in _SPACED and opened.margin:
            self.blank = True
        self.stack.append(opened)
        if token.name in ("ul", "ol"):
            self.lists.append(opened)
        self.hidden += opened.hides
        self.pre += token.name == "pre"
        self.depth += opened.quotes
        if token.name == "li" and not self.hidden:
            self._bullet()

    def _is_quote(self, token: Token, style: str) -> bool:
        marked = token.get("type") == "cite" or "quote" in token.get("class").lower() or "border-left" in style
        last = next((line.text for line in reversed(self.lines[-3:]) if line.text), "")
        return marked or last.rstrip().endswith((":", "："))

    def _bullet(self) -> None:
        bullet = "- "
        if self.lists and self.lists[-1].number is not None:
            self.lists[-1].number += 1
            bullet = f"{self.lists[-1].number}. "
        self._put("  " * min(max(len(self.lists) - 1, 0), 8) + bullet)

    def end(self, name: str) -> None:
        at = next((n for n in range(len(self.stack) - 1, -1, -1) if self.stack[n].name == name), None)
        if at is None:
            return
        if name == "a" and not self.hidden:
            self._link(self.stack[at])
        if name in _BLOCKS:
            self.flush()
            self.blank = self.blank or (name in _SPACED and self.stack[at].margin)
        for closed in self.stack[at:]:
            self.hidden -= closed.hides
            self.pre -= closed.name == "pre"
            self.depth -= closed.quotes
            if closed.name in ("ul", "ol"):
                self.lists.pop()
        del self.stack[at:]

    def _link(self, opened: _Open) -> None:
        said = "".join(self.pieces[opened.words_before :]).strip()
        target = opened.href.removeprefix("mailto:").removeprefix("tel:")
        bare = target.split("://")[-1].rstrip("/").removeprefix("www.").lower()
        if said and bare and len(target) <= 300 and bare not in said.lower().replace(" ", ""):
            self._put(f" <{target}>")

    def _image(self, token: Token) -> None:
        alt = " ".join(token.get("alt").split())
        if self.hidden:
            return
        self.after = self.index + 1
        self.first = self.index if self.first < 0 else self.first
        self.picture = True
        if alt and not _FILE.match(alt) and len(alt) <= 200:
            self.pieces.append(alt if len(alt) <= 4 else f"[{alt}]")


def _mark(token: Token) -> str:
    """What the program that wrote the HTML says begins at this tag."""
    classes = set(token.get("class").lower().split())
    identity = token.get("id").lower().removeprefix("x_")
    if token.name in ("div", "span", "td", "table") and (
        classes & _QUOTE_CLASSES
        or identity in _QUOTE_IDS
        or token.get("name").lower() in _QUOTE_NAMES
        or token.get("data-marker") == "__QUOTED_TEXT__"
    ):
        return "quote"
    if token.name == "hr" and identity in ("zwchr", "stopspelling"):
        return "quote"
    if "moz-forward-container" in classes:
        return "forward"
    if classes & _SIGNATURE_CLASSES or identity in _SIGNATURE_IDS or token.get("data-smartmail"):
        return "signature"
    return ""
