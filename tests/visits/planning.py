"""The little company of the desk's tests with somebody who plans, and a week far enough ahead."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend.db import session
from backend.people.models import Person, Site
from backend.visits.models import BusyBlock, Visit
from tests.desk.conftest import Desk, desk
from tests.world import Browser

__all__ = ["Planning", "desk", "planning"]
WEEK = "2030-W10"  # Monday 4 March 2030
MONDAY, TUESDAY = "2030-03-04", "2030-03-05"
HX = {"HX-Request": "true"}


@dataclass
class Planning:
    """The desk with Lena, who plans; `browser` is hers."""

    desk: Desk
    lena: Person
    browser: Browser

    @property
    def world(self) -> Any:
        """The world of the test."""
        return self.desk.world

    def visit(self, start: str = f"{MONDAY}T09:00", end: str = f"{MONDAY}T10:00", **fields: Any) -> int:
        """A visit planned by dropping a ticket; its id."""
        given = {"ticket": self.desk.ticket, "technician": self.desk.piet.id, "start": start, "end": end, **fields}
        answer = self.browser.post("/board/plan", data=given, headers=HX)
        assert answer.status_code == 200, answer.text
        return self.rows()[-1].id

    def rows(self) -> list[Visit]:
        """All visits, in the order they were planned."""
        with self.world.rows():
            found = list(session.scalars(select(Visit).order_by(Visit.id)))
            session.expunge_all()
        return found

    def busy(self, person: Person, start: str, end: str, status: str = "busy") -> None:
        """What Outlook says of somebody's time, in UTC."""
        with self.world.rows():
            times = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (start, end)]
            session.add(BusyBlock(person_id=person.id, starts_at=times[0], ends_at=times[1], status=status))

    def board(self, query: str = f"week={WEEK}") -> BeautifulSoup:
        """The board as Lena sees it."""
        answer = self.browser.get(f"/board?{query}")
        assert answer.status_code == 200
        return BeautifulSoup(answer.text, "lxml")


@pytest.fixture
def planning(desk: Desk) -> Planning:
    """See `Planning`."""
    lena = desk.world.staff("Lena Brandis")
    with desk.world.rows():
        session.get_one(Person, lena.id).language = "en"
        site = Site(customer_id=desk.customer.id, key="W2", name="Werk 2", street="Am Sägegraben 17", city="Tressow")
        session.add(site)
        session.flush()
        session.get_one(Person, desk.jana.id).site_id = site.id
    return Planning(desk, lena, desk.world.browser(lena))
