"""The web application as gunicorn finds it, and what its processes do before and after they part."""

import gc
from datetime import timedelta

from babel.dates import format_timedelta

from backend import config, db, i18n, log
from backend.app import create_app
from backend.config import LANGUAGES
from backend.handing import handing_over
from backend.ui import compiled

settings = config.current()
log.configure(settings)
_desk = create_app(settings)
app = handing_over(_desk)


def before_forking() -> None:
    """What is loaded by now stays shared between the processes: the collector does not touch it again.

    The words of all languages and the templates belong to it. Nothing is collected first: that would leave holes in
    pages that are shared, and each process would fill them for itself.
    """
    for code in LANGUAGES:
        with i18n.in_language(code):  # reads its sentences
            format_timedelta(timedelta(), locale=code)  # and all that Babel knows of it
    compiled.load(_desk.jinja_env)
    gc.freeze()


def after_forking() -> None:
    """A connection opened before the fork belongs to the parent."""
    gc.enable()
    db.engine().dispose(close=False)
