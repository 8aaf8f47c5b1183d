"""Every route, tried by nobody, a customer, each role of staff and by programs: the table in backend/roles.py holds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from backend import auth, clock
from backend.auth import PERMISSIONS, SCOPES, Role
from backend.db import session
from backend.tickets.actions import Said, note, open_ticket, receive
from tests.world import World

pytestmark = pytest.mark.slow
ATTACKS = ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": ""}, {"X-CSRF-Token": "0" * 64})
SAMPLES: dict[str, str] = {"name": "icon-16", "filename": "none.css", "number": "10001"}


@dataclass(frozen=True)
class Route:
    """One way to call one view."""

    method: str
    path: str
    endpoint: str
    needs: str | None


def _sample(rule: Rule) -> str:
    path = str(rule)
    for argument in rule.arguments:
        converter = type(rule._converters[argument]).__name__
        value = SAMPLES.get(argument) or ("1" if converter == "IntegerConverter" else "x")
        path = re.sub(rf"<([^<>]*:)?{argument}>", value, path)
    assert "<" not in path, path
    return path


def routes(world: World) -> Iterator[Route]:
    """All routes of the application."""
    for rule in world.app.url_map.iter_rules():
        needs = getattr(world.app.view_functions[rule.endpoint], "needs", "nobody")
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if rule.endpoint != "live.stream" and not rule.endpoint.endswith((".live", ".stream")):
                yield Route(method, _sample(rule), rule.endpoint, needs)


@pytest.fixture
def secret_ticket(world: World) -> None:
    """Ticket 10001 of one customer, with a note that only staff may read."""
    customer = world.customer("K1", "Möbelwerk Tressow GmbH", domains=["moebelwerk-tressow.example"])
    contact = world.contact("Jana Wiedekind", "jana.wiedekind@moebelwerk-tressow.example", customer)
    piet = world.staff("Piet Hagenauer")
    with world.app.test_request_context(), world.rows():
        ticket = open_ticket(contact.who(), "Etikettendrucker", contact=contact, source="mail")
        receive(ticket, contact.who(), Said(text="druckt nicht"))
        note(ticket, piet.who(), Said(text="streng vertraulich"))


def _ask(client: FlaskClient, route: Route, **headers: str) -> Any:
    answer = client.open(route.path, method=route.method, headers={"HX-Request": "true", **headers})
    assert answer.status_code < 500 or answer.status_code == 503, f"{route}: {answer.status_code}"
    return answer


@pytest.mark.usefixtures("secret_ticket")
def test_nobody_gets_in(world: World) -> None:
    client = world.browser()
    for route in routes(world):
        answer = _ask(client, route)
        assert route.needs is None or answer.status_code == 401, f"{route}: {answer.status_code}"
        assert b"vertraulich" not in answer.data
        assert b"Etikettendrucker" not in answer.data


@pytest.mark.usefixtures("secret_ticket")
@pytest.mark.parametrize("role", [None, *Role])
def test_sessions_reach_what_the_table_says(world: World, role: Role | None) -> None:
    other = world.customer("K2", "Kanzlei Lindhagen")
    person = world.staff("Somebody Else", role) if role else world.contact("Svea", "svea@lindhagen.example", other)
    client = world.browser(person)
    for route in routes(world):
        if route.endpoint in ("signin.sign_out", "signin.sign_in") or route.path.startswith("/api/"):
            continue
        answer = _ask(client, route)
        if route.needs is None or route.needs == "signed-in":
            assert answer.status_code not in (401, 403) or route.method != "GET", f"{route}: {answer.status_code}"
        elif role is not None and role in PERMISSIONS[route.needs]:
            assert answer.status_code not in (401, 403), f"{route}: {answer.status_code}"
        else:
            assert answer.status_code == 403, f"{route}: {answer.status_code}"
        if role is None:
            assert b"vertraulich" not in answer.data
            assert b"Etikettendrucker" not in answer.data


@pytest.mark.usefixtures("secret_ticket")
@pytest.mark.parametrize("scope", [*SCOPES, "wrong", "ended"])
def test_tokens_reach_what_their_scope_says(world: World, scope: str) -> None:
    with world.rows():
        token = auth.create_api_token("test", scope if scope in SCOPES else "admin")
        session.flush()
        if scope == "ended":
            session.query(auth.ApiToken).update({"ended_at": clock.now()})
    roles = SCOPES.get(scope)
    given = "Bearer dsk_wrong" if scope == "wrong" else f"Bearer {token}"
    client = world.app.test_client()
    for route in routes(world):
        if not route.path.startswith("/api/") or route.needs is None:
            continue
        status = _ask(client, route, Authorization=given).status_code
        if roles is None:
            assert status == 401, f"{route}: {status}"
        elif PERMISSIONS[route.needs].isdisjoint(roles):
            assert status == 403, f"{route}: {status}"
        else:
            assert status not in (401, 403), f"{route}: {status}"


def test_a_session_is_worth_nothing_on_the_api(world: World) -> None:
    client = world.browser(world.staff("Piet Hagenauer"))
    assert client.get("/api/v1/tickets").status_code == 401


def test_a_token_is_worth_nothing_on_the_pages(world: World) -> None:
    with world.rows():
        token = auth.create_api_token("test", "admin")
    answer = world.app.test_client().get("/tickets", headers={"Authorization": f"Bearer {token}", "HX-Request": "true"})
    assert answer.status_code == 401


@pytest.mark.usefixtures("secret_ticket")
def test_a_change_needs_our_origin_and_the_token_of_the_page(world: World) -> None:
    client = world.browser(world.staff("Tomma Kielhorn"))
    changing = [r for r in routes(world) if r.method != "GET" and r.needs and not r.path.startswith("/api/")]
    assert changing
    for route in changing:
        for attack in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": ""},
            {"X-CSRF-Token": "0" * 64},
        ):
            assert _ask(client, route, **attack).status_code == 403, f"{route} with {attack}"
