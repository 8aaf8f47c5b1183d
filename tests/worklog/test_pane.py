"""Beside an e-mail: under which contracts its customer is worked for, and what is still to be billed."""

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from backend import clock
from backend.contracts.models import Contract
from backend.db import session
from backend.people.models import Person
from tests.worklog.conftest import Bench
from tests.world import JANA

pytestmark = pytest.mark.slow


def _beside(bench: Bench, person: Person) -> list[str]:
    answer = bench.world.browser(person).get(f"/addin/item?address={JANA}&message_id=%3Cx%40y%3E&subject=Drucker")
    assert answer.status_code == 200, answer.text
    lines = BeautifulSoup(answer.text, "lxml").select(".contract li")
    return [" ".join(line.get_text(" ").split()) for line in lines]


def _entry(bench: Bench, minutes: int, kind: str) -> None:
    browser = bench.world.browser(bench.piet)
    form = bench.form(browser, f"/tickets/{bench.first.number}/time/new")
    data = {**form, "minutes": str(minutes), "kind": kind, "text": "Rolle"}
    answer = browser.post(f"/tickets/{bench.first.number}/time", data=data, headers={"HX-Request": "true"})
    assert answer.status_code < 300, answer.text


def test_running_contracts_and_minutes_to_be_billed_stand_beside_the_mail(bench: Bench) -> None:
    assert _beside(bench, bench.piet) == []
    now = clock.now()
    today = clock.local(now, bench.world.settings.timezone).date()
    other = bench.world.customer("fremd", "Fremd GmbH")
    with bench.world.rows():
        for number, customer, begins, ends in (
            ("W-1", bench.customer.id, -30, None),
            ("W-2", bench.customer.id, -60, -1),
            ("W-3", bench.customer.id, 1, None),
            ("W-4", other.id, -30, None),
        ):
            session.add(
                Contract(
                    number=number, customer_id=customer, name=f"Wartung {number}", service_level="8x5",
                    starts_on=today + timedelta(days=begins),
                    ends_on=today + timedelta(days=ends) if ends else None, created_at=now, updated_at=now,
                )
            )  # fmt: skip
    for minutes, kind in ((40, "billable"), (35, "contract"), (90, "internal"), (15, "goodwill")):
        _entry(bench, minutes, kind)
    shown = _beside(bench, bench.piet)
    assert shown[0] == "Wartung W-1 8x5"
    assert len(shown) == 2
    assert shown[1].endswith("1:15 h") or "1 h 15" in shown[1], shown
    assert bench.world.browser(bench.jana).get(f"/addin/item?address={JANA}").status_code == 403
