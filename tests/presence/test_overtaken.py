"""Two people change one property at once: nothing is lost, and the later one decides."""

import pytest

from tests.desk.conftest import Desk, desk
from tests.world import Browser

__all__ = ["desk"]
pytestmark = pytest.mark.slow


def put(desk: Desk, browser: Browser, name: str, value: str, **more: str) -> tuple[int, str]:
    """Posts a property as the page does; (status, what is said)."""
    answer = browser.post(
        f"/tickets/{desk.ticket}/{name}", data={"value": value, **more}, headers={"HX-Request": "true"}
    )
    return answer.status_code, answer.text


def test_the_later_one_is_told_by_whom_and_to_what(desk: Desk) -> None:
    aylin = desk.world.browser(desk.aylin)
    assert put(desk, desk.browser, "status", "pending", before="open")[0] == 200
    status, said = put(desk, aylin, "status", "resolved", before="open")
    assert status == 409
    assert "Piet Hagenauer has meanwhile set Status to Pending." in said
    assert 'data-problem="overtaken"' in said
    assert put(desk, aylin, "status", "resolved", before="open", anyway="yes")[0] == 200


def test_who_wants_the_same_is_not_bothered(desk: Desk) -> None:
    aylin = desk.world.browser(desk.aylin)
    put(desk, desk.browser, "priority", "high", before="medium")
    assert put(desk, aylin, "priority", "high", before="medium")[0] == 204


def test_people_and_titles_are_named(desk: Desk) -> None:
    aylin = desk.world.browser(desk.aylin)
    put(desk, desk.browser, "assignee", str(desk.piet.id), before="")
    assert (
        "Piet Hagenauer has meanwhile set Technician to Piet Hagenauer."
        in put(desk, aylin, "assignee", str(desk.aylin.id), before="")[1]
    )
    assert put(desk, aylin, "subject", "Neu", before="Etikettendrucker in Halle 2")[0] == 200
    assert put(desk, desk.browser, "subject", "Anders", before="Etikettendrucker in Halle 2")[0] == 409


def test_undo_does_not_take_back_what_somebody_else_did(desk: Desk) -> None:
    aylin = desk.world.browser(desk.aylin)
    _status, said = put(desk, desk.browser, "priority", "high", before="medium")
    assert 'name="before" value="high"' in said
    put(desk, aylin, "priority", "critical", before="high")
    assert put(desk, desk.browser, "priority", "medium", before="high")[0] == 409
    assert desk.row(desk.ticket).priority == "critical"


def test_programs_and_old_pages_that_say_nothing_are_taken_at_their_word(desk: Desk) -> None:
    assert put(desk, desk.browser, "priority", "low")[0] == 200
    assert desk.row(desk.ticket).priority == "low"
