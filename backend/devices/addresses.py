"""Addresses that open a tool for remote control: which templates are safe, and one filled in for a device."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

# Programs of remote control that a browser may start, and the web; nothing that runs in our own page.
SCHEMES = (
    "https",
    "ms-quick-assist",
    "teamviewer8",
    "teamviewer10",
    "teamviewerapi",
    "anydesk",
    "rustdesk",
    "rdp",
    "vnc",
    "splashtop",
)
PLACES = ("id", "name", "kind", "serial", "contact", "ticket")
PRESETS = (
    ("Quick Assist", "ms-quick-assist:"),
    ("TeamViewer", "teamviewer10://control?device={id}"),
    ("AnyDesk", "anydesk:{id}"),
    ("RustDesk", "rustdesk://{id}"),
)
_PLACE = re.compile(r"\{([^{}]*)\}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):")
_ODD = re.compile(r"[\s\x00-\x1f\x7f<>\"'`\\]")


def safe(template: str) -> bool:
    """Whether `template` opens nothing but one of SCHEMES, at a place it names itself."""
    begins = _SCHEME.match(template)
    if begins is None or begins[1] not in SCHEMES or _ODD.search(template):
        return False
    if begins[1] != "https":
        return True
    try:
        parts = urlsplit(template)
        return bool(parts.hostname) and "{" not in parts.netloc and "@" not in parts.netloc
    except ValueError:
        return False


def unknown_places(template: str) -> list[str]:
    """What stands in braces in `template` and means nothing."""
    return [place for place in _PLACE.findall(template) if place not in PLACES]


def filled(template: str, values: Mapping[str, str]) -> str:
    """`template` with the values in their places, each escaped, so that it stays one value."""
    return _PLACE.sub(lambda place: quote(values.get(place[1], ""), safe=""), template)


def needs_id(template: str) -> bool:
    """Whether it opens nothing without the device's id."""
    return "{id}" in template
