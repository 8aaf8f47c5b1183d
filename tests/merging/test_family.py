"""Sub-tickets and linked tickets when a ticket is merged or deleted: they hang on what goes on, and no customer sees
one of them.
"""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import select

from backend.db import plain_url, session
from backend.tickets.actions import open_subticket, put_below
from backend.tickets.models import Ticket
from tests.api.conftest import Program
from tests.merging.conftest import Desk
from tests.world import Browser

pytestmark = pytest.mark.slow
HX = {"HX-Request": "true"}


@pytest.fixture
def admin(desk: Desk) -> Browser:
    """The browser of an administrator."""
    return desk.world.browser(desk.world.staff("Wiebke Adler", "administrator"))


def below(desk: Desk, number: int, subject: str) -> int:
    """A new sub-ticket of that ticket."""
    with desk.world.app.test_request_context(), desk.world.rows():
        parent = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        made = open_subticket(parent, desk.piet.who(), subject)
        session.flush()
        return made.number


def linked(desk: Desk, number: int, problem: int) -> None:
    """The ticket is an incident of that problem now."""
    desk.browser.post(f"/tickets/{problem}/type", data={"value": "problem"})
    assert desk.browser.post(f"/tickets/{number}/problem", data={"value": str(problem)}).status_code == 200


def hangs(desk: Desk, number: int) -> tuple[int | None, int | None]:
    """The numbers of its parent and of its problem."""
    row = desk.row(number)
    with desk.world.rows():
        numbers = {one.id: one.number for one in session.scalars(select(Ticket))}
    return numbers.get(row.parent_id or 0), numbers.get(row.problem_id or 0)


def test_what_hangs_on_a_ticket_hangs_on_the_one_that_goes_on_and_comes_back(desk: Desk) -> None:
    a, b, incident = (desk.asks(subject) for subject in ("Drucker klemmt", "Papierstau", "Toner leer"))
    piece, own = below(desk, a, "Walze"), below(desk, b, "Fach")
    linked(desk, incident, a)
    assert desk.merge(a, b).status_code == 204
    assert (hangs(desk, piece), hangs(desk, incident)) == ((b, None), (None, b))
    assert "Walze" in desk.browser.get(f"/tickets/{b}").text
    assert desk.verbs(piece)[-1] == "parent"
    said = desk.browser.post(f"/tickets/{b}/linked/messages", data={"text": "Behoben.", "token": "t"}, headers=HX)
    assert said.status_code < 300, said.text
    assert desk.texts(incident)[-1] == "Behoben."
    later = below(desk, b, "Danach")
    desk.unmerge(a)
    assert (hangs(desk, piece), hangs(desk, incident)) == ((a, None), (None, a))
    assert (hangs(desk, own), hangs(desk, later)) == ((b, None), (b, None))


def test_of_a_chain_each_merge_brings_back_what_it_has_carried_over(desk: Desk) -> None:
    a, b, c = (desk.asks(subject) for subject in ("Drucker klemmt", "Papierstau", "Toner leer"))
    of_a, of_b, moved_on = below(desk, a, "Walze"), below(desk, b, "Fach"), below(desk, b, "Kabel")
    desk.merge(a, b)
    desk.merge(b, c)
    assert {hangs(desk, one)[0] for one in (of_a, of_b, moved_on)} == {c}
    with desk.world.app.test_request_context(), desk.world.rows():
        put_below(session.scalars(select(Ticket).where(Ticket.number == moved_on)).one(), desk.piet.who(), None)
    desk.unmerge(a)
    assert [hangs(desk, one)[0] for one in (of_a, of_b, moved_on)] == [a, c, None]
    desk.unmerge(b)
    assert [hangs(desk, one)[0] for one in (of_a, of_b, moved_on)] == [a, b, None]


def test_a_ticket_and_a_subticket_are_not_merged(desk: Desk) -> None:
    a, b = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    piece, other = below(desk, a, "Walze"), below(desk, b, "Fach")
    for source, into in ((piece, a), (a, piece)):
        refused = desk.merge(source, into)
        assert refused.status_code == 422
        assert f"#{piece} is a sub-ticket of #{a}." in refused.text
    for source, into in ((piece, b), (b, piece)):
        refused = desk.merge(source, into)
        assert refused.status_code == 422
        assert f"#{piece} is a sub-ticket. It can be merged with another sub-ticket only." in refused.text
    assert desk.merge(piece, other).status_code == 204


def test_a_problem_is_not_merged_into_its_own_incident(desk: Desk) -> None:
    incident, problem = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    linked(desk, incident, problem)
    refused = desk.merge(problem, incident)
    assert refused.status_code == 422
    assert f"Merge #{incident} into the problem instead." in refused.text
    assert desk.merge(incident, problem).status_code == 204


def test_a_ticket_with_subtickets_is_not_deleted(desk: Desk, admin: Browser) -> None:
    number = desk.asks("Drucker klemmt")
    piece = below(desk, number, "Walze")
    program = Program(desk.world, "admin")
    program.headers["Accept-Language"] = "en"
    by_rest = program.ask("DELETE", f"/tickets/{number}")
    assert by_rest.status_code == 422
    assert f"This ticket has sub-tickets (#{piece})." in by_rest.get_json()["title"]
    assert admin.post(f"/tickets/{number}/delete", headers=HX).status_code == 422
    assert hangs(desk, piece) == (number, None)
    for one in (piece, number):
        assert admin.post(f"/tickets/{one}/delete", headers=HX).status_code == 204
    assert admin.get(f"/tickets/{number}").status_code == 410


def test_what_was_linked_anew_after_a_deletion_stays_so(desk: Desk, admin: Browser) -> None:
    gone, new, a, b, c = (desk.asks(subject) for subject in ("Netz", "Strom", "Drucker", "Maus", "Tastatur"))
    for one in (a, b):
        linked(desk, one, gone)
    with desk.world.rows():
        follower, before = (session.scalars(select(Ticket).where(Ticket.number == number)).one() for number in (b, c))
        follower.follows_id = before.id
    assert admin.post(f"/tickets/{gone}/delete", headers=HX).status_code == 204
    linked(desk, a, new)
    with desk.world.rows():
        session.scalars(select(Ticket).where(Ticket.number == b)).one().follows_id = None
    assert admin.post(f"/tickets/{gone}/restore", headers=HX).status_code == 204
    assert (hangs(desk, a)[1], hangs(desk, b)[1]) == (new, gone)
    assert desk.row(b).follows_id is None


def test_merging_once_more_waits_for_nobody(desk: Desk) -> None:
    a, b = desk.asks("Drucker klemmt"), desk.asks("Papierstau")
    desk.merge(a, b)
    with psycopg.connect(plain_url(desk.world.settings.database_url)) as other, ThreadPoolExecutor(1) as threads:
        other.execute("select id from tickets for update")
        again = threads.submit(desk.merge, a, b)
        try:
            assert again.result(timeout=20).status_code == 204
        finally:
            other.rollback()
    assert desk.verbs(a).count("merged") == 1
