"""Text modules by REST."""

import pytest

from tests.api.conftest import Programs, program
from tests.desk.conftest import Desk, desk

__all__ = ["desk", "program"]
pytestmark = pytest.mark.slow
MODULE = {
    "name": "Termin",
    "text": "Am {{? Tag}} kommt {{technician.name}} zu {{contact.name}}.",
    "shortcut": ";termin",
}


def test_written_filled_changed_and_deleted(desk: Desk, program: Programs) -> None:
    admin = program("admin")
    made = admin.post("/text-modules", MODULE, idempotency_key="a")
    assert made == admin.post("/text-modules", MODULE, idempotency_key="a")
    assert admin.get("/text-modules", q="termin", kind="reply") == [made]
    assert admin.get(f"/text-modules/{made['id']}/filled", ticket=desk.ticket) == {
        "text": "Am ⟨Tag⟩ kommt ⟨Name des Technikers fehlt⟩ zu Jana Wiedekind.",
        "gaps": ["⟨Tag⟩"],
        "missing": ["⟨Name des Technikers fehlt⟩"],
    }
    changed = admin.put(f"/text-modules/{made['id']}", MODULE | {"kind": "note"})
    assert changed["kind"] == "note"
    assert admin.put(f"/text-modules/{made['id']}", MODULE | {"kind": "note"}) == changed
    for _twice in range(2):
        assert admin.ask("DELETE", f"/text-modules/{made['id']}").status_code == 200
    assert admin.ask("GET", f"/text-modules/{made['id']}").status_code == 404


def test_what_is_refused(desk: Desk, program: Programs) -> None:
    admin = program("admin")
    assert program("technician").post("/text-modules", MODULE, 403)["code"] == "not-allowed"
    assert "text" in admin.post("/text-modules", MODULE | {"text": "{{nothing}}"}, 422)["fields"]
    assert "shared" in admin.post("/text-modules", MODULE | {"shared": False}, 422)["fields"]
    admin.post("/text-modules", MODULE)
    admin.post("/text-modules", MODULE, 409)
    said = admin.post(f"/tickets/{desk.ticket}/messages", {"kind": "reply", "text": "Am ⟨Tag⟩"}, 422)
    assert "⟨Tag⟩" in said["fields"]["text"]
