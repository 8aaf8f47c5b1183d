"""The pane's page and fragments. Who asks is known by the session cookie that the pane's sign-in set."""

from pathlib import Path

from flask import Blueprint, Response, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from addin.beside import Item, look
from addin.original import mail_file
from backend import config
from backend.auth import me, open_to, requires
from backend.db import session
from backend.errors import Invalid, NotFound
from backend.i18n import _
from backend.limits import FREE
from backend.mail.actions import take_in_by_hand
from backend.orders import words as order_words
from backend.people.actions import create_customer, remember_address
from backend.people.models import (
    Customer,
    CustomerDomain,
    Person,
    contacts_visible_to,
    customers_visible_to,
)
from backend.tickets import words
from backend.tickets.actions import customer_known
from backend.tickets.views.page import shown
from backend.web import form_text

blueprint = Blueprint("addin", __name__, template_folder="templates", url_prefix="/addin")
_ICONS = Path(__file__).parent.parent / "manifests" / "icons"
_STATIC = Path(__file__).parent / "static"
FOUND = 6


@blueprint.get("/static/<path:filename>")
@open_to("style sheets and scripts hold nothing of anybody's", door=FREE)
def static(filename: str) -> ResponseReturnValue:
    """The pane's own scripts and styles; the browser asks each time whether they are still the same."""
    response = send_from_directory(_STATIC, filename)
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/icons/<name>.png")
@open_to("Outlook fetches the icons without a session", door=FREE)
def icon(name: str) -> ResponseReturnValue:
    """An icon of the manifests; Outlook demands that it may be kept."""
    response = send_from_directory(_ICONS, f"{name}.png")
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.get("/pane")
@open_to("the page is empty; it signs in and fetches fragments then")
def pane() -> ResponseReturnValue:
    """The page that Outlook shows; what is on it comes by fragments."""
    settings = config.current()
    scope = f"api://{settings.client_id}/access_as_user"
    return render_template("addin/pane.html", settings=settings, scope=scope)


def _beside(item: Item) -> str:
    who = me()
    own_zone = who.timezone or config.current().timezone
    return render_template(
        "addin/item.html", beside=look(who, item), words=words, order_words=order_words, own_zone=own_zone
    )


@blueprint.get("/item")
@requires("tickets.read")
def show_item() -> ResponseReturnValue:
    """The fragment beside the e-mail that the query describes."""
    return _beside(Item.of(request.args))


@blueprint.post("/tickets")
@requires("tickets.write")
def new_ticket() -> ResponseReturnValue:
    """Takes the selected e-mail in; pressed twice it is the same ticket. Answers with the fragment beside the mail."""
    try:
        given = request.get_json()
    except RecursionError:
        given = None
    if not isinstance(given, dict):
        raise Invalid(_("Outlook did not hand over this e-mail completely. Please try again."))
    take_in_by_hand(me(), mail_file(given))
    return _beside(Item.of(given))


@blueprint.get("/customers")
@requires("people.read")
def find_customer() -> ResponseReturnValue:
    """Options of the search for the customer or contact that an unknown address belongs to."""
    words_typed = request.args.get("q", "").replace("\x00", "").strip().lower()[:100]
    pattern = "%" + words_typed.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    domain = select(func.min(CustomerDomain.domain)).where(CustomerDomain.customer_id == Customer.id).scalar_subquery()
    customers = session.execute(
        customers_visible_to(me())
        .with_only_columns(Customer.id, Customer.key, Customer.name, domain.label("domain"))
        .where(func.lower(Customer.name).like(pattern))
        .order_by(Customer.name)
        .limit(FOUND)
    )
    if not words_typed:
        return render_template("addin/_found.html", customers=customers.all(), contacts=[])
    contacts = session.execute(
        contacts_visible_to(me())
        .join(Customer, Customer.id == Person.customer_id)
        .with_only_columns(Person.id, Person.name, Customer.name.label("customer_name"))
        .where(func.lower(Person.name).like(pattern) | func.lower(Person.mail).like(pattern))
        .order_by(Person.name)
        .limit(FOUND)
    )
    return render_template("addin/_found.html", customers=customers.all(), contacts=contacts.all())


@blueprint.get("/tickets/<int:number>")
@requires("tickets.read")
def ticket(number: int) -> ResponseReturnValue:
    """The ticket inside the pane: the desk's page, narrow; of a merged one, where it goes on."""
    page = shown(number, me())
    if page["ticket"].merged_into:
        page = shown(page["ticket"].merged_into, me())
    return render_template("addin/ticket.html", **page)


def _id(number: str) -> int:
    """`number` as the id of a row; 0 when it can be none."""
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0


def _customer_of(choice: str, new_name: str) -> Customer:
    if new_name:
        return create_customer(new_name)
    kind, _colon, number = choice.partition(":")
    found = None
    if kind == "customer":
        found = session.scalar(customers_visible_to(me()).where(Customer.id == _id(number)))
    if found is None:
        raise Invalid(_("Please choose a customer or a contact from the list."))
    return found


@blueprint.post("/sender")
@requires("people.write")
def remember_sender() -> ResponseReturnValue:
    """Remembers to whom the sender's address belongs, and answers with the fragment beside the mail."""
    item, who = Item.of(request.form), me()
    choice = form_text(request.form, "suggested") or form_text(request.form, "belongs")
    new_name = form_text(request.form, "new_customer")
    kind, _colon, number = choice.partition(":")
    if kind == "contact" and not new_name:
        contact = session.scalar(contacts_visible_to(who).where(Person.id == _id(number)))
        if contact is None:
            raise NotFound(_("This contact is no longer there."))
        remember_address(item.address, contact)
    else:
        name = form_text(request.form, "contact_name") or item.name
        customer_known(who, item.address, name, _customer_of(choice, new_name))
    return _beside(item)


def _text_page(title: str, *paragraphs: str) -> Response | str:
    return render_template("addin/text.html", title=title, paragraphs=paragraphs)


@blueprint.get("/help")
@open_to("linked from the manifest; says what the add-in is")
def help_page() -> ResponseReturnValue:
    """What the add-in does and whom to ask."""
    return _text_page(
        _("Help"),
        _("Deskside shows the customer's orders and tickets beside the e-mail you are reading."),
        _("Make a ticket of an e-mail with one click, answer it, and the customer's answer lands on the ticket."),
        _("If something does not work, please ask your administrator."),
    )


@blueprint.get("/privacy")
@open_to("linked from the manifest; says what is kept")
def privacy() -> ResponseReturnValue:
    """Which data the add-in handles."""
    return _text_page(
        _("Privacy"),
        _("The pane sends the sender, the subject and the id of the selected e-mail to your company's own Deskside."),
        _("The text and the attachments are sent only when you make a ticket of an e-mail."),
        _("Nothing goes to anybody else, and nothing is collected about how you use it."),
    )


@blueprint.get("/terms")
@open_to("linked from the manifest")
def terms() -> ResponseReturnValue:
    """Under which terms the add-in is used."""
    return _text_page(
        _("Terms of use"),
        _("Deskside is free software under the Apache License 2.0 and comes without warranty."),
        _("Your company runs it; its own rules apply to what you do with it."),
    )
