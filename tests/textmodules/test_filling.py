"""Placeholders and gaps in a text, without a database."""

import pytest

from backend.errors import Invalid
from backend.textmodules.gaps import check, fill, named_in, open_gaps, refuse_open
from backend.textmodules.placeholders import BY_NAME
from backend.textmodules.values import addressed, examples, greeting, name_of


def _text(text: str, **values: str) -> str:
    return "".join(part.text for part in fill(text, {name.replace("__", "."): value for name, value in values.items()}))


def test_a_value_takes_the_place_of_its_placeholder_however_it_is_spaced() -> None:
    text = "Ticket {{ticket.number}}, again {{  ticket.number }}."
    assert _text(text, ticket__number="10234") == "Ticket 10234, again 10234."
    assert named_in(text) == {"ticket.number"}


def test_a_missing_value_and_a_gap_are_marked_and_never_blank() -> None:
    parts = fill("Tel. {{contact.phone}} in {{? place}} {{?}}", {"contact.phone": "  "})
    assert [(part.kind, part.text) for part in parts if part.kind != "text"] == [
        ("missing", "⟨Telephone of the contact missing⟩"),
        ("gap", "⟨place⟩"),
        ("gap", "⟨to be filled in⟩"),
    ]
    assert open_gaps("".join(part.text for part in parts)) == [part.text for part in parts if part.kind != "text"]


def test_what_stands_in_a_value_is_data() -> None:
    """Neither a placeholder nor a gap comes out of somebody's name, nor a line of its own."""
    shown = _text("Hello {{contact.name}}", contact__name="{{ticket.number}} ⟨x⟩\n<b>Jana</b>", ticket__number="1")
    assert shown == "Hello {{ticket.number}} ‹x› <b>Jana</b>"


@pytest.mark.parametrize("text", ["{{contact.fax}}", "{{ }}", "{{ticket.number", "ticket.number}}", "{{a\nb}}"])
def test_what_is_no_placeholder_is_refused_when_it_is_saved(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(text)
    assert "placeholder" in refused.value.fields["text"]


def test_every_placeholder_may_be_saved_and_has_an_example_in_each_language() -> None:
    everything = " ".join(one.token for one in BY_NAME.values())
    check(everything)
    for language in ("de", "en", "es", "fr", "it"):
        parts = fill(everything, examples(language))
        assert {part.kind for part in parts} == {"text", "filled"}


@pytest.mark.parametrize("text", ["Room ⟨which⟩", "{{? which}}", "see {{ticket.number}}", "{{ contact.name }}"])
def test_what_is_open_is_not_sent(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        refuse_open(text)
    assert open_gaps(text)[0] in refused.value.fields["text"]


@pytest.mark.parametrize("text", ["a < b > c", "{{ item.name }} in Ansible", "⟨ over\ntwo lines ⟩", "⟨⟩", "{ {? } }"])
def test_what_only_looks_like_it_is_sent(text: str) -> None:
    refuse_open(text)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Jana Wiedekind", "Jana", "Wiedekind"),
        ("Dr. Jana Wiedekind", "Jana", "Wiedekind"),
        ("Prof. Dr.-Ing. Ole van der Meer", "Ole", "van der Meer"),
        ("Wiedekind, Jana", "Jana", "Wiedekind"),
        ("Einkauf", "", ""),
        ("jana@moebelwerk.example", "", ""),
    ],
)
def test_names_are_taken_apart_where_that_can_be_told(name: str, first: str, last: str) -> None:
    assert (name_of(name).first, name_of(name).last) == (first, last)


@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "Frau Wiedekind"), ("en", "Ms Wiedekind"), ("es", "Sra. Wiedekind"), ("fr", "Madame Wiedekind"),
     ("it", "Sig.ra Wiedekind")],
)  # fmt: skip
def test_people_are_addressed_in_their_language_and_by_name_where_nothing_is_known(language: str, said: str) -> None:
    assert addressed("Wiedekind, Jana", "ms", language) == said
    assert addressed("Jana Wiedekind", "", language) == "Jana Wiedekind"
    assert addressed("Einkauf", "mr", language) == "Einkauf"


@pytest.mark.parametrize(
    ("language", "known", "unknown"),
    [
        ("de", "Guten Tag Frau Wiedekind", "Guten Tag Jana Wiedekind"),
        ("en", "Dear Ms Wiedekind", "Dear Jana Wiedekind"),
        ("es", "Buenos días, Sra. Wiedekind", "Buenos días, Jana Wiedekind"),
        ("fr", "Bonjour Madame Wiedekind", "Bonjour Jana Wiedekind"),
        ("it", "Gentile Sig.ra Wiedekind", "Gentile Jana Wiedekind"),
    ],
)
def test_a_greeting_stands_whole_in_each_language_and_fits_whoever_it_is(
    language: str, known: str, unknown: str
) -> None:
    assert greeting("Wiedekind, Jana", "ms", language) == known
    assert greeting("Jana Wiedekind", "", language) == unknown


@pytest.mark.parametrize(
    ("language", "salutation", "said"),
    [
        ("de", "mr", "Herr Dr. Lindhagen"),
        ("de", "", "Dr. Arvid Lindhagen"),
        ("en", "mr", "Dr Lindhagen"),
        ("fr", "mr", "Monsieur Lindhagen"),
    ],
)
def test_a_degree_is_part_of_the_address_where_that_is_the_custom(language: str, salutation: str, said: str) -> None:
    assert addressed("Dr. Arvid Lindhagen", salutation, language) == said
    assert addressed("Prof. Dr.-Ing. Ole van der Meer", "mr", "de") == "Herr Prof. Dr. van der Meer"
    assert addressed("Dipl.-Ing. Ole Meer", "mr", "de") == "Herr Meer"


def test_an_address_is_nobody_to_greet() -> None:
    """Of somebody whose name nobody knows the greeting is missing, and marked, rather than said to an address."""
    assert greeting("einkauf@moebelwerk.example", "", "de") == ""
    assert greeting("", "ms", "de") == ""


def test_days_and_times() -> None:
    from_example = examples("de")
    assert from_example["visit.date"] == "Dienstag, 1. Dezember 2026"
    assert from_example["visit.time"] == "09:00"
    assert from_example["order.total"] == "14.812,50\xa0€"
