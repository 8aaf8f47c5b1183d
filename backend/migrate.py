"""Brings the database to the state this version of the code expects."""

import importlib
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from backend.db import driver_url

_FOLDER = Path(__file__).parent / "migrations"
_MODELS = (
    "backend.auth",
    "backend.live",
    "backend.limits",
    "backend.pace",
    "backend.receipts",
    "backend.people.models",
    "backend.orders.models",
    "backend.contracts.models",
    "backend.surveys.models",
    "backend.tickets.models",
    "backend.mail.models",
    "backend.drafts.models",
    "backend.presence.models",
    "backend.lists.models",
    "backend.visits.models",
    "backend.chat.models",
    "backend.mentions.models",
    "backend.settings.models",
    "backend.statuses.models",
    "backend.staff.models",
    "backend.merging.models",
    "backend.deletion.models",
    "backend.worklog.models",
    "backend.textmodules.models",
    "backend.checklists.models",
    "backend.fields.models",
    "backend.devices.models",
    "backend.writing.models",
)
_LOCK = 0x6465736B  # one migration at a time, however many processes start at once


def load_models() -> None:
    """Imports every module with tables, so that the metadata is whole."""
    for name in _MODELS:
        importlib.import_module(name)


def alembic_config(url: str) -> Config:
    """Alembic's settings for the database at `url`."""
    settings = Config()
    settings.set_main_option("script_location", str(_FOLDER))
    settings.attributes["url"] = url
    return settings


def upgrade(url: str) -> None:
    """Applies all migrations to the database at `url`; several processes at once do it one after the other."""
    engine = create_engine(driver_url(url))
    with engine.connect() as guard:
        guard.execute(text("select pg_advisory_lock(:key)"), {"key": _LOCK})
        command.upgrade(alembic_config(url), "head")
    engine.dispose()
