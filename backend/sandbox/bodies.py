"""Bodies between HTML and text, the way Exchange shows them."""

import html
import re
from html.parser import HTMLParser

_DROPPED = {"script", "iframe", "object", "embed", "applet", "frame", "frameset", "link", "base", "noscript"}
_VOID = {"area", "br", "col", "hr", "img", "input", "meta", "source", "wbr", "embed", "link", "base", "frame"}
_BREAKS = {"p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "pre"}
_URLS = {"href", "src", "action", "formaction", "background", "poster", "xlink:href"}
_BAD_URL = re.compile(r"^\s*(?:javascript|vbscript|data:text/html)", re.IGNORECASE)
# What Exchange puts around a plain-text mail when it is read as HTML.
_CONVERTED = (
    '<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    '<meta name="Generator" content="Microsoft Exchange Server">\r\n<!-- converted from text -->'
    "<style><!-- .EmailQuote {{ margin-left: 1pt; padding-left: 4pt; border-left: #800000 2px solid; }} --></style>"
    '</head>\r\n<body>\r\n<font size="2"><span style="font-size:11pt;"><div class="PlainText">{}</div></span></font>'
    "\r\n</body>\r\n</html>\r\n"
)
PREVIEW = 255  # characters of bodyPreview


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "title"):
            self._hidden += 1
        elif tag == "br" or (tag in _BREAKS and self.parts and not self.parts[-1].endswith("\n")):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "title"):
            self._hidden = max(0, self._hidden - 1)
        elif tag in _BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(re.sub(r"[ \t\r\n]+", " ", data))


def text_of(markup: str) -> str:
    """The words of an HTML body, with its line breaks."""
    reader = _Text()
    reader.feed(markup)
    reader.close()
    lines = [line.strip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def html_of(text: str) -> str:
    """A plain-text body as Exchange converts it to HTML."""
    lines = re.split(r"\r\n|\r|\n", text)
    return _CONVERTED.format("<br>\r\n".join(html.escape(line, quote=False) for line in lines))


def preview(text: str) -> str:
    """The first characters of a text as `bodyPreview` has them."""
    return re.sub(r"[ \t]+", " ", re.sub(r"\r\n|\r|\n", "\r\n", text)).strip()[:PREVIEW]


class _Safe(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.out: list[str] = []
        self._inside: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._inside:
            return
        if tag in _DROPPED:
            self._inside = None if tag in _VOID else tag
            return
        kept = [
            (name, value)
            for name, value in attrs
            if not name.startswith("on") and not (name in _URLS and _BAD_URL.match(value or ""))
        ]
        if tag == "meta" and any(name == "http-equiv" for name, _ in kept):
            return
        shown = "".join(f' {name}="{html.escape(value or "")}"' for name, value in kept)
        self.out.append(f"<{tag}{shown}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._inside == tag:
            self._inside = None

    def handle_endtag(self, tag: str) -> None:
        if self._inside:
            if tag == self._inside:
                self._inside = None
        elif tag not in _DROPPED and tag not in _VOID:
            self.out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.out.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        if not self._inside and ">" not in data:
            self.out.append(f"<!--{data}-->")


def safe(markup: str) -> str:
    """HTML as Graph gives it out unless `Prefer: outlook.allow-unsafe-html`: nothing in it that runs."""
    cleaner = _Safe()
    cleaner.feed(markup)
    cleaner.close()
    body = "".join(cleaner.out)
    if "<html" not in body.lower():
        body = f"<html><head>\r\n</head><body>{body}</body></html>"
    declared = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    return re.sub(r"<head[^>]*>", lambda found: f"{found[0]}\r\n{declared}", body, count=1, flags=re.IGNORECASE)
