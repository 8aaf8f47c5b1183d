"""Search: a ticket is found by each word that stands on it, and by a name as it is today."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy import func, select

from backend import clock
from backend.contracts.actions import Agreed, put_contract
from backend.db import plain_url, session
from backend.orders.actions import put_order
from backend.people.models import Customer, Person, Team
from backend.surveys.actions import Answer, put_answer
from backend.tickets.actions import Said, open_ticket, receive
from backend.tickets.models import Channel, Ticket, TicketSearch, seen_by
from backend.tickets.search import matches
from tests.statuses.conftest import Arranging, arranging, desk
from tests.waiting import eventually
from tests.world import JANA

__all__ = ["arranging", "desk"]
pytestmark = pytest.mark.slow
FIND = "/tickets?view=all&q="


def _set(here: Arranging, **properties: object) -> None:
    for name, value in properties.items():
        answer = here.desk.browser.post(f"/tickets/{here.desk.ticket}/{name}", data={"value": str(value)})
        assert answer.status_code == 200, (name, answer.text)


def _order(here: Arranging, title: str) -> int:
    with here.world.app.test_request_context(), here.world.rows():
        customer = session.get_one(Customer, here.desk.customer.id)
        today = clock.now().date()
        order, _new = put_order("A-7788", customer=customer, ordered_on=today, title=title, total=Decimal(0))
        return order.id


def _contract(here: Arranging, name: str) -> int:
    with here.world.app.test_request_context(), here.world.rows():
        agreed = Agreed(name=name, starts_on=(clock.now() - timedelta(days=9)).date())
        return put_contract(here.desk.piet.who(), session.get_one(Customer, here.desk.customer.id), "V-99", agreed)[
            0
        ].id


def _found_by_jana(here: Arranging, words: str) -> list[int]:
    with here.world.app.test_request_context(), here.world.rows():
        who = session.get_one(Person, here.desk.jana.id).who()
        return list(session.scalars(seen_by(select(Ticket.number), who).where(matches(who, words))))


def test_each_property_is_found_by_its_words(arranging: Arranging) -> None:
    here, ticket = arranging.desk, arranging.desk.ticket
    cause = arranging.causes("Kabelbruch")["Kabelbruch"]
    order, contract = _order(arranging, "Etagenverteiler"), _contract(arranging, "Rundumwartung")
    words = {"category": "Netzwerktechnik", "product_family": "Zebrastreifen", "Hotline": "Hotline",
             "root_cause": "Kabelbruch", "order": "A-7788", "title of the order": "Etagenverteiler",
             "contract": "Rundumwartung", "number of the contract": "V-99", "assignee": "Demirsoy"}  # fmt: skip
    # A technician who has written on it is found by the name already.
    other = here.open("Ganz anderes")
    assert {word: here.numbers(FIND + word) for word in words.values() if word != "Demirsoy"} == {
        word: [] for word in words.values() if word != "Demirsoy"
    }
    _set(arranging, category="Netzwerktechnik", product_family="Zebrastreifen", root_cause=cause, order=order,
         contract=contract, team=here.team, assignee=here.aylin.id)  # fmt: skip
    here.browser.post(f"/tickets/{ticket}/team", data={"value": str(here.team)})
    assert {word: here.numbers(FIND + word) for word in words.values()} == {word: [ticket] for word in words.values()}
    assert here.numbers(FIND + "Hotline+Kabelbruch+Netzwerktechnik") == [ticket]
    here.browser.post(f"/tickets/{other}/assignee", data={"value": str(here.piet.id)})
    assert here.numbers(FIND + "Hagenauer") == [other]
    _set(arranging, category="", product_family="", root_cause="", order="", contract="")
    for gone in ("Netzwerktechnik", "Zebrastreifen", "Kabelbruch", "Etagenverteiler", "Rundumwartung"):
        assert here.numbers(FIND + gone) == [], gone


def test_facts_and_answers_of_other_systems_are_found(arranging: Arranging) -> None:
    here = arranging.desk
    summary = {"Score": 7, "Matter": "Glasfaserabriss", "Nested": {"deep": ["Quittenbaum", True, None]}}
    number = here.open("Umfrage", summary=summary, data={"Zirkelnummer": "SN-0815 x" + "y" * 500})
    with here.world.app.test_request_context(), here.world.rows():
        ticket = session.scalars(select(Ticket).where(Ticket.number == number)).one()
        said = [{"question": "Wie war es?", "answer": "Hervorragendst"}]
        put_answer(ticket, here.piet.who(), Answer(survey="Nachfassbogen", answers=said, location="Trelleborg"))
    for word in ("Glasfaserabriss", "Quittenbaum", "Zirkelnummer", "SN-0815", "Nachfassbogen", "Hervorragendst"):
        assert here.numbers(FIND + word) == [number], word
    # Where somebody answered is not for everybody, so it finds nothing.
    assert here.numbers(FIND + "Trelleborg") == []


def test_customers_find_by_none_of_what_they_may_not_see(arranging: Arranging) -> None:
    here = arranging.desk
    cause = arranging.causes("Kabelbruch")["Kabelbruch"]
    _set(arranging, category="Netzwerktechnik", product_family="Zebrastreifen", root_cause=cause,
         contract=_contract(arranging, "Rundumwartung"), team=here.team)  # fmt: skip
    with here.world.app.test_request_context(), here.world.rows():
        opened = open_ticket(here.jana.who(), "Zweites", contact=here.jana, summary={"Score": "Dunkelziffer"})
        receive(opened, here.jana.who(), Said(text="Hallo", channel=Channel.MAIL, author_mail=JANA))
    for word in ("Netzwerktechnik", "Zebrastreifen", "Kabelbruch", "Rundumwartung", "Hotline", "Dunkelziffer"):
        assert len(here.numbers(FIND + word)) == 1, word
        assert _found_by_jana(arranging, word) == [], word
    assert _found_by_jana(arranging, "Etikettendrucker") == [here.ticket]
    assert len(_found_by_jana(arranging, "Tressow")) == 2


def test_who_is_called_otherwise_is_found_by_the_new_name_alone(arranging: Arranging) -> None:
    here, ticket = arranging.desk, arranging.desk.ticket
    cause = arranging.causes("Kabelbruch")["Kabelbruch"]
    order, contract = _order(arranging, "Etagenverteiler"), _contract(arranging, "Rundumwartung")
    _set(arranging, root_cause=cause, order=order, contract=contract, team=here.team)
    arranging.does(f"staff/teams/{here.team}", name="Nachtschicht")
    arranging.does(f"root-causes/{cause}/name", value="Marderbiss")
    _order(arranging, "Kellerverteiler")
    _contract(arranging, "Sorglospaket")
    piet = arranging.browser
    assert piet.post("/customers/K1", data={"name": "Tischlerei Ochsenfurt", "phone": ""}).status_code == 303
    jana = {"name": "Jana Querfurth", "mail": JANA}
    assert piet.post(f"/contacts/{here.jana.id}", data=jana).status_code == 303
    here.world.work()
    for before, after in (
        ("Hotline", "Nachtschicht"), ("Kabelbruch", "Marderbiss"), ("Etagenverteiler", "Kellerverteiler"),
        ("Rundumwartung", "Sorglospaket"), ("Möbelwerk", "Ochsenfurt"),
    ):  # fmt: skip
        assert here.numbers(FIND + after) == [ticket], after
        assert here.numbers(FIND + f"{before}+{after}") == [], before
    assert here.numbers(FIND + "Querfurth") == [ticket]
    assert _found_by_jana(arranging, "Ochsenfurt") == [ticket]
    assert _found_by_jana(arranging, "Nachtschicht") == []


def test_a_technician_of_another_name_and_a_group_are_found_too(arranging: Arranging) -> None:
    here = arranging.desk
    other = here.open("Ganz anderes", assignee=here.piet)
    assert here.numbers(FIND + "Hagenauer") == [other]
    assert arranging.browser.post(f"/contacts/{here.piet.id}", data={"name": "Piet Ulmenhof"}).status_code == 303
    arranging.does("staff/groups", name="Außendienst")
    with here.world.rows():
        group = session.scalars(select(func.max(Team.metadata.tables["team_groups"].c.id))).one()
    _set(arranging, team=f"g{group}")
    assert here.numbers(FIND + "Außendienst") == [here.ticket]
    arranging.does(f"staff/groups/{group}", name="Innendienst")
    here.world.work()
    assert here.numbers(FIND + "Ulmenhof") == [other]
    assert here.numbers(FIND + "Hagenauer") == []
    assert here.numbers(FIND + "Innendienst") == [here.ticket]


def test_a_team_and_a_group_that_are_removed_find_nothing_any_more(arranging: Arranging) -> None:
    here = arranging.desk
    other = here.open("Ganz anderes")
    arranging.does("staff/groups", name="Außendienst")
    with here.world.rows():
        group = session.scalars(select(func.max(Team.metadata.tables["team_groups"].c.id))).one()
    _set(arranging, team=here.team)
    assert here.browser.post(f"/tickets/{other}/team", data={"value": f"g{group}"}).status_code == 200
    assert [here.numbers(FIND + name) for name in ("Hotline", "Außendienst")] == [[here.ticket], [other]]
    arranging.does(f"staff/teams/{here.team}/remove", anyway="1")
    arranging.does(f"staff/groups/{group}/remove", anyway="1")
    here.world.work()
    assert [here.numbers(FIND + name) for name in ("Hotline", "Außendienst")] == [[], []]
    assert here.numbers(FIND + "anderes") == [other]


def test_a_ticket_that_changes_while_it_is_put_together_anew_is_found_by_what_it_became(arranging: Arranging) -> None:
    here = arranging.desk
    address = plain_url(here.world.settings.database_url)
    with psycopg.connect(address) as changes, psycopg.connect(address, autocommit=True) as looks:
        assigned = "update tickets set assignee_id = %s, team_id = %s where number = %s"
        changes.execute(assigned, (here.piet.id, here.team, here.ticket))
        with ThreadPoolExecutor(1) as threads:
            job = threads.submit(here.world.run, "tickets.find_anew", what="customer", of=[here.customer.id], after=0)
            waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            try:
                eventually(lambda: looks.execute(waiting).fetchone())
            finally:
                changes.commit()
            job.result()
    assert here.numbers(FIND + "Hagenauer") == [here.ticket]
    assert here.numbers(FIND + "Hotline") == [here.ticket]
    assert here.numbers(FIND + "Tressow+Hotline") == [here.ticket]


def test_many_tickets_are_put_together_anew_in_batches(arranging: Arranging) -> None:
    here = arranging.desk
    numbers = [here.ticket, *here.open_all([f"Nummer {number}" for number in range(7)])]
    with here.world.rows():
        session.get_one(Customer, here.customer.id).name = "Tischlerei Ochsenfurt"
    with here.counted() as statements:
        here.world.run("tickets.find_anew", what="customer", of=[here.customer.id], after=0)
    with here.world.rows():
        rows = session.query(TicketSearch).filter(
            TicketSearch.part == 0, TicketSearch.public.op("@@")(func.to_tsquery("ochsenfurt"))
        )
        assert rows.count() == len(numbers)
    assert len(statements) < 2 * len(numbers), "not one by one"
    here.world.run("tickets.find_anew", what="customer", of=[here.customer.id], after=2**31 - 1)
    with here.world.rows():  # as before a release that finds by more
        session.query(TicketSearch).filter(TicketSearch.part == 0).update({"public": func.to_tsvector("")})
    assert here.numbers(FIND + "Ochsenfurt") == []
    here.world.run("tickets.find_anew", what="all", of=[], after=0)
    assert set(here.numbers(FIND + "Ochsenfurt")) == set(numbers)


def test_a_ticket_that_comes_back_is_found_by_todays_names(arranging: Arranging) -> None:
    here = arranging.desk
    assert arranging.browser.post(f"/tickets/{here.ticket}/delete", data={}).status_code in (200, 204, 303)
    arranging.browser.post("/customers/K1", data={"name": "Tischlerei Ochsenfurt", "phone": ""})
    here.world.work()
    assert here.numbers(FIND + "Ochsenfurt") == []
    arranging.browser.post(f"/tickets/{here.ticket}/restore", data={})
    assert here.numbers(FIND + "Ochsenfurt") == [here.ticket]
