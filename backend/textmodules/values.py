"""What people, days and amounts are called inside a text, in the language it is written in."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from babel.dates import format_date, format_time
from babel.numbers import format_currency

from backend.i18n import _, in_language
from backend.textmodules.gaps import Part, fill
from backend.textmodules.placeholders import BY_NAME

_SPOKEN = {
    "de": {"ms": "Frau", "mr": "Herr"},
    "en": {"ms": "Ms", "mr": "Mr"},
    "es": {"ms": "Sra.", "mr": "Sr."},
    "fr": {"ms": "Madame", "mr": "Monsieur"},
    "it": {"ms": "Sig.ra", "mr": "Sig."},
}
_GREETING = {"de": "Guten Tag", "en": "Dear", "es": "Buenos días,", "fr": "Bonjour", "it": "Gentile"}
# Degrees that are said with the last name: after Herr or Frau in German, in place of Ms or Mr in English.
_SAID = {"prof": "Prof.", "dr": "Dr."}
_DEGREE = re.compile(r"(?:(?:prof|dr|ing|dipl|mag|med|rer|nat)\.?(?:-ing\.?)?\s+)+", re.IGNORECASE)


@dataclass(frozen=True)
class Name:
    """A person's name, taken apart as far as that can be told."""

    whole: str
    first: str
    last: str


def name_of(whole: str) -> Name:
    """`whole` ("Dr. Jana Wiedekind", "Wiedekind, Jana") in its parts; of a single word nobody knows which it is."""
    last, comma, first = whole.partition(",")
    if comma and last.strip() and first.strip():
        return Name(f"{first.strip()} {last.strip()}", _DEGREE.sub("", first.strip()).split(" ")[0], last.strip())
    words = _DEGREE.sub("", whole.strip()).split()
    if len(words) < 2 or "@" in whole:
        return Name(whole.strip(), "", "")
    return Name(whole.strip(), words[0], " ".join(words[1:]))


def addressed(name: str, salutation: str, language: str) -> str:
    """How somebody is addressed: Frau Wiedekind where that is known, the whole name otherwise."""
    parts = name_of(name)
    spoken = _SPOKEN.get(language, _SPOKEN["en"]).get(salutation)
    if not spoken or not parts.last:
        return parts.whole
    degrees = _degrees(parts.whole)
    if language == "de":
        spoken = " ".join((spoken, *degrees))
    elif language == "en" and degrees:
        spoken = degrees[0].rstrip(".") if degrees[0] == "Dr." else "Professor"
    return f"{spoken} {parts.last}"


def _degrees(whole: str) -> list[str]:
    """The degrees before a name that are said when somebody is addressed, each once."""
    stand = _DEGREE.match(whole)
    words = re.findall(r"[a-zäöü]+", stand[0].lower()) if stand else []
    return [said for word, said in _SAID.items() if word in words]


def greeting(name: str, salutation: str, language: str) -> str:
    """The first line of a letter, without its comma; empty where nothing but an address is known of somebody."""
    said = addressed(name, salutation, language)
    if not said or "@" in said:
        return ""
    return f"{_GREETING.get(language, _GREETING['en'])} {said}"


def long_day(day: date, language: str) -> str:
    """A day in full with its weekday: Dienstag, 1. Dezember 2026."""
    return str(format_date(day, "full", locale=language))


def written_day(day: date, language: str) -> str:
    """A day without its weekday: 1. Dezember 2026."""
    return str(format_date(day, "long", locale=language))


def hour(at: datetime, language: str) -> str:
    """The time of day of a wall time."""
    return str(format_time(at.time(), "short", locale=language))


def amount(total: Decimal, currency: str, language: str) -> str:
    """An amount with its currency."""
    return str(format_currency(total, currency, locale=language))


def examples(language: str) -> dict[str, str]:
    """A value for every placeholder, as if there were a ticket: for the preview of a module."""
    days = {"ticket.opened": written_day, "order.date": written_day, "today.date": written_day, "visit.date": long_day}
    made = {}
    with in_language(language):
        for name, one in BY_NAME.items():
            if name in days:
                made[name] = days[name](date.fromisoformat(one.example), language)
            elif name == "order.total":
                made[name] = amount(Decimal(one.example), "EUR", language)
            elif name == "visit.time":
                made[name] = hour(datetime.fromisoformat(f"2026-12-01T{one.example}"), language)
            elif name == "contact.salutation":
                made[name] = addressed("Jana Wiedekind", "ms", language)
            elif name == "contact.greeting":
                made[name] = greeting("Jana Wiedekind", "ms", language)
            else:
                made[name] = str(_(one.example)) if one.example else ""
    return made


def preview(text: str, language: str) -> list[Part]:
    """A module's `text`, filled with examples."""
    return fill(text, examples(language))
