"""HTML of mails as a stream of tags and texts.

The browser-grade parser behind nh3 does the reading (`canonical`); what it writes is so regular that
the tokens here can be cut from it without a second opinion on what is a tag.
"""

import html as escapes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import nh3

_TAG: Final = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [^ ="<>]+="[^"]*")*)>')
_ATTRIBUTE: Final = re.compile(r' ([^ ="<>]+)="([^"]*)"')
_ANY_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_STRIPPED: Final = re.compile(r"<[!/?a-zA-Z][^<>]*>")
_BREAKS: Final = re.compile(r"<(?:br|/?p|/?div|/?tr|/?li|/?h[1-6])\b[^<>]*>", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<(script|style|title)\b")

VOID: Final = frozenset({"br", "hr", "img", "col", "wbr"})
FORMATTING: Final = frozenset("a b big code em font i nobr s small strike strong tt u".split())
_OPTIONAL_END: Final = frozenset("p li dt dd tr td th thead tbody tfoot option col colgroup html head body".split())
_NO_CONTENT: Final = frozenset("br hr img input link meta base area wbr embed source param track col".split())
LONGEST: Final = 4_000_000
MOST_TAGS: Final = 100_000
MOST_REFERENCES: Final = 200_000
_DEEP_BY_TAGS: Final = 100_000_000
_LEAKED_BY_TAGS: Final = 200_000
# How far back an end tag is looked for: enough for any page, and little work for a hostile one.
MOST_SIBLINGS: Final = 200

TAGS: Final = frozenset(
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div"
    " dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark ol p pre q s"
    " samp section small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr".split()
)
GONE_WITH_CONTENT: Final = frozenset(
    "script style title template iframe object embed applet noscript svg math textarea select audio video canvas"
    " frameset xmp plaintext noembed noframes datalist".split()
)
_SHAPE: Final = frozenset("style dir lang title align class id name type data-marker data-smartmail".split())
_OWN_SHAPE: Final = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "tr": {"valign", "bgcolor"},
    "td": {"colspan", "rowspan", "valign", "width", "height", "bgcolor", "nowrap"},
    "th": {"colspan", "rowspan", "valign", "width", "height", "bgcolor", "nowrap"},
    "font": {"color", "face", "size"},
    "ol": {"start"},
    "li": {"value"},
    "col": {"span", "width"},
    "colgroup": {"span", "width"},
    "hr": {"tabindex"},
}
SCHEMES: Final = frozenset({"http", "https", "mailto", "tel", "cid", "data"})


@dataclass(frozen=True, slots=True)
class Token:
    """A start tag, an end tag or a text; `raw` is what stands in the HTML."""

    kind: str
    name: str
    raw: str
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """The words of a text, unescaped."""
        return escapes.unescape(self.raw) if self.kind == "text" else ""

    def get(self, name: str) -> str:
        """The value of an attribute, empty when it is not there."""
        return next((value for key, value in self.attributes if key == name), "")


def canonical(html: str) -> str:
    """`html` well-formed, with the tags a mail may show and the marks by which quotes are found.

    Not yet safe to show: links, styles and pictures are as the sender wrote them. HTML that would
    take the parser long (`too_costly`) comes back as its text alone.
    """
    return nh3.clean(
        affordable(html),
        tags=set(TAGS),
        clean_content_tags=set(GONE_WITH_CONTENT),
        attributes={"*": set(_SHAPE), **_OWN_SHAPE},
        url_schemes=set(SCHEMES),
        link_rel=None,
    )


def affordable(html: str) -> str:
    """`html` as the parser reads it in time proportional to its length; the same page, or its text alone."""
    return as_text_only(html) if too_costly(html) else html


def as_text_only(html: str) -> str:
    """The words of `html` in one <pre>, for what is too large or too deep to be read as HTML."""
    text = _STRIPPED.sub(" ", _BREAKS.sub("\n", _without_unseen(html[:LONGEST])))
    lines = (" ".join(line.split()) for line in escapes.unescape(text).split("\n"))
    shown = escapes.escape("\n".join(line for line in lines if line)[:100_000])
    return f'<pre style="white-space: pre-wrap">{shown}</pre>'


def _without_unseen(html: str) -> str:
    """`html` without scripts, style sheets and titles; one that is never closed reaches to the end."""
    lower, kept, end = html.lower(), [], 0
    for found in _UNSEEN.finditer(lower):
        if found.start() >= end:
            kept.append(html[end : found.start()])
            closing = lower.find(f"</{found[1]}", found.end())
            end = closing if closing >= 0 else len(html)
    kept.append(html[end:])
    return " ".join(kept)


def too_costly(html: str) -> bool:
    """Whether a browser's parser would need seconds for `html`.

    Besides sheer size three shapes do that: very deep nesting (each tag looks through the open ones),
    formatting that is still open when its block ends (each later block opens all of it again, so that a
    small mail becomes a huge page), and hundreds of thousands of character references in one text.
    """
    if len(html) > LONGEST or html.count("&") > MOST_REFERENCES:
        return True
    tags = deepest = leaked = 0
    stack: list[str] = []
    for found in _ANY_TAG.finditer(html):
        name = found[2].lower()
        tags += 1
        if found[1]:
            leaked += _close(stack, name)
        elif name not in _NO_CONTENT:
            if name in _OPTIONAL_END and name in stack[-MOST_SIBLINGS:]:
                leaked += _close(stack, name)
            stack.append(name)
            deepest = max(deepest, len(stack))
        if deepest * tags > _DEEP_BY_TAGS or tags > MOST_TAGS:
            return True
        if leaked > 20 and leaked * tags > _LEAKED_BY_TAGS:
            return True
    return deepest * tags > _DEEP_BY_TAGS or (leaked > 20 and leaked * tags > _LEAKED_BY_TAGS)


def _close(stack: list[str], name: str) -> int:
    """Closes the nearest `name` on `stack`; how many formats inside it were still open."""
    for back in range(1, min(len(stack), MOST_SIBLINGS) + 1):
        if stack[-back] != name:
            continue
        if name in FORMATTING:
            del stack[-back]
            return 0
        leaked = sum(1 for one in stack[len(stack) - back :] if one in FORMATTING)
        del stack[len(stack) - back :]
        return leaked
    if len(stack) > MOST_SIBLINGS and name not in FORMATTING:
        return sum(1 for one in stack[-MOST_SIBLINGS:] if one in FORMATTING)
    return 0


def tokens(canonical_html: str) -> Iterator[Token]:
    """The tags and texts of HTML that nh3 has written."""
    end = 0
    for found in _TAG.finditer(canonical_html):
        if found.start() > end:
            yield Token("text", "", canonical_html[end : found.start()])
        end = found.end()
        if found[1]:
            yield Token("end", found[2], found[0])
        else:
            pairs = _ATTRIBUTE.findall(found[3]) if found[3] else []
            attributes = tuple((name, escapes.unescape(value)) for name, value in pairs)
            yield Token("start", found[2], found[0], attributes)
    if end < len(canonical_html):
        yield Token("text", "", canonical_html[end:])


def start_tag(name: str, attributes: list[tuple[str, str]]) -> str:
    """A start tag with its values escaped."""
    inner = "".join(f' {key}="{escapes.escape(value)}"' for key, value in attributes)
    return f"<{name}{inner}>"
