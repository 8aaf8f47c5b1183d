"""Every route, tried by nobody, a customer, each role of staff and by programs: tests/rights_table.py holds.

The addresses are those of rows that exist (tests/neighbours.py), so that a right forgotten shows what nobody may see.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from backend import auth, clock, db
from backend.auth import PERMISSIONS, SCOPES, Role
from backend.db import session
from backend.errors import Refused
from backend.people.models import Person
from tests.neighbours import NOTES, OTHERS, Neighbours, move_in
from tests.rights_table import ROUTES
from tests.world import World

pytestmark = pytest.mark.slow
# The values of an address's variables, by the rule or by the name; a number is 1 otherwise, a text x.
SAMPLES: dict[str, str] = {
    "/addin/icons/<name>.png": "icon-16",
    "/addin/tickets/<int:number>": "10001",
    "/api/v1/customers/<path:key>": "K1",
    "/customers/<key>": "K1",
    "/customers/<key>/contacts": "K1",
    "/customers/<key>/contacts/new": "K1",
    "/customers/<key>/edit": "K1",
    "/drafts/<key>": "ticket:10001",
    "/orders/<path:number>": "A-1",
    "/orders/<path:number>/edit": "A-1",
    "/api/v1/orders/<path:number>": "A-1",
    "filename": "none.css",
}
# What is asked of lists and searches beside: a word of theirs that is none of those nobody may see.
ASKED = "?q=splittert&view=all&status=any&topic=tickets&address=jana.wiedekind@moebelwerk-tressow.example&limit=50"


@dataclass(frozen=True)
class Route:
    """One way to call one view."""

    method: str
    path: str
    endpoint: str
    needs: str | None
    arguments: tuple[tuple[str, Any], ...]


def _value(rule: Rule, argument: str) -> Any:
    sample = SAMPLES.get(str(rule), SAMPLES.get(argument))
    if type(rule._converters[argument]).__name__ == "IntegerConverter":
        return int(sample or ("10001" if "/tickets/<int:number>" in str(rule) else "1"))
    return sample or ("status" if argument == "name" else "x")


def routes(world: World) -> Iterator[Route]:
    """All routes of the application."""
    for rule in world.app.url_map.iter_rules():
        needs = getattr(world.app.view_functions[rule.endpoint], "needs", "nobody")
        values = tuple((argument, _value(rule, argument)) for argument in sorted(rule.arguments))
        path = str(rule)
        for argument, value in values:
            path = re.sub(rf"<([^<>]*:)?{argument}>", str(value), path)
        assert "<" not in path, path
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Route(method, path + (ASKED if method == "GET" else ""), rule.endpoint, needs, values)


@pytest.fixture
def neighbours(world: World) -> Neighbours:
    """See tests/neighbours.py."""
    return move_in(world)


def test_each_route_stands_in_the_table_with_its_right(world: World) -> None:
    found = {
        f"{method} {rule}": getattr(world.app.view_functions[rule.endpoint], "needs", "nobody") or "open"
        for rule in world.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert found == ROUTES, "tests/rights_table.py says who may use which route; is a new one meant so?"
    assert len(found) == sum(
        len((rule.methods or set()) - {"HEAD", "OPTIONS"}) for rule in world.app.url_map.iter_rules()
    )


def _ask(client: FlaskClient, route: Route, **headers: str) -> Any:
    answer = client.open(route.path, method=route.method, headers={"HX-Request": "true", **headers})
    if answer.is_streamed and answer.mimetype == "text/event-stream":
        answer.close()
    assert answer.status_code < 500 or answer.status_code == 503, f"{route}: {answer.status_code}"
    return answer


def _tells_nothing(route: Route, answer: Any) -> None:
    told = b"" if answer.mimetype == "text/event-stream" else answer.data + str(answer.headers).encode()
    assert OTHERS not in told, f"{route} tells what is another customer's"
    assert NOTES not in told, f"{route} tells what is for staff"


@pytest.mark.usefixtures("neighbours")
def test_nobody_gets_in(world: World) -> None:
    client = world.browser()
    for route in routes(world):
        answer = _ask(client, route)
        assert route.needs is None or answer.status_code == 401, f"{route}: {answer.status_code}"
        _tells_nothing(route, answer)


@pytest.mark.parametrize("role", [None, *Role])
def test_sessions_reach_what_the_table_says(world: World, neighbours: Neighbours, role: Role | None) -> None:
    person = world.staff("Somebody Else", role) if role else neighbours.svea
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
            _tells_nothing(route, answer)


@pytest.mark.usefixtures("neighbours")
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


@pytest.mark.usefixtures("neighbours")
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


# Views that ask for no person, since no customer will ever have a right to them; whoever gives one, filters first.
FOR_STAFF_ALONE = {
    "api.get_original", "api.list_inbound", "api.list_outbound", "mail.original",  # the logs of mail
    "orders.import_page", "orders.refused",  # tables that sales import
    "api.get_visit", "visits.edit_visit",  # a visit as its planner sees it, with the note for us
}  # fmt: skip


def _shown(world: World, route: Route, person: Person) -> bytes:
    """What the view answers `person`, past the right at its door: by the query alone."""
    with world.app.test_request_context(route.path, headers={"HX-Request": "true"}), db.scope():
        g.who = person.who()
        try:
            view: Any = world.app.view_functions[route.endpoint]
            answer = world.app.make_response(view(**dict(route.arguments)))
        except (Refused, HTTPException):
            return b""
        if answer.mimetype == "text/event-stream":
            return b""
        answer.direct_passthrough = False
        return answer.get_data() + str(answer.headers).encode()


@pytest.mark.parametrize("whose", ["others", "own"])
def test_queries_give_a_customer_nothing_of_others_and_no_note(
    world: World, neighbours: Neighbours, whose: str
) -> None:
    """Were every door opened to customers by mistake: what is another's is not found, and no note anywhere."""
    offences, seen, own = [], 0, whose == "own"
    for route in routes(world):
        if route.method != "GET" or route.needs is None or route.endpoint in FOR_STAFF_ALONE:
            continue
        told = _shown(world, route, neighbours.jana if own else neighbours.svea)
        if NOTES in told:
            offences.append(f"{route} shows a customer what is for staff")
        if OTHERS in told and not own:
            offences.append(f"{route} shows a neighbour's")
        seen += OTHERS in told
    assert not offences, "\n".join(offences)
    assert not own or seen > 10, "the rows are there to be seen"


