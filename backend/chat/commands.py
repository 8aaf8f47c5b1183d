"""What a line to the bot means beside its words: the word that ends a chat, and the files that came with it."""

from dataclasses import dataclass
from typing import Any

# With a stroke, so that nobody ends a chat by saying that all is "fine".
_ENDS = frozenset({"/end", "/ende", "/fin", "/fine", "/stop"})
_DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"


@dataclass(frozen=True)
class SentFile:
    """A file of a line as Teams describes it; `plain` addresses open by themselves, others with the bot's token."""

    name: str
    content_type: str
    url: str
    plain: bool


def ends(text: str) -> bool:
    """Whether somebody wrote the word that ends a chat."""
    return text.strip().lower() in _ENDS


def files(activity: dict[str, Any]) -> list[SentFile]:
    """The files and pictures of a message of Teams; cards and the HTML of the text are none."""
    found: list[SentFile] = []
    for one in activity.get("attachments") or []:
        if not isinstance(one, dict):
            continue
        kind, content = str(one.get("contentType") or ""), one.get("content")
        name = str(one.get("name") or "")
        if kind == _DOWNLOAD and isinstance(content, dict) and content.get("downloadUrl"):
            found.append(SentFile(name or "file", "", str(content["downloadUrl"]), plain=True))
        elif kind.startswith("image/") and one.get("contentUrl"):
            found.append(SentFile(name, kind, str(one["contentUrl"]), plain=False))
    return found
