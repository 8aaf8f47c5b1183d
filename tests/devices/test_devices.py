"""Devices of contacts, and connecting to one by the address of a tool for remote control."""

import json
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import select

from backend.db import plain_url, session
from backend.devices.addresses import PRESETS, filled, safe
from backend.devices.models import ConnectLink, Device
from backend.tickets.models import Activity
from tests.desk.conftest import Desk
from tests.waiting import eventually
from tests.world import Browser


@pytest.mark.parametrize(
    "template",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "http://rmm.example/{id}",
        "file:///etc/passwd",
        "vbscript:x",
        "blob:https://x",
        "{id}",
        "{id}://x",
        "//rmm.example/{id}",
        "https://{id}/x",
        "https://rmm.example.{name}/x",
        "https://user@rmm.example/",
        "https:///x",
        "https://rmm.example/ x",
        "https://rmm.example/\n",
        'https://rmm.example/"x',
        "anydesk",
        "",
    ],
)
def test_what_could_run_in_our_page_or_lead_elsewhere_is_no_link(template: str) -> None:
    assert not safe(template)


def test_the_well_known_tools_are_safe() -> None:
    assert [name for name, url in PRESETS if not safe(url)] == []
    assert safe("https://rmm.example/devices/{serial}?ticket={ticket}")


def test_a_value_stays_one_value() -> None:
    values = {"id": "1/../2?x=1&y#z {name} javascript:", "name": "Ä"}
    address = filled("https://rmm.example/{id}/{name}", values)
    assert address == "https://rmm.example/1%2F..%2F2%3Fx%3D1%26y%23z%20%7Bname%7D%20javascript%3A/%C3%84"


def add_device(desk: Desk, **given: str) -> int:
    data = {"name": "NB-104", "kind": "Notebook", "serial": "5CG", "remote_id": "123 456", "ticket": str(desk.ticket)}
    answer = desk.browser.post(f"/contacts/{desk.jana.id}/devices", data={**data, **given})
    assert answer.status_code == 200, answer.text
    with desk.world.rows():
        return session.scalars(select(Device.id).order_by(Device.id.desc()).limit(1)).one()


def add_link(desk: Desk, admin: Browser, name: str, url: str) -> int:
    assert admin.post("/settings/devices", data={"name": name, "url": url}).status_code == 303
    with desk.world.rows():
        return session.scalars(select(ConnectLink.id).where(ConnectLink.name == name)).one()


@pytest.mark.slow
def test_the_click_opens_the_right_address_and_is_logged(desk: Desk, admin: Browser) -> None:
    device = add_device(desk)
    link = add_link(desk, admin, "AnyDesk", "anydesk:{id}")
    row = desk.page(f"/tickets/{desk.ticket}").select_one(f"#device-{device}")
    assert row is not None
    assert "NB-104" in row.get_text()
    answer = desk.browser.post(f"/tickets/{desk.ticket}/devices/{device}/connect", data={"link": link})
    assert answer.status_code == 200
    assert json.loads(answer.headers["HX-Trigger"])["connect"]["address"] == "anydesk:123%20456"
    assert 'href="anydesk:123%20456"' in answer.text
    log = desk.page(f"/tickets/{desk.ticket}?tab=activity").select_one(".activity")
    assert log is not None
    assert "Piet Hagenauer connected to a device: NB-104 (AnyDesk)" in log.get_text()


@pytest.mark.slow
def test_without_an_id_nothing_opens_and_nothing_is_logged(desk: Desk, admin: Browser) -> None:
    device = add_device(desk, remote_id="")
    link = add_link(desk, admin, "AnyDesk", "anydesk:{id}")
    answer = desk.browser.post(f"/tickets/{desk.ticket}/devices/{device}/connect", data={"link": link})
    assert answer.status_code == 422
    assert "NB-104 has no id for remote control yet" in answer.text
    with desk.world.rows():
        assert session.scalar(select(Activity.id).where(Activity.verb == "device_connected")) is None
    quick = add_link(desk, admin, "Quick Assist", "ms-quick-assist:")
    path = f"/tickets/{desk.ticket}/devices/{device}/connect"
    assert desk.browser.post(path, data={"link": quick}).status_code == 200


@pytest.mark.slow
def test_an_unsafe_link_is_refused_when_written_and_when_opened(desk: Desk, admin: Browser) -> None:
    bad = {"name": "Bad", "url": "javascript:alert({id})"}
    assert admin.post("/settings/devices", data=bad).status_code == 422
    assert admin.post("/settings/devices", data={"name": "Odd", "url": "anydesk:{password}"}).status_code == 422
    device = add_device(desk)
    with desk.world.rows():
        session.add(ConnectLink(**bad))
    with desk.world.rows():
        link = session.scalars(select(ConnectLink.id)).one()
    answer = desk.browser.post(f"/tickets/{desk.ticket}/devices/{device}/connect", data={"link": link})
    assert answer.status_code == 422
    assert "HX-Trigger" not in answer.headers


