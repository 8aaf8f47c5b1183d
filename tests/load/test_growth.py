"""What `make bench` measures, small: pages are right, and take no longer with many tickets than with few."""

import re
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend import config
from tests.load import limit_app
from tests.load.company import SMALL, Company, Page, fill, ready
from tests.load.generator import Plan, run
from tests.load.measured import OURS, Server
from tests.world import World

pytestmark = pytest.mark.slow
MANY = 3_000
GROWTH = 3.5  # generous: other tests run beside
_TURNS, _ROUNDS = 6, 2
_AGES = re.compile(r"<time [^>]*>[^<]*</time>")  # some say how long ago it was


def _get(world: World, company: Company, path: str) -> TestResponse:
    client = FlaskClient(world.app, world.app.response_class, use_cookies=False)
    return client.get(path, base_url="https://localhost", headers={"Cookie": company.cookies[0]})


def _took(world: World, company: Company, page: Page) -> float:
    """The seconds of the fastest answer, which nothing else disturbed; each answer is checked."""
    times = []
    for turn in range(_TURNS):
        began = time.perf_counter()
        answer = _get(world, company, page.paths[turn % len(page.paths)])
        times.append(time.perf_counter() - began)
        assert answer.status_code == 200
        assert all(text in answer.text for text in page.expect), page.name
    return min(times)


def _times(world: World, company: Company) -> dict[str, float]:
    rounds = [{page.name: _took(world, company, page) for page in company.pages} for _round in range(_ROUNDS)]
    return {page.name: min(times[page.name] for times in rounds) for page in company.pages}


def _limit_answers(company: Company, page: Page) -> str:
    client = limit_app.create_app().test_client(use_cookies=False)
    return client.get(page.paths[0], base_url="https://localhost", headers={"Cookie": company.cookies[0]}).text


def test_pages_are_right_and_take_no_longer_with_many_tickets(world: World, tmp_path: Path) -> None:
    few_before = _filled(world, tmp_path, SMALL)
    few = _times(world, few_before)
    company = _filled(world, tmp_path, MANY)
    many = _times(world, company)
    for page in company.pages:
        ours, limit = _get(world, company, page.paths[0]).text, _limit_answers(company, page)
        assert [text for text in page.first if text not in ours] == [], page.name
        assert _AGES.sub("", ours) == _AGES.sub("", limit), page.name
    grown = {name: round(took / few[name], 1) for name, took in many.items() if took > GROWTH * few[name]}
    assert grown == {}


def _filled(world: World, folder: Path, tickets: int) -> Company:
    fill(world.settings.database_url, folder, tickets)
    config.use(world.settings)
    return ready(world.settings.database_url, tickets)


@pytest.mark.soak
def test_the_web_server_answers_eight_clients_rightly(world: World, tmp_path: Path) -> None:
    company = _filled(world, tmp_path, 200)
    with Server(OURS, company.url, tmp_path) as server:
        for page in company.pages:
            plan = Plan(server.port, page.paths, page.expect, seconds=0.5, warm_up=0.2, cookies=company.cookies)
            assert run(plan).wrong == 0
        assert server.memory() > 0
