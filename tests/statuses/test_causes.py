"""Root causes: offered from lists, the first hundred of them, demanded or forbidden by the status."""

import pytest
from sqlalchemy import select

from backend.db import session
from backend.statuses.models import RootCause
from backend.tickets.models import Activity, Message
from tests.api.conftest import Program
from tests.statuses.conftest import HX, Arranging

pytestmark = pytest.mark.slow


def _field(arranging: Arranging, number: int = 0) -> str | None:
    """What the ticket's page shows as its root cause; None: it does not have the field."""
    page = arranging.desk.page(f"/tickets/{number or arranging.desk.ticket}")
    label = page.select_one("#p-root_cause")
    return label.find_next("dd").get_text(" ", strip=True) if label is not None else None  # type: ignore[union-attr]


def _offered(arranging: Arranging) -> list[str]:
    page = arranging.desk.page(f"/tickets/{arranging.desk.ticket}/choices/root_cause")
    return [one.text.strip() for one in page.select("button[name=value]") if one["value"]]


def test_without_a_list_there_is_no_field(arranging: Arranging) -> None:
    assert _field(arranging) is None
    ids = arranging.causes("Wear", "Power cut", lists=("type:request",))
    assert _field(arranging) is None
    arranging.does("root-causes/lists/type:incident", cause=[str(ids["Power cut"])])
    assert _field(arranging) == "Not set"
    assert _offered(arranging) == ["Power cut"]
    arranging.does("root-causes/lists/type:incident", which="none")
    assert _field(arranging) is None


def test_a_list_of_where_tickets_come_from_counts_too(arranging: Arranging) -> None:
    ids = arranging.causes("Wear", "Virus", "Power cut", lists=())
    arranging.does("root-causes/lists/type:incident", cause=[str(ids["Power cut"])])
    arranging.does("root-causes/lists/source:mail", cause=[str(ids["Wear"]), str(ids["Power cut"])])
    assert _offered(arranging) == ["Wear", "Power cut"]
    assert arranging.desk.row(arranging.desk.ticket).source == "mail"


def test_the_hundred_and_first_is_not_offered(arranging: Arranging) -> None:
    ids = arranging.causes(*(f"Cause {number:03}" for number in range(1, 102)))
    offered = _offered(arranging)
    assert len(offered) == 100
    assert offered[-1] == "Cause 100"
    assert "not offered" in arranging.set("root_cause", str(ids["Cause 101"]), 422)
    arranging.set("root_cause", str(ids["Cause 100"]))
    assert "first 100" in arranging.page("root-causes").text
    arranging.does(f"root-causes/{ids['Cause 101']}/up")  # on which the hundredth falls out
    assert _offered(arranging)[-1] == "Cause 101"
    arranging.set("root_cause", str(ids["Cause 101"]))
    assert _field(arranging) == "Cause 101"


def test_a_choice_is_logged_and_taken_back(arranging: Arranging) -> None:
    ids = arranging.causes("Wear", "Power cut")
    answer = arranging.set("root_cause", str(ids["Wear"]))
    assert "Root cause: Wear" in answer
    assert "Undo" in answer
    arranging.set("root_cause", str(ids["Wear"]), 204)
    arranging.set("root_cause", "")
    assert _field(arranging) == "Not set"
    activity = arranging.desk.page(f"/tickets/{arranging.desk.ticket}?tab=activity").get_text(" ", strip=True)
    assert "changed “Root cause”: – → Wear" in activity
    assert "changed “Root cause”: Wear → –" in activity


def test_a_status_that_needs_one_is_refused_without(arranging: Arranging) -> None:
    ids = arranging.causes("Wear")
    arranging.does("statuses/closed/root-cause", value="required")
    assert "“Closed” needs a root cause" in arranging.set("status", "closed", 422)
    assert arranging.status() == "open"
    said = {"kind": "note", "text": "Fertig, bitte schließen", "status": "closed"}
    refused = arranging.desk.browser.post(f"/tickets/{arranging.desk.ticket}/messages", data=said, headers=HX)
    assert refused.status_code == 422
    assert "“Closed” needs a root cause" in refused.text
    with arranging.world.rows():
        assert session.scalar(select(Message).where(Message.text == said["text"])) is None
    arranging.set("root_cause", str(ids["Wear"]))
    arranging.set("status", "closed")
    assert "needs a root cause" in arranging.set("root_cause", "", 422)
    assert _field(arranging) == "Wear"


def test_where_none_is_offered_none_is_demanded(arranging: Arranging) -> None:
    arranging.causes("Wear", lists=("type:request",))
    arranging.does("statuses/closed/root-cause", value="required")
    arranging.set("status", "closed")
    assert arranging.status() == "closed"


def test_where_it_is_forbidden_it_cannot_be_chosen_and_what_is_there_stays(arranging: Arranging) -> None:
    ids = arranging.causes("Wear", "Power cut")
    arranging.set("root_cause", str(ids["Wear"]))
    arranging.does("statuses/open/root-cause", value="forbidden")
    assert "cannot be given" in arranging.set("root_cause", str(ids["Power cut"]), 422)
    assert _field(arranging) == "Wear"
    page = arranging.desk.page(f"/tickets/{arranging.desk.ticket}")
    assert not page.select("#d-root_cause")
    arranging.set("status", "resolved")
    arranging.set("root_cause", str(ids["Power cut"]))
    arranging.set("status", "open")  # taken back: nothing is lost by it
    assert _field(arranging) == "Power cut"


