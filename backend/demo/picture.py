"""A small picture of a device's display, as customers attach it."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont


def display(text: str) -> bytes:
    """A PNG of a grey device with the lines of `text` on its green display."""
    image = Image.new("RGB", (480, 300), "#3b3f45")
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((24, 24, 456, 276), radius=18, fill="#2a2d31")
    draw.rounded_rectangle((56, 60, 424, 190), radius=8, fill="#a8c97f", outline="#6f8f4e", width=3)
    for row, line in enumerate(text.split("\n")[:3]):
        draw.text((76, 74 + 38 * row), line, fill="#1d2b12", font=ImageFont.load_default(30))
    for lamp, colour in enumerate(("#3a3f45", "#d9483b", "#3a3f45")):
        draw.ellipse((176 + 48 * lamp, 216, 204 + 48 * lamp, 244), fill=colour)
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()
