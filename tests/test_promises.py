"""What every part promises, whoever wrote it: rights, settings, translations, one error shape, one schema."""

import gettext
import re
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from babel.messages.pofile import read_po
from sqlalchemy import create_engine

from backend import config, health, migrate
from backend.auth import PERMISSIONS
from backend.db import Base, driver_url
from tests.world import World

ROOT = Path(__file__).parent.parent
EXTRACT = "-m babel.messages.frontend extract -F pyproject.toml -k lazy -k n_:1,2".split()
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


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> set[object]:
    """Everything the code and the templates put through gettext."""
    template = tmp_path_factory.mktemp("words") / "messages.pot"
    subprocess.run(
        [sys.executable, *EXTRACT, "-o", str(template), "backend", "addin"], cwd=ROOT, check=True, capture_output=True
    )
    return {m.id for m in read_po(template.open("rb")) if m.id}


@pytest.mark.parametrize("language", config.LANGUAGES)
def test_each_string_is_translated(language: str, sentences: set[object]) -> None:
    wanted = sentences
    assert len(wanted) > 100
    catalogue = read_po((TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb"))
    have = {m.id: m for m in catalogue if m.id}
    missing = sorted(str(w) for w in wanted if w not in have or not _whole(have[w].string) or have[w].fuzzy)
    assert not missing, f"{len(missing)} strings are not translated into {language}: {missing[:8]}"
    for message in have.values():
        _same_gaps(message.id, message.string)


def _whole(string: object) -> bool:
    return all(string) if isinstance(string, tuple | list) else bool(string)


def _same_gaps(original: object, translated: object) -> None:
    def gaps(text: object) -> set[str]:
        parts = text if isinstance(text, tuple | list) else (text,)
        return {gap for part in parts for gap in re.findall(r"%\(\w+\)s", str(part))}

    assert gaps(translated) <= gaps(original), f"{original!r} and {translated!r} have different gaps"


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
