"""What every part promises, whoever wrote it: rights, settings, translations, one error shape, one schema."""

import gettext
import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from backend import config, health, migrate
from backend.auth import PERMISSIONS
from backend.db import Base, driver_url
from tests.world import World

ROOT = Path(__file__).parent.parent
TRANSLATIONS = ROOT / "backend" / "translations"


def test_each_view_names_who_may_call_it(world: World) -> None:
    for endpoint, view in world.app.view_functions.items():
        assert hasattr(view, "needs"), f"{endpoint} names no permission"
        needs = view.needs
        assert needs is None or needs == "signed-in" or needs in PERMISSIONS, f"{endpoint} needs {needs!r}"
        reason: object = getattr(view, "open_because", None)
        assert needs is not None or reason, f"{endpoint} is open, without a reason"


def test_each_setting_is_documented() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert text == config.documentation(), "docs/settings.md is old; `python -m backend.config > docs/settings.md`"


def test_wrong_settings_are_all_named_at_once() -> None:
    with pytest.raises(config.ConfigError) as raised:
        config.load({"PORT": "99999", "TIMEZONE": "Mars/Base", "SECRET_KEY": "short", "DESK_MAILBOXES": "nobody"})
    said = str(raised.value)
    for name in ("PORT", "TIMEZONE", "SECRET_KEY", "DESK_MAILBOXES", "TENANT_ID", "CLIENT_ID", "DATABASE_URL"):
        assert name in said
    assert "short" not in said.split("SECRET_KEY")[1].split("\n")[0], "a secret must not be repeated"


def test_catalogues_are_compiled() -> None:
    for language in config.LANGUAGES:
        path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.mo"
        assert gettext.GNUTranslations(path.open("rb")).gettext("Tickets")


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/tickets", "/nothing"])
def test_errors_have_one_shape(world: World, path: str) -> None:
    answer = world.browser().get(path, headers={"Accept": "application/json"})
    assert answer.status_code in (401, 404)
    assert answer.content_type == "application/problem+json"
    assert {"type", "title", "status", "code", "request_id"} <= set(answer.json or {})
    assert (answer.json or {})["status"] == answer.status_code
    assert (answer.json or {})["title"].endswith((".", "!", "?"))


def test_there_is_one_migration_head_and_it_is_what_the_models_say(world: World) -> None:
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(ROOT / "backend" / "migrations"))
    assert ScriptDirectory.from_config(settings).get_heads() == [health.newest_migration()]
    migrate.load_models()
    with create_engine(driver_url(world.settings.database_url)).connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _ours})
        assert compare_metadata(context, Base.metadata) == []


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and (name or "").startswith("procrastinate"))


def test_each_test_that_the_threat_list_names_is_there() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| threat")]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`(tests/[^`]*)`", row.rstrip(" |").rpartition("|")[2])
        assert named, f"nothing holds: {row[:80]}"
        assert not [path for path in named if not (ROOT / path).exists()], row[:80]
