"""A ticket is not closed over open sub-tickets by mistake, by any way; where a reason is asked it can be given."""

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from backend.checklists.models import Checklist
from backend.db import session
from backend.tickets.models import Activity, Message
from tests.family.conftest import Kin

pytestmark = pytest.mark.slow


def test_closing_over_open_subtickets_is_asked_again(kin: Kin) -> None:
    tomma, address = kin.browser("tomma"), f"/tickets/{kin.parent}/status"
    warned = tomma.post(address, data={"value": "closed"})
    assert "2 sub-tickets are still open" in warned.text
    assert f"#{kin.aylins}" in warned.text
    assert not kin.row(kin.parent).closed
    said = tomma.post(f"/tickets/{kin.parent}/messages", data={"kind": "note", "text": "Fertig", "status": "closed"})
    assert "still open" in said.text
    with kin.world.rows():
        assert session.scalars(select(Message.kind).where(Message.text == "Fertig")).one() == "note"
    assert not kin.row(kin.parent).closed
    assert tomma.post(f"/tickets/{kin.piets}/status", data={"value": "resolved"}).status_code == 200
    assert "1 sub-ticket is still open" in tomma.post(address, data={"value": "closed"}).text
    assert tomma.post(address, data={"value": "closed", "anyway": "1"}).status_code == 200
    assert kin.row(kin.parent).closed


def test_time_that_closes_asks_about_open_subtickets_too(kin: Kin) -> None:
    tomma, address = kin.browser("tomma"), f"/tickets/{kin.parent}/time"
    form = {"minutes": "5", "worked_on": "2026-01-02", "text": "Fertig", "close": "1"}
    said = tomma.post(address, data=form)
    assert "Time saved, ticket not closed: 2 sub-tickets are still open" in said.text
    assert f"#{kin.aylins}" in said.text
    assert "Fertig" in tomma.get(f"/tickets/{kin.parent}").text
    assert not kin.row(kin.parent).closed
    assert tomma.post(f"/tickets/{kin.parent}/status", data={"value": "closed", "anyway": "1"}).status_code == 200
    assert kin.row(kin.parent).closed


def test_many_at_once_are_not_closed_over_open_subtickets(kin: Kin) -> None:
    tomma, closed = kin.browser("tomma"), {"set": "status:closed"}
    said = tomma.post("/tickets/bulk", data={**closed, "number": [str(kin.parent), str(kin.piets)]})
    assert f"#{kin.parent}: 1 sub-ticket is still open" in said.text
    assert (kin.row(kin.parent).closed, kin.row(kin.piets).closed) == (False, True)
    for number, status in ((kin.piets, "open"), (kin.aylins, "pending")):
        tomma.post(f"/tickets/{number}/status", data={"value": status})
    together = [str(number) for number in (kin.parent, kin.piets, kin.aylins)]
    assert "3 tickets: Closed" in tomma.post("/tickets/bulk", data={**closed, "number": together}).text
    assert kin.row(kin.parent).closed


def test_closing_anyway_and_with_time_takes_the_reason_for_open_items(kin: Kin) -> None:
    tomma = kin.browser("tomma")
    for number in (kin.parent, kin.piets):
        tomma.post(f"/tickets/{number}/checklists", data={"name": "Abschluss"})
    with kin.world.rows():
        lists = list(session.scalars(select(Checklist.id)))
    for one in lists:
        tomma.post(f"/checklists/{one}/items", data={"text": "Kunden anrufen"})
    asked = tomma.post(f"/tickets/{kin.parent}/status", data={"value": "closed"}).text
    field = BeautifulSoup(asked, "lxml").select_one("input[name=closing_reason]")
    assert field is not None
    assert field["form"] == BeautifulSoup(asked, "lxml").form["id"]  # type: ignore[index]
    close = {"value": "closed", "anyway": "1"}
    assert tomma.post(f"/tickets/{kin.parent}/status", data=close).status_code == 422
    told = {**close, "closing_reason": "Kunde verzichtet"}
    assert tomma.post(f"/tickets/{kin.parent}/status", data=told).status_code == 200
    form = tomma.get(f"/tickets/{kin.piets}/time/new?close=1").text
    assert 'name="closing_reason"' in form
    assert 'name="closing_reason"' not in tomma.get(f"/tickets/{kin.piets}/time/new").text
    assert 'name="closing_reason"' not in tomma.get(f"/tickets/{kin.aylins}/time/new?close=1").text
    time = {"minutes": "5", "worked_on": "2026-01-02", "text": "Fertig", "close": "1"}
    assert tomma.post(f"/tickets/{kin.piets}/time", data=time).status_code == 422
    assert tomma.post(f"/tickets/{kin.piets}/time", data={**time, "closing_reason": "Nicht nötig"}).status_code == 200
    assert kin.row(kin.parent).closed
    assert kin.row(kin.piets).closed
    with kin.world.rows():
        reasons = session.scalars(select(Activity.after).where(Activity.verb == "closed_with_open_items"))
        assert sorted(reasons) == ["Kunde verzichtet", "Nicht nötig"]
