"""Message-IDs nobody can guess, numbers in subjects, and when two subjects are one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.mail import thread

KEY = b"a secret of this installation"


def test_an_id_of_ours_says_what_it_was_for() -> None:
    made = thread.new_message_id(KEY, "Nordlicht-IT.example", "reply", 4711)
    assert made.endswith("@nordlicht-it.example>")
    assert thread.verify(KEY, made) == ("reply", "4711")
    assert thread.verify(KEY, made.upper().strip("<>")) == ("reply", "4711")
    assert thread.verify(KEY, made.replace("nordlicht-it", "mail.outlook")) == ("reply", "4711")


def test_each_mail_has_its_own_id_and_a_second_attempt_the_same() -> None:
    made = {thread.new_message_id(KEY, "x.example", purpose, n) for purpose in ("reply", "ack") for n in range(50)}
    assert len(made) == 100
    assert thread.new_message_id(KEY, "x.example", "ack", 7) in made


@pytest.mark.parametrize(
    "forged",
    [
        "<ds.reply.4712.{signature}@nordlicht-it.example>",
        "<ds.ack.4711.{signature}@nordlicht-it.example>",
        "<ds.reply.4711.aaaaaaaaaaaaaaaaaaaaaaaa@nordlicht-it.example>",
        "<ds.reply.4711.@nordlicht-it.example>",
        "<ds.reply.4711.{signature}@a@b>",
        "<other@x.example>",
        "",
        "<" + "a" * 5_000 + ">",
    ],
)
def test_a_guess_is_refused(forged: str) -> None:
    signature = thread.new_message_id(KEY, "x.example", "reply", 4711).split(".")[3].split("@")[0]
    assert thread.verify(KEY, forged.format(signature=signature)) is None


def test_another_installations_id_is_refused() -> None:
    assert thread.verify(b"another key", thread.new_message_id(KEY, "x.example", "reply", 1)) is None


@pytest.mark.parametrize(
    ("domain", "purpose", "identity"), [("x y", "reply", "1"), ("x", "re ply", "1"), ("x", "a", "1>\r\n")]
)
def test_ids_have_no_odd_characters(domain: str, purpose: str, identity: str) -> None:
    with pytest.raises(ValueError, match="plain words"):
        thread.new_message_id(KEY, domain, purpose, identity)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Drucker", "[#10234] Drucker"),
        ("AW: Re[5]: Drucker", "AW: Re[5]: [#10234] Drucker"),
        ("Re: [#10234] Drucker", "Re: [#10234] Drucker"),
        ("Re: Drucker [#99]", "Re: [#10234] Drucker"),
        ("", "[#10234]"),
        ("a\r\nBcc: x", "[#10234] a Bcc: x"),
    ],
)
def test_the_number_stands_after_the_prefixes(subject: str, expected: str) -> None:
    assert thread.with_token(subject, 10234) == expected
    assert thread.numbers_in(thread.with_token(subject, 10234)) == (10234,)


def test_a_long_subject_is_cut_behind_the_number() -> None:
    cut = thread.with_token("x" * 900, 1)
    assert len(cut) == 255
    assert cut.startswith("[#1] xxx")


def test_numbers_are_found_in_their_order() -> None:
    assert thread.numbers_in("AW: [#12] wie [#7] und [#12], nicht #5, [#0], [#x] oder [5]") == (12, 7)


@pytest.mark.parametrize(
    "subject",
    ["Re: Drucker", "RE : Drucker", "AW: AW: Drucker", "WG: Drucker", "Fwd: Drucker", "Re[5]: Drucker",
     "Re(2): Drucker", "Re^3: Drucker", "SV: VS: Drucker", "RIF: Drucker", "R: I: Drucker", "TR: RE: Drucker",
     "RV: Drucker", "Réf : Drucker", "[EXTERN] AW: [#10] Drucker", "[External]: Re: Drucker [#10]",
     "  Re:\tDrucker  ", "Antw: Drucker", "Re：Drucker"],
)  # fmt: skip
def test_prefixes_come_off(subject: str) -> None:
    assert thread.without_prefixes(subject) == "Drucker"
    assert thread.same_subject(subject, "DRUCKER")


@pytest.mark.parametrize(
    "subject", ["Rechnung: offen", "Termin: Freitag", "Intern: x", "Are: x", "Web: x", "12: x", "[Neu] x"]
)
def test_other_words_with_a_colon_stay(subject: str) -> None:
    assert thread.without_prefixes(subject) == subject
    assert not thread.same_subject(subject, "x")


def test_forwards_and_replies_are_told_by_the_outermost_prefix() -> None:
    assert thread.is_forward("[EXTERN] WG: AW: x")
    assert thread.is_forward("[#5] Fwd: x")
    assert not thread.is_forward("AW: WG: x")
    assert thread.is_reply("AW: WG: x")
    assert not thread.is_reply("WG: x")
    assert not thread.is_reply("x")


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300), st.integers(min_value=1, max_value=999_999_999_999))
def test_any_subject_carries_its_number(subject: str, number: int) -> None:
    marked = thread.with_token(subject, number)
    assert number in thread.numbers_in(marked)
    assert len(marked) <= 255 + 20
    assert thread.with_token(marked, number) == marked
