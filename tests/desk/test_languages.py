"""Each reader's own language, on pages that several readers share."""

import pytest

from backend.db import session
from backend.people.models import Person
from tests.desk.conftest import Desk

pytestmark = pytest.mark.slow

TYPES = {
    "it": ["Incidente", "Richiesta", "Problema", "Modifica"],
    "de": ["Störung", "Anfrage", "Problem", "Änderung"],
    "en": ["Incident", "Request", "Problem", "Change"],
}


def test_one_reader_does_not_set_the_language_of_the_next(desk: Desk) -> None:
    for language, names in TYPES.items():
        assert desk.browser.post("/me/language", data={"language": language}).status_code in (200, 204, 302, 303)
        page = desk.page("/tickets/new")
        assert [option.text for option in page.select("select[name=type] option")] == names
        assert page.select("html")[0]["lang"] == language


@pytest.mark.parametrize(
    ("language", "heading"),
    [("de", "Alle offenen"), ("es", "Abiertos"), ("fr", "Tous ouverts"), ("it", "Tutti aperti")],
)
def test_the_browsers_language_counts_until_a_person_has_one(desk: Desk, language: str, heading: str) -> None:
    asked = {"Accept-Language": f"{language}-XX, {language};q=0.9, nl;q=0.8"}
    assert desk.page("/tickets?view=all", **asked).select("h1")[0].text == "All open"
    with desk.world.rows():
        session.get_one(Person, desk.piet.id).language = ""
    assert desk.page("/tickets?view=all", **asked).select("h1")[0].text == heading
