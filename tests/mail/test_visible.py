"""What people wrote and what they quote, in five languages and many programs."""

import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.mail import visible

FIXTURES = Path(__file__).parent / "fixtures"
REFERENCE = Path(os.environ.get("DESKSIDE_REFERENCE", Path(__file__).parents[2].parent / "shared" / "reference"))


@dataclass(frozen=True)
class Case:
    """One mail of the fixtures and what is to be seen of it."""

    name: str
    subject: str
    flags: frozenset[str]
    body: str
    expected: str
    signature: str | None


def _cases() -> list[Case]:
    found = []
    for path in sorted(FIXTURES.glob("replies_*.txt")):
        for block in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, _, rest = block.partition("\n")
            name, subject, flags = (part.strip() for part in head.split("|"))
            body, _, rest = rest.partition("\n--- expected\n")
            expected, _, signature = rest.partition("\n--- signature\n")
            language = path.stem.removeprefix("replies_").removesuffix("_more")
            sign = signature.strip() or None
            found.append(Case(f"{language}-{name}", subject, frozenset(flags.split(",")), body, expected.strip(), sign))
    return found


CASES = _cases()


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()


def test_there_are_many_cases_in_our_languages_and_some_in_others() -> None:
    assert len(CASES) >= 150
    count = Counter(case.name[:2] for case in CASES)
    assert all(count[language] >= 15 for language in ("de", "en", "es", "fr", "it"))
    assert set(count) == {"de", "en", "es", "fr", "it", "nl", "pl", "pt"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_visible_part_is_what_they_wrote(case: Case) -> None:
    html = case.body if "html" in case.flags else None
    found = visible.split(None if html else case.body, html, subject=case.subject)
    assert found.text == case.expected
    assert found.forwarded is ("forwarded" in case.flags)
    assert found.inline is ("inline" in case.flags)
    if case.signature:
        assert found.signature == case.signature


@pytest.mark.parametrize("case", [case for case in CASES if "html" in case.flags], ids=lambda case: case.name)
def test_both_halves_of_html_are_well_formed_and_lose_no_word(case: Case) -> None:
    found = visible.split(None, case.body, subject=case.subject)
    assert found.html is not None
    halves = found.html + (found.quoted_html or "")
    for half in (found.html, found.quoted_html or ""):
        opened = Counter(re.findall(r"<([a-z0-9]+)[ >]", half))
        closed = Counter(re.findall(r"</([a-z0-9]+)>", half))
        for void in ("br", "hr", "img"):
            opened.pop(void, None)
        assert opened == closed
    words = [Counter(visible.as_text(html).replace(">", " ").split()) for html in (halves, case.body)]
    assert words[0] == words[1]


def test_the_html_shown_has_nothing_of_the_quote() -> None:
    case = next(case for case in CASES if case.name == "de-outlook-desktop-html")
    found = visible.split(None, case.body, subject=case.subject)
    assert "wieder</b>" in (found.html or "")
    assert "Wir kommen" not in (found.html or "")
    assert "Gesendet" not in (found.html or "")
    assert "Wir kommen" in (found.quoted_html or "")
    assert "Wir kommen" in found.quoted


def test_others_fixtures_are_found_by_language(record_property: Callable[[str, object], None]) -> None:
    """Measured on other libraries' own test mails; those that cut forwarded mails off disagree on purpose."""
    path = REFERENCE / "mail" / "replies.json"
    if not path.exists():
        pytest.skip(f"the reference mails are not here: {path}")
    right: Counter[str] = Counter()
    all_of: Counter[str] = Counter()
    wrong = []
    for mail in json.loads(path.read_text(encoding="utf-8")):
        all_of[mail["lang"]] += 1
        if _same(visible.split(mail["text"], None).text, mail["expected"]):
            right[mail["lang"]] += 1
        else:
            wrong.append(mail["id"])
    for language, count in all_of.items():
        record_property(language, f"{right[language]} of {count}")
    assert right.total() >= all_of.total() * 0.9, wrong


def test_html_becomes_readable_text() -> None:
    text = visible.as_text(
        "<p>Liste:</p><ul><li>eins</li><li>zwei <a href='https://x.example/a'>hier</a></li></ul>"
        "<ol><li>a</li><li>b</li></ol><table><tr><td>Pos</td><td>Menge</td></tr><tr><td>1</td><td>3</td></tr></table>"
        "<blockquote type=cite>zitiert<br>weiter</blockquote><div style='display:none'>unsichtbar</div>"
        "<pre>a  b\n  c</pre><p>Zeile eins<br>Zeile zwei</p><img alt='😀' src='cid:1'>"
        "<a href='mailto:a@b.example'>a@b.example</a>"
    )
    assert text == (
        "Liste:\n\n- eins\n- zwei hier <https://x.example/a>\n\n1. a\n2. b\n\nPos | Menge\n1 | 3\n\n"
        "> zitiert\n> weiter\n\na  b\n  c\n\nZeile eins\nZeile zwei\n\n😀a@b.example"
    )


def test_an_indented_block_is_no_quote() -> None:
    found = visible.split(None, "<p>Schritte</p><blockquote style='margin-left:40px'>neu starten</blockquote>")
    assert found.text == "Schritte\n\nneu starten"


def test_html_without_words_gives_way_to_the_plain_text() -> None:
    assert visible.split("Nur hier steht etwas.", "<div><img src='cid:logo'></div>").text == "Nur hier steht etwas."


QUOTE = '<div id="divRplyFwdMsg"><b>Von:</b> a@x.example<br><b>Gesendet:</b> b<br><b>Betreff:</b> c</div><p>Alt</p>'


def test_a_picture_above_the_quote_stays_in_sight() -> None:
    found = visible.split(None, f'<p>Siehe Bild</p><p><img src="cid:bild"></p>{QUOTE}', subject="AW: c")
    assert found.text == "Siehe Bild"
    assert "cid:bild" in (found.html or "")
    assert "Alt" in (found.quoted_html or "")
    assert "Alt" not in (found.html or "")


def test_an_answer_may_be_a_picture_alone() -> None:
    found = visible.split(None, f'<p><img src="cid:bild"></p>{QUOTE}', subject="AW: c")
    assert found.text == ""
    assert "cid:bild" in (found.html or "")
    assert "Alt" not in (found.html or "")


def test_a_mail_that_only_quotes_is_shown_whole() -> None:
    body = "Von: a@x.example\nGesendet: heute\nAn: b\nBetreff: c\n\nAlt."
    found = visible.split(body, None, subject="AW: c")
    assert found.text == body
    assert found.quoted == ""


@pytest.mark.parametrize(("text", "html"), [(None, None), ("", ""), (None, ""), ("", "<br>")])
def test_nothing_is_nothing(text: str | None, html: str | None) -> None:
    assert visible.split(text, html).text == ""


BLOCK = "<p>Hallo</p><div><b>Von:</b> a@b.c<br><b>Gesendet:</b> x<br><b>An:</b> y<br><b>Betreff:</b> z</div>"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "html"),
    [
        (" " * 1_000_000, None),
        (None, "<p>" + " " * 1_000_000 + "x</p>"),
        ("a" + "\t \n" * 300_000 + "b", None),
        ("Am 1.1.2020 10:10\n" * 30_000, None),
        ("> a\nb\n" * 100_000, None),
        ("Von: a\n" * 100_000, None),
        ("-" * 1_000_000, None),
        ("--------\n" * 100_000, None),
        (None, "<a href='http://x.example/z'>l</a>" * 2_000),
        (None, "<div>" * 5_000 + "x" + "</div>" * 5_000),
        (None, "<div>" * 200_000),
        (None, "<p>x" * 400_000),
        (None, "<blockquote type=cite>" * 900 + "x"),
        (None, BLOCK * 3_000),
        (None, "&" * 1_000_000),
        (None, "<!--" * 200_000),
    ],
    ids=lambda value: (value or "")[:12],
)
def test_hostile_mails_are_read_in_a_few_seconds(text: str | None, html: str | None) -> None:
    started = time.thread_time()
    visible.split(text, html)
    assert time.thread_time() - started < 4  # on a quiet machine the slowest takes one
