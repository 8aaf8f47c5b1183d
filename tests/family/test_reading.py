"""Whoever may only read a ticket reads all of its properties: also own fields, root cause, contract and date."""

import pytest
from bs4 import BeautifulSoup

from backend.contracts.models import Contract
from backend.db import session
from backend.people.models import Person
from backend.tickets.models import Ticket
from tests.family.conftest import Kin
from tests.fields.test_fields import define

pytestmark = pytest.mark.slow
HX = {"HX-Request": "true"}


def _facts(browser: object, path: str) -> dict[str, str]:
    answer = browser.get(path)  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.text
    rows = BeautifulSoup(answer.text, "lxml").select("#rail-properties dl.props > *")
    names, values = [one for one in rows if one.name == "dt"], [one for one in rows if one.name == "dd"]
    assert not BeautifulSoup(answer.text, "lxml").select("#rail-properties form")
    return {n.get_text(strip=True): v.get_text(" ", strip=True) for n, v in zip(names, values, strict=True)}


def test_properties_are_read_by_whoever_may_not_change_them(kin: Kin) -> None:
    marek, tomma = kin.browser("marek"), kin.browser("tomma")
    key = define(marek, "Location", "text")
    marek.post("/settings/root-causes", data={"names": "Wear", "lists": ["type:incident"]}, headers=HX)
    contract = {"number": "V-1", "name": "Wartung", "starts_on": "2020-01-01"}
    assert marek.post("/customers/K1/contracts", data=contract, headers=HX).status_code < 400
    with kin.world.rows():
        chosen = session.query(Contract.id).one()[0]
        session.get_one(Person, kin.people["piet"].id).timezone = "Europe/Berlin"
    cause = BeautifulSoup(tomma.get(f"/tickets/{kin.parent}/choices/root_cause").text, "lxml")
    wear = next(one["value"] for one in cause.select("button[name=value]") if "Wear" in one.text)
    for name, value in ((f"fields/{key}", "Hall 2"), ("root_cause", wear), ("contract", chosen),
                        ("status", "pending@2090-03-04T10:00")):  # fmt: skip
        answer = tomma.post(f"/tickets/{kin.parent}/{name}", data={"value": value}, headers=HX)
        assert answer.status_code == 200, (name, answer.text)
    piet = kin.browser("piet")
    for path in (f"/tickets/{kin.parent}", f"/addin/tickets/{kin.parent}"):
        facts = _facts(piet, path)
        assert facts["Location"] == "Hall 2"
        assert facts["Root cause"] == "Wear"
        assert facts["Contract"] == "Wartung"
        assert "4 Mar" in facts["Until"]
        assert facts["Activity"].startswith("Pending until")


def test_families_of_hidden_tickets_are_not_offered(kin: Kin) -> None:
    with kin.world.rows():
        for number, family in ((kin.aylins, "Heimlich"), (kin.parent, "Netze"), (kin.piets, "Kabel")):
            session.query(Ticket).filter_by(number=number).one().product_family = family
    offered = {}
    for name in ("piet", "marek"):
        menu = BeautifulSoup(kin.browser(name).get("/tickets/filters?view=all").text, "lxml")
        offered[name] = [one.text for one in menu.select("[name=product_family] option")][1:]
    assert offered == {"piet": ["Kabel", "Netze"], "marek": ["Heimlich", "Kabel", "Netze"]}
