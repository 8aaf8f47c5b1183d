"""Sizes, counts, amounts and subjects as a reader of each language writes them."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from backend.config import LANGUAGES
from backend.contracts.words import property_value
from backend.db import session
from backend.i18n import amount, counted, decimal, filesize, in_language, n_
from backend.mail import thread, words
from backend.mail.models import OutboundMail
from backend.people.models import Person
from backend.settings.declared import BY_KEY
from backend.settings.views.pages import value_shown
from backend.tickets.selected import SHOWN, left_out
from tests.world import JANA, World, mail


def _said(say: object, *values: object) -> list[str]:
    made = []
    for language in LANGUAGES:
        with in_language(language):
            made.append(say(*values).replace("\xa0", " ").replace("\u202f", " "))  # type: ignore[operator]
    return made


def test_sizes_of_files() -> None:
    assert _said(filesize, 2_400_000) == ["2,4 MB", "2.4 MB", "2,4 MB", "2,4 Mo", "2,4 MB"]
    assert _said(filesize, 3_000) == ["3 KB", "3 KB", "3 KB", "3 ko", "3 KB"]


def test_counts_are_grouped_where_they_are_long() -> None:
    assert _said(counted, 1234) == ["1234"] * 5
    assert _said(counted, 12345) == ["12.345", "12,345", "12.345", "12 345", "12.345"]
    assert "12.345 " in _said(n_, "%(num)s ticket", "%(num)s tickets", 12345)[0]


def test_amounts_and_numbers_have_the_readers_sign() -> None:
    assert _said(amount, Decimal("1234.5")) == ["1.234,50", "1,234.50", "1.234,50", "1 234,50", "1.234,50"]
    assert _said(decimal, 1234.5) == ["1234,5", "1234.5", "1234,5", "1234,5", "1234,5"]
    with in_language("de"):
        assert property_value("hourly_rate", "95.50") == "95,50", "a price keeps its second digit in the log"


def test_one_of_a_unit_is_one() -> None:
    with in_language("en"):
        assert value_shown(BY_KEY["reopen_within_days"], 1) == "1 day"
        assert value_shown(BY_KEY["reopen_within_days"], 14) == "14 days"
    with in_language("de"):
        assert value_shown(BY_KEY["timer_idle_minutes"], 1) == "1 Minute"


def test_one_ticket_more_is_one() -> None:
    with in_language("fr"):
        assert left_out(dict.fromkeys(range(SHOWN + 1), "x")).endswith("et 1 autre ticket")
        assert left_out(dict.fromkeys(range(SHOWN + 2), "x")).endswith("et 2 autres tickets")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_before_our_subjects_is_known_when_it_comes_back(language: str) -> None:
    answer, forward = words.answered("Drucker", language), words.forwarded("Drucker", language)
    assert thread.is_reply(answer)
    assert thread.is_forward(forward)
    assert thread.without_prefixes(answer) == thread.without_prefixes(forward) == "Drucker"


@pytest.mark.slow
@pytest.mark.parametrize(("language", "prefix"), [("de", "AW"), ("en", "Re"), ("fr", "RE"), ("it", "R")])
def test_an_answer_bears_the_prefix_of_its_readers_language(world: World, language: str, prefix: str) -> None:
    tressow = world.customer("K1", "Möbelwerk Tressow", domains=["moebelwerk-tressow.example"])
    jana = world.contact("Jana Wiedekind", JANA, tressow)
    with world.rows():
        session.get_one(Person, jana.id).language = language
    world.deliver(mail(subject="Re: WG: Drucker"))
    world.run("mail.sweep")
    world.work()
    with world.rows():
        assert session.scalars(select(OutboundMail.subject)).first() == f"{prefix}: [#10001] Drucker"
