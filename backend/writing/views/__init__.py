"""Requests about what somebody wrote: changing and taking it back."""

from backend.i18n import spoken
from backend.writing import tools, words
from backend.writing.views import own
from backend.writing.views.door import blueprint

blueprint.add_app_template_filter(tools.waits_for)
blueprint.add_app_template_filter(tools.own_tools)
blueprint.add_app_template_filter(spoken(words.mail_state), "mail_state")

__all__ = ["blueprint", "own"]