def test_the_desk_itself_and_customers_are_not_held_up(arranging: Arranging) -> None:
    arranging.causes("Wear")
    arranging.does("statuses/open/root-cause", value="required")
    number = arranging.desk.open("Neuer Drucker")
    assert arranging.status(number) == "open"


def test_programs_choose_by_name_and_are_refused_with_the_sentence(arranging: Arranging) -> None:
    arranging.causes("Wear", "Power cut")
    arranging.causes("Delay", lists=("type:request", "source:api"))
    arranging.does("statuses/closed/root-cause", value="required")
    arranging.does("statuses/open/root-cause", value="forbidden")
    program, path = Program(arranging.world, "technician"), f"/tickets/{arranging.desk.ticket}"
    program.headers["Accept-Language"] = "en"
    assert program.get("/root-causes")[2] == {"name": "Delay", "types": ["request"], "sources": ["api"]}
    for body, field, sentence in (
        ({"status": "closed"}, "status", "needs a root cause"),
        ({"root_cause": "Wear"}, "root_cause", "cannot be given"),
        ({"root_cause": "Delay", "status": "closed"}, "root_cause", "not offered"),
        ({"root_cause": "Magic", "status": "closed"}, "root_cause", "no root cause named"),
        ({"root_cause": None, "status": "closed"}, "status", "needs a root cause"),
    ):
        assert sentence in program.patch(path, body, 422)["fields"][field]
    both = program.patch(path, {"status": "closed", "root_cause": "Wear"})
    assert (both["status"], both["root_cause"]) == ("closed", "Wear")
    new = {"subject": "X", "text": "x", "requester_email": "jana.wiedekind@moebelwerk-tressow.example"}
    assert "needs a root cause" in program.post("/tickets", {**new, "status": "closed"}, 422)["fields"]["status"]


def test_they_are_renamed_moved_and_removed_while_no_ticket_has_them(arranging: Arranging) -> None:
    ids = arranging.causes("Wear", "Power cut")
    assert "is there already" in arranging.does(f"root-causes/{ids['Wear']}/name", 422, value="power cut").text
    arranging.does(f"root-causes/{ids['Wear']}/name", value="Worn out")
    arranging.does(f"root-causes/{ids['Power cut']}/up")
    arranging.does(f"root-causes/{ids['Power cut']}/up", 204)
    assert _offered(arranging) == ["Power cut", "Worn out"]
    arranging.set("root_cause", str(ids["Wear"]))
    assert "1 ticket has this root cause" in arranging.does(f"root-causes/{ids['Wear']}/remove", 422).text
    arranging.does(f"root-causes/{ids['Power cut']}/remove")
    assert _offered(arranging) == ["Worn out"]
    log = arranging.log()
    assert "the name of a root cause: Wear → Worn out" in log
    assert "the place of the root cause “Power cut”: 2 → 1" in log
    assert "the root causes: Power cut → –" in log


def test_names_are_added_line_by_line_all_or_none(arranging: Arranging) -> None:
    assert "is there already" in arranging.does("root-causes", 422, names="Wear\nVirus\nwear").text
    assert "name is needed" in arranging.does("root-causes", 422, names=" \n ").text
    with arranging.world.rows():
        assert session.scalars(select(RootCause)).all() == []
    arranging.causes("Wear", "<b>Virus</b>")
    assert "<b>Virus</b>" in arranging.page("root-causes").text
    with arranging.world.rows():
        assert session.scalar(select(Activity.after).where(Activity.verb == "setting")) == "Wear, <b>Virus</b>"


def test_rules_show_only_once_there_is_a_root_cause_and_are_logged(arranging: Arranging) -> None:
    assert not arranging.page("root-causes").select("#rule-closed")
    arranging.causes("Wear")
    assert arranging.page("root-causes").select("#rule-closed")
    arranging.does("statuses/closed/root-cause", value="required")
    arranging.does("statuses/closed/root-cause", 204, value="required")
    arranging.does("statuses/closed/root-cause", 422, value="perhaps")
    assert "“Closed”: may be chosen → must be chosen" in arranging.log()


def test_one_of_many_is_put_on_top_and_back(arranging: Arranging) -> None:
    ids = arranging.causes(*(f"Cause {number:03}" for number in range(1, 102)))

    def order() -> list[str]:
        page = arranging.page("root-causes")
        return [one.get_text() for one in page.select("li.arranged-row .arranged-words span:last-child")]

    last = ids["Cause 101"]
    top = arranging.page("root-causes").select_one(f"#top-{last}")
    assert top is not None
    assert top["hx-post"] == f"/settings/root-causes/{last}/top"
    answer = arranging.does(f"root-causes/{last}/top").text
    assert order()[:2] == ["Cause 101", "Cause 001"]
    assert f'hx-post="/settings/root-causes/{last}/place"' in answer
    assert 'name="value" value="101"' in answer
    assert _offered(arranging)[0] == "Cause 101"
    arranging.does(f"root-causes/{last}/place", value="101")
    assert order()[-2:] == ["Cause 100", "Cause 101"]
    assert order()[0] == "Cause 001"
    arranging.does(f"root-causes/{ids['Cause 001']}/top", 204)
    for nonsense in ("0", "", "x", "-1"):
        arranging.does(f"root-causes/{last}/place", 404, value=nonsense)
