"""What templates may call beyond Jinja's own: static addresses, HTML attributes, initials, text as paragraphs."""

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask.sansio.app import App
from markupsafe import Markup, escape

from backend import clock, config
from backend.i18n import _
from backend.mail import links, sanitise
from backend.ui.assets import STATIC

HUES = 8
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]")
_RICH = re.compile(r"<(?:table|img|ul|ol|b|strong|i|em|u|s|a|pre|code|h[1-6])[\s>]", re.IGNORECASE)
_TAG = re.compile(r'<[a-z][a-z0-9]*(?:\s+[\w:-]+(?:="[^"]*")?)*\s*/?>', re.IGNORECASE)
_LOOKS = re.compile(r'\s+(?:style|bgcolor|color|face|size|align|valign|background)="[^"]*"', re.IGNORECASE)
_BLANK = re.compile(r"\n[ \t]*\n\s*")


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


@cache
def static_version() -> str:
    """Fingerprint of all static files: part of their address, so that browsers may keep them for good."""
    return _fingerprint(STATIC)


def asset(path: str) -> str:
    """Address of the static file `path`, for example `css/desk.css`; it changes when any static file does."""
    return f"/static/v-{static_version()}/{path}"


@cache
def sprite_of(name: str) -> str:
    """Address of the sprite in which the icon of that name is."""
    for sprite in sorted((STATIC / "vendor").glob("icons-*.svg")):
        if f'<symbol id="{name}"' in sprite.read_text(encoding="utf-8"):
            return asset(f"vendor/{sprite.name}")
    return asset("vendor/icons.svg")


def attrs(values: Mapping[str, Any]) -> Markup:
    """HTML attributes with a space before each; `hx_post` becomes `hx-post`, None and False are left out."""
    parts = []
    for name, value in values.items():
        if value is None or value is False:
            continue
        name = escape(name.rstrip("_").replace("_", "-"))
        parts.append(f" {name}" if value is True else f' {name}="{escape(value)}"')
    return Markup("".join(parts))


def initials(name: str | None) -> str:
    """First letters of the first and last word of `name`, for an avatar; "?" where there is none."""
    words = [word for word in re.split(r"[\s.@_-]+", name or "") if word[:1].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])).upper()


def hue(key: object) -> int:
    """A colour from 1 to 8 that stays the same for the same person or thing."""
    return hashlib.sha256(str(key).encode()).digest()[0] % HUES + 1


def _linked(text: str) -> Markup:
    parts: list[Markup] = []
    end = 0
    for link in _LINK.finditer(text):
        parts.append(escape(text[end : link.start()]))
        parts.append(
            Markup('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>').format(link[0], link[0])
        )
        hidden = links.warning(link[0], link[0])
        if hidden:
            parts.append(Markup('<span class="leads">{}</span>').format(_("leads to %(host)s", host=hidden)))
        end = link.end()
    parts.append(escape(text[end:]))
    return Markup("").join(parts)


def paragraphs(text: str | None) -> Markup:
    """Plain text as paragraphs, escaped, line breaks kept, web addresses as links."""
    blocks = [block for block in _BLANK.split((text or "").strip()) if block.strip()]
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(_linked(line) for line in block.splitlines()))
        for block in blocks
    )


def mail_html(html: str | None) -> Markup:
    """A mail's sanitised HTML in our own typography, where it has more to say than its text; else nothing.

    Colours, sizes and fonts of the sender are left out: the content policy forbids inline styles, and a mail must
    be readable in every theme.
    """
    if not html or not _RICH.search(html):
        return Markup("")
    marked = links.shown(html, _("leads to %(host)s"))
    return Markup(_TAG.sub(lambda tag: _LOOKS.sub("", tag[0]), marked))  # sanitised when it came in


def translated(text: str) -> str:
    """A sentence of ours that was kept in English, in the reader's language; anything else as it is."""
    return _(text) if text else ""


def snippet(text: str | None, length: int = 140) -> str:
    """The first words of `text` on one line."""
    line = " ".join((text or "")[: length * 2].split())
    return line if len(line) <= length else line[:length].rstrip() + "…"


def longer_ago(moment: datetime, seconds: float) -> bool:
    """Whether `moment` is more than `seconds` past."""
    return (clock.now() - moment).total_seconds() > seconds


def install(app: App) -> None:
    """Gives the templates of `app` the functions and filters of this module."""
    app.jinja_env.globals.update(asset=asset, sprite_of=sprite_of, upload_mb=lambda: config.current().max_upload_mb)
    app.jinja_env.filters.update(
        attrs=attrs,
        initials=initials,
        hue=hue,
        paragraphs=paragraphs,
        snippet=snippet,
        mail_html=mail_html,
        pictures_held_back=lambda html: bool(html) and sanitise.held_back(html),
        translated=translated,
        longer_ago=longer_ago,
    )
