"""Teams in Deskside's tests."""

import pytest

from tests.bot.teams import Teams
from tests.world import World


@pytest.fixture
def teams(world: World) -> Teams:
    """The sandbox's Teams as at the start."""
    return Teams(world)
