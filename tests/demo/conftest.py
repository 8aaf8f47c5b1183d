"""The demo company, loaded once."""

from collections.abc import Iterator

import pytest

from backend import config, db
from backend.config import Config
from backend.postgres import Postgres
from backend.sandbox import people as tenant
from tests.furnished import furnish
from tests.world import SERVICE


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    """The settings of a database with the demo company, which is loaded once for all tests of a run."""
    data = tmp_path_factory.mktemp("demo")
    furnish(data)
    with Postgres(data) as url:
        settings = config.load(
            {
                "DESKSIDE_DATA": str(data),
                "DATABASE_URL": url,
                "SECRET_KEY": (data / "secret_key").read_text().strip(),
                "TENANT_ID": tenant.HOME_TENANT,
                "CLIENT_ID": tenant.CLIENT_ID,
                "CLIENT_SECRET": tenant.CLIENT_SECRET,
                "DESK_MAILBOXES": SERVICE,
                "LANGUAGE": "de",
            }
        )
        yield settings
        db.engine().dispose()


@pytest.fixture
def demo(loaded: Config) -> Iterator[None]:
    """A transaction in the demo company; what a test changes is undone."""
    config.use(loaded)
    db.configure(loaded.database_url, pool=1)
    with db.scope():
        yield
