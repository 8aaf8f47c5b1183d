"""The administrators' pages on statuses and root causes."""

from collections.abc import Callable

from backend.i18n import spoken
from backend.statuses import words
from backend.statuses.views import arranging, causes
from backend.statuses.views.door import blueprint

_FILTERS: dict[str, Callable[..., str]] = {
    "status_kind_words": words.kind_name,
    "cause_list_name": words.list_name,
    "cause_rule_name": words.rule_name,
    "source_name": words.source_name,
    "pending_said": words.pending_said,
    "status_tone_name": words.tone_name,
    "pending_typed": words.pending_typed,
}
for _name, _says in _FILTERS.items():
    blueprint.add_app_template_filter(spoken(_says), _name)

__all__ = ["arranging", "blueprint", "causes"]
