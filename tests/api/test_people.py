"""Customers and contacts by REST."""

from typing import Any

import pytest
from sqlalchemy import func, select

from backend.db import session
from backend.people.models import Customer, Person
from tests.api.conftest import Program
from tests.world import JANA, World

pytestmark = pytest.mark.slow

CUSTOMER: dict[str, Any] = {
    "name": "Kanzlei Lindhagen",
    "phone": "+49 40 123",
    "domains": ["kanzlei-lindhagen.example", "LINDHAGEN.example"],
    "sites": [{"key": "HH", "name": "Hamburg", "street": "Kai 1", "postcode": "20457", "city": "Hamburg"}],
}


def test_customer_put_twice_is_one(world: World, admin: Program) -> None:
    first = admin.put("/customers/K-7", CUSTOMER, 201)
    second = admin.put("/customers/K-7", CUSTOMER, 200)
    assert first == second == admin.get("/customers/K-7")
    assert first["domains"] == ["kanzlei-lindhagen.example", "lindhagen.example"]
    assert first["sites"] == CUSTOMER["sites"]
    with world.rows():
        assert session.scalar(select(func.count()).select_from(Customer)) == 1


def test_what_is_left_out_of_a_customer_stays(admin: Program) -> None:
    admin.put("/customers/K-7", CUSTOMER, 201)
    renamed = admin.put("/customers/K-7", {"name": "Lindhagen & Partner"})
    assert renamed["name"] == "Lindhagen & Partner"
    assert len(renamed["domains"]) == 2
    assert len(renamed["sites"]) == 1


def test_keys_may_hold_slashes_and_umlauts(admin: Program) -> None:
    admin.put("/customers/M%C3%9CLLER%2F01", {"name": "Müller"}, 201)
    assert admin.get("/customers/M%C3%9CLLER/01")["key"] == "MÜLLER/01"


