"""The desk's own sentences in mails, in the language of whoever gets them.

Jobs have no request whose language would count, and several run at once, so catalogues are asked directly.
"""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from babel.dates import format_date, format_datetime
from babel.support import NullTranslations, Translations

from backend import clock, config
from backend.config import LANGUAGES
from backend.mail.problems import N_

_CATALOGUES = Path(__file__).resolve().parent.parent / "translations"

NO_SUBJECT = N_("(no subject)")
UNREADABLE = N_("This e-mail could not be read. The original is attached, as it came.")
WROTE = N_("On %(when)s, %(who)s wrote:")
ACKNOWLEDGED = N_("Thank you for your message. We have received it and take care of it under number %(number)s.")
ANSWERING = N_("To add something, please answer this e-mail and leave the number in the subject as it is.")
UNANSWERED = N_("We have not heard from you since %(day)s and have therefore closed your request %(number)s.")
STILL_OPEN = N_("If it is not settled, please just answer this e-mail.")
# What stands before a subject, as Outlook says it in each language; whoever answers us has the same word then.
_ANSWERS = {"de": "AW", "es": "RE", "fr": "RE", "it": "R"}
_FORWARDS = {"de": "WG", "es": "RV", "fr": "TR", "it": "I"}


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(str(_CATALOGUES), [language])


def known(language: str) -> str:
    """`language` when it is one of ours, else the installation's."""
    return language if language in LANGUAGES else config.current().language


def said(sentence: str, language: str, **values: object) -> str:
    """`sentence` (marked with N_) in `language`, with its blanks filled."""
    translated = str(_catalogue(known(language)).gettext(sentence))
    return translated % values if values else translated


def answered(subject: str, language: str) -> str:
    """`subject`, which bears no prefix, as that of an answer: AW: Drucker."""
    return f"{_ANSWERS.get(known(language), 'Re')}: {subject}"


def forwarded(subject: str, language: str) -> str:
    """`subject`, which bears no prefix, as that of a forward: WG: Drucker."""
    return f"{_FORWARDS.get(known(language), 'Fwd')}: {subject}"


def moment(when: datetime, language: str, timezone: str) -> str:
    """`when` as a quoted mail is headed: day and time where the reader is."""
    local = clock.local(when, timezone or config.current().timezone)
    code = known(language)
    form = {"de": "d. MMMM y, HH:mm", "es": "d 'de' MMMM 'de' y, HH:mm"}.get(code, "d MMMM y, HH:mm")
    return str(format_datetime(local, form, locale=code))


def day(when: datetime, language: str, timezone: str) -> str:
    """The day of `when` where the reader is."""
    local = clock.local(when, timezone or config.current().timezone)
    return str(format_date(local.date(), "long", locale=known(language)))
