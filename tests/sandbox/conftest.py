"""One sandbox for the session; each test finds it empty, and what each test did is held against Microsoft's words."""

from collections.abc import Iterator

import pytest

from tests.sandbox import contract
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
