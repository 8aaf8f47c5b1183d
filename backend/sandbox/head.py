"""The header of a raw mail, changed without touching any other byte."""

import re


def without_bcc(raw: bytes) -> bytes:
    """The same mail without its Bcc header, every other byte kept."""
    head, gap, body = re.match(rb"(.*?)(\r?\n\r?\n|\Z)(.*)\Z", raw, re.DOTALL).groups()  # type: ignore[union-attr]
    kept = re.sub(rb"(?im)^bcc:.*(?:\r?\n[ \t].*)*(?:\r?\n|\Z)", b"", head + b"\n")[:-1]
    return kept + gap + body


def with_headers(raw: bytes, headers: list[tuple[str, str]]) -> bytes:
    """The same mail with these headers before its own, and without its own of those names."""
    head, gap, body = re.match(rb"(.*?)(\r?\n\r?\n|\Z)(.*)\Z", raw, re.DOTALL).groups()  # type: ignore[union-attr]
    for name, _ in headers:
        pattern = rb"(?im)^" + re.escape(name.encode()) + rb":.*(?:\r?\n[ \t].*)*(?:\r?\n|\Z)"
        head = re.sub(pattern, b"", head + b"\n")[:-1]
    line = b"\r\n" if b"\r\n" in raw or b"\n" not in raw else b"\n"
    first = b"".join(f"{name}: {value}".encode() + line for name, value in headers)
    return first + head + gap + body
