"""What somebody really wrote, and the quoted rest, apart."""

from dataclasses import dataclass
from typing import Final

from backend.mail import markup, thread
from backend.mail.markup import VOID, Token
from backend.mail.visible import marks, signature, words
from backend.mail.visible.plain import Line, to_lines

__all__ = ["Visible", "as_text", "split"]

LONGEST_TEXT: Final = 1_000_000
MOST_LINES: Final = 50_000


@dataclass(frozen=True, slots=True)
class Visible:
    """A mail's text, taken apart.

    `text` is what they wrote, without `signature` and `quoted`. `html` is the same piece of the HTML
    body (with the signature), `quoted_html` the rest; both are None for plain mails, well-formed, and
    still to be sanitised. `forwarded` says that another mail was passed on: then nothing is cut off.
    `inline` says that the answers stand inside the quoted mail, which is kept for that.
    """

    text: str
    quoted: str = ""
    signature: str = ""
    html: str | None = None
    quoted_html: str | None = None
    forwarded: bool = False
    inline: bool = False


@dataclass(frozen=True, slots=True)
class _Cut:
    """The quoted lines are `start` to `end`; none when these are equal. `whole`: nothing else goes either."""

    start: int
    end: int
    forwarded: bool = False
    inline: bool = False
    whole: bool = False


def split(text: str | None, html: str | None, *, subject: str = "") -> Visible:
    """Takes a mail's body apart; HTML, which knows more of its quotes, before plain text.

    `subject` tells a forwarded mail from an answered one where Outlook writes both alike. Never
    raises, never hides everything: when nothing would be left to see, nothing is cut.
    """
    if html and html.strip():
        canonical = markup.canonical(html)
        tokens = list(markup.tokens(canonical))
        lines = to_lines(tokens)
        if any(line.text.strip() for line in lines) or not (text or "").strip():
            return _split_html(tokens, lines, subject)
    lines = [Line(line) for line in (text or "")[:LONGEST_TEXT].split("\n")[:MOST_LINES]]
    cut = _cut(lines, subject)
    return _visible(lines, cut)


def as_text(html: str) -> str:
    """`html` as plain text: lists, tables and links as far as plain text can say them."""
    return _joined(to_lines(list(markup.tokens(markup.canonical(html)))))


def _split_html(tokens: list[Token], lines: list[Line], subject: str) -> Visible:
    cut = _cut(lines, subject)
    plain = _visible(lines, cut)
    start, end = _token_before(lines, cut.start), _token_before(lines, cut.end)
    if cut.start == cut.end:
        start = end = len(tokens)
    elif cut.end >= len(lines):
        end = len(tokens)
    start, end = _past_ends(tokens, start), _past_ends(tokens, end)
    shown = _piece(tokens, 0, start) + (_piece(tokens, end, len(tokens)) if end < len(tokens) else "")
    quoted = _piece(tokens, start, end) if start < end else None
    return Visible(
        text=plain.text,
        quoted=plain.quoted,
        signature=plain.signature,
        html=shown,
        quoted_html=quoted,
        forwarded=cut.forwarded,
        inline=cut.inline,
    )


def _token_before(lines: list[Line], index: int) -> int:
    """The place in the HTML just after the line before line `index`."""
    return max((line.after for line in lines[:index] if line.shows), default=0)


def _past_ends(tokens: list[Token], index: int) -> int:
    """Takes the end tags and breaks that follow a cut to what is before it."""
    while 0 < index < len(tokens) and (tokens[index].kind == "end" or tokens[index].name == "br"):
        index += 1
    return index


def _piece(tokens: list[Token], start: int, end: int) -> str:
    """Tokens `start` to `end` as well-formed HTML: what is open before is opened, what stays open is closed."""
    opened = _open_at(tokens, start)
    still_open = _open_at(tokens, end)
    inner = "".join(token.raw for token in tokens[start:end])
    before = "".join(token.raw for token in opened)
    return before + inner + "".join(f"</{token.name}>" for token in reversed(still_open))


def _open_at(tokens: list[Token], index: int) -> list[Token]:
    stack: list[Token] = []
    for token in tokens[:index]:
        if token.kind == "start" and token.name not in VOID:
            stack.append(token)
        elif token.kind == "end" and stack and stack[-1].name == token.name:
            stack.pop()
    return stack


