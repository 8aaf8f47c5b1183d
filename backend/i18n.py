"""Languages: whose language counts, and how times, amounts and sizes are said in it.

A page holds hundreds of sentences and dates, so the reader's language is found once per request, a sentence once per
language and process, and each day and minute is put into words once.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date as date_type
from datetime import datetime, timedelta
from datetime import time as time_type
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal
from babel.support import Translations
from flask import Flask, g, has_request_context, request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from backend import clock, config, locale_data
from backend.config import LANGUAGES

__all__ = ["N_", "_", "exact", "filesize", "in_language", "install", "language", "money", "n_", "quantity", "when"]

_CATALOGUES = Path(__file__).parent / "translations"


def N_(sentence: str) -> str:
    """Marks `sentence` for the translation catalogues and returns it unchanged."""
    return sentence


class Language:
    """One language with its sentences."""

    def __init__(self, code: str) -> None:
        self.code = code
        locale_data.forget_the_rest(code)
        self.texts = Translations.load(_CATALOGUES, [code])
        self._marked: dict[str, Markup] = {}

    def marked(self, message: str) -> Markup:
        """`message` in this language as a template shows it: what we write ourselves needs no escaping."""
        found = self._marked.get(message)
        if found is None:
            found = self._marked[message] = Markup(self.texts.gettext(message))
        return found


_forced: ContextVar[Language | None] = ContextVar("language", default=None)
_spoken = cache(Language)


def _chosen() -> str:
    """The person's own language, else the browser's, else the installation's."""
    if has_request_context():
        who = g.get("who")
        if who is not None and who.language in LANGUAGES:
            return str(who.language)
        if best := request.accept_languages.best_match(LANGUAGES):
            return best
    return config.current().language


def _now() -> Language:
    """The language of this moment."""
    forced = _forced.get()
    if forced is not None:
        return forced
    if not g:
        return _spoken("en")
    known: Language | None = g.get("language")
    if known is None:
        known = _spoken(_chosen())
        if "who" in g:
            g.language = known
    return known


def language() -> str:
    """The reader's language: de, en, es, fr or it."""
    return _now().code


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Says everything inside in the language `code`, whoever asks."""
    token = _forced.set(_spoken(code if code in LANGUAGES else config.current().language))
    try:
        yield
    finally:
        _forced.reset(token)


def _(message: str, /, **values: Any) -> str:
    """`message` in the reader's language, with `values` in the places it names."""
    text = str(_now().texts.gettext(message))
    return text % values if values else text


def counted(count: int) -> str:
    """A count as the reader's language writes it; up to four digits need no grouping."""
    return str(count) if -10_000 < count < 10_000 else str(format_decimal(count, locale=_now().code))


def n_(one: str, many: str, num: int, /, **values: Any) -> str:
    """The sentence for `num` things in the reader's language."""
    return str(_now().texts.ngettext(one, many, num)) % {"num": counted(num), **values}


def _in_template(message: str, /, **values: Any) -> Markup:
    text = _now().marked(message)
    return text % values if values else text


def _number_in_template(one: str, many: str, num: int, /, **values: Any) -> Markup:
    return Markup(_now().texts.ngettext(one, many, num)) % {"num": counted(num), **values}


def _zone() -> str:
    who = g.get("who") if has_request_context() else None
    return (who and who.timezone) or config.current().timezone


@lru_cache(maxsize=10_000)
def _date(moment: date_type, form: str, code: str) -> str:
    return str(format_date(moment, form, locale=code))


@lru_cache(maxsize=10_000)
def _time(hour: int, minute: int, code: str) -> str:
    return str(format_time(time_type(hour, minute), "short", locale=code))


def _day_and_month(moment: date_type, code: str) -> str:
    return _date(moment, "d. MMM" if code == "de" else "d MMM", code)


def clock_time(moment: datetime) -> str:
    """Only the time of day, in the reader's language and time zone: 13:52."""
    local = clock.local(moment, _zone())
    return _time(local.hour, local.minute, _now().code)


def exact(moment: datetime | None) -> str:
    """`moment` in full, in the reader's language and time zone: Tuesday, 24 November 2026 at 13:52."""
    if moment is None:
        return ""
    local, code = clock.local(moment, _zone()), _now().code
    return f"{_date(local.date(), 'full', code)}, {_time(local.hour, local.minute, code)}"


