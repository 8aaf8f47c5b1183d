"""What pydantic finds wrong, as sentences for a person, by the path of the field."""

from collections.abc import Callable
from typing import Any, TypeAlias

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from backend.i18n import _

_SAID = "said"
Context: TypeAlias = dict[str, Any]


def wrong(sentence: str, field: str = "") -> PydanticCustomError:
    """For validators of our own: `raise wrong(_("…"))`; those of a whole object name the `field` it is about."""
    return PydanticCustomError(_SAID, "{sentence}", {"sentence": sentence, "field": field})


def _missing(_context: Context) -> Any:
    return _("This field is needed.")


def _unknown(_context: Context) -> Any:
    return _("There is no such field.")


def _number(_context: Context) -> Any:
    return _("A number is needed.")


def _text(_context: Context) -> Any:
    return _("A text is needed.")


def _list(_context: Context) -> Any:
    return _("A list is needed.")


def _object(_context: Context) -> Any:
    return _("A JSON object is needed.")


def _truth(_context: Context) -> Any:
    return _("Either true or false is needed.")


def _day(_context: Context) -> Any:
    return _("A date such as 2026-11-24 is needed.")


def _moment(_context: Context) -> Any:
    return _("A moment with its offset such as 2026-11-24T13:52:00Z is needed.")


_SENTENCES: dict[str, Callable[[Context], Any]] = {
    _SAID: lambda context: str(context["sentence"]),
    "missing": _missing,
    "extra_forbidden": _unknown,
    "string_type": _text,
    "string_too_long": lambda context: _("At most %(max)s characters are possible.", max=context["max_length"]),
    "string_too_short": lambda context: _("At least %(min)s characters are needed.", min=context["min_length"]),
    "string_pattern_mismatch": lambda context: _("This holds characters that are not possible here."),
    "too_long": lambda context: _("At most %(max)s entries are possible.", max=context["max_length"]),
    "too_short": lambda context: _("At least %(min)s entries are needed.", min=context["min_length"]),
    "enum": lambda context: _("Choose one of %(list)s.", list=str(context["expected"]).replace("'", "")),
    "literal_error": lambda context: _("Choose one of %(list)s.", list=str(context["expected"]).replace("'", "")),
    "greater_than_equal": lambda context: _("This must be at least %(min)s.", min=context["ge"]),
    "less_than_equal": lambda context: _("This must be at most %(max)s.", max=context["le"]),
    "list_type": _list,
    "dict_type": _object,
    "model_type": _object,
    "model_attributes_type": _object,
    "bool_type": _truth,
    "bool_parsing": _truth,
}
_BY_BEGINNING: tuple[tuple[str, Callable[[Context], Any]], ...] = (
    ("int_", _number),
    ("float_", _number),
    ("decimal_", _number),
    ("finite_", _number),
    ("is_instance", _number),
    ("datetime_", _moment),
    ("timezone_", _moment),
    ("date_", _day),
)


def _sentence(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in _SENTENCES:
        return str(_SENTENCES[kind](context))
    for beginning, sentence in _BY_BEGINNING:
        if kind.startswith(beginning):
            return str(sentence(context))
    return str(_("This value cannot be used."))


def _path(error: ErrorDetails) -> str:
    parts = [str(part) for part in error["loc"]]
    field = error.get("ctx", {}).get("field", "") if error["type"] == _SAID else ""
    return ".".join([*parts, field] if field else parts) or "body"


def by_field(error: ValidationError) -> dict[str, str]:
    """`error` as {path of the field: sentence}; the path of the body itself is `body`."""
    return {_path(each): _sentence(each) for each in error.errors(include_url=False, include_input=False)}
