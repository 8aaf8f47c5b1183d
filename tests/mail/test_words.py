"""The desk's own sentences in mails: in the reader's language, and known again when they come back quoted."""

from datetime import UTC, datetime

import pytest

from backend.config import LANGUAGES
from backend.mail import visible, words

SENT = datetime(2026, 11, 24, 12, 52, tzinfo=UTC)
MOMENTS = {
    "de": "24. November 2026, 13:52",
    "en": "24 November 2026, 13:52",
    "es": "24 de noviembre de 2026, 13:52",
    "fr": "24 novembre 2026, 13:52",
    "it": "24 novembre 2026, 13:52",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_desk_quotes_is_known_again(language: str) -> None:
    moment = words.moment(SENT, language, "Europe/Berlin")
    assert moment == MOMENTS[language]
    line = words.said(words.WROTE, language, when=moment, who="Nordlicht IT Service")
    came_back = visible.split(f"Danke.\n\n{line}\nBitte neu starten.\n", None, subject="AW: Scanner")
    assert came_back.text == "Danke."
    assert came_back.quoted.startswith(line)
