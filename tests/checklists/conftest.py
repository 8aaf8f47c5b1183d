"""The desk's little company, and an administrator."""

import pytest

from backend.db import session
from backend.people.models import Person
from tests.desk.conftest import Desk, desk
from tests.world import Browser

__all__ = ["desk"]


@pytest.fixture
def admin(desk: Desk) -> Browser:
    """Marek's browser, who may change settings."""
    person = desk.world.staff("Marek Ostwald")
    with desk.world.rows():
        session.get_one(Person, person.id).language = "en"
    return desk.world.browser(person)
