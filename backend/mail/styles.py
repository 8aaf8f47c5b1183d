"""The style attributes of mails: an allow-list of properties, each with what its value may be."""

import re
from typing import Final

_COLOUR = r"#[0-9a-f]{3,8}|[a-z]{3,30}|(?:rgb|hsl)a?\([0-9 .,%/deg]{1,60}\)"
_NUMBER = r"[0-9]{0,4}(?:\.[0-9]{1,6})?"
_WORDS = r"[a-z][a-z -]{0,40}"
_COMMENT: Final = re.compile(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/")
_LENGTH: Final = re.compile(rf"^({_NUMBER})(px|pt|pc|em|rem|ex|ch|cm|mm|in|%)?$")
_PIXELS: Final = {
    "px": 1.0, "pt": 4 / 3, "pc": 16.0, "em": 16.0, "rem": 16.0, "ex": 8.0, "ch": 8.0,
    "cm": 37.8, "mm": 3.78, "in": 96.0, "": 1.0,
}  # fmt: skip
_BORDER = r"(?:none|hidden|dotted|dashed|solid|double|groove|ridge|inset|outset)"

_BY_PATTERN: Final = {
    "color": _COLOUR,
    "background-color": _COLOUR,
    "background": _COLOUR,
    "font-family": r"[a-z0-9 ,'\"_-]{1,200}",
    "font-weight": r"[1-9]00|normal|bold|bolder|lighter",
    "font-style": "normal|italic|oblique",
    "font-variant": "normal|small-caps",
    "text-align": "left|right|center|justify|start|end",
    "text-decoration": _WORDS,
    "text-decoration-line": _WORDS,
    "text-transform": "none|uppercase|lowercase|capitalize",
    "white-space": "normal|nowrap|pre|pre-wrap|pre-line",
    "vertical-align": "baseline|sub|super|top|middle|bottom|text-top|text-bottom",
    "list-style-type": _WORDS,
    "list-style": _WORDS,
    "border-collapse": "collapse|separate",
    "border-style": rf"{_BORDER}(?: {_BORDER}){{0,3}}",
    "border-color": rf"(?:{_COLOUR})(?: (?:{_COLOUR})){{0,3}}",
    "direction": "ltr|rtl",
    "display": "none|inline|block|inline-block|table|table-row|table-cell|list-item",
    "word-break": "normal|break-all|break-word|keep-all",
    "word-wrap": "normal|break-word",
    "overflow-wrap": "normal|break-word|anywhere",
    "table-layout": "auto|fixed",
}
_SIDES: Final = ("top", "right", "bottom", "left")
# The largest length in CSS pixels.
_BY_LENGTH: Final = {
    "font-size": 72,
    "line-height": 120,
    "letter-spacing": 20,
    "text-indent": 200,
    "width": 1200,
    "min-width": 800,
    "max-width": 1200,
    "height": 2000,
    "border-spacing": 50,
    "border-radius": 100,
    "border-width": 20,
    **{f"border-{side}-width": 20 for side in _SIDES},
    "margin": 200,
    "padding": 200,
    **{f"{box}-{side}": 200 for box in ("margin", "padding") for side in _SIDES},
}
_BORDERS: Final = frozenset({"border", *(f"border-{side}" for side in _SIDES)})
_COMPILED: Final = {name: re.compile(rf"^(?:{pattern})$") for name, pattern in _BY_PATTERN.items()}
_COLOUR_ONLY: Final = re.compile(rf"^(?:{_COLOUR})$")
_SIZE_WORDS: Final = frozenset(
    "auto normal inherit initial thin medium thick small large smaller larger x-small x-large xx-small xx-large"
    " 0".split()
)
LONGEST: Final = 4_000
MOST: Final = 60


def filtered(style: str) -> str:
    """The declarations of `style` that may stay, as "name: value; name: value"."""
    if len(style) > LONGEST or "\\" in style:
        return ""
    kept = []
    for declaration in _COMMENT.sub(" ", style).split(";")[:MOST]:
        name, _, value = declaration.partition(":")
        name = name.strip().lower()
        value = " ".join(value.lower().removesuffix("!important").split())
        if value and _allowed(name, value):
            kept.append(f"{name}: {value}")
    return "; ".join(kept)


def _allowed(name: str, value: str) -> bool:
    if name in _COMPILED:
        return _COMPILED[name].match(value) is not None
    if name in _BY_LENGTH:
        return 0 < len(value.split()) <= 4 and all(_length(part, name) for part in value.split())
    if name in _BORDERS:
        parts = value.split()
        return len(parts) <= 3 and all(_COLOUR_ONLY.match(one) or _length(one, "border-width") for one in parts)
    return False


def _length(value: str, name: str) -> bool:
    if value in _SIZE_WORDS:
        return True
    found = _LENGTH.match(value)
    if not found or not found[1]:
        return False
    number, unit = float(found[1]), found[2] or ""
    if unit == "%":
        return number <= (300 if name in ("font-size", "line-height") else 100)
    if name == "line-height" and not unit:
        return number <= 5
    return number * _PIXELS[unit] <= _BY_LENGTH[name]