@pytest.mark.slow
def test_devices_are_changed_removed_and_brought_back(desk: Desk, admin: Browser) -> None:
    device = add_device(desk)
    form = {"name": "NB-105", "version": "1", "ticket": str(desk.ticket)}
    assert desk.browser.post(f"/devices/{device}", data=form).status_code == 200
    assert desk.browser.post(f"/devices/{device}", data={**form, "name": "Mine"}).status_code == 409
    assert "NB-105" in desk.browser.get(f"/contacts/{desk.jana.id}/devices").text
    assert desk.browser.post(f"/devices/{device}/remove", data={"ticket": desk.ticket}).status_code == 200
    assert "No devices yet." in desk.browser.get(f"/tickets/{desk.ticket}").text
    desk.browser.post(f"/devices/{device}/restore", data={"ticket": desk.ticket})
    assert "NB-105" in desk.browser.get(f"/tickets/{desk.ticket}").text
    with desk.world.rows():
        verbs = list(session.scalars(select(Activity.verb).where(Activity.verb.like("device%")).order_by(Activity.id)))
    assert verbs == ["device_added", "device_changed", "device_removed", "device_restored"]


@pytest.mark.slow
def test_another_contacts_device_is_not_connected_from_here(desk: Desk, admin: Browser) -> None:
    link = add_link(desk, admin, "AnyDesk", "anydesk:{id}")
    other = desk.world.contact("Torben Lasch", "torben.lasch@moebelwerk-tressow.example", desk.customer)
    desk.browser.post(f"/contacts/{other.id}/devices", data={"name": "PC", "remote_id": "1"})
    with desk.world.rows():
        device = session.scalars(select(Device.id)).one()
    path = f"/tickets/{desk.ticket}/devices/{device}/connect"
    assert desk.browser.post(path, data={"link": link}).status_code == 404


@pytest.mark.slow
def test_nothing_of_another_contact_is_written_into_the_log_of_a_ticket(desk: Desk, admin: Browser) -> None:
    other = desk.world.contact("Torben Lasch", "torben.lasch@moebelwerk-tressow.example", desk.customer)
    here, browser = {"ticket": str(desk.ticket)}, desk.browser
    assert browser.post(f"/contacts/{other.id}/devices", data={"name": "PC", **here}).status_code == 404
    assert browser.post(f"/contacts/{other.id}/devices", data={"name": "PC"}).status_code == 200
    with desk.world.rows():
        device = session.scalars(select(Device.id)).one()
    assert browser.get(f"/devices/{device}/form?ticket={desk.ticket}").status_code == 404
    assert browser.post(f"/devices/{device}", data={"name": "PC 2", "version": "1", **here}).status_code == 404
    assert browser.post(f"/devices/{device}/remove", data=here).status_code == 404
    assert browser.post(f"/devices/{device}/remove").status_code == 200
    assert browser.post(f"/devices/{device}/restore", data=here).status_code == 404
    assert browser.post(f"/devices/{device}/restore").status_code == 200
    with desk.world.rows():
        assert (
            session.scalars(select(Activity.id).where(Activity.verb.like("device%"), Activity.ticket_id > 0)).all()
            == []
        )


@pytest.mark.slow
@pytest.mark.parametrize("what", ["", "/remove"])
def test_the_ticket_is_taken_before_the_device(desk: Desk, what: str) -> None:
    """Two who connect and change at the same moment wait for one another, and neither for ever."""
    device, address = add_device(desk), plain_url(desk.world.settings.database_url)
    form = {"name": "NB-105", "version": "1", "ticket": str(desk.ticket)}
    with psycopg.connect(address) as connects, psycopg.connect(address, autocommit=True) as looks:
        connects.execute("select id from tickets where number = %s for update", (desk.ticket,))
        with ThreadPoolExecutor(1) as threads:
            answer = threads.submit(lambda: desk.browser.post(f"/devices/{device}{what}", data=form))
            waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            try:
                eventually(lambda: looks.execute(waiting).fetchone())
                connects.execute("select id from devices where id = %s for update nowait", (device,))
            finally:
                connects.rollback()
            assert answer.result().status_code == 200


@pytest.mark.slow
def test_links_are_for_administrators(desk: Desk, admin: Browser) -> None:
    assert desk.browser.get("/settings/devices").status_code == 403
    page = admin.get("/settings/devices").text
    assert all(name in page for name, _url in PRESETS)
    assert 'value="teamviewer10://control?device={id}"' in admin.get("/settings/devices/new?preset=TeamViewer").text
    link = add_link(desk, admin, "AnyDesk", "anydesk:{id}")
    assert admin.post(f"/settings/devices/{link}", data={"name": "AD", "url": "anydesk:{serial}"}).status_code == 303
    assert "anydesk:{serial}" in admin.get("/settings/log").text
    assert admin.post(f"/settings/devices/{link}/remove").status_code == 303
    assert admin.get(f"/settings/devices/{link}").status_code == 404