def test_staff_find_what_customers_must_not(world: World, neighbours: Neighbours) -> None:
    """The same questions, asked by staff, are answered: so the test above can fail."""
    told = b"".join(_shown(world, route, neighbours.piet) for route in routes(world) if route.method == "GET")
    assert told.count(OTHERS) > 30
    assert told.count(NOTES) > 5


def test_opening_an_address_changes_nothing(world: World, neighbours: Neighbours) -> None:
    """Scanners, previews and Safe Links open whatever stands in a mail: no GET writes a row or asks for a job."""
    client = world.browser(world.staff("Somebody Else", "administrator"))
    with world.rows():
        token = auth.create_api_token("test", "admin")
    wrote: list[str] = []
    opened: list[str] = []

    def look(connection: Any) -> None:
        if connection.exec_driver_sql("select pg_current_xact_id_if_assigned()::text").scalar() is not None:
            wrote.append(opened[-1])

    client.get("/api/v1/tickets", headers={"Authorization": f"Bearer {token}"})  # when a token was used is written down
    event.listen(db.engine(), "commit", look)
    try:
        for route in routes(world):
            if route.method == "GET":
                opened.append(route.path)
                _ask(client, route, Authorization=f"Bearer {token}")
    finally:
        event.remove(db.engine(), "commit", look)
    assert len(opened) > 60
    assert wrote == []
