"""Tickets selected in the list become one, and are taken apart again."""

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from backend.db import session
from backend.statuses.models import RootCause, RootCauseOffer
from backend.tickets.models import Status
from tests.accessibility import violations
from tests.browser.test_desk import sign_in
from tests.desk.conftest import Desk, desk, stranger

__all__ = ["desk"]
HX = {"HX-Request": "true"}


@pytest.fixture
def three(desk: Desk) -> list[int]:
    """Jana's first ticket and two more about the same."""
    return [desk.ticket, *desk.open_all(["Drucker streikt", "Drucker schon wieder"])]


def _merge(desk: Desk, numbers: list[int], into: int) -> BeautifulSoup:
    answer = desk.browser.post("/tickets/merge", data={"number": numbers, "into": into}, headers=HX)
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "lxml")


def _standing(desk: Desk, numbers: list[int]) -> list[int | None]:
    return [desk.row(number).merged_into_id for number in numbers]


def test_selected_tickets_become_one_and_are_taken_apart_again(desk: Desk, three: list[int]) -> None:
    offered = desk.page("/tickets/merge?" + "&".join(f"number={number}" for number in three))
    assert [button["value"] for button in offered.select("button[name=into]")] == [str(number) for number in three]
    toast = _merge(desk, three, three[0])
    assert f"2 tickets merged into #{three[0]}" in toast.text
    assert _standing(desk, three) == [None, desk.row(three[0]).id, desk.row(three[0]).id]
    assert desk.row(three[0]).messages_count == 5
    answer = desk.browser.post("/tickets/merge/back", data={"numbers": f"{three[1]} {three[2]}"}, headers=HX)
    assert "2 tickets are as before" in answer.text
    assert _standing(desk, three) == [None, None, None]
    assert desk.row(three[0]).messages_count == 3


def test_what_one_refuses_does_not_hold_up_the_rest(desk: Desk, three: list[int]) -> None:
    with desk.world.rows():
        other = stranger(desk.world)
    desk.jana, jana = other, desk.jana
    foreign = desk.open("Fremdes")
    desk.jana = jana
    toast = _merge(desk, [*three, foreign], three[0])
    assert f"2 tickets merged into #{three[0]}" in toast.text
    assert f"#{foreign}: The tickets belong to different customers." in toast.text
    assert desk.row(foreign).merged_into_id is None
    toast = _merge(desk, three, three[0])
    assert "Nothing was changed." in toast.text
    assert "It is merged already." in toast.text


def test_a_duplicate_needs_no_root_cause_and_comes_back_as_it_was(desk: Desk, three: list[int]) -> None:
    with desk.world.rows():
        for key in ("closed", "open"):
            session.scalars(select(Status).where(Status.key == key)).one().root_cause = "required"
        cause = RootCause(name="Band leer", position=1)
        session.add(cause)
        session.flush()
        session.add(RootCauseOffer(offered_for="type:incident", cause_id=cause.id))
    assert "2 tickets merged" in _merge(desk, three, three[0]).text
    answer = desk.browser.post("/tickets/merge/back", data={"numbers": f"{three[1]} {three[2]}"}, headers=HX)
    assert "2 tickets are as before" in answer.text
    assert not desk.row(three[1]).closed


def test_one_alone_is_refused(desk: Desk, three: list[int]) -> None:
    assert "at least two" in desk.page(f"/tickets/merge?number={three[0]}").text
    for numbers, status in (([], 422), ([three[0]], 422), ([99999], 422)):
        answer = desk.browser.post("/tickets/merge", data={"number": numbers, "into": three[0]}, headers=HX)
        assert answer.status_code == status, answer.text
    assert desk.browser.post("/tickets/merge", data={"number": three, "into": 99999}, headers=HX).status_code == 404


@pytest.mark.slow
@pytest.mark.browser
def test_by_keyboard_in_the_list(desk: Desk, three: list[int], chromium: Browser) -> None:
    page = sign_in(desk, chromium, desk.piet, locale="en-GB")
    page.goto("/tickets?view=all")
    expect(page.locator("html[data-line=open]")).to_be_attached()
    for _number in three:
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.locator("#bulk-merge summary").press("Enter")
    first = page.get_by_role("menuitem", name=f"#{three[0]}")
    expect(first).to_be_visible()
    assert violations(page) == []
    first.press("Enter")
    expect(page.locator(".toast")).to_contain_text("2 tickets merged")
    expect(page.locator("tr[data-row]:not(.is-gone)")).to_have_count(1)
    expect(page.locator("#bulk")).to_be_hidden()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("tr[data-row]:not(.is-gone)")).to_have_count(3)
    page.context.close()
