"""Where a link leads is said, when its words say something else."""

import pytest
from bs4 import BeautifulSoup, Tag
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.mail import links, markup, sanitise

SAFE = "https://eur01.safelinks.protection.outlook.com/?url={}&data=05%7C01"


@pytest.mark.parametrize(
    ("text", "address", "said"),
    [
        # Names another host.
        ("www.paypal.com", "https://evil.example/login", "evil.example"),
        ("https://paypal.com/login", "https://paypal.com.evil.example/", "paypal.com.evil.example"),
        ("https://paypal.com", "https://notpaypal.com/", "notpaypal.com"),
        ("Please log in at login.microsoftonline.com now", "https://evil.example", "evil.example"),
        ("PAYPAL.COM", "https://evil.example", "evil.example"),
        ("https://portal.invoice.zip", "https://evil.example", "evil.example"),
        ("jana@moebelwerk-tressow.example", "mailto:eve@evil.example", "evil.example"),
        ("paypal.com", "mailto:eve@evil.example?subject=x", "evil.example"),
        ("bank.example", SAFE.format("https%3A%2F%2Fevil.example%2Fx"), "evil.example"),
        # Says what it is.
        ("https://www.moebelwerk-tressow.example/kontakt", "https://moebelwerk-tressow.example/kontakt", ""),
        ("moebelwerk-tressow.example", "https://shop.moebelwerk-tressow.example/", ""),
        ("www.contoso.example", SAFE.format("https%3A%2F%2Fwww.contoso.example%2F"), ""),
        ("jana@moebelwerk-tressow.example", "mailto:Jana@Moebelwerk-Tressow.example", ""),
        ("Hier klicken", "https://evil.example", ""),
        ("Rechnung.pdf", "https://contoso.sharepoint.example/x", ""),
        ("z. B. Version 2.4, 3.Quartal, 12.11.2026", "https://contoso.example", ""),
        ("müller.example", "https://xn--mller-kva.example/", ""),
        ("xn--mller-kva.example", "https://müller.example/", ""),
        ("", "https://x.example", ""),
        ("x.example", "tel:+4930123", ""),
        # Looks like another: cyrillic, full-width, mixed; shown in letters that cannot lie.
        ("Zur Anmeldung", "https://раура\u04cf.example/", "xn--80aa0cbo65f.example"),
        ("https://аpple.example", "https://аpple.example", "xn--pple-43d.example"),
        ("аpple.example", "https://xn--pple-43d.example", "xn--pple-43d.example"),
        # Hides the host behind what a browser does not read as one.
        ("x", "https://paypal.com@evil.example/", "evil.example"),
        ("x", "https://paypal.com\\@evil.example/", ""),
        ("paypal.com", "https://evil.example\\@paypal.com/", "evil.example"),
        ("x", "https:/\\evil.example/", ""),
        ("x", "https://%65vil.example/", "evil.example"),
        ("x", "https://192.0.2.7/login", "192.0.2.7"),
        ("x", "http://3221225991/", "3221225991"),
        ("x", "http://0xc0.0.2.7/", "0xc0.0.2.7"),
        ("x", "https://[2001:db8::1]/", "2001:db8::1"),
    ],
)
def test_a_link_that_hides_its_host_says_it(text: str, address: str, said: str) -> None:
    assert links.warning(text, address) == said


def _link(html: str) -> Tag:
    found = BeautifulSoup(html, "html.parser").a
    assert found is not None
    return found


def test_each_link_names_its_host_when_pointed_at_whatever_its_sender_wrote_there() -> None:
    html = sanitise.clean('<a href="https://evil.example/x" title="https://paypal.com">Hier</a>').html
    shown = links.shown(html, "leads to %(host)s")
    assert _link(shown)["title"] == "evil.example"
    assert "leads" not in shown


def test_a_link_that_lies_is_marked_beside_it() -> None:
    html = sanitise.clean('<p><a href="https://evil.example/x"><b>pay</b>pal.<i>com</i></a> und mehr</p>').html
    marked = _link(links.shown(html, "leads to %(host)s")).find_next_sibling()
    assert isinstance(marked, Tag)
    assert (marked["class"], marked.text) == (["leads"], "leads to evil.example")


def test_a_picture_that_names_a_host_in_its_words_is_a_link_that_lies() -> None:
    html = sanitise.clean('<a href="https://evil.example"><img src="cid:x" alt="paypal.com"></a>', cid={"x": "/a"}).html
    assert "leads to evil.example" in links.shown(html, "leads to %(host)s")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_link_can_be_read(text: str, address: str) -> None:
    for scheme in ("https://", "http:", "mailto:", ""):
        assert isinstance(links.warning(text, scheme + address), str)
    html = sanitise.clean(f'<a href="https://{address}">{text}</a>').html
    page = BeautifulSoup(links.shown(html, "%(host)s"), "html.parser")
    assert not [tag for tag in page.find_all(True) if tag.name not in markup.TAGS]
