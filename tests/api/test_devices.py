"""Devices by REST."""

import pytest

from tests.api.conftest import Program
from tests.world import JANA

pytestmark = pytest.mark.slow


def test_devices_are_entered_once_listed_and_changed(admin: Program, tressow: str) -> None:
    body = {"contact": "jana", "name": "NB-104", "kind": "Notebook", "serial": "5CG", "remote_id": "123"}
    made = admin.post("/devices", body, 201, idempotency_key="a")
    assert admin.post("/devices", body, 201, idempotency_key="a") == made
    assert made["contact"] == {"key": "jana", "name": "Jana Wiedekind", "email": JANA}
    assert admin.get("/devices", contact=JANA) == [made]
    assert admin.get("/devices", serial="none") == []
    changed = admin.patch(f"/devices/{made['id']}", {"name": "NB-105"})
    assert changed == {**made, "name": "NB-105"}
    assert list(admin.post("/devices", {**body, "contact": "nobody"}, 422)["fields"]) == ["contact"]
    admin.patch("/devices/99", {"name": "x"}, 404)
