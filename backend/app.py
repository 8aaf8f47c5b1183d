"""Puts the house together: one Flask application with all its doors."""

import importlib
from collections.abc import Iterable

from flask import Flask

from backend import auth, config, db, errors, i18n, web
from backend.config import Config
from backend.ui import compiled

# The modules whose `blueprint` is a door or a feature's views.
VIEWS = (
    "backend.health",
    "backend.signin.views",
    "backend.ui.views",
    "backend.desk.views",
    "backend.tickets.views",
    "backend.merging.views",
    "backend.deletion.views",
    "backend.presence.views",
    "backend.lists.views",
    "backend.writing.views",
    "backend.drafts.views",
    "backend.chat.views",
    "backend.people.views",
    "backend.orders.views",
    "backend.contracts.views",
    "backend.surveys.views",
    "backend.mail.views",
    "backend.visits.views",
    "backend.worklog.views",
    "backend.settings.views",
    "backend.languages.views",
    "backend.statuses.views",
    "backend.staff.views",
    "backend.textmodules.views",
    "backend.checklists.views",
    "backend.fields.views",
    "backend.devices.views",
    "backend.visits.notices",
    "backend.api.views",
    "addin.views",
    "bot.endpoint",
)


LONGEST_STATEMENT = 30  # seconds: no page is worth more, and no search may hold the database


def create_app(settings: Config, views: Iterable[str] = VIEWS) -> Flask:
    """The web application with `settings`; binds this process to its database."""
    config.use(settings)
    db.configure(settings.database_url, pool=min(16, settings.web_threads), seconds=LONGEST_STATEMENT)
    app = web.Application("backend", static_folder="ui/static", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = settings.max_upload_mb * 1_000_000
    app.config["MAX_FORM_MEMORY_SIZE"] = 4_000_000
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    compiled.install(app.jinja_env)
    i18n.install(app)
    errors.install(app)
    auth.install(app)
    web.install(app)
    for name in views:
        app.register_blueprint(importlib.import_module(name).blueprint)
    return app