def said(moment: datetime, *, day: bool = False, short: bool = False) -> str:
    """`moment` as people say it: 13:52 today, yesterday 16:40, a date before that.

    `day`: always name the day. `short`: yesterday without the time, for narrow columns.
    """
    zone, code = _zone(), _now().code
    local, today = clock.local(moment, zone), clock.local(clock.now(), zone)
    days = (today.date() - local.date()).days
    if days == 0:
        time = _time(local.hour, local.minute, code)
        return _("today %(time)s", time=time) if day else time
    if days == 1 and short:
        return _("yesterday")
    if days == 1:
        return _("yesterday %(time)s", time=_time(local.hour, local.minute, code))
    if local.year == today.year:
        return _day_and_month(local.date(), code)
    return _date(local.date(), "medium", code)


def _element(moment: datetime, words: str) -> Markup:
    iso = moment.isoformat(timespec="seconds")
    return Markup(f'<time datetime="{iso}" title="{escape(exact(moment))}">{escape(words)}</time>')


def when(moment: datetime | None, *, day: bool = False, short: bool = False) -> Markup:
    """A `<time>` element: as people say it (see `said`), with the exact time on hover."""
    return Markup("") if moment is None else _element(moment, said(moment, day=day, short=short))


def ago(moment: datetime | None) -> Markup:
    """A `<time>` element with the distance from now: 3 hours ago, in 2 days."""
    if moment is None:
        return Markup("")
    distance = moment - clock.now()
    if abs(distance) < timedelta(minutes=1):
        return _element(moment, _("just now"))
    return _element(moment, format_timedelta(distance, add_direction=True, locale=_now().code, threshold=1.2))


def waited(since: datetime) -> str:
    """How long it is since then, as a stopwatch shows it: 0:38, 12:05, 1:02:11."""
    seconds = max(0, int((clock.now() - since).total_seconds()))
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def date(moment: date_type | None) -> str:
    """Only the date, medium long."""
    return _date(moment, "medium", _now().code) if moment else ""


def day(moment: date_type | None) -> str:
    """A date as short as it can be: day and month this year, with the year otherwise."""
    if moment is None:
        return ""
    code = _now().code
    if moment.year == clock.local(clock.now(), _zone()).year:
        return _date(moment, "d.M." if code == "de" else "d MMM", code)
    return _date(moment, "short", code)


def day_of(moment: datetime) -> str:
    """The day of `moment` where the reader is, as short as it can be."""
    return day(clock.local(moment, _zone()).date())


def capped(count: int, most: int = 100) -> str:
    """A count that was stopped at `most`: 99+ from there on."""
    return str(count) if count < most else f"{most - 1}+"


@lru_cache(maxsize=10_000)
def _money(amount: str, currency: str, code: str) -> str:
    return str(format_currency(Decimal(amount), currency, locale=code))


def money(amount: Decimal | None, currency: str) -> str:
    """`amount` with its currency as the reader's language writes it."""
    return "" if amount is None else _money(str(amount), currency, _now().code)


def decimal(value: float) -> str:
    """A number for a table that the reader's spreadsheet opens: its own decimal sign, nothing grouped."""
    return str(format_decimal(value, format="0.######", locale=_now().code))


def amount(value: Decimal) -> str:
    """An amount whose currency stands elsewhere: 95.50."""
    return str(format_decimal(value, format="#,##0.00", locale=_now().code))


@lru_cache(maxsize=10_000)
def _quantity(amount: str, code: str) -> str:
    return str(format_decimal(Decimal(amount).normalize(), format="#,##0.###", locale=code))


def quantity(amount: Decimal | None) -> str:
    """A quantity without needless zeros: 12, 1.5."""
    return "" if amount is None else _quantity(str(amount), _now().code)


def filesize(size: int) -> str:
    """`size` in bytes as KB or MB, and as ko or Mo in French."""
    code = _now().code
    if size < 1_000_000:
        return _("%(size)s KB", size=format_decimal(max(1, round(size / 1000)), locale=code))
    return _("%(size)s MB", size=format_decimal(Decimal(size) / 1_000_000, format="#,##0.#", locale=code))


def spoken(words: Callable[..., str]) -> Callable[..., str]:
    """`words` as a filter that is asked for each page.

    Jinja works out a filter of a constant once, when it compiles a template, in the language of that moment; one that
    takes the context it leaves alone.
    """

    @pass_context
    def asked(_context: Context, /, *values: Any, **named: Any) -> str:
        return words(*values, **named)

    return asked


def install(app: Flask) -> None:
    """Gives the templates of `app` their sentences and filters."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.globals.update(_=_in_template, gettext=_in_template, ngettext=_number_in_template, language=language)
    app.jinja_env.filters.update(
        when=when,
        ago=ago,
        exact=exact,
        said=said,
        waited=waited,
        date=date,
        day=day,
        money=money,
        quantity=quantity,
        capped=capped,
        filesize=filesize,
    )
