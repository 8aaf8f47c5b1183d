"""The demo company, loaded once."""

from collections.abc import Iterator

import psycopg
import pytest

from backend import config, db
from backend.config import Config
from backend.demo.load import main
from backend.sandbox import people as tenant
from tests.world import SERVICE


@pytest.fixture(scope="session")
def loaded(database_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """The settings of a database with the demo company, loaded once for all tests of a process."""
    with psycopg.connect(database_server.replace("/deskside?", "/postgres?"), autocommit=True) as admin:
        admin.execute("create database demo_company template deskside strategy file_copy")
        settings = config.load(
            {
                "DESKSIDE_DATA": str(tmp_path_factory.mktemp("demo")),
                "DATABASE_URL": database_server.replace("/deskside?", "/demo_company?"),
                "SECRET_KEY": "a key that signs nothing but tests",
                "TENANT_ID": tenant.HOME_TENANT,
                "CLIENT_ID": tenant.CLIENT_ID,
                "CLIENT_SECRET": tenant.CLIENT_SECRET,
                "DESK_MAILBOXES": SERVICE,
                "LANGUAGE": "de",
            }
        )
        config.use(settings)
        main()
        yield settings
        db.engine().dispose()
        admin.execute("drop database demo_company with (force)")


@pytest.fixture
def demo(loaded: Config) -> Iterator[None]:
    """A transaction in the demo company; what a test changes is undone."""
    config.use(loaded)
    db.configure(loaded.database_url, pool=1)
    with db.scope():
        yield
