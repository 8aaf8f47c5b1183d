"""One sandbox for the session; each test finds it empty, and what each test did is held against Microsoft's words."""

from collections.abc import Iterator

import pytest

from tests.sandbox import connector_contract, contract
from tests.sandbox.bot import Teams, listening, talking
from tests.sandbox.tenant import Receiver, Tenant, receiver, started


@pytest.fixture(scope="session")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    with started(tmp_path_factory.mktemp("sandbox")) as tenant:
        yield tenant


@pytest.fixture
def tenant(_running: Tenant) -> Iterator[Tenant]:
    _running.reset()
    yield _running
    entries = _running.control("GET", "/requests").json()
    if contract.missing() is None:
        found = [offence for entry in entries for offence in contract.offences(entry)]
        assert not found, "\n".join(found)


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as mine:
        yield mine


@pytest.fixture(scope="session")
def _talking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Teams]:
    with listening() as bot, talking(tmp_path_factory.mktemp("teams"), bot) as teams:
        yield teams


@pytest.fixture
def teams(_talking: Teams) -> Iterator[Teams]:
    """A sandbox with a small bot in Deskside's place, as at the start; held against Microsoft's words like `tenant`."""
    _talking.http.post("/_sandbox/reset", json={"mail": False}).raise_for_status()
    _talking.bot.forget()
    _talking.token = _talking.bot_token()
    yield _talking
    assert _talking.bot.wrong == []
    if connector_contract.missing() is None:
        entries = _talking.http.get("/_sandbox/requests").json()
        found = [offence for entry in entries for offence in connector_contract.offences(entry)]
        assert not found, "\n".join(found)
