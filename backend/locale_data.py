"""What Babel knows of a language, cut down to what is said here: half of it is names of things that nobody asks for."""

from babel import localedata

# Parts of the Common Locale Data Repository; of its units only those of time are used.
_NEVER_SAID = """languages scripts variants unit_display_names compact_decimal_formats
compact_currency_formats""".split()
_TIMES = "duration-"


def forget_the_rest(code: str) -> None:
    """Frees the memory of what is never said in the language `code`, in this process."""
    known = localedata.load(code)
    for name in _NEVER_SAID:
        known.pop(name, None)
    known["unit_patterns"] = {unit: words for unit, words in known["unit_patterns"].items() if unit.startswith(_TIMES)}
