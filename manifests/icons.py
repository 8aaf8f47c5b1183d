"""Draws the add-in's icons: a tag with a hole, on the pixel grid of every size. Needs Pillow.

Run `python -m manifests.icons` after a change of the drawing; the PNG files are committed. The sizes are
those of Office's ribbon (16, 32, 80), phones (25, 32 and 48 at one, two and three times), the add-in lists
(64, 128) and the app package (192 in colour, 32 in white).
"""

from math import cos, radians, sin, sqrt
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw

FOLDER = Path(__file__).parent / "icons"
ACCENT = (0x0F, 0x6C, 0xBD)
WHITE = (0xFF, 0xFF, 0xFF)
SIZES = (16, 25, 32, 48, 50, 64, 75, 80, 96, 128, 144)
_FINE = 16


def tag(size: int, inset: float = 0) -> Image.Image:
    """The filled shape as a mask of `size` × `size` pixels, its outline moved inwards by `inset` pixels.

    The straight edges lie on whole pixels, so that they stay sharp at 16 pixels; the rest is smoothed.
    """
    margin = max(1, round(size / 16))
    far, straight = size - margin, round(size * 0.4)
    length = far - straight - margin
    rounding = max(0.5, size * 0.09 - inset)
    pull = rounding + inset
    slant = pull * (sqrt(2) - 1)
    # The centres of the five rounded corners, clockwise, each with the bearings its arc runs between.
    corners = [
        (far - straight + slant, margin + pull, 225, 270),
        (far - pull, margin + pull, 270, 360),
        (far - pull, margin + straight - slant, 0, 45),
        (far - length, margin + straight + length - pull * sqrt(2), 45, 135),
        (margin + pull * sqrt(2), margin + length, 135, 225),
    ]
    points = [
        (x + rounding * cos(radians(bearing)), y + rounding * sin(radians(bearing)))
        for x, y, start, end in corners
        for bearing in range(start, end + 1, 5)
    ]
    big = Image.new("L", (size * _FINE, size * _FINE))
    # Pillow paints the last pixel too: so the far edges come one fine pixel nearer, the near ones stay.
    scale = _FINE - 1 / size
    ImageDraw.Draw(big).polygon([(round(x * scale), round(y * scale)) for x, y in points], fill=255)
    return big.resize((size, size), Image.Resampling.BOX)


def hole(size: int) -> Image.Image:
    """The round hole near the tag's corner as a mask of `size` × `size` pixels."""
    across = max(3, round(size * 0.17))
    left, top = size - round(size * 0.28) - across // 2 - 1, round(size * 0.28) - across // 2
    big = Image.new("L", (size * _FINE, size * _FINE))
    box = [left * _FINE, top * _FINE, (left + across) * _FINE - 1, (top + across) * _FINE - 1]
    ImageDraw.Draw(big).ellipse(box, fill=255)
    return big.resize((size, size), Image.Resampling.BOX)


def plain(size: int, colour: tuple[int, int, int] = ACCENT) -> Image.Image:
    """The tag in one colour on a transparent ground."""
    picture = Image.new("RGBA", (size, size), (*colour, 0))
    picture.putalpha(ImageChops.subtract(tag(size), hole(size)))
    return picture


def color(size: int = 192) -> Image.Image:
    """The app's picture: a white tag on the accent colour; Teams rounds its corners and may cut its rim."""
    picture = Image.new("RGBA", (size, size), (*ACCENT, 255))
    inner = round(size * 0.625)
    picture.alpha_composite(plain(inner, WHITE), ((size - inner) // 2, (size - inner) // 2))
    return picture


def outline(size: int = 32) -> Image.Image:
    """The app's mark where Teams shows it small: a white line on a transparent ground, nothing else."""
    picture = Image.new("RGBA", (size, size), (*WHITE, 0))
    line = ImageChops.subtract(tag(size), tag(size, inset=size / 16))
    picture.putalpha(ImageChops.lighter(line, hole(size)))
    return picture


def draw_all(folder: Path = FOLDER) -> list[Path]:
    """Write every icon into `folder` and return the files."""
    pictures = {f"icon-{size}": plain(size) for size in SIZES}
    pictures |= {"color-192": color(), "outline-32": outline()}
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for name, picture in pictures.items():
        files.append(folder / f"{name}.png")
        picture.save(files[-1], optimize=True)
    return files


if __name__ == "__main__":
    for path in draw_all():
        print(path.name)
