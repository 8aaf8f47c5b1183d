"""The same by the REST API."""

from typing import Any

import pytest
from sqlalchemy import select

from backend import auth, clock
from backend.db import session
from backend.errors import Conflict
from backend.i18n import in_language
from tests.world import World
from tests.writing.conftest import Desk

pytestmark = pytest.mark.slow
OUTSIDE = "technik@druckerhersteller.example"


class Api:
    """The API with the token of a program."""

    def __init__(self, world: World, name: str) -> None:
        self._app = world.app
        with world.rows():
            self._headers = {"Authorization": f"Bearer {auth.create_api_token(name, 'technician')}"}

    def ask(self, method: str, path: str, json: object = None, **headers: str) -> tuple[int, dict[str, Any]]:
        """(status code, body) of a request."""
        given = {**self._headers, **headers}
        answer = self._app.test_client().open(f"/api/v1{path}", method=method, json=json, headers=given)
        return answer.status_code, answer.get_json()


@pytest.fixture
def api(world: World, desk: Desk) -> Api:
    return Api(world, "Kasse")


def test_own_messages_are_changed_and_deleted(api: Api, world: World) -> None:
    status, note = api.ask("POST", "/tickets/10001/messages", {"kind": "note", "text": "Zuerst"})
    assert (status, note["mailed_as"]) == (201, None)
    status, changed = api.ask("PATCH", f"/messages/{note['id']}", {"text": "Danach"})
    assert (status, changed["text"], changed["edited_at"] is not None) == (200, "Danach", True)
    assert Api(world, "Lager").ask("PATCH", f"/messages/{note['id']}", {"text": "Fremd"})[0] == 422
    for _again in range(2):
        status, gone = api.ask("DELETE", f"/messages/{note['id']}")
        assert (status, gone["text"], gone["deleted_at"] is not None) == (200, "", True)
    assert api.ask("PATCH", f"/messages/{note['id']}", {"text": "x"})[0] == 422
    assert api.ask("PATCH", "/messages/1", {"text": "x"})[0] == 422  # the customer's
    assert api.ask("PATCH", "/messages/99", {"text": "x"})[0] == 404
    assert api.ask("PATCH", f"/messages/{note['id']}", {"text": ""})[0] == 422


def test_two_programs_never_have_one_name_while_their_tokens_live(api: Api, world: World) -> None:
    with pytest.raises(Conflict, match="There is a token named Kasse already"), in_language("en"):
        Api(world, "Kasse")
    with world.rows():
        session.scalars(select(auth.ApiToken)).one().ended_at = clock.now()
    assert Api(world, "Kasse").ask("GET", "/tickets/10001")[0] == 200


def test_a_forward_and_a_follow_up_with_a_key_are_one(api: Api, world: World) -> None:
    for path, body, marker in (
        ("forward", {"to": [OUTSIDE], "text": "Bitte ansehen.", "tell_customer": "Ist weitergegeben."}, "forward"),
        ("follow-up", {"to": OUTSIDE, "subject": "Wie war es?", "text": "Zufrieden?"}, "follow-up"),
    ):
        first = api.ask("POST", f"/tickets/10001/{path}", body, **{"Idempotency-Key": path})
        again = api.ask("POST", f"/tickets/10001/{path}", body, **{"Idempotency-Key": path})
        assert (first[0], first[1]["mailed_as"], first[1]["id"]) == (201, marker, again[1]["id"])
    world.work()
    assert len(world.sent()) == 3
    assert api.ask("POST", "/tickets/10001/forward", {"to": []})[0] == 422
    assert api.ask("POST", "/tickets/999/forward", {"to": [OUTSIDE], "text": "x"})[0] == 404
