"""Text modules on the desk: the pages on which they are written, and what the composers ask for."""

from backend.textmodules.views import choosing, editing
from backend.textmodules.views.door import blueprint

__all__ = ["blueprint", "choosing", "editing"]
