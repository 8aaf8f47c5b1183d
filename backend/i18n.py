"""Languages: whose language counts, and how times, amounts and sizes are said in it."""

from datetime import date as date_type
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, gettext, lazy_gettext, ngettext
from markupsafe import Markup, escape

from backend import clock, config
from backend.config import LANGUAGES

__all__ = ["N_", "_", "exact", "filesize", "in_language", "install", "money", "n_", "quantity", "when"]

_ = gettext
n_ = ngettext
lazy = lazy_gettext
in_language = force_locale


def N_(sentence: str) -> str:
    """Marks `sentence` for the translation catalogues and returns it unchanged."""
    return sentence


def _language() -> str:
    """The person's own language, else the browser's, else the installation's."""
    if has_request_context():
        who = g.get("who")
        if who is not None and who.language:
            return str(who.language)
        best = request.accept_languages.best_match(LANGUAGES)
        if best:
            return best
    return config.current().language


def _zone() -> str:
    who = g.get("who") if has_request_context() else None
    return (who.timezone if who is not None else "") or config.current().timezone


def _locale() -> str:
    return str(get_locale() or config.current().language)


def exact(moment: datetime | None) -> str:
    """`moment` in full, in the reader's language and time zone: Tuesday, 24 November 2026 at 13:52."""
    if moment is None:
        return ""
    return _exact(moment, _zone(), _locale())


# Lists say the same moments again and again, and Babel takes a tenth of a millisecond for each.
@lru_cache(maxsize=8192)
def _exact(moment: datetime, zone: str, locale: str) -> str:
    local = clock.local(moment, zone)
    return f"{format_date(local.date(), 'full', locale=locale)}, {format_time(local, 'short', locale=locale)}"


@lru_cache(maxsize=8192)
def _time_of_day(local: datetime, locale: str) -> str:
    return str(format_time(local, "short", locale=locale))


@lru_cache(maxsize=8192)
def _day_of_year(day: date_type, locale: str) -> str:
    return str(format_date(day, "d. MMM" if locale.startswith("de") else "d MMM", locale=locale))


def said(moment: datetime, *, day: bool = False, short: bool = False) -> str:
    """`moment` as people say it: 13:52 today, yesterday 16:40, a date before that.

    `day`: always name the day. `short`: yesterday without the time, for narrow columns.
    """
    zone, locale = _zone(), _locale()
    local, today = clock.local(moment, zone), clock.local(clock.now(), zone)
    days = (today.date() - local.date()).days
    if days == 0:
        time = _time_of_day(local, locale)
        return str(_("today %(time)s", time=time) if day else time)
    if days == 1 and short:
        return str(_("yesterday"))
    if days == 1:
        return str(_("yesterday %(time)s", time=_time_of_day(local, locale)))
    if local.year == today.year:
        return _day_of_year(local.date(), locale)
    return str(format_date(local.date(), "medium", locale=locale))


def when(moment: datetime | None, *, day: bool = False, short: bool = False) -> Markup:
    """A `<time>` element: as people say it (see `said`), with the exact time on hover."""
    if moment is None:
        return Markup("")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), exact(moment), escape(said(moment, day=day, short=short))
    )


def ago(moment: datetime | None) -> Markup:
    """A `<time>` element with the distance from now: 3 hours ago, in 2 days."""
    if moment is None:
        return Markup("")
    distance = moment - clock.now()
    if abs(distance) < timedelta(minutes=1):
        words = _("just now")
    else:
        words = format_timedelta(distance, add_direction=True, locale=_locale(), threshold=1.2)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        moment.isoformat(timespec="seconds"), exact(moment), words
    )


def date(moment: date_type | None) -> str:
    """Only the date, medium long."""
    return format_date(moment, "medium", locale=_locale()) if moment else ""


def day(moment: date_type | None) -> str:
    """A date as short as it can be: day and month this year, with the year otherwise."""
    if moment is None:
        return ""
    if moment.year == clock.local(clock.now(), _zone()).year:
        return str(format_date(moment, "d.M." if _locale().startswith("de") else "d MMM", locale=_locale()))
    return format_date(moment, "short", locale=_locale())


def capped(count: int, most: int = 100) -> str:
    """A count that was stopped at `most`: 99+ from there on."""
    return str(count) if count < most else f"{most - 1}+"


def money(amount: Decimal | None, currency: str) -> str:
    """`amount` with its currency as the reader's language writes it."""
    return "" if amount is None else format_currency(amount, currency, locale=_locale())


def quantity(amount: Decimal | None) -> str:
    """A quantity without needless zeros: 12, 1.5."""
    return "" if amount is None else format_decimal(amount.normalize(), format="#,##0.###", locale=_locale())


def filesize(size: int) -> str:
    """`size` in bytes as KB or MB."""
    if size < 1_000_000:
        return f"{format_decimal(max(1, round(size / 1000)), locale=_locale())} KB"
    return f"{format_decimal(Decimal(size) / 1_000_000, format='#,##0.#', locale=_locale())} MB"


def install(app: Flask) -> None:
    """Gives `app` its languages and its filters."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=_language, timezone_selector=_zone)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.filters.update(
        when=when,
        ago=ago,
        exact=exact,
        said=said,
        date=date,
        day=day,
        money=money,
        quantity=quantity,
        capped=capped,
        filesize=filesize,
    )
