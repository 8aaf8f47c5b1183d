"""The mail that tells a customer of a visit, in the customer's language."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.dates import format_date, format_time, get_timezone_name
from markupsafe import Markup

from backend.i18n import _, in_language
from backend.visits import times


@dataclass(frozen=True)
class Letter:
    """Subject, text and HTML of the mail, and what the calendar entry is called and says."""

    subject: str
    text: str
    html: str
    summary: str
    description: str


def letter(told: dict[str, Any], before: dict[str, Any], about: str, language: str) -> Letter:
    """The mail about a visit as `told` says (see `telling.tellable`); {} when it is called off.

    `before`: what the customer was told last, {} for nothing. `about`: the ticket's subject.
    """
    with in_language(language):
        shown = told or before
        rows = _rows(shown, language)
        first, subject = _first(told, before, about)
        lines = [f"{label}: {value}" for label, value in rows]
        note = str(shown["customer_note"]) if told else ""
        last = _("To answer or to ask for another time, please reply to this e-mail.")
        text = "\n\n".join(filter(None, (first, "\n".join(lines), note, last))) + "\n"
        body = Markup("<br>").join(Markup("{}: <b>{}</b>").format(label, value) for label, value in rows)
        html = Markup("<p>{}</p><p>{}</p>").format(first, body)
        if note:
            html += Markup("<p>{}</p>").format(Markup("<br>").join(note.split("\n")))
        html += Markup("<p>{}</p>").format(last)
        return Letter(subject, text, str(html), about, "\n".join(filter(None, (*lines[1:], note))))


def _first(told: dict[str, Any], before: dict[str, Any], about: str) -> tuple[str, str]:
    """The first sentence and the subject."""
    if not told:
        return _("This appointment does not take place:"), _("Appointment cancelled: %(subject)s", subject=about)
    if before:
        return _("Your appointment has changed:"), _("Appointment changed: %(subject)s", subject=about)
    subject = _("Appointment: %(subject)s", subject=about)
    if told["kind"] == "remote":
        return _("We have an appointment with you, by telephone or remote maintenance:"), subject
    return _("We will visit you:"), subject


def _rows(shown: dict[str, Any], language: str) -> list[tuple[str, str]]:
    rows = [(_("When"), when(shown, language))]
    if shown["place"]:
        rows.append((_("Where"), str(shown["place"])))
    return [*rows, (_("Technician"), str(shown["technician"]))]


def when(shown: dict[str, Any], language: str) -> str:
    """Date, time and zone: Tuesday, 1 December 2026, 09:00 – 11:00 (Central European Standard Time)."""
    start, end = (datetime.fromisoformat(str(shown[name])) for name in ("start", "end"))
    day, hour = format_date(start, "full", locale=language), format_time(start, "short", locale=language)
    until = format_time(end, "short", locale=language)
    if end.date() != start.date():
        until = f"{format_date(end, 'full', locale=language)}, {until}"
    zone = str(shown["timezone"])
    names = [get_timezone_name(times.aware(at, zone), locale=language) for at in (start, end)]
    return f"{day}, {hour} – {until} ({' – '.join(dict.fromkeys(names))})"
