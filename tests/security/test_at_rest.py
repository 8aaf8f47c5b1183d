"""What lies on the disk and in the logs is the installation's own."""

import logging
import stat
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend import config, files, log
from backend.db import scope, session
from backend.sandbox.store import Store
from tests.world import World


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_no_other_user_of_the_machine_reads_the_files(world: World, tmp_path: Path) -> None:
    settings = config.load({**_environment(world.settings), "DESKSIDE_DATA": str(tmp_path)})
    (tmp_path / "files").mkdir(mode=0o755)  # as an earlier version left it
    config.use(settings)
    try:
        files.put(b"a customer's attachment")
    finally:
        config.use(world.settings)
    assert _mode(tmp_path / "files") == 0o700


def _environment(settings: config.Config) -> dict[str, str]:
    return {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "TENANT_ID": settings.tenant_id,
        "CLIENT_ID": settings.client_id,
        "CLIENT_SECRET": settings.client_secret,
    }


def test_no_other_user_of_the_machine_reads_the_sandboxs_mailboxes_and_keys(tmp_path: Path) -> None:
    store = Store(tmp_path / "sandbox")
    store.close()
    assert _mode(tmp_path / "sandbox") == 0o700


@pytest.mark.usefixtures("world")
def test_a_failed_statement_does_not_carry_what_people_wrote() -> None:
    with scope(), pytest.raises(DBAPIError) as caught:
        session.execute(text("select cast(:said as integer) from nowhere"), {"said": "the customer's own words"})
    assert "own words" not in str(caught.value)


def test_a_traceback_in_the_log_has_no_secret_either(capsys: pytest.CaptureFixture[str], world: World) -> None:
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    try:
        log.configure(world.settings)
        try:
            raise ValueError("Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl")
        except ValueError:
            logging.getLogger("test").exception("it broke")
    finally:
        root.handlers = before
    written = capsys.readouterr().err
    assert "it broke" in written
    assert "eyJhbGci" not in written
