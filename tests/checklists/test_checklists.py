"""Checklists on a ticket: from templates or empty, ticked singly, in order, and what they say at closing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from backend.checklists.models import Checklist, ChecklistItem
from backend.db import session
from backend.tickets.models import Activity, Message
from tests.desk.conftest import Desk
from tests.world import Browser

pytestmark = pytest.mark.slow


def template(admin: Browser, *, order: str = "") -> int:
    """The id of a new template with three items."""
    name, steps = "New workplace", "Order\nInstall\nHand over"
    answer = admin.post("/settings/checklists", data={"name": name, "items": steps, "in_order": order})
    assert answer.status_code == 303
    page = admin.get("/settings/checklists").text
    return int(page.split(f'">{name}</a>')[0].rpartition("/settings/checklists/")[2])


def added(desk: Desk, admin: Browser, *, order: str = "") -> list[int]:
    """A checklist of three items on the ticket; the items' ids."""
    chosen = template(admin, order=order)
    assert desk.browser.post(f"/tickets/{desk.ticket}/checklists", data={"template": chosen}).status_code == 200
    return items(desk)


def items(desk: Desk) -> list[int]:
    with desk.world.rows():
        return list(session.scalars(select(ChecklistItem.id).order_by(ChecklistItem.position)))


def texts(desk: Desk) -> list[str]:
    return [one.get_text() for one in desk.page(f"/tickets/{desk.ticket}").select("#rail-checklists .step label")]


def tick(browser: Browser, item: int, done: str = "1") -> tuple[int, str]:
    answer = browser.post(f"/checklist-items/{item}/tick", data={"done": done}, headers={"HX-Request": "true"})
    return answer.status_code, answer.text


def happened(desk: Desk, verb: str) -> list[str]:
    with desk.world.rows():
        found = session.scalars(select(Activity).where(Activity.verb == verb).order_by(Activity.id))
        return [row.after or row.before for row in found]


def test_items_are_ticked_singly_with_who_and_when(desk: Desk, admin: Browser) -> None:
    first, second, _third = added(desk, admin)
    assert tick(desk.browser, second)[0] == 204
    page = desk.page(f"/tickets/{desk.ticket}")
    assert page.select_one("#rail-checklists > summary .n").get_text() == "1/3"  # type: ignore[union-attr]
    ticked = page.select_one(f"#step-{second}")
    assert ticked is not None
    assert "Piet Hagenauer, " in ticked.get_text()
    assert ticked.select_one("input[checked]") is not None
    assert page.select_one(f"#step-{first} input[checked]") is None
    assert tick(desk.browser, second)[0] == 204
    assert happened(desk, "checklist_item_ticked") == ["Install"]
    assert tick(desk.browser, second, "")[0] == 204
    assert happened(desk, "checklist_item_unticked") == ["Install"]
    log = desk.page(f"/tickets/{desk.ticket}?tab=activity").select_one(".activity")
    assert log is not None
    assert "Piet Hagenauer ticked: Install" in log.get_text()
    assert "Piet Hagenauer took the tick off: Install" in log.get_text()


def test_in_order_an_item_waits_for_those_before_it(desk: Desk, admin: Browser) -> None:
    first, second, third = added(desk, admin, order="1")
    status, said = tick(desk.browser, second)
    assert status == 422
    assert "“Order” comes first" in said
    page = desk.page(f"/tickets/{desk.ticket}")
    assert page.select_one(f"#tick-{first}[disabled]") is None
    assert page.select_one(f"#tick-{third}[disabled]") is not None
    assert [tick(desk.browser, item)[0] for item in (first, second, third)] == [204] * 3
    assert desk.page(f"/tickets/{desk.ticket}").select_one("#rail-checklists > summary .n").get_text() == "3/3"  # type: ignore[union-attr]


def test_two_who_tick_at_once_both_count_and_one_tick_is_one(desk: Desk, admin: Browser) -> None:
    ids = added(desk, admin)
    browsers = [desk.world.browser(person) for person in (desk.piet, desk.aylin) for _ in ids]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda pair: tick(*pair)[0], zip(browsers, [*ids, *ids], strict=True)))
    assert answers == [204] * 6
    assert sorted(happened(desk, "checklist_item_ticked")) == ["Hand over", "Install", "Order"]


def test_items_are_added_changed_moved_and_removed_with_a_way_back(desk: Desk, admin: Browser) -> None:
    first, _second, third = added(desk, admin)
    with desk.world.rows():
        list_id = session.scalar(select(Checklist.id))
    browser = desk.browser
    browser.post(f"/checklists/{list_id}/items", data={"text": "Label\nPhoto"})
    browser.post(f"/checklist-items/{third}/move", data={"to": "up"})
    assert texts(desk) == ["Order", "Hand over", "Install", "Label", "Photo"]
    browser.post(f"/checklist-items/{first}", data={"text": "Order it", "seen": "Order"})
    late = browser.post(f"/checklist-items/{first}", data={"text": "Buy it", "seen": "Order"})
    assert late.status_code == 409
    assert "“Order it”" in late.text
    removed = browser.post(f"/checklist-items/{third}/remove")
    assert f'hx-post="/checklists/{list_id}/items"' in removed.text
    assert 'value="2"' in removed.text
    browser.post(f"/checklists/{list_id}/items", data={"text": "Hand over", "position": "2"})
    assert texts(desk) == ["Order it", "Hand over", "Install", "Label", "Photo"]
    assert browser.post(f"/checklists/{list_id}/items", data={"text": " "}).status_code == 422


