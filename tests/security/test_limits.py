"""Whoever comes too often is told when to come again: each door has its limit, for all processes together."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, func, select

from backend import auth, config, db, limits
from backend.config import ConfigError
from backend.db import plain_url, session
from backend.limits import Counter, Turns
from tests.world import World

LIMITED = 10
Limited = Callable[..., None]


@pytest.fixture
def limited(world: World) -> Iterator[Limited]:
    """Sets limits for this test."""
    yield lambda **given: config.use(dataclasses.replace(world.settings, **given))
    config.use(world.settings)


def _refused(answers: list[Any]) -> int:
    """The place of the first answer that says "too many", which says when to come again, and in a sentence."""
    first = next(place for place, answer in enumerate(answers) if answer.status_code == 429)
    assert 0 < int(answers[first].headers["Retry-After"]) <= limits.SECONDS + 1
    assert "too much at once" in answers[first].get_data(as_text=True)
    assert all(answer.status_code == 429 for answer in answers[first:])
    return first


ENGLISH = {"Accept-Language": "en"}


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/sign-in", {}),
        ("POST", "/sign-in/callback", {}),
        ("POST", "/session", {"Origin": "own", "Authorization": "Bearer x"}),
        ("GET", "/tab", {}),
        ("GET", "/addin/pane", {}),
        ("GET", "/tickets", {"Cookie": f"{auth.COOKIE}=guessed", "HX-Request": "true"}),
        ("GET", "/api/v1/tickets", {"Authorization": "Bearer dsk_guessed"}),
        ("GET", "/api/v1/openapi.json", {}),
        ("GET", "/chats/files/1/9999999999/guessed", {}),
    ],
)
def test_a_stranger_comes_so_often_and_no_more(
    world: World, limited: Limited, method: str, path: str, headers: dict[str, str]
) -> None:
    limited(limit_strangers=LIMITED)
    headers = {**ENGLISH, **headers, **({"Origin": world.settings.url} if "Origin" in headers else {})}
    client = world.app.test_client()
    answers = [client.open(path, method=method, headers=headers) for _ in range(LIMITED + 3)]
    assert _refused(answers) == LIMITED
    elsewhere = client.open(path, method=method, headers=headers, environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.status_code != 429


@pytest.mark.parametrize("path", ["/api/messages", "/microsoft/notifications", "/microsoft/calendar/lifecycle"])
def test_who_brings_words_of_microsoft_has_a_limit_of_his_own(world: World, limited: Limited, path: str) -> None:
    limited(limit_strangers=1, limit_webhooks=LIMITED)
    body = json.dumps({"value": []})
    answers = [world.app.test_client().post(path, data=body, headers=ENGLISH) for _ in range(LIMITED + 3)]
    assert _refused(answers) == LIMITED


def test_a_program_has_its_limit_and_another_its_own(world: World, limited: Limited) -> None:
    with world.rows():
        one, other = (auth.create_api_token(name, "admin") for name in ("one", "other"))
    limited(limit_api=LIMITED, limit_strangers=1)

    def ask(token: str) -> Any:
        return world.app.test_client().get("/api/v1/customers", headers={**ENGLISH, "Authorization": f"Bearer {token}"})

    answers = [ask(one) for _ in range(LIMITED + 3)]
    assert _refused(answers) == LIMITED
    assert answers[-1].content_type == "application/problem+json"
    assert ask(other).status_code == 200


def test_a_person_changes_so_much_and_no_more_but_reads_on(world: World, limited: Limited) -> None:
    browser = world.browser(world.staff("Piet Hagenauer"))
    limited(limit_changes=LIMITED, limit_strangers=1)
    answers = [browser.post("/me/theme", data={"theme": "dark"}, headers=ENGLISH) for _ in range(LIMITED + 2)]
    assert _refused(answers) == LIMITED
    assert {browser.get("/tickets").status_code for _ in range(LIMITED * 3)} == {200}
    other = world.browser(world.staff("Tomma Kielhorn"))
    assert other.post("/me/theme", data={"theme": "dark"}).status_code != 429


@pytest.mark.parametrize(
    ("setting", "path", "much"),
    [
        ("limit_uploads", "/tickets/1/messages", {"text": "x" * (limits.LARGE + 1)}),
        ("limit_imports", "/orders/import", {"token": "x"}),
    ],
)
def test_much_is_sent_seldom(world: World, limited: Limited, setting: str, path: str, much: dict[str, str]) -> None:
    browser = world.browser(world.staff("Marek Ostwald", "administrator"))
    limited(**{setting: 3})
    answers = [browser.post(path, data=much, headers={**ENGLISH, "HX-Request": "true"}) for _ in range(5)]
    assert _refused(answers) == 3
    assert browser.post("/me/theme", data={"theme": "dark"}).status_code != 429


def test_streams_are_opened_so_often_and_no_more(world: World, limited: Limited) -> None:
    browser = world.browser(world.staff("Piet Hagenauer"))
    limited(limit_streams=3)
    answers = [browser.get("/live?topic=No", headers=ENGLISH) for _ in range(5)]
    assert _refused(answers) == 3


def test_what_all_processes_take_is_counted_together(world: World) -> None:
    """Two counters are two processes: each takes handfuls, and both together never more than the limit."""
    two = Counter(), Counter()
    taken = sum(counter.take("test", 100, 8) == 0.0 for _ in range(80) for counter in two)
    assert taken == 100
    with world.rows():
        session.query(Turns).update({"ends_at": func.now()})
    for counter in two:
        counter.forget()
    assert two[0].take("test", 100, 8) == 0.0, "a new minute begins"


def test_reading_pages_costs_no_statement_and_much_asking_few(world: World) -> None:
    browser = world.browser(world.staff("Piet Hagenauer"))
    with world.rows():
        token = auth.create_api_token("test", "admin")
    for _ in range(30):
        assert browser.get("/tickets").status_code == 200
        answer = world.app.test_client().get("/api/v1/customers", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200
    with world.rows():
        rows = {row.key: row.taken for row in session.scalars(select(Turns))}
    assert {key.split()[0] for key in rows} == {"api"}
    assert list(rows.values()) == [50]  # one handful


def test_no_request_holds_two_connections_for_its_turn(world: World) -> None:
    checked_out: list[int] = []
    event.listen(db.engine(), "checkout", lambda *_: checked_out.append(1))
    assert world.app.test_client().get("/sign-in").status_code == 200
    assert not checked_out


def test_a_line_that_was_cut_is_taken_up_again(world: World) -> None:
    counter = Counter()
    assert counter.take("test", 5, 1) == 0.0
    with psycopg.connect(plain_url(world.settings.database_url), autocommit=True) as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'deskside turns'"
        )
    assert [counter.take("test", 5, 1) == 0.0 for _ in range(6)] == [True] * 4 + [False] * 2


def test_a_database_that_is_away_refuses_nobody(world: World) -> None:
    config.use(dataclasses.replace(world.settings, database_url="postgresql:///nothing?host=/nowhere"))
    try:
        assert [Counter().take("test", 1, 1) for _ in range(3)] == [0.0] * 3
    finally:
        config.use(world.settings)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        (0, "198.51.100.7", "127.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.1, 198.51.100.7", "198.51.100.7"),  # what stands further left, the client itself may have said
        (2, "203.0.113.1, 198.51.100.7", "203.0.113.1"),
        (2, "198.51.100.7", "127.0.0.1"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "\x00", "nowhere"),
    ],
)
def test_clients_are_told_apart_as_our_own_proxies_see_them(
    world: World, limited: Limited, proxies: int, forwarded: str, client: str
) -> None:
    limited(proxies=proxies)
    headers = {"X-Forwarded-For": forwarded}
    with world.app.test_request_context(headers=headers, environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        assert limits.client() == client


def test_a_public_address_means_a_proxy_unless_it_is_said(world: World) -> None:
    given = {
        "DATABASE_URL": "postgresql:///x", "SECRET_KEY": "0" * 64, "CLIENT_SECRET": "x",
        "TENANT_ID": world.settings.tenant_id, "CLIENT_ID": world.settings.client_id,
    }  # fmt: skip
    assert config.load(given).proxies == 0
    assert config.load({**given, "PUBLIC_URL": "https://desk.example.com"}).proxies == 1
    assert config.load({**given, "PUBLIC_URL": "https://desk.example.com", "PROXIES": "2"}).proxies == 2
    with pytest.raises(ConfigError, match="PROXIES"):
        config.load({**given, "PROXIES": "many"})


def test_each_door_has_a_limit_and_few_are_free(world: World) -> None:
    free = set()
    for endpoint, view in world.app.view_functions.items():
        door = getattr(view, "door", "")
        assert door in ("", limits.FREE) or door in limits.DOORS, endpoint
        if door == limits.FREE:
            free.add(endpoint)
    # Files that are nobody's, the question whether we live, and what a signed link opens (a wrong one counts).
    assert free == {
        "static", "ui.static", "addin.static", "addin.icon", "health.healthz", "chats.sent_file", "surveys.by_link",
    } & set(world.app.view_functions)  # fmt: skip


def test_a_question_that_takes_too_long_is_given_up_with_a_sentence(world: World) -> None:
    engine = db.configure(world.settings.database_url, seconds=1)
    world.app.view_functions["health.readyz"], kept = _slow, world.app.view_functions["health.readyz"]
    try:
        answer = world.app.test_client().get("/readyz", headers=ENGLISH)
        assert (answer.status_code, "takes too long" in answer.get_data(as_text=True)) == (503, True)
    finally:
        world.app.view_functions["health.readyz"] = kept
        engine.dispose()
        db.configure(world.settings.database_url, pool=16)


@auth.open_to("stands in for a page that asks too much")
def _slow() -> str:
    session.execute(select(func.pg_sleep(5)))
    return ""
