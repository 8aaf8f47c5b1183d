"""The blueprint that all views of orders hang on."""

from flask import Blueprint

from backend.i18n import spoken
from backend.orders import words

blueprint = Blueprint("orders", __name__, template_folder="../templates")
blueprint.add_app_template_filter(spoken(words.status_name), "order_status_name")
blueprint.add_app_template_filter(spoken(words.field_name), "order_field_name")
blueprint.add_app_template_filter(spoken(words.field_value), "order_field_value")
