"""The page for whoever translates: each sentence with its places, gaps and translations; and its file."""

import io
from typing import Any

import pytest
from babel.messages.pofile import read_po
from bs4 import BeautifulSoup

from backend.config import LANGUAGES
from backend.db import session
from backend.languages import extract
from backend.languages.gaps import GAPS
from backend.languages.notes import NOTES
from backend.languages.words import sentences
from backend.people.models import Person
from tests.languages.catalogues import messages, parts, said
from tests.world import Browser, World

pytestmark = pytest.mark.slow


@pytest.fixture
def admin(world: World) -> Browser:
    person = world.staff("Marek Ostwald")
    with world.rows():
        session.get_one(Person, person.id).language = "en"
    return world.browser(person)


def _page(browser: Browser, query: str) -> BeautifulSoup:
    answer = browser.get(f"/settings/languages?{query}")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "lxml")


def test_a_sentence_is_found_by_a_word_of_any_language(admin: Browser) -> None:
    for asked in ("Statut", "Auftrag+öffnen", "Abrir+el+pedido"):
        page = _page(admin, f"find={asked}")
        assert page.select(".lang-row"), asked
    row = _page(admin, "find=Auftrag+öffnen").select(".lang-row")[0]
    assert "Open the order" in row.text
    assert "Abrir el pedido" in row.text
    assert "Pane in Outlook" in row.text
    assert "addin/templates/addin/_order.html" in row.text


def test_gaps_say_what_they_mean_with_an_example(admin: Browser) -> None:
    row = _page(admin, "find=is+a+sub-ticket+of").select(".lang-row")[0]
    assert "%(parent)s" in row.text
    assert "The number of the ticket above: 10234" in " ".join(row.text.split())


def test_a_word_with_two_meanings_says_which_and_where_it_stands(admin: Browser) -> None:
    row = _page(admin, "find=Close&only=notes").select(".lang-row")[0]
    assert row.select_one(".lang-note").text.strip().startswith("Verb")  # type: ignore[union-attr]
    assert "Button or link" in row.text
    assert "Parts of all pages" in row.text


def test_each_gap_has_a_meaning() -> None:
    unknown = {gap for one in sentences() for gap, meaning, _example in one.gaps if not meaning}
    assert not unknown, f"backend/languages/gaps.py lacks {unknown}"
    written = {gap for one in sentences() for gap, _meaning, _example in one.gaps}
    spare = {name for name in GAPS if name and f"%({name})s" not in written and f"{{{name}}}" not in written}
    assert not spare, f"no sentence has {spare}"


def test_each_note_is_for_a_sentence() -> None:
    every = {form for one in said() for form in parts(one)}
    assert not set(NOTES) - every, "backend/languages/notes.py explains what nobody says"


def test_what_is_asked_for_is_what_is_shown(admin: Browser) -> None:
    everything = _page(admin, "").select("[role=status]")[0].text
    assert everything.split()[0].replace(",", "") == str(len(messages("en")))
    plural = _page(admin, "only=plural").select(".lang-row")
    assert all("for many" in row.text for row in plural)
    orders = _page(admin, "area=orders").select(".lang-row")
    assert all("Orders" in row.text for row in orders)
    french = _page(admin, "lang=fr").select(".lang-row dd[lang]")
    assert {str(one["lang"]) for one in french} == {"fr"}
    assert not _page(admin, "only=missing").select(".lang-row")
    assert _page(admin, "find=nobodysaysthis&only=strange&area=strange&from=-3").select(".empty")
    first, second = _page(admin, ""), _page(admin, "from=40")
    assert first.select(".lang-row")[0].text != second.select(".lang-row")[0].text


def test_the_file_of_each_language_can_be_taken(admin: Browser) -> None:
    for language in LANGUAGES:
        answer = admin.get(f"/settings/languages/{language}.po")
        assert answer.status_code == 200
        assert f"deskside-{language}.po" in answer.headers["Content-Disposition"]
        assert len([one for one in read_po(io.BytesIO(answer.data)) if one.id]) == len(messages(language))
    assert admin.get("/settings/languages/xx.po").status_code == 404


def test_only_who_sets_the_desk_up_sees_it(world: World) -> None:
    assert world.browser(world.staff("Piet Hagenauer")).get("/settings/languages").status_code in (403, 404)


class _File(io.BytesIO):
    name = "backend/x/templates/x/y.html"


def _kinds(extractor: Any, source: str) -> list[str]:
    return [
        comments[-1].split(":")[0] + (comments[-1].partition(".html")[2] if extractor is extract.python else "")
        for _l, _f, _w, comments in extractor(_File(source.encode()), ["_"], ["NOTE:"], {})
    ]


def test_what_a_sentence_is_where_it_stands() -> None:
    template = """<h2>{{ _("Heading") }}</h2><button type="submit">{{ _('Go') }}</button>
    <th class="a">{{ _("Sum") }}</th><input placeholder="{{ _('Name') }}"><a title="{{ _('More') }}">x</a>
    {{ button(_("Save %(name)s", name=one.name), icon="x") }}{{ field("a", _("Street"), help=_("No box")) }}
    <p>{{ _("Word") }}</p>"""
    assert _kinds(extract.template, template) == [
        "heading", "button", "column", "placeholder", "tooltip", "button", "label", "help", "text",
    ]  # fmt: skip
    module = 'WORDS = {1: _("One")}\ndef no():\n    raise Refused(_("No."))\ndef say():\n    return _("Yes")\n'
    assert _kinds(extract.python, module) == ["text WORDS", "refusal no()", "text say()"]