def test_a_ticked_item_keeps_its_words(desk: Desk, admin: Browser) -> None:
    first, *_rest = added(desk, admin)
    tick(desk.browser, first)
    assert desk.browser.post(f"/checklist-items/{first}", data={"text": "Something else"}).status_code == 422
    assert desk.browser.post(f"/checklist-items/{first}/remove").status_code == 422
    assert texts(desk)[0].startswith("Order")


def test_a_removed_list_comes_back_as_it_was(desk: Desk, admin: Browser) -> None:
    first, *_rest = added(desk, admin)
    tick(desk.browser, first)
    desk.browser.post(f"/tickets/{desk.ticket}/checklists", data={"name": "Parts"})
    with desk.world.rows():
        list_id = session.scalar(select(Checklist.id).order_by(Checklist.id))
    assert desk.browser.post(f"/checklists/{list_id}/remove").status_code == 200
    assert texts(desk) == []
    assert desk.browser.post(f"/checklist-items/{first}/tick", data={}).status_code == 409
    desk.browser.post(f"/checklists/{list_id}/restore")
    assert len(texts(desk)) == 3
    desk.browser.post(f"/checklists/{list_id}", data={"name": "Workplace", "in_order": "1"})
    assert "Workplace" in desk.page(f"/tickets/{desk.ticket}").select_one(f"#checklist-{list_id}").get_text()  # type: ignore[union-attr]
    assert happened(desk, "checklist_renamed") == happened(desk, "checklist_ordered") == ["Workplace"]


def test_closing_with_open_items_asks_for_a_reason(desk: Desk, admin: Browser) -> None:
    added(desk, admin)
    close = f"/tickets/{desk.ticket}/status"
    asked = desk.browser.post(close, data={"value": "closed"}, headers={"HX-Request": "true"})
    assert asked.status_code == 422
    assert 'data-field="closing_reason"' in asked.text
    assert "3 items of the checklists are open" in asked.text
    assert not desk.row(desk.ticket).closed
    assert desk.browser.post(close, data={"value": "resolved"}).status_code == 200
    done = desk.browser.post(close, data={"value": "closed", "closing_reason": "The customer cancelled"})
    assert done.status_code == 200
    assert desk.row(desk.ticket).closed
    assert happened(desk, "closed_with_open_items") == ["The customer cancelled"]


def test_the_composer_says_nothing_until_there_is_a_reason(desk: Desk, admin: Browser) -> None:
    ids = added(desk, admin)
    say = f"/tickets/{desk.ticket}/messages"
    words = {"kind": "note", "text": "All done here", "status": "closed", "token": "t1"}
    assert desk.browser.post(say, data=words).status_code == 422
    with desk.world.rows():
        assert session.scalar(select(Message.id).where(Message.text == "All done here")) is None
    assert desk.browser.post(say, data={**words, "closing_reason": "Two steps were not needed"}).status_code == 204
    assert desk.row(desk.ticket).closed
    other = desk.open("Other")
    assert desk.browser.post(f"/tickets/{other}/status", data={"value": "closed"}).status_code == 200
    assert len(ids) == 3


def test_that_closing_asks_can_be_chosen_again(desk: Desk, admin: Browser) -> None:
    added(desk, admin)
    for mode in ("allow", "ask"):
        data = {"key": "checklist_at_closing", "value": mode}
        assert admin.post("/settings/about/closing", data=data).status_code == 200
    close = f"/tickets/{desk.ticket}/status"
    asked = desk.browser.post(close, data={"value": "closed"}, headers={"HX-Request": "true"})
    assert asked.status_code == 422
    assert 'data-field="closing_reason"' in asked.text
    assert not desk.row(desk.ticket).closed
    assert desk.browser.post(close, data={"value": "closed", "closing_reason": "Not needed"}).status_code == 200
    assert desk.row(desk.ticket).closed
    assert happened(desk, "closed_with_open_items") == ["Not needed"]


@pytest.mark.parametrize(("mode", "status", "field"), [("refuse", 422, 'data-field="status"'), ("allow", 200, "")])
def test_administrators_choose_what_closing_does(
    desk: Desk, admin: Browser, mode: str, status: int, field: str
) -> None:
    ids = added(desk, admin)
    admin.post("/settings/about/closing", data={"key": "checklist_at_closing", "value": mode})
    close = f"/tickets/{desk.ticket}/status"
    answer = desk.browser.post(close, data={"value": "closed", "closing_reason": "so"}, headers={"HX-Request": "true"})
    assert answer.status_code == status
    assert field in answer.text
    for item in ids:
        tick(desk.browser, item)
    desk.browser.post(close, data={"value": "closed"})
    assert desk.row(desk.ticket).closed


def test_templates_are_changed_one_after_the_other_and_logged(desk: Desk, admin: Browser) -> None:
    number = template(admin)
    address = f"/settings/checklists/{number}"
    assert admin.post("/settings/checklists", data={"name": "New workplace", "items": "x"}).status_code == 422
    assert admin.post("/settings/checklists", data={"name": "Empty", "items": " \n"}).status_code == 422
    assert admin.post(address, data={"name": "Workplace", "items": "One", "version": "1"}).status_code == 303
    stale = admin.post(address, data={"name": "Mine", "items": "Two", "version": "1"})
    assert stale.status_code == 409
    assert 'value="Workplace"' in admin.get(address).text
    log = admin.get("/settings/log").text
    assert "checklist New workplace" in log
    assert admin.post(f"{address}/remove").status_code == 303
    assert admin.get(address).status_code == 404
    assert desk.browser.get("/settings/checklists").status_code == 403


def test_the_pane_shows_the_same(desk: Desk, admin: Browser) -> None:
    added(desk, admin)
    assert "Hand over" in desk.browser.get(f"/addin/tickets/{desk.ticket}").text
