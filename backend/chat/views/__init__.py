"""The desk's pages about chats."""

from backend.chat.views import acting, console, files
from backend.chat.views.door import blueprint

__all__ = ["acting", "blueprint", "console", "files"]