def _cut(lines: list[Line], subject: str) -> _Cut:
    whole = _Cut(len(lines), len(lines))
    found = marks.find(lines) or _from_middle(lines)
    if found is None:
        return _bare_quote(lines)
    if found.forwards or (subject and thread.is_forward(subject)):
        return _Cut(len(lines), len(lines), forwarded=True, whole=True)
    start = _with_rule(lines, found.start)
    body = marks.next_said(lines, found.body)
    end = len(lines)
    if body < end and _is_quoted(lines[body].text):
        runs = _runs(lines, body)
        if len(runs) > 1:
            return _between(lines, runs)
        end = runs[0][1]
    if _says_inline(lines[:start]):
        return _Cut(len(lines), len(lines), inline=True, whole=True)
    return _Cut(start, end) if any(line.shows for line in (*lines[:start], *lines[end:])) else whole


def _from_middle(lines: list[Line]) -> marks.Found | None:
    for index, line in enumerate(lines):
        halves = marks.split_middle(line.text)
        if halves:
            line.text = halves[0]
            lines.insert(index + 1, Line(halves[1], line.first, line.after))
            return marks.Found(index + 1, index + 2)
    return None


def _with_rule(lines: list[Line], start: int) -> int:
    """Drawn lines and empty ones just above a separator belong to it."""
    while start and (not lines[start - 1].shows or marks.is_rule(lines[start - 1].text)):
        start -= 1
    return start


def _is_quoted(text: str) -> bool:
    return text[:20].lstrip().startswith((">", "|>"))


def _runs(lines: list[Line], start: int) -> list[tuple[int, int]]:
    """The runs of quoted lines from line `start` on, each with at least one own line after the one before."""
    runs: list[tuple[int, int]] = []
    begin = last = -1
    for index in range(start, len(lines)):
        text = lines[index].text
        if _is_quoted(text):
            if begin < 0:
                begin = index
            last = index
        elif text.strip() and begin >= 0 and not _continues(lines, index):
            runs.append((begin, last + 1))
            begin = -1
    if begin >= 0:
        runs.append((begin, last + 1))
    return runs


def _continues(lines: list[Line], index: int) -> bool:
    """Whether an unmarked line is the rest of a long address that was broken inside the quote."""
    above, text = lines[index - 1].text, lines[index].text.strip()
    return _is_quoted(above) and "://" in above.split(" ")[-1] and " " not in text


def _between(lines: list[Line], runs: list[tuple[int, int]]) -> _Cut:
    """Answers between quoted lines: these stay, but for those below the last answer."""
    start, end = runs[-1]
    answered = any(line.shows for line in _unsigned(lines[end:]))
    return _Cut(len(lines), len(lines), inline=True) if answered else _Cut(start, end, inline=True)


def _unsigned(lines: list[Line]) -> list[Line]:
    return lines[: signature.begins(lines)]


def _bare_quote(lines: list[Line]) -> _Cut:
    """Quoted lines that nothing announces: a run above or below the answer is set apart, several are answered one by
    one, and one in the middle is what somebody cites (an error message).
    """
    whole = _Cut(len(lines), len(lines))
    runs = _runs(lines, 0)
    if not runs:
        return whole
    if len(runs) > 1:
        return _between(lines, runs)
    start, end = runs[0]
    above, below = (any(line.shows for line in part) for part in (lines[:start], _unsigned(lines[end:])))
    return _Cut(start, end) if above != below else whole


def _says_inline(lines: list[Line]) -> bool:
    said = " ".join(" ".join(line.text[:300].split()) for line in lines[:8]).casefold()
    return len(said) <= 160 and any(one in said for one in words.INLINE)


def _visible(lines: list[Line], cut: _Cut) -> Visible:
    own = lines[: cut.start] + lines[cut.end :]
    at = len(own) if cut.whole else signature.begins(own)
    text = _joined(own[:at])
    if not text.strip():
        at, text = len(own), _joined(own)
    return Visible(
        text=text,
        quoted=_joined(lines[cut.start : cut.end]),
        signature=_joined(own[at:]),
        forwarded=cut.forwarded,
        inline=cut.inline,
    )


def _joined(lines: list[Line]) -> str:
    """The lines as one text, at most one empty line in a row."""
    kept: list[str] = []
    for line in lines:
        text = line.text.rstrip()
        if text or (kept and kept[-1]):
            kept.append(text)
    return "\n".join(kept).strip("\n")
