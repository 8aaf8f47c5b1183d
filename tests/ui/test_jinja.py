"""What templates make of text that strangers write."""

from backend.ui import jinja


def test_text_becomes_paragraphs_with_links_and_stays_text() -> None:
    shown = jinja.paragraphs("Guten Tag,\n\n<b>siehe</b> https://example.org/a?b=1&c=2.\nDanke\n\n\n")
    assert str(shown) == (
        '<p>Guten Tag,</p><p>&lt;b&gt;siehe&lt;/b&gt; <a href="https://example.org/a?b=1&amp;c=2" '
        'rel="noopener noreferrer nofollow" target="_blank">https://example.org/a?b=1&amp;c=2</a>.<br>Danke</p>'
    )
    assert str(jinja.paragraphs("javascript:alert(1) data:text/html,x")).count("<a") == 0


def test_a_mails_html_loses_its_looks_but_not_its_words() -> None:
    html = '<p style="color: red" align="left">Der Code <b>style="x"</b></p><td bgcolor="#fff" colspan="2">a</td>'
    assert str(jinja.mail_html(html)) == '<p>Der Code <b>style="x"</b></p><td colspan="2">a</td>'
    assert jinja.mail_html("<p>Nur Text</p>") == ""  # nothing that its text would not say


def test_attributes_are_escaped_and_left_out_where_there_is_nothing_to_say() -> None:
    values = {"hx_post": '/x"><script>', "disabled": True, "title": None, "hidden": False}
    assert str(jinja.attrs(values)) == ' hx-post="/x&#34;&gt;&lt;script&gt;" disabled'


def test_initials_and_colours_stay_with_a_person() -> None:
    assert [jinja.initials(n) for n in ("Jana Wiedekind", "Service", "buero@quastner.example", "", None, "—")] == [
        "JW", "SE", "BE", "?", "?", "?",
    ]  # fmt: skip
    assert jinja.hue(12) == jinja.hue("12")
    assert {jinja.hue(number) for number in range(200)} == set(range(1, 9))


def test_a_snippet_is_one_line_of_few_words() -> None:
    assert jinja.snippet("a\n\n b  c") == "a b c"
    assert jinja.snippet("wort " * 100, 20) == "wort wort wort wort…"
