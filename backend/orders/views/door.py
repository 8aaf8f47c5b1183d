"""The blueprint that all views of orders hang on."""

from flask import Blueprint

from backend.i18n import spoken
from backend.orders import words

blueprint = Blueprint("orders", __name__, template_folder="../templates")
blueprint.add_app_template_filter(spoken(words.status_name), "order_status_name")
