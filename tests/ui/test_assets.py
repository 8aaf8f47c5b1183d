"""The browser files that are made at set-up: each icon that a template names is there, and only those."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from backend.ui import assets, jinja
from tests.world import World


def test_each_icon_that_templates_name_is_in_the_sprite(tmp_path: Path) -> None:
    written = {path.name: path for path in assets.build(vendor=tmp_path)}
    sprites = {name: path for name, path in written.items() if name.endswith(".svg")}
    assert set(written) == {"MicrosoftTeams.min.js", "htmx.min.js", "msal-browser.min.js", *sprites}
    for sprite, names in assets.icon_names().items():
        symbols = [symbol.get("id") for symbol in ElementTree.parse(sprites[f"{sprite}.svg"]).getroot()]
        assert symbols == sorted(names)
        assert all(jinja.sprite_of(name).endswith(f"/{sprite}.svg") for name in names)
    assert {"add-16", "chevron-down-16", "ticket-horizontal-f"} <= assets.icon_names()["icons"]
    assert "history" in assets.icon_names()["icons-settings"]
    assert sprites["icons.svg"].stat().st_size < 40_000


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("add", "add_20_regular.svg"),
        ("add-16", "add_16_regular.svg"),
        ("ticket-horizontal-f", "ticket_horizontal_20_filled.svg"),
        ("flag-16-f", "flag_16_filled.svg"),
    ],
)
def test_an_icons_name_says_size_and_style(name: str, file: str) -> None:
    assert assets.icon_file(name) == file


def test_an_icon_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetError, match="no-such-thing"):
        assets.sprite(["no-such-thing"], tmp_path)
    with pytest.raises(assets.AssetError, match="Add"):
        assets.icon_file("Add!")


def test_files_that_are_not_there_yet_are_named(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetError, match="npm ci"):
        assets.build(node_modules=tmp_path, vendor=tmp_path / "vendor")


def test_what_is_served_under_its_version_is_small_and_the_file_itself_as_written(world: World) -> None:
    browser = world.browser()
    written = (assets.STATIC / "js" / "keys.js").read_bytes()
    small = browser.get(jinja.asset("js/keys.js"))
    assert small.mimetype == "text/javascript"
    assert 0 < len(small.data) < 0.9 * len(written)
    assert browser.get("/static/js/keys.js").data == written
    assert browser.get(jinja.asset("css/../../views.py")).status_code == 404
    assert browser.get(jinja.asset("js/none.js")).status_code == 404