BROKEN_CUSTOMERS: list[tuple[Any, str]] = [
    ({}, "name"),
    ({"name": ""}, "name"),
    ({"name": "   "}, "name"),
    ({"name": "a\x00b"}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": 7}, "name"),
    ({"name": "A", "fax": "1"}, "fax"),
    ({"name": "A", "domains": "a.example"}, "domains"),
    ({"name": "A", "domains": ["gmail.com"]}, "domains"),
    ({"name": "A", "domains": ["not a domain"]}, "domains"),
    ({"name": "A", "sites": [{"key": "1", "name": "One"}, {"key": "2"}]}, "sites.1.name"),
    ([], "body"),
]


def test_a_broken_customer_names_the_field(admin: Program) -> None:
    for body, field in BROKEN_CUSTOMERS:
        problem = admin.put("/customers/K1", body, 422)
        assert list(problem["fields"]) == [field]
        assert problem["fields"][field].endswith(".")
        assert problem["code"] == "invalid"


def test_a_domain_belongs_to_one_customer(admin: Program, tressow: str) -> None:
    problem = admin.put("/customers/K2", {"name": "Other", "domains": ["moebelwerk-tressow.example"]}, 409)
    assert "Möbelwerk Tressow" in problem["title"]
    assert list(problem["fields"]) == ["domains"]


def test_contact_put_twice_is_one(world: World, admin: Program, tressow: str) -> None:
    body = {
        "name": "Elif Mertoglu",
        "customer": tressow,
        "site": "T",
        "email": "Elif.Mertoglu@moebelwerk-tressow.example",
        "further_emails": ["elif@privat.example"],
        "job_title": "Einkauf",
        "phone": "12",
        "language": "fr",
    }
    first = admin.put("/contacts/C-2", body, 201)
    second = admin.put("/contacts/C-2", body, 200)
    assert first == second == admin.get("/contacts/C-2") == admin.get("/contacts/elif@privat.example")
    assert first["customer"] == {"key": "K1", "name": "Möbelwerk Tressow GmbH"}
    assert (first["site"], first["language"], first["job_title"]) == ("T", "fr", "Einkauf")
    assert first["email"] == "elif.mertoglu@moebelwerk-tressow.example"
    assert first["further_emails"] == ["elif@privat.example"]
    with world.rows():
        assert session.scalar(select(func.count()).where(Person.name == "Elif Mertoglu")) == 1


BROKEN_CONTACTS: list[tuple[dict[str, Any], str]] = [
    ({"customer": "K9"}, "customer"),
    ({"site": "Nowhere"}, "site"),
    ({"email": "nobody"}, "email"),
    ({"further_emails": ["a@b.example", "b"]}, "further_emails.1"),
    ({"language": "tlh"}, "language"),
    ({"mail": "a@b.example"}, "mail"),
]


def test_a_broken_contact_names_the_field(admin: Program, tressow: str) -> None:
    for change, field in BROKEN_CONTACTS:
        problem = admin.put("/contacts/C-2", {"name": "Elif", "customer": tressow, **change}, 422)
        assert list(problem["fields"]) == [field]


def test_an_address_belongs_to_one_contact(admin: Program, tressow: str) -> None:
    problem = admin.put("/contacts/C-2", {"name": "Elif", "customer": tressow, "email": JANA}, 409)
    assert list(problem["fields"]) == ["email"]
    assert "Jana Wiedekind" in problem["title"]


def test_who_was_met_by_mail_gets_the_key_and_the_customer(admin: Program, tressow: str) -> None:
    ticket = admin.post("/tickets", {"subject": "Hi", "text": "Hello", "requester_email": "new@somewhere.example"})
    assert (ticket["contact"]["key"], ticket["customer"]) == (None, None)
    body = {"name": "Nora New", "customer": tressow, "email": "new@somewhere.example"}
    assert admin.put("/contacts/N-1", body, 200)["key"] == "N-1"
    after = admin.get(f"/tickets/{ticket['number']}")
    assert after["contact"] == {"key": "N-1", "name": "Nora New", "email": "new@somewhere.example"}
    assert after["customer"]["key"] == tressow


def test_our_own_people_are_nobodys_contact(world: World, admin: Program, tressow: str) -> None:
    piet = world.staff("Piet Hagenauer")
    problem = admin.put("/contacts/P", {"name": "Piet", "customer": tressow, "email": piet.mail}, 409)
    assert list(problem["fields"]) == ["email"]
    assert admin.get("/contacts", q="piet") == []


def test_lists_are_filtered(admin: Program, tressow: str) -> None:
    other = admin.put("/customers/K2", {"name": "100 % Büro_Bedarf"}, 201)
    assert [each["key"] for each in admin.get("/customers", q="%")] == ["K2"]
    assert [each["key"] for each in admin.get("/customers", q="o_b")] == ["K2"]
    assert [each["key"] for each in admin.get("/customers", q="TRESSOW")] == ["K1"]
    assert [each["key"] for each in admin.get("/customers", updated_since=other["updated_at"])] == ["K2"]
    assert [each["key"] for each in admin.get("/contacts", customer="K1")] == ["jana"]
    assert admin.get("/contacts", customer="K2") == []
    assert [each["key"] for each in admin.get("/contacts", email=JANA.upper())] == ["jana"]


def test_what_is_not_there_is_not_found(admin: Program) -> None:
    for path in ("/customers/none", "/contacts/none", "/orders/none"):
        answer = admin.ask("GET", path)
        assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
        assert "none" in answer.get_json()["title"]


def test_what_else_is_known_of_a_contact(admin: Program, tressow: str) -> None:
    body = {"name": "Jana Wiedekind", "customer": tressow, "email": JANA}
    told = {"attributes": {"Kostenstelle": "4711"}, "opt_in": {"state": "yes", "since": "2026-01-31", "how": "Messe"}}
    assert {name: admin.put("/contacts/jana", body | told)[name] for name in told} == told
    assert {name: admin.put("/contacts/jana", body)[name] for name in told} == told, "what is left out stays"
    unknown = admin.put("/contacts/jana", body | {"attributes": {}, "opt_in": {"state": "", "how": "x"}})
    assert (unknown["attributes"], unknown["opt_in"]) == ({}, {"state": "", "since": None, "how": ""})
    for wrong, field in (
        ({"opt_in": {"state": "maybe"}}, "opt_in.state"),
        ({"opt_in": {"state": "yes", "since": "3000-01-01"}}, "opt_in.since"),
        ({"attributes": {"": "x"}}, "attributes"),
        ({"attributes": {"  ": "x"}}, "attributes"),
        ({"attributes": {"x": ""}}, "attributes"),
    ):
        refused = admin.ask("PUT", "/contacts/jana", json=body | wrong)
        assert refused.status_code == 422
        assert any(name.startswith(field) for name in (refused.json or {})["fields"]), refused.text
