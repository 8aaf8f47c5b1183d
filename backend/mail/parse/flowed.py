"""Plain text whose paragraphs were wrapped for the journey (RFC 3676, format=flowed)."""


def unflow(text: str, *, delete_space: bool = False) -> str:
    """`text` with its soft line breaks taken back; quoted lines keep their depth, "-- " stays alone."""
    paragraphs: list[tuple[int, list[str]]] = []
    is_open = False
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        is_signature = content == "-- "
        flows = content.endswith(" ") and not is_signature
        shown = content[:-1] if flows and delete_space else content
        if is_open and not is_signature and paragraphs[-1][0] == depth:
            paragraphs[-1][1].append(shown)
        else:
            paragraphs.append((depth, [shown]))
        is_open = flows
    return "\n".join(_line(depth, "".join(pieces)) for depth, pieces in paragraphs)


def _line(depth: int, content: str) -> str:
    if not depth:
        return content
    return f"{'>' * depth} {content}".rstrip(" ") if content != "-- " else f"{'>' * depth} -- "
