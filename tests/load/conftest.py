"""The table that the lines of `make bench` share."""

from collections.abc import Iterator

import pytest

from tests.load.table import Table


@pytest.fixture(scope="session")
def table(request: pytest.FixtureRequest) -> Iterator[Table]:
    """Printed when all is measured."""
    made = Table()
    yield made
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print("", *made.lines, sep="\n")
        print("", *[f"missed: {line}" for line in made.missed] or ["every goal is reached"], sep="\n")
