"""The blueprint that all views of people hang on."""

from flask import Blueprint

blueprint = Blueprint("people", __name__, template_folder="../templates")


def pattern(words: str) -> str:
    """`words` as they are looked for inside a name, for LIKE on lower-case text."""
    return words.strip().lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").replace("\x00", "")
