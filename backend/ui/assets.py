"""Browser files from npm: htmx, msal-browser, and sprites of just those Fluent icons that templates name.

Run at set-up: `python -m backend.ui.assets`. The result lies in `static/vendor/` and is never committed.
"""

import re
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[2]
NODE_MODULES = ROOT / "node_modules"
STATIC = Path(__file__).resolve().parent / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = (ROOT / "backend", ROOT / "addin", ROOT / "bot")
COPIED = {
    "MicrosoftTeams.min.js": "@microsoft/teams-js/dist/umd/MicrosoftTeams.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "msal-browser.min.js": "@azure/msal-browser/lib/msal-browser.min.js",
}
_CALLED = re.compile(r"""\bicon(?:\(\s*|=)["']([a-z0-9-]+)["']""")
_LISTED = re.compile(r"\{#\s*icons:([a-z0-9\s-]+)#\}")
_SPRITE = re.compile(r"\{#\s*sprite: ([a-z]+)\s*#\}")
_NAME = re.compile(r"(?P<stem>[a-z0-9-]+?)(?:-(?P<size>12|16|24))?(?P<filled>-f)?")


class AssetError(Exception):
    """A browser file that is needed is not there; the message says which and what to do."""


def icon_names(folders: Iterable[Path] = TEMPLATES) -> dict[str, set[str]]:
    """Names of all icons that templates below `folders` ask for, by sprite.

    They stand in calls `icon("name")` or `button(…, icon="name")`, or, where a template chooses among
    several, in a comment `{# icons: name name #}`. What is shown only by templates that say `{# sprite: list #}` is in
    a sprite of its own, `icons-list`, which other pages do not bring along; what two such sprites or any other template
    show is in the common one, `icons`.
    """
    shown: dict[str, set[str]] = {}  # icon: the sprites of the templates that show it
    for folder in folders:
        for template in folder.rglob("templates/**/*.html"):
            text = template.read_text()
            own = _SPRITE.search(text)
            named = set(_CALLED.findall(text)).union(*(listed.split() for listed in _LISTED.findall(text)))
            for name in named:
                shown.setdefault(name, set()).add(f"icons-{own[1]}" if own else "icons")
    names: dict[str, set[str]] = {"icons": set()}
    for name, sprites in shown.items():
        names.setdefault(next(iter(sprites)) if len(sprites) == 1 else "icons", set()).add(name)
    return names


def icon_file(name: str) -> str:
    """File in @fluentui/svg-icons for an icon's name: `add` is 20 px regular, `add-16` 16 px, `add-f` filled.

    Raises AssetError where the name is of another form.
    """
    parts = _NAME.fullmatch(name)
    if parts is None:
        raise AssetError(f"{name!r} is no name of an icon.")
    style = "filled" if parts["filled"] else "regular"
    return f"{parts['stem'].replace('-', '_')}_{parts['size'] or 20}_{style}.svg"


def _symbol(name: str, source: Path) -> str:
    try:
        svg = ElementTree.fromstring(source.read_text())
    except FileNotFoundError as error:
        raise AssetError(f"There is no icon {name!r} ({source.name}); run `npm ci` or name another.") from error
    paths = "".join(f'<path d="{path.get("d")}"/>' for path in svg.iter("{http://www.w3.org/2000/svg}path"))
    return f'<symbol id="{name}" viewBox="{svg.get("viewBox")}">{paths}</symbol>'


def sprite(names: Iterable[str], icons: Path) -> str:
    """One SVG document with a symbol for each of `names`, read from the folder `icons`. Raises AssetError."""
    symbols = "\n".join(_symbol(name, icons / icon_file(name)) for name in sorted(names))
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def build(node_modules: Path = NODE_MODULES, vendor: Path = VENDOR) -> list[Path]:
    """Fills `vendor` from `node_modules` and returns the files written. Raises AssetError."""
    vendor.mkdir(parents=True, exist_ok=True)
    written = []
    for name, source in COPIED.items():
        if not (node_modules / source).is_file():
            raise AssetError(f"{source} is missing below {node_modules}; run `npm ci` first.")
        shutil.copyfile(node_modules / source, vendor / name)
        written.append(vendor / name)
    for name, icons in icon_names().items():
        written.append(vendor / f"{name}.svg")
        written[-1].write_text(sprite(icons, node_modules / "@fluentui" / "svg-icons" / "icons"))
    return written


def main() -> int:
    """Builds, says what was written, and returns the exit code."""
    try:
        for path in build():
            print(f"{path.relative_to(ROOT)}  {path.stat().st_size:,} bytes")
    except AssetError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
