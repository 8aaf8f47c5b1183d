"""Jobs that take in what Teams has told the bot."""

from backend.chat.incoming import activities, files, roster

__all__ = ["activities", "files", "roster"]
