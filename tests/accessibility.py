"""axe on a page or a frame: WCAG 2.2 A and AA and best practice."""

from typing import Any

from playwright.sync_api import Frame, Page

from backend.ui.assets import NODE_MODULES

AXE = NODE_MODULES / "axe-core" / "axe.min.js"


def violations(page: Page | Frame) -> list[str]:
    """What axe finds on `page` as it stands, one line per rule and element; frames inside it are left out."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[Any] = page.evaluate("axe.run(document, {iframes: false, resultTypes: ['violations']})")["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
