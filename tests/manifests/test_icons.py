"""The icons: every size as Office and Teams ask for it, and as the drawing says."""

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from manifests import icons

SIZES = {f"icon-{size}": size for size in icons.SIZES} | {"color-192": 192, "outline-32": 32}


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_size_and_kind(name: str, size: int) -> None:
    with Image.open(icons.FOLDER / f"{name}.png") as picture:
        assert (picture.format, picture.mode, picture.size) == ("PNG", "RGBA", (size, size))


def test_outline_is_white_on_nothing() -> None:
    with Image.open(icons.FOLDER / "outline-32.png") as picture:
        red, green, blue, alpha = picture.split()
    shown = alpha.point(lambda value: 255 if value else 0)
    assert [channel.histogram(shown)[255] for channel in (red, green, blue)] == [shown.histogram()[255]] * 3
    assert (alpha.getpixel((0, 0)), alpha.getpixel((31, 31))) == (0, 0)
    assert alpha.getextrema() == (0, 255)


def test_app_picture_fills_its_square() -> None:
    with Image.open(icons.FOLDER / "color-192.png") as picture:
        assert picture.getchannel("A").getextrema() == (255, 255)
        assert picture.getpixel((0, 0)) == (*icons.ACCENT, 255)


def test_smallest_icon_is_sharp() -> None:
    with Image.open(icons.FOLDER / "icon-16.png") as picture:
        alpha = picture.getchannel("A")
    assert [alpha.getpixel((x, 1)) for x in range(10, 13)] == [255] * 3
    assert {alpha.getpixel((x, 0)) for x in range(16)} == {0}
    assert {alpha.getpixel((15, y)) for y in range(16)} == {0}


def test_files_are_what_the_drawing_makes(tmp_path: Path) -> None:
    drawn = {path.name: path for path in icons.draw_all(tmp_path)}
    assert drawn.keys() == {path.name for path in icons.FOLDER.iterdir()}
    for name, path in drawn.items():
        with Image.open(path) as new, Image.open(icons.FOLDER / name) as kept:
            bands = ImageChops.difference(new, kept).split()
        furthest = max(value for band in bands for value, count in enumerate(band.histogram()) if count)
        # Another Pillow may round a rim pixel otherwise; another shape changes whole pixels.
        assert furthest <= 16, name
