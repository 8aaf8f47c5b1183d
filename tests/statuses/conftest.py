"""The little company of the desk's tests with an administrator who arranges statuses and root causes."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from werkzeug.test import TestResponse

from backend.db import session
from backend.people.models import Person
from backend.settings.actions import choose
from backend.statuses.models import RootCause
from backend.tickets.models import Activity, Status, Ticket
from tests.desk.conftest import Desk, desk
from tests.world import Browser, World

__all__ = ["Arranging", "arranging", "desk"]
HX = {"HX-Request": "true"}


@dataclass
class Arranging:
    """The desk, with Marek's browser beside Piet's (`desk.browser`)."""

    desk: Desk
    marek: Person
    browser: Browser

    @property
    def world(self) -> World:
        """The world of the test."""
        return self.desk.world

    def does(self, path: str, status: int = 200, **form: Any) -> TestResponse:
        """What Marek posts below /settings, and what is answered."""
        answer = self.browser.post(f"/settings/{path}", data=form, headers=HX)
        assert answer.status_code == status, answer.text
        return answer

    def page(self, path: str) -> BeautifulSoup:
        """The settings page at `path`."""
        answer = self.browser.get(f"/settings/{path}")
        assert answer.status_code == 200, answer.text
        return BeautifulSoup(answer.text, "lxml")

    def log(self) -> str:
        """What the log of the settings says."""
        return " ".join(self.page("log").get_text(" ").split())

    def keys(self) -> list[str]:
        """The keys of all statuses in their order."""
        with self.world.rows():
            return list(session.scalars(select(Status.key).order_by(Status.position)))

    def causes(self, *names: str, lists: tuple[str, ...] = ("type:incident",)) -> dict[str, int]:
        """Adds root causes to these lists; their ids by name."""
        self.does("root-causes", names="\n".join(names), lists=list(lists))
        with self.world.rows():
            return {one.name: one.id for one in session.scalars(select(RootCause))}

    def chosen(self, key: str, value: Any) -> None:
        """Chooses a setting."""
        with self.world.rows():
            choose(self.marek.who(), key, value)

    def set(self, name: str, value: str, status: int = 200, number: int = 0) -> str:
        """Piet sets a property of the ticket; what is answered."""
        address = f"/tickets/{number or self.desk.ticket}/{name}"
        answer = self.desk.browser.post(address, data={"value": value}, headers=HX)
        assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
        return answer.text

    def status(self, number: int = 0) -> str:
        """The key of the ticket's status."""
        with self.world.rows():
            key = select(Status.key).join(Ticket, Ticket.status_id == Status.id)
            return session.scalars(key.where(Ticket.number == (number or self.desk.ticket))).one()

    def happened(self, number: int = 0) -> list[str]:
        """The verbs of the ticket's log, oldest first."""
        with self.world.rows():
            verbs = select(Activity.verb).join(Ticket, Ticket.id == Activity.ticket_id).order_by(Activity.id)
            return list(session.scalars(verbs.where(Ticket.number == (number or self.desk.ticket))))

    def days(self, number: float) -> None:
        """Time passes, and everybody has to sign in again."""
        self.world.pass_time(timedelta(days=number))
        self.browser, self.desk.browser = self.world.browser(self.marek), self.world.browser(self.desk.piet)


@pytest.fixture
def arranging(desk: Desk) -> Arranging:
    """See `Arranging`."""
    marek = desk.world.staff("Marek Ostwald")
    with desk.world.rows():
        session.get_one(Person, marek.id).language = "en"
    return Arranging(desk, marek, desk.world.browser(marek))
