"""Numbers, dates, states and headings as people write them; what has two readings is never guessed."""

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.orders import values
from backend.orders.cells import Cell
from backend.orders.columns import FIELDS, HEADS, plain, recognise
from backend.orders.values import Unreadable

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"), ("12", "12"), ("1.234,50", "1234.5"), ("1,234.50", "1234.5"), ("1 234,5", "1234.5"),
        ("1'234.500", "1234.5"), ("1.234.567", "1234567"), ("12,5", "12.5"), ("12.50", "12.5"), ("0,125", "0.125"),
        ("-5", "-5"), ("5,00-", "-5"), ("−5", "-5"), ("1.049,50 €", "1049.5"), ("EUR 12.50", "12.5"),
        ("$1,000.00", "1000"),        (",5", "0.5"), ("1000,000", "1000"),
    ],
)  # fmt: skip
def test_numbers_with_one_reading(text: str, number: str) -> None:
    assert values.number(text, "") == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "abc", "1.23.4", "1,2,3", "--5", "-5-", "1e5", "=1+1", "12 Stk 3", "1.0000,5", "NaN"]
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Unreadable):
        values.number(text, ",")


def test_a_number_with_two_readings_waits_for_the_decimal_sign() -> None:
    with pytest.raises(Unreadable, match="two ways"):
        values.number("1.234", "")
    assert (values.number("1.234", ","), values.number("1.234", ".")) == (Decimal(1234), Decimal("1.234"))
    assert values.decimal_sign(["1.234", "5", "12,50"]) == ","
    assert values.decimal_sign(["1.234", "5", "12.50"]) == "."
    assert values.decimal_sign(["1.234", "5"]) == ""
    assert values.decimal_sign(["12,50", "12.50"]) == "", "a table that writes both ways does not tell"


@pytest.mark.parametrize(
    "text",
    ["2026-11-04", "2026-11-04T10:00:00", "2026/11/4", "20261104", "4.11.2026", "04.11.26", "04.11.2026 08:30",
     "4. November 2026", "4 Nov 2026", "4-Nov-26", "Nov 4, 2026", "November 4th, 2026", "4 de noviembre de 2026",
     "4 novembre 2026"],
)  # fmt: skip
def test_dates_with_one_reading(text: str) -> None:
    assert values.day(text, "") == date(2026, 11, 4)


def test_a_date_with_two_readings_waits_for_the_order() -> None:
    with pytest.raises(Unreadable, match="two ways"):
        values.day("03/04/2026", "")
    assert values.day("03/04/2026", "dmy") == date(2026, 4, 3)
    assert values.day("03/04/2026", "mdy") == date(2026, 3, 4)
    assert values.day("03/03/2026", "") == date(2026, 3, 3)
    assert values.day("13/04/2026", "mdy") == date(2026, 4, 13), "it has one reading alone"
    assert values.date_order(["03/04/2026", "13/04/2026"]) == "dmy"
    assert values.date_order(["03/04/2026", "04/13/2026"]) == "mdy"
    assert values.date_order(["03/04/2026", "04/13/2026", "13/04/2026"]) == ""


@pytest.mark.parametrize("cell", ["", "soon", "31.2.2026", "2026-13-01", "1.1.1066", Decimal(45975), date(1900, 1, 1)])
def test_what_is_no_day(cell: Cell) -> None:
    with pytest.raises(Unreadable):
        values.day(cell, "dmy")


@pytest.mark.parametrize(
    ("word", "status"),
    [("offen", "open"), ("Teilgeliefert", "partially-delivered"), ("LIVRÉ", "delivered"), ("facturado", "invoiced"),
     ("annullato", "cancelled"), ("partially-delivered", "partially-delivered")],
)  # fmt: skip
def test_states_in_five_languages(word: str, status: str) -> None:
    assert values.status(word) == status


def test_an_unknown_state_is_named_with_those_that_are_known() -> None:
    with pytest.raises(Unreadable, match="“vielleicht” is no state of an order"):
        values.status("vielleicht")


@given(st.text(max_size=30), st.sampled_from(["", ",", "."]), st.sampled_from(["", "dmy", "mdy"]))
def test_no_text_raises_anything_but_the_named_error(text: str, decimal: str, order: str) -> None:
    for read in (lambda: values.number(text, decimal), lambda: values.day(text, order), lambda: values.status(text)):
        with contextlib.suppress(Unreadable):
            assert read() is not None


@given(st.decimals(min_value=0, max_value=9_999_999, places=2))
def test_german_and_english_amounts_are_read_back(amount: Decimal) -> None:
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert values.number(english, ".") == values.number(german, ",") == amount


@pytest.mark.parametrize(
    "headings",
    [
        ["Auftrags-Nr.", "Kunden-Nr.", "Auftragsdatum", "Pos.", "Bezeichnung", "Menge", "Einzelpreis"],
        ["Order Number", "Customer No.", "Order Date", "Position", "Description", "Qty", "Unit Price"],
        ["Número de pedido", "Código de cliente", "Fecha", "Posición", "Descripción", "Cantidad", "Precio unitario"],
        ["N° commande", "Code client", "Date de commande", "Ligne", "Désignation", "Quantité", "Prix unitaire"],
        ["Numero ordine", "Codice cliente", "Data ordine", "Riga", "Descrizione", "Quantità", "Prezzo unitario"],
        ["VBELN", "KUNNR", "AUDAT", "Pos", "ARKTX", "KWMENG", "NETPR"],
    ],
)
def test_headings_in_five_languages_and_of_erp_systems(headings: list[str]) -> None:
    fields = ["number", "customer", "ordered_on", "position", "description", "quantity", "price"]
    assert recognise(headings) == {name: place for place, name in enumerate(fields)}


def test_each_heading_means_one_thing() -> None:
    meanings: dict[str, set[str]] = {}
    for name in FIELDS:
        for word in HEADS[name].split("|"):
            meanings.setdefault(plain(word), set()).add(name)
    assert {word: names for word, names in meanings.items() if len(names) > 1} == {}
