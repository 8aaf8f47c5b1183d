"""A program that talks to the REST API."""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from werkzeug.test import TestResponse

from backend import auth
from tests.world import World


class Program:
    """A client of the API with a token of one scope."""

    def __init__(self, world: World, scope: str | None) -> None:
        self._app = world.app
        self.headers: dict[str, str] = {}
        if scope is not None:
            with world.rows():
                token = auth.create_api_token(f"a program ({scope})", scope)
            self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method: str, path: str, **given: Any) -> TestResponse:
        """Any request; `path` counts from /api/v1 unless it is a whole address."""
        path = path if path.startswith(("http", "/api/")) else f"/api/v1{path}"
        headers = {**self.headers, **given.pop("headers", {})}
        return self._app.test_client().open(path, method=method, headers=headers, **given)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON at `path`, which must be there."""
        answer = self.ask("GET", path, query_string=query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def put(self, path: str, body: Any, status: int = 200) -> Any:
        """What a PUT of `body` answers, which must have that status."""
        return self._send("PUT", path, body, status)

    def post(self, path: str, body: Any, status: int = 201, **headers: str) -> Any:
        """What a POST of `body` answers, which must have that status."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        return self._send("POST", path, body, status, named)

    def patch(self, path: str, body: Any, status: int = 200) -> Any:
        """What a PATCH with `body` answers, which must have that status."""
        return self._send("PATCH", path, body, status)

    def _send(self, method: str, path: str, body: Any, status: int, headers: dict[str, str] | None = None) -> Any:
        answer = self.ask(method, path, json=body, headers=headers or {})
        assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
        return answer.json


Programs = Callable[[str | None], Program]


@pytest.fixture
def program(world: World) -> Programs:
    """Makes programs with a token of the given scope; None: without one."""
    return cache(lambda scope: Program(world, scope))


@pytest.fixture
def admin(program: Programs) -> Program:
    """A program that may do everything."""
    return program("admin")


@pytest.fixture
def tressow(world: World, admin: Program) -> str:
    """The key of a customer with the contact `jana`, a site and an order."""
    admin.put(
        "/customers/K1",
        {
            "name": "Möbelwerk Tressow GmbH",
            "domains": ["moebelwerk-tressow.example"],
            "sites": [{"key": "T", "name": "Werk Tressow", "city": "Tressow"}],
        },
        201,
    )
    jana = {"name": "Jana Wiedekind", "customer": "K1", "email": "jana.wiedekind@moebelwerk-tressow.example"}
    admin.put("/contacts/jana", {**jana, "site": "T", "language": "de"}, 201)
    return "K1"
