"""The blueprint that all views of tickets hang on, and how they find the ticket of an address."""

from flask import Blueprint

from backend.tickets.found import the_ticket, within

__all__ = ["blueprint", "the_ticket", "within"]
blueprint = Blueprint("tickets", __name__, template_folder="../templates")
